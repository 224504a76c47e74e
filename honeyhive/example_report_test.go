package honeyhive_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strings"

	"github.com/honeyhiveai/hhvet/honeyhive"
)

// capitals evaluates answers to three questions.
func capitals(tracer *honeyhive.Tracer, name string, answers map[string]string) *honeyhive.Report {
	run, err := honeyhive.Evaluate(context.Background(), tracer, honeyhive.Experiment[string, string]{
		Name: name,
		Dataset: honeyhive.DatasetOf(
			honeyhive.Datapoint[string]{ID: "france", Input: "France", GroundTruth: "Paris"},
			honeyhive.Datapoint[string]{ID: "peru", Input: "Peru", GroundTruth: "Lima"},
			honeyhive.Datapoint[string]{ID: "australia", Input: "Australia", GroundTruth: "Canberra"}),
		Task: func(_ context.Context, dp honeyhive.Datapoint[string]) (string, error) {
			return answers[dp.Input], nil
		},
		Evaluators: []honeyhive.Evaluator[string, string]{{
			Name: "exact",
			Func: func(_ context.Context, output string, dp honeyhive.Datapoint[string]) (honeyhive.Score, error) {
				want, err := honeyhive.GroundTruthAs[string](dp)
				return honeyhive.PassFail(output == want, "expected "+want), err
			},
		}},
	})
	if err != nil {
		log.Fatal(err)
	}
	return run.Report()
}

// The worst cases are shown below the metrics.
func ExampleReport_WriteTable() {
	report := capitals(nil, "parrot-1", map[string]string{"France": "Paris", "Peru": "Lima", "Australia": "Sydney"})
	report.Duration = 0 // shown, and not the same twice
	if err := report.WriteTable(os.Stdout); err != nil {
		log.Fatal(err)
	}
	// Output:
	// parrot-1: 3 cases, 2 passed, 1 did not pass (0s)
	//
	// METRIC   MEAN  PASSED  ERRORS  DISTRIBUTION
	// exact   0.667     2/3       0  0 │▄        █│ 1
	//
	// Worst cases
	// #  INPUT      OUTPUT  WANTED    WHY
	// 3  Australia  Sydney  Canberra  exact: expected Canberra
}

// A page that can be kept as an artefact of CI: it needs no other file.
func ExampleReport_WriteHTML() {
	yesterday := capitals(nil, "parrot-1", map[string]string{"France": "Paris", "Peru": "Lima", "Australia": "Sydney"})
	today := capitals(nil, "parrot-2", map[string]string{"France": "Paris", "Peru": "Cusco", "Australia": "Canberra"})

	var page bytes.Buffer // in practice a file
	if err := today.WriteHTML(&page, yesterday); err != nil {
		log.Fatal(err)
	}
	fmt.Println("says what was expected:", strings.Contains(page.String(), "expected Lima"))
	fmt.Println("compares with the earlier run:", strings.Contains(page.String(), "parrot-1"))
	fmt.Println("loads other files:", strings.Contains(page.String(), " src="))
	// Output:
	// says what was expected: true
	// compares with the earlier run: true
	// loads other files: false
}

// What got better and what got worse since the last release, case by case.
func ExampleReport_Compare() {
	yesterday := capitals(nil, "parrot-1", map[string]string{"France": "Paris", "Peru": "Lima", "Australia": "Sydney"})
	today := capitals(nil, "parrot-2", map[string]string{"France": "Paris", "Peru": "Cusco", "Australia": "Canberra"})

	exact := today.Compare(yesterday).Metric("exact")
	fmt.Println("improved:", exact.Improved)
	fmt.Println("degraded:", exact.Degraded)
	// Output:
	// improved: [EXT-australia]
	// degraded: [EXT-peru]
}

// A comparison for the terminal.
func ExampleComparison_WriteTable() {
	yesterday := capitals(nil, "parrot-1", map[string]string{"France": "Paris", "Peru": "Lima", "Australia": "Sydney"})
	today := capitals(nil, "parrot-2", map[string]string{"France": "Paris", "Peru": "Lima", "Australia": "Canberra"})

	if err := today.Compare(yesterday).WriteTable(os.Stdout); err != nil {
		log.Fatal(err)
	}
	// Output:
	// parrot-2 compared with parrot-1: 3 common cases
	//
	// METRIC  BEFORE  NOW  CHANGE  IMPROVED  DEGRADED  SAME
	// exact    0.667    1  +0.333         1         0     2
}

// A report is kept as JSON, to be compared with a later one.
func ExampleReport() {
	report := capitals(nil, "parrot-1", map[string]string{"France": "Paris", "Peru": "Lima", "Australia": "Sydney"})
	text, err := json.Marshal(report)
	if err != nil {
		log.Fatal(err)
	}

	var kept honeyhive.Report
	if err := json.Unmarshal(text, &kept); err != nil {
		log.Fatal(err)
	}
	for _, c := range kept.Cases {
		fmt.Println(c.Input, c.Output, c.Scores[0].Verdict)
	}
	// Output:
	// France Paris pass
	// Peru Lima pass
	// Australia Sydney fail
}

// The report of a run whose process is gone, from the trace file that it
// wrote.
func ExampleReadReport() {
	dir, err := os.MkdirTemp("", "traces")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "traces.jsonl")
	tracer, err := honeyhive.New(context.Background(), honeyhive.WithProject("geography"), honeyhive.WithFile(path))
	if err != nil {
		log.Fatal(err)
	}
	capitals(tracer, "parrot-1", map[string]string{"France": "Paris", "Peru": "Lima", "Australia": "Sydney"})
	_ = tracer.Shutdown(context.Background())

	file, err := os.Open(path)
	if err != nil {
		log.Fatal(err)
	}
	defer file.Close()
	report, err := honeyhive.ReadReport(file, "") // the latest run
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(report.Name, report.Project, len(report.Cases), "cases")
	fmt.Println(report.Metrics[0].Name, report.Metrics[0].Passed, "passed")
	// Output:
	// parrot-1 geography 3 cases
	// exact 2 passed
}
