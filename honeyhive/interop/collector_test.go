package interop

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/honeyhiveai/hhvet/honeyhive"
	"github.com/honeyhiveai/hhvet/honeyhive/honeyhivetest"
)

// buildCollector builds the OpenTelemetry Collector, once. The first time on
// a machine that takes minutes.
var buildCollector = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "collector")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "collector")
	if runtime.GOOS == "windows" {
		path += ".exe"
	}
	out, err := exec.Command("go", "build", "-o", path, "./collector").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("build the Collector: %w\n%s", err, out)
	}
	return path, nil
})

func TestMain(m *testing.M) {
	code := m.Run()
	if path, err := buildCollector(); err == nil {
		_ = os.RemoveAll(filepath.Dir(path))
	}
	os.Exit(code)
}

// startCollector runs the Collector until the test ends or stop is called,
// which waits for it to write what it has.
func startCollector(t *testing.T, config string) (stop func()) {
	t.Helper()
	path, err := buildCollector()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(path, "--config", "yaml:"+config)
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ready := make(chan struct{})
	var log bytes.Buffer
	done := make(chan struct{})
	go func() {
		defer close(done)
		once := sync.OnceFunc(func() { close(ready) })
		for lines := bufio.NewScanner(stderr); lines.Scan(); {
			log.WriteString(lines.Text() + "\n")
			if strings.Contains(lines.Text(), "Everything is ready") {
				once()
			}
		}
		_, _ = io.Copy(io.Discard, stderr) // a line too long for the scanner
	}()
	stop = sync.OnceFunc(func() {
		_ = cmd.Process.Signal(os.Interrupt)
		<-done
		if err := cmd.Wait(); err != nil {
			t.Errorf("the Collector: %v\n%s", err, log.String())
		}
	})
	t.Cleanup(stop)
	select {
	case <-ready:
	case <-done:
		t.Fatalf("the Collector ended:\n%s", log.String())
	case <-time.After(time.Minute):
		t.Fatal("the Collector does not start")
	}
	return stop
}

func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// record makes spans with everything that a span can hold, by two tenants.
func record(t *testing.T, a, b *honeyhive.Tracer) {
	t.Helper()
	ctx, err := honeyhive.ContextWithBaggage(t.Context(), map[string]string{"run_id": "run", "dataset_id": "EXT-1", "datapoint_id": "EXT-2"})
	if err != nil {
		t.Fatal(err)
	}
	ctx, root := a.Start(ctx, "root", trace.WithSpanKind(trace.SpanKindServer))
	a.EnrichSpan(ctx,
		honeyhive.Inputs{"question": "why?", "history": []any{map[string]any{"role": "user", "content": "hé <&> \u2028"}}},
		honeyhive.Outputs{"text": strings.Repeat("long ", 5000)},
		honeyhive.Metrics{"score": 0.1, "tokens": 1 << 60, "negative": -1, "ok": true},
		honeyhive.Metadata{"": "empty key", "dotted.key": "v"}, honeyhive.Feedback{"rating": 5},
		honeyhive.Config{"temperature": 0.7}, honeyhive.UserProperties{"plan": "pro"}, honeyhive.Error(errors.New("boom")))
	root.SetAttributes(attribute.StringSlice("strings", []string{"a", ""}), attribute.Int64Slice("ints", []int64{1, -2}),
		attribute.Float64Slice("floats", []float64{0.5}), attribute.BoolSlice("bools", []bool{true, false}), attribute.String("empty", ""))
	root.AddEvent("event", trace.WithAttributes(attribute.Int("n", 7)))
	root.RecordError(errors.New("boom"))
	root.SetStatus(codes.Error, "failed")
	inside, other := b.Start(ctx, "other tenant")
	_, child := a.TracerProvider().Tracer("library").Start(inside, "child", trace.WithSpanKind(trace.SpanKindClient))
	child.End()
	other.End()
	root.End()
}

// byID makes the order of arrival irrelevant.
var byID = cmpopts.SortSlices(func(a, b honeyhivetest.Span) bool { return a.SpanID < b.SpanID })

func readSpans(t *testing.T, path string) []honeyhivetest.Span {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	spans, err := honeyhivetest.ReadFile(content)
	if err != nil {
		t.Fatal(err)
	}
	return spans
}

// The Collector receives what the SDK sends, over OTLP/HTTP, as it is.
func TestCollectorReceivesTheExport(t *testing.T) {
	for name, opts := range map[string][]honeyhive.Option{"protobuf": nil, "json": {honeyhive.WithJSON()}} {
		t.Run(name, func(t *testing.T) {
			addr, out := freePort(t), filepath.Join(t.TempDir(), "out.jsonl")
			stop := startCollector(t, fmt.Sprintf(`
receivers:
  otlp:
    protocols:
      http:
        endpoint: %s
        traces_url_path: /opentelemetry/v1/traces
exporters:
  file:
    path: %s
service:
  pipelines:
    traces: {receivers: [otlp], exporters: [file]}
`, addr, out))
			backend := honeyhivetest.NewBackend(t)
			tee := teeClient(backend)
			tracer := func(project string) *honeyhive.Tracer {
				return backend.NewTracer(append(opts, honeyhive.WithServerURL("http://"+addr), honeyhive.WithAPIKey("key-"+project),
					honeyhive.WithProject(project), honeyhive.WithHTTPClient(tee))...)
			}
			a, b := tracer("a"), tracer("b")
			record(t, a, b)
			want := backend.Spans()
			stop()
			got := readSpans(t, out)
			for i := range want {
				want[i].APIKey = ""
			}
			if len(want) != 3 {
				t.Fatalf("%d spans", len(want))
			}
			if diff := cmp.Diff(want, got, byID); diff != "" {
				t.Errorf("the Collector's file (+) against what was sent (-):\n%s", diff)
			}
			for _, s := range got {
				project := map[string]string{"root": "a", "child": "a", "other tenant": "b"}[s.Name]
				if s.Project() != project || s.SessionID() == "" || s.Attributes["honeyhive_metadata.run_id"] != "run" {
					t.Errorf("%s: %v", s.Name, s.Attributes)
				}
			}
		})
	}
}

// The file that the SDK writes is the file that the Collector reads and
// writes.
func TestCollectorReadsTheFile(t *testing.T) {
	dir := t.TempDir()
	in, out := filepath.Join(dir, "in.jsonl"), filepath.Join(dir, "out.jsonl")
	tracer := func(project string) *honeyhive.Tracer {
		tracer, err := honeyhive.New(t.Context(), honeyhive.WithFile(in), honeyhive.WithProject(project))
		if err != nil {
			t.Fatal(err)
		}
		return tracer
	}
	a, b := tracer("a"), tracer("b")
	record(t, a, b)
	for _, tr := range []*honeyhive.Tracer{a, b} {
		if err := tr.Shutdown(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	want := readSpans(t, in)
	stop := startCollector(t, fmt.Sprintf(`
receivers:
  otlp_json_file:
    include: [%s]
    start_at: beginning
    poll_interval: 50ms
    include_file_name: false
exporters:
  file:
    path: %s
    flush_interval: 50ms
service:
  pipelines:
    traces: {receivers: [otlp_json_file], exporters: [file]}
`, in, out))
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	for ctx.Err() == nil && len(readIfThere(out)) < len(want) {
		time.Sleep(20 * time.Millisecond)
	}
	stop()
	if diff := cmp.Diff(want, readSpans(t, out), byID); diff != "" {
		t.Errorf("the Collector's file (+) against the SDK's (-):\n%s", diff)
	}
	// Key by key the two files have the same shape.
	if diff := cmp.Diff(jsonKeys(t, in), jsonKeys(t, out)); diff != "" {
		t.Errorf("keys of the Collector's file (+) against the SDK's (-):\n%s", diff)
	}
}

func readIfThere(path string) []honeyhivetest.Span {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil
	}
	// The last line may be half written.
	spans, _ := honeyhivetest.ReadFile(content)
	return slices.Clip(spans)
}
