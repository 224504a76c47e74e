package honeyhive_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/honeyhiveai/hhvet/honeyhive"
	"github.com/honeyhiveai/hhvet/honeyhive/honeyhivetest"
)

func TestTrace(t *testing.T) {
	backend := honeyhivetest.NewBackend(t)
	tracer := backend.NewTracer()
	type answer struct {
		Text  string `json:"text"`
		Score float64
	}
	got, err := honeyhive.Trace(t.Context(), tracer, "answer", func(ctx context.Context) (answer, error) {
		if honeyhive.TracerFromContext(ctx) != tracer {
			t.Error("the context has no tracer")
		}
		_, child := tracer.Start(ctx, "child")
		child.End()
		return answer{"because", 0.5}, nil
	}, honeyhive.Inputs{"question": "why"}, honeyhive.RecordOutput(), honeyhive.EventTypeChain,
		honeyhive.WithSpanOptions(trace.WithSpanKind(trace.SpanKindClient)))
	if err != nil || got.Text != "because" {
		t.Fatalf("%v, %v", got, err)
	}
	span := backend.RequireSpan("answer")
	for key, want := range map[string]any{
		"honeyhive_inputs.question":      "why",
		"honeyhive_outputs.result.text":  "because",
		"honeyhive_outputs.result.Score": 0.5,
		"honeyhive_event_type":           "chain",
		"honeyhive_event_name":           "answer",
	} {
		if span.Attributes[key] != want {
			t.Errorf("%s = %v, want %v", key, span.Attributes[key], want)
		}
	}
	if d, _ := span.Attributes["honeyhive_duration_ms"].(float64); d <= 0 {
		t.Errorf("duration = %v", span.Attributes["honeyhive_duration_ms"])
	}
	if span.Error || len(span.Events) > 0 || span.Kind != "client" {
		t.Errorf("%+v", span)
	}
	if backend.RequireSpan("child").ParentID != span.SpanID {
		t.Error("the child has another parent")
	}
}

func TestTraceDoesNotRecordOutputUnasked(t *testing.T) {
	backend := honeyhivetest.NewBackend(t)
	_, _ = honeyhive.Trace(t.Context(), backend.NewTracer(), "span", func(context.Context) (string, error) { return "secret", nil })
	for key, v := range backend.RequireSpan("span").Attributes {
		if v == "secret" {
			t.Errorf("%s holds the output", key)
		}
	}
}

func TestTraceError(t *testing.T) {
	backend := honeyhivetest.NewBackend(t)
	boom := fmt.Errorf("call model: %w", errors.New("Tracer error"))
	calls := 0
	_, err := honeyhive.Trace(t.Context(), backend.NewTracer(), "span", func(context.Context) (int, error) {
		calls++
		return 0, boom
	})
	if !errors.Is(err, boom) || calls != 1 {
		t.Errorf("%v after %d calls", err, calls)
	}
	spans := backend.Spans()
	if len(spans) != 1 {
		t.Fatalf("%d spans", len(spans))
	}
	s := spans[0]
	if !s.Error || s.StatusText != boom.Error() || s.Attributes["honeyhive_error"] != boom.Error() ||
		s.Attributes["honeyhive_error_type"] != "*fmt.wrapError" || s.Attributes["honeyhive_duration_ms"] == nil {
		t.Errorf("%+v", s)
	}
	if len(s.Events) != 1 || s.Events[0].Name != "exception" {
		t.Errorf("events = %v", s.Events)
	}
}

// An error whose methods panic is returned as it is, and recorded as far as it
// goes.
func TestTraceErrorThatPanics(t *testing.T) {
	for _, want := range []error{(*os.PathError)(nil), hollow{}} {
		backend := honeyhivetest.NewBackend(t)
		_, err := honeyhive.Trace(t.Context(), backend.NewTracer(), "span", func(context.Context) (int, error) { return 0, want })
		if any(err) != any(want) { // errors.Is would call what panics
			t.Errorf("%#v is returned, want %#v", err, want)
		}
		if s := backend.RequireSpan("span"); !s.Error || s.StatusText == "" || s.Attributes["honeyhive_error"] == nil || len(s.Events) != 1 {
			t.Errorf("%+v", s)
		}
	}
}

func TestTracePanic(t *testing.T) {
	backend := honeyhivetest.NewBackend(t)
	tracer := backend.NewTracer()
	func() {
		defer func() {
			if r := recover(); r != "boom" {
				t.Errorf("recovered %v", r)
			}
		}()
		_, _ = honeyhive.Trace(t.Context(), tracer, "span", func(context.Context) (int, error) { panic("boom") })
	}()
	s := backend.RequireSpan("span")
	if !s.Error || s.Attributes["honeyhive_error"] != "panic: boom" || s.Attributes["honeyhive_error_type"] != "string" {
		t.Errorf("%+v", s)
	}
	if len(s.Events) != 1 || !strings.Contains(fmt.Sprint(s.Events[0].Attributes["exception.stacktrace"]), "TestTracePanic") {
		t.Errorf("events = %v", s.Events)
	}
}

func TestTraceEndsWithItsGoroutine(t *testing.T) {
	backend := honeyhivetest.NewBackend(t)
	tracer := backend.NewTracer()
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, _ = honeyhive.Trace(context.Background(), tracer, "span", func(context.Context) (int, error) {
			runtime.Goexit()
			return 0, nil
		})
	}()
	<-done
	if s := backend.RequireSpan("span"); s.Error || len(s.Events) > 0 {
		t.Errorf("%+v", s)
	}
}

// A span that is ended by defer records a panic, as OpenTelemetry's does.
func TestSpanEndInAPanic(t *testing.T) {
	backend := honeyhivetest.NewBackend(t)
	tracer := backend.NewTracer()
	func() {
		defer func() {
			if r := recover(); fmt.Sprint(r) != "boom" {
				t.Errorf("recovered %v", r)
			}
		}()
		_, span := tracer.Start(t.Context(), "span")
		defer span.End(trace.WithStackTrace(true))
		panic(errors.New("boom"))
	}()
	s := backend.RequireSpan("span")
	if len(s.Events) != 1 || s.Events[0].Attributes["exception.message"] != "boom" || s.Events[0].Attributes["exception.type"] != "*errors.errorString" ||
		s.Events[0].Attributes["exception.stacktrace"] == nil {
		t.Errorf("events = %v", s.Events)
	}
}

func TestSpanEndsOnce(t *testing.T) {
	backend := honeyhivetest.NewBackend(t)
	_, span := backend.NewTracer().Start(t.Context(), "span")
	done := make(chan struct{})
	for range 8 {
		go func() {
			span.End()
			done <- struct{}{}
		}()
	}
	for range 8 {
		<-done
	}
	if n := len(backend.Spans()); n != 1 {
		t.Errorf("%d spans", n)
	}
}

func TestSpansProviderIsItsTracers(t *testing.T) {
	eachOrder(t, func(t *testing.T, w two) {
		ctx, span := w.a.Start(t.Context(), "outer")
		_, inner := trace.SpanFromContext(ctx).TracerProvider().Tracer("library").Start(ctx, "inner")
		inner.End()
		span.End()
		w.wantIdentity(t, "inner", ofA)
		if w.RequireSpan("inner").ParentID != span.SpanContext().SpanID().String() {
			t.Error("inner is no child")
		}
	})
}

func TestEventTypes(t *testing.T) {
	backend := honeyhivetest.NewBackend(t)
	tracer := backend.NewTracer()
	for name, tt := range map[string]struct {
		key, value, want string
	}{
		"a span":          {"", "", "tool"},
		"chat gpt":        {"", "", "model"},
		"openai.request":  {"", "", "model"},
		"remodel kitchen": {"", "", "tool"},
		"s1":              {"gen_ai.operation.name", "chat", "model"},
		"s2":              {"gen_ai.operation.name", "invoke_agent", "chain"},
		"chat s3":         {"gen_ai.operation.name", "execute_tool", "tool"},
		"s4":              {"openinference.span.kind", "AGENT", "chain"},
		"chat s5":         {"openinference.span.kind", "RETRIEVER", "tool"},
		"s6":              {"gen_ai.request.model", "gpt-5", "model"},
		"chat s7":         {"honeyhive_event_type", "chain", "chain"},
		"s8":              {"honeyhive.event_type", "chain", "chain"},
	} {
		_, span := tracer.Start(t.Context(), name)
		if tt.key != "" {
			span.SetAttributes(stringAttr(tt.key, tt.value))
		}
		span.End()
		if got := backend.RequireSpan(name).Attributes["honeyhive_event_type"]; got != tt.want {
			t.Errorf("%q with %s=%s: %v, want %s", name, tt.key, tt.value, got, tt.want)
		}
	}
}

func stringAttr(key, value string) attribute.KeyValue { return attribute.String(key, value) }

// An error that enriches a span fails it, as one that Trace returns does.
func TestEnrichSpanWithAnErrorSetsTheStatus(t *testing.T) {
	backend := honeyhivetest.NewBackend(t)
	tracer := backend.NewTracer()
	for name, field := range map[string]honeyhive.Field{
		"error": honeyhive.Error(errors.New("boom")), "none": honeyhive.Error(nil), "typed nil": honeyhive.Error((*nilError)(nil)),
	} {
		ctx, span := tracer.Start(t.Context(), name)
		tracer.EnrichSpan(ctx, honeyhive.Metadata{"k": 1}, field)
		span.End()
	}
	if s := backend.RequireSpan("error"); !s.Error || s.StatusText != "boom" || s.Attributes["honeyhive_error"] != "boom" {
		t.Errorf("error: %+v", s)
	}
	for _, name := range []string{"none", "typed nil"} {
		if s := backend.RequireSpan(name); s.Error || s.StatusText != "" {
			t.Errorf("%s: %+v", name, s)
		}
	}
}

type nilError struct{ text string }

func (e *nilError) Error() string { return e.text }
