package newpair

import (
	"context"

	"github.com/honeyhiveai/hhvet/honeyhive"
)

func pairs(ctx context.Context, t *honeyhive.Tracer, m map[string]any, fs []honeyhive.Field) {
	honeyhive.Rate(ctx, m)                                                   // want `honeyhive.Rate is deprecated: nothing proves that t is the context's tracer`
	honeyhive.Rate(ctx, nil, fs...)                                          // want `nothing proves that t is the context's tracer`
	honeyhive.Rate(ctx, map[string]any{"stars": 4}, honeyhive.WithTracer(t)) // want `WithTracer names the tracer, so call t.EnrichSpan`
}

func discovery(ctx context.Context, m map[string]any) bool {
	return honeyhive.Rate(ctx, m) // want `call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
}

func value() any {
	return honeyhive.Rate // want `honeyhive.Rate is deprecated, and as a value needs a person: the method's parameters differ; write a function that calls a tracer's EnrichSpan`
}
