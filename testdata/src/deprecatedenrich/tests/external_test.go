package tests_test

import (
	"testing"

	"example.com/corpus/deprecatedenrich/tests"
	"github.com/honeyhiveai/hhvet/honeyhive"
)

// An external test. Calls of New in tests do not count.
func TestExternal(t *testing.T) {
	tests.Handle(t.Context())
	tracer, err := honeyhive.New(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer tracer.Shutdown(t.Context())
	honeyhive.EnrichSpan(t.Context()) // want `nothing proves that tracer is the context's tracer, so call honeyhive.TracerFromContext\(t.Context\(\)\).EnrichSpan`
}

// Another external test.
func TestExternalToo(t *testing.T) {
	tracer, err := honeyhive.New(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer tracer.Shutdown(t.Context())
	honeyhive.EnrichSpan(t.Context()) // want `nothing proves that tracer is the context's tracer, so call honeyhive.TracerFromContext\(t.Context\(\)\).EnrichSpan`
}
