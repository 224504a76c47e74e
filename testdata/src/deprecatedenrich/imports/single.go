package imports

import "context"
import hh "github.com/honeyhiveai/hhvet/honeyhive" // the SDK

// An import declaration of its own, renamed.
func (s *service) single(ctx context.Context) {
	hh.EnrichSpan(ctx) // want `nothing proves that s.tracer is the context's tracer, so call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
}
