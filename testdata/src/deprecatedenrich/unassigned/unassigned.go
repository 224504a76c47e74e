// Package unassigned has tracers that nothing assigns, which are nil.
package unassigned

import (
	"context"

	"github.com/honeyhiveai/hhvet/honeyhive"
)

var never *honeyhive.Tracer

var set *honeyhive.Tracer

// Use sets a tracer.
func Use(t *honeyhive.Tracer) { set = t }

// A package variable that nothing assigns makes no context.
func nothing(ctx context.Context) {
	ctx, span := never.Start(ctx, "work")
	defer span.End()
	honeyhive.EnrichSpan(ctx, honeyhive.Metadata{"a": 1}) // want `call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
}

// One that a function assigns does.
func something(ctx context.Context) {
	ctx, span := set.Start(ctx, "work")
	defer span.End()
	honeyhive.EnrichSpan(ctx, honeyhive.Metadata{"a": 1}) // want `set made the context at line 26, so call set.EnrichSpan`
}
