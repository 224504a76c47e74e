// Package nested holds legacy calls in the arguments of legacy calls.
package nested

import (
	"context"

	"github.com/honeyhiveai/hhvet/honeyhive"
)

// Three levels, all migrated in one run.
func fields(ctx context.Context, tracer *honeyhive.Tracer) {
	honeyhive.EnrichSpan(ctx, honeyhive.Metadata{ // want `call tracer.EnrichSpan, assuming`
		"session": honeyhive.EnrichSession(ctx, "s", map[string]any{ // want `call tracer.EnrichSession, assuming`
			"inner": honeyhive.EnrichSpan(ctx, honeyhive.WithTracer(tracer)), // want `call tracer.EnrichSpan, the tracer that WithTracer names`
		}),
	})
}

// A nested call in the session's id and in a spread slice.
func session(ctx context.Context, tracer *honeyhive.Tracer, id func(bool) string, fs func(bool) []honeyhive.Field) error {
	return honeyhive.EnrichSession(ctx, id(honeyhive.EnrichSpan(ctx)), nil, fs(honeyhive.EnrichSpan(ctx))...) // want `call tracer.EnrichSession` `call tracer.EnrichSpan` `call tracer.EnrichSpan`
}

// A nested call in the context.
func context_(ctx context.Context, tracer *honeyhive.Tracer, derive func(bool) context.Context) {
	honeyhive.EnrichSpan(derive(honeyhive.EnrichSpan(ctx))) // want `call tracer.EnrichSpan` `call tracer.EnrichSpan`
}

// A nested call in the tracer's expression: the context moves instead.
func tracerExpression(ctx context.Context, pick func(bool) *honeyhive.Tracer) {
	honeyhive.EnrichSpan(ctx, honeyhive.WithTracer(pick(honeyhive.EnrichSpan(ctx))), honeyhive.Metadata{"a": 1}) // want `call pick\(honeyhive.EnrichSpan\(ctx\)\).EnrichSpan, the tracer that WithTracer names` `call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
}

// A nested call in the tracer's expression that is not the first field.
func tracerExpressionLast(ctx context.Context, pick func(bool) *honeyhive.Tracer, other *honeyhive.Tracer, id string) error {
	honeyhive.EnrichSpan(ctx, honeyhive.Metadata{"a": 1}, honeyhive.WithTracer(pick(honeyhive.EnrichSpan(ctx))))                                                    // want `call pick\(honeyhive.EnrichSpan\(ctx\)\).EnrichSpan` `call other.EnrichSpan`
	return honeyhive.EnrichSession(ctx, id, nil, honeyhive.WithTracer(other), honeyhive.WithTracer(pick(honeyhive.EnrichSpan(ctx))), honeyhive.Metrics{"score": 1}) // want `call pick\(honeyhive.EnrichSpan\(ctx\)\).EnrichSession` `call other.EnrichSpan`
}

// Comments between the context and a tracer expression with a nested call.
func tracerExpressionComment(ctx context.Context, pick func(bool) *honeyhive.Tracer) {
	honeyhive.EnrichSpan(ctx /* ours */, honeyhive.WithTracer(pick(honeyhive.EnrichSpan(ctx)))) // want `needs a person here: comments stand between the context and the tracer's expression; assign the tracer to a variable first` `call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
}

// A nested call in a function literal.
func literal(ctx context.Context, tracer *honeyhive.Tracer) {
	honeyhive.EnrichSpan(ctx, honeyhive.Metadata{"f": func() bool { // want `call tracer.EnrichSpan`
		return honeyhive.EnrichSpan(ctx) // want `call tracer.EnrichSpan`
	}()})
}
