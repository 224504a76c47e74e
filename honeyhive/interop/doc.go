// Package interop tests the SDK against real parts: the OpenTelemetry
// Collector and otelhttp. It is a module of its own, so that none of them is
// a dependency of the SDK.
package interop
