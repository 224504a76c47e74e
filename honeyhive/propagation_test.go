package honeyhive_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"go.opentelemetry.io/otel/baggage"
	"go.opentelemetry.io/otel/propagation"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/honeyhiveai/hhvet/honeyhive"
	"github.com/honeyhiveai/hhvet/honeyhive/honeyhivetest"
)

// services are two processes with the same two tenants.
func services(t *testing.T) (here, there two) {
	make := func() two {
		w := two{Backend: honeyhivetest.NewBackend(t)}
		w.a = w.NewTracer(honeyhive.WithAPIKey("key-a"), honeyhive.WithProject("project-a"))
		w.b = w.NewTracer(honeyhive.WithAPIKey("key-b"), honeyhive.WithProject("project-b"))
		return w
	}
	return make(), make()
}

// Across processes: guarantee 7.
func TestTwoTenantsAcrossServices(t *testing.T) {
	here, there := services(t)
	ctx, err := here.a.StartSession(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ctx, spanA := here.a.Start(ctx, "a.here")
	ctx, spanB := here.b.Start(ctx, "b.here")
	for name, inject := range map[string]func(http.Header){
		"a then b": func(h http.Header) {
			here.a.Inject(ctx, propagation.HeaderCarrier(h))
			here.b.Inject(ctx, propagation.HeaderCarrier(h))
		},
		"b then a": func(h http.Header) {
			here.b.Inject(ctx, propagation.HeaderCarrier(h))
			here.a.Inject(ctx, propagation.HeaderCarrier(h))
		},
		"other instrumentation overwrites the W3C headers": func(h http.Header) {
			here.a.Inject(ctx, propagation.HeaderCarrier(h))
			here.b.Inject(ctx, propagation.HeaderCarrier(h))
			foreign, span := sdktrace.NewTracerProvider().Tracer("foreign").Start(ctx, "client")
			defer span.End()
			propagation.TraceContext{}.Inject(foreign, propagation.HeaderCarrier(h))
			h.Del("baggage")
		},
	} {
		t.Run(name, func(t *testing.T) {
			there.Reset()
			header := http.Header{}
			inject(header)
			in := there.a.Extract(t.Context(), propagation.HeaderCarrier(header))
			in = there.b.Extract(in, propagation.HeaderCarrier(header))
			in, a := there.a.Start(in, "a.there")
			_, b := there.b.Start(in, "b.there")
			b.End()
			a.End()
			for _, want := range []struct {
				name, key, project, session string
				parent                      trace.Span
			}{
				{"a.there", "key-a", "project-a", here.a.SessionID(ctx), spanA},
				{"b.there", "key-b", "project-b", here.b.SessionID(ctx), spanB},
			} {
				s := there.RequireSpan(want.name)
				if s.APIKey != want.key || s.Project() != want.project || s.SessionID() != want.session ||
					s.ParentID != want.parent.SpanContext().SpanID().String() || s.TraceID != want.parent.SpanContext().TraceID().String() {
					t.Errorf("%+v", s)
				}
			}
		})
	}
}

// To extract inside a span of the application's own telemetry leaves that
// span where it is; to extract inside an own span makes the sender the parent.
func TestExtractInsideASpan(t *testing.T) {
	here, there := services(t)
	ctx, sender := here.a.Start(t.Context(), "sender")
	carrier := propagation.MapCarrier{}
	here.a.Inject(ctx, carrier)
	sender.End()
	for name, tr := range map[string]starter{
		"the application's": sdktrace.NewTracerProvider().Tracer(""), "another tracer's": there.b, "own": there.a,
	} {
		there.Reset()
		outer, span := tr.Start(t.Context(), "outer")
		ctx := there.a.Extract(outer, carrier)
		if kept := trace.SpanFromContext(ctx) == span; kept != (name != "own") {
			t.Errorf("%s span: current span kept: %v", name, kept)
		}
		_, s := there.a.Start(ctx, "answer")
		s.End()
		span.End()
		if got := there.RequireSpan("answer"); got.ParentID != sender.SpanContext().SpanID().String() || got.TraceID != sender.SpanContext().TraceID().String() {
			t.Errorf("%s span: parent %s, want %s", name, got.ParentID, sender.SpanContext().SpanID())
		}
	}
}

// What one tracer sent is not another's to continue.
func TestExtractIsForTheSendersProjectAlone(t *testing.T) {
	here, there := services(t)
	ctx, span := here.a.Start(t.Context(), "here")
	header := http.Header{}
	here.a.Inject(ctx, propagation.HeaderCarrier(header))
	in := there.b.Extract(t.Context(), propagation.HeaderCarrier(header))
	_, s := there.b.Start(in, "there")
	s.End()
	got := there.RequireSpan("there")
	if got.SessionID() == here.a.SessionID(ctx) {
		t.Error("joined another project's session")
	}
	if got.ParentID != "" || got.TraceID != span.SpanContext().TraceID().String() ||
		len(got.Links) != 1 || got.Links[0].SpanID != span.SpanContext().SpanID().String() {
		t.Errorf("parent %q, trace %s, links %v", got.ParentID, got.TraceID, got.Links)
	}
	// Nor is what a extracted for b to use.
	in = there.a.Extract(t.Context(), propagation.HeaderCarrier(header))
	if there.b.SessionID(in) == here.a.SessionID(ctx) {
		t.Error("a's Extract changed b's session")
	}
	_, s = there.b.Start(in, "beside")
	s.End()
	if got := there.RequireSpan("beside"); got.ParentID != "" || len(got.Links) != 1 {
		t.Errorf("parent %q, links %v", got.ParentID, got.Links)
	}
}

// Without projects the API key says whose a session is.
func TestRealmWithoutProjects(t *testing.T) {
	backend := honeyhivetest.NewBackend(t)
	a, b := backend.NewTracer(honeyhive.WithAPIKey("key-a")), backend.NewTracer(honeyhive.WithAPIKey("key-b"))
	again := backend.NewTracer(honeyhive.WithAPIKey("key-a"))
	carrier := propagation.MapCarrier{}
	a.Inject(t.Context(), carrier)
	if got := b.SessionID(b.Extract(t.Context(), carrier)); got == a.SessionID(t.Context()) {
		t.Error("b joined a's session")
	}
	if got := again.SessionID(again.Extract(t.Context(), carrier)); got != a.SessionID(t.Context()) {
		t.Errorf("session = %s", got)
	}
}

// The Python SDK's side of a request: what it sends and what it reads.
func TestPythonInterop(t *testing.T) {
	const session = "6ba7b810-9dad-41d1-80b4-00c04fd430c8"
	for _, key := range []string{"session_id", "honeyhive.session_id", "honeyhive_session_id"} {
		t.Run("from "+key, func(t *testing.T) {
			backend := honeyhivetest.NewBackend(t)
			tracer := backend.NewTracer(honeyhive.WithProject("mine"), honeyhive.WithSessionID(sessionA))
			header := http.Header{}
			header.Set("traceparent", "00-11111111111111111111111111111111-2222222222222222-01")
			//hhvet:ignore globalbaggage what the Python SDK sends
			header.Set("baggage", "honeyhive_tracer_id=140012,"+key+"="+session+",project=theirs,source=theirs,run_id=r,tenant=t")
			ctx := tracer.Extract(t.Context(), propagation.HeaderCarrier(header))
			_, span := tracer.Start(ctx, "server")
			span.End()
			got := backend.RequireSpan("server")
			if got.SessionID() != session || got.Project() != "mine" || got.Source() != "dev" || got.ParentID != "2222222222222222" {
				t.Errorf("%+v", got)
			}
			if got.Attributes["honeyhive_metadata.run_id"] != "r" {
				t.Error("the run is lost")
			}
			bag := baggage.FromContext(ctx)
			if bag.Member("tenant").Value() != "t" {
				t.Error("the application's baggage is lost")
			}
			for _, gone := range []string{"honeyhive_tracer_id", key, "project", "source"} {
				if bag.Member(gone).Key() != "" {
					t.Errorf("%s came in", gone)
				}
			}
		})
	}
	t.Run("to", func(t *testing.T) {
		tracer := honeyhivetest.NewBackend(t).NewTracer(honeyhive.WithProject("mine"), honeyhive.WithSessionID(session))
		ctx := mustBaggage(t, hostile(t), map[string]string{"run_id": "r", "honeyhive_tracer_id": tracer.ID()})
		ctx, span := tracer.Start(ctx, "client")
		defer span.End()
		header := http.Header{}
		tracer.Inject(ctx, propagation.HeaderCarrier(header))
		// Python splits the header by hand and does not decode it.
		got := map[string]string{}
		for _, part := range strings.Split(header.Get("baggage"), ",") {
			key, value, _ := strings.Cut(part, "=")
			got[key] = value
		}
		if diff := cmp.Diff(map[string]string{"session_id": session, "run_id": "r"}, got); diff != "" {
			t.Errorf("baggage (-want +got):\n%s", diff)
		}
		if want := "00-" + span.SpanContext().TraceID().String() + "-" + span.SpanContext().SpanID().String() + "-01"; header.Get("traceparent") != want {
			t.Errorf("traceparent = %s, want %s", header.Get("traceparent"), want)
		}
	})
}

// A service that knows nothing of honeyhive-context still finds its parent in
// the tracer's project, not in whatever telemetry made the current span.
func TestInjectedParentIsTheTracersOwn(t *testing.T) {
	eachOrder(t, func(t *testing.T, w two) {
		ctx, own := w.a.Start(t.Context(), "own")
		defer own.End()
		for name, tr := range map[string]starter{"another tracer": w.b, "another provider": sdktrace.NewTracerProvider().Tracer("")} {
			inside, other := tr.Start(ctx, "other")
			carrier := propagation.MapCarrier{}
			w.a.Inject(inside, carrier)
			other.End()
			if !strings.Contains(carrier["traceparent"], own.SpanContext().SpanID().String()) {
				t.Errorf("%s: traceparent = %s, want span %s", name, carrier["traceparent"], own.SpanContext().SpanID())
			}
		}
	})
}

func TestInjectKeepsWhatTheCarrierHas(t *testing.T) {
	tracer := honeyhivetest.NewBackend(t).NewTracer()
	carrier := propagation.MapCarrier{"baggage": "tenant=acme;p=1"}
	tracer.Inject(t.Context(), carrier)
	bag, err := baggage.Parse(carrier["baggage"])
	if err != nil {
		t.Fatal(err)
	}
	if bag.Member("tenant").String() != "tenant=acme;p=1" || bag.Member("session_id").Value() != tracer.SessionID(t.Context()) {
		t.Errorf("baggage = %s", carrier["baggage"])
	}
}

// A list may come as several headers, and one malformed member costs itself
// alone.
func TestHeadersAreLists(t *testing.T) {
	backend := honeyhivetest.NewBackend(t)
	tracer := backend.NewTracer(honeyhive.WithProject("project"))
	other := backend.NewTracer(honeyhive.WithProject("other"))
	//hhvet:ignore globalbaggage as the Python SDK sends it
	python := http.Header{"Baggage": {"b d=1,run_id=r", "session_id=" + sessionB}}
	ctx := tracer.Extract(t.Context(), propagation.HeaderCarrier(python))
	if got := tracer.SessionID(ctx); got != sessionB {
		t.Errorf("session %s, want %s", got, sessionB)
	}
	if got := baggage.FromContext(ctx).Member("run_id").Value(); got != "r" {
		t.Errorf("run_id = %q", got)
	}
	sent := http.Header{}
	other.Inject(t.Context(), propagation.HeaderCarrier(sent))
	theirs := sent.Get("honeyhive-context")
	sent.Del("honeyhive-context")
	tracer.Inject(t.Context(), propagation.HeaderCarrier(sent))
	sent.Add("honeyhive-context", theirs)
	if got := other.SessionID(other.Extract(t.Context(), propagation.HeaderCarrier(sent))); got != other.SessionID(t.Context()) {
		t.Errorf("session %s, want %s", got, other.SessionID(t.Context()))
	}
	full := http.Header{"Baggage": {"tenant=acme,b d=1", "user=u"}}
	tracer.Inject(t.Context(), propagation.HeaderCarrier(full))
	bag, err := baggage.Parse(strings.Join(full.Values("Baggage"), ","))
	if err != nil || bag.Member("tenant").Value() != "acme" || bag.Member("user").Value() != "u" {
		t.Errorf("baggage = %q, %v", full, err)
	}
}

// What arrives is input: garbage changes nothing, and a stranger cannot
// choose a project, source or key.
func TestHostileCarriers(t *testing.T) {
	w := two{Backend: honeyhivetest.NewBackend(t)}
	w.a = w.NewTracer(honeyhive.WithAPIKey("key-a"), honeyhive.WithProject("project-a"), honeyhive.WithSource("source-a"))
	carrier := propagation.MapCarrier{}
	w.a.Inject(t.Context(), carrier)
	realm, _, _ := strings.Cut(carrier["honeyhive-context"], ":")
	own := w.a.SessionID(t.Context())
	//hhvet:ignore globalbaggage hostile senders
	for name, tt := range map[string]struct {
		carrier propagation.MapCarrier
		session string
	}{
		"garbage":            {propagation.MapCarrier{"traceparent": "x", "baggage": "=;,%", "honeyhive-context": ":::,,;"}, own},
		"no uuid":            {propagation.MapCarrier{"honeyhive-context": realm + ":evil:"}, own},
		"bad parent":         {propagation.MapCarrier{"honeyhive-context": realm + ":" + sessionB + ":1-2-3"}, sessionB},
		"endless":            {propagation.MapCarrier{"honeyhive-context": strings.Repeat(realm+":"+sessionB+":,", 1000)}, own},
		"a correlation id":   {propagation.MapCarrier{"baggage": "session_id=request-42"}, uuid.NewSHA1(uuid.NameSpaceURL, []byte("request-42")).String()},
		"project and key":    {propagation.MapCarrier{"baggage": "project=evil,source=evil,api_key=evil,honeyhive.project=evil"}, own},
		"many baggage items": {propagation.MapCarrier{"baggage": strings.Repeat("k=v,", 1000) + "k=v"}, own},
	} {
		t.Run(name, func(t *testing.T) {
			w.Reset()
			ctx := w.a.Extract(t.Context(), tt.carrier)
			_, span := w.a.Start(ctx, "span")
			span.End()
			s := w.RequireSpan("span")
			if diff := cmp.Diff(identity{"key-a", "project-a", "source-a", tt.session, ""}, identityOf(s)); diff != "" {
				t.Errorf("identity (-want +got):\n%s", diff)
			}
		})
	}
	// A tracer without project and source does not take a stranger's.
	bare := w.NewTracer()
	w.Reset()
	//hhvet:ignore globalbaggage a hostile sender
	_, span := bare.Start(bare.Extract(t.Context(), propagation.MapCarrier{"baggage": "project=evil,source=evil"}), "span")
	span.End()
	if s := w.RequireSpan("span"); s.Project() != "" || s.Source() != "dev" {
		t.Errorf("project %q, source %q", s.Project(), s.Source())
	}
}

func TestInjectIsBounded(t *testing.T) {
	backend := honeyhivetest.NewBackend(t)
	carrier := propagation.MapCarrier{}
	var last *honeyhive.Tracer
	for i := range 20 {
		last = backend.NewTracer(honeyhive.WithProject(strings.Repeat("p", i+1)))
		last.Inject(t.Context(), carrier)
	}
	if n := len(carrier["honeyhive-context"]); n > 1000 {
		t.Errorf("honeyhive-context has %d bytes", n)
	}
	if n := strings.Count(carrier["honeyhive-context"], ",") + 1; n != 8 {
		t.Errorf("honeyhive-context has %d entries, want those of the last 8 tracers", n)
	}
	if got := last.SessionID(last.Extract(t.Context(), carrier)); got != last.SessionID(t.Context()) {
		t.Error("the last tracer's session is lost")
	}
}

func TestPropagatorFields(t *testing.T) {
	tracer := honeyhivetest.NewBackend(t).NewTracer()
	ctx, span := tracer.Start(t.Context(), "span")
	defer span.End()
	carrier := propagation.MapCarrier{}
	tracer.Propagator().Inject(ctx, carrier)
	fields := map[string]bool{}
	for _, f := range tracer.Propagator().Fields() {
		fields[f] = true
	}
	for key := range carrier {
		if !fields[key] {
			t.Errorf("Fields lacks %s", key)
		}
	}
}

func FuzzExtract(f *testing.F) {
	f.Add("00-11111111111111111111111111111111-2222222222222222-01", "session_id=x,project=y", "0123456789abcdef:"+sessionA+":11111111111111111111111111111111-2222222222222222-01")
	f.Add("", "\xff=;%zz", ",,::")
	tracer, err := honeyhive.New(f.Context(), honeyhive.WithProject("p"), honeyhive.WithLogger(discard()))
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = tracer.Shutdown(f.Context()) })
	f.Fuzz(func(t *testing.T, parent, bag, header string) {
		ctx := tracer.Extract(t.Context(), propagation.MapCarrier{"traceparent": parent, "baggage": bag, "honeyhive-context": header})
		if uuid.Validate(tracer.SessionID(ctx)) != nil {
			t.Errorf("session %q", tracer.SessionID(ctx))
		}
		out := propagation.MapCarrier{}
		ctx, span := tracer.Start(ctx, "span")
		tracer.Inject(ctx, out)
		span.End()
		if _, err := baggage.Parse(out["baggage"]); err != nil {
			t.Errorf("injected %q: %v", out["baggage"], err)
		}
		again := tracer.Extract(t.Context(), out)
		if tracer.SessionID(again) != tracer.SessionID(ctx) {
			t.Error("the session does not survive a round trip")
		}
		for _, m := range baggage.FromContext(ctx).Members() {
			if m.Key() == "project" || m.Key() == "session_id" {
				t.Errorf("%s came in", m.Key())
			}
		}
	})
}
