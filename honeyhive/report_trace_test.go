package honeyhive_test

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/honeyhiveai/hhvet/honeyhive"
)

// Attributes have no nulls and no order: these fields are in that of their
// names, as a report from a trace file shows them.
type traced struct {
	Limits   []int          `json:"limits,omitempty"`
	Options  map[string]any `json:"options,omitempty"`
	Question string         `json:"question"`
}

// A trace file says what the process saw.
func TestReadReport(t *testing.T) {
	file := filepath.Join(t.TempDir(), "traces.jsonl")
	tracer, err := honeyhive.New(t.Context(), honeyhive.WithFile(file), honeyhive.WithProject("p"), honeyhive.WithSource("ci"), honeyhive.WithAPIKey(""))
	if err != nil {
		t.Fatal(err)
	}
	defer tracer.Shutdown(context.Background())
	run := func(name, id string) *honeyhive.Report {
		run, err := honeyhive.Evaluate(t.Context(), tracer, honeyhive.Experiment[traced, map[string]any]{
			Name: name, RunID: id, Concurrency: 1,
			Dataset: honeyhive.DatasetOf(
				honeyhive.Datapoint[traced]{Input: traced{Question: "fine", Limits: []int{1, 2}, Options: object{"deep": object{"er": true}}}, GroundTruth: "yes"},
				honeyhive.Datapoint[traced]{Input: traced{Question: "error"}},
				honeyhive.Datapoint[traced]{Input: traced{Question: "panic"}},
				honeyhive.Datapoint[traced]{Input: traced{Question: "judge"}, GroundTruth: []string{"a", "b"}},
			),
			Task: func(ctx context.Context, dp honeyhive.Datapoint[traced]) (map[string]any, error) {
				_, inner := tracer.Start(ctx, "inner")
				inner.End()
				switch dp.Input.Question {
				case "error":
					return nil, errors.New("no answer")
				case "panic":
					panicInTask()
				}
				return object{"text": dp.Input.Question, "n": 2, "list": []string{"x", "y"}}, nil
			},
			Evaluators: []honeyhive.Evaluator[traced, map[string]any]{
				{Name: "right", Func: func(_ context.Context, out map[string]any, dp honeyhive.Datapoint[traced]) (honeyhive.Score, error) {
					if dp.Input.Question == "judge" {
						panic("judge is away")
					}
					return honeyhive.PassFail(true, "because"), nil
				}},
				{Name: "close", Func: func(_ context.Context, out map[string]any, dp honeyhive.Datapoint[traced]) (honeyhive.Score, error) {
					return honeyhive.AtLeast(0.5, 0.25, "far"), nil
				}},
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		return run.Report()
	}
	first, second := run("first", "build 1"), run("second", "")

	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name, id string
		want     *honeyhive.Report
	}{{"by the id it was given", "build 1", first}, {"by its own id", first.RunID, first}, {"the last", "", second}} {
		got, err := honeyhive.ReadReport(strings.NewReader(string(text)+`{"torn`), test.id)
		if err != nil {
			t.Fatal(err)
		}
		// Errors come before scores on a span, and times are measured in
		// other places.
		inOrder := cmpopts.SortSlices(func(a, b honeyhive.ReportScore) bool { return a.Name < b.Name })
		metricsInOrder := cmpopts.SortSlices(func(a, b honeyhive.Metric) bool { return a.Name < b.Name })
		times := cmpopts.IgnoreFields(honeyhive.Report{}, "Started", "Duration")
		durations := cmpopts.IgnoreFields(honeyhive.ReportCase{}, "Duration")
		if diff := cmp.Diff(test.want, got, inOrder, metricsInOrder, times, durations); diff != "" {
			t.Errorf("%s (-process +file):\n%s", test.name, diff)
		}
		for i := range got.Cases {
			if d := got.Cases[i].Duration - test.want.Cases[i].Duration; d > 1 || d < -1 {
				t.Errorf("case %d took %v, not %v", i, got.Cases[i].Duration, test.want.Cases[i].Duration)
			}
		}
		if d := test.want.Started.Sub(got.Started); d > got.Duration+1e9 || got.Duration <= 0 {
			t.Errorf("started at %v, took %v", got.Started, got.Duration)
		}
	}

	if _, err := honeyhive.ReadReport(strings.NewReader(string(text)), "build 2"); err == nil || !strings.Contains(err.Error(), "no cases of run") {
		t.Errorf("an unknown run: %v", err)
	}
	if _, err := honeyhive.ReadReport(strings.NewReader("no JSON\n"+string(text)), ""); err == nil || !strings.Contains(err.Error(), "line 1") {
		t.Errorf("not a trace file: %v", err)
	}
	if _, err := honeyhive.ReadReport(strings.NewReader(""), ""); err == nil {
		t.Error("an empty file has a report")
	}
}

// A case that was repeated counts once, as it was the last time.
func TestReadReportOfRepetitions(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "traces.jsonl")
	tracer, err := honeyhive.New(t.Context(), honeyhive.WithFile(file), honeyhive.WithAPIKey(""))
	if err != nil {
		t.Fatal(err)
	}
	defer tracer.Shutdown(context.Background())
	e := experiment{Journal: filepath.Join(dir, "journal"), RetryFailed: true}
	stage(t, tracer, e, only("1"), "a")
	run, _ := stage(t, tracer, e, never, "a")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	got, err := honeyhive.ReadReport(strings.NewReader(string(text)), run.ID)
	if err != nil {
		t.Fatal(err)
	}
	var inputs []string
	for _, c := range got.Cases {
		inputs = append(inputs, c.Input)
		if c.Error != "" || c.Output != "out "+c.Input {
			t.Errorf("case = %+v", c)
		}
	}
	slices.Sort(inputs)
	if diff := cmp.Diff([]string{"0", "1", "2"}, inputs); diff != "" {
		t.Errorf("cases (-want +got):\n%s", diff)
	}
}

// A process that was killed may leave half a line, and the one that resumes
// the run writes to the same file.
func TestReadReportAfterAKill(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "traces.jsonl")
	e := experiment{Journal: filepath.Join(dir, "journal"), RetryFailed: true}
	for range 2 {
		tracer, err := honeyhive.New(t.Context(), honeyhive.WithFile(file), honeyhive.WithBatchSize(1))
		if err != nil {
			t.Fatal(err)
		}
		stage(t, tracer, e, only("1"), "a")
		if err := tracer.Shutdown(t.Context()); err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, text[:len(text)-10], 0o600); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	got, err := honeyhive.ReadReport(strings.NewReader(string(text)), "")
	if err != nil || len(got.Cases) < 2 {
		t.Errorf("%+v, %v", got, err)
	}
}

func FuzzReadReport(f *testing.F) {
	f.Add(`{"resourceSpans":[{"scopeSpans":[{"spans":[{"startTimeUnixNano":"1","attributes":[` +
		`{"key":"honeyhive_metadata.run_id","value":{"stringValue":"r"}},{"key":"honeyhive_metadata.datapoint_id","value":{"stringValue":"d"}},` +
		`{"key":"honeyhive_event_type","value":{"stringValue":"chain"}},{"key":"honeyhive_inputs.a.0","value":{"intValue":"1"}},` +
		`{"key":"honeyhive_inputs.a","value":{"arrayValue":{"values":[{"doubleValue":0.5}]}}},{"key":"honeyhive_metrics.m","value":{"boolValue":true}},` +
		`{"key":"honeyhive_outputs.result..x","value":{}}]}]}]}]}`)
	f.Fuzz(func(t *testing.T, text string) {
		r, err := honeyhive.ReadReport(strings.NewReader(text), "")
		if err != nil {
			return
		}
		if err := errors.Join(r.WriteHTML(io.Discard), r.WriteTable(io.Discard)); err != nil {
			t.Error(err)
		}
	})
}
