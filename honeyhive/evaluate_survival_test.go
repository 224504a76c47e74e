package honeyhive_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/honeyhiveai/hhvet/honeyhive"
	"github.com/honeyhiveai/hhvet/honeyhive/honeyhivetest"
)

func TestCancellation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := honeyhivetest.NewBackend(t)
		ctx, cancel := context.WithCancelCause(t.Context())
		reason := errors.New("the build was stopped")
		var begun atomic.Int32
		started := time.Now()
		run, err := honeyhive.Evaluate(ctx, b.NewTracer(), experiment{
			Dataset: honeyhive.DatasetOf(numbered(10_000)...), Concurrency: 4,
			Task: func(ctx context.Context, dp point) (string, error) {
				if begun.Add(1) <= 40 {
					return dp.Input, nil
				}
				cancel(reason)
				<-ctx.Done()
				return "", ctx.Err()
			},
		})
		if !errors.Is(err, reason) {
			t.Errorf("error = %v, want the context's cause", err)
		}
		if took := time.Since(started); took > 0 {
			t.Errorf("it took %v to stop", took)
		}
		if len(run.Cases) != 40 || run.Unfinished < 1 || run.Unfinished > 5 {
			t.Errorf("%d cases, %d unfinished; want the 40 that were done", len(run.Cases), run.Unfinished)
		}
		for _, c := range run.Cases {
			if c.Err != nil || c.Output != c.Datapoint.Input {
				t.Errorf("case %d: %q, %v", c.Index, c.Output, c.Err)
			}
			if s := b.RequireSession(c.SessionID); s.Outputs["result"] != c.Output {
				t.Errorf("case %d is not recorded: %v", c.Index, s)
			}
		}
		if r := b.Runs()[0]; r.Status != "cancelled" || len(r.Fields["event_ids"].([]any)) != 40 {
			t.Errorf("run = %v", r.Fields)
		}
	})
}

// A task that does not notice cannot hold up Evaluate, nor change what it
// returned.
func TestCancellationOfDeafTasks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		release, ended := make(chan struct{}), make(chan struct{})
		t.Cleanup(func() { close(release); <-ended })
		started := time.Now()
		run, err := honeyhive.Evaluate(ctx, nil, experiment{
			Dataset: honeyhive.DatasetOf(numbered(2)...), Concurrency: 1,
			Task: func(context.Context, point) (string, error) {
				cancel()
				<-release
				defer close(ended)
				return "late", nil
			},
		})
		if !errors.Is(err, context.Canceled) || len(run.Cases) != 0 || run.Unfinished != 1 {
			t.Errorf("run = %+v, error = %v", run, err)
		}
		if took := time.Since(started); took != time.Second {
			t.Errorf("it took %v to stop", took)
		}
	})
}

func TestCancelledBeforehand(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	run, err := honeyhive.Evaluate(ctx, honeyhivetest.NewBackend(t).NewTracer(), experiment{
		Dataset: honeyhive.DatasetOf(countries...),
		Task:    func(context.Context, point) (string, error) { t.Error("the task was called"); return "", nil },
	})
	if !errors.Is(err, context.Canceled) || len(run.Cases) != 0 {
		t.Errorf("run = %+v, error = %v", run, err)
	}
}

type wobble struct{}

func (wobble) Error() string { return "wobble" }

// Whatever a task or an evaluator does is the failure of one case.
func TestFailures(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := honeyhivetest.NewBackend(t)
		kinds := []string{"fine", "error", "panic", "panic with error", "exit", "slow", "evaluator error", "evaluator panic", "evaluator exit", "NaN", "verdict", "fine too"}
		points := make([]point, len(kinds))
		for i, k := range kinds {
			points[i].Input = k
		}
		run, err := honeyhive.Evaluate(t.Context(), b.NewTracer(), experiment{
			Dataset: honeyhive.DatasetOf(points...), Concurrency: 3, Timeout: 100 * time.Millisecond,
			Task: func(ctx context.Context, dp point) (string, error) {
				switch dp.Input {
				case "error":
					return "ignored", wobble{}
				case "panic":
					panicInTask()
				case "panic with error":
					panic(fmt.Errorf("wrapped: %w", wobble{}))
				case "exit":
					runtime.Goexit()
				case "slow":
					<-ctx.Done()
					return "", ctx.Err()
				}
				return dp.Input, nil
			},
			Evaluators: []evaluator{
				{Name: "first", Func: always},
				{Name: "second", Func: func(_ context.Context, output string, _ point) (honeyhive.Score, error) {
					switch output {
					case "evaluator error":
						return honeyhive.Score{Value: 1}, wobble{}
					case "evaluator panic":
						panic("in evaluator")
					case "evaluator exit":
						runtime.Goexit()
					case "NaN":
						return honeyhive.Score{Value: math.NaN()}, nil
					case "verdict":
						return honeyhive.Score{Verdict: "maybe"}, nil
					}
					return honeyhive.Score{Value: 1}, nil
				}},
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		failures := make(map[string]string)
		for i, c := range run.Cases {
			if c.Datapoint.Input != kinds[i] {
				t.Fatalf("case %d is %q", i, c.Datapoint.Input)
			}
			if err := c.Failure(); err != nil {
				failures[c.Datapoint.Input] = err.Error()
			}
			if c.Passed() != (c.Failure() == nil) {
				t.Errorf("%s: passed = %v", c.Datapoint.Input, c.Passed())
			}
			if c.Err != nil && len(c.Scores) > 0 {
				t.Errorf("%s has scores", c.Datapoint.Input)
			}
		}
		exit := "the goroutine was ended (runtime.Goexit, or FailNow of a test)"
		want := map[string]string{
			"error": "wobble", "panic": "panic: out of range", "panic with error": "panic: wrapped: wobble", "exit": exit,
			"slow":            "context deadline exceeded: longer than the Timeout of 100ms",
			"evaluator error": "evaluator second: wobble", "evaluator panic": "evaluator second: panic: in evaluator",
			"evaluator exit": "evaluator second: " + exit, "NaN": "evaluator second: the score is NaN",
			"verdict": `evaluator second: the verdict is "maybe", not "pass", "fail" or empty`,
		}
		if diff := cmp.Diff(want, failures); diff != "" {
			t.Errorf("failures (-want +got):\n%s", diff)
		}
		if !errors.As(run.Cases[3].Err, new(wobble)) || !errors.Is(run.Cases[5].Err, context.DeadlineExceeded) {
			t.Error("errors do not unwrap")
		}
		var p *honeyhive.PanicError
		if !errors.As(run.Cases[2].Err, &p) || !strings.Contains(p.Stack, "panicInTask") {
			t.Errorf("the stack is\n%v", p)
		}
		if m := run.Metric("second"); m.Scores != 2 || m.Errors != 5 {
			t.Errorf("metric = %+v", m)
		}
		// The first evaluator's scores are not lost with the second's.
		if s, ok := run.Cases[7].Score("first"); !ok || s.Value != 1 {
			t.Errorf("score = %+v", run.Cases[7].Scores)
		}
		for _, s := range b.Spans() {
			kind, _ := s.Attributes["honeyhive_inputs.input"].(string)
			if s.Error != (want[kind] != "") {
				t.Errorf("%s: the span's error status is %v", kind, s.Error)
			}
			if kind != "panic" && kind != "evaluator panic" {
				continue
			}
			if len(s.Events) != 1 || !strings.Contains(fmt.Sprint(s.Events[0].Attributes["exception.stacktrace"]), "goroutine") {
				t.Errorf("%s: events %v lack the stack", kind, s.Events)
			}
		}
		for i, c := range run.Cases {
			record := b.RequireSession(c.SessionID).Metadata["evaluation"].(object)
			if c.Err != nil && record["error"] != c.Err.Error() {
				t.Errorf("case %d is recorded as %v", i, record)
			}
		}
	})
}

func panicInTask() { panic("out of range") }

// A failure without a text is one for the run, for its report, for the trace
// file and for who resumes the run.
func TestFailureWithoutAText(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "traces.jsonl")
	b := honeyhivetest.NewBackend(t)
	tracer := b.NewTracer(honeyhive.WithFile(file))
	e := experiment{
		RunID: "run", Dataset: honeyhive.DatasetOf(point{Input: "task"}, point{Input: "evaluator"}, point{Input: "typed nil"}),
		Task: func(_ context.Context, dp point) (string, error) {
			switch dp.Input {
			case "task":
				return "", errors.New("")
			case "typed nil":
				return "", (*os.PathError)(nil)
			}
			return "", nil
		},
		Evaluators: []evaluator{{Name: "e", Func: func(context.Context, string, point) (honeyhive.Score, error) {
			return honeyhive.Score{}, errors.New("")
		}}},
	}
	for _, journal := range []string{"", filepath.Join(dir, "journal"), filepath.Join(dir, "journal")} {
		e.Journal = journal
		run, err := honeyhive.Evaluate(t.Context(), tracer, e)
		if err != nil {
			t.Fatal(err)
		}
		var table strings.Builder
		if err := run.Report().WriteTable(&table); err != nil || !strings.Contains(table.String(), "3 cases, 3 failed") || run.PassRate() > 0 {
			t.Errorf("pass rate %v, %v\n%s", run.PassRate(), err, table.String())
		}
	}
	if err := tracer.ForceFlush(t.Context()); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	report, err := honeyhive.ReadReport(bytes.NewReader(text), "")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range report.Cases {
		if c.Error == "" && (len(c.Scores) == 0 || c.Scores[0].Error == "") {
			t.Errorf("a case of the trace file did not fail: %+v", c)
		}
	}
}

// A task need not look at its context to be late.
func TestTimeoutOfADeafTask(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		run, err := honeyhive.Evaluate(t.Context(), nil, experiment{
			Dataset: honeyhive.DatasetOf(point{}), Timeout: time.Millisecond,
			Task: func(context.Context, point) (string, error) {
				time.Sleep(20 * time.Millisecond)
				return "late", nil
			},
			Evaluators: []evaluator{{Name: "e", Func: always}},
		})
		if err != nil {
			t.Fatal(err)
		}
		if c := run.Cases[0]; !errors.Is(c.Err, context.DeadlineExceeded) || len(c.Scores) > 0 || !strings.Contains(c.Err.Error(), "Timeout of 1ms") {
			t.Errorf("%+v", c)
		}
	})
}

// bomb has methods that panic.
type bomb struct{ armed bool }

func (b bomb) MarshalJSON() ([]byte, error) {
	if b.armed {
		panic("boom")
	}
	return []byte("{}"), nil
}

func (b *bomb) UnmarshalJSON([]byte) error { panic("boom") }

// hollow is an error whose methods panic.
type hollow struct{}

func (hollow) Error() string        { panic("Error") }
func (hollow) Unwrap() error        { panic("Unwrap") }
func (hollow) Is(target error) bool { panic("Is") }
func (hollow) As(target any) bool   { panic("As") }

// The methods of an application's types may panic wherever they are called.
func TestTypesThatPanic(t *testing.T) {
	for _, err := range []error{(*os.PathError)(nil), hollow{}} {
		run, problem := honeyhive.Evaluate(t.Context(), nil, experiment{
			Dataset: honeyhive.DatasetOf(point{}), Timeout: time.Millisecond,
			Task: func(ctx context.Context, _ point) (string, error) { <-ctx.Done(); return "", err },
		})
		if problem != nil || run.Cases[0].Passed() {
			t.Errorf("%#v: %v, %v", err, run.Cases[0].Err, problem)
		}
	}
	b := honeyhivetest.NewBackend(t)
	dataset := func(armed bool, id string) honeyhive.Dataset[bomb] {
		return honeyhive.DatasetOf(honeyhive.Datapoint[bomb]{ID: id, Input: bomb{armed}}).WithID("dataset")
	}
	for name, tt := range map[string]struct {
		e    honeyhive.Experiment[bomb, bomb]
		out  bomb
		want string // of the error, or "" for none
	}{
		"dataset's id":    {honeyhive.Experiment[bomb, bomb]{Dataset: dataset(true, "").WithID("")}, bomb{}, "boom"},
		"datapoint's id":  {honeyhive.Experiment[bomb, bomb]{Dataset: dataset(true, "")}, bomb{}, "boom"},
		"input":           {honeyhive.Experiment[bomb, bomb]{Dataset: dataset(true, "a")}, bomb{}, ""},
		"output":          {honeyhive.Experiment[bomb, bomb]{Dataset: dataset(false, "a")}, bomb{true}, ""},
		"journal":         {honeyhive.Experiment[bomb, bomb]{Dataset: dataset(false, "a"), Journal: filepath.Join(t.TempDir(), "journal")}, bomb{true}, "journal: output of datapoint 0: JSON of honeyhive_test.bomb: panic: boom"},
		"first of a run":  {honeyhive.Experiment[bomb, bomb]{Dataset: dataset(false, "a"), RunID: "a run"}, bomb{}, ""},
		"fetched dataset": {honeyhive.Experiment[bomb, bomb]{Dataset: honeyhive.DatasetByID[bomb](b.AddDataset(honeyhivetest.Dataset{Datapoints: []honeyhivetest.Datapoint{{}}}).ID)}, bomb{}, "boom"},
	} {
		t.Run(name, func(t *testing.T) {
			tt.e.Task = func(context.Context, honeyhive.Datapoint[bomb]) (bomb, error) { return tt.out, nil }
			// Twice, where that means to resume.
			for range 2 {
				run, err := honeyhive.Evaluate(t.Context(), b.NewTracer(honeyhive.WithLogger(discard())), tt.e)
				if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
					t.Fatalf("error %v, want %q", err, tt.want)
				}
				if run == nil {
					continue
				}
				if err := run.Report().WriteTable(io.Discard); err != nil || run.PassRate() != 1 && tt.want == "" {
					t.Errorf("pass rate %v, %v", run.PassRate(), err)
				}
			}
		})
	}
	none := honeyhive.Experiment[*time.Time, int]{
		Dataset: honeyhive.DatasetOf(honeyhive.Datapoint[*time.Time]{}),
		Task:    func(context.Context, honeyhive.Datapoint[*time.Time]) (int, error) { return 0, nil },
	}
	if _, err := honeyhive.Evaluate(t.Context(), nil, none); err != nil {
		t.Errorf("a nil input: %v", err)
	}
	if _, err := honeyhive.GroundTruthAs[bomb](honeyhive.Datapoint[int]{GroundTruth: 1}); err == nil {
		t.Error("ground truth: no error")
	}
}

// An output that has no JSON, or contains itself, has a place in a report.
func TestReportOfWhatHasNoJSON(t *testing.T) {
	cycle := map[string]any{"a": 1}
	cycle["self"] = cycle
	outputs := []any{cycle, math.NaN(), make(chan int), map[string]any{"f": math.Inf(1), "g": func() {}}}
	points := make([]honeyhive.Datapoint[int], len(outputs))
	for i := range points {
		points[i].Input = i
	}
	run, err := honeyhive.Evaluate(t.Context(), nil, honeyhive.Experiment[int, any]{
		Dataset: honeyhive.DatasetOf(points...),
		Task:    func(_ context.Context, dp honeyhive.Datapoint[int]) (any, error) { return outputs[dp.Input], nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, c := range run.Report().Cases {
		got = append(got, strings.Join(strings.Fields(c.Output), " "))
	}
	if diff := cmp.Diff([]string{`{ "a": 1, "self": "(cycle)" }`, "nan", "chan int", `{ "f": "inf", "g": "func()" }`}, got); diff != "" {
		t.Errorf("outputs (-want +got):\n%s", diff)
	}
}

// HoneyHive says when to come back, also where that is later than a call may
// last.
func TestEvaluateHonoursRetryAfter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := honeyhivetest.NewBackend(t)
		b.Inject(honeyhivetest.Fault{Path: "/v1/sessions", Times: 1, Status: 429, RetryAfter: 2 * time.Second})
		begun := time.Now()
		_, err := honeyhive.Evaluate(t.Context(), b.NewTracer(honeyhive.WithAPITimeout(time.Second)), experiment{
			Dataset: honeyhive.DatasetOf(point{}), Task: func(context.Context, point) (string, error) { return "", nil },
		})
		if d := time.Since(begun); err != nil || d != 2*time.Second {
			t.Errorf("after %v: %v", d, err)
		}
	})
}

// Whatever Evaluate tells HoneyHive passes the redactor.
func TestEvaluateIsRedacted(t *testing.T) {
	const secret = "4111-1111-1111-1111"
	b := honeyhivetest.NewBackend(t)
	tracer := b.NewTracer(honeyhive.WithLogger(discard()), honeyhive.WithRedactor(func(_ string, v any) any {
		if s, ok := v.(string); ok {
			return strings.ReplaceAll(s, secret, "[card]")
		}
		return v
	}))
	_, err := honeyhive.Evaluate(t.Context(), tracer, experiment{
		Name: "of " + secret,
		Dataset: honeyhive.DatasetOf(
			point{Input: secret, GroundTruth: secret, Metadata: honeyhive.Metadata{"card": secret}}, point{Input: "fails"}),
		Task: func(_ context.Context, dp point) (string, error) {
			if dp.Input == "fails" {
				return "", errors.New("no " + secret)
			}
			return "a " + secret, nil
		},
		Evaluators: []evaluator{{Name: "e", Func: func(context.Context, string, point) (honeyhive.Score, error) {
			return honeyhive.Score{Explanation: "because of " + secret}, nil
		}}, {Name: "f", Func: func(context.Context, string, point) (honeyhive.Score, error) {
			panic(secret)
		}}},
		Overall: []honeyhive.Overall[string, string]{{Name: "o", Func: func(context.Context, []honeyhive.Case[string, string]) (honeyhive.Score, error) {
			return honeyhive.Score{Value: 0.5, Explanation: "because of " + secret}, nil
		}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range b.Requests() {
		if strings.Contains(string(r.Body), secret) {
			t.Errorf("%s %s tells the secret: %s", r.Method, r.Path, r.Body)
		}
	}
	overall, _ := b.Runs()[0].Fields["metadata"].(object)["overall"].(object)
	if diff := cmp.Diff(object{"o": object{"value": 0.5, "explanation": "because of [card]"}}, overall); diff != "" {
		t.Errorf("overall (-want +got):\n%s", diff)
	}
}

// An evaluator of the whole may do what one of a case may, and may sort the
// cases that it is given.
func TestOverallFailures(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		type cases = []honeyhive.Case[string, string]
		ctx, cancel := context.WithCancel(t.Context())
		release := make(chan struct{})
		defer close(release)
		var overall []honeyhive.Overall[string, string]
		for name, f := range map[string]func(){
			"panics": func() { panic("boom") }, "exits": runtime.Goexit, "returns": func() {},
			"zz hangs": func() { cancel(); <-release },
		} {
			overall = append(overall, honeyhive.Overall[string, string]{Name: name, Func: func(_ context.Context, cs cases) (honeyhive.Score, error) {
				slices.Reverse(cs)
				f()
				return honeyhive.Score{Value: 1}, nil
			}})
		}
		slices.SortFunc(overall, func(a, b honeyhive.Overall[string, string]) int { return strings.Compare(a.Name, b.Name) })
		run, err := honeyhive.Evaluate(ctx, nil, experiment{
			Dataset: honeyhive.DatasetOf(numbered(3)...), Overall: overall,
			Task: func(_ context.Context, dp point) (string, error) { return dp.Input, nil },
		})
		if err != nil {
			t.Fatal(err)
		}
		got := make(map[string]string)
		for _, j := range run.Overall {
			got[j.Name] = fmt.Sprint(j.Value, " ", j.Err)
		}
		want := map[string]string{
			"panics": "0 panic: boom", "exits": "0 the goroutine was ended (runtime.Goexit, or FailNow of a test)", "returns": "1 <nil>",
			"zz hangs": "0 context canceled",
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("judgements (-want +got):\n%s", diff)
		}
		if run.Cases[0].Index != 0 {
			t.Error("the cases are not in the dataset's order")
		}
	})
}

func TestFailingDataset(t *testing.T) {
	broken := errors.New("line 4: no JSON")
	for _, test := range []struct {
		name string
		seq  func(yield func(point, error) bool)
		want string
	}{
		{"error", func(yield func(point, error) bool) {
			for _, p := range numbered(3) {
				if !yield(p, nil) {
					return
				}
			}
			// Again and again, as a broken reader does.
			for yield(point{}, broken) {
			}
		}, "dataset, after 3 cases: line 4: no JSON"},
		{"panic", func(yield func(point, error) bool) {
			for _, p := range numbered(3) {
				yield(p, nil)
			}
			panic("torn page")
		}, "dataset, after 3 cases: panic: torn page"},
		{"exit", func(yield func(point, error) bool) {
			for _, p := range numbered(3) {
				yield(p, nil)
			}
			runtime.Goexit()
		}, "dataset, after 3 cases: the goroutine was ended"},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := honeyhivetest.NewBackend(t)
			run, err := honeyhive.Evaluate(t.Context(), b.NewTracer(), experiment{Dataset: honeyhive.DatasetSeq(test.seq), Task: same})
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error = %v, want %q", err, test.want)
			}
			if len(run.Cases) != 3 {
				t.Errorf("%d cases, want those before the error", len(run.Cases))
			}
			if status := b.Runs()[0].Status; status != "failed" {
				t.Errorf("the run is %s", status)
			}
		})
	}
}

func TestDatasetThatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		release := make(chan struct{})
		t.Cleanup(func() { close(release) })
		started := time.Now()
		run, err := honeyhive.Evaluate(ctx, nil, experiment{
			Concurrency: 1, // so that the first case is done before the second is asked for
			Dataset: honeyhive.DatasetSeq(func(yield func(point, error) bool) {
				yield(point{Input: "one"}, nil)
				cancel()
				<-release
			}),
			Task: same,
		})
		if !errors.Is(err, context.Canceled) || len(run.Cases) != 1 || time.Since(started) != time.Second {
			t.Errorf("run = %+v, error = %v after %v", run, err, time.Since(started))
		}
	})
}

// Nor does a dataset crash the process that is left early.
func TestDatasetThatPanicsAtItsEnd(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	_, err := honeyhive.Evaluate(ctx, nil, experiment{
		Dataset: honeyhive.DatasetSeq(func(yield func(point, error) bool) {
			defer panic("already closed")
			for yield(point{}, nil) {
			}
		}),
		Task: func(context.Context, point) (string, error) { cancel(); return "", nil },
	})
	if !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "panic: already closed") {
		t.Errorf("error = %v", err)
	}
}

// The dataset is not read ahead of the tasks.
func TestDatasetIsReadAsNeeded(t *testing.T) {
	var read, done atomic.Int32
	_, err := honeyhive.Evaluate(t.Context(), nil, experiment{
		Concurrency: 4,
		Dataset: honeyhive.DatasetSeq(func(yield func(point, error) bool) {
			for _, p := range numbered(100) {
				if ahead := read.Add(1) - done.Load(); ahead > 5 {
					t.Errorf("%d cases are read and not done", ahead)
				}
				if !yield(p, nil) {
					return
				}
			}
		}),
		Task: func(context.Context, point) (string, error) { done.Add(1); return "", nil },
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestSlowBackend(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := honeyhivetest.NewBackend(t)
		b.Inject(honeyhivetest.Fault{Hang: true})
		tracer := b.NewTracer(honeyhive.WithAPITimeout(time.Minute), honeyhive.WithExportTimeout(time.Minute))
		var first, last time.Time
		var mu sync.Mutex
		run, err := honeyhive.Evaluate(t.Context(), tracer, experiment{
			Dataset: honeyhive.DatasetOf(numbered(200)...), Drain: 50 * time.Millisecond,
			Task: func(ctx context.Context, dp point) (string, error) {
				mu.Lock()
				defer mu.Unlock()
				if last = time.Now(); first.IsZero() {
					first = last
				}
				return dp.Input, nil
			},
			Evaluators: []evaluator{{Name: "always", Func: always}},
		})
		if took := last.Sub(first); took > 0 {
			t.Errorf("the tasks took %v", took)
		}
		if len(run.Cases) != 200 || run.Metric("always").Passed != 200 {
			t.Errorf("%d cases, %+v", len(run.Cases), run.Metrics)
		}
		// What is missing in HoneyHive must not go unnoticed.
		if err == nil || !strings.Contains(err.Error(), "HoneyHive has no record of 200 cases") {
			t.Errorf("error = %v", err)
		}
	})
}

type nowhere struct{}

func (nowhere) ExportSpans(context.Context, []sdktrace.ReadOnlySpan) error { return nil }
func (nowhere) Shutdown(context.Context) error                             { return nil }

// lazy is an exporter that takes its time.
type lazy struct{ nowhere }

func (lazy) ExportSpans(ctx context.Context, _ []sdktrace.ReadOnlySpan) error {
	select {
	case <-time.After(400 * time.Millisecond):
	case <-ctx.Done():
	}
	return ctx.Err()
}

// More spans than a slow destination takes: the tasks go on without it.
func TestSlowExporter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tracer, err := honeyhive.New(t.Context(), honeyhive.WithAPIKey(""), honeyhive.WithSpanExporter(lazy{}), honeyhive.WithLogger(slog.New(slog.DiscardHandler)))
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		t.Cleanup(func() { _ = tracer.Shutdown(ctx) })
		var first, last time.Time
		run, err := honeyhive.Evaluate(t.Context(), tracer, experiment{
			Dataset: honeyhive.DatasetOf(numbered(20_000)...), Concurrency: 1, Drain: time.Millisecond,
			Task: func(_ context.Context, dp point) (string, error) {
				if last = time.Now(); first.IsZero() {
					first = last
				}
				return dp.Input, nil
			},
		})
		if err == nil || len(run.Cases) != 20_000 {
			t.Errorf("%d cases, error %v", len(run.Cases), err)
		}
		// It takes the exporter 16 seconds.
		if took := last.Sub(first); took > time.Second {
			t.Errorf("the tasks took %v", took)
		}
	})
}

// What takes HoneyHive longer than Drain is waited for as long as it goes on.
func TestDrainGoesOnWithProgress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := honeyhivetest.NewBackend(t)
		b.Inject(honeyhivetest.Fault{Path: "/v1", Delay: 40 * time.Millisecond})
		run, err := honeyhive.Evaluate(t.Context(), b.NewTracer(), experiment{
			Dataset: honeyhive.DatasetOf(numbered(300)...), Task: same, Drain: 500 * time.Millisecond,
		})
		if err != nil {
			t.Fatal(err)
		}
		if s := b.RequireSession(run.Cases[299].SessionID); s.Outputs["result"] != "299" {
			t.Errorf("session = %+v", s)
		}
	})
}

// Who cancels while Evaluate waits for HoneyHive does not wait either.
func TestCancellationDuringDrain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := honeyhivetest.NewBackend(t)
		b.Inject(honeyhivetest.Fault{Hang: true})
		ctx, cancel := context.WithCancel(t.Context())
		started := time.Now()
		time.AfterFunc(50*time.Millisecond, cancel)
		run, err := honeyhive.Evaluate(ctx, b.NewTracer(honeyhive.WithAPITimeout(time.Minute)), experiment{
			Dataset: honeyhive.DatasetOf(countries...), Task: capital,
		})
		if len(run.Cases) != 3 || err == nil || !strings.Contains(err.Error(), "no record of 3 cases") {
			t.Errorf("%d cases, error %v", len(run.Cases), err)
		}
		if took := time.Since(started); took > 50*time.Millisecond {
			t.Errorf("it took %v", took)
		}
	})
}

// An outage in the middle costs nothing.
func TestEvaluateOutage(t *testing.T) {
	b := honeyhivetest.NewBackend(t)
	b.Inject(honeyhivetest.Fault{Path: "/v1", Status: 503, Times: 6})
	run, err := honeyhive.Evaluate(t.Context(), b.NewTracer(), experiment{Dataset: honeyhive.DatasetOf(numbered(20)...), Task: same})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range run.Cases {
		if s := b.RequireSession(c.SessionID); s.Outputs["result"] != c.Output || s.Inputs["input"] != c.Output {
			t.Errorf("session = %+v", s)
		}
	}
	if status := b.Runs()[0].Status; status != "completed" {
		t.Errorf("the run is %s", status)
	}
}

// A case on which HoneyHive fails is given up; the others are recorded.
func TestServerFault(t *testing.T) {
	b := honeyhivetest.NewBackend(t)
	run, err := honeyhive.Evaluate(t.Context(), b.NewTracer(), experiment{
		Dataset: honeyhive.DatasetOf(numbered(40)...), Concurrency: 1,
		Task: func(_ context.Context, dp point) (string, error) {
			if dp.Input == "20" {
				// Of 9 requests for one session, or of several.
				b.Inject(honeyhivetest.Fault{Path: "/v1/events/", Status: 500, Times: 9 * 16})
			}
			return dp.Input, nil
		},
	})
	lost := 0
	for _, c := range run.Cases {
		if b.RequireSession(c.SessionID).Outputs["result"] != c.Output {
			lost++
		}
	}
	if lost == 0 || lost > 16 {
		t.Errorf("%d cases are lost", lost)
	}
	if err == nil || !strings.Contains(err.Error(), fmt.Sprintf("no record of %d cases", lost)) || !strings.Contains(err.Error(), "500") {
		t.Errorf("%d cases are lost, error %v", lost, err)
	}
}

// A key that HoneyHive refuses ends the run before it costs much.
func TestRefused(t *testing.T) {
	b := honeyhivetest.NewBackend(t)
	b.Inject(honeyhivetest.Fault{Path: "/v1/runs", Status: 401, Body: "no such key"})
	run, err := honeyhive.Evaluate(t.Context(), b.NewTracer(), experiment{
		Dataset: honeyhive.DatasetOf(numbered(100_000)...),
		Task: func(ctx context.Context, dp point) (string, error) {
			select {
			case <-time.After(time.Millisecond):
			case <-ctx.Done():
			}
			return "", ctx.Err()
		},
	})
	if err == nil || !strings.Contains(err.Error(), "401") || !strings.Contains(err.Error(), "create run") {
		t.Errorf("error = %v", err)
	}
	if len(run.Cases) > 10_000 {
		t.Errorf("%d cases ran", len(run.Cases))
	}
}

func TestShutdownDuringRun(t *testing.T) {
	b := honeyhivetest.NewBackend(t)
	tracer := b.NewTracer()
	run, err := honeyhive.Evaluate(t.Context(), tracer, experiment{
		Dataset: honeyhive.DatasetOf(numbered(50)...), Concurrency: 2,
		Task: func(ctx context.Context, dp point) (string, error) {
			if dp.Input == "10" {
				if err := tracer.Shutdown(ctx); err != nil {
					t.Error(err)
				}
			}
			return dp.Input, nil
		},
	})
	if err != nil || len(run.Cases) != 50 {
		t.Errorf("%d cases, error %v", len(run.Cases), err)
	}
}

// Without an account, or a tracer at all, there are still results.
func TestEvaluateOffline(t *testing.T) {
	file := filepath.Join(t.TempDir(), "traces.jsonl")
	offline, err := honeyhive.New(t.Context(), honeyhive.WithAPIKey("key"), honeyhive.WithOffline(), honeyhive.WithFile(file), honeyhive.WithProject("p"))
	if err != nil {
		t.Fatal(err)
	}
	defer offline.Shutdown(context.Background())
	for name, tracer := range map[string]*honeyhive.Tracer{"offline": offline, "none": nil} {
		run, err := honeyhive.Evaluate(t.Context(), tracer, experiment{
			Dataset: honeyhive.DatasetOf(countries...), Task: capital, Evaluators: []evaluator{{Name: "exact", Func: exact}},
		})
		if err != nil || len(run.Cases) != 3 || run.Metric("exact").Passed != 2 {
			t.Errorf("%s: %+v, %v", name, run, err)
		}
	}
	// Evaluate has flushed: the file is complete before Shutdown.
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	spans, err := honeyhivetest.ReadFile(text)
	if err != nil {
		t.Fatal(err)
	}
	var outputs []string
	for _, s := range spans {
		outputs = append(outputs, fmt.Sprint(s.Attributes["honeyhive_outputs.result"], s.Attributes["honeyhive_metrics.exact"]))
	}
	slices.Sort(outputs)
	if diff := cmp.Diff([]string{"Kyotofalse", "Limatrue", "Paristrue"}, outputs); diff != "" {
		t.Errorf("the trace file has (-want +got):\n%s", diff)
	}
}

// More spans than the queue holds: a destination that keeps up loses none.
func TestNoSpanIsDropped(t *testing.T) {
	b := honeyhivetest.NewBackend(t)
	tracer := b.NewTracer(honeyhive.WithQueueSize(64), honeyhive.WithBatchSize(16))
	if _, err := honeyhive.Evaluate(t.Context(), tracer, experiment{Dataset: honeyhive.DatasetOf(numbered(500)...), Task: same}); err != nil {
		t.Fatal(err)
	}
	if s := tracer.Stats(); s.Exported != 500 || s.Dropped != 0 {
		t.Errorf("stats = %+v", s)
	}
}
