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
			honeyhive.EnrichSpan(ctx, honeyhive.Metadata{"in": dp.Input}) // want `an experiment gives its task the context, so call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
			return dp.Input, nil
		},
	})
	return err
}

func questions() honeyhive.Dataset[string] {
	return honeyhive.DatasetOf(honeyhive.Datapoint[string]{ID: "q1", Input: "why"})
}

var tracer *honeyhive.Tracer

// Use sets the tracer.
func Use(t *honeyhive.Tracer) { tracer = t }

// A named task, in a package that has a tracer.
func task(ctx context.Context, dp honeyhive.Datapoint[string]) (string, error) {
	return dp.Input, honeyhive.EnrichSession(ctx, "", map[string]any{"in": dp.Input}) // want `honeyhive.EnrichSession is deprecated: an experiment gives its task the context, so call honeyhive.TracerFromContext\(ctx\).EnrichSession`
}

// A task that is named before, and a function that it calls.
func named(ctx context.Context) error {
	experiment := honeyhive.Experiment[string, string]{Name: "named", Dataset: questions(), Task: task}
	_, err := honeyhive.Evaluate(ctx, tracer, experiment)
	return err
}

// A function that only a task calls.
func step(ctx context.Context) {
	honeyhive.EnrichSpan(ctx) // want `an experiment gives its task the context, so call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
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
				honeyhive.EnrichSpan(ctx) // want `an experiment gives its task the context, so call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
			}()
			step(ctx)
			own, span := tracer.Start(ctx, "own")
			defer span.End()
			honeyhive.EnrichSpan(own) // want `tracer made the context at line \d+, so call tracer.EnrichSpan`
			return dp.Input, nil
		},
	})
	return err
}
