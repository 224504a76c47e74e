package honeyhive_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/honeyhiveai/hhvet/honeyhive"
	"github.com/honeyhiveai/hhvet/honeyhive/honeyhivetest"
)

// The file holds what HoneyHive receives.
func TestFileEqualsExport(t *testing.T) {
	backend := honeyhivetest.NewBackend(t)
	path := filepath.Join(t.TempDir(), "spans.jsonl")
	tracer := backend.NewTracer(honeyhive.WithFile(path), honeyhive.WithProject("p"))
	ctx, span := tracer.Start(t.Context(), "root", trace.WithSpanKind(trace.SpanKindServer))
	tracer.EnrichSpan(ctx, honeyhive.Inputs{"q": "why", "nested": map[string]any{"list": []any{1, 2.5, true}}})
	// What looks like an id inside a text is no id.
	span.SetAttributes(attribute.String("text", `"traceId":"ABCDEF"`), attribute.StringSlice("list", []string{"a", "b"}))
	span.AddEvent("event", trace.WithAttributes(attribute.Int("n", 1)))
	_, child := tracer.Start(ctx, "child", trace.WithLinks(trace.Link{SpanContext: span.SpanContext()}))
	child.End()
	span.End()
	want := backend.Spans()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	got, err := honeyhivetest.ReadFile(content)
	if err != nil {
		t.Fatal(err)
	}
	for i := range want {
		want[i].APIKey = ""
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("file (+) against export (-):\n%s", diff)
	}
	if !bytes.Contains(content, []byte(`"traceId":"`+span.SpanContext().TraceID().String()+`"`)) {
		t.Errorf("the trace id is not in small letters:\n%s", content)
	}
	if runtime.GOOS != "windows" {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("mode = %v, %v", info.Mode(), err)
		}
	}
}

// Tracers may share a file, and a later process goes on where it ends.
func TestTracersShareAFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "spans.jsonl")
	const tracers, each = 8, 50
	for range 2 {
		var wg sync.WaitGroup
		for i := range tracers {
			wg.Go(func() {
				tracer, err := honeyhive.New(t.Context(), honeyhive.WithFile(path), honeyhive.WithBatchSize(7), honeyhive.WithProject(fmt.Sprint("p", i)))
				if err != nil {
					t.Error(err)
					return
				}
				for range each {
					ctx, span := tracer.Start(context.Background(), "span")
					tracer.EnrichSpan(ctx, honeyhive.Outputs{"text": strings.Repeat("x", 2000)})
					span.End()
				}
				if err := tracer.Shutdown(context.Background()); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
	}
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for line := range bytes.Lines(content) {
		// An empty line is left by a tracer that opened the file while a write
		// of another's stood still for longer than tornFor.
		if len(bytes.TrimSpace(line)) > 0 && !json.Valid(line) {
			t.Fatalf("not JSON: %.100s", line)
		}
	}
	spans, err := honeyhivetest.ReadFile(content)
	if err != nil {
		t.Fatal(err)
	}
	perProject := map[string]int{}
	for _, s := range spans {
		perProject[s.Project()]++
	}
	for i := range tracers {
		if got := perProject[fmt.Sprint("p", i)]; got != 2*each {
			t.Errorf("p%d has %d spans, want %d", i, got, 2*each)
		}
	}
}

// A backend that is away does not keep spans from the file.
func TestFileDuringAnOutage(t *testing.T) {
	backend := honeyhivetest.NewBackend(t)
	backend.Inject(honeyhivetest.Fault{Path: otlp, Hang: true})
	path := filepath.Join(t.TempDir(), "spans.jsonl")
	tracer := backend.NewTracer(honeyhive.WithFile(path), honeyhive.WithQueueSize(10), honeyhive.WithBatchSize(1), honeyhive.WithLogger(discard()))
	// One at a time, so that the file's own queue is no part of the test.
	for i := range 100 {
		spans(t, tracer, 1)
		for {
			content, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if bytes.Count(content, []byte("\n")) > i {
				break
			}
			runtime.Gosched()
		}
	}
}

// A full disk is said to be one, and costs no more than what it has no room for.
func TestFileOnAFullDisk(t *testing.T) {
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip("this system has no disk that is always full")
	}
	tracer, err := honeyhive.New(t.Context(), honeyhive.WithFile("/dev/full"), honeyhive.WithLogger(discard()))
	if err != nil {
		t.Fatal(err)
	}
	_, err = honeyhive.Evaluate(t.Context(), tracer, experiment{
		Dataset: honeyhive.DatasetOf(point{}), Task: func(context.Context, point) (string, error) { return "", nil },
	})
	if want := "honeyhive: Evaluate: 1 span could not be exported: trace file: write /dev/full: no space left on device"; err == nil || err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}
	if err := tracer.Shutdown(t.Context()); err != nil {
		t.Errorf("Shutdown: %v", err)
	}
	wantStats(t, tracer, honeyhive.Stats{Failed: 1})
}

func TestNewDoesNotNeedItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	backend := honeyhivetest.NewBackend(t)
	for _, ctx := range []context.Context{ctx, nil} {
		tracer, err := honeyhive.New(ctx, backend.Options()...)
		if err != nil {
			t.Fatal(err)
		}
		spans(t, tracer, 1)
		if err := tracer.Shutdown(t.Context()); err != nil {
			t.Error(err)
		}
	}
	if n := len(backend.Spans()); n != 2 {
		t.Errorf("%d spans", n)
	}
}
