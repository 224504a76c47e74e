package honeyhive_test

import (
	"context"
	"fmt"
	"log/slog"
	"math"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"github.com/honeyhiveai/hhvet/honeyhive"
	"github.com/honeyhiveai/hhvet/honeyhive/honeyhivetest"
)

// Misconfiguration is an error that names the option and the variable, and
// not the key.
func TestMisconfiguration(t *testing.T) {
	const key = "hh-secret-key"
	tests := []struct {
		name string
		opts []honeyhive.Option
		env  map[string]string
		want []string
	}{
		{"no url", []honeyhive.Option{honeyhive.WithServerURL("api.honeyhive.ai")}, nil, []string{"WithServerURL", "HH_API_URL"}},
		{"other scheme", nil, map[string]string{"HH_API_URL": "ftp://host"}, []string{"WithServerURL", "HH_API_URL"}},
		{"unparsable", []honeyhive.Option{honeyhive.WithServerURL("http://[::1")}, nil, []string{"WithServerURL"}},
		{"no host", []honeyhive.Option{honeyhive.WithServerURL("http://")}, nil, []string{"WithServerURL"}},
		{"query", []honeyhive.Option{honeyhive.WithServerURL("http://h/?a=b")}, nil, []string{"WithServerURL"}},
		{"empty query", []honeyhive.Option{honeyhive.WithServerURL("http://h/?")}, nil, []string{"WithServerURL", "must end with its path"}},
		{"empty fragment", []honeyhive.Option{honeyhive.WithServerURL("http://h/#")}, nil, []string{"WithServerURL", "must end with its path"}},
		{"user", []honeyhive.Option{honeyhive.WithServerURL("http://u:" + key + "@h")}, nil, []string{"WithServerURL"}},
		{"session", []honeyhive.Option{honeyhive.WithSessionID("request-42")}, nil, []string{"WithSessionID", "request-42", "StartSession"}},
		{"empty session", []honeyhive.Option{honeyhive.WithSessionID("")}, nil, []string{"WithSessionID"}},
		{"key with newline", []honeyhive.Option{honeyhive.WithAPIKey(key + "\n" + key)}, nil, []string{"WithAPIKey", "HH_API_KEY"}},
		{"source with newline", nil, map[string]string{"HH_SOURCE": "a\nb"}, []string{"WithSource", "HH_SOURCE"}},
		{"project", []honeyhive.Option{honeyhive.WithProject("\xff")}, nil, []string{"WithProject", "HH_PROJECT"}},
		{"nil option", []honeyhive.Option{nil}, nil, []string{"nil option"}},
		{"nil exporter", []honeyhive.Option{honeyhive.WithSpanExporter(nil)}, nil, []string{"WithSpanExporter"}},
		{"typed nil exporter", []honeyhive.Option{honeyhive.WithSpanExporter((*tracetest.InMemoryExporter)(nil))}, nil, []string{"WithSpanExporter"}},
		{"nil client", []honeyhive.Option{honeyhive.WithHTTPClient(nil)}, nil, []string{"WithHTTPClient"}},
		{"queue", []honeyhive.Option{honeyhive.WithQueueSize(0)}, nil, []string{"WithQueueSize", "HH_MAX_QUEUE_SIZE"}},
		{"endless queue", []honeyhive.Option{honeyhive.WithQueueSize(math.MaxInt)}, nil, []string{"WithQueueSize", "HH_MAX_QUEUE_SIZE"}},
		{"batch", []honeyhive.Option{honeyhive.WithBatchSize(-1)}, nil, []string{"WithBatchSize", "HH_BATCH_SIZE"}},
		{"batch over queue", []honeyhive.Option{honeyhive.WithBatchSize(10), honeyhive.WithQueueSize(5)}, nil, []string{"WithBatchSize", "WithQueueSize"}},
		{"batch and none", []honeyhive.Option{honeyhive.WithBatchSize(10), honeyhive.WithImmediateExport()}, nil, []string{"WithBatchSize", "WithImmediateExport"}},
		{"json and exporter", []honeyhive.Option{honeyhive.WithJSON(), honeyhive.WithSpanExporter(tracetest.NewInMemoryExporter())}, nil, []string{"WithJSON", "WithSpanExporter"}},
		{"queue beside json by variable", []honeyhive.Option{honeyhive.WithSpanExporter(tracetest.NewInMemoryExporter()), honeyhive.WithQueueSize(-1)},
			map[string]string{"HH_OTLP_PROTOCOL": "http/json"}, []string{"WithQueueSize", "HH_MAX_QUEUE_SIZE"}},
		{"interval", []honeyhive.Option{honeyhive.WithFlushInterval(0)}, nil, []string{"WithFlushInterval", "HH_FLUSH_INTERVAL"}},
		{"api timeout", []honeyhive.Option{honeyhive.WithAPITimeout(-1)}, nil, []string{"WithAPITimeout", "HH_API_TIMEOUT"}},
		{"export timeout", []honeyhive.Option{honeyhive.WithExportTimeout(-1)}, nil, []string{"WithExportTimeout", "HH_EXPORT_TIMEOUT"}},
		{"file", []honeyhive.Option{honeyhive.WithFile("/no/such/folder/file")}, nil, []string{"WithFile", "HH_TRACE_FILE"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for name, value := range tt.env {
				t.Setenv(name, value)
			}
			tracer, err := honeyhive.New(t.Context(), append([]honeyhive.Option{honeyhive.WithAPIKey(key)}, tt.opts...)...)
			if err == nil {
				_ = tracer.Shutdown(t.Context())
				t.Fatal("no error")
			}
			for _, want := range tt.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%q does not mention %s", err, want)
				}
			}
			if strings.Contains(err.Error(), key) {
				t.Errorf("%q tells the key", err)
			}
		})
	}
}

// A number that is too large to make room for is made smaller.
func TestHugeVariables(t *testing.T) {
	for _, name := range []string{
		"HH_MAX_ATTRIBUTES", "HH_MAX_EVENTS", "HH_MAX_LINKS", "HH_MAX_QUEUE_SIZE", "HH_BATCH_SIZE", "OTEL_BSP_MAX_QUEUE_SIZE",
	} {
		t.Setenv(name, fmt.Sprint(math.MaxInt))
	}
	backend := honeyhivetest.NewBackend(t)
	spans(t, backend.NewTracer(), 1)
	if n := len(backend.Spans()); n != 1 {
		t.Errorf("%d spans", n)
	}
}

// Numbers and switches that are malformed are reported and ignored.
func TestMalformedVariables(t *testing.T) {
	names := []string{
		"HH_MAX_ATTRIBUTES", "HH_MAX_EVENTS", "HH_MAX_LINKS", "HH_MAX_QUEUE_SIZE", "HH_BATCH_SIZE", "HH_FLUSH_INTERVAL",
		"HH_EXPORT_TIMEOUT", "HH_API_TIMEOUT", "HH_DISABLE_BATCH", "HH_TEST_MODE",
		"OTEL_BSP_MAX_QUEUE_SIZE", "OTEL_BSP_SCHEDULE_DELAY", "OTEL_BSP_EXPORT_TIMEOUT", "OTEL_BSP_MAX_EXPORT_BATCH_SIZE",
	}
	for _, value := range []string{"abc", "-1", "1e999", "NaN", "9999999999999999999999", "0x", "--"} {
		t.Run(value, func(t *testing.T) {
			for _, name := range names {
				t.Setenv(name, value)
			}
			t.Setenv("HH_OTLP_PROTOCOL", value)
			t.Setenv("HH_UNKNOWN", value)
			var log lockedBuffer
			backend := honeyhivetest.NewBackend(t)
			tracer := backend.NewTracer(honeyhive.WithLogger(slog.New(slog.NewTextHandler(&log, nil))))
			spans(t, tracer, 1)
			if n := len(backend.Spans()); n != 1 {
				t.Errorf("%d spans", n)
			}
			for _, name := range names {
				if !strings.Contains(log.String(), name) {
					t.Errorf("the log does not mention %s", name)
				}
			}
		})
	}
}

func TestEnvironment(t *testing.T) {
	backend := honeyhivetest.NewBackend(t)
	file := filepath.Join(t.TempDir(), "spans.jsonl")
	for name, value := range map[string]string{
		"HH_API_KEY": " env-key\n", "HH_PROJECT": "env-project", "HH_SOURCE": "env-source", "HH_API_URL": honeyhivetest.URL + "/",
		"HH_SESSION_NAME": "env-session", "HH_TRACE_FILE": file, "HH_MAX_ATTRIBUTES": "3", "HH_OTLP_PROTOCOL": "http/json",
		"HH_BATCH_SIZE": "1", "HH_FLUSH_INTERVAL": "0.5", "HH_MAX_QUEUE_SIZE": "7", "HH_API_TIMEOUT": "2.5", "HH_EXPORT_TIMEOUT": "1",
	} {
		t.Setenv(name, value)
	}
	open := func(opts ...honeyhive.Option) *honeyhive.Tracer {
		tracer, err := honeyhive.New(t.Context(), append(opts, honeyhive.WithHTTPClient(backend.Client()))...)
		if err != nil {
			t.Fatal(err)
		}
		backend.Watch(tracer)
		return tracer
	}
	tracer := open()
	ctx, span := tracer.Start(t.Context(), "env")
	tracer.EnrichSpan(ctx, honeyhive.Metadata{"a": 1, "b": 2, "c": 3, "d": 4, "e": 5})
	span.End()
	got := backend.RequireSpan("env")
	if id := identityOf(got); id != (identity{"env-key", "env-project", "env-source", tracer.SessionID(t.Context()), "env-session"}) {
		t.Errorf("identity = %+v", id)
	}
	n := 0
	for key := range got.Attributes {
		if strings.HasPrefix(key, "honeyhive_metadata.") {
			n++
		}
	}
	if n != 3 {
		t.Errorf("%d attributes, want 3", n)
	}
	for _, r := range backend.Requests() {
		if r.Header.Get("Content-Type") != "application/json" {
			t.Errorf("Content-Type = %s", r.Header.Get("Content-Type"))
		}
	}
	options := open(honeyhive.WithAPIKey("opt-key"), honeyhive.WithProject("opt"), honeyhive.WithSource("opt"),
		honeyhive.WithSessionName("opt"), honeyhive.WithSessionID(sessionA))
	_, span = options.Start(t.Context(), "options")
	span.End()
	if id := identityOf(backend.RequireSpan("options")); id != (identity{"opt-key", "opt", "opt", sessionA, "opt"}) {
		t.Errorf("identity = %+v", id)
	}
	for _, tracer := range []*honeyhive.Tracer{tracer, options} {
		if err := tracer.Shutdown(t.Context()); err != nil {
			t.Error(err)
		}
	}
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if inFile, err := honeyhivetest.ReadFile(content); err != nil || len(inFile) != 2 {
		t.Errorf("%d spans in the file: %v", len(inFile), err)
	}
}

func TestOffline(t *testing.T) {
	for name, opts := range map[string][]honeyhive.Option{"option": {honeyhive.WithOffline()}, "variable": nil} {
		t.Run(name, func(t *testing.T) {
			if opts == nil {
				t.Setenv("HH_TEST_MODE", "true")
			}
			backend := honeyhivetest.NewBackend(t)
			memory := tracetest.NewInMemoryExporter()
			tracer := backend.NewTracer(append(opts, honeyhive.WithSpanExporter(memory))...)
			ctx, err := tracer.StartSession(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			_, span := tracer.Start(ctx, "span")
			span.End()
			if err := tracer.EnrichSession(ctx, honeyhive.Metadata{"k": "v"}); err != nil {
				t.Error(err)
			}
			if n := len(backend.Requests()); n != 0 {
				t.Errorf("%d requests", n)
			}
			if n := len(memory.GetSpans()); n != 1 {
				t.Errorf("%d spans", n)
			}
		})
	}
}

func TestImmediateExport(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		arrived := make(chan struct{}, 10)
		tracer, err := honeyhive.New(t.Context(), honeyhive.WithImmediateExport(),
			honeyhive.WithSpanExporter(exporterFunc(func(_ context.Context, s []sdktrace.ReadOnlySpan) error {
				for range s {
					arrived <- struct{}{}
				}
				return nil
			})))
		if err != nil {
			t.Fatal(err)
		}
		for range 3 {
			spans(t, tracer, 1)
			synctest.Wait() // without a flush, and before any time has passed
			if len(arrived) != 1 {
				t.Fatal("a span did not arrive")
			}
			<-arrived
		}
		if err := tracer.Shutdown(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

func TestSamplerAndResource(t *testing.T) {
	backend := honeyhivetest.NewBackend(t)
	tracer := backend.NewTracer(
		honeyhive.WithResource(resource.NewSchemaless(attribute.String("service.name", "desk"))),
		honeyhive.WithSampler(samplerFunc(func(name string) bool { return name != "noise" })))
	ctx, span := tracer.Start(t.Context(), "kept")
	_, noise := tracer.Start(ctx, "noise")
	noise.End()
	span.End()
	if got := backend.RequireSpan("kept").Resource["service.name"]; got != "desk" {
		t.Errorf("service.name = %v", got)
	}
	if n := len(backend.Spans()); n != 1 {
		t.Errorf("%d spans", n)
	}
}

func TestSamplerOfTheEnvironment(t *testing.T) {
	t.Setenv("OTEL_TRACES_SAMPLER", "always_off")
	backend := honeyhivetest.NewBackend(t)
	spans(t, backend.NewTracer(), 1)
	spans(t, backend.NewTracer(honeyhive.WithSampler(sdktrace.AlwaysSample())), 1)
	if n := len(backend.Spans()); n != 1 {
		t.Errorf("%d spans, want that of the tracer with a sampler of its own", n)
	}
}

type samplerFunc func(name string) bool

func (f samplerFunc) ShouldSample(p sdktrace.SamplingParameters) sdktrace.SamplingResult {
	if !f(p.Name) {
		return sdktrace.SamplingResult{Decision: sdktrace.Drop}
	}
	return sdktrace.SamplingResult{Decision: sdktrace.RecordAndSample}
}
func (samplerFunc) Description() string { return "by name" }

// The redactor sees everything that leaves, on every way out.
func TestRedactor(t *testing.T) {
	const secret = "4111-1111-1111-1111"
	backend := honeyhivetest.NewBackend(t)
	var mu sync.Mutex
	seen := map[string]bool{}
	tracer := backend.NewTracer(
		honeyhive.WithResource(resource.NewSchemaless(attribute.String("host.name", secret))),
		honeyhive.WithRedactor(func(key string, v any) any {
			mu.Lock()
			seen[key] = true
			mu.Unlock()
			if s, ok := v.(string); ok {
				return strings.ReplaceAll(s, secret, "[card]")
			}
			return v
		}))
	ctx, err := tracer.StartSession(t.Context(), honeyhive.WithSessionName("of "+secret),
		honeyhive.Inputs{"card": []any{secret}}, honeyhive.Metadata{"deep": map[string]any{"card": secret}})
	if err != nil {
		t.Fatal(err)
	}
	ctx, span := tracer.Start(ctx, "pay "+secret, trace.WithAttributes(attribute.StringSlice("cards", []string{"x", secret}),
		attribute.Slice("mixed", attribute.StringValue(secret), attribute.MapValue(attribute.String("card", secret)))))
	tracer.EnrichSpan(ctx, honeyhive.Inputs{"card": secret}, honeyhive.Error(fmt.Errorf("declined %s", secret)))
	span.AddEvent("event "+secret, trace.WithAttributes(attribute.String("card", secret)))
	span.AddLink(trace.Link{SpanContext: span.SpanContext(), Attributes: []attribute.KeyValue{attribute.String("card", secret)}})
	span.RecordError(fmt.Errorf("declined %s", secret))
	span.SetStatus(1, "declined "+secret)
	span.End()
	if err := tracer.EnrichSession(ctx, honeyhive.Feedback{"comment": secret}, honeyhive.Error(fmt.Errorf("%s", secret))); err != nil {
		t.Fatal(err)
	}
	tracer.EnrichSpan(ctx, honeyhive.EventID("e"), honeyhive.Outputs{"card": secret})
	_, _ = honeyhive.Trace(ctx, tracer, "trace", func(context.Context) (string, error) { return secret, nil }, honeyhive.RecordOutput())
	_, library := tracer.TracerProvider().Tracer("library", trace.WithInstrumentationAttributes(attribute.String("card", secret))).Start(ctx, "GET")
	library.End()
	for _, r := range backend.Requests() {
		if strings.Contains(string(r.Body), secret) {
			t.Errorf("%s %s tells the secret: %q", r.Method, r.Path, r.Body)
		}
		if !strings.Contains(string(r.Body), "[card]") {
			t.Errorf("%s %s: %q", r.Method, r.Path, r.Body)
		}
	}
	for _, key := range []string{"span.name", "span.status", "event.name", "card", "cards", "mixed", "mixed.card", "host.name",
		"honeyhive_inputs.card", "honeyhive_inputs.card.0", "honeyhive_metadata.deep.card", "honeyhive_error", "honeyhive_feedback.comment",
		"honeyhive_outputs.card", "honeyhive_outputs.result", "exception.message"} {
		if !seen[key] {
			t.Errorf("%s was not shown", key)
		}
	}
	s := backend.RequireSpan("pay [card]")
	if s.SessionID() != tracer.SessionID(ctx) || s.StatusText != "declined [card]" {
		t.Errorf("%+v", s)
	}
}

// The API key is in the Authorization header and nowhere else.
func TestTheKeyIsNowhereElse(t *testing.T) {
	const key = "hh-0123456789-secret"
	backend := honeyhivetest.NewBackend(t)
	var log lockedBuffer
	logger := slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	option := honeyhive.WithAPIKey(key)
	file := filepath.Join(t.TempDir(), "spans.jsonl")
	tracer := backend.NewTracer(option, honeyhive.WithLogger(logger), honeyhive.WithFile(file))
	ctx, err := tracer.StartSession(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ctx, span := tracer.Start(ctx, "span")
	tracer.EnrichSpan(ctx, honeyhive.Metadata{"tracer": tracer})
	// A server that repeats what it was sent must not make the key appear
	// in a log.
	backend.Inject(honeyhivetest.Fault{Path: "/v1", Status: 400, Body: "bad header: Bearer " + key})
	errSession := tracer.EnrichSession(ctx, honeyhive.Metadata{"k": "v"})
	if errSession == nil || !strings.Contains(errSession.Error(), "bad header") {
		t.Errorf("EnrichSession: %v", errSession)
	}
	tracer.EnrichSpan(ctx, honeyhive.EventID("e"), honeyhive.Metadata{"k": "v"})
	span.End()
	backend.Inject(honeyhivetest.Fault{Path: otlp, Times: 1, Status: 400, Body: "Bearer " + key})
	errFlush := tracer.ForceFlush(t.Context())
	carrier := http.Header{}
	tracer.Inject(ctx, headerCarrier(carrier))
	_, provided := tracer.TracerProvider().Tracer("lib").Start(ctx, "span")
	provided.End()
	shutdown := tracer.Shutdown(t.Context())
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	texts := map[string]string{"log": log.String(), "file": string(content), "carrier": fmt.Sprint(carrier)}
	for name, v := range map[string]any{
		"tracer": tracer, "*tracer": reflect.ValueOf(tracer).Elem(), "option": option, "context": ctx, "span": span, "provider": tracer.TracerProvider(),
		"EnrichSession": errSession, "ForceFlush": errFlush, "Shutdown": shutdown, "stats": tracer.Stats(), "propagator": tracer.Propagator(),
	} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
			texts[name+" "+verb] = fmt.Sprintf(verb, v)
		}
	}
	for _, r := range backend.Requests() {
		if r.Header.Get("Authorization") != "Bearer "+key {
			t.Errorf("%s: Authorization = %q", r.Path, r.Header.Get("Authorization"))
		}
		r.Header.Del("Authorization")
		texts["request "+r.Path] = fmt.Sprint(r.Header) + string(r.Body)
	}
	for name, text := range texts {
		if strings.Contains(text, key) {
			t.Errorf("%s tells the key: %s", name, text)
		}
	}
}

type headerCarrier http.Header

func (c headerCarrier) Get(key string) string { return http.Header(c).Get(key) }
func (c headerCarrier) Set(key, value string) { http.Header(c).Set(key, value) }
func (c headerCarrier) Keys() []string        { return nil }
