package imports

import (
	"context"

	"github.com/honeyhiveai/hhvet/honeyhive"
)

// All legacy calls of the file go, and the import with them.
func (s *service) grouped(ctx context.Context, fs []honeyhiveField) error {
	honeyhive.EnrichSpan(ctx)                    // want `nothing proves that s.tracer is the context's tracer, so call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
	return honeyhive.EnrichSession(ctx, "", nil) // want `honeyhive.EnrichSession is deprecated: nothing proves that s.tracer is the context's tracer, so call honeyhive.TracerFromContext\(ctx\).EnrichSession`
}

type honeyhiveField = any
