package imports

import (
	// The SDK.
	"github.com/honeyhiveai/hhvet/honeyhive"

	"context"
)

// The import is the first of its group and has a comment.
func (s *service) first(ctx context.Context) {
	honeyhive.EnrichSpan(ctx) // want `nothing proves that s.tracer is the context's tracer, so call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
}
