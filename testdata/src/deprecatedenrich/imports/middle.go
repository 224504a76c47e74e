package imports

import (
	"context"
	"errors"
	"github.com/honeyhiveai/hhvet/honeyhive"
	"os"
)

// The import is one of several in its group.
func (s *service) middle(ctx context.Context) error {
	honeyhive.EnrichSpan(ctx) // want `nothing proves that s.tracer is the context's tracer, so call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
	return errors.Join(os.ErrExist, ctx.Err())
}
