package imports

import (
	"context"

	. "github.com/honeyhiveai/hhvet/honeyhive"
)

// A dot import that stays in use.
func dot(ctx context.Context, t *Tracer, id string) error {
	EnrichSpan(ctx, WithTracer(t), Metadata{"a": 1}) // want `call t.EnrichSpan, the tracer that WithTracer names`
	(EnrichSpan)(ctx)                                // want `call t.EnrichSpan, assuming`
	return EnrichSession(ctx, id, nil)               // want `call t.EnrichSession, assuming`
}

// A dot import without a tracer in reach.
func dotDiscovery(ctx context.Context) {
	EnrichSpan(ctx) // want `call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
}

// A dot import whose other names are shadowed.
func dotShadowed(ctx context.Context, SessionID string) error {
	return EnrichSession(ctx, SessionID, nil) // want `needs a person here: SessionID means something else here than the SDK's; rename it, or import the SDK under a name`
}
