package honeyhive_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/baggage"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/embedded"
	"go.opentelemetry.io/otel/trace/noop"

	"github.com/honeyhiveai/hhvet/honeyhive"
)

// Each way in which a context names a tracer decides whose span it is.
func TestContextTracerProvider(t *testing.T) {
	detached := func(tr *honeyhive.Tracer) context.Context {
		ctx, span := tr.Start(context.Background(), "outer")
		span.End()
		return trace.ContextWithSpan(context.Background(), trace.SpanFromContext(ctx))
	}
	baggaged := func(t *testing.T, tr *honeyhive.Tracer) context.Context {
		m, err := baggage.NewMemberRaw("honeyhive_tracer_id", tr.ID())
		if err != nil {
			t.Fatal(err)
		}
		bag, err := baggage.New(m)
		if err != nil {
			t.Fatal(err)
		}
		return baggage.ContextWithBaggage(context.Background(), bag)
	}
	for name, place := range map[string]func(*testing.T, *honeyhive.Tracer) context.Context{
		"ContextWithTracer": func(_ *testing.T, tr *honeyhive.Tracer) context.Context {
			return honeyhive.ContextWithTracer(context.Background(), tr)
		},
		"Start": func(_ *testing.T, tr *honeyhive.Tracer) context.Context {
			ctx, span := tr.Start(context.Background(), "outer")
			span.End()
			return ctx
		},
		"JoinSession": func(_ *testing.T, tr *honeyhive.Tracer) context.Context {
			return tr.JoinSession(context.Background(), "s")
		},
		"current span": func(_ *testing.T, tr *honeyhive.Tracer) context.Context { return detached(tr) },
		"baggage":      baggaged,
		"over another's value": func(t *testing.T, tr *honeyhive.Tracer) context.Context {
			return honeyhive.ContextWithTracer(baggaged(t, tr), tr)
		},
	} {
		t.Run(name, func(t *testing.T) {
			eachOrder(t, func(t *testing.T, w two) {
				library := honeyhive.ContextTracerProvider(nil).Tracer("library", trace.WithInstrumentationVersion("1.2"),
					trace.WithSchemaURL("https://example.com/schema"), trace.WithInstrumentationAttributes(attribute.String("k", "v")))
				for who, tr := range map[string]*honeyhive.Tracer{"a": w.a, "b": w.b} {
					ctx := place(t, tr)
					ctx, span := library.Start(ctx, "library of "+who)
					if !tr.EnrichSpan(ctx, honeyhive.Metadata{"who": who}) {
						t.Errorf("tracer %s does not take the library's span for its own", who)
					}
					span.End()
					_, direct := tr.Start(place(t, tr), "direct of "+who)
					direct.End()
				}
				for _, who := range []string{"a", "b"} {
					got, want := w.RequireSpan("library of "+who), w.RequireSpan("direct of "+who)
					if diff := cmp.Diff(identityOf(want), identityOf(got)); diff != "" {
						t.Errorf("the library's span of %s belongs elsewhere (-Tracer.Start +library):\n%s", who, diff)
					}
					if got.Scope != "library" {
						t.Errorf("scope = %q", got.Scope)
					}
				}
			})
		})
	}
}

// Without a tracer in the context a span goes to the fallback, and without that
// nowhere. The default tracer is not asked.
func TestContextTracerProviderFallback(t *testing.T) {
	eachOrder(t, func(t *testing.T, w two) {
		honeyhive.SetDefaultTracer(w.a)
		defer honeyhive.SetDefaultTracer(nil)
		for name, ctx := range map[string]context.Context{
			"nil":        nil,
			"background": context.Background(),
			"hidden":     honeyhive.ContextWithTracer(honeyhive.ContextWithTracer(context.Background(), w.b), nil),
		} {
			before := honeyhive.UnattributedSpans()
			_, span := honeyhive.ContextTracerProvider(nil).Tracer("library").Start(ctx, "lost", nil)
			if span.IsRecording() || honeyhive.UnattributedSpans() != before+1 {
				t.Errorf("%s: recording %t, and %d spans counted", name, span.IsRecording(), honeyhive.UnattributedSpans()-before)
			}
			span.End()

			recorder := tracetest.NewSpanRecorder()
			fallback := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(recorder))
			library := honeyhive.ContextTracerProvider(fallback).Tracer("library")
			started, outer := library.Start(ctx, "outer", nil)
			_, inner := library.Start(started, "inner")
			inner.End()
			outer.End()
			spans := recorder.Ended()
			if len(spans) != 2 || spans[0].Parent().SpanID() != spans[1].SpanContext().SpanID() {
				t.Errorf("%s: the fallback has %d spans: %v", name, len(spans), spans)
			}
		}
		if n := len(w.Spans()); n != 0 {
			t.Errorf("%d spans were guessed", n)
		}
	})
}

// A tracer that was shut down is not found, and takes nothing.
func TestContextTracerProviderAfterShutdown(t *testing.T) {
	eachOrder(t, func(t *testing.T, w two) {
		ctx, span := w.a.Start(context.Background(), "outer")
		span.End()
		library := honeyhive.ContextTracerProvider(nil).Tracer("library")
		_, span = library.Start(ctx, "before")
		span.End()
		if err := w.a.Shutdown(context.Background()); err != nil {
			t.Fatal(err)
		}
		_, span = library.Start(ctx, "after")
		span.End()
		w.RequireSpan("before")
		if n := len(w.SpansNamed("after")); n != 0 {
			t.Errorf("%d spans after Shutdown", n)
		}
	})
}

// delegate is what OpenTelemetry's global provider is once one has been set.
type delegate struct {
	embedded.TracerProvider
	to trace.TracerProvider
}

func (d *delegate) Tracer(name string, opts ...trace.TracerOption) trace.Tracer {
	return delegateTracer{provider: d, name: name}
}

type delegateTracer struct {
	embedded.Tracer
	provider *delegate
	name     string
}

func (d delegateTracer) Start(ctx context.Context, name string, opts ...trace.SpanStartOption) (context.Context, trace.Span) {
	return d.provider.to.Tracer(d.name).Start(ctx, name, opts...)
}

// A fallback that leads back, as the global provider does, ends.
func TestContextTracerProviderOfItself(t *testing.T) {
	global := &delegate{to: noop.NewTracerProvider()}
	global.to = honeyhive.ContextTracerProvider(global)
	before := honeyhive.UnattributedSpans()
	ctx, span := global.Tracer("library").Start(t.Context(), "lost")
	span.End()
	_, span = global.Tracer("library").Start(ctx, "lost")
	span.End()
	if n := honeyhive.UnattributedSpans() - before; n != 2 {
		t.Errorf("%d spans counted, want 2", n)
	}
}

// Requests of many tenants at once share one library and nothing else.
func TestContextTracerProviderConcurrently(t *testing.T) {
	eachOrder(t, func(t *testing.T, w two) {
		provider := honeyhive.ContextTracerProvider(nil)
		var wg sync.WaitGroup
		for i := range 64 {
			wg.Go(func() {
				tr, who := w.a, "a"
				if i%2 == 1 {
					tr, who = w.b, "b"
				}
				ctx := tr.JoinSession(context.Background(), fmt.Sprint("request-", i))
				ctx, outer := provider.Tracer("library").Start(ctx, fmt.Sprint("outer-", who, i))
				_, inner := provider.Tracer("other").Start(ctx, fmt.Sprint("inner-", who, i))
				inner.End()
				outer.End()
			})
		}
		wg.Wait()
		for i := range 64 {
			tr, who := w.a, "a"
			if i%2 == 1 {
				tr, who = w.b, "b"
			}
			outer, inner := w.RequireSpan(fmt.Sprint("outer-", who, i)), w.RequireSpan(fmt.Sprint("inner-", who, i))
			want := tr.SessionID(tr.JoinSession(context.Background(), fmt.Sprint("request-", i)))
			if outer.SessionID() != want || inner.SessionID() != want || outer.Project() != "project-"+who || inner.ParentID != outer.SpanID {
				t.Errorf("request %d: outer %v %s, inner %v %s below %s", i, outer.Project(), outer.SessionID(), inner.Project(), inner.SessionID(), inner.ParentID)
			}
		}
	})
}
