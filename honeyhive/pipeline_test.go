package honeyhive

import (
	"context"
	"io"
	"log/slog"
	"testing"
	"time"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

// stuck is an exporter that never ends by itself.
type stuck struct{}

func (stuck) ExportSpans(ctx context.Context, _ []sdktrace.ReadOnlySpan) error {
	<-ctx.Done()
	return ctx.Err()
}
func (stuck) Shutdown(context.Context) error { return nil }

// A program that flushes after every request does not pile up what it gave up
// waiting for.
func TestFlushesThatGaveUpAreForgotten(t *testing.T) {
	tracer, err := New(t.Context(), WithSpanExporter(stuck{}), WithLogger(slog.New(slog.NewTextHandler(io.Discard, nil))))
	if err != nil {
		t.Fatal(err)
	}
	_, span := tracer.Start(t.Context(), "span")
	span.End()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for range 100 {
		if tracer.ForceFlush(ctx) == nil {
			t.Fatal("flushed")
		}
	}
	p := tracer.pipelines[0]
	p.mu.Lock()
	n := len(p.flushes)
	p.mu.Unlock()
	if n > 0 {
		t.Errorf("%d flushes are remembered", n)
	}
	ended, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	_ = tracer.Shutdown(ended) // one span is lost
}
