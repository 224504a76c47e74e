// Package telemetry is the helper package that the pages of the checks call.
package telemetry

import (
	"context"

	"go.opentelemetry.io/otel/baggage"

	"github.com/honeyhiveai/hhvet/honeyhive"
)

// Set adds a member to the context's baggage.
func Set(ctx context.Context, key, value string) context.Context {
	m, err := baggage.NewMember(key, value)
	if err != nil {
		return ctx
	}
	b, err := baggage.FromContext(ctx).SetMember(m)
	if err != nil {
		return ctx
	}
	return baggage.ContextWithBaggage(ctx, b)
}

// SetAll adds all of a map.
func SetAll(ctx context.Context, items map[string]string) context.Context {
	for key, value := range items {
		ctx = Set(ctx, key, value)
	}
	return ctx
}

// Record adds fields to the current span.
//
// Deprecated: call a tracer's EnrichSpan.
func Record(ctx context.Context, fields ...honeyhive.Field) {
	honeyhive.EnrichSpan(ctx, fields...)
}
