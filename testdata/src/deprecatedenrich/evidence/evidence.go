// Package evidence holds legacy calls under contexts whose tracer is known.
package evidence

import (
	"context"
	"net/http"
	"time"

	"go.opentelemetry.io/otel/trace"

	"github.com/honeyhiveai/hhvet/honeyhive"
)

type service struct{ tracer, other *honeyhive.Tracer }

// Start, with another tracer in reach.
func start(ctx context.Context, t, u *honeyhive.Tracer) {
	ctx, span := t.Start(ctx, "work")
	defer span.End()
	honeyhive.EnrichSpan(ctx) // want `t made the context at line \d+, so call t.EnrichSpan`
}

// StartSession, JoinSession and ContextWithTracer.
func others(ctx context.Context, t, u *honeyhive.Tracer) {
	sctx, err := t.StartSession(ctx)
	honeyhive.EnrichSession(sctx, "", nil, honeyhive.Error(err)) // want `honeyhive.EnrichSession is deprecated: t made the context at line \d+, so call t.EnrichSession`
	jctx := u.JoinSession(ctx, "s-1")
	honeyhive.EnrichSpan(jctx) // want `u made the context at line \d+, so call u.EnrichSpan`
	wctx := honeyhive.ContextWithTracer(ctx, u)
	honeyhive.EnrichSpan(wctx)                                // want `u made the context at line \d+, so call u.EnrichSpan`
	honeyhive.EnrichSpan(honeyhive.ContextWithTracer(ctx, t)) // want `t made the context at line \d+, so call t.EnrichSpan`
}

// The context of a traced function.
func traced(ctx context.Context, t, u *honeyhive.Tracer) (int, error) {
	return honeyhive.Trace(ctx, t, "work", func(ctx context.Context) (int, error) {
		honeyhive.EnrichSpan(ctx) // want `t made the context at line \d+, so call t.EnrichSpan`
		return 0, nil
	})
}

// A context made from one that a tracer made.
func derived(ctx context.Context, t, u *honeyhive.Tracer, span trace.Span) {
	ctx, _ = t.Start(ctx, "work")
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	ctx = trace.ContextWithSpan(context.WithoutCancel(ctx), span)
	honeyhive.EnrichSpan(ctx) // want `t made the context at line \d+, so call t.EnrichSpan`
}

// A request with that context.
func request(r *http.Request, t, u *honeyhive.Tracer) {
	ctx, span := t.Start(r.Context(), "work")
	defer span.End()
	inner := r.WithContext(ctx)
	honeyhive.EnrichSpan(inner.Context()) // want `t made the context at line \d+, so call t.EnrichSpan`
	honeyhive.EnrichSpan(r.Context())     // want `several tracers are in reach, t and u, so call honeyhive.TracerFromContext\(r.Context\(\)\).EnrichSpan`
}

// The context before and after Start.
func before(ctx context.Context, t, u *honeyhive.Tracer) {
	honeyhive.EnrichSpan(ctx) // want `several tracers are in reach`
	ctx, span := t.Start(ctx, "work")
	defer span.End()
	honeyhive.EnrichSpan(ctx) // want `t made the context at line \d+, so call t.EnrichSpan`
}

// The same tracer in both branches, and different ones.
func branches(ctx context.Context, t, u *honeyhive.Tracer, long bool) {
	var same, either context.Context
	if long {
		same, _ = t.Start(ctx, "long")
		either, _ = t.Start(ctx, "long")
	} else {
		same, _ = t.Start(ctx, "short")
		either, _ = u.Start(ctx, "short")
	}
	honeyhive.EnrichSpan(same)   // want `t made the context at line \d+, so call t.EnrichSpan`
	honeyhive.EnrichSpan(either) // want `several tracers are in reach, t and u, so call honeyhive.TracerFromContext\(either\).EnrichSpan`
}

// A tracer that is started on one way only.
func sometimes(ctx context.Context, t *honeyhive.Tracer, trace bool) {
	if trace {
		ctx, _ = t.Start(ctx, "work")
	}
	honeyhive.EnrichSpan(ctx) // want `nothing proves that t is the context's tracer, so call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
}

// A context of another tracer than the one in reach.
func another(ctx context.Context, t *honeyhive.Tracer, s *service) {
	ctx, span := s.tracer.Start(ctx, "work")
	defer span.End()
	honeyhive.EnrichSpan(ctx) // want `s.tracer made the context at line \d+, so call s.tracer.EnrichSpan`
	{
		s := "shadow"
		honeyhive.EnrichSpan(ctx, honeyhive.Metadata{"s": s}) // want `the context may carry another tracer than t, so call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
	}
}

// The variable has another tracer by now.
func reassigned(ctx context.Context, t, u *honeyhive.Tracer) {
	ctx, span := t.Start(ctx, "work")
	defer span.End()
	t = u
	honeyhive.EnrichSpan(ctx) // want `the tracer that made the context at line \d+ has no certain name here, so call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
}

// A loop whose context may be of an earlier iteration's tracer.
func earlier(ctx context.Context, next func() *honeyhive.Tracer) {
	for range 3 {
		t := next()
		honeyhive.EnrichSpan(ctx) // want `the tracer that made the context at line \d+ has no certain name here, so call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
		ctx, _ = t.Start(ctx, "work")
	}
}

// A field.
func (s *service) field(ctx context.Context) {
	ctx, span := s.tracer.Start(ctx, "work")
	defer span.End()
	honeyhive.EnrichSpan(ctx) // want `s.tracer made the context at line \d+, so call s.tracer.EnrichSpan`
}

type rotating struct{ tracer *honeyhive.Tracer }

func (r *rotating) first(t *honeyhive.Tracer)  { r.tracer = t }
func (r *rotating) second(t *honeyhive.Tracer) { r.tracer = t }

// A field that is assigned in several places may have changed.
func (r *rotating) field(ctx context.Context) {
	ctx, span := r.tracer.Start(ctx, "work")
	defer span.End()
	honeyhive.EnrichSpan(ctx) // want `the tracer that made the context at line \d+ has no certain name here, so call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
}

type embedding struct{ *honeyhive.Tracer }

// A promoted Start.
func (e embedding) promoted(ctx context.Context, u *honeyhive.Tracer) {
	ctx, span := e.Start(ctx, "work")
	defer span.End()
	honeyhive.EnrichSpan(ctx) // want `e.Tracer made the context at line \d+, so call e.Tracer.EnrichSpan`
}

// Closures and goroutines.
func closures(ctx context.Context, t, u *honeyhive.Tracer) {
	ctx, span := t.Start(ctx, "work")
	defer span.End()
	defer func() {
		honeyhive.EnrichSpan(ctx) // want `t made the context at line \d+, so call t.EnrichSpan`
	}()
	go func(ctx context.Context) {
		honeyhive.EnrichSpan(ctx) // want `t made the context at line \d+, so call t.EnrichSpan`
	}(ctx)
	work := func(ctx context.Context) {
		honeyhive.EnrichSpan(ctx) // want `t made the context at line \d+, so call t.EnrichSpan`
	}
	work(ctx)
}

// A closure whose context changes afterwards.
func changes(ctx context.Context, t, u *honeyhive.Tracer) {
	ctx, span := t.Start(ctx, "work")
	defer span.End()
	defer func() {
		honeyhive.EnrichSpan(ctx) // want `call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
	}()
	ctx, _ = u.Start(ctx, "more")
	honeyhive.EnrichSpan(ctx) // want `u made the context at line \d+, so call u.EnrichSpan`
}

// A function that is only called with contexts of the tracer it is given too.
func callee(ctx context.Context, t, u *honeyhive.Tracer) {
	honeyhive.EnrichSpan(ctx) // want `t made the context at line \d+, so call t.EnrichSpan`
}

func callers(ctx context.Context, a, b *honeyhive.Tracer) {
	actx, span := a.Start(ctx, "a")
	defer span.End()
	callee(actx, a, b)
	bctx, span := b.Start(ctx, "b")
	defer span.End()
	callee(bctx, b, a)
}

// A method that is only called with contexts of its receiver's tracer.
func (s *service) inner(ctx context.Context) {
	honeyhive.EnrichSpan(ctx) // want `s.tracer made the context at line \d+, so call s.tracer.EnrichSpan`
}

func (s *service) outer(ctx context.Context) {
	ctx, span := s.tracer.Start(ctx, "work")
	defer span.End()
	s.inner(ctx)
}

// A function that is called with contexts of different tracers.
func mixed(ctx context.Context, t, u *honeyhive.Tracer) {
	honeyhive.EnrichSpan(ctx) // want `several tracers are in reach`
}

func mixedCallers(ctx context.Context, a, b *honeyhive.Tracer) {
	ctx, span := a.Start(ctx, "a")
	defer span.End()
	mixed(ctx, a, b)
	mixed(ctx, b, a)
}

// An exported function may be called by anyone.
func Exported(ctx context.Context, t, u *honeyhive.Tracer) {
	honeyhive.EnrichSpan(ctx) // want `several tracers are in reach`
}

func exportedCaller(ctx context.Context, t *honeyhive.Tracer) {
	ctx, span := t.Start(ctx, "work")
	defer span.End()
	Exported(ctx, t, nil)
}

// A function that is used as a value may be called by anyone.
func value(ctx context.Context, t, u *honeyhive.Tracer) {
	honeyhive.EnrichSpan(ctx) // want `several tracers are in reach`
}

func valueCaller(ctx context.Context, t *honeyhive.Tracer) any {
	ctx, span := t.Start(ctx, "work")
	defer span.End()
	value(ctx, t, nil)
	return value
}

// A named function under Trace, of a tracer that it cannot name.
func task(ctx context.Context) (int, error) {
	honeyhive.EnrichSpan(ctx) // want `the tracer that made the context at line \d+ has no certain name here, so call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
	return 0, nil
}

func tasks(ctx context.Context, t *honeyhive.Tracer) {
	honeyhive.Trace(ctx, t, "task", task)
}

// Recursion proves nothing.
func recursive(ctx context.Context, t, u *honeyhive.Tracer, n int) {
	honeyhive.EnrichSpan(ctx) // want `several tracers are in reach`
	if n > 0 {
		recursive(ctx, u, t, n-1)
	}
}

func recursiveCaller(ctx context.Context, t, u *honeyhive.Tracer) {
	ctx, span := t.Start(ctx, "work")
	defer span.End()
	recursive(ctx, t, u, 3)
}

// A span of another provider proves nothing.
func otherProvider(ctx context.Context, t, u *honeyhive.Tracer) {
	ctx, span := t.TracerProvider().Tracer("x").Start(ctx, "work")
	defer span.End()
	honeyhive.EnrichSpan(ctx) // want `several tracers are in reach`
}

type shifting struct{ tracer *honeyhive.Tracer }

func (s *shifting) shift(t *honeyhive.Tracer) { s.tracer = t }

func (s *shifting) rotate() int { s.shift(nil); return 1 }

// A field that a function called meanwhile assigns.
func (s *shifting) called(ctx context.Context) {
	ctx, span := s.tracer.Start(ctx, "work")
	defer span.End()
	honeyhive.EnrichSpan(ctx) // want `s.tracer made the context at line \d+, so call s.tracer.EnrichSpan`
	s.rotate()
	honeyhive.EnrichSpan(ctx) // want `the tracer that made the context at line \d+ has no certain name here, so call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
}

// A field that a function called in the arguments assigns.
func (s *shifting) calledInArguments(ctx context.Context) {
	ctx, span := s.tracer.Start(ctx, "work")
	defer span.End()
	honeyhive.EnrichSpan(ctx, honeyhive.Metadata{"n": s.rotate()}) // want `call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
}

// A closure that runs after a field may have changed.
func (s *shifting) closure(ctx context.Context) {
	ctx, span := s.tracer.Start(ctx, "work")
	defer span.End()
	defer func() {
		honeyhive.EnrichSpan(ctx) // want `the tracer that made the context at line \d+ has no certain name here, so call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
	}()
	s.rotate()
}

// An unknown function may assign the field.
func (s *shifting) unknown(ctx context.Context, f func()) {
	ctx, span := s.tracer.Start(ctx, "work")
	defer span.End()
	f()
	honeyhive.EnrichSpan(ctx) // want `the tracer that made the context at line \d+ has no certain name here, so call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
}

type resetting struct{ tracer *honeyhive.Tracer }

func (r *resetting) reset(t *honeyhive.Tracer) { *r = resetting{tracer: t} }

// A struct that is overwritten as a whole.
func (r *resetting) overwritten(ctx context.Context, t *honeyhive.Tracer) {
	ctx, span := r.tracer.Start(ctx, "work")
	defer span.End()
	r.reset(t)
	honeyhive.EnrichSpan(ctx) // want `the tracer that made the context at line \d+ has no certain name here, so call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
}

// A method that is deferred, and whose field may change before it runs.
func (s *shifting) deferred(ctx context.Context) {
	honeyhive.EnrichSpan(ctx) // want `the tracer that made the context at line \d+ has no certain name here, so call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
}

func (s *shifting) defers(ctx context.Context) {
	ctx, span := s.tracer.Start(ctx, "work")
	defer span.End()
	defer s.deferred(ctx)
	s.rotate()
}

// A function that runs in a goroutine, with the tracer among its arguments.
func concurrent(ctx context.Context, t *honeyhive.Tracer, u *honeyhive.Tracer) {
	honeyhive.EnrichSpan(ctx) // want `t made the context at line \d+, so call t.EnrichSpan`
}

func (s *shifting) concurrently(ctx context.Context, u *honeyhive.Tracer) {
	ctx, span := s.tracer.Start(ctx, "work")
	defer span.End()
	go concurrent(ctx, s.tracer, u)
	s.rotate()
}
