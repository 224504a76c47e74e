//go:build !notrace

package tags

import (
	"context"

	"github.com/honeyhiveai/hhvet/honeyhive"
)

var tracer *honeyhive.Tracer

// A build-tagged file can use what it declares, and keeps its tag.
func tagged(ctx context.Context) {
	honeyhive.EnrichSpan(ctx) // want `no tracer is in reach, so call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
}
