// Package initialised makes its tracer in a variable's initialiser.
package initialised

import (
	"context"

	"github.com/honeyhiveai/hhvet/honeyhive"
)

var tracer = open(context.Background())

// A function that the tracer's initialiser needs must not need the tracer.
func open(ctx context.Context) *honeyhive.Tracer {
	t, err := honeyhive.New(ctx)
	if err != nil {
		report(ctx, err)
	}
	return t
}

// Nor a function that such a function calls.
func report(ctx context.Context, err error) {
	honeyhive.EnrichSpan(ctx, honeyhive.Error(err)) // want `call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
}

// A function that only runs later.
func handle(ctx context.Context) {
	honeyhive.EnrichSpan(ctx) // want `nothing proves that tracer is the context's tracer, so call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
}
