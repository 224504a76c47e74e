// Package values uses legacy functions as values.
package values

import (
	"context"

	"github.com/honeyhiveai/hhvet/honeyhive"
)

type enrich func(context.Context, ...honeyhive.Field) bool

type hooks struct{ onDone enrich }

func call(ctx context.Context, f enrich) { f(ctx) }

// A local variable, an argument, a field, an element, a result.
func forms(ctx context.Context, tracer *honeyhive.Tracer) enrich {
	f := honeyhive.EnrichSpan                               // want `honeyhive.EnrichSpan is deprecated, and as a value needs a person: nothing proves which tracer it would find; write a function that calls honeyhive.TracerFromContext\(ctx\).EnrichSpan`
	var g enrich = honeyhive.EnrichSpan                     // want `honeyhive.EnrichSpan is deprecated, and as a value needs a person: nothing proves which tracer it would find; write a function that calls honeyhive.TracerFromContext\(ctx\).EnrichSpan`
	call(ctx, honeyhive.EnrichSpan)                         // want `honeyhive.EnrichSpan is deprecated, and as a value needs a person: nothing proves which tracer it would find; write a function that calls honeyhive.TracerFromContext\(ctx\).EnrichSpan`
	h := hooks{onDone: honeyhive.EnrichSpan}                // want `honeyhive.EnrichSpan is deprecated, and as a value needs a person: nothing proves which tracer it would find; write a function that calls honeyhive.TracerFromContext\(ctx\).EnrichSpan`
	m := map[string]enrich{"span": honeyhive.EnrichSpan}    // want `honeyhive.EnrichSpan is deprecated, and as a value needs a person: nothing proves which tracer it would find; write a function that calls honeyhive.TracerFromContext\(ctx\).EnrichSpan`
	defer func(f enrich) { f(ctx) }((honeyhive.EnrichSpan)) // want `honeyhive.EnrichSpan is deprecated, and as a value needs a person: nothing proves which tracer it would find; write a function that calls honeyhive.TracerFromContext\(ctx\).EnrichSpan`
	f(ctx)
	g(ctx)
	h.onDone(ctx)
	m["span"](ctx)
	return honeyhive.EnrichSpan // want `honeyhive.EnrichSpan is deprecated, and as a value needs a person: nothing proves which tracer it would find; write a function that calls honeyhive.TracerFromContext\(ctx\).EnrichSpan`
}

// No tracer in reach.
func noTracer() enrich {
	return honeyhive.EnrichSpan // want `honeyhive.EnrichSpan is deprecated, and as a value needs a person: no tracer is in reach; write a function that calls honeyhive.TracerFromContext\(ctx\).EnrichSpan`
}

// Two tracers in reach.
func twoTracers(a, b *honeyhive.Tracer) enrich {
	return honeyhive.EnrichSpan // want `as a value needs a person: several tracers are in reach, a and b`
}

// The method has other parameters.
func session(tracer *honeyhive.Tracer) any {
	return honeyhive.EnrichSession // want `honeyhive.EnrichSession is deprecated, and as a value needs a person: the method's parameters differ; write a function that calls a tracer's EnrichSession`
}

// Keeping the import in use.
var _ = honeyhive.EnrichSpan // want `as a value needs a person: it is not used; delete it`

// A package variable's initialiser.
var hook enrich = honeyhive.EnrichSpan // want `as a value needs a person: no tracer is in reach of a package variable's initialiser; set it where the tracer is made`

// A blank assignment.
func blank() {
	_ = honeyhive.EnrichSpan // want `as a value needs a person: it is not used; delete it`
}
