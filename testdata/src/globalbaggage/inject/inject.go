// Package inject sends contexts that another package made.
package inject

import (
	"context"
	"net/http"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/baggage"
	"go.opentelemetry.io/otel/propagation"

	"example.com/corpus/globalbaggage/inject/session"
)

// Reported: a context known to hold such a member is injected into a header.
func injected(ctx context.Context, r *http.Request, id string) error {
	ctx, err := session.Context(ctx, id)
	if err != nil {
		return err
	}
	otel.GetTextMapPropagator().Inject(ctx, propagation.HeaderCarrier(r.Header)) // want `per-tracer key "session_id" is sent in the baggage header, as session.Context put it on the context`
	return nil
}

// Reported: the same after other values were added to the context.
func derived(ctx context.Context, id string) propagation.MapCarrier {
	c := propagation.MapCarrier{}
	ctx, _ = session.Context(ctx, id)
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	propagation.Baggage{}.Inject(ctx, c) // want `per-tracer key "session_id" is sent in the baggage header`
	return c
}

// Silent: the context as it came in.
func inbound(ctx context.Context, r *http.Request) {
	otel.GetTextMapPropagator().Inject(ctx, propagation.HeaderCarrier(r.Header))
}

// Silent: a propagator that sends no baggage.
func traceContextOnly(ctx context.Context, r *http.Request, id string) {
	ctx, _ = session.Context(ctx, id)
	propagation.TraceContext{}.Inject(ctx, propagation.HeaderCarrier(r.Header))
}

// Silent: the baggage is taken off first.
func withoutBaggage(ctx context.Context, r *http.Request, id string) {
	ctx, _ = session.Context(ctx, id)
	otel.GetTextMapPropagator().Inject(baggage.ContextWithoutBaggage(ctx), propagation.HeaderCarrier(r.Header))
}
