// Package collection holds tracers in a map: one in reach need not be meant.
package collection

import (
	"context"

	"github.com/honeyhiveai/hhvet/honeyhive"
)

var tenants = map[string]*honeyhive.Tracer{}

// A package with a collection of tracers.
func parameter(ctx context.Context, tracer *honeyhive.Tracer) {
	honeyhive.EnrichSpan(ctx) // want `nothing proves that tracer is the context's tracer, so call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
}

// Evidence still counts in a package with several tracers.
func evidence(ctx context.Context, tracer *honeyhive.Tracer) {
	ctx, span := tracer.Start(ctx, "work")
	defer span.End()
	honeyhive.EnrichSpan(ctx) // want `tracer made the context at line \d+, so call tracer.EnrichSpan`
}

// The variable of a range over tracers.
func ranged(ctx context.Context) {
	for _, tracer := range tenants {
		ctx, span := tracer.Start(ctx, "work")
		honeyhive.EnrichSpan(ctx) // want `tracer made the context at line \d+, so call tracer.EnrichSpan`
		span.End()
		honeyhive.EnrichSpan(context.Background()) // want `nothing proves that tracer is the context's tracer, so call honeyhive.TracerFromContext\(context.Background\(\)\).EnrichSpan`
	}
}

// A tracer that has no name here.
func unnamed(ctx context.Context, tenant string, tracer *honeyhive.Tracer) {
	ctx, span := tenants[tenant].Start(ctx, "work")
	defer span.End()
	honeyhive.EnrichSpan(ctx) // want `the tracer that made the context at line \d+ has no certain name here, so call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
}
