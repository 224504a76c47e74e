package imports

import (
	"context"

	"github.com/honeyhiveai/hhvet/honeyhive"
	hh "github.com/honeyhiveai/hhvet/honeyhive"
)

// The SDK under two names, one of which becomes unused.
func (s *service) twice(ctx context.Context) {
	honeyhive.EnrichSpan(ctx, hh.Metadata{"a": 1}) // want `nothing proves that s.tracer is the context's tracer, so call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
}
