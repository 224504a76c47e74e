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
		return m.Key() == "run_id" || m.Key() == "project" // want `per-tracer key "project" is copied from baggage onto the spans of every tracer`
	})
}

// Reported: a map that a filter by name asks.
var copied = map[string]bool{
	"dataset_id":     true,
	"session_id":     true, // want `per-tracer key "session_id" is copied from baggage`
	"correlation_id": true,
}

func copyFromMap() sdktrace.SpanProcessor {
	return baggagecopy.NewSpanProcessor(inCopied)
}

func inCopied(m baggage.Member) bool { return copied[m.Key()] }

// Reported: a filter that accepts all there is.
func copyAll() sdktrace.SpanProcessor {
	return baggagecopy.NewSpanProcessor(baggagecopy.AllowAllMembers) // want `every key is copied from baggage onto the spans of every tracer`
}

// Reported: a filter of one's own that accepts all there is.
func copyAllByHand() sdktrace.SpanProcessor {
	return baggagecopy.NewSpanProcessor(func(baggage.Member) bool { return true }) // want `every key is copied from baggage`
}

// Silent: a filter of shared keys.
func copyShared() sdktrace.SpanProcessor {
	return baggagecopy.NewSpanProcessor(func(m baggage.Member) bool {
		switch m.Key() {
		case "run_id", "dataset_id", "datapoint_id":
			return true
		}
		return false
	})
}

// Silent: a filter that leaves per-tracer keys out.
func copyOthers() sdktrace.SpanProcessor {
	return baggagecopy.NewSpanProcessor(func(m baggage.Member) bool {
		return m.Key() != "project" && m.Key() != "session_id"
	})
}
