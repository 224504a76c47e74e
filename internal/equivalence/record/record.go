// Package record runs programs against the real SDK and records all that they
// do: spans with their attributes, requests to the backend, results of calls
// and the order of evaluation. The harness copies it into the modules that it
// builds, so it depends on the SDK and OpenTelemetry alone.
package record

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"

	"go.opentelemetry.io/otel/attribute"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/honeyhiveai/hhvet/honeyhive"
)

// H is what a program runs in: its tracers, and a log of what it does.
type H struct {
	tracers []*honeyhive.Tracer

	mu       sync.Mutex
	log      []string
	requests []string
	spans    []string
	ids      map[string]string
}

// Run runs the program with as many tracers, of which the first is the
// default, and returns a description of all it did.
func Run(tracers int, program func(*H)) string {
	h := &H{ids: make(map[string]string)}
	ctx := context.Background()
	for i := range tracers {
		name := string(rune('A' + i))
		t, err := honeyhive.New(ctx,
			honeyhive.WithProject("project-"+name),
			honeyhive.WithAPIKey("key-"+name),
			honeyhive.WithServerURL("http://backend-"+strings.ToLower(name)+".invalid"),
			honeyhive.WithHTTPClient(&http.Client{Transport: backend{h, name}}),
			honeyhive.WithLogger(slog.New(slog.DiscardHandler)),
			honeyhive.WithSpanExporter(exporter{h, name}))
		if err != nil {
			panic(err)
		}
		h.tracers = append(h.tracers, t)
	}
	if tracers > 0 {
		honeyhive.SetDefaultTracer(h.tracers[0])
	}
	func() {
		defer func() {
			if r := recover(); r != nil {
				h.Note("panic", fmt.Sprint(r))
			}
		}()
		program(h)
	}()
	honeyhive.SetDefaultTracer(nil)
	for _, t := range h.tracers {
		_ = t.Shutdown(ctx)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	// The SDK sends in the background: only the order of like requests counts,
	// and not even that where an experiment sends for itself.
	order := kind
	if slices.ContainsFunc(h.requests, func(r string) bool { return strings.Contains(r, " /v1/runs/") }) {
		order = func(request string) string { return id.ReplaceAllString(request, "") }
	}
	slices.SortStableFunc(h.requests, func(a, b string) int { return strings.Compare(order(a), order(b)) })
	// Several exporters run at once.
	slices.SortFunc(h.spans, func(a, b string) int {
		return strings.Compare(id.ReplaceAllString(a, ""), id.ReplaceAllString(b, ""))
	})
	return h.normal(strings.Join(slices.Concat(h.log, h.requests, h.spans), "\n"))
}

// kind is what a request begins with: tracer, method and collection.
func kind(request string) string {
	begin, _, _ := strings.Cut(id.ReplaceAllString(request, ""), " {")
	return begin
}

// T returns tracer number i, and notes that it was asked for.
func (h *H) T(i int) *honeyhive.Tracer {
	h.Note("tracer", i)
	return h.tracers[i%len(h.tracers)]
}

// Quiet returns tracer number i.
func (h *H) Quiet(i int) *honeyhive.Tracer { return h.tracers[i%len(h.tracers)] }

// Note logs a value under a name.
func (h *H) Note(name string, value any) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.log = append(h.log, fmt.Sprintf("%s = %v", name, value))
}

// Yes returns the same answer to question n each time.
func (h *H) Yes(n int) bool { return n%3 != 0 }

// Val notes that it was evaluated, and returns v.
func (h *H) Val(v string) string {
	h.Note("evaluated", v)
	return v
}

// Ctx notes that it was evaluated, and returns ctx.
func (h *H) Ctx(ctx context.Context) context.Context {
	h.Note("evaluated", "context")
	return ctx
}

// Wait returns when the goroutines that the program has started have ended.
// It is not for use in such a goroutine.
func (h *H) Wait() {
	buf := make([]byte, 1<<20)
	for bytes.Contains(buf[:runtime.Stack(buf, true)], []byte("\ncreated by example.com/")) {
		runtime.Gosched()
	}
}

var id = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|\b[0-9a-f]{32}\b|\b[0-9a-f]{16}\b`)

// normal replaces ids by their order of appearance.
func (h *H) normal(s string) string {
	return id.ReplaceAllStringFunc(s, func(m string) string {
		if _, ok := h.ids[m]; !ok {
			h.ids[m] = fmt.Sprintf("id%d", len(h.ids)+1)
		}
		return h.ids[m]
	})
}

// exporter records the spans of a tracer.
type exporter struct {
	h    *H
	name string
}

func (e exporter) ExportSpans(_ context.Context, spans []sdktrace.ReadOnlySpan) error {
	e.h.mu.Lock()
	defer e.h.mu.Unlock()
	for _, s := range spans {
		var b strings.Builder
		fmt.Fprintf(&b, "span %s of %s, root %v, remote parent %v, %d links, status %v %q\n", s.Name(), e.name,
			!s.Parent().IsValid(), s.Parent().IsRemote(), len(s.Links()), s.Status().Code, s.Status().Description)
		attrs := slices.Clone(s.Attributes())
		slices.SortFunc(attrs, func(a, b attribute.KeyValue) int { return strings.Compare(string(a.Key), string(b.Key)) })
		for _, a := range attrs {
			if strings.Contains(string(a.Key), "duration") {
				continue
			}
			fmt.Fprintf(&b, "  %s = %v\n", a.Key, a.Value.String())
		}
		for _, ev := range s.Events() {
			fmt.Fprintf(&b, "  event %s %v\n", ev.Name, ev.Attributes)
		}
		e.h.spans = append(e.h.spans, b.String())
	}
	return nil
}

func (exporter) Shutdown(context.Context) error { return nil }

// backend records the requests of a tracer.
type backend struct {
	h    *H
	name string
}

func (b backend) RoundTrip(r *http.Request) (*http.Response, error) {
	var body []byte
	if r.Body != nil {
		body, _ = io.ReadAll(r.Body)
		r.Body.Close()
	}
	var v any
	if json.Unmarshal(body, &v) == nil {
		drop(v)
		body, _ = json.Marshal(v) // with sorted keys
	}
	b.h.mu.Lock()
	b.h.requests = append(b.h.requests, fmt.Sprintf("request of %s: %s %s %s", b.name, r.Method, r.URL.Path, body))
	b.h.mu.Unlock()
	return &http.Response{
		StatusCode: http.StatusOK,
		Status:     "200 OK",
		Proto:      "HTTP/1.1",
		ProtoMajor: 1,
		ProtoMinor: 1,
		Header:     http.Header{"Content-Type": {"application/json"}},
		Body:       io.NopCloser(bytes.NewReader([]byte("{}"))),
		Request:    r,
	}, nil
}

// drop removes what depends on the clock.
func drop(v any) {
	switch v := v.(type) {
	case map[string]any:
		for key, value := range v {
			if strings.Contains(key, "time") || strings.Contains(key, "duration") {
				delete(v, key)
			} else {
				drop(value)
			}
		}
	case []any:
		for _, value := range v {
			drop(value)
		}
	}
}
