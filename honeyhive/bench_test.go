package honeyhive

import (
	"context"
	"log/slog"
	"sync/atomic"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/baggage"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// discarding is an exporter that does nothing, so that what is measured is
// what the application waits for.
type discarding struct{}

func (discarding) ExportSpans(context.Context, []sdktrace.ReadOnlySpan) error { return nil }
func (discarding) Shutdown(context.Context) error                             { return nil }

// reading is an exporter that looks at every attribute, and so pays for
// everything but the encoding and the network.
type reading struct{ discarding }

func (reading) ExportSpans(_ context.Context, spans []sdktrace.ReadOnlySpan) error {
	n := 0
	for _, s := range spans {
		for _, kv := range s.Attributes() {
			n += len(kv.Key)
		}
	}
	read.Store(int64(n))
	return nil
}

var read atomic.Int64

func benchTracer(tb testing.TB, opts ...Option) *Tracer {
	return exportingTracer(tb, discarding{}, opts...)
}

func exportingTracer(tb testing.TB, exporter sdktrace.SpanExporter, opts ...Option) *Tracer {
	tb.Helper()
	t, err := New(context.Background(), append([]Option{
		WithProject("checkout"), WithSource("production"), WithSpanExporter(exporter),
		WithQueueSize(benchQueue), WithLogger(slog.New(slog.DiscardHandler)),
	}, opts...)...)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = t.Shutdown(context.Background()) })
	return t
}

// benchQueue holds a round of the time gates, so that neither side can save
// time by dropping spans.
const benchQueue = 4096

func plainProvider(tb testing.TB) *sdktrace.TracerProvider {
	return exportingProvider(tb, discarding{})
}

func exportingProvider(tb testing.TB, exporter sdktrace.SpanExporter) *sdktrace.TracerProvider {
	tb.Helper()
	tp := sdktrace.NewTracerProvider(sdktrace.WithBatcher(exporter, sdktrace.WithMaxQueueSize(benchQueue)))
	tb.Cleanup(func() { _ = tp.Shutdown(context.Background()) })
	return tp
}

// variant is something to measure, and what to do between measurements.
type variant struct {
	run   func()
	flush func()
}

// spanWork are the variants of one span with eight attributes. Each runs
// under a root of its own tracer.
func spanWork(tb testing.TB, exporter sdktrace.SpanExporter) map[string]variant {
	t := exportingTracer(tb, exporter)
	root, _ := t.Start(context.Background(), "root")
	provider := exportingProvider(tb, exporter)
	plain := provider.Tracer("plain")
	flushPlain := func() { _ = provider.ForceFlush(context.Background()) }
	plainRoot, _ := plain.Start(context.Background(), "root")
	session := t.SessionID(root)
	eight := func() []attribute.KeyValue {
		return []attribute.KeyValue{
			attribute.String("honeyhive_metadata.user", "u-1"), attribute.String("honeyhive_metadata.model", "gpt-5"),
			attribute.String("honeyhive_metadata.region", "eu"), attribute.String("honeyhive_metadata.plan", "pro"),
			attribute.Int("honeyhive_metadata.tokens", 512), attribute.Int("honeyhive_metadata.attempt", 2),
			attribute.Float64("honeyhive_metadata.score", 0.95), attribute.Bool("honeyhive_metadata.cached", true),
		}
	}
	return map[string]variant{
		"honeyhive": {func() {
			ctx, span := t.Start(root, "span")
			t.EnrichSpan(ctx, Metadata{
				"user": "u-1", "model": "gpt-5", "region": "eu", "plan": "pro",
				"tokens": 512, "attempt": 2, "score": 0.95, "cached": true,
			})
			span.End()
		}, func() { _ = t.ForceFlush(context.Background()) }},
		"plain": {func() {
			_, span := plain.Start(plainRoot, "span")
			span.SetAttributes(eight()...)
			span.End()
		}, flushPlain},
		"plain+identity": {func() {
			_, span := plain.Start(plainRoot, "span")
			span.SetAttributes(eight()...)
			span.SetAttributes(
				attribute.String("honeyhive.project", "checkout"), attribute.String("honeyhive.source", "production"),
				attribute.String("honeyhive.session_id", session), attribute.Bool("honeyhive.session_auto_create", true))
			span.End()
		}, flushPlain},
	}
}

func BenchmarkSpan(b *testing.B) {
	for _, name := range []string{"plain", "plain+identity", "honeyhive"} {
		b.Run(name, func(b *testing.B) {
			work := spanWork(b, discarding{})[name].run
			b.ReportAllocs()
			for b.Loop() {
				work()
			}
		})
	}
}

func BenchmarkDiscovery(b *testing.B) {
	t := benchTracer(b)
	inContext, span := t.Start(context.Background(), "span")
	defer span.End()
	inBaggage, err := ContextWithBaggage(context.Background(), map[string]string{"honeyhive_tracer_id": t.ID()})
	if err != nil {
		b.Fatal(err)
	}
	for name, ctx := range map[string]context.Context{"context": inContext, "baggage": inBaggage} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if TracerFromContext(ctx) != t {
					b.Fatal("another tracer")
				}
			}
		})
	}
}

func BenchmarkSession(b *testing.B) {
	t := benchTracer(b)
	const id = "6ba7b810-9dad-41d1-80b4-00c04fd430c8"
	b.Run("join", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			t.JoinSession(context.Background(), id)
		}
	})
	b.Run("start", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_, _ = t.StartSession(context.Background())
		}
	})
}

var threeKeys = map[string]string{
	"run_id": "run-0123456789", "dataset_id": "EXT-9b873678b02ca792", "datapoint_id": "EXT-86e97a8aad7e953f",
}

// plainBaggage is what ContextWithBaggage amounts to by hand.
func plainBaggage(ctx context.Context) (context.Context, error) {
	members := make([]baggage.Member, 0, len(threeKeys))
	for key, value := range threeKeys {
		m, err := baggage.NewMemberRaw(key, value)
		if err != nil {
			return nil, err
		}
		members = append(members, m)
	}
	bag, err := baggage.New(members...)
	if err != nil {
		return nil, err
	}
	return baggage.ContextWithBaggage(ctx, bag), nil
}

func BenchmarkBaggage(b *testing.B) {
	b.Run("plain", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_, _ = plainBaggage(context.Background())
		}
	})
	b.Run("honeyhive", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			_, _ = ContextWithBaggage(context.Background(), threeKeys)
		}
	})
}

// BenchmarkContextTracerProvider compares a library's span through the tracer's
// own provider with one through the provider that asks the context.
func BenchmarkContextTracerProvider(b *testing.B) {
	t := benchTracer(b)
	ctx := ContextWithTracer(context.Background(), t)
	for name, library := range map[string]trace.Tracer{
		"own":     t.TracerProvider().Tracer("library"),
		"context": ContextTracerProvider(nil).Tracer("library"),
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_, span := library.Start(ctx, "span")
				span.End()
			}
		})
	}
}

// The provider that asks the context allocates nothing of its own for a scope
// that it has seen.
func TestContextTracerProviderAllocations(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	tr := benchTracer(t)
	ctx := ContextWithTracer(context.Background(), tr)
	allocations := func(library trace.Tracer) float64 {
		return testing.AllocsPerRun(200, func() {
			_, span := library.Start(ctx, "span")
			span.End()
		})
	}
	own, byContext := allocations(tr.TracerProvider().Tracer("library")), allocations(ContextTracerProvider(nil).Tracer("library"))
	if byContext > own {
		t.Errorf("%.0f allocations a span, the tracer's own provider %.0f", byContext, own)
	}
}
