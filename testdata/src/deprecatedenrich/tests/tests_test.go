package tests

import (
	"testing"

	"github.com/honeyhiveai/hhvet/honeyhive"
)

var tracer *honeyhive.Tracer

// A test of the package, with the test's context.
func TestHandle(t *testing.T) {
	Handle(t.Context())
	honeyhive.EnrichSpan(t.Context()) // want `call tracer.EnrichSpan, assuming`
	{
		tracer := "shadow"
		honeyhive.EnrichSpan(t.Context(), honeyhive.Metadata{"t": tracer}) // want `call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
	}
}
