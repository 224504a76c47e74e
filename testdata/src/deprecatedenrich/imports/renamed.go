package imports

import (
	"context"

	hh "github.com/honeyhiveai/hhvet/honeyhive"
)

// A renamed import that stays in use.
func renamed(ctx context.Context, m map[string]any, fs ...hh.Field) error {
	hh.EnrichSpan(ctx)                            // want `call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
	return hh.EnrichSession(ctx, "s-1", m, fs...) // want `call honeyhive.TracerFromContext\(ctx\).EnrichSession`
}

// A renamed import next to a local variable of the package's name.
func (s *service) otherName(ctx context.Context, honeyhive string) {
	hh.EnrichSpan(ctx, hh.Metadata{"a": honeyhive}) // want `nothing proves that s.tracer is the context's tracer, so call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
}
