package honeyhive_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/baggage"
	"go.opentelemetry.io/otel/propagation"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"

	"github.com/honeyhiveai/hhvet/honeyhive"
	"github.com/honeyhiveai/hhvet/honeyhive/honeyhivetest"
)

// two is a process with two tenants.
type two struct {
	*honeyhivetest.Backend
	a, b *honeyhive.Tracer
}

const (
	sessionA = "aaaaaaaa-0000-4000-8000-000000000001"
	sessionB = "bbbbbbbb-0000-4000-8000-000000000002"
)

// eachOrder runs a test with tenant a's tracer made first, and with b's.
func eachOrder(t *testing.T, test func(t *testing.T, w two)) {
	for _, first := range []string{"a", "b"} {
		t.Run(first+" first", func(t *testing.T) {
			w := two{Backend: honeyhivetest.NewBackend(t)}
			newA := func() {
				w.a = w.NewTracer(honeyhive.WithAPIKey("key-a"), honeyhive.WithProject("project-a"),
					honeyhive.WithSource("source-a"), honeyhive.WithSessionID(sessionA), honeyhive.WithSessionName("session-a"))
			}
			newB := func() {
				w.b = w.NewTracer(honeyhive.WithAPIKey("key-b"), honeyhive.WithProject("project-b"),
					honeyhive.WithSource("source-b"), honeyhive.WithSessionID(sessionB), honeyhive.WithSessionName("session-b"))
			}
			if first == "a" {
				newA()
				newB()
			} else {
				newB()
				newA()
			}
			test(t, w)
		})
	}
}

// identity is whom a span says that it belongs to.
type identity struct{ Key, Project, Source, Session, Name string }

func identityOf(s honeyhivetest.Span) identity {
	name, _ := s.Attributes["honeyhive.session_name"].(string)
	return identity{s.APIKey, s.Project(), s.Source(), s.SessionID(), name}
}

var (
	ofA = identity{"key-a", "project-a", "source-a", sessionA, "session-a"}
	ofB = identity{"key-b", "project-b", "source-b", sessionB, "session-b"}
)

func (w two) wantIdentity(t *testing.T, span string, want identity) {
	t.Helper()
	if diff := cmp.Diff(want, identityOf(w.RequireSpan(span))); diff != "" {
		t.Errorf("identity of %s (-want +got):\n%s", span, diff)
	}
}

// hostile is baggage with every per-tracer key in many spellings.
func hostile(t testing.TB) context.Context {
	t.Helper()
	var bag baggage.Baggage
	//hhvet:ignore globalbaggage the leak that the tests are about
	for _, key := range []string{
		"project", "source", "session_id", "session_name", "parent_id", "api_key",
		"honeyhive.project", "honeyhive.source", "honeyhive.session_id", "honeyhive_session_id", "HH_PROJECT", "sessionId",
	} {
		value := "evil"
		if key == "session_id" {
			value = "eeeeeeee-0000-4000-8000-00000000000e"
		}
		m, err := baggage.NewMemberRaw(key, value)
		if err != nil {
			t.Fatal(err)
		}
		if bag, err = bag.SetMember(m); err != nil {
			t.Fatal(err)
		}
	}
	return baggage.ContextWithBaggage(t.Context(), bag)
}

// Attribution: guarantee 1. Every case tries to make a span of a look like
// somebody else's, and b's beside it.
func TestAttribution(t *testing.T) {
	cases := map[string]func(t *testing.T, w two) context.Context{
		"plain": func(t *testing.T, w two) context.Context { return t.Context() },
		"ambient baggage": func(t *testing.T, w two) context.Context {
			return hostile(t)
		},
		"inbound header through OpenTelemetry's propagators": func(t *testing.T, w two) context.Context {
			header := http.Header{}
			//hhvet:ignore globalbaggage a hostile sender
			header.Set("baggage", "project=evil,source=evil,session_id=eeeeeeee-0000-4000-8000-00000000000e,session_name=evil,api_key=evil")
			header.Set("traceparent", "00-11111111111111111111111111111111-2222222222222222-01")
			return propagation.NewCompositeTextMapPropagator(propagation.TraceContext{}, propagation.Baggage{}).
				Extract(t.Context(), propagation.HeaderCarrier(header))
		},
		"inside the other's span": func(t *testing.T, w two) context.Context {
			ctx, span := w.b.Start(t.Context(), "other")
			t.Cleanup(func() { span.End() })
			return ctx
		},
		"inside the other's session": func(t *testing.T, w two) context.Context {
			ctx, err := w.b.StartSession(t.Context(), honeyhive.WithSessionName("other"))
			if err != nil {
				t.Fatal(err)
			}
			return ctx
		},
		"inside the other's Trace": func(t *testing.T, w two) context.Context {
			ctx, _ := honeyhive.Trace(t.Context(), w.b, "other", func(ctx context.Context) (context.Context, error) { return ctx, nil })
			return ctx
		},
		"inside the other's Evaluate": func(t *testing.T, w two) context.Context {
			var ctx context.Context
			_, err := honeyhive.Evaluate(t.Context(), w.b, honeyhive.Experiment[string, string]{
				Name:    "other",
				Dataset: honeyhive.DatasetOf(honeyhive.Datapoint[string]{Input: "why?"}),
				Task: func(task context.Context, dp honeyhive.Datapoint[string]) (string, error) {
					ctx = task
					return dp.Input, nil
				},
			})
			if err != nil {
				t.Fatal(err)
			}
			// What the task started may go on after it.
			return context.WithoutCancel(ctx)
		},
		"what the other extracted": func(t *testing.T, w two) context.Context {
			header := http.Header{}
			//hhvet:ignore globalbaggage a hostile sender
			header.Set("baggage", "session_id=eeeeeeee-0000-4000-8000-00000000000e,project=evil")
			header.Set("traceparent", "00-11111111111111111111111111111111-2222222222222222-01")
			return w.b.Extract(t.Context(), propagation.HeaderCarrier(header))
		},
		"what the other joined": func(t *testing.T, w two) context.Context {
			return w.b.JoinSession(t.Context(), "eeeeeeee-0000-4000-8000-00000000000e")
		},
		"the other as the context's tracer": func(t *testing.T, w two) context.Context {
			return honeyhive.ContextWithTracer(t.Context(), w.b)
		},
		"the other in baggage": func(t *testing.T, w two) context.Context {
			ctx, err := honeyhive.ContextWithBaggage(t.Context(), map[string]string{"honeyhive_tracer_id": w.b.ID()})
			if err != nil {
				t.Fatal(err)
			}
			return ctx
		},
		"the other as default": func(t *testing.T, w two) context.Context {
			honeyhive.SetDefaultTracer(w.b)
			t.Cleanup(func() { honeyhive.SetDefaultTracer(nil) })
			return t.Context()
		},
		"a later New": func(t *testing.T, w two) context.Context {
			w.NewTracer(honeyhive.WithProject("later"), honeyhive.WithSource("later"))
			return t.Context()
		},
		"a span of somebody's provider": func(t *testing.T, w two) context.Context {
			ctx, span := sdktrace.NewTracerProvider().Tracer("foreign").Start(t.Context(), "foreign")
			t.Cleanup(func() { span.End() })
			return ctx
		},
	}
	for name, inside := range cases {
		t.Run(name, func(t *testing.T) {
			eachOrder(t, func(t *testing.T, w two) {
				ctx := inside(t, w)
				ctx, span := w.a.Start(ctx, "a.root")
				ctx, inner := w.b.Start(ctx, "b.inner")
				_, child := w.a.TracerProvider().Tracer("library").Start(ctx, "a.library")
				child.End()
				inner.End()
				span.End()
				w.wantIdentity(t, "a.root", ofA)
				w.wantIdentity(t, "a.library", ofA)
				if name != "inside the other's session" && name != "inside the other's Evaluate" && name != "what the other extracted" && name != "what the other joined" {
					w.wantIdentity(t, "b.inner", ofB)
				}
				for _, s := range w.Spans() {
					for key, v := range s.Attributes {
						if v == "evil" {
							t.Errorf("%s: %s = evil", s.Name, key)
						}
					}
				}
			})
		})
	}
}

// Attributes that the application sets do not make a span another tenant's.
func TestAttributionIsNotTheApplicationsToSet(t *testing.T) {
	eachOrder(t, func(t *testing.T, w two) {
		_, span := w.a.Start(t.Context(), "span", trace.WithAttributes(attribute.String("honeyhive.project", "evil")))
		span.SetAttributes(attribute.String("honeyhive.session_id", "evil"), attribute.String("honeyhive.source", "evil"))
		span.End()
		w.wantIdentity(t, "span", ofA)
	})
}

// An exporter sees each of them once.
func TestIdentityIsNotRepeated(t *testing.T) {
	memory := tracetest.NewInMemoryExporter()
	tracer, err := honeyhive.New(t.Context(), honeyhive.WithProject("mine"), honeyhive.WithSpanExporter(memory))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tracer.Shutdown(t.Context()) }()
	_, span := tracer.Start(t.Context(), "span", trace.WithAttributes(
		attribute.String("honeyhive.project", "evil"), attribute.Bool("honeyhive.session_auto_create", false)))
	span.End()
	if err := tracer.ForceFlush(t.Context()); err != nil {
		t.Fatal(err)
	}
	seen := map[attribute.Key]int{}
	for _, kv := range memory.GetSpans()[0].Attributes {
		seen[kv.Key]++
	}
	for _, key := range []attribute.Key{"honeyhive.project", "honeyhive.source", "honeyhive.session_id", "honeyhive.session_auto_create", "honeyhive_event_type"} {
		if seen[key] != 1 {
			t.Errorf("%s appears %d times", key, seen[key])
		}
	}
}

// Where a tracer has no value of its own, baggage is better than nothing. A
// source and a session it always has, even if it made the session up.
func TestBaggageCompletesATracer(t *testing.T) {
	backend := honeyhivetest.NewBackend(t)
	tracer := backend.NewTracer()
	ctx := t.Context()
	//hhvet:ignore globalbaggage other people's baggage
	for key, value := range map[string]string{
		"project": "from-baggage", "source": "ignored", "session_id": sessionA, "session_name": "named",
	} {
		m, err := baggage.NewMemberRaw(key, value)
		if err != nil {
			t.Fatal(err)
		}
		bag, err := baggage.FromContext(ctx).SetMember(m)
		if err != nil {
			t.Fatal(err)
		}
		ctx = baggage.ContextWithBaggage(ctx, bag)
	}
	_, root := tracer.Start(ctx, "root")
	root.End()
	want := identity{honeyhivetest.APIKey, "from-baggage", "dev", tracer.SessionID(t.Context()), ""}
	if diff := cmp.Diff(want, identityOf(backend.RequireSpan("root"))); diff != "" {
		t.Errorf("root (-want +got):\n%s", diff)
	}
	if got := tracer.SessionID(ctx); got != want.Session {
		t.Errorf("SessionID = %s, want %s", got, want.Session)
	}
}

// The shared keys reach the spans of every tracer on the context.
func TestExperimentIDs(t *testing.T) {
	ids := func(s honeyhivetest.Span) [3]any {
		return [3]any{s.Attributes["honeyhive_metadata.run_id"], s.Attributes["honeyhive_metadata.dataset_id"], s.Attributes["honeyhive_metadata.datapoint_id"]}
	}
	tests := []struct {
		name    string
		tracer  [3]string
		baggage map[string]string
		want    [3]any
	}{
		{"neither", [3]string{}, nil, [3]any{}},
		{"baggage", [3]string{}, map[string]string{"run_id": "r", "dataset_id": "d", "datapoint_id": "p"}, [3]any{"r", "d", "p"}},
		{"tracer", [3]string{"r", "d", "p"}, nil, [3]any{"r", "d", "p"}},
		{"baggage completes", [3]string{"r", "d", ""}, map[string]string{"datapoint_id": "p"}, [3]any{"r", "d", "p"}},
		{"baggage wins", [3]string{"r", "d", "p"}, map[string]string{"run_id": "r", "datapoint_id": "q"}, [3]any{"r", "d", "q"}},
		{"another run is not mixed in", [3]string{"r", "d", "p"}, map[string]string{"run_id": "s"}, [3]any{"s", nil, nil}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			backend := honeyhivetest.NewBackend(t)
			tracer := backend.NewTracer(honeyhive.WithExperiment(tt.tracer[0], tt.tracer[1], tt.tracer[2]))
			ctx, err := honeyhive.ContextWithBaggage(t.Context(), tt.baggage)
			if err != nil {
				t.Fatal(err)
			}
			_, span := tracer.Start(ctx, "span")
			span.End()
			if got := ids(backend.RequireSpan("span")); got != tt.want {
				t.Errorf("ids = %v, want %v", got, tt.want)
			}
		})
	}
}

// Parents: guarantee 2.
func TestParents(t *testing.T) {
	foreign := sdktrace.NewTracerProvider().Tracer("foreign")
	type result struct {
		parent string   // name of the parent span, "" for a root, or a remote span id
		links  []string // names of linked spans
		trace  string   // name of a span in the same trace
	}
	const remoteSpan = "2222222222222222"
	remote := func(ctx context.Context) context.Context {
		return propagation.TraceContext{}.Extract(ctx, propagation.MapCarrier{
			"traceparent": "00-11111111111111111111111111111111-" + remoteSpan + "-01",
		})
	}
	tests := []struct {
		name string
		// build starts spans by name and ends them all.
		build func(w two, start func(tr starter, ctx context.Context, name string) context.Context)
		want  map[string]result
	}{
		{
			"own nearest span, over another tracer's",
			func(w two, start func(starter, context.Context, string) context.Context) {
				ctx := start(w.a, context.Background(), "a1")
				ctx = start(w.b, ctx, "b1")
				ctx = start(w.a, ctx, "a2")
				start(w.b, ctx, "b2")
			},
			map[string]result{
				"a1": {"", nil, "a1"},
				"b1": {"", []string{"a1"}, "a1"},
				"a2": {"a1", []string{"b1"}, "a1"},
				"b2": {"b1", []string{"a2"}, "a1"},
			},
		},
		{
			"own nearest span, over a foreign one",
			func(w two, start func(starter, context.Context, string) context.Context) {
				ctx := start(foreign, context.Background(), "f1")
				ctx = start(w.a, ctx, "a1")
				ctx = start(foreign, ctx, "f2")
				start(w.a, ctx, "a2")
			},
			map[string]result{
				"a1": {"", []string{"f1"}, "f1"},
				"a2": {"a1", []string{"f2"}, "f1"},
			},
		},
		{
			"a tracer that makes no spans is no obstacle",
			func(w two, start func(starter, context.Context, string) context.Context) {
				ctx := start(w.a, context.Background(), "a1")
				ctx, _ = noop.NewTracerProvider().Tracer("").Start(ctx, "nothing")
				start(w.a, ctx, "a2")
			},
			map[string]result{"a1": {"", nil, "a1"}, "a2": {"a1", nil, "a1"}},
		},
		{
			"a remote parent stays one, for every tracer",
			func(w two, start func(starter, context.Context, string) context.Context) {
				ctx := remote(context.Background())
				start(w.a, ctx, "a1")
				start(w.b, ctx, "b1")
			},
			map[string]result{"a1": {remoteSpan, nil, "b1"}, "b1": {remoteSpan, nil, "a1"}},
		},
		{
			"the remote parent that is nearer",
			func(w two, start func(starter, context.Context, string) context.Context) {
				ctx := start(w.a, context.Background(), "a1")
				start(w.a, remote(ctx), "a2")
			},
			map[string]result{"a1": {"", nil, "a1"}, "a2": {remoteSpan, nil, "a2"}},
		},
		{
			"instrumentation libraries obey the same rules",
			func(w two, start func(starter, context.Context, string) context.Context) {
				ctx := start(w.a.TracerProvider().Tracer("lib"), context.Background(), "a1")
				ctx = start(w.b.TracerProvider().Tracer("lib"), ctx, "b1")
				ctx = start(w.a.TracerProvider().Tracer("lib2"), ctx, "a2")
				start(w.b, ctx, "b2")
			},
			map[string]result{
				"a1": {"", nil, "a1"},
				"b1": {"", []string{"a1"}, "a1"},
				"a2": {"a1", []string{"b1"}, "a1"},
				"b2": {"b1", []string{"a2"}, "a1"},
			},
		},
		{
			"a new session keeps the parent",
			func(w two, start func(starter, context.Context, string) context.Context) {
				ctx := start(w.a, context.Background(), "a1")
				ctx, _ = w.a.StartSession(ctx)
				start(w.a, ctx, "a2")
			},
			map[string]result{"a1": {"", nil, "a1"}, "a2": {"a1", nil, "a1"}},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			eachOrder(t, func(t *testing.T, w two) {
				started := map[string]trace.SpanContext{}
				var spans []trace.Span
				tt.build(w, func(tr starter, ctx context.Context, name string) context.Context {
					ctx, span := tr.Start(ctx, name)
					started[name] = span.SpanContext()
					spans = append(spans, span)
					return ctx
				})
				for _, span := range spans {
					span.End()
				}
				names := map[string]string{}
				for name, sc := range started {
					names[sc.SpanID().String()] = name
				}
				for name, want := range tt.want {
					span := w.RequireSpan(name)
					got := result{parent: span.ParentID}
					if parent, ok := names[span.ParentID]; ok {
						got.parent = parent
					}
					for _, l := range span.Links {
						got.links = append(got.links, names[l.SpanID])
					}
					if span.TraceID == started[want.trace].TraceID().String() {
						got.trace = want.trace
					}
					if diff := cmp.Diff(want, got, cmp.AllowUnexported(result{})); diff != "" {
						t.Errorf("%s (-want +got):\n%s", name, diff)
					}
				}
			})
		})
	}
}

type starter interface {
	Start(ctx context.Context, name string, opts ...trace.SpanStartOption) (context.Context, trace.Span)
}

// No project sees a parent that it does not have.
func TestNoDanglingParents(t *testing.T) {
	foreign := sdktrace.NewTracerProvider().Tracer("foreign")
	eachOrder(t, func(t *testing.T, w two) {
		tracers := []starter{w.a, w.b, foreign, w.b, w.a, foreign, w.a.TracerProvider().Tracer("lib"), w.b}
		ctx, spans := t.Context(), []trace.Span(nil)
		for _, tr := range tracers {
			var span trace.Span
			ctx, span = tr.Start(ctx, "span")
			spans = append(spans, span)
		}
		for _, span := range spans {
			span.End()
		}
		received := w.Spans()
		if want := len(tracers) - 2; len(received) != want {
			t.Fatalf("%d spans, want %d", len(received), want)
		}
		known := map[[2]string]bool{}
		for _, s := range received {
			known[[2]string{s.APIKey, s.SpanID}] = true
		}
		for _, s := range received {
			if s.ParentID != "" && !known[[2]string{s.APIKey, s.ParentID}] {
				t.Errorf("%s has a parent that %s does not have", s.SpanID, s.APIKey)
			}
			if s.TraceID != received[0].TraceID {
				t.Errorf("%s is in trace %s, not %s", s.SpanID, s.TraceID, received[0].TraceID)
			}
		}
	})
}

func TestNewRootIsARoot(t *testing.T) {
	eachOrder(t, func(t *testing.T, w two) {
		ctx, outer := w.a.Start(t.Context(), "outer")
		ctx, other := w.b.Start(ctx, "other")
		_, root := w.a.Start(ctx, "root", trace.WithNewRoot())
		root.End()
		other.End()
		outer.End()
		span := w.RequireSpan("root")
		if span.ParentID != "" || len(span.Links) != 0 || span.TraceID == w.RequireSpan("outer").TraceID {
			t.Errorf("parent %q, links %v, trace %s", span.ParentID, span.Links, span.TraceID)
		}
	})
}

// Enrichment: guarantee 3.
func TestEnrichSpan(t *testing.T) {
	eachOrder(t, func(t *testing.T, w two) {
		if w.a.EnrichSpan(t.Context(), honeyhive.Metadata{"k": "v"}) {
			t.Error("true without a span")
		}
		ctx, a1 := w.a.Start(t.Context(), "a1")
		if w.b.EnrichSpan(ctx, honeyhive.Metadata{"from": "b"}) {
			t.Error("true for another tracer's span")
		}
		inner, b1 := w.b.Start(ctx, "b1")
		foreign, f := sdktrace.NewTracerProvider().Tracer("foreign").Start(inner, "f")
		if !w.a.EnrichSpan(foreign, honeyhive.Metadata{"from": "a"}) {
			t.Error("false for the own nearest span")
		}
		if !w.b.EnrichSpan(foreign, honeyhive.Metadata{"from": "b"}) {
			t.Error("false for the own nearest span")
		}
		f.End()
		b1.End()
		a1.End()
		if w.a.EnrichSpan(ctx, honeyhive.Metadata{"late": true}) {
			t.Error("true for a span that has ended")
		}
		for name, want := range map[string]string{"a1": "a", "b1": "b"} {
			attrs := w.RequireSpan(name).Attributes
			if attrs["honeyhive_metadata.from"] != want || attrs["honeyhive_metadata.late"] != nil {
				t.Errorf("%s: %v", name, attrs)
			}
		}
	})
}

// A session that starts inside a span does not hide the span.
func TestEnrichSpanInsideASession(t *testing.T) {
	eachOrder(t, func(t *testing.T, w two) {
		ctx, span := w.a.Start(t.Context(), "span")
		started, err := w.a.StartSession(ctx)
		if err != nil {
			t.Fatal(err)
		}
		header := http.Header{}
		for name, ctx := range map[string]context.Context{
			"StartSession":      started,
			"JoinSession":       w.a.JoinSession(ctx, sessionB),
			"Extract":           w.a.Extract(ctx, propagation.HeaderCarrier(header)),
			"ContextWithTracer": honeyhive.ContextWithTracer(ctx, w.b),
		} {
			if !w.a.EnrichSpan(ctx, honeyhive.Metadata{name: true}) {
				t.Errorf("%s hides the span", name)
			}
			inside, other := w.b.Start(ctx, "other")
			if !w.a.EnrichSpan(inside, honeyhive.Metadata{name: true}) {
				t.Errorf("%s hides the span from behind another tracer's", name)
			}
			other.End()
		}
		span.End()
	})
}

func TestEnrichSpanOfADroppedSpan(t *testing.T) {
	tracer := honeyhivetest.NewBackend(t).NewTracer(honeyhive.WithSampler(sdktrace.NeverSample()))
	ctx, span := tracer.Start(t.Context(), "dropped")
	defer span.End()
	if tracer.EnrichSpan(ctx, honeyhive.Metadata{"k": "v"}) {
		t.Error("true for a span that is not recorded")
	}
}

func TestEnrichSpanReadsItsMapsAtOnce(t *testing.T) {
	backend := honeyhivetest.NewBackend(t)
	tracer := backend.NewTracer()
	ctx, span := tracer.Start(t.Context(), "span")
	m := honeyhive.Metadata{"n": 1, "nested": map[string]any{"n": 1}}
	tracer.EnrichSpan(ctx, m)
	m["n"], m["nested"].(map[string]any)["n"] = 2, 2
	span.End()
	attrs := backend.RequireSpan("span").Attributes
	if attrs["honeyhive_metadata.n"] != int64(1) || attrs["honeyhive_metadata.nested.n"] != int64(1) {
		t.Errorf("attributes = %v", attrs)
	}
}

// Many goroutines, two tenants, one context tree: every span and every
// enrichment stays where it belongs.
func TestIsolationUnderConcurrency(t *testing.T) {
	eachOrder(t, func(t *testing.T, w two) {
		const goroutines, rounds = 32, 20
		root, span := w.a.Start(hostile(t), "root")
		defer span.End()
		var wg sync.WaitGroup
		for g := range goroutines {
			wg.Go(func() {
				tr, tenant := w.a, "a"
				if g%2 == 1 {
					tr, tenant = w.b, "b"
				}
				id := fmt.Sprintf("%08d-0000-4000-8000-000000000000", g)
				ctx := tr.JoinSession(root, id)
				for range rounds {
					ctx, s := tr.Start(ctx, "work")
					tr.EnrichSpan(ctx, honeyhive.Metadata{"tenant": tenant, "session": id})
					_, child := tr.Start(ctx, "work")
					child.SetAttributes(attribute.String("honeyhive_metadata.tenant", tenant), attribute.String("honeyhive_metadata.session", id))
					child.End()
					s.End()
				}
			})
		}
		wg.Wait()
		n := 0
		for _, s := range w.Spans() {
			if s.Name != "work" {
				continue
			}
			n++
			tenant, _ := s.Attributes["honeyhive_metadata.tenant"].(string)
			if s.APIKey != "key-"+tenant || s.Project() != "project-"+tenant || s.SessionID() != s.Attributes["honeyhive_metadata.session"] {
				t.Fatalf("span of tenant %q: %+v", tenant, s)
			}
		}
		if want := goroutines * rounds * 2; n != want {
			t.Errorf("%d spans, want %d", n, want)
		}
	})
}

// Baggage: guarantee 6.
func TestContextWithBaggage(t *testing.T) {
	base, err := honeyhive.ContextWithBaggage(t.Context(), map[string]string{"run_id": "r", "honeyhive_tracer_id": "id"})
	if err != nil {
		t.Fatal(err)
	}
	//hhvet:ignore globalbaggage what must be refused
	for _, key := range []string{
		"project", "source", "session_id", "session_name", "parent_id", "span_id", "api_key",
		"Project", "sessionId", "HH_API_KEY", "langfuse.session.id", "project_name", "Run_ID", "tenant", "",
	} {
		ctx, err := honeyhive.ContextWithBaggage(base, map[string]string{"dataset_id": "d", key: "value"})
		if err == nil {
			t.Errorf("%q was accepted", key)
		}
		if ctx != base {
			t.Errorf("%q changed the context", key)
		}
	}
	ctx, err := honeyhive.ContextWithBaggage(base, map[string]string{"datapoint_id": "straße 100% ,;=", "run_id": "r2", "dataset_id": ""})
	if err != nil {
		t.Fatal(err)
	}
	bag := baggage.FromContext(ctx)
	for key, want := range map[string]string{
		"run_id": "r2", "honeyhive_tracer_id": "id", "datapoint_id": "straße 100% ,;=", "dataset_id": "",
	} {
		if got := bag.Member(key).Value(); got != want {
			t.Errorf("%s = %q, want %q", key, got, want)
		}
	}
	if got := baggage.FromContext(base).Member("run_id").Value(); got != "r" {
		t.Errorf("the outer context's run_id became %q", got)
	}
	if _, err := honeyhive.ContextWithBaggage(base, map[string]string{"run_id": "\xff"}); err == nil {
		t.Error("invalid UTF-8 was accepted")
	}
	if diff := cmp.Diff([]string{"run_id", "dataset_id", "datapoint_id", "honeyhive_tracer_id"}, honeyhive.SafePropagationKeys()); diff != "" {
		t.Errorf("SafePropagationKeys (-want +got):\n%s", diff)
	}
}

// No call of the SDK but ContextWithBaggage writes baggage at all.
func TestNothingWritesBaggage(t *testing.T) {
	eachOrder(t, func(t *testing.T, w two) {
		check := func(call string, ctx context.Context) {
			t.Helper()
			if bag := baggage.FromContext(ctx); bag.Len() != 0 {
				t.Errorf("%s wrote baggage %q", call, bag)
			}
		}
		ctx, span := w.a.Start(t.Context(), "span")
		defer span.End()
		check("Start", ctx)
		ctx, err := w.a.StartSession(ctx, honeyhive.WithSessionName("name"), honeyhive.Metadata{"project": "p"})
		if err != nil {
			t.Fatal(err)
		}
		check("StartSession", ctx)
		check("JoinSession", w.a.JoinSession(ctx, "id"))
		check("ContextWithTracer", honeyhive.ContextWithTracer(ctx, w.a))
		_, _ = honeyhive.Trace(ctx, w.a, "trace", func(ctx context.Context) (int, error) {
			check("Trace", ctx)
			return 0, errors.New("failed")
		})
		w.a.EnrichSpan(ctx, honeyhive.Metadata{"session_id": "x"})
		check("EnrichSpan", ctx)
		header := http.Header{}
		//hhvet:ignore globalbaggage a hostile sender
		header.Set("baggage", "project=p,source=s,session_id=s,api_key=k,honeyhive_tracer_id="+w.b.ID())
		check("Extract", w.a.Extract(ctx, propagation.HeaderCarrier(header)))
	})
}
