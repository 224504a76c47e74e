package imports

import (
	"context"

	"github.com/honeyhiveai/hhvet/honeyhive"
)

// A silenced call keeps the import.
func (s *service) kept(ctx context.Context) {
	honeyhive.EnrichSpan(ctx) // want `call s.tracer.EnrichSpan, assuming`
	honeyhive.EnrichSpan(ctx) //hhvet:ignore deprecatedenrich the default tracer is meant here
}
