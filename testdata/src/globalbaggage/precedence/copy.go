// Package precedence reads from baggage what the tracer knows.
package precedence

import (
	"go.opentelemetry.io/contrib/processors/baggagecopy"
	"go.opentelemetry.io/otel/baggage"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

// Reported: a baggagecopy processor whose filter accepts a per-tracer key.
func copyFilter() sdktrace.SpanProcessor {
	return baggagecopy.NewSpanProcessor(func(m baggage.Member) bool {
		return m.Key() == "run_id" || m.Key() == "project" // want `per-tracer key "project"`
	})
}
