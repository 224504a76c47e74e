package honeyhive

import (
	"context"
	"runtime"
	"slices"
	"strconv"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
)

// benchCases is a dataset that nobody holds.
func benchCases(n int) Dataset[string] {
	return DatasetSeq(func(yield func(Datapoint[string], error) bool) {
		for range n {
			if !yield(Datapoint[string]{Input: "What is the capital of France?", GroundTruth: "Paris"}, nil) {
				return
			}
		}
	})
}

// benchExperiment has a task that does nothing, and two evaluators.
func benchExperiment(n int) Experiment[string, string] {
	return Experiment[string, string]{
		Name:    "bench",
		Dataset: benchCases(n),
		Task:    func(_ context.Context, dp Datapoint[string]) (string, error) { return dp.Input, nil },
		Evaluators: []Evaluator[string, string]{
			{Name: "right", Func: func(context.Context, string, Datapoint[string]) (Score, error) { return PassFail(true, ""), nil }},
			{Name: "close", Func: func(context.Context, string, Datapoint[string]) (Score, error) { return Score{Value: 0.5}, nil }},
		},
		Concurrency: 1,
	}
}

func evaluateBench(tb testing.TB, t *Tracer, e Experiment[string, string]) *Run[string, string] {
	tb.Helper()
	run, err := Evaluate(context.Background(), t, e)
	if err != nil {
		tb.Fatal(err)
	}
	return run
}

func BenchmarkEvaluate(b *testing.B) {
	for _, concurrency := range []int{1, 10} {
		b.Run("concurrency="+strconv.Itoa(concurrency), func(b *testing.B) {
			t := benchTracer(b)
			b.ReportAllocs()
			e := benchExperiment(b.N)
			e.Concurrency = concurrency
			evaluateBench(b, t, e)
		})
	}
}

// What a case allocates above its task's own, with the export of its span.
func TestEvaluateAllocations(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	tracer := benchTracer(t)
	allocations := func(cases int) float64 {
		return testing.AllocsPerRun(5, func() { evaluateBench(t, tracer, benchExperiment(cases)) })
	}
	few, many := allocations(1000), allocations(5000)
	perCase := (many - few) / 4000
	t.Logf("%.1f allocations a case", perCase)
	if perCase > 40 {
		t.Errorf("%.1f allocations a case, want at most 40", perCase)
	}
}

// A case costs at most 5 plain spans of OpenTelemetry's, all exported.
func TestEvaluateTime(t *testing.T) {
	skipTiming(t)
	const cases, rounds = 2000, 15
	tracer := benchTracer(t)
	provider := plainProvider(t)
	plain := provider.Tracer("plain")
	attrs := []attribute.KeyValue{
		attribute.String("a", "v"), attribute.String("b", "v"), attribute.String("c", "v"), attribute.String("d", "v"),
		attribute.Int("e", 1), attribute.Int("f", 2), attribute.Float64("g", 0.5), attribute.Bool("h", true),
	}
	ours := func() time.Duration {
		begun := time.Now()
		evaluateBench(t, tracer, benchExperiment(cases))
		return time.Since(begun)
	}
	theirs := func() time.Duration {
		begun := time.Now()
		for range cases {
			_, span := plain.Start(context.Background(), "plain")
			span.SetAttributes(slices.Clone(attrs)...)
			span.End()
		}
		if err := provider.ForceFlush(context.Background()); err != nil {
			t.Fatal(err)
		}
		return time.Since(begun)
	}
	atMost(t, map[string]float64{"case/plain span": 5}, func() map[string]float64 {
		var ratios []float64
		for i := range rounds {
			var a, b time.Duration
			if i%2 == 0 {
				a, b = ours(), theirs()
			} else {
				b, a = theirs(), ours()
			}
			ratios = append(ratios, float64(a)/float64(b))
		}
		slices.Sort(ratios)
		return map[string]float64{"case/plain span": ratios[rounds/2]}
	})
}

// While a run lasts it holds its results and nothing that grows beside them.
func TestEvaluateMemoryIsFlat(t *testing.T) {
	if raceEnabled || testing.Short() {
		t.Skip("100,000 cases take too long")
	}
	const cases = 100_000
	tracer := benchTracer(t)
	heap := func() uint64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	e := benchExperiment(cases)
	e.Concurrency = 10
	// Measured from within the last case, when all results are held. The
	// inputs are constants: a result is what Case is, its ids and its scores.
	before, during, n := heap(), uint64(0), 0
	task := e.Task
	e.Concurrency = 1
	e.Task = func(ctx context.Context, dp Datapoint[string]) (string, error) {
		if n++; n == cases {
			during = heap()
		}
		return task(ctx, dp)
	}
	run := evaluateBench(t, tracer, e)
	after := heap()
	perCase := func(now uint64) float64 { return (float64(now) - float64(before)) / cases }
	t.Logf("a case holds %.0f bytes at the end of the run, its result %.0f", perCase(during), perCase(after))
	if len(run.Cases) != cases {
		t.Fatalf("%d cases", len(run.Cases))
	}
	// Twice, because a slice that grows by appending has room to spare.
	if perCase(during) > 2*perCase(after)+200 {
		t.Errorf("%.0f bytes a case during the run, %.0f in its result", perCase(during), perCase(after))
	}
	runtime.KeepAlive(run)
}
