// Package tenants uses the keys of package attrs, and hands on its types.
package tenants

import (
	"context"

	"go.opentelemetry.io/otel/baggage"

	"example.com/corpus/globalbaggage/own/attrs"
)

// Tenant describes a tenant.
type Tenant = attrs.Tenant

// Set sets a member of the context's baggage.
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
