package honeyhive_test

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/honeyhiveai/hhvet/honeyhive"
	"github.com/honeyhiveai/hhvet/honeyhive/honeyhivetest"
)

type (
	point = honeyhive.Datapoint[string]
	trial = honeyhive.Case[string, string]
)

func exact(_ context.Context, output string, dp point) (honeyhive.Score, error) {
	want, err := honeyhive.GroundTruthAs[string](dp)
	return honeyhive.PassFail(strings.EqualFold(output, want), "wanted "+want), err
}

func TestEvaluate(t *testing.T) {
	b := honeyhivetest.NewBackend(t)
	tracer := b.NewTracer(honeyhive.WithProject("geography"))
	run, err := honeyhive.Evaluate(t.Context(), tracer, honeyhive.Experiment[string, string]{
		Name: "capitals",
		Dataset: honeyhive.DatasetOf(
			point{Input: "France", GroundTruth: "Paris"},
			point{Input: "Japan", GroundTruth: "Tokyo", ID: "jp"},
			point{Input: "Peru", GroundTruth: "Lima"},
		),
		Task: func(ctx context.Context, dp point) (string, error) {
			tracer.EnrichSpan(ctx, honeyhive.Metadata{"asked": dp.Input})
			return map[string]string{"France": "Paris", "Japan": "Kyoto", "Peru": "Lima"}[dp.Input], nil
		},
		Evaluators: []honeyhive.Evaluator[string, string]{{Name: "exact", Func: exact}},
	})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, c := range run.Cases {
		got = append(got, c.Datapoint.Input+" "+c.Output)
	}
	if diff := cmp.Diff([]string{"France Paris", "Japan Kyoto", "Peru Lima"}, got); diff != "" {
		t.Errorf("cases (-want +got):\n%s", diff)
	}
	if mean, _ := run.Metric("exact").Aggregate("mean"); mean < 0.66 || mean > 0.67 {
		t.Errorf("mean of exact = %v", mean)
	}
}
