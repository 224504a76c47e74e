package honeyhive

import (
	"cmp"
	"context"

	"go.opentelemetry.io/otel/baggage"
	"go.opentelemetry.io/otel/trace"

	"github.com/honeyhiveai/hhvet/internal/tracekey"
)

// scope is what one tracer has placed in a context: its nearest span and its
// session. It is immutable. Every tracer finds its own scope only, so that
// tracers which share a context cannot see each other's.
type scope struct {
	tracer *Tracer
	near   trace.Span // a *span or a *remoteSpan of tracer, or nil
	// session is set where something nearer than near chose one; else the
	// session is near's.
	session *session
	// seen was OpenTelemetry's current span when the scope was made. Another
	// span of tracer that is current now was put there later, and is nearer.
	seen trace.Span
}

type (
	// scopeKey is the context key of one tracer's scope.
	scopeKey struct{ tracer *Tracer }
	// tracerKey is the context key of the tracer that discovery finds.
	tracerKey struct{}
)

// scopeContext answers for a scope and for discovery at once, in a single
// allocation.
type scopeContext struct {
	context.Context
	scope scope
}

func (c *scopeContext) Value(key any) any {
	switch key := key.(type) {
	case scopeKey:
		if key.tracer == c.scope.tracer {
			return c
		}
	case tracerKey:
		// A tracer that was shut down is never found.
		if c.scope.tracer.enabled() {
			return c.scope.tracer
		}
	}
	return c.Context.Value(key)
}

// placed returns the context in which t's scope in ctx was made, or nil.
func placed(ctx context.Context, t *Tracer) *scopeContext {
	c, _ := ctx.Value(scopeKey{t}).(*scopeContext)
	return c
}

// place returns t's scope in ctx. A span of t that OpenTelemetry's own means
// have made current, such as trace.ContextWithSpan, counts as if t had.
func (t *Tracer) place(ctx context.Context) scope {
	s := scope{tracer: t, seen: trace.SpanFromContext(ctx)}
	c := placed(ctx, t)
	if ownerOf(s.seen) == t && (c == nil || c.scope.seen != s.seen) {
		s.near = s.seen
		return s
	}
	if c != nil {
		s.near, s.session = c.scope.near, c.scope.session
	}
	return s
}

// ownerOf returns the tracer that made a span or extracted a remote parent, or
// nil for any other.
func ownerOf(sp trace.Span) *Tracer {
	switch sp := sp.(type) {
	case *span:
		return sp.tracer
	case *remoteSpan:
		return sp.tracer
	}
	return nil
}

// sessionIn returns the session of a span that t starts where it has the
// given scope: the nearest one, or the tracer's own. As a tracer always has
// one, baggage is never asked: Extract is how a session comes from elsewhere.
func (t *Tracer) sessionIn(s scope) *session {
	if s.session != nil {
		return s.session
	}
	switch near := s.near.(type) {
	case *span:
		return near.session.Load()
	case *remoteSpan:
		if near.session != nil {
			return near.session
		}
	}
	return t.session
}

// experimentIn returns the experiment of a span that t starts in ctx, where it
// has the given scope: what baggage says, completed by the parent span's
// experiment, or by the tracer's own where there is no parent.
func (t *Tracer) experimentIn(ctx context.Context, s scope) experiment {
	inherited, _ := t.experimentOf(s.near)
	bag := baggage.FromContext(ctx)
	if bag.Len() == 0 {
		return inherited
	}
	said := experiment{
		runID:       bag.Member(tracekey.RunID).Value(),
		datasetID:   bag.Member(tracekey.DatasetID).Value(),
		datapointID: bag.Member(tracekey.DatapointID).Value(),
	}
	if c := placed(ctx, t); c != nil && c.scope.near != s.near {
		// The span was moved here from somewhere else. Baggage that was here
		// before it is not about it.
		if before, ok := t.experimentOf(c.scope.near); ok && said.over(before) == before {
			return inherited
		}
	}
	return said.over(inherited)
}

// experimentOf returns a span's experiment, and the tracer's own for any other.
func (t *Tracer) experimentOf(sp trace.Span) (_ experiment, ok bool) {
	switch sp := sp.(type) {
	case *span:
		return sp.experiment, true
	case *remoteSpan:
		if sp.tracer == t {
			return sp.experiment, true
		}
	}
	return t.experiment, false
}

// over returns e completed by outer where that is the same run, or e names
// none.
func (e experiment) over(outer experiment) experiment {
	if e.runID != "" && e.runID != outer.runID {
		return e
	}
	return experiment{
		runID:       cmp.Or(e.runID, outer.runID),
		datasetID:   cmp.Or(e.datasetID, outer.datasetID),
		datapointID: cmp.Or(e.datapointID, outer.datapointID),
	}
}

// enter returns ctx with s as the session of t, whose nearest span stays what
// it was. Spans of t that are open in ctx, and have no session but the
// tracer's own, join s: they are the request that the session is about.
func (t *Tracer) enter(ctx context.Context, s *session) context.Context {
	own := t.place(ctx)
	joined := own.join(s)
	for c := placed(ctx, t); joined && c != nil; c = placed(c.Context, t) {
		joined = c.scope.join(s)
	}
	own.session = s
	return &scopeContext{Context: ctx, scope: own}
}

// join makes the scope's span belong to a session. It is false where the
// scope has a session already, as what is around it then has.
func (s scope) join(to *session) bool {
	if s.session != nil {
		return false
	}
	sp, ok := s.near.(*span)
	return !ok || sp.join(to)
}

// keepMoved returns ctx so that another tracer's current span, where
// OpenTelemetry's own means have put it there, is still found once t's span
// has taken its place.
func (t *Tracer) keepMoved(ctx context.Context) context.Context {
	current := trace.SpanFromContext(ctx)
	owner := ownerOf(current)
	if owner == nil || owner == t {
		return ctx
	}
	if c := placed(ctx, owner); c != nil && c.scope.seen == current {
		return ctx
	}
	return &scopeContext{Context: ctx, scope: scope{tracer: owner, near: current, seen: current}}
}

// remoteSpan is the parent that a tracer extracted from a carrier. It is a
// remote parent for that tracer and for OpenTelemetry, and a stranger to
// every other tracer.
type remoteSpan struct {
	trace.Span
	tracer     *Tracer
	session    *session // or nil
	experiment experiment
}
