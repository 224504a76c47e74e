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
	honeyhive.EnrichSpan(ctx) // want `call current.EnrichSpan, the tracer that made this context`
	honeyhive.Trace(ctx, t, "inner", func(context.Context) (int, error) {
		defer func() { setCurrent(t) }()
		return 0, nil
	})
	honeyhive.EnrichSpan(ctx) // want `which finds the same tracer: the context carries a tracer that has no certain name here`
}

var lasting *honeyhive.Tracer

func init() { lasting = honeyhive.DefaultTracer() }

// A package variable that init assigns, in closures.
func closures(ctx context.Context, t *honeyhive.Tracer) {
	ctx, span := lasting.Start(ctx, "work")
	defer span.End()
	setCurrent(t)
	defer func() {
		honeyhive.EnrichSpan(ctx) // want `call lasting.EnrichSpan, the tracer that made this context`
	}()
}

// A package variable that others assign, in a closure.
func changing(ctx context.Context, t *honeyhive.Tracer) {
	ctx, span := current.Start(ctx, "work")
	defer span.End()
	defer func() {
		honeyhive.EnrichSpan(ctx) // want `which finds the same tracer: the context carries a tracer that has no certain name here`
	}()
}
