// Package setters puts into baggage what it is given.
package setters

import (
	"context"

	"go.opentelemetry.io/otel/baggage"
)

func put(ctx context.Context, key, value string) context.Context {
	m, _ := baggage.NewMember(key, value)
	b, _ := baggage.FromContext(ctx).SetMember(m)
	return baggage.ContextWithBaggage(ctx, b)
}

// Setter returns a function that adds a member.
func Setter() func(ctx context.Context, key, value string) context.Context {
	return func(ctx context.Context, key, value string) context.Context {
		return put(ctx, key, value)
	}
}

type tag struct{ Key string }

// Tagger adds a member with its key.
type Tagger struct{ tag }

// Tag adds the member.
func (t Tagger) Tag(ctx context.Context, value string) context.Context {
	return put(ctx, t.Key, value)
}
