package honeyhive_test

import (
	"context"
	"sync"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"
)

// Each tracer's span has an id of its own, the same for all who ask.
func TestEventID(t *testing.T) {
	eachOrder(t, func(t *testing.T, w two) {
		if id := w.a.EventID(context.Background()); id != "" {
			t.Errorf("without a span the id is %q", id)
		}
		ctx, outer := w.a.Start(context.Background(), "outer")
		if id := w.b.EventID(ctx); id != "" {
			t.Errorf("another tracer's span has the id %q for b", id)
		}
		ctx, inner := w.b.Start(ctx, "inner")
		ids := make([]string, 8)
		var wg sync.WaitGroup
		for i := range ids {
			wg.Go(func() { ids[i] = w.a.EventID(ctx) })
		}
		wg.Wait()
		ofB := w.b.EventID(trace.ContextWithSpan(context.Background(), inner))
		_, given := w.a.Start(ctx, "given", trace.WithAttributes(attribute.String("honeyhive_event_id", "mine")))
		if id := w.a.EventID(trace.ContextWithSpan(ctx, given)); id != "mine" {
			t.Errorf("the given id is %q", id)
		}
		given.End()
		inner.End()
		outer.End()
		if id := w.a.EventID(ctx); id != "" {
			t.Errorf("of a span that has ended the id is %q", id)
		}
		for _, id := range ids {
			if got := w.RequireSpan("outer").Attributes["honeyhive_event_id"]; got != id || id == "" || id == ofB {
				t.Errorf("a's span has the event id %v, asked %q, b's %q", got, id, ofB)
			}
		}
		if got := w.RequireSpan("inner").Attributes["honeyhive_event_id"]; got != ofB || ofB == "" {
			t.Errorf("b's span has the event id %v, asked %q", got, ofB)
		}
	})
}
