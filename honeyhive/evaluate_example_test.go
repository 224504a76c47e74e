package honeyhive_test

import (
	"context"
	"fmt"
	"log"
	"log/slog"
	"os"
	"strings"

	"github.com/honeyhiveai/hhvet/honeyhive"
)

// answerFrom stands for a model.
func answerFrom(_ context.Context, question string) (string, error) {
	answers := map[string]string{"Capital of France?": "Paris", "Capital of Australia?": "Sydney"}
	return answers[question], nil
}

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
