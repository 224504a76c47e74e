// Package loop makes tracers in a loop.
package loop

import (
	"context"

	"github.com/honeyhiveai/hhvet/honeyhive"
)

// A package that makes tracers in a loop.
func projects(ctx context.Context, names []string) {
	for _, name := range names {
		tracer, err := honeyhive.New(ctx, honeyhive.WithProject(name))
		if err != nil {
			return
		}
		honeyhive.EnrichSpan(ctx) // want `nothing proves that tracer is the context's tracer, so call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
		tracer.Shutdown(ctx)
	}
}
