// Package recursion has values that are made from themselves.
package recursion

import (
	"context"

	"go.opentelemetry.io/otel/baggage"
)

// A context that is replaced by one made from it.
func contextOfItself(ctx context.Context, project string) context.Context {
	for range 2 {
		m, _ := baggage.NewMemberRaw("project", project) // want `per-tracer key "project" enters baggage`
		b, _ := baggage.FromContext(ctx).SetMember(m)
		ctx = baggage.ContextWithBaggage(ctx, b)
	}
	return ctx
}
