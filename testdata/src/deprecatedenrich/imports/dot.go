package imports

import (
	"context"

	. "github.com/honeyhiveai/hhvet/honeyhive"
)

// A dot import that stays in use.
func dot(ctx context.Context, t *Tracer, id string) error {
	EnrichSpan(ctx, WithTracer(t), Metadata{"a": 1}) // want `WithTracer names the tracer, so call t.EnrichSpan`
	(EnrichSpan)(ctx)                                // want `nothing proves that t is the context's tracer, so call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
	return EnrichSession(ctx, id, nil)               // want `honeyhive.EnrichSession is deprecated: nothing proves that t is the context's tracer, so call honeyhive.TracerFromContext\(ctx\).EnrichSession`
}

// A dot import without a tracer in reach.
func dotDiscovery(ctx context.Context) {
	EnrichSpan(ctx) // want `call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
}

// A dot import whose other names are shadowed.
func dotShadowed(ctx context.Context, SessionID string) error {
	return EnrichSession(ctx, SessionID, nil) // want `needs a person here: SessionID means something else here than the SDK's; rename it, or import the SDK under a name`
}
