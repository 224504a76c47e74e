package honeyhive_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/honeyhiveai/hhvet/honeyhive"
	"github.com/honeyhiveai/hhvet/honeyhive/honeyhivetest"
)

// locked is a buffer that goroutines share.
type locked struct {
	mu sync.Mutex
	bytes.Buffer
}

func (l *locked) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.Buffer.Write(p)
}

// stages are two runs of one id, and what the tasks and evaluators were
// called for.
func stage(t *testing.T, tracer *honeyhive.Tracer, e experiment, fail func(string) error, evaluators ...string) (*honeyhive.Run[string, string], []string) {
	t.Helper()
	var mu sync.Mutex
	var calls []string
	called := func(what string) {
		mu.Lock()
		defer mu.Unlock()
		calls = append(calls, what)
	}
	e.RunID, e.Dataset = "the run", honeyhive.DatasetOf(numbered(3)...)
	e.Task = func(_ context.Context, dp point) (string, error) {
		called("task " + dp.Input)
		return "out " + dp.Input, fail(dp.Input)
	}
	for i, name := range evaluators {
		e.Evaluators = append(e.Evaluators, evaluator{Name: name, Func: func(_ context.Context, output string, dp point) (honeyhive.Score, error) {
			called(name + " " + dp.Input)
			if output != "out "+dp.Input {
				t.Errorf("%s judges %q", name, output)
			}
			return honeyhive.Score{Value: float64(i), Explanation: name}, nil
		}})
	}
	run, err := honeyhive.Evaluate(t.Context(), tracer, e)
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(calls)
	return run, calls
}

func never(string) error { return nil }

func only(input string) func(string) error {
	return func(in string) error {
		if in == input {
			return errors.New("not today")
		}
		return nil
	}
}

func TestResume(t *testing.T) {
	for _, where := range []string{"HoneyHive", "journal"} {
		start := func(t *testing.T) (*honeyhive.Tracer, experiment) {
			if where == "journal" {
				return nil, experiment{Journal: filepath.Join(t.TempDir(), "journal")}
			}
			return honeyhivetest.NewBackend(t).NewTracer(), experiment{}
		}
		t.Run("nothing is missing/"+where, func(t *testing.T) {
			tracer, e := start(t)
			first, _ := stage(t, tracer, e, never, "a", "b")
			again, calls := stage(t, tracer, e, never, "a", "b")
			if len(calls) > 0 {
				t.Errorf("called for %q", calls)
			}
			for i := range first.Cases {
				first.Cases[i].Resumed = true
				// Milliseconds are kept as a float64.
				first.Cases[i].Duration = first.Cases[i].Duration.Round(time.Microsecond)
				again.Cases[i].Duration = again.Cases[i].Duration.Round(time.Microsecond)
			}
			if diff := cmp.Diff(first.Cases, again.Cases); diff != "" {
				t.Errorf("cases (-first +again):\n%s", diff)
			}
		})
		t.Run("a failed case stays failed/"+where, func(t *testing.T) {
			tracer, e := start(t)
			stage(t, tracer, e, only("1"))
			run, calls := stage(t, tracer, e, never)
			if len(calls) > 0 || run.Cases[1].Err == nil || run.Cases[1].Err.Error() != "not today" {
				t.Errorf("called for %q, error %v", calls, run.Cases[1].Err)
			}
		})
		t.Run("RetryFailed/"+where, func(t *testing.T) {
			tracer, e := start(t)
			stage(t, tracer, e, only("1"))
			e.RetryFailed = true
			run, calls := stage(t, tracer, e, never)
			if diff := cmp.Diff([]string{"task 1"}, calls); diff != "" {
				t.Errorf("called for (-want +got):\n%s", diff)
			}
			if run.Cases[1].Err != nil || run.Cases[1].Output != "out 1" || run.Cases[1].Resumed {
				t.Errorf("case = %+v", run.Cases[1])
			}
			// The repetition is what the next one finds.
			run, calls = stage(t, tracer, e, never)
			if len(calls) > 0 || run.Cases[1].Err != nil {
				t.Errorf("called for %q, error %v", calls, run.Cases[1].Err)
			}
		})
		t.Run("a new evaluator judges what is there/"+where, func(t *testing.T) {
			tracer, e := start(t)
			stage(t, tracer, e, only("1"), "a")
			run, calls := stage(t, tracer, e, never, "a", "b")
			if diff := cmp.Diff([]string{"b 0", "b 2"}, calls); diff != "" {
				t.Errorf("called for (-want +got):\n%s", diff)
			}
			want := []honeyhive.Judgement{
				{Name: "a", Score: honeyhive.Score{Explanation: "a"}},
				{Name: "b", Score: honeyhive.Score{Value: 1, Explanation: "b"}},
			}
			if diff := cmp.Diff(want, run.Cases[2].Scores); diff != "" {
				t.Errorf("scores (-want +got):\n%s", diff)
			}
		})
	}
}

// A journal survives what a crash does to files.
func TestTornJournal(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal")
	e := experiment{Journal: path}
	stage(t, nil, e, never)
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(string(text), "\n")
	torn := "garbage\n" + lines[0] + "\n\x00\x00\n" + lines[1] + lines[2][:len(lines[2])/2]
	if err := os.WriteFile(path, []byte(torn), 0o600); err != nil {
		t.Fatal(err)
	}
	run, calls := stage(t, nil, e, never)
	if len(calls) != 1 || len(run.Cases) != 3 {
		t.Errorf("called for %q", calls)
	}
	// What was written after the torn line can be read.
	if _, calls := stage(t, nil, e, never); len(calls) > 0 {
		t.Errorf("called for %q", calls)
	}
}

// Records of other runs in the same file are not this run's.
func TestJournalOfTwoRuns(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal")
	for _, id := range []string{"one", "two"} {
		run, err := honeyhive.Evaluate(t.Context(), nil, experiment{
			RunID: id, Journal: path, Dataset: honeyhive.DatasetOf(countries...),
			Task: func(context.Context, point) (string, error) { return id, nil },
		})
		if err != nil || run.Cases[0].Output != id || run.Cases[0].Resumed {
			t.Errorf("run %s: %+v, %v", id, run, err)
		}
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
}

// An output that cannot be kept is said so, and does not fail its case.
func TestJournalOfWhatHasNoJSON(t *testing.T) {
	path := filepath.Join(t.TempDir(), "journal")
	run, err := honeyhive.Evaluate(t.Context(), nil, honeyhive.Experiment[string, chan int]{
		Journal: path, Dataset: honeyhive.DatasetOf(point{}),
		Task: func(context.Context, point) (chan int, error) { return make(chan int), nil },
	})
	if err == nil || !strings.Contains(err.Error(), "output of datapoint 0") || run.Cases[0].Err != nil {
		t.Errorf("error = %v", err)
	}
}

// What a journal has and HoneyHive lacks is sent when the run is resumed.
func TestJournalFillsHoneyHive(t *testing.T) {
	b := honeyhivetest.NewBackend(t)
	e := experiment{Journal: filepath.Join(t.TempDir(), "journal")}
	stage(t, nil, e, never, "a")
	run, calls := stage(t, b.NewTracer(), e, never, "a")
	if len(calls) > 0 {
		t.Errorf("called for %q", calls)
	}
	for i, c := range run.Cases {
		s := b.RequireSession(c.SessionID)
		if s.Outputs["result"] != fmt.Sprint("out ", i) || s.Metadata["evaluation"] == nil {
			t.Errorf("session = %+v", s)
		}
	}
}

// Without knowing what there is a run must not do it all again.
func TestResumeDuringOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := honeyhivetest.NewBackend(t)
		tracer := b.NewTracer(honeyhive.WithAPITimeout(50 * time.Millisecond))
		b.Inject(honeyhivetest.Fault{Path: "/v1/events/search", Hang: true})
		_, err := honeyhive.Evaluate(t.Context(), tracer, experiment{
			RunID: "x", Dataset: honeyhive.DatasetOf(countries...),
			Task: func(context.Context, point) (string, error) { t.Error("the task was called"); return "", nil },
		})
		if err == nil || !strings.Contains(err.Error(), "find out what run") {
			t.Errorf("error = %v", err)
		}
	})
}

// A shard without cases neither does anything nor says that all is done.
func TestShardWithoutCases(t *testing.T) {
	b := honeyhivetest.NewBackend(t)
	run, err := honeyhive.Evaluate(t.Context(), b.NewTracer(), experiment{
		RunID: "x", Dataset: honeyhive.DatasetOf(countries...), Task: capital, Shard: honeyhive.Shard{Index: 4, Count: 5},
	})
	if err != nil || len(run.Cases) > 0 {
		t.Errorf("run = %+v, %v", run, err)
	}
	if r := b.Runs()[0]; r.Status != "running" || len(r.Fields["event_ids"].([]any)) != 3 {
		t.Errorf("run = %v", r.Fields)
	}
}
