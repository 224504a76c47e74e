// Package reach holds legacy calls near variables that hold tracers, or do not
// yet, or no longer.
package reach

import (
	"context"

	"github.com/honeyhiveai/hhvet/honeyhive"
)

func open(ctx context.Context) (*honeyhive.Tracer, error) { return honeyhive.New(ctx) }

func use(any) {}

// A local variable after its assignment.
func local(ctx context.Context) error {
	tracer, err := open(ctx)
	if err != nil {
		return err
	}
	honeyhive.EnrichSpan(ctx) // want `nothing proves that tracer is the context's tracer, so call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
	use(tracer)
	return nil
}

// On the error's way the tracer is nil.
func failed(ctx context.Context) {
	tracer, err := open(ctx)
	if err != nil {
		honeyhive.EnrichSpan(ctx, honeyhive.Error(err)) // want `no tracer is in reach, so call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
		return
	}
	if err = ctx.Err(); err != nil {
		honeyhive.EnrichSpan(ctx, honeyhive.Error(err)) // want `nothing proves that tracer is the context's tracer, so call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
	}
	use(tracer)
}

// A variable that is assigned after the call.
func later(ctx context.Context) {
	var tracer *honeyhive.Tracer
	honeyhive.EnrichSpan(ctx) // want `no tracer is in reach, so call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
	tracer, _ = open(ctx)
	use(tracer)
}

// A variable that is assigned in another branch.
func branch(ctx context.Context, trace bool) {
	var tracer *honeyhive.Tracer
	if trace {
		tracer, _ = open(ctx)
		honeyhive.EnrichSpan(ctx) // want `nothing proves that tracer is the context's tracer, so call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
	} else {
		honeyhive.EnrichSpan(ctx) // want `call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
	}
	honeyhive.EnrichSpan(ctx) // want `call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
	use(tracer)
}

// A variable that is assigned in every branch.
func branches(ctx context.Context, kind string) {
	var tracer *honeyhive.Tracer
	switch kind {
	case "a":
		tracer, _ = open(ctx)
	case "b":
		return
	default:
		tracer = honeyhive.TracerFromContext(ctx)
	}
	honeyhive.EnrichSpan(ctx) // want `nothing proves that tracer is the context's tracer, so call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
	use(tracer)
}

// A loop that assigns the variable at its end.
func loop(ctx context.Context) {
	var tracer *honeyhive.Tracer
	for range 3 {
		honeyhive.EnrichSpan(ctx) // want `call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
		tracer, _ = open(ctx)
	}
	use(tracer)
}

// A goto around the assignment.
func jump(ctx context.Context, skip bool) {
	var tracer *honeyhive.Tracer
	if skip {
		goto end
	}
	tracer, _ = open(ctx)
end:
	honeyhive.EnrichSpan(ctx) // want `call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
	use(tracer)
}

// A variable that is nil again.
func cleared(ctx context.Context, tracer *honeyhive.Tracer) {
	honeyhive.EnrichSpan(ctx) // want `nothing proves that tracer is the context's tracer, so call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
	tracer = nil
	honeyhive.EnrichSpan(ctx) // want `call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
	use(tracer)
}

// A tracer that is known to be nil.
func isNil(ctx context.Context, tracer *honeyhive.Tracer) {
	if tracer != nil {
		honeyhive.EnrichSpan(ctx) // want `nothing proves that tracer is the context's tracer, so call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
		return
	}
	honeyhive.EnrichSpan(ctx) // want `call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
}

// A tracer that is nil where several conditions hold.
func mayBeNil(ctx context.Context, tracer *honeyhive.Tracer, quiet bool) {
	if tracer == nil || quiet {
		honeyhive.EnrichSpan(ctx) // want `call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
		return
	}
	if !(tracer == nil) {
		honeyhive.EnrichSpan(ctx) // want `nothing proves that tracer is the context's tracer, so call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
	}
}

// A named result is nil at first.
func result(ctx context.Context) (tracer *honeyhive.Tracer, err error) {
	honeyhive.EnrichSpan(ctx) // want `call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
	tracer, err = open(ctx)
	honeyhive.EnrichSpan(ctx) // want `nothing proves that tracer is the context's tracer, so call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
	return tracer, err
}

// The tracer's name is shadowed.
func shadowed(ctx context.Context, tracer *honeyhive.Tracer) {
	{
		tracer := "the word"
		honeyhive.EnrichSpan(ctx, honeyhive.Metadata{"a": tracer}) // want `call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
	}
	for _, tracer := range "abc" {
		honeyhive.EnrichSpan(ctx, honeyhive.Metadata{"a": tracer}) // want `call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
	}
	if tracer, ok := any(tracer).(*honeyhive.Tracer); ok {
		honeyhive.EnrichSpan(ctx, honeyhive.Metadata{"a": tracer.ID()}) // want `nothing proves that tracer is the context's tracer, so call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
	}
}

// A parameter without a name.
func unnamed(ctx context.Context, _ *honeyhive.Tracer) {
	honeyhive.EnrichSpan(ctx) // want `call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
}

// The type switch's variable.
func typeSwitch(ctx context.Context, x any) {
	switch x := x.(type) {
	case *honeyhive.Tracer:
		honeyhive.EnrichSpan(ctx, honeyhive.Metadata{"id": x.ID()}) // want `nothing proves that x is the context's tracer, so call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
	default:
		honeyhive.EnrichSpan(ctx, honeyhive.Metadata{"x": x}) // want `call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
	}
}

// Two tracers.
func two(ctx context.Context, first, second *honeyhive.Tracer) {
	honeyhive.EnrichSpan(ctx) // want `several tracers are in reach, first and second, so call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
}

// Two names of one tracer.
func names(ctx context.Context, tracer *honeyhive.Tracer) {
	t := tracer
	honeyhive.EnrichSpan(ctx, honeyhive.Metadata{"id": t.ID()}) // want `nothing proves that t is the context's tracer, so call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
}

// Two names, one of them for another tracer by now.
func noLongerNames(ctx context.Context, tracer *honeyhive.Tracer) {
	t := tracer
	tracer, _ = open(ctx)
	honeyhive.EnrichSpan(ctx, honeyhive.Metadata{"id": t.ID()}) // want `several tracers are in reach, t and tracer`
}

// A parameter that becomes what was once another name of it.
func circle(ctx context.Context, tracer *honeyhive.Tracer) {
	t := tracer
	tracer = t
	honeyhive.EnrichSpan(ctx) // want `several tracers are in reach, t and tracer`
}

// A closure that captures the tracer.
func closure(ctx context.Context, tracer *honeyhive.Tracer) func() {
	return func() {
		honeyhive.EnrichSpan(ctx) // want `nothing proves that tracer is the context's tracer, so call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
	}
}

// A closure that outlives an assignment.
func outlived(ctx context.Context, tracer *honeyhive.Tracer) {
	done := func() {
		honeyhive.EnrichSpan(ctx) // want `call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
	}
	tracer, _ = open(ctx)
	done()
	use(tracer)
}

// A goroutine that outlives an assignment.
func goroutine(ctx context.Context, tracer *honeyhive.Tracer) {
	go func() {
		honeyhive.EnrichSpan(ctx) // want `call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
	}()
	tracer = honeyhive.DefaultTracer()
	use(tracer)
}

// A closure in a loop that assigns the tracer again.
func closureInLoop(ctx context.Context, tracer *honeyhive.Tracer) {
	for range 2 {
		tracer = honeyhive.DefaultTracer()
		defer func() {
			honeyhive.EnrichSpan(ctx) // want `call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
		}()
	}
	use(tracer)
}

// A closure around a variable of one iteration.
func iteration(ctx context.Context) {
	for range 2 {
		tracer := honeyhive.DefaultTracer()
		defer func() {
			honeyhive.EnrichSpan(ctx) // want `nothing proves that tracer is the context's tracer, so call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
		}()
		use(tracer)
	}
}

// A closure around a loop's variable, of which each iteration has its own.
func ownIteration(ctx context.Context, next func() *honeyhive.Tracer) {
	for i, tracer := 0, next(); i < 2; i, tracer = i+1, next() {
		defer func() {
			honeyhive.EnrichSpan(ctx) // want `nothing proves that tracer is the context's tracer, so call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
		}()
		use(tracer)
	}
}

// A closure that assigns the tracer.
func assignedInClosure(ctx context.Context, tracer *honeyhive.Tracer) {
	renew := func() { tracer = honeyhive.DefaultTracer() }
	honeyhive.EnrichSpan(ctx) // want `call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
	renew()
	use(tracer)
}

func fill(t **honeyhive.Tracer) { *t = honeyhive.DefaultTracer() }

// A tracer whose address is taken.
func addressTaken(ctx context.Context, tracer *honeyhive.Tracer) {
	fill(&tracer)
	honeyhive.EnrichSpan(ctx) // want `call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
}

// A tracer that is not a pointer to one.
func otherTypes(ctx context.Context, value honeyhive.Field, pointers **honeyhive.Tracer) {
	honeyhive.EnrichSpan(ctx, value) // want `call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
}

// The package's name is shadowed elsewhere.
func packageShadowed(ctx context.Context, tracer *honeyhive.Tracer) {
	honeyhive.EnrichSpan(ctx) // want `nothing proves that tracer is the context's tracer, so call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
	honeyhive := "the word"
	use(honeyhive)
}

// Generic code.
func generic[T any](ctx context.Context, tracer *honeyhive.Tracer, x T) {
	honeyhive.EnrichSpan(ctx, honeyhive.Metadata{"x": x}) // want `nothing proves that tracer is the context's tracer, so call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
}
