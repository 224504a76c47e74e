// Package factory makes tracers in two places.
package factory

import (
	"context"

	"github.com/honeyhiveai/hhvet/honeyhive"
)

func free(ctx context.Context) (*honeyhive.Tracer, error) {
	return honeyhive.New(ctx, honeyhive.WithProject("free"))
}

func paid(ctx context.Context) (*honeyhive.Tracer, error) {
	return honeyhive.New(ctx, honeyhive.WithProject("paid"))
}

// A package that makes tracers in two places.
func parameter(ctx context.Context, tracer *honeyhive.Tracer) {
	honeyhive.EnrichSpan(ctx) // want `nothing proves that tracer is the context's tracer, so call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
}
