// Package inbound reads what a request brought along.
package inbound

import (
	"context"

	"go.opentelemetry.io/otel/baggage"
)

// Project returns the project that the caller put into baggage.
func Project(ctx context.Context) string {
	return baggage.FromContext(ctx).Member("project").Value()
}
