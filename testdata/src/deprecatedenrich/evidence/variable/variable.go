// Package variable has contexts of a tracer in a package variable.
package variable

import (
	"context"

	"github.com/honeyhiveai/hhvet/honeyhive"
)

var current *honeyhive.Tracer

func setCurrent(t *honeyhive.Tracer) { current = t }

// A package variable that a traced function assigns.
func tracedAssigns(ctx context.Context, t *honeyhive.Tracer) {
	ctx, span := current.Start(ctx, "work")
	defer span.End()
	honeyhive.EnrichSpan(ctx) // want `current made the context at line \d+, so call current.EnrichSpan`
	honeyhive.Trace(ctx, t, "inner", func(context.Context) (int, error) {
		defer func() { setCurrent(t) }()
		return 0, nil
	})
	honeyhive.EnrichSpan(ctx) // want `the tracer that made the context at line \d+ has no certain name here, so call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
}

var lasting *honeyhive.Tracer

func init() { lasting = honeyhive.DefaultTracer() }

// A package variable that init assigns, in closures.
func closures(ctx context.Context, t *honeyhive.Tracer) {
	ctx, span := lasting.Start(ctx, "work")
	defer span.End()
	setCurrent(t)
	defer func() {
		honeyhive.EnrichSpan(ctx) // want `lasting made the context at line \d+, so call lasting.EnrichSpan`
	}()
}

// A package variable that others assign, in a closure.
func changing(ctx context.Context, t *honeyhive.Tracer) {
	ctx, span := current.Start(ctx, "work")
	defer span.End()
	defer func() {
		honeyhive.EnrichSpan(ctx) // want `the tracer that made the context at line \d+ has no certain name here, so call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
	}()
}
