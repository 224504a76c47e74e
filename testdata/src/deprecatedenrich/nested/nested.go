// Package nested holds legacy calls in the arguments of legacy calls.
package nested

import (
	"context"

	"github.com/honeyhiveai/hhvet/honeyhive"
)

// Three levels, all migrated in one run.
func fields(ctx context.Context, tracer *honeyhive.Tracer) {
	honeyhive.EnrichSpan(ctx, honeyhive.Metadata{ // want `nothing proves that tracer is the context's tracer, so call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
		"session": honeyhive.EnrichSession(ctx, "s", map[string]any{ // want `honeyhive.EnrichSession is deprecated: nothing proves that tracer is the context's tracer, so call honeyhive.TracerFromContext\(ctx\).EnrichSession`
			"inner": honeyhive.EnrichSpan(ctx, honeyhive.WithTracer(tracer)), // want `WithTracer names the tracer, so call tracer.EnrichSpan`
		}),
	})
}

// A nested call in the session's id and in a spread slice.
func session(ctx context.Context, tracer *honeyhive.Tracer, id func(bool) string, fs func(bool) []honeyhive.Field) error {
	return honeyhive.EnrichSession(ctx, id(honeyhive.EnrichSpan(ctx)), nil, fs(honeyhive.EnrichSpan(ctx))...) // want `honeyhive.EnrichSession is deprecated: nothing proves that tracer is the context's tracer, so call honeyhive.TracerFromContext\(ctx\).EnrichSession` `nothing proves that tracer is the context's tracer, so call honeyhive.TracerFromContext\(ctx\).EnrichSpan` `nothing proves that tracer is the context's tracer, so call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
}

// A nested call in the context.
func context_(ctx context.Context, tracer *honeyhive.Tracer, derive func(bool) context.Context) {
	honeyhive.EnrichSpan(derive(honeyhive.EnrichSpan(ctx))) // want `honeyhive.EnrichSpan is deprecated, and needs a person here: the context is the result of a call, which would be made twice; assign the context to a variable first` `nothing proves that tracer is the context's tracer, so call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
}

// A nested call in the tracer's expression: the context moves instead.
func tracerExpression(ctx context.Context, pick func(bool) *honeyhive.Tracer) {
	honeyhive.EnrichSpan(ctx, honeyhive.WithTracer(pick(honeyhive.EnrichSpan(ctx))), honeyhive.Metadata{"a": 1}) // want `WithTracer names the tracer, so call pick\(honeyhive.EnrichSpan\(ctx\)\).EnrichSpan` `no tracer is in reach, so call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
}

// A nested call in the tracer's expression that is not the first field.
func tracerExpressionLast(ctx context.Context, pick func(bool) *honeyhive.Tracer, other *honeyhive.Tracer, id string) error {
	honeyhive.EnrichSpan(ctx, honeyhive.Metadata{"a": 1}, honeyhive.WithTracer(pick(honeyhive.EnrichSpan(ctx))))                                                    // want `WithTracer names the tracer, so call pick\(honeyhive.EnrichSpan\(ctx\)\).EnrichSpan` `nothing proves that other is the context's tracer, so call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
	return honeyhive.EnrichSession(ctx, id, nil, honeyhive.WithTracer(other), honeyhive.WithTracer(pick(honeyhive.EnrichSpan(ctx))), honeyhive.Metrics{"score": 1}) // want `honeyhive.EnrichSession is deprecated: WithTracer names the tracer, so call pick\(honeyhive.EnrichSpan\(ctx\)\).EnrichSession` `nothing proves that other is the context's tracer, so call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
}

// Comments between the context and a tracer expression with a nested call.
func tracerExpressionComment(ctx context.Context, pick func(bool) *honeyhive.Tracer) {
	honeyhive.EnrichSpan(ctx /* ours */, honeyhive.WithTracer(pick(honeyhive.EnrichSpan(ctx)))) // want `needs a person here: comments stand between the context and the tracer's expression; assign the tracer to a variable first` `call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
}

// A nested call in a function literal.
func literal(ctx context.Context, tracer *honeyhive.Tracer) {
	honeyhive.EnrichSpan(ctx, honeyhive.Metadata{"f": func() bool { // want `nothing proves that tracer is the context's tracer, so call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
		return honeyhive.EnrichSpan(ctx) // want `nothing proves that tracer is the context's tracer, so call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
	}()})
}
