//go:build unix

package honeyhive_test

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/honeyhiveai/hhvet/honeyhive"
)

func TestReadyEvaluators(t *testing.T) {
	judge := func(answer string, err error) honeyhive.Evaluator[string, string] {
		return honeyhive.Judge[string, string]("judge", "polite", func(_ context.Context, prompt string) (string, error) {
			if !strings.Contains(prompt, `"polite"`) {
				t.Errorf("prompt %s", prompt)
			}
			return answer, err
		})
	}
	for _, test := range []struct {
		evaluator honeyhive.Evaluator[string, string]
		out       string
		truth     any
		want      honeyhive.Verdict // empty: an error
	}{
		{honeyhive.Exact[string, string]("e"), "a", "a", honeyhive.Passed},
		{honeyhive.Exact[string, string]("e"), "a", "b", honeyhive.Failed},
		{honeyhive.Exact[string, string]("e"), "a", nil, ""},
		{honeyhive.Contains[string]("c"), "it is Paris.", "Paris", honeyhive.Passed},
		{honeyhive.Contains[string]("c"), "it is Lyon.", "Paris", honeyhive.Failed},
		{honeyhive.JSONEqual[string, string]("j"), `{"b":1.0, "a":[]}`, object{"a": []int{}, "b": 1}, honeyhive.Passed},
		{honeyhive.JSONEqual[string, string]("j"), `{"b":2}`, `{"b":1}`, honeyhive.Failed},
		{honeyhive.JSONEqual[string, string]("j"), "no JSON", "no JSON", honeyhive.Passed},
		{judge("Let me see {x}: ```json\n{\"reason\":\"kind\",\"pass\":true}\n```", nil), "a", nil, honeyhive.Passed},
		{judge(`{"pass":false}`, nil), "a", nil, honeyhive.Failed},
		{judge("I cannot say", nil), "a", nil, ""},
		{judge("", errors.New("away")), "a", nil, ""},
	} {
		score, err := test.evaluator.Func(t.Context(), test.out, honeyhive.Datapoint[string]{GroundTruth: test.truth})
		if score.Verdict != test.want || (err != nil) != (test.want == "") {
			t.Errorf("%s of %q and %v: %v, %v", test.evaluator.Name, test.out, test.truth, score, err)
		}
	}
}

func TestDatasetJSONL(t *testing.T) {
	evaluate := func(text string) (*honeyhive.Run[string, string], error) {
		return honeyhive.Evaluate(t.Context(), nil, honeyhive.Experiment[string, string]{
			Dataset: honeyhive.DatasetJSONL[string](strings.NewReader(text)), Concurrency: 1,
			Task: func(_ context.Context, dp honeyhive.Datapoint[string]) (string, error) { return dp.Input, nil },
		})
	}
	run, err := evaluate("\xef\xbb\xbf{\"id\":\"a\",\"input\":\"x\",\"ground_truth\":[1]}\r\n\r\n{\"inputs\":{\"input\":\"y\"}}")
	if err != nil || len(run.Cases) != 2 || run.Cases[0].ID != "EXT-a" || run.Cases[1].Output != "y" {
		t.Errorf("%+v, %v", run, err)
	}
	for text, want := range map[string]string{
		"{\"input\":\"x\"}\n\n{": "line 3: ", "{}": "line 1: ", `{"input":3}`: "line 1: input: ",
	} {
		if _, err := evaluate(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// A pipe has nobody at its other end, and a device may have no end at all.
func TestFilesThatAreNone(t *testing.T) {
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Skip(err)
	}
	if _, err := honeyhive.New(t.Context(), honeyhive.WithFile(pipe), honeyhive.WithOffline()); err == nil {
		t.Error("a pipe as the trace file")
	}
	for _, path := range []string{pipe, "/dev/zero"} {
		_, err := honeyhive.Evaluate(t.Context(), nil, honeyhive.Experiment[string, string]{
			Journal: path, Dataset: honeyhive.DatasetOf(honeyhive.Datapoint[string]{Input: "a"}),
			Task: func(_ context.Context, dp honeyhive.Datapoint[string]) (string, error) { return dp.Input, nil },
		})
		if err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%s as the journal: %v", path, err)
		}
	}
}
