package honeyhive_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/honeyhiveai/hhvet/honeyhive"
	"github.com/honeyhiveai/hhvet/honeyhive/honeyhivetest"
)

// worker is a process that does a part of an experiment.
type worker struct {
	RunID     string
	Cases     int
	Shard     honeyhive.Shard
	ServerURL string // of a backend, or ""
	Journal   string
	TraceFile string
	Hang      int // the case from which on a task never ends, or 0
}

const workerVariable = "EVALUATE_WORKER"

// squares is an experiment whose results are the same wherever it runs. calls
// learns of every call of the task.
func squares(w worker, calls io.Writer) honeyhive.Experiment[int, int] {
	points := make([]honeyhive.Datapoint[int], w.Cases)
	for i := range points {
		points[i] = honeyhive.Datapoint[int]{Input: i, GroundTruth: i * i}
	}
	return honeyhive.Experiment[int, int]{
		Name: "squares", RunID: w.RunID, Shard: w.Shard, Journal: w.Journal, Concurrency: 4,
		Dataset: honeyhive.DatasetOf(points...),
		Task: func(ctx context.Context, dp honeyhive.Datapoint[int]) (int, error) {
			if w.Hang > 0 && dp.Input >= w.Hang {
				<-ctx.Done()
				return 0, ctx.Err()
			}
			// One write, which other goroutines' do not tear.
			fmt.Fprintf(calls, "case %d\n", dp.Input)
			if dp.Input%7 == 3 {
				return 0, fmt.Errorf("no square of %d", dp.Input)
			}
			return dp.Input * dp.Input, nil
		},
		Evaluators: []honeyhive.Evaluator[int, int]{
			{Name: "right", Func: func(_ context.Context, output int, dp honeyhive.Datapoint[int]) (honeyhive.Score, error) {
				want, err := honeyhive.GroundTruthAs[int](dp)
				return honeyhive.PassFail(output == want, "an explanation"), err
			}},
			{Name: "size", Func: func(_ context.Context, output int, _ honeyhive.Datapoint[int]) (honeyhive.Score, error) {
				return honeyhive.AtLeast(10, float64(output), ""), nil
			}},
		},
	}
}

func (w worker) tracer(ctx context.Context) (*honeyhive.Tracer, error) {
	opts := []honeyhive.Option{honeyhive.WithProject("squares")}
	if w.ServerURL != "" {
		opts = append(opts, honeyhive.WithServerURL(w.ServerURL), honeyhive.WithAPIKey("key"), honeyhive.WithImmediateExport())
	}
	if w.TraceFile != "" {
		opts = append(opts, honeyhive.WithFile(w.TraceFile), honeyhive.WithImmediateExport())
	}
	return honeyhive.New(ctx, opts...)
}

// TestWorker is the other processes of the tests below.
func TestWorker(t *testing.T) {
	config := os.Getenv(workerVariable)
	if config == "" {
		t.Skip("not a process of its own")
	}
	var w worker
	if err := json.Unmarshal([]byte(config), &w); err != nil {
		t.Fatal(err)
	}
	tracer, err := w.tracer(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer tracer.Shutdown(context.Background())
	if _, err := honeyhive.Evaluate(t.Context(), tracer, squares(w, os.Stdout)); err != nil {
		t.Fatal(err)
	}
}

// command starts w as a process.
func (w worker) command(t *testing.T) *exec.Cmd {
	t.Helper()
	config, err := json.Marshal(w)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestWorker$", "-test.timeout=2m")
	cmd.Env = append(os.Environ(), workerVariable+"="+string(config))
	cmd.Stderr = os.Stderr
	return cmd
}

// killed runs w as a process and kills it when enough is true. It returns which
// cases the process ran.
func (w worker) killed(t *testing.T, enough func() bool) (ran []string) {
	t.Helper()
	cmd := w.command(t)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		for !enough() && t.Context().Err() == nil {
			time.Sleep(time.Millisecond)
		}
		_ = cmd.Process.Kill() // it may have ended: see below
	}()
	for lines := bufio.NewScanner(out); lines.Scan(); {
		ran = append(ran, called(lines.Bytes())...)
	}
	if err := cmd.Wait(); err == nil || !enough() {
		t.Fatalf("the process was not killed after enough cases: %v", err)
	}
	return ran
}

// called returns which cases a process ran.
func called(output []byte) (cases []string) {
	for line := range strings.Lines(string(output)) {
		if strings.HasPrefix(line, "case ") {
			cases = append(cases, strings.TrimSpace(line))
		}
	}
	return cases
}

// finished is what a run says about its cases, without what differs from run
// to run.
func finished(run *honeyhive.Run[int, int]) []honeyhive.Case[int, int] {
	cases := slices.Clone(run.Cases)
	for i := range cases {
		cases[i].SessionID, cases[i].Duration, cases[i].Resumed = "", 0, false
	}
	return cases
}

var sameErrors = cmp.Options{
	cmp.Comparer(func(a, b error) bool { return fmt.Sprint(a) == fmt.Sprint(b) }),
	cmpopts.EquateEmpty(),
}

// evaluateHere runs w in this process and returns which cases it ran.
func evaluateHere(t *testing.T, w worker) (*honeyhive.Run[int, int], []string) {
	t.Helper()
	tracer, err := w.tracer(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer tracer.Shutdown(context.Background())
	var calls locked
	run, err := honeyhive.Evaluate(t.Context(), tracer, squares(w, &calls))
	if err != nil {
		t.Fatal(err)
	}
	return run, called(calls.Bytes())
}

// Four processes that share a run id find together what one finds, and a
// fifth that does not know of shards has nothing left to do but to read it.
func TestShards(t *testing.T) {
	const cases, count = 50, 4
	for _, test := range []struct {
		name    string
		online  bool
		journal bool
	}{{"through HoneyHive", true, false}, {"through a journal", false, true}} {
		t.Run(test.name, func(t *testing.T) {
			b := honeyhivetest.NewBackend(t)
			base := worker{RunID: "nightly build 7", Cases: cases}
			if test.online {
				server := httptest.NewServer(b)
				t.Cleanup(server.Close)
				base.ServerURL = server.URL
			}
			if test.journal {
				base.Journal = filepath.Join(t.TempDir(), "journal")
			}
			var commands []*exec.Cmd
			var outputs [count]bytes.Buffer
			for i := range count {
				w := base
				w.Shard = honeyhive.Shard{Index: i, Count: count}
				cmd := w.command(t)
				cmd.Stdout = &outputs[i]
				if err := cmd.Start(); err != nil {
					t.Fatal(err)
				}
				commands = append(commands, cmd)
			}
			var all []string
			for i, cmd := range commands {
				if err := cmd.Wait(); err != nil {
					t.Fatalf("shard %d: %v\n%s", i, err, outputs[i].String())
				}
				ran := called(outputs[i].Bytes())
				if n := len(ran); n != cases/count && n != cases/count+1 {
					t.Errorf("shard %d ran %d cases", i, n)
				}
				all = append(all, ran...)
			}
			slices.Sort(all)
			if n := len(slices.Compact(slices.Clone(all))); len(all) != cases || n != cases {
				t.Errorf("%d calls for %d of %d cases", len(all), n, cases)
			}

			if test.online {
				// The last shard to finish has seen that nothing is missing.
				if r := b.Runs()[0]; r.Status != "completed" || len(r.Fields["event_ids"].([]any)) != cases {
					t.Errorf("the shards left the run as %v", r.Fields)
				}
			}
			gathered, calls := evaluateHere(t, base)
			if len(calls) > 0 {
				t.Errorf("the whole run did %q again", calls)
			}
			one := base
			one.RunID, one.Journal = "", ""
			alone, _ := evaluateHere(t, one)
			if diff := cmp.Diff(finished(alone), finished(gathered), sameErrors); diff != "" {
				t.Errorf("one process and %d differ (-one +shards):\n%s", count, diff)
			}
			if diff := cmp.Diff(alone.Metrics, gathered.Metrics); diff != "" {
				t.Errorf("metrics (-one +shards):\n%s", diff)
			}
			if !test.online {
				return
			}
			run := b.Runs()[0]
			if run.Status != "completed" || len(run.Fields["event_ids"].([]any)) != cases {
				t.Errorf("run = %v", run.Fields)
			}
			sessions := 0
			for _, s := range b.Sessions() {
				if s.Metadata["run_id"] == run.ID {
					sessions++
				}
			}
			if sessions != cases || len(b.Orphans()) > 0 {
				t.Errorf("%d sessions for %d cases, %d orphans", sessions, cases, len(b.Orphans()))
			}
		})
	}
}

// A process is killed in the middle. Whoever runs the same again does only
// what was not recorded.
func TestKilledAndResumed(t *testing.T) {
	const cases = 120
	for _, test := range []struct {
		name    string
		online  bool
		journal bool
	}{{"through HoneyHive", true, false}, {"through a journal", false, true}, {"with both", true, true}} {
		t.Run(test.name, func(t *testing.T) {
			b := honeyhivetest.NewBackend(t)
			w := worker{RunID: "6a9bf0a6-7c9b-4f6a-9b5e-0d6c7c1f3a55", Cases: cases, Hang: cases / 2}
			server := httptest.NewServer(b)
			defer server.Close()
			if test.online {
				w.ServerURL = server.URL
			}
			if test.journal {
				w.Journal = filepath.Join(t.TempDir(), "journal")
			}
			recorded := func() map[string]bool {
				found := make(map[string]bool)
				if test.online {
					for _, s := range b.Sessions() {
						if s.Metadata["evaluation"] != nil {
							found[fmt.Sprint("case ", s.Inputs["input"])] = true
						}
					}
				}
				if test.journal {
					text, _ := os.ReadFile(w.Journal) // the process may not have made it yet
					for line := range strings.Lines(string(text)) {
						var rec struct{ Index int }
						if json.Unmarshal([]byte(line), &rec) == nil {
							found[fmt.Sprint("case ", rec.Index)] = true
						}
					}
				}
				return found
			}
			ran := w.killed(t, func() bool { return len(recorded()) >= cases/4 })
			// What it sent last may still be on its way.
			server.Close()
			if test.online {
				again := httptest.NewServer(b)
				defer again.Close()
				w.ServerURL = again.URL
			}
			before := recorded()
			if len(before) > len(ran) {
				t.Errorf("%d cases were recorded, and %d finished", len(before), len(ran))
			}

			w.Hang = 0
			run, calls := evaluateHere(t, w)
			for _, c := range calls {
				if before[c] {
					t.Errorf("%s was done again", c)
				}
			}
			if len(calls)+len(before) != cases {
				t.Errorf("%d cases were recorded, and then %d were run, of %d", len(before), len(calls), cases)
			}
			resumed := 0
			for _, c := range run.Cases {
				if c.Resumed {
					resumed++
				}
			}
			if resumed != len(before) {
				t.Errorf("%d cases are marked as resumed, not %d", resumed, len(before))
			}
			one := w
			one.RunID, one.Journal = "", ""
			alone, _ := evaluateHere(t, one)
			if diff := cmp.Diff(finished(alone), finished(run), sameErrors); diff != "" {
				t.Errorf("an undisturbed run differs (-undisturbed +resumed):\n%s", diff)
			}
			if test.online {
				r := b.Runs()[0]
				if r.Status != "completed" || len(r.Fields["event_ids"].([]any)) != cases {
					t.Errorf("run = %v", r.Fields)
				}
			}
		})
	}
}

// Shards without a common file keep a journal each. A shard that is started
// again finds its work done, and so does the whole run in the joined journals.
func TestJournalOfEachShard(t *testing.T) {
	const cases, count = 10, 2
	dir := t.TempDir()
	var joined []byte
	for i := range count {
		w := worker{RunID: "nightly", Cases: cases, Shard: honeyhive.Shard{Index: i, Count: count}, Journal: filepath.Join(dir, fmt.Sprint(i))}
		if _, calls := evaluateHere(t, w); len(calls) != cases/count {
			t.Errorf("shard %d ran %q", i, calls)
		}
		if _, calls := evaluateHere(t, w); len(calls) > 0 {
			t.Errorf("shard %d ran %q again", i, calls)
		}
		text, err := os.ReadFile(w.Journal)
		if err != nil {
			t.Fatal(err)
		}
		joined = append(joined, text...)
	}
	whole := worker{RunID: "nightly", Cases: cases, Journal: filepath.Join(dir, "joined")}
	if err := os.WriteFile(whole.Journal, joined, 0o600); err != nil {
		t.Fatal(err)
	}
	if run, calls := evaluateHere(t, whole); len(calls) > 0 || len(run.Cases) != cases {
		t.Errorf("%d cases, called for %q", len(run.Cases), calls)
	}
}

// The joined trace files of shards have the report of the whole run, and the
// file of a process that was killed that of what it had done.
func TestReadReportOfProcesses(t *testing.T) {
	type outcome struct{ Output, Error string }
	outcomes := func(r *honeyhive.Report) map[string]outcome {
		m := make(map[string]outcome)
		for _, c := range r.Cases {
			m[c.ID] = outcome{c.Output, c.Error}
		}
		return m
	}
	const cases = 40
	alone, _ := evaluateHere(t, worker{Cases: cases})
	want := outcomes(alone.Report())
	read := func(t *testing.T, text []byte) map[string]outcome {
		t.Helper()
		r, err := honeyhive.ReadReport(bytes.NewReader(text), "nightly")
		if err != nil {
			t.Fatal(err)
		}
		return outcomes(r)
	}

	t.Run("shards", func(t *testing.T) {
		const count = 2
		var joined []byte
		for i := range count {
			w := worker{RunID: "nightly", Cases: cases, Shard: honeyhive.Shard{Index: i, Count: count}, TraceFile: filepath.Join(t.TempDir(), "traces.jsonl")}
			if out, err := w.command(t).Output(); err != nil {
				t.Fatalf("shard %d: %v\n%s", i, err, out)
			}
			text, err := os.ReadFile(w.TraceFile)
			if err != nil {
				t.Fatal(err)
			}
			joined = append(joined, text...)
		}
		if diff := cmp.Diff(want, read(t, joined)); diff != "" {
			t.Errorf("cases (-one process +shards):\n%s", diff)
		}
	})

	t.Run("killed", func(t *testing.T) {
		w := worker{RunID: "nightly", Cases: cases, Hang: cases / 2, TraceFile: filepath.Join(t.TempDir(), "traces.jsonl")}
		w.killed(t, func() bool {
			text, _ := os.ReadFile(w.TraceFile) // the process may not have made it yet
			return bytes.IndexByte(text, '\n') >= 0
		})
		text, err := os.ReadFile(w.TraceFile)
		if err != nil {
			t.Fatal(err)
		}
		got := read(t, text)
		if len(got) == 0 || len(got) > cases/2 {
			t.Errorf("%d of %d cases", len(got), cases)
		}
		for id, o := range got {
			if o != want[id] {
				t.Errorf("case %s: %+v, want %+v", id, o, want[id])
			}
		}
	})
}

// A shard that sees others still at work leaves the run to them: one of them
// may complete it before this one has said so.
func TestShardDoesNotReopenTheRun(t *testing.T) {
	b := honeyhivetest.NewBackend(t)
	tracer := b.NewTracer(honeyhive.WithHTTPClient(&http.Client{Transport: transport(func(req *http.Request) (*http.Response, error) {
		if req.Method == http.MethodPut && strings.HasPrefix(req.URL.Path, "/v1/runs/") {
			other := req.Clone(req.Context())
			other.Body = io.NopCloser(strings.NewReader(`{"status": "completed"}`))
			resp, err := b.RoundTrip(other)
			if err != nil {
				return nil, err
			}
			resp.Body.Close()
		}
		return b.RoundTrip(req)
	})}))
	_, err := honeyhive.Evaluate(t.Context(), tracer, experiment{
		RunID: "build 7", Shard: honeyhive.Shard{Index: 0, Count: 2},
		Dataset: honeyhive.DatasetOf(numbered(4)...), Task: same,
	})
	if err != nil {
		t.Fatal(err)
	}
	if r := b.Runs()[0]; r.Status != "completed" || len(r.Fields["event_ids"].([]any)) != 4 {
		t.Errorf("the shard left the run as %v", r.Fields)
	}
}

type transport func(*http.Request) (*http.Response, error)

func (f transport) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }
