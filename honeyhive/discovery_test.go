package honeyhive_test

import (
	"context"
	"io"
	"log/slog"
	"runtime"
	"sync"
	"testing"
	"time"

	"go.opentelemetry.io/otel/baggage"

	"github.com/honeyhiveai/hhvet/honeyhive"
	"github.com/honeyhiveai/hhvet/honeyhive/honeyhivetest"
)

func discard() *slog.Logger { return slog.New(slog.NewTextHandler(io.Discard, nil)) }

func inBaggage(t testing.TB, ctx context.Context, tracer *honeyhive.Tracer) context.Context {
	t.Helper()
	ctx, err := honeyhive.ContextWithBaggage(ctx, map[string]string{"honeyhive_tracer_id": tracer.ID()})
	if err != nil {
		t.Fatal(err)
	}
	return ctx
}

// otherKey is a context key of the application's.
type otherKey struct{}

// isInert reports whether a tracer is the one that does nothing.
func isInert(tracer *honeyhive.Tracer) bool { return tracer != nil && tracer.ID() == "" }

// Discovery: guarantee 5.
func TestDiscovery(t *testing.T) {
	eachOrder(t, func(t *testing.T, w two) {
		t.Cleanup(func() { honeyhive.SetDefaultTracer(nil) })
		ctx := t.Context()
		want := func(what string, ctx context.Context, want *honeyhive.Tracer) {
			t.Helper()
			if got := honeyhive.TracerFromContext(ctx); got != want {
				t.Errorf("%s: found %q, want %q", what, got.ID(), want.ID())
			}
		}
		if got := honeyhive.TracerFromContext(ctx); !isInert(got) {
			t.Errorf("New made %q discoverable", got.ID())
		}
		honeyhive.SetDefaultTracer(w.a)
		want("default", ctx, w.a)
		w.NewTracer()
		want("default after a later New", ctx, w.a)
		want("nil context", nil, w.a)
		want("baggage over default", inBaggage(t, ctx, w.b), w.b)
		want("context over baggage", honeyhive.ContextWithTracer(inBaggage(t, ctx, w.b), w.a), w.a)
		want("unknown id", mustBaggage(t, ctx, map[string]string{"honeyhive_tracer_id": "unknown"}), w.a)

		started, span := w.b.Start(ctx, "span")
		defer span.End()
		want("Start", started, w.b)
		session, err := w.b.StartSession(ctx)
		if err != nil {
			t.Fatal(err)
		}
		want("StartSession", session, w.b)
		_, _ = honeyhive.Trace(ctx, w.b, "trace", func(ctx context.Context) (int, error) {
			want("Trace", ctx, w.b)
			return 0, nil
		})
		nested, inner := w.a.Start(started, "inner")
		defer inner.End()
		want("nearest Start", nested, w.a)
		want("derived context", context.WithValue(nested, otherKey{}, 1), w.a)
		if got := honeyhive.TracerFromContext(honeyhive.ContextWithTracer(started, nil)); !isInert(got) {
			t.Errorf("nil tracer in the context: found %q", got.ID())
		}

		if err := w.b.Shutdown(ctx); err != nil {
			t.Fatal(err)
		}
		want("closed tracer in the context", started, w.a)
		honeyhive.SetDefaultTracer(nil)
		outer, span2 := w.a.Start(ctx, "outer")
		defer span2.End()
		closed := context.WithValue(outer, otherKey{}, 1)
		later := w.NewTracer()
		closed, span3 := later.Start(closed, "closed")
		span3.End()
		if err := later.Shutdown(ctx); err != nil {
			t.Fatal(err)
		}
		want("open tracer behind a closed one", closed, w.a)
		honeyhive.SetDefaultTracer(w.a)
		want("closed tracer given explicitly", honeyhive.ContextWithTracer(ctx, w.b), w.a)
		want("closed tracer in baggage", inBaggage(t, ctx, w.b), w.a)
		if err := w.a.Shutdown(ctx); err != nil {
			t.Fatal(err)
		}
		if got := honeyhive.TracerFromContext(nested); !isInert(got) {
			t.Errorf("closed default: found %q", got.ID())
		}
		if got := honeyhive.DefaultTracer(); got != nil {
			t.Errorf("DefaultTracer = %q", got.ID())
		}
	})
}

func mustBaggage(t testing.TB, ctx context.Context, items map[string]string) context.Context {
	t.Helper()
	ctx, err := honeyhive.ContextWithBaggage(ctx, items)
	if err != nil {
		t.Fatal(err)
	}
	return ctx
}

// The registry does not keep a tracer, nor its worker, alive.
func TestRegistryIsWeak(t *testing.T) {
	released := make(chan struct{})
	ctx := func() context.Context {
		tracer, err := honeyhive.New(t.Context(), honeyhive.WithFile(t.TempDir()+"/spans.jsonl"))
		if err != nil {
			t.Fatal(err)
		}
		runtime.AddCleanup(tracer, func(c chan struct{}) { close(c) }, released)
		return inBaggage(t, t.Context(), tracer)
	}()
	deadline := time.After(10 * time.Second)
	for done := false; !done; {
		runtime.GC()
		select {
		case <-released:
			done = true
		case <-deadline:
			t.Fatal("a tracer that nobody holds is not collected")
		case <-time.After(time.Millisecond):
		}
	}
	if got := honeyhive.TracerFromContext(ctx); !isInert(got) {
		t.Errorf("found %q", got.ID())
	}
	// goleak in TestMain sees to the worker.
}

func TestDefaultTracerIsKept(t *testing.T) {
	func() {
		tracer, err := honeyhive.New(t.Context(), honeyhive.WithLogger(discard()))
		if err != nil {
			t.Fatal(err)
		}
		honeyhive.SetDefaultTracer(tracer)
	}()
	runtime.GC()
	runtime.GC()
	tracer := honeyhive.DefaultTracer()
	if tracer == nil {
		t.Fatal("the default tracer was collected")
	}
	if err := tracer.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestIDsAreRandom(t *testing.T) {
	backend := honeyhivetest.NewBackend(t)
	seen := map[string]bool{}
	for range 20 {
		id := backend.NewTracer().ID()
		if id == "" || seen[id] {
			t.Fatalf("id %q", id)
		}
		seen[id] = true
	}
}

func TestDiscoveryUnderConcurrency(t *testing.T) {
	backend := honeyhivetest.NewBackend(t)
	t.Cleanup(func() { honeyhive.SetDefaultTracer(nil) })
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			for range 20 {
				tracer, err := honeyhive.New(t.Context(), append(backend.Options(), honeyhive.WithLogger(discard()))...)
				if err != nil {
					t.Error(err)
					return
				}
				ctx := inBaggage(t, t.Context(), tracer)
				honeyhive.SetDefaultTracer(tracer)
				if got := honeyhive.TracerFromContext(ctx); got != tracer {
					t.Errorf("found %q, want %q", got.ID(), tracer.ID())
				}
				honeyhive.DefaultTracer().EnrichSpan(ctx, honeyhive.Metadata{"k": "v"})
				if err := tracer.Shutdown(t.Context()); err != nil {
					t.Error(err)
				}
				if got := honeyhive.TracerFromContext(ctx); got == tracer {
					t.Error("found a closed tracer")
				}
			}
		})
	}
	wg.Wait()
}

// The legacy functions find what discovery finds, and WithTracer wins.
func TestLegacyFunctions(t *testing.T) {
	eachOrder(t, func(t *testing.T, w two) {
		ctx, a := w.a.Start(t.Context(), "a")
		ctx, b := w.b.Start(ctx, "b")
		if !honeyhive.EnrichSpan(ctx, honeyhive.Metadata{"by": "discovery"}) {
			t.Error("discovery: false")
		}
		if !honeyhive.EnrichSpan(ctx, honeyhive.Metadata{"by": "explicit"}, honeyhive.WithTracer(w.b), honeyhive.WithTracer(w.a)) {
			t.Error("explicit: false")
		}
		// The methods obey it too: a migration may not know that it is there.
		if !w.b.EnrichSpan(ctx, honeyhive.WithTracer(w.a), honeyhive.Metadata{"method": true}) {
			t.Error("method: false")
		}
		if honeyhive.EnrichSpan(ctx, honeyhive.WithTracer(nil), honeyhive.Metadata{"nil": true}) || w.a.EnrichSpan(ctx, honeyhive.WithTracer(nil)) {
			t.Error("WithTracer(nil): true")
		}
		if honeyhive.EnrichSpan(t.Context(), honeyhive.Metadata{"k": "v"}) {
			t.Error("no tracer: true")
		}
		if err := honeyhive.EnrichSession(ctx, "", map[string]any{"by": "discovery"}); err != nil {
			t.Error(err)
		}
		if err := honeyhive.EnrichSession(ctx, sessionA, map[string]any{"by": "explicit"}, honeyhive.Metrics{"m": 1}, honeyhive.WithTracer(w.a)); err != nil {
			t.Error(err)
		}
		if err := honeyhive.EnrichSession(t.Context(), sessionA, map[string]any{"k": "v"}); err != nil {
			t.Error(err)
		}
		b.End()
		a.End()
		if got := w.RequireSpan("b").Attributes["honeyhive_metadata.by"]; got != "discovery" {
			t.Errorf("b is enriched by %v", got)
		}
		attrs := w.RequireSpan("a").Attributes
		if attrs["honeyhive_metadata.by"] != "explicit" || attrs["honeyhive_metadata.method"] != true || attrs["honeyhive_metadata.nil"] != nil {
			t.Errorf("a: %v", attrs)
		}
		updates := map[string]map[string]any{}
		for _, e := range w.Events() {
			for _, u := range e.Updates {
				updates[e.APIKey+" "+e.ID] = u["metadata"].(map[string]any)
			}
		}
		if updates["key-b "+sessionB]["by"] != "discovery" || updates["key-a "+sessionA]["by"] != "explicit" || len(updates) != 2 {
			t.Errorf("updates = %v", updates)
		}
	})
}

// A nil tracer, and one that was shut down, do nothing and fail nobody.
func TestTracersThatDoNothing(t *testing.T) {
	backend := honeyhivetest.NewBackend(t)
	closed := backend.NewTracer()
	if err := closed.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	for name, tracer := range map[string]*honeyhive.Tracer{
		"nil": nil, "closed": closed, "zero": new(honeyhive.Tracer), "not found": honeyhive.TracerFromContext(t.Context()),
	} {
		t.Run(name, func(t *testing.T) {
			ctx, span := tracer.Start(t.Context(), "span")
			if ctx != t.Context() || span.IsRecording() || span.SpanContext().IsValid() {
				t.Errorf("Start: %v", span)
			}
			span.End()
			_, span = tracer.TracerProvider().Tracer("lib").Start(ctx, "span")
			if span.IsRecording() {
				t.Error("TracerProvider records")
			}
			span.End()
			if tracer.EnrichSpan(ctx, honeyhive.Metadata{"k": "v"}) || tracer.EnrichSpan(ctx, honeyhive.EventID("e"), honeyhive.Metadata{"k": "v"}) {
				t.Error("EnrichSpan: true")
			}
			if err := tracer.EnrichSession(ctx, honeyhive.Metadata{"k": "v"}); err != nil {
				t.Error(err)
			}
			if got, err := tracer.StartSession(ctx); err != nil || got != ctx {
				t.Errorf("StartSession: %v", err)
			}
			if got := tracer.JoinSession(ctx, "id"); got != ctx {
				t.Error("JoinSession changed the context")
			}
			if got := tracer.SessionID(ctx); got != "" {
				t.Errorf("SessionID = %q", got)
			}
			header := baggageCarrier{}
			tracer.Inject(ctx, header)
			if len(header) > 0 {
				t.Errorf("Inject wrote %v", header)
			}
			if got := tracer.Extract(ctx, baggageCarrier{"baggage": "run_id=r"}); baggage.FromContext(got).Len() > 0 {
				t.Error("Extract changed the context")
			}
			if got, err := honeyhive.Trace(ctx, tracer, "t", func(context.Context) (int, error) { return 7, nil }); got != 7 || err != nil {
				t.Errorf("Trace: %v, %v", got, err)
			}
			if err := tracer.ForceFlush(ctx); err != nil {
				t.Error(err)
			}
			if err := tracer.Shutdown(ctx); err != nil {
				t.Error(err)
			}
			if got := tracer.Stats(); got != (honeyhive.Stats{}) && name != "closed" {
				t.Errorf("Stats = %+v", got)
			}
		})
	}
	if got := backend.Requests(); len(got) != 0 {
		t.Errorf("requests: %v", got)
	}
}

type baggageCarrier map[string]string

func (c baggageCarrier) Get(key string) string { return c[key] }
func (c baggageCarrier) Set(key, value string) { c[key] = value }
func (c baggageCarrier) Keys() []string        { return nil }
