// Package experiment holds legacy calls in the tasks of experiments.
package experiment

import (
	"context"

	"github.com/honeyhiveai/hhvet/honeyhive"
)

// A task finds its tracer by discovery, whatever is in reach.
func literal(ctx context.Context, tracer *honeyhive.Tracer) error {
	_, err := honeyhive.Evaluate(ctx, tracer, honeyhive.Experiment[string, string]{
		Name:    "literal",
		Dataset: questions(),
		Task: func(ctx context.Context, dp honeyhive.Datapoint[string]) (string, error) {
			honeyhive.EnrichSpan(ctx, honeyhive.Metadata{"in": dp.Input}) // want `call honeyhive.TracerFromContext\(ctx\).EnrichSpan, which finds the same tracer: an experiment gives its task the context`
			return dp.Input, nil
		},
	})
	return err
}

func questions() honeyhive.Dataset[string] {
	return honeyhive.DatasetOf(honeyhive.Datapoint[string]{ID: "q1", Input: "why"})
}

var tracer *honeyhive.Tracer

// A named task, in a package that has a tracer.
func task(ctx context.Context, dp honeyhive.Datapoint[string]) (string, error) {
	return dp.Input, honeyhive.EnrichSession(ctx, "", map[string]any{"in": dp.Input}) // want `call honeyhive.TracerFromContext\(ctx\).EnrichSession, which finds the same tracer: an experiment gives its task the context`
}

// A task that is named before, and a function that it calls.
func named(ctx context.Context) error {
	experiment := honeyhive.Experiment[string, string]{Name: "named", Dataset: questions(), Task: task}
	_, err := honeyhive.Evaluate(ctx, tracer, experiment)
	return err
}

// A function that only a task calls.
func step(ctx context.Context) {
	honeyhive.EnrichSpan(ctx) // want `which finds the same tracer: an experiment gives its task the context`
}

// A closure, a derived context, and a span of its own in a task.
func inside(ctx context.Context) error {
	_, err := honeyhive.Evaluate(ctx, tracer, honeyhive.Experiment[string, string]{
		Name:    "inside",
		Dataset: questions(),
		Task: func(ctx context.Context, dp honeyhive.Datapoint[string]) (string, error) {
			ctx, cancel := context.WithCancel(ctx)
			defer cancel()
			defer func() {
				honeyhive.EnrichSpan(ctx) // want `which finds the same tracer: an experiment gives its task the context`
			}()
			step(ctx)
			own, span := tracer.Start(ctx, "own")
			defer span.End()
			honeyhive.EnrichSpan(own) // want `call tracer.EnrichSpan, the tracer that made this context`
			return dp.Input, nil
		},
	})
	return err
}
