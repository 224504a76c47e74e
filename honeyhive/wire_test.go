package honeyhive_test

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/honeyhiveai/hhvet/honeyhive"
	"github.com/honeyhiveai/hhvet/honeyhive/honeyhivetest"
)

// A span has the attributes of the wire format and no others: none of the
// baggage around it, none twice.
func TestWireFormat(t *testing.T) {
	backend := honeyhivetest.NewBackend(t)
	tracer := backend.NewTracer(honeyhive.WithProject("p"), honeyhive.WithSessionName("s"), honeyhive.WithSessionID(sessionA))
	ctx := mustBaggage(t, hostile(t), map[string]string{"run_id": "r", "dataset_id": "d", "datapoint_id": "c"})
	_, err := honeyhive.Trace(ctx, tracer, "evt", func(ctx context.Context) (map[string]any, error) {
		if !tracer.EnrichSpan(ctx, honeyhive.Feedback{"rating": 5}, honeyhive.Metrics{"score": 0.5}, honeyhive.UserProperties{"plan": "pro"}) {
			t.Error("not enriched")
		}
		return map[string]any{"res": []any{1, 2, map[string]any{"x": "y"}}, "none": nil}, nil
	}, honeyhive.EventTypeTool, honeyhive.Metadata{"m": 1, "nest": map[string]any{"a": []any{1, map[string]any{"b": 2}}, "z": nil}},
		honeyhive.Inputs{"a": "A"}, honeyhive.Config{"model": "gpt-5"}, honeyhive.RecordOutput())
	if err != nil {
		t.Fatal(err)
	}
	got := backend.RequireSpan("evt").Attributes
	if d, ok := got["honeyhive_duration_ms"].(float64); !ok || d < 0 {
		t.Errorf("duration = %v", got["honeyhive_duration_ms"])
	}
	delete(got, "honeyhive_duration_ms")
	want := map[string]any{
		"honeyhive.project": "p", "honeyhive.source": "dev", "honeyhive.session_id": sessionA,
		"honeyhive.session_auto_create": true, "honeyhive.session_name": "s",
		"honeyhive_event_type": "tool", "honeyhive_event_name": "evt",
		"honeyhive_metadata.run_id": "r", "honeyhive_metadata.dataset_id": "d", "honeyhive_metadata.datapoint_id": "c",
		"honeyhive_metadata.m": int64(1), "honeyhive_metadata.nest.a.0": int64(1), "honeyhive_metadata.nest.a.1.b": int64(2),
		"honeyhive_inputs.a": "A", "honeyhive_config.model": "gpt-5",
		"honeyhive_feedback.rating": int64(5), "honeyhive_metrics.score": 0.5, "honeyhive_user_properties.plan": "pro",
		"honeyhive_outputs.result.res.0": int64(1), "honeyhive_outputs.result.res.1": int64(2), "honeyhive_outputs.result.res.2.x": "y",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("attributes (-want +got):\n%s", diff)
	}
}

// Limits and resource are every tracer's, whichever came first.
func TestEveryTracerHasLimitsAndResource(t *testing.T) {
	t.Setenv("HH_MAX_ATTRIBUTES", "2")
	t.Setenv("OTEL_SERVICE_NAME", "desk")
	eachOrder(t, func(t *testing.T, w two) {
		for name, tracer := range map[string]*honeyhive.Tracer{"a": w.a, "b": w.b} {
			_, span := tracer.Start(t.Context(), name)
			span.SetAttributes(attribute.Int("x", 1), attribute.Int("y", 2), attribute.Int("z", 3))
			span.End()
			s := w.RequireSpan(name)
			if s.Attributes["x"] == nil || s.Attributes["y"] == nil || s.Attributes["z"] != nil {
				t.Errorf("%s: %v", name, s.Attributes)
			}
			if s.Resource["service.name"] != "desk" {
				t.Errorf("%s: %v", name, s.Resource)
			}
		}
	})
}

// A tracer that is shut down leaves nothing behind, however many there were.
func TestTracersEndWithShutdown(t *testing.T) {
	backend := honeyhivetest.NewBackend(t)
	count := func() int {
		for range 100 {
			runtime.Gosched()
		}
		return runtime.NumGoroutine()
	}
	before := count()
	for range 50 {
		tracer, err := honeyhive.New(t.Context(), backend.Options()...)
		if err != nil {
			t.Fatal(err)
		}
		spans(t, tracer, 3)
		if err := tracer.Shutdown(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	deadline := time.Now().Add(10 * time.Second)
	for count() > before && time.Now().Before(deadline) {
		time.Sleep(time.Millisecond)
	}
	if after := count(); after > before {
		t.Errorf("%d goroutines, %d before", after, before)
	}
	if n := len(backend.Spans()); n != 150 {
		t.Errorf("%d spans arrived", n)
	}
}

// The results of concurrent calls of the legacy functions do not mix.
func TestLegacyCallsShareNothing(t *testing.T) {
	backend := honeyhivetest.NewBackend(t)
	tracer := backend.NewTracer()
	var wg sync.WaitGroup
	for i := range 16 {
		wg.Go(func() {
			for range 50 {
				if i%2 == 0 {
					if honeyhive.EnrichSpan(t.Context(), honeyhive.Metadata{"n": i}) {
						t.Error("true without a span")
					}
					continue
				}
				ctx, span := tracer.Start(t.Context(), fmt.Sprint(i))
				if !honeyhive.EnrichSpan(ctx, honeyhive.Metadata{"n": i}) {
					t.Error("false with a span")
				}
				span.End()
			}
		})
	}
	wg.Wait()
	for _, s := range backend.Spans() {
		if fmt.Sprint(s.Attributes["honeyhive_metadata.n"]) != s.Name {
			t.Errorf("%s has n = %v", s.Name, s.Attributes["honeyhive_metadata.n"])
		}
	}
}

// Without a key nothing is sent, not even "Bearer " and nothing.
func TestNoKeyNoRequest(t *testing.T) {
	backend := honeyhivetest.NewBackend(t)
	for _, opts := range [][]honeyhive.Option{nil, {honeyhive.WithAPIKey("")}, {honeyhive.WithAPIKey("  ")}} {
		tracer, err := honeyhive.New(t.Context(), append(opts, honeyhive.WithServerURL(honeyhivetest.URL),
			honeyhive.WithHTTPClient(backend.Client()), honeyhive.WithLogger(discard()))...)
		if err != nil {
			t.Fatal(err)
		}
		ctx, err := tracer.StartSession(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		_, span := tracer.Start(ctx, "span")
		span.End()
		if err := errors.Join(tracer.EnrichSession(ctx, honeyhive.Metadata{"k": "v"}), tracer.Shutdown(t.Context())); err != nil {
			t.Error(err)
		}
	}
	if r := backend.Requests(); len(r) != 0 {
		t.Errorf("%d requests", len(r))
	}
}

// 100 tracers, 100 goroutines each, one process: everything arrives at the
// right project.
func TestManyTracers(t *testing.T) {
	const tracers, goroutines = 100, 100
	var mu sync.Mutex
	got := map[string]map[string]int{}
	var wg sync.WaitGroup
	all := make([]*honeyhive.Tracer, tracers)
	for i := range all {
		own := fmt.Sprint("project-", i)
		tracer, err := honeyhive.New(t.Context(), honeyhive.WithProject(own), honeyhive.WithLogger(discard()),
			honeyhive.WithSpanExporter(exporterFunc(func(_ context.Context, spans []sdktrace.ReadOnlySpan) error {
				mu.Lock()
				defer mu.Unlock()
				if got[own] == nil {
					got[own] = map[string]int{}
				}
				for _, s := range spans {
					for _, kv := range s.Attributes() {
						if kv.Key == "honeyhive.project" {
							got[own][kv.Value.AsString()]++
						}
					}
				}
				return nil
			})))
		if err != nil {
			t.Fatal(err)
		}
		all[i] = tracer
	}
	for i, tracer := range all {
		for range goroutines {
			wg.Go(func() {
				ctx, outer := all[(i+1)%tracers].Start(t.Context(), "outer")
				ctx, span := tracer.Start(ctx, "span")
				tracer.EnrichSpan(ctx, honeyhive.Metadata{"k": "v"})
				span.End()
				outer.End()
			})
		}
	}
	wg.Wait()
	for _, tracer := range all {
		if err := tracer.Shutdown(t.Context()); err != nil {
			t.Error(err)
		}
	}
	for i := range all {
		own := fmt.Sprint("project-", i)
		if diff := cmp.Diff(map[string]int{own: 2 * goroutines}, got[own]); diff != "" {
			t.Errorf("%s (-want +got):\n%s", own, diff)
		}
	}
}

// No argument makes a call panic.
func TestNothingPanics(t *testing.T) {
	tracer := honeyhivetest.NewBackend(t).NewTracer(honeyhive.WithLogger(discard()))
	var none context.Context
	for name, call := range map[string]func(){
		"Start":             func() { _, s := tracer.Start(none, ""); s.End() },
		"Start, nil option": func() { _, s := tracer.Start(t.Context(), "", nil, nil); s.End() },
		"TracerProvider":    func() { _, s := tracer.TracerProvider().Tracer("").Start(none, "", nil); s.End() },
		"EnrichSpan":        func() { tracer.EnrichSpan(none, nil, honeyhive.Metadata(nil), honeyhive.Error(nil)) },
		"EnrichSpan, nil":   func() { ctx, s := tracer.Start(t.Context(), ""); tracer.EnrichSpan(ctx, nil, nil); s.End() },
		"EnrichSession":     func() { _ = tracer.EnrichSession(none, nil, honeyhive.Metadata{"k": func() {}}) },
		"StartSession":      func() { _, _ = tracer.StartSession(none) },
		"StartSession, nil": func() { _, _ = tracer.StartSession(t.Context(), nil) },
		"JoinSession":       func() { tracer.JoinSession(none, "x") },
		"SessionID":         func() { tracer.SessionID(none) },
		"Inject":            func() { tracer.Inject(none, baggageCarrier{}) },
		"Inject, nil":       func() { tracer.Inject(t.Context(), nil) },
		"Inject, typed nil": func() { tracer.Inject(t.Context(), baggageCarrier(nil)) },
		"Extract":           func() { tracer.Extract(none, nil) },
		"Trace": func() {
			_, _ = honeyhive.Trace(none, tracer, "", func(context.Context) (int, error) { return 0, nil }, nil)
		},
		"ContextWithTracer":  func() { honeyhive.ContextWithTracer(none, nil) },
		"TracerFromContext":  func() { honeyhive.TracerFromContext(none) },
		"ContextWithBaggage": func() { _, _ = honeyhive.ContextWithBaggage(none, nil) },
		"legacy":             func() { honeyhive.EnrichSpan(none, nil, honeyhive.WithTracer(nil)) },
		"legacy session":     func() { _ = honeyhive.EnrichSession(none, "", nil, nil) },
		"ForceFlush":         func() { _ = tracer.ForceFlush(none) },
		"SetDefaultTracer":   func() { honeyhive.SetDefaultTracer(nil) },
		"Propagator":         func() { tracer.Propagator().Extract(none, nil) },
	} {
		func() {
			defer func() {
				if r := recover(); r != nil {
					t.Errorf("%s: %v", name, r)
				}
			}()
			call()
		}()
	}
}

// The globals of OpenTelemetry are the application's.
func TestGlobalsAreUntouched(t *testing.T) {
	provider, propagator := otel.GetTracerProvider(), otel.GetTextMapPropagator()
	tracer := honeyhivetest.NewBackend(t).NewTracer()
	ctx, err := tracer.StartSession(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ctx, span := tracer.Start(ctx, "span")
	tracer.Inject(ctx, baggageCarrier{})
	span.End()
	if err := tracer.Shutdown(ctx); err != nil {
		t.Error(err)
	}
	if otel.GetTracerProvider() != provider || otel.GetTextMapPropagator() != propagator {
		t.Error("a global was replaced")
	}
}

// The SDK brings OpenTelemetry and nothing of the analyzers.
func TestDependencies(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", "-f", "{{with .Module}}{{.Path}}{{end}}", ".").Output()
	if err != nil {
		t.Fatal(err)
	}
	modules := map[string]bool{}
	for line := range strings.Lines(string(out)) {
		if m := strings.TrimSpace(line); m != "" {
			modules[m] = true
		}
	}
	if modules["golang.org/x/tools"] || modules["pgregory.net/rapid"] || modules["github.com/google/go-cmp"] {
		t.Errorf("modules: %v", modules)
	}
	for m := range modules {
		if !strings.HasPrefix(m, "go.opentelemetry.io/") && !strings.HasPrefix(m, "google.golang.org/") && !strings.HasPrefix(m, "golang.org/x/") {
			switch m {
			case "github.com/honeyhiveai/hhvet", "github.com/google/uuid":
			// OpenTelemetry's own.
			case "github.com/cenkalti/backoff/v5", "github.com/cespare/xxhash/v2", "github.com/go-logr/logr",
				"github.com/go-logr/stdr", "github.com/grpc-ecosystem/grpc-gateway/v2":
			default:
				t.Errorf("%s is new", m)
			}
		}
	}
}
