// Package guide has the migrations that docs/migrating-to-v1.0.md shows.
package guide

import (
	"context"

	"github.com/honeyhiveai/hhvet/honeyhive"
)

// The guide: a tracer at hand.
func plain(ctx context.Context, tracer *honeyhive.Tracer, id string) {
	ctx, span := tracer.Start(ctx, "work")
	defer span.End()
	honeyhive.EnrichSpan(ctx, honeyhive.Metadata{"user": id}) // want `call tracer.EnrichSpan`
}

// Server holds its tracer.
type Server struct {
	tracer *honeyhive.Tracer
	q      string
}

// The guide: a struct that holds its tracer.
func (s *Server) answer(ctx context.Context) {
	ctx, span := s.tracer.Start(ctx, "answer")
	defer span.End()
	honeyhive.EnrichSpan(ctx, honeyhive.Inputs{"q": s.q}) // want `call s.tracer.EnrichSpan`
}

// The guide: several tracers, one of them named.
func named(ctx context.Context, a, b *honeyhive.Tracer, fields []honeyhive.Field, score float64) {
	honeyhive.EnrichSpan(ctx, honeyhive.WithTracer(b), honeyhive.Metrics{"score": score}) // want `call b.EnrichSpan`
}

// The guide: several tracers, one of which made the context.
func made(ctx context.Context, a, b *honeyhive.Tracer, fields ...honeyhive.Field) {
	ctx, span := a.Start(ctx, "work")
	defer span.End()
	honeyhive.EnrichSpan(ctx, fields...) // want `call a.EnrichSpan`
}

// The guide: no tracer at hand.
func none(ctx context.Context, fields ...honeyhive.Field) {
	honeyhive.EnrichSpan(ctx, fields...) // want `call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
}

// The guide: a session by its id.
func session(ctx context.Context, tracer *honeyhive.Tracer, id string, metadata map[string]any, feedback honeyhive.Feedback) error {
	ctx, span := tracer.Start(ctx, "work")
	defer span.End()
	return honeyhive.EnrichSession(ctx, id, metadata, feedback) // want `call tracer.EnrichSession`
}

// The guide: the context's session.
func contextSession(ctx context.Context, tracer *honeyhive.Tracer, feedback honeyhive.Feedback) error {
	ctx, span := tracer.Start(ctx, "work")
	defer span.End()
	return honeyhive.EnrichSession(ctx, "", nil, feedback) // want `call tracer.EnrichSession`
}

// The guide: a deferred call.
func deferred(ctx context.Context, tracer *honeyhive.Tracer, n int) {
	ctx, span := tracer.Start(ctx, "work")
	defer span.End()
	defer honeyhive.EnrichSpan(ctx, honeyhive.Outputs{"n": n}) // want `call tracer.EnrichSpan`
}
