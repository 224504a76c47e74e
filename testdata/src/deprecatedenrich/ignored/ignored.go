// Package ignored silences legacy calls.
package ignored

import (
	"context"

	"github.com/honeyhiveai/hhvet/honeyhive"
)

// A silenced call is left alone, and what it shares a file with is not.
func silenced(ctx context.Context, tracer *honeyhive.Tracer) {
	//hhvet:ignore deprecatedenrich the default tracer is meant
	honeyhive.EnrichSpan(ctx)
	honeyhive.EnrichSpan(ctx, honeyhive.Metadata{ // want `nothing proves that tracer is the context's tracer, so call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
		"a": honeyhive.EnrichSpan(ctx), //hhvet:ignore deprecatedenrich until v2
	})
}

// A directive that silences nothing.
func useless(ctx context.Context, tracer *honeyhive.Tracer) {
	tracer.EnrichSpan(ctx) //hhvet:ignore deprecatedenrich no longer // want `hhvet directive has no effect: it silences nothing; delete it`
}
