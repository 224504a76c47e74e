package honeyhive

import (
	"context"

	"go.opentelemetry.io/otel/trace"
)

// scope is what one tracer has placed in a context: its nearest span and its
// session. It is immutable. Every tracer finds its own scope only, so that
// tracers which share a context cannot see each other's.
type scope struct {
	tracer  *Tracer
	near    trace.Span // a *span or a remoteSpan of tracer, or nil
	session *session   // or nil
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
			return &c.scope
		}
	case tracerKey:
		// A tracer that was shut down is never found.
		if c.scope.tracer.enabled() {
			return c.scope.tracer
		}
	}
	return c.Context.Value(key)
}

// scopeFrom returns t's scope in ctx, or nil.
func scopeFrom(ctx context.Context, t *Tracer) *scope {
	s, _ := ctx.Value(scopeKey{t}).(*scope)
	return s
}

// withSession returns ctx with s as the session of t, whose nearest span
// stays what it was.
func withSession(ctx context.Context, t *Tracer, s *session) context.Context {
	c := &scopeContext{Context: ctx, scope: scope{tracer: t, session: s}}
	if outer := scopeFrom(ctx, t); outer != nil {
		c.scope.near = outer.near
	}
	return c
}

// remoteSpan is the parent that a tracer extracted from a carrier. It is a
// remote parent for that tracer and for OpenTelemetry, and a stranger to
// every other tracer.
type remoteSpan struct {
	trace.Span
	tracer *Tracer
}
