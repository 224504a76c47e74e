// Package looped sets its tracer several times over while it starts.
package looped

import (
	"context"

	"github.com/honeyhiveai/hhvet/honeyhive"
)

var (
	tracer  *honeyhive.Tracer
	pending []func()
)

func init() {
	for range 2 {
		tracer = honeyhive.DefaultTracer()
		begin(context.Background())
	}
	for _, f := range pending {
		f()
	}
}

// A function literal that runs after a loop of init has set the package
// variable again.
func begin(ctx context.Context) {
	ctx, span := tracer.Start(ctx, "work")
	pending = append(pending, func() {
		honeyhive.EnrichSpan(ctx, honeyhive.Metadata{"pending": true}) // want `the tracer that made the context at line \d+ has no certain name here, so call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
		span.End()
	})
}
