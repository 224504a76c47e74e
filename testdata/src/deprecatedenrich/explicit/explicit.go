// Package explicit holds legacy calls that name their tracer.
package explicit

import (
	"context"
	"errors"

	"github.com/honeyhiveai/hhvet/honeyhive"
)

type service struct{ tracer *honeyhive.Tracer }

// WithTracer first, in the middle and last.
func position(ctx context.Context, t *honeyhive.Tracer) {
	honeyhive.EnrichSpan(ctx, honeyhive.WithTracer(t), honeyhive.Metadata{"a": 1}, honeyhive.Metrics{"b": 2}) // want `WithTracer names the tracer, so call t.EnrichSpan`
	honeyhive.EnrichSpan(ctx, honeyhive.Metadata{"a": 1}, honeyhive.WithTracer(t), honeyhive.Metrics{"b": 2}) // want `WithTracer names the tracer, so call t.EnrichSpan`
	honeyhive.EnrichSpan(ctx, honeyhive.Metadata{"a": 1}, honeyhive.Metrics{"b": 2}, honeyhive.WithTracer(t)) // want `WithTracer names the tracer, so call t.EnrichSpan`
	honeyhive.EnrichSpan(ctx, honeyhive.WithTracer(t))                                                        // want `WithTracer names the tracer, so call t.EnrichSpan`
}

// WithTracer wins over what made the context, and over a parameter in reach.
func wins(ctx context.Context, t, u *honeyhive.Tracer) {
	ctx, span := t.Start(ctx, "work")
	defer span.End()
	honeyhive.EnrichSpan(ctx, honeyhive.WithTracer(u)) // want `WithTracer names the tracer, so call u.EnrichSpan`
}

// The session's tracer.
func session(ctx context.Context, s *service, id string) error {
	err := honeyhive.EnrichSession(ctx, id, nil, honeyhive.WithTracer(s.tracer)) // want `honeyhive.EnrichSession is deprecated: WithTracer names the tracer, so call s.tracer.EnrichSession`
	return errors.Join(err,
		honeyhive.EnrichSession(ctx, "", map[string]any{"a": 1}, honeyhive.WithTracer(s.tracer), honeyhive.Feedback{"b": 2})) // want `honeyhive.EnrichSession is deprecated: WithTracer names the tracer, so call s.tracer.EnrichSession`
}

// Tracers that are not plain names.
func expressions(ctx context.Context, all map[string]*honeyhive.Tracer, p **honeyhive.Tracer, ch chan *honeyhive.Tracer, x any) {
	honeyhive.EnrichSpan(ctx, honeyhive.WithTracer(all["a"]))                                  // want `call all\["a"\].EnrichSpan`
	honeyhive.EnrichSpan(ctx, honeyhive.WithTracer(*p))                                        // want `call \(\*p\).EnrichSpan`
	honeyhive.EnrichSpan(ctx, honeyhive.WithTracer(<-ch), honeyhive.Metadata{"a": 1})          // want `call \(<-ch\).EnrichSpan`
	honeyhive.EnrichSpan(ctx, honeyhive.WithTracer(x.(*honeyhive.Tracer)))                     // want `call x.\(\*honeyhive.Tracer\).EnrichSpan`
	honeyhive.EnrichSpan(ctx, honeyhive.WithTracer(func() *honeyhive.Tracer { return nil }())) // want `call \(func\(\) \*honeyhive.Tracer { return nil }\(\)\).EnrichSpan`
	honeyhive.EnrichSpan(ctx, (honeyhive.WithTracer((*honeyhive.Tracer)(nil))))                // want `call \(\*honeyhive.Tracer\)\(nil\).EnrichSpan`
	honeyhive.EnrichSpan(ctx, honeyhive.WithTracer(honeyhive.TracerFromContext(ctx)))          // want `call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
}

func next() *honeyhive.Tracer { return nil }

func count() int { return 0 }

// A tracer expression with an effect, evaluated first as before.
func effect(ctx context.Context, n int) {
	honeyhive.EnrichSpan(ctx, honeyhive.Metadata{"n": n}, honeyhive.WithTracer(next()), honeyhive.Metrics{"m": float64(count())}) // want `WithTracer names the tracer, so call next\(\).EnrichSpan`
}

// A tracer expression with an effect after another effect would change places.
func effectAfter(ctx context.Context) {
	honeyhive.EnrichSpan(ctx, honeyhive.Metadata{"n": count()}, honeyhive.WithTracer(next())) // want `needs a person here: the tracer would be evaluated before other arguments that have effects; assign it to a variable first`
}

// An argument may change the variable that holds the tracer.
func changedMeanwhile(ctx context.Context, t *honeyhive.Tracer) {
	renew := func() int { t = next(); return 1 }
	honeyhive.EnrichSpan(ctx, honeyhive.WithTracer(t), honeyhive.Metadata{"n": renew()}) // want `needs a person here: an argument may change the tracer while the call is prepared; assign it to a variable first`
}

// An effect next to a tracer that nothing changes.
func unchanged(ctx context.Context, t *honeyhive.Tracer, s *service) {
	honeyhive.EnrichSpan(ctx, honeyhive.Metadata{"n": count()}, honeyhive.WithTracer(t))        // want `WithTracer names the tracer, so call t.EnrichSpan`
	honeyhive.EnrichSpan(ctx, honeyhive.Metadata{"n": count()}, honeyhive.WithTracer(s.tracer)) // want `WithTracer names the tracer, so call s.tracer.EnrichSpan`
}

// WithTracer twice: the last one wins.
func twice(ctx context.Context, t, u *honeyhive.Tracer) {
	honeyhive.EnrichSpan(ctx, honeyhive.WithTracer(t), honeyhive.Metadata{"a": 1}, honeyhive.WithTracer(u)) // want `WithTracer names the tracer, so call u.EnrichSpan`
	honeyhive.EnrichSpan(ctx, honeyhive.WithTracer(t), honeyhive.WithTracer(u))                             // want `WithTracer names the tracer, so call u.EnrichSpan`
}

// WithTracer twice, and without the first one its variable would be unused.
func twiceUnused(ctx context.Context, u *honeyhive.Tracer) {
	t := next()
	honeyhive.EnrichSpan(ctx, honeyhive.WithTracer(t), honeyhive.WithTracer(u)) // want `needs a person here: of several WithTracer the last one wins, and the others cannot simply go; keep the last one only`
}

// WithTracer twice, the first with an effect.
func twiceEffect(ctx context.Context, u *honeyhive.Tracer) {
	honeyhive.EnrichSpan(ctx, honeyhive.WithTracer(next()), honeyhive.WithTracer(u)) // want `needs a person here: of several WithTracer the last one wins`
}

// WithTracer(nil) makes the call do nothing.
func nilTracer(ctx context.Context) {
	honeyhive.EnrichSpan(ctx, honeyhive.WithTracer(nil)) // want `needs a person here: WithTracer\(nil\) selects no tracer, so it does nothing; delete it`
}

type handle *honeyhive.Tracer

// A tracer of a type without methods.
func noMethods(ctx context.Context, h handle) {
	honeyhive.EnrichSpan(ctx, honeyhive.WithTracer(h)) // want `needs a person here: the tracer's type has no methods; convert it to \*honeyhive.Tracer`
}

type alias = honeyhive.Tracer

// A tracer of an alias type.
func aliased(ctx context.Context, t *alias) {
	honeyhive.EnrichSpan(ctx, honeyhive.WithTracer(t)) // want `WithTracer names the tracer, so call t.EnrichSpan`
}

// A field before WithTracer may hold another tracer, one behind it wins as before.
func opaque(ctx context.Context, f honeyhive.Field, t *honeyhive.Tracer) {
	honeyhive.EnrichSpan(ctx, f, honeyhive.WithTracer(t)) // want `needs a person here: a Field before WithTracer may hold another tracer, and an instance method would obey that one; name the tracer once`
	honeyhive.EnrichSpan(ctx, honeyhive.WithTracer(t), f) // want `WithTracer names the tracer, so call t.EnrichSpan`
}

// A conditional WithTracer.
func conditional(ctx context.Context, t *honeyhive.Tracer, own bool) {
	f := honeyhive.Field(honeyhive.Metadata{})
	if own {
		f = honeyhive.WithTracer(t) // want `honeyhive.WithTracer is deprecated, and outside of a legacy call's arguments it needs a person`
	}
	honeyhive.EnrichSpan(ctx, f) // want `nothing proves that t is the context's tracer, so call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
}

// WithTracer inside a spread slice.
func hidden(ctx context.Context, t *honeyhive.Tracer) {
	fs := []honeyhive.Field{honeyhive.WithTracer(t), honeyhive.Metadata{"a": 1}} // want `honeyhive.WithTracer is deprecated, and outside`
	honeyhive.EnrichSpan(ctx, fs...)                                             // want `call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
	honeyhive.EnrichSpan(ctx, []honeyhive.Field{honeyhive.WithTracer(t)}...)     // want `call honeyhive.TracerFromContext\(ctx\).EnrichSpan` `honeyhive.WithTracer is deprecated, and outside`
}

// WithTracer in a conversion, as a value, and for a method.
func elsewhere(ctx context.Context, t *honeyhive.Tracer) {
	honeyhive.EnrichSpan(ctx, honeyhive.Field(honeyhive.WithTracer(t))) // want `call honeyhive.TracerFromContext\(ctx\).EnrichSpan` `honeyhive.WithTracer is deprecated, and outside`
	with := honeyhive.WithTracer                                        // want `honeyhive.WithTracer is deprecated, and outside`
	t.EnrichSpan(ctx, honeyhive.WithTracer(t), with(t))                 // want `honeyhive.WithTracer is deprecated, and outside`
}

// Comments around WithTracer stay.
func comments(ctx context.Context, t *honeyhive.Tracer) {
	honeyhive.EnrichSpan( // want `WithTracer names the tracer, so call t.EnrichSpan`
		ctx,
		honeyhive.WithTracer(t), // this tenant's
		honeyhive.Metadata{"a": 1},
	)
	honeyhive.EnrichSpan( // want `WithTracer names the tracer, so call t.EnrichSpan`
		ctx, // the request's
		honeyhive.WithTracer(t),
		honeyhive.Metadata{"a": 1},
	)
	honeyhive.EnrichSpan(ctx /* ours */, honeyhive.WithTracer(t))                             // want `WithTracer names the tracer, so call t.EnrichSpan`
	honeyhive.EnrichSpan(ctx /* ours */, honeyhive.WithTracer(t), honeyhive.Metadata{"a": 1}) // want `WithTracer names the tracer, so call t.EnrichSpan`
	honeyhive.EnrichSpan(ctx, honeyhive.WithTracer(t /* ours */))                             // want `needs a person here: a comment stands inside of an argument that goes; move the comment`
}

// A deferred call and a goroutine evaluate the tracer when they did before.
func later(ctx context.Context, t *honeyhive.Tracer) {
	defer honeyhive.EnrichSpan(ctx, honeyhive.WithTracer(t))   // want `WithTracer names the tracer, so call t.EnrichSpan`
	go honeyhive.EnrichSpan(ctx, honeyhive.WithTracer(next())) // want `WithTracer names the tracer, so call next\(\).EnrichSpan`
	t = next()
}
