package imports

import (
	"context"

	. "github.com/honeyhiveai/hhvet/honeyhive"
)

// A dot import that becomes unused.
func (s *service) dotUnused(ctx context.Context) {
	EnrichSpan(ctx) // want `nothing proves that s.tracer is the context's tracer, so call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
}
