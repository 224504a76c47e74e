// Package session puts a session where every service sees it.
package session

import (
	"context"

	"go.opentelemetry.io/otel/baggage"
)

// Reported: a context that is returned with a member.
func Context(ctx context.Context, id string) (context.Context, error) {
	m, err := baggage.NewMember("session_id", id) // want `per-tracer key "session_id" enters baggage`
	if err != nil {
		return ctx, err
	}
	b, err := baggage.FromContext(ctx).SetMember(m)
	if err != nil {
		return ctx, err
	}
	return baggage.ContextWithBaggage(ctx, b), nil
}
