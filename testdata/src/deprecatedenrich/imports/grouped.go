package imports

import (
	"context"

	"github.com/honeyhiveai/hhvet/honeyhive"
)

// All legacy calls of the file go, and the import with them.
func (s *service) grouped(ctx context.Context, fs []honeyhiveField) error {
	honeyhive.EnrichSpan(ctx)                    // want `call s.tracer.EnrichSpan, assuming`
	return honeyhive.EnrichSession(ctx, "", nil) // want `call s.tracer.EnrichSession, assuming`
}

type honeyhiveField = any
