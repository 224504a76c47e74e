package imports

import (
	"context"

	"github.com/honeyhiveai/hhvet/honeyhive"
)

// A silenced call keeps the import.
func (s *service) kept(ctx context.Context) {
	honeyhive.EnrichSpan(ctx) // want `nothing proves that s.tracer is the context's tracer, so call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
	honeyhive.EnrichSpan(ctx) //hhvet:ignore deprecatedenrich the default tracer is meant here
}
