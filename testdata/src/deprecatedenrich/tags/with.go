//go:build !notrace

package tags

import (
	"context"

	"github.com/honeyhiveai/hhvet/honeyhive"
)

var tracer *honeyhive.Tracer

// A build-tagged file can use what it declares, and keeps its tag.
func tagged(ctx context.Context) {
	honeyhive.EnrichSpan(ctx) // want `nothing proves that tracer is the context's tracer, so call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
}
