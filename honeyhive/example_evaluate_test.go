package honeyhive_test

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"math"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"github.com/honeyhiveai/hhvet/honeyhive"
)

// answerFrom stands for a model.
func answerFrom(_ context.Context, question string) (string, error) {
	answers := map[string]string{"Capital of France?": "Paris", "Capital of Australia?": "Sydney"}
	return answers[question], nil
}

// Two cases, one evaluator, and the mean of its verdicts.
func ExampleEvaluate() {
	ctx := context.Background()
	tracer, err := honeyhive.New(ctx, honeyhive.WithProject("geography"), honeyhive.WithLogger(slog.New(slog.DiscardHandler)))
	if err != nil {
		log.Fatal(err)
	}
	defer tracer.Shutdown(ctx)

	run, err := honeyhive.Evaluate(ctx, tracer, honeyhive.Experiment[string, string]{
		Name: "capitals",
		Dataset: honeyhive.DatasetOf(
			honeyhive.Datapoint[string]{Input: "Capital of France?", GroundTruth: "Paris"},
			honeyhive.Datapoint[string]{Input: "Capital of Australia?", GroundTruth: "Canberra"},
		),
		Task: func(ctx context.Context, dp honeyhive.Datapoint[string]) (string, error) {
			return answerFrom(ctx, dp.Input) // its spans belong to this case's session
		},
		Evaluators: []honeyhive.Evaluator[string, string]{{
			Name: "exact",
			Func: func(_ context.Context, output string, dp honeyhive.Datapoint[string]) (honeyhive.Score, error) {
				want, err := honeyhive.GroundTruthAs[string](dp)
				return honeyhive.PassFail(strings.EqualFold(output, want), "expected "+want), err
			},
		}},
		Progress: os.Stderr,
	})
	if err != nil {
		log.Fatal(err)
	}
	for _, c := range run.Cases {
		fmt.Println(c.Datapoint.Input, c.Output, c.Passed())
	}
	accuracy, _ := run.Metric("exact").Aggregate("mean")
	fmt.Println("accuracy", accuracy)
	// Output:
	// Capital of France? Paris true
	// Capital of Australia? Sydney false
	// accuracy 0.5
}

// Cases come from a file, a query or a queue while the experiment runs. Here
// the third line is malformed, which ends the run.
func ExampleDatasetSeq() {
	lines := csv.NewReader(strings.NewReader("France,Paris\nPeru,Lima\nChad\n"))
	rows := func(yield func(honeyhive.Datapoint[string], error) bool) {
		for {
			row, err := lines.Read()
			if errors.Is(err, io.EOF) {
				return
			}
			if err != nil {
				yield(honeyhive.Datapoint[string]{}, err)
				return
			}
			if !yield(honeyhive.Datapoint[string]{ID: row[0], Input: row[0], GroundTruth: row[1]}, nil) {
				return
			}
		}
	}

	run, err := honeyhive.Evaluate(context.Background(), nil, honeyhive.Experiment[string, int]{
		Dataset: honeyhive.DatasetSeq(rows),
		Task: func(_ context.Context, dp honeyhive.Datapoint[string]) (int, error) {
			return len(dp.Input), nil
		},
	})
	fmt.Println(len(run.Cases), "cases")
	fmt.Println(err)
	// Output:
	// 2 cases
	// honeyhive: Evaluate: dataset, after 2 cases: record on line 3: wrong number of fields
}

// A dataset with a name of its own is the same one when its cases change.
func ExampleDataset_WithID() {
	run, err := honeyhive.Evaluate(context.Background(), nil, honeyhive.Experiment[string, int]{
		Dataset: honeyhive.DatasetOf(honeyhive.Datapoint[string]{ID: "france", Input: "France"}).WithID("capitals"),
		Task: func(_ context.Context, dp honeyhive.Datapoint[string]) (int, error) {
			return len(dp.Input), nil
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(run.DatasetID, run.Cases[0].ID)
	// Output:
	// EXT-capitals EXT-france
}

// A ground truth is kept as it was given, or as it was read from JSON. Either
// way it can be had as the type that an evaluator wants.
func ExampleGroundTruthAs() {
	type City struct {
		Name    string `json:"name"`
		Country string `json:"country"`
	}
	for _, truth := range []any{
		City{Name: "Lima", Country: "Peru"},
		map[string]any{"name": "Lima", "country": "Peru"},
		nil,
	} {
		city, err := honeyhive.GroundTruthAs[City](honeyhive.Datapoint[string]{GroundTruth: truth})
		fmt.Println(city.Name, err)
	}
	// Output:
	// Lima <nil>
	// Lima <nil>
	//  honeyhive: the datapoint has no ground truth
}

// An evaluator may use a model itself: an error of its own is not a low score.
func ExampleEvaluator() {
	judge := func(_ context.Context, answer string) (float64, error) {
		if answer == "" {
			return 0, errors.New("nothing to judge")
		}
		return 1 / float64(len(strings.Fields(answer))), nil
	}
	concise := honeyhive.Evaluator[string, string]{
		Name: "concise",
		Func: func(ctx context.Context, output string, _ honeyhive.Datapoint[string]) (honeyhive.Score, error) {
			value, err := judge(ctx, output)
			return honeyhive.AtLeast(0.5, value, "at most two words"), err
		},
	}

	run, err := honeyhive.Evaluate(context.Background(), nil, honeyhive.Experiment[string, string]{
		Dataset: honeyhive.DatasetOf(
			honeyhive.Datapoint[string]{Input: "Lima"},
			honeyhive.Datapoint[string]{Input: "I believe it is Lima"},
			honeyhive.Datapoint[string]{Input: ""}),
		Task: func(_ context.Context, dp honeyhive.Datapoint[string]) (string, error) {
			return dp.Input, nil
		},
		Evaluators: []honeyhive.Evaluator[string, string]{concise},
	})
	if err != nil {
		log.Fatal(err)
	}
	for _, c := range run.Cases {
		score, ok := c.Score("concise")
		fmt.Println(score.Value, score.Verdict, ok, c.Failure())
	}
	// Output:
	// 1 pass true <nil>
	// 0.2 fail true <nil>
	// 0  false evaluator concise: nothing to judge
}

// The answer to a yes-or-no question.
func ExamplePassFail() {
	score := honeyhive.PassFail(false, "expected Canberra")
	fmt.Println(score.Value, score.Verdict, score.Explanation)
	// Output:
	// 0 fail expected Canberra
}

// A number that passes from a threshold on.
func ExampleAtLeast() {
	score := honeyhive.AtLeast(0.8, 0.75, "cosine similarity")
	fmt.Println(score.Value, score.Verdict, score.Explanation)
	// Output:
	// 0.75 fail cosine similarity
}

// What a metric says of all cases: the usual aggregates, and one of one's own.
func ExampleAggregate() {
	spread := honeyhive.Aggregate{Name: "spread", Func: func(values []float64) float64 {
		return values[len(values)-1] - values[0] // in ascending order
	}}

	run, err := honeyhive.Evaluate(context.Background(), nil, honeyhive.Experiment[int, int]{
		Dataset: honeyhive.DatasetOf(
			honeyhive.Datapoint[int]{Input: 10}, honeyhive.Datapoint[int]{Input: 1}, honeyhive.Datapoint[int]{Input: 4},
			honeyhive.Datapoint[int]{Input: 2}, honeyhive.Datapoint[int]{Input: 3}),
		Task: func(_ context.Context, dp honeyhive.Datapoint[int]) (int, error) { return dp.Input, nil },
		Evaluators: []honeyhive.Evaluator[int, int]{{
			Name: "cost",
			Func: func(_ context.Context, output int, _ honeyhive.Datapoint[int]) (honeyhive.Score, error) {
				return honeyhive.Score{Value: float64(output)}, nil
			},
			LowerIsBetter: true,
		}},
		Aggregates: []honeyhive.Aggregate{
			honeyhive.Mean(), honeyhive.Median(), honeyhive.Percentile(75),
			honeyhive.Min(), honeyhive.Max(), honeyhive.Sum(), spread,
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	for _, a := range run.Metric("cost").Aggregates {
		fmt.Println(a.Name, a.Value)
	}
	// Output:
	// mean 4
	// median 3
	// p75 4
	// min 1
	// max 10
	// sum 20
	// spread 9
}

// A precision is not an average over cases.
func ExampleOverall() {
	precision := honeyhive.Overall[string, bool]{
		Name: "precision",
		Func: func(_ context.Context, cases []honeyhive.Case[string, bool]) (honeyhive.Score, error) {
			var found, right float64
			for _, c := range cases {
				if c.Err == nil && c.Output {
					found++
					if c.Datapoint.GroundTruth == true {
						right++
					}
				}
			}
			return honeyhive.AtLeast(0.9, right/math.Max(found, 1), fmt.Sprintf("%v of %v", right, found)), nil
		},
	}

	run, err := honeyhive.Evaluate(context.Background(), nil, honeyhive.Experiment[string, bool]{
		Dataset: honeyhive.DatasetOf(
			honeyhive.Datapoint[string]{Input: "You have won!", GroundTruth: true},
			honeyhive.Datapoint[string]{Input: "Lunch?", GroundTruth: false},
			honeyhive.Datapoint[string]{Input: "We have won!", GroundTruth: false}),
		Task: func(_ context.Context, dp honeyhive.Datapoint[string]) (bool, error) {
			return strings.HasSuffix(dp.Input, "!"), nil
		},
		Overall: []honeyhive.Overall[string, bool]{precision},
	})
	if err != nil {
		log.Fatal(err)
	}
	judgement := run.Overall[0]
	fmt.Println(judgement.Name, judgement.Value, judgement.Verdict, judgement.Explanation)
	// Output:
	// precision 0.5 fail 1 of 2
}

// With a RunID a second start continues the first. Here the model was away
// for one of three cases, and only that one is run again.
func ExampleExperiment_resume() {
	dir, err := os.MkdirTemp("", "experiment")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)

	for start := range 2 {
		var calls atomic.Int64
		run, err := honeyhive.Evaluate(context.Background(), nil, honeyhive.Experiment[string, string]{
			RunID:       "build 1729",
			Journal:     filepath.Join(dir, "run.jsonl"), // or the records in HoneyHive
			RetryFailed: true,
			Dataset: honeyhive.DatasetOf(
				honeyhive.Datapoint[string]{Input: "France"},
				honeyhive.Datapoint[string]{Input: "Peru"},
				honeyhive.Datapoint[string]{Input: "Chad"}),
			Task: func(_ context.Context, dp honeyhive.Datapoint[string]) (string, error) {
				calls.Add(1)
				if start == 0 && dp.Input == "Peru" {
					return "", errors.New("model unavailable")
				}
				return strings.ToUpper(dp.Input), nil
			},
		})
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println("calls:", calls.Load())
		for _, c := range run.Cases {
			fmt.Printf("  %q %v, resumed: %t\n", c.Output, c.Err, c.Resumed)
		}
	}
	// Output:
	// calls: 3
	//   "FRANCE" <nil>, resumed: false
	//   "" model unavailable, resumed: false
	//   "CHAD" <nil>, resumed: false
	// calls: 1
	//   "FRANCE" <nil>, resumed: true
	//   "PERU" <nil>, resumed: false
	//   "CHAD" <nil>, resumed: true
}

// Machines do a run together. Whoever starts it once more without a shard
// gathers what they found.
func ExampleShard() {
	dir, err := os.MkdirTemp("", "experiment")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)

	shards := []honeyhive.Shard{{Index: 0, Count: 2}, {Index: 1, Count: 2}, {}}
	for _, shard := range shards {
		run, err := honeyhive.Evaluate(context.Background(), nil, honeyhive.Experiment[int, int]{
			RunID:   "build 1729",
			Journal: filepath.Join(dir, "run.jsonl"),
			Shard:   shard,
			Dataset: honeyhive.DatasetOf(
				honeyhive.Datapoint[int]{Input: 1}, honeyhive.Datapoint[int]{Input: 2}, honeyhive.Datapoint[int]{Input: 3}),
			Task: func(_ context.Context, dp honeyhive.Datapoint[int]) (int, error) { return dp.Input * dp.Input, nil },
		})
		if err != nil {
			log.Fatal(err)
		}
		fmt.Print("squares:")
		for _, c := range run.Cases {
			fmt.Print(" ", c.Output)
		}
		fmt.Println()
	}
	// Output:
	// squares: 1 9
	// squares: 4
	// squares: 1 4 9
}

// The flag of a program that runs on several machines. People count from one.
func ExampleParseShard() {
	shard, err := honeyhive.ParseShard("2/4")
	fmt.Println(shard.Index, shard.Count, err)

	_, err = honeyhive.ParseShard("5/4")
	fmt.Println(err)
	// Output:
	// 1 4 <nil>
	// honeyhive: shard "5/4": write 1/4 for the first of four parts
}

// A task that panics is a failed case, with the stack to find out why.
func ExamplePanicError() {
	run, err := honeyhive.Evaluate(context.Background(), nil, honeyhive.Experiment[[]string, string]{
		Dataset: honeyhive.DatasetOf(honeyhive.Datapoint[[]string]{Input: []string{"one"}}, honeyhive.Datapoint[[]string]{}),
		Task: func(_ context.Context, dp honeyhive.Datapoint[[]string]) (string, error) {
			return dp.Input[0], nil
		},
	})
	fmt.Println(err)
	for _, c := range run.Cases {
		if p, ok := errors.AsType[*honeyhive.PanicError](c.Failure()); ok {
			fmt.Println(p.Value)
			fmt.Println(strings.Contains(p.Stack, "ExamplePanicError"))
		}
	}
	// Output:
	// <nil>
	// runtime error: index out of range [0] with length 0
	// true
}

// A task that takes too long fails its own case, an evaluator likewise: the
// others go on.
func ExampleCase_Failure() {
	run, err := honeyhive.Evaluate(context.Background(), nil, honeyhive.Experiment[string, string]{
		Timeout: 10 * time.Millisecond,
		Dataset: honeyhive.DatasetOf(
			honeyhive.Datapoint[string]{Input: "Lima"}, honeyhive.Datapoint[string]{Input: "slow"}, honeyhive.Datapoint[string]{Input: ""}),
		Task: func(ctx context.Context, dp honeyhive.Datapoint[string]) (string, error) {
			if dp.Input == "slow" {
				<-ctx.Done()
				return "", ctx.Err()
			}
			return dp.Input, nil
		},
		Evaluators: []honeyhive.Evaluator[string, string]{{
			Name: "capitalized",
			Func: func(_ context.Context, output string, _ honeyhive.Datapoint[string]) (honeyhive.Score, error) {
				if output == "" {
					return honeyhive.Score{}, errors.New("no output to judge")
				}
				return honeyhive.PassFail(output[0] >= 'A' && output[0] <= 'Z', ""), nil
			},
		}},
	})
	fmt.Println(err) // nothing is missing from the run
	for _, c := range run.Cases {
		fmt.Println(c.Passed(), c.Failure())
	}
	// Output:
	// <nil>
	// true <nil>
	// false context deadline exceeded: longer than the Timeout of 10ms
	// false evaluator capitalized: no output to judge
}

// A gate in CI.
func ExampleRun_PassRate() {
	run, err := honeyhive.Evaluate(context.Background(), nil, honeyhive.Experiment[string, int]{
		Dataset: honeyhive.DatasetOf(
			honeyhive.Datapoint[string]{Input: "France", GroundTruth: 6},
			honeyhive.Datapoint[string]{Input: "Perú", GroundTruth: 4}),
		Task: func(_ context.Context, dp honeyhive.Datapoint[string]) (int, error) { return len(dp.Input), nil },
		Evaluators: []honeyhive.Evaluator[string, int]{{
			Name: "exact",
			Func: func(_ context.Context, output int, dp honeyhive.Datapoint[string]) (honeyhive.Score, error) {
				return honeyhive.PassFail(output == dp.GroundTruth, fmt.Sprint("expected ", dp.GroundTruth)), nil
			},
		}},
	})
	if err != nil {
		log.Fatal(err)
	}
	exact := run.Metric("exact")
	fmt.Println(exact.Passed, "passed,", exact.Failed, "failed,", exact.Errors, "errors")
	if rate := run.PassRate(); rate < 0.9 {
		fmt.Println("pass rate", rate, "is too low") // and os.Exit(1)
	}
	// Output:
	// 1 passed, 1 failed, 0 errors
	// pass rate 0.5 is too low
}

// A dataset in a file, and evaluators that need no code. ask stands for a call
// of a model that judges.
func ExampleDatasetJSONL() {
	ctx := context.Background()
	tracer, err := honeyhive.New(ctx, honeyhive.WithProject("geography"), honeyhive.WithLogger(slog.New(slog.DiscardHandler)))
	if err != nil {
		log.Fatal(err)
	}
	defer tracer.Shutdown(ctx)

	lines := strings.NewReader(`{"input": "Capital of France?", "ground_truth": "Paris"}
{"input": "Capital of Australia?", "ground_truth": "Canberra"}
`)
	ask := func(context.Context, string) (string, error) {
		return `{"reason": "it names a city", "pass": true}`, nil
	}
	run, err := honeyhive.Evaluate(ctx, tracer, honeyhive.Experiment[string, string]{
		Name:    "capitals",
		Dataset: honeyhive.DatasetJSONL[string](lines),
		Task: func(ctx context.Context, dp honeyhive.Datapoint[string]) (string, error) {
			return answerFrom(ctx, dp.Input)
		},
		Evaluators: []honeyhive.Evaluator[string, string]{
			honeyhive.Exact[string, string]("exact"),
			honeyhive.Contains[string]("contains"),
			honeyhive.JSONEqual[string, string]("same JSON"),
			honeyhive.Judge[string, string]("a city", "the answer names a city", ask),
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	for _, name := range []string{"exact", "contains", "same JSON", "a city"} {
		mean, _ := run.Metric(name).Aggregate("mean")
		fmt.Println(name, mean)
	}
	// Output:
	// exact 0.5
	// contains 0.5
	// same JSON 0.5
	// a city 1
}
