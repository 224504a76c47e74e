package honeyhive_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"go.opentelemetry.io/otel/propagation"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/honeyhiveai/hhvet/honeyhive"
)

const sessionOther = "cccccccc-0000-4000-8000-000000000003"

// A span that OpenTelemetry's own means have put into another context stays
// its tracer's: it is enriched, and is the parent of what starts there, whose
// session and experiment are its own.
func TestMovedSpan(t *testing.T) {
	other := sdktrace.NewTracerProvider()
	t.Cleanup(func() { _ = other.Shutdown(context.Background()) })
	// Each returns a context with span in it, in place of whatever is current.
	for name, move := range map[string]func(w two, ctx context.Context, span trace.Span) context.Context{
		"detached": func(w two, _ context.Context, span trace.Span) context.Context {
			return trace.ContextWithSpan(context.Background(), span)
		},
		"over an inner span": func(w two, ctx context.Context, span trace.Span) context.Context {
			ctx, inner := w.a.Start(ctx, "inner")
			defer inner.End()
			return trace.ContextWithSpan(ctx, span)
		},
		"into another session": func(w two, _ context.Context, span trace.Span) context.Context {
			ctx, elsewhere := w.a.Start(w.a.JoinSession(context.Background(), sessionOther), "elsewhere")
			defer elsewhere.End()
			return trace.ContextWithSpan(ctx, span)
		},
		"into another case": func(w two, _ context.Context, span trace.Span) context.Context {
			ctx := mustBaggage(t, context.Background(), map[string]string{"run_id": "r", "datapoint_id": "other"})
			ctx, elsewhere := w.a.Start(ctx, "elsewhere")
			defer elsewhere.End()
			return trace.ContextWithSpan(ctx, span)
		},
		"over the other tracer's": func(w two, _ context.Context, span trace.Span) context.Context {
			ctx, elsewhere := w.b.Start(context.Background(), "elsewhere")
			defer elsewhere.End()
			return trace.ContextWithSpan(ctx, span)
		},
		"behind the other tracer's": func(w two, _ context.Context, span trace.Span) context.Context {
			ctx, elsewhere := w.b.Start(trace.ContextWithSpan(context.Background(), span), "elsewhere")
			defer elsewhere.End()
			return ctx
		},
		"behind the other tracer's session": func(w two, _ context.Context, span trace.Span) context.Context {
			return w.b.JoinSession(trace.ContextWithSpan(context.Background(), span), sessionOther)
		},
		"over a stranger's": func(w two, _ context.Context, span trace.Span) context.Context {
			ctx, elsewhere := other.Tracer("x").Start(context.Background(), "elsewhere")
			defer elsewhere.End()
			return trace.ContextWithSpan(ctx, span)
		},
		"over a remote one": func(w two, _ context.Context, span trace.Span) context.Context {
			ctx := propagation.TraceContext{}.Extract(context.Background(), propagation.MapCarrier{
				"traceparent": "00-11111111111111111111111111111111-2222222222222222-01",
			})
			return trace.ContextWithSpan(ctx, span)
		},
	} {
		for _, library := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/library=%v", name, library), func(t *testing.T) {
				eachOrder(t, func(t *testing.T, w two) {
					start := w.a.Start
					if library {
						start = w.a.TracerProvider().Tracer("library").Start
					}
					ctx := mustBaggage(t, t.Context(), map[string]string{"run_id": "r", "dataset_id": "d", "datapoint_id": "p"})
					ctx = w.a.JoinSession(ctx, sessionB)
					ctx, parent := start(ctx, "parent")
					ctx = move(w, ctx, parent)
					if got := w.a.SessionID(ctx); got != sessionB {
						t.Errorf("SessionID = %s, want %s", got, sessionB)
					}
					if !w.a.EnrichSpan(ctx, honeyhive.Metadata{"k": "a"}) {
						t.Error("EnrichSpan of the moved span: false")
					}
					header := propagation.MapCarrier{}
					w.a.Inject(ctx, header)
					_, child := start(ctx, "child")
					child.End()
					parent.End()
					if w.a.EnrichSpan(ctx, honeyhive.Metadata{"late": true}) {
						t.Error("EnrichSpan of a span that has ended: true")
					}
					// Ended, it is still the parent.
					_, late := start(ctx, "late")
					late.End()

					p := w.RequireSpan("parent")
					if p.Attributes["honeyhive_metadata.k"] != "a" {
						t.Errorf("parent: %v", p.Attributes)
					}
					for _, name := range []string{"child", "late"} {
						c := w.RequireSpan(name)
						if c.ParentID != p.SpanID || c.SessionID() != sessionB || c.APIKey != "key-a" {
							t.Errorf("%s: parent %s, session %s", name, c.ParentID, c.SessionID())
						}
						for key, want := range map[string]string{"run_id": "r", "dataset_id": "d", "datapoint_id": "p"} {
							if got := c.Attributes["honeyhive_metadata."+key]; got != want {
								t.Errorf("%s: %s = %v, want %s", name, key, got, want)
							}
						}
					}
					there := w.a.Extract(context.Background(), header)
					if got := w.a.SessionID(there); got != sessionB {
						t.Errorf("the next service is in session %s", got)
					}
				})
			})
		}
	}
}

// A session or baggage that comes after the moved span is nearer than it.
func TestNearerThanAMovedSpan(t *testing.T) {
	eachOrder(t, func(t *testing.T, w two) {
		_, parent := w.a.Start(w.a.JoinSession(t.Context(), sessionB), "parent")
		moved := trace.ContextWithSpan(context.Background(), parent)
		moved = mustBaggage(t, moved, map[string]string{"run_id": "r2"})
		_, child := w.a.Start(w.a.JoinSession(moved, sessionOther), "child")
		child.End()
		parent.End()
		p, c := w.RequireSpan("parent"), w.RequireSpan("child")
		if p.SessionID() != sessionB || c.SessionID() != sessionOther || c.ParentID != p.SpanID || c.Attributes["honeyhive_metadata.run_id"] != "r2" {
			t.Errorf("parent %v\nchild %v", p, c)
		}
	})
}

// So does a parent that Extract found.
func TestMovedRemoteParent(t *testing.T) {
	eachOrder(t, func(t *testing.T, w two) {
		ctx, sender := w.a.Start(w.a.JoinSession(mustBaggage(t, t.Context(), map[string]string{"run_id": "r"}), sessionOther), "sender")
		header := propagation.MapCarrier{}
		w.a.Inject(ctx, header)
		sender.End()
		ctx = trace.ContextWithSpan(context.Background(), trace.SpanFromContext(w.a.Extract(context.Background(), header)))
		_, child := w.a.Start(ctx, "child")
		child.End()
		s, c := w.RequireSpan("sender"), w.RequireSpan("child")
		if c.ParentID != s.SpanID || c.SessionID() != sessionOther || c.Attributes["honeyhive_metadata.run_id"] != "r" {
			t.Errorf("child: %v", c)
		}
		// To the other tracer it is a stranger.
		_, foreign := w.b.Start(ctx, "foreign")
		foreign.End()
		if f := w.RequireSpan("foreign"); f.ParentID != "" || f.SessionID() != ofB.Session {
			t.Errorf("foreign: %v", f)
		}
	})
}

// A moved span of another tracer is nobody else's.
func TestMovedSpanOfAnotherTracer(t *testing.T) {
	eachOrder(t, func(t *testing.T, w two) {
		_, other := w.b.Start(w.b.JoinSession(t.Context(), sessionOther), "other")
		ctx := trace.ContextWithSpan(context.Background(), other)
		if w.a.EnrichSpan(ctx, honeyhive.Metadata{"k": "a"}) {
			t.Error("a enriched b's span")
		}
		ctx, session := w.a.JoinSession(ctx, sessionA), w.a.SessionID(ctx)
		if session != sessionA {
			t.Errorf("session %s", session)
		}
		_, own := w.a.Start(ctx, "own")
		own.End()
		other.End()
		if s := w.RequireSpan("own"); s.ParentID != "" || s.SessionID() != sessionA || len(s.Links) != 1 {
			t.Errorf("own: %v", s)
		}
		if s := w.RequireSpan("other"); s.SessionID() != sessionOther {
			t.Errorf("other: %v", s)
		}
	})
}

// The spans around a session's beginning that have no session yet are the
// request that it is about.
func TestOpenSpansJoinTheSession(t *testing.T) {
	eachOrder(t, func(t *testing.T, w two) {
		library := w.a.TracerProvider().Tracer("otelhttp")
		ctx, server := library.Start(t.Context(), "server")
		ctx, stranger := w.b.Start(ctx, "stranger")
		ended, before := w.a.Start(ctx, "before")
		before.End()
		serving, handler := w.a.Start(ended, "handler")
		inner, err := w.a.StartSession(serving, honeyhive.WithSessionID(sessionOther))
		if err != nil {
			t.Fatal(err)
		}
		_, agent := w.a.Start(inner, "agent")
		agent.End()
		// A nested handler has a session of its own: the request keeps its.
		nested, err := w.a.StartSession(inner)
		if err != nil {
			t.Fatal(err)
		}
		_, sub := w.a.Start(nested, "sub")
		sub.End()
		// So has one that begins a session beside the first.
		beside := w.a.JoinSession(serving, "44444444-0000-4000-8000-000000000004")
		_, third := w.a.Start(beside, "third")
		third.End()
		// What the handler starts without the new context is the request, too.
		_, after := w.a.Start(serving, "after")
		after.End()
		if got := w.a.SessionID(serving); got != sessionOther {
			t.Errorf("SessionID of the handler's context = %s", got)
		}
		handler.End()
		stranger.End()
		server.End()
		_, next := w.a.Start(t.Context(), "next")
		next.End()
		for name, want := range map[string]string{
			"server": sessionOther, "handler": sessionOther, "agent": sessionOther, "after": sessionOther,
			"before": sessionA, "stranger": ofB.Session, "sub": w.a.SessionID(nested),
			"third": "44444444-0000-4000-8000-000000000004", "next": sessionA,
		} {
			if got := w.RequireSpan(name).SessionID(); got != want {
				t.Errorf("%s is in session %s, want %s", name, got, want)
			}
		}
	})
}

// A span that was started in a session stays in it.
func TestSpansWithASessionDoNotJoin(t *testing.T) {
	for name, begin := range map[string]func(w two) context.Context{
		"joined": func(w two) context.Context { return w.a.JoinSession(context.Background(), sessionOther) },
		"the tracer's own, by name": func(w two) context.Context {
			return w.a.JoinSession(context.Background(), sessionA)
		},
		"extracted": func(w two) context.Context {
			header := propagation.MapCarrier{}
			w.a.Inject(w.a.JoinSession(context.Background(), sessionOther), header)
			return w.a.Extract(context.Background(), header)
		},
		"inherited by a moved span": func(w two) context.Context {
			_, span := w.a.Start(w.a.JoinSession(context.Background(), sessionOther), "parent")
			defer span.End()
			return trace.ContextWithSpan(context.Background(), span)
		},
	} {
		t.Run(name, func(t *testing.T) {
			eachOrder(t, func(t *testing.T, w two) {
				ctx := begin(w)
				want := w.a.SessionID(ctx)
				ctx, server := w.a.Start(ctx, "server")
				ctx = w.a.JoinSession(ctx, "44444444-0000-4000-8000-000000000004")
				_, child := w.a.Start(ctx, "child")
				child.End()
				server.End()
				if got := w.RequireSpan("server").SessionID(); got != want {
					t.Errorf("server is in session %s, want %s", got, want)
				}
				if got := w.RequireSpan("child").SessionID(); got != "44444444-0000-4000-8000-000000000004" {
					t.Errorf("child is in session %s", got)
				}
			})
		})
	}
}

// Requests that share a span of the process race for it, and only for it.
func TestConcurrentSessionsUnderOneSpan(t *testing.T) {
	eachOrder(t, func(t *testing.T, w two) {
		ctx, server := w.a.Start(t.Context(), "server")
		var wg sync.WaitGroup
		sessions := make([]string, 16)
		for i := range sessions {
			wg.Go(func() {
				ctx := w.a.JoinSession(ctx, fmt.Sprint("request-", i))
				sessions[i] = w.a.SessionID(ctx)
				_, span := w.a.Start(ctx, fmt.Sprint("span-", i))
				span.End()
			})
		}
		wg.Wait()
		server.End()
		found := false
		for i, id := range sessions {
			if got := w.RequireSpan(fmt.Sprint("span-", i)).SessionID(); got != id {
				t.Errorf("span-%d is in session %s", i, got)
			}
			found = found || id == w.RequireSpan("server").SessionID()
		}
		if !found {
			t.Error("server joined none of them")
		}
	})
}
