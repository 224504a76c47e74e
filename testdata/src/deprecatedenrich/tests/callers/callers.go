// Package callers has a function that its tests call in another way.
package callers

import (
	"context"

	"github.com/honeyhiveai/hhvet/honeyhive"
)

// A function that tests, too, call, with a context of no tracer.
func step(ctx context.Context, t, u *honeyhive.Tracer) {
	honeyhive.EnrichSpan(ctx) // want `t made the context at line \d+, so call t.EnrichSpan`
}

func Work(ctx context.Context, t, u *honeyhive.Tracer) {
	ctx, span := t.Start(ctx, "work")
	defer span.End()
	step(ctx, t, u)
}
