package honeyhive_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"go.opentelemetry.io/otel/attribute"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/honeyhiveai/hhvet/honeyhive"
	"github.com/honeyhiveai/hhvet/honeyhive/honeyhivetest"
)

// comesBack runs a case with that input and output, and returns an error where
// the report of the trace file, the journal or HoneyHive differs from the live
// one, or a resumed run judges another output.
func comesBack[T any](t *testing.T, in, out T) {
	t.Helper()
	dir := t.TempDir()
	b := honeyhivetest.NewBackend(t)
	file := filepath.Join(dir, "traces.jsonl")
	tracer := b.NewTracer(honeyhive.WithProject("p"), honeyhive.WithFile(file))
	ran := 0
	var judged []T
	experiment := honeyhive.Experiment[T, T]{
		Name: "odd", RunID: "r",
		Dataset: honeyhive.DatasetOf(honeyhive.Datapoint[T]{ID: "a", Input: in, GroundTruth: out}),
		Task:    func(context.Context, honeyhive.Datapoint[T]) (T, error) { ran++; return out, nil },
	}
	for _, name := range []string{"x", "x_passed", "x_explanation", "x.y", "ü \x1b[31m"} {
		experiment.Evaluators = append(experiment.Evaluators, honeyhive.Evaluator[T, T]{Name: name,
			Func: func(_ context.Context, v T, _ honeyhive.Datapoint[T]) (honeyhive.Score, error) {
				judged = append(judged, v)
				if name == "x.y" {
					return honeyhive.Score{}, errors.New("away")
				}
				return honeyhive.AtLeast(0.5, float64(len(name))/10, "why "+name), nil
			}})
	}
	evaluate := func(tracer *honeyhive.Tracer, journal string) *honeyhive.Report {
		t.Helper()
		e := experiment
		e.Journal = journal
		run, err := honeyhive.Evaluate(t.Context(), tracer, e)
		if err != nil {
			t.Fatal(err)
		}
		return run.Report()
	}
	journal := filepath.Join(dir, "journal.jsonl")
	live := evaluate(tracer, journal)
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	read, err := honeyhive.ReadReport(bytes.NewReader(content), "")
	if err != nil {
		t.Fatal(err)
	}
	for name, got := range map[string]*honeyhive.Report{
		"trace file": read, "HoneyHive": evaluate(tracer, ""),
		"journal": evaluate(nil, journal),
	} {
		for i := range got.Cases {
			got.Cases[i].SessionID = live.Cases[i].SessionID // none without a tracer
		}
		if diff := cmp.Diff(live, got, cmpopts.IgnoreFields(honeyhive.Report{}, "Started", "Duration", "Project", "Source", "SessionURL")); diff != "" {
			t.Errorf("%s (-live +read):\n%s", name, diff)
		}
	}
	if ran != 1 {
		t.Errorf("the task ran %d times", ran)
	}
	for _, v := range judged {
		if fmt.Sprintf("%#v", v) != fmt.Sprintf("%#v", out) {
			t.Errorf("judged %#v, not %#v", v, out)
		}
	}
}

func TestWhatGoesOutComesBack(t *testing.T) {
	type shape struct {
		Took  time.Duration `json:"took"`
		Bytes []byte
		Big   uint64 `json:",string"`
		Score float64
	}
	t.Run("NaN", func(t *testing.T) { comesBack(t, math.NaN(), math.NaN()) })
	t.Run("infinities", func(t *testing.T) { comesBack(t, []float64{1}, []float64{math.Inf(1), math.Inf(-1), 0}) })
	t.Run("large integers", func(t *testing.T) { comesBack(t, []int64{math.MaxInt64}, []int64{math.MinInt64, 1<<53 + 1}) })
	t.Run("bytes", func(t *testing.T) { comesBack(t, []byte("abcd"), []byte{0xff, 0}) })
	t.Run("struct", func(t *testing.T) {
		comesBack(t, shape{}, shape{time.Second, []byte("abcd"), math.MaxUint64, math.NaN()})
	})
	t.Run("long text", func(t *testing.T) { comesBack(t, strings.Repeat("ä", 1<<10), strings.Repeat("wört ", 60<<10)) })
	t.Run("list", func(t *testing.T) { comesBack(t, []string{"a", "b"}, []string{}) })
	t.Run("nil list", func(t *testing.T) { comesBack(t, []string(nil), []string(nil)) })
	t.Run("long list", func(t *testing.T) { comesBack(t, make([]int, 1500), make([]int, 5000)) })
	t.Run("any", func(t *testing.T) {
		comesBack[any](t, object{"0": 1, "1": 2}, object{"n": 7, "x": 7.0, "l": []any{nil, true}, "a.b": "", "": object{}})
	})
}

// A span that is full already keeps what it was recorded for, and EnrichSpan
// says what it did.
func TestEnrichSpanTellsTheTruth(t *testing.T) {
	for _, filled := range []bool{false, true} {
		b := honeyhivetest.NewBackend(t)
		limits := sdktrace.NewSpanLimits()
		limits.AttributeCountLimit = 50
		tracer := b.NewTracer(honeyhive.WithSpanLimits(limits))
		ctx, span := tracer.Start(t.Context(), "full")
		if filled {
			for i := range 60 {
				span.SetAttributes(attribute.Int(fmt.Sprint("library.", i), i))
			}
		}
		if took := tracer.EnrichSpan(ctx, honeyhive.Inputs{"question": "?"}); took == filled {
			t.Errorf("full %v: inputs: %v", filled, took)
		}
		many := make([]int, 2000)
		if !tracer.EnrichSpan(ctx, honeyhive.Outputs{"many": many, "answer": 42}, honeyhive.Metrics{"score": 0.5}, honeyhive.Error(errors.New("no"))) {
			t.Errorf("full %v: outputs, metrics and error were not taken", filled)
		}
		span.End()
		got := b.RequireSpan("full").Attributes
		for key, want := range map[string]any{
			"honeyhive_outputs.answer": int64(42), "honeyhive_metrics.score": 0.5, "honeyhive_error": "no",
			"honeyhive_outputs.many": "[" + strings.Repeat("0,", 1999) + "0]",
		} {
			if !reflect.DeepEqual(got[key], want) {
				t.Errorf("full %v: %s = %.60v", filled, key, got[key])
			}
		}
		if _, said := got["honeyhive_truncated"]; said != filled || (tracer.Stats().Truncated > 0) != filled {
			t.Errorf("full %v: said %v, counted %d", filled, said, tracer.Stats().Truncated)
		}
	}
}

// Values that become one text are redacted one by one all the same.
func TestLargeValuesAreRedacted(t *testing.T) {
	b := honeyhivetest.NewBackend(t)
	tracer := b.NewTracer(honeyhive.WithRedactor(func(key string, v any) any {
		if strings.HasSuffix(key, ".secret") {
			return "gone"
		}
		return v
	}))
	list := make([]object, 600)
	for i := range list {
		list[i] = object{"secret": "hunter2", "n": i}
	}
	ctx, span := tracer.Start(t.Context(), "large")
	tracer.EnrichSpan(ctx, honeyhive.Inputs{"list": list})
	span.End()
	text, _ := b.RequireSpan("large").Attributes["honeyhive_inputs.list"].(string)
	if strings.Contains(text, "hunter2") || strings.Count(text, "gone") != len(list) {
		t.Errorf("%.200s", text)
	}
}

// What does not look at its context does not hold up the run.
func TestTimeoutOfStuckFunctions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		block := make(chan struct{})
		run, err := honeyhive.Evaluate(t.Context(), nil, honeyhive.Experiment[string, string]{
			Dataset: honeyhive.DatasetOf(honeyhive.Datapoint[string]{Input: "task"}, honeyhive.Datapoint[string]{Input: "judge"}, honeyhive.Datapoint[string]{Input: "fine"}),
			Timeout: time.Second, Concurrency: 1,
			Task: func(_ context.Context, dp honeyhive.Datapoint[string]) (string, error) {
				if dp.Input == "task" {
					<-block
				}
				return dp.Input, nil
			},
			Evaluators: []honeyhive.Evaluator[string, string]{{Name: "judge", Func: func(_ context.Context, out string, _ honeyhive.Datapoint[string]) (honeyhive.Score, error) {
				if out == "judge" {
					<-block
				}
				return honeyhive.PassFail(true, ""), nil
			}}},
		})
		if err != nil {
			t.Fatal(err)
		}
		if len(run.Cases) != 3 || run.Abandoned != 2 || !errors.Is(run.Cases[0].Err, context.DeadlineExceeded) ||
			!errors.Is(run.Cases[1].Scores[0].Err, context.DeadlineExceeded) || !run.Cases[2].Passed() {
			t.Errorf("%d abandoned; %+v", run.Abandoned, run.Cases)
		}
		close(block)
	})
}

func TestOutputThatWouldNotComeBack(t *testing.T) {
	type hidden struct{ n int }
	ran := false
	_, err := honeyhive.Evaluate(t.Context(), nil, honeyhive.Experiment[string, map[string][]*hidden]{
		Journal: filepath.Join(t.TempDir(), "journal"),
		Dataset: honeyhive.DatasetOf(honeyhive.Datapoint[string]{Input: "a"}),
		Task: func(context.Context, honeyhive.Datapoint[string]) (map[string][]*hidden, error) {
			ran = true
			return map[string][]*hidden{"": {{n: 1}}}, nil
		},
	})
	if err == nil || !strings.Contains(err.Error(), "field n of ") || ran {
		t.Errorf("ran %v: %v", ran, err)
	}
}

// A trace file holds spans of anybody's, as large and odd as they like.
func TestReadReportOfOddSpans(t *testing.T) {
	file := filepath.Join(t.TempDir(), "t.jsonl")
	tracer, err := honeyhive.New(t.Context(), honeyhive.WithFile(file), honeyhive.WithOffline())
	if err != nil {
		t.Fatal(err)
	}
	run, err := honeyhive.Evaluate(t.Context(), tracer, honeyhive.Experiment[string, string]{
		Dataset: honeyhive.DatasetOf(honeyhive.Datapoint[string]{ID: "a", Input: "a"}),
		Task: func(ctx context.Context, dp honeyhive.Datapoint[string]) (string, error) {
			_, span := tracer.Start(ctx, "odd")
			defer span.End()
			span.SetAttributes(attribute.Float64("nan", math.NaN()), attribute.Float64Slice("inf", []float64{math.Inf(-1)}))
			return "right", nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	// A service that was sent the run's ids, and starts a trace of its own.
	forged, err := honeyhive.ContextWithBaggage(t.Context(), map[string]string{"run_id": run.ID, "dataset_id": run.DatasetID, "datapoint_id": run.Cases[0].ID})
	if err != nil {
		t.Fatal(err)
	}
	ctx, span := tracer.Start(forged, "forged")
	tracer.EnrichSpan(ctx, honeyhive.EventTypeChain, honeyhive.Outputs{"result": "forged", strings.Repeat("a.", 100): 1})
	span.End()
	if err := tracer.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	dots := `{"resourceSpans":[{"scopeSpans":[{"spans":[{"startTimeUnixNano":1,"attributes":[{"key":"honeyhive_inputs` + strings.Repeat(".", 3_000_000) + `","value":{"stringValue":"x"}}]}]}]}]}`
	content = append([]byte("\xef\xbb\xbf"), bytes.ReplaceAll(append(content, dots...), []byte("\n"), []byte("\r\n"))...)
	report, err := honeyhive.ReadReport(bytes.NewReader(content), run.ID)
	if err != nil {
		t.Fatal(err)
	}
	if len(report.Cases) != 1 || report.Cases[0].Output != "right" {
		t.Errorf("%+v", report.Cases)
	}
}

// Two datasets are not parts of one run.
func TestShardsOfDifferentDatasets(t *testing.T) {
	b := honeyhivetest.NewBackend(t)
	tracer := b.NewTracer(honeyhive.WithProject("p"))
	for i, points := range [][]honeyhive.Datapoint[string]{{{Input: "a"}, {Input: "b"}}, {{Input: "a"}, {Input: "c"}}} {
		_, err := honeyhive.Evaluate(t.Context(), tracer, honeyhive.Experiment[string, string]{
			RunID: "r", Shard: honeyhive.Shard{Index: i, Count: 2}, Dataset: honeyhive.DatasetOf(points...),
			Task: func(_ context.Context, dp honeyhive.Datapoint[string]) (string, error) { return dp.Input, nil },
		})
		if i == 0 && err != nil || i == 1 && (err == nil || !strings.Contains(err.Error(), "same dataset")) {
			t.Errorf("shard %d: %v", i, err)
		}
	}
}
