package tests

import (
	"testing"

	"github.com/honeyhiveai/hhvet/honeyhive"
)

var tracer *honeyhive.Tracer

// A test of the package, with the test's context.
func TestHandle(t *testing.T) {
	Handle(t.Context())
	honeyhive.EnrichSpan(t.Context()) // want `no tracer is in reach, so call honeyhive.TracerFromContext\(t.Context\(\)\).EnrichSpan`
	{
		tracer := "shadow"
		honeyhive.EnrichSpan(t.Context(), honeyhive.Metadata{"t": tracer}) // want `no tracer is in reach, so call honeyhive.TracerFromContext\(t.Context\(\)\).EnrichSpan`
	}
}
