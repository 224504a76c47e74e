package imports

import (
	"context"

	. "github.com/honeyhiveai/hhvet/honeyhive"
)

// A dot import that becomes unused.
func (s *service) dotUnused(ctx context.Context) {
	EnrichSpan(ctx) // want `call s.tracer.EnrichSpan, assuming`
}
