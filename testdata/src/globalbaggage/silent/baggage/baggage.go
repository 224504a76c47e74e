// Package baggage has the names of OpenTelemetry's and nothing to do with it.
package baggage

import "context"

// Member is a member.
type Member struct{ key, value string }

// NewMember makes a member.
func NewMember(key, value string) (Member, error) { return Member{key, value}, nil }

// Set does nothing.
func Set(ctx context.Context, key, value string) context.Context { return ctx }

// Span keeps luggage.
type Span struct{ items map[string]string }

// SetBaggageItem keeps an item for itself.
func (s *Span) SetBaggageItem(key, value string) { s.items[key] = value }
