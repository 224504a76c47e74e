// Package packagevars keeps its tracer in a variable of the package.
package packagevars

import (
	"context"

	"github.com/honeyhiveai/hhvet/honeyhive"
)

var tracer *honeyhive.Tracer

func init() {
	honeyhive.EnrichSpan(context.Background()) // want `nothing proves that tracer is the context's tracer, so call honeyhive.TracerFromContext\(context.Background\(\)\).EnrichSpan`
}

// A package variable that is assigned elsewhere.
func function(ctx context.Context) {
	honeyhive.EnrichSpan(ctx) // want `nothing proves that tracer is the context's tracer, so call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
}

// A package variable, before and after this function assigns it.
func setUp(ctx context.Context) (err error) {
	honeyhive.EnrichSpan(ctx) // want `call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
	tracer, err = honeyhive.New(ctx)
	if err != nil {
		honeyhive.EnrichSpan(ctx, honeyhive.Error(err)) // want `call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
		return err
	}
	honeyhive.EnrichSpan(ctx) // want `nothing proves that tracer is the context's tracer, so call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
	return nil
}

// A package variable that a closure of this function assigns, further down or above.
func setUpInClosure(ctx context.Context, once func(func())) {
	honeyhive.EnrichSpan(ctx) // want `call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
	once(func() { tracer = honeyhive.DefaultTracer() })
	honeyhive.EnrichSpan(ctx) // want `nothing proves that tracer is the context's tracer, so call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
}

// A package variable whose name is shadowed.
func shadowed(ctx context.Context, tracer string) {
	honeyhive.EnrichSpan(ctx, honeyhive.Metadata{"t": tracer}) // want `call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
}

// A function that initialisers call may use a variable that has no initialiser.
func register() bool {
	return honeyhive.EnrichSpan(context.Background()) // want `nothing proves that tracer is the context's tracer, so call honeyhive.TracerFromContext\(context.Background\(\)\).EnrichSpan`
}

var registered = register()

// In a package variable's initialiser.
var enriched = honeyhive.EnrichSpan(context.Background()) // want `no tracer is in reach, so call honeyhive.TracerFromContext\(context.Background\(\)\).EnrichSpan`

// In a function literal that is a package variable.
var handler = func(ctx context.Context) {
	honeyhive.EnrichSpan(ctx) // want `call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
}

// Start of the package's tracer in a function literal that is a package variable.
var started = func(ctx context.Context) {
	ctx, span := tracer.Start(ctx, "work")
	defer span.End()
	honeyhive.EnrichSpan(ctx) // want `call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
}
