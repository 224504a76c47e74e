// Package forwarders calls what forwards to legacy functions, without
// importing the SDK itself.
package forwarders

import (
	"context"

	"example.com/corpus/deprecatedenrich/forwarders/lib"
)

// Callers of deprecated forwarders are reported with the forwarder's name.
func callers(ctx context.Context, c *lib.Client) {
	lib.Enrich(ctx)          // want `lib.Enrich is a deprecated forwarder to honeyhive.EnrichSpan: call a tracer's EnrichSpan, or honeyhive.TracerFromContext\(ctx\).EnrichSpan`
	lib.EnrichUser(ctx, "u") // want `lib.EnrichUser is a deprecated forwarder to honeyhive.EnrichSpan`
	c.Session(ctx, nil)      // want `\(\*lib.Client\).Session is a deprecated forwarder to honeyhive.EnrichSession`
	f := lib.Enrich          // want `lib.Enrich is a deprecated forwarder to honeyhive.EnrichSpan`
	f(ctx)
}

// Callers of other wrappers are not reported.
func wrappers(ctx context.Context) {
	lib.Wrap(ctx)
	lib.Count(ctx)
	lib.Old(ctx)
	lib.Local(ctx)
}

// A deprecated forwarder's caller that is a deprecated forwarder is left alone.
//
// Deprecated: use the tracer.
func again(ctx context.Context) { // want again:`forwards to honeyhive.EnrichSpan`
	lib.EnrichUser(ctx, "u")
}
