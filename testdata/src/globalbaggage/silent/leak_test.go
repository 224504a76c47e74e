package silent

import (
	"context"
	"testing"

	"go.opentelemetry.io/otel/baggage"
	"go.opentelemetry.io/otel/propagation"
)

// Silent: a test that sets up a leak under an ignore.
func TestBaggageStaysOut(t *testing.T) {
	//hhvet:ignore globalbaggage the leak that this test is about
	m, err := baggage.NewMember("project", "checkout")
	if err != nil {
		t.Fatal(err)
	}
	b, err := baggage.New(m)
	if err != nil {
		t.Fatal(err)
	}
	ctx := baggage.ContextWithBaggage(context.Background(), b)
	ctx = withoutProject(ctx)
	c := propagation.MapCarrier{}
	propagation.Baggage{}.Inject(ctx, c)
	if got := c.Get("baggage"); got != "" {
		t.Errorf("baggage %q is sent on", got)
	}
}

// Reported: a test is code like any other.
func TestLeak(t *testing.T) {
	m, _ := baggage.NewMember("project", "checkout") // want `per-tracer key "project"`
	b, _ := baggage.New(m)
	ctx := baggage.ContextWithBaggage(t.Context(), b)
	if baggage.FromContext(ctx).Len() != 1 {
		t.Error("no member")
	}
}

// Silent: a test that compares members.
func TestEqual(t *testing.T) {
	want, _ := baggage.NewMember("project", "checkout")
	if got := baggage.FromContext(t.Context()).Member("project"); got.Value() == want.Value() {
		t.Errorf("got %v, want none", got)
	}
}

// Silent: a test that parses a header to compare it.
func TestHeader(t *testing.T) {
	want, err := baggage.Parse("project=checkout,run_id=1")
	if err != nil {
		t.Fatal(err)
	}
	if want.Len() != 2 {
		t.Errorf("%d members in %v", want.Len(), want)
	}
}
