package honeyhive_test

import (
	"context"
	"fmt"
	"runtime"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/honeyhiveai/hhvet/honeyhive"
)

// nowhere is an exporter that costs nothing.
type nowhere struct{}

func (nowhere) ExportSpans(context.Context, []sdktrace.ReadOnlySpan) error { return nil }
func (nowhere) Shutdown(context.Context) error                             { return nil }

func discarding(tb testing.TB) *honeyhive.Tracer {
	tb.Helper()
	tracer, err := honeyhive.New(context.Background(), honeyhive.WithProject("bench"), honeyhive.WithAPIKey(""),
		honeyhive.WithSpanExporter(nowhere{}))
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = tracer.Shutdown(context.Background()) })
	return tracer
}

func same(_ context.Context, dp point) (string, error) { return dp.Input, nil }

func always(context.Context, string, point) (honeyhive.Score, error) {
	return honeyhive.PassFail(true, ""), nil
}

func half(context.Context, string, point) (honeyhive.Score, error) {
	return honeyhive.Score{Value: 0.5}, nil
}

// generated is a dataset that nobody holds.
func generated(n int) honeyhive.Dataset[string] {
	return honeyhive.DatasetSeq(func(yield func(point, error) bool) {
		for range n {
			if !yield(point{Input: "What is the capital of France?", GroundTruth: "Paris"}, nil) {
				return
			}
		}
	})
}

func evaluate(tb testing.TB, tracer *honeyhive.Tracer, dataset honeyhive.Dataset[string], concurrency int) *honeyhive.Run[string, string] {
	tb.Helper()
	run, err := honeyhive.Evaluate(context.Background(), tracer, honeyhive.Experiment[string, string]{
		Name:        "bench",
		Dataset:     dataset,
		Task:        same,
		Evaluators:  []honeyhive.Evaluator[string, string]{{Name: "always", Func: always}, {Name: "half", Func: half}},
		Concurrency: concurrency,
	})
	if err != nil {
		tb.Fatal(err)
	}
	return run
}

// BenchmarkEvaluate is a case with a task that does nothing and two
// evaluators. The goal is 5 times BenchmarkPlainSpan, and 60 allocations.
func BenchmarkEvaluate(b *testing.B) {
	for _, concurrency := range []int{1, 10} {
		b.Run(fmt.Sprintf("concurrency=%d", concurrency), func(b *testing.B) {
			tracer := discarding(b)
			b.ReportAllocs()
			evaluate(b, tracer, generated(b.N), concurrency)
		})
	}
}

// BenchmarkPlainSpan is OpenTelemetry alone: a span with 8 attributes and a
// batch processor.
func BenchmarkPlainSpan(b *testing.B) {
	provider := sdktrace.NewTracerProvider(sdktrace.WithBatcher(nowhere{}))
	tracer := provider.Tracer("bench")
	attrs := []attribute.KeyValue{
		attribute.String("a", "x"), attribute.String("b", "x"), attribute.String("c", "x"), attribute.String("d", "x"),
		attribute.Int("e", 1), attribute.Int("f", 1), attribute.Float64("g", 1), attribute.Bool("h", true),
	}
	b.ReportAllocs()
	for b.Loop() {
		_, span := tracer.Start(b.Context(), "plain")
		span.SetAttributes(attrs...)
		span.End()
	}
	runtime.KeepAlive(provider)
}
