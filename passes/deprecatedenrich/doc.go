// Package deprecatedenrich defines an analyzer that migrates the HoneyHive
// SDK's legacy enrichment functions to methods of a tracer.
//
// # Analyzer deprecatedenrich
//
// deprecatedenrich: migrate legacy enrichment calls to a tracer's methods
//
// The functions EnrichSpan and EnrichSession of package honeyhive look for
// their tracer at run time, and where a process has two tracers they may find
// the other one. They are deprecated and will be gone in v2.0.
//
// In v1.5.1 of HoneyHive's Python SDK, as of November 2026, such a search goes
// wrong in plain code. Its enrich_span finds the tracer whose id is in
// baggage, where each new tracer overwrites the one before; its enrich_session
// never looks there and takes the default tracer, which is the first that was
// made. Where a program has made two tracers, the two functions mean different
// ones on the same line, and setting the default tracer changes only one of
// them.
//
// This analyzer reports every use of the functions and, where what is recorded
// stays the same, rewrites it. In the examples, tracer, acme and globex are
// tracers, and usage is a field:
//
//	// bad
//	ctx, span := tracer.Start(ctx, "answer")
//	defer span.End()
//	honeyhive.EnrichSpan(ctx, honeyhive.Outputs{"answer": answer})
//	err := honeyhive.EnrichSession(ctx, id, metadata)
//
//	// good
//	ctx, span := tracer.Start(ctx, "answer")
//	defer span.End()
//	tracer.EnrichSpan(ctx, honeyhive.Outputs{"answer": answer})
//	err := tracer.EnrichSession(ctx, honeyhive.SessionID(id),
//		honeyhive.Metadata(metadata))
//
// The tracer is chosen by evidence, in the order of the sections below, and
// the diagnostic says which rule applied. A tracer is in reach at a call if it
// is a parameter, a local variable assigned on every path that leads there, the
// receiver's field (through any depth of embedding) or a variable of the same
// package, and its name means it at that spot. Where it is known to be nil, or
// its error is known not to be, it is not in reach.
//
// A call that is not rewritten needs a person; the diagnostic says why, and
// what to do. Calls in generated files and in the SDK itself are not reported.
//
// # explicit
//
// WithTracer names the tracer. The call becomes a call of that tracer's
// method. Of several the last one wins, as before.
//
//	// bad
//	honeyhive.EnrichSpan(ctx, honeyhive.WithTracer(acme), usage)
//
//	// good
//	acme.EnrichSpan(ctx, usage)
//
// # context
//
// A tracer's Start, StartSession or JoinSession, ContextWithTracer or
// honeyhive.Trace made the context of the call, and that tracer has a name at
// the call.
//
//	// bad
//	ctx, span := acme.Start(ctx, "completion")
//	defer span.End()
//	honeyhive.EnrichSpan(ctx, honeyhive.Inputs{"prompt": prompt})
//
//	// good
//	ctx, span := acme.Start(ctx, "completion")
//	defer span.End()
//	acme.EnrichSpan(ctx, honeyhive.Inputs{"prompt": prompt})
//
// The context is followed through assignments, branches, closures, the
// functions of package context that derive one from another, and the
// parameters of functions that only this package calls, as long as each step
// is certain. Calls from test files are not counted as callers. The tracer is
// taken to be open: a tracer that is nil or was shut down makes no context.
//
// # assumed
//
// With -deprecatedenrich.assume, the only tracer in reach is taken for the one
// that the function would find at run time, where nothing in the package lets a
// second one in. This is the only rule that can change what is recorded, and it
// is off by default: such calls use discovery.
//
//	// bad
//	type Desk struct{ tracer *honeyhive.Tracer }
//
//	func NewDesk(tracer *honeyhive.Tracer) *Desk {
//		return &Desk{tracer: tracer}
//	}
//
//	func (d *Desk) answered(ctx context.Context, text string) {
//		honeyhive.EnrichSpan(ctx, honeyhive.Outputs{"answer": text})
//	}
//
//	// good
//	type Desk struct{ tracer *honeyhive.Tracer }
//
//	func NewDesk(tracer *honeyhive.Tracer) *Desk {
//		return &Desk{tracer: tracer}
//	}
//
//	func (d *Desk) answered(ctx context.Context, text string) {
//		d.tracer.EnrichSpan(ctx, honeyhive.Outputs{"answer": text})
//	}
//
// It is not made under a context that may carry another tracer, or that comes
// from a request, a callback, an interface or an experiment; nor in a package
// where a second tracer may come in: where a slice, array, map or channel has
// tracers, a function, method or interface method returns one, a legacy function
// is passed on as a value, two variables or fields get their tracers from
// different places, or honeyhive.New is called more than once outside tests.
//
// # discovery
//
// The call finds its tracer as the function did, by the context.
//
//	// bad
//	honeyhive.EnrichSpan(ctx, usage)
//
//	// good
//	honeyhive.TracerFromContext(ctx).EnrichSpan(ctx, usage)
//
// The context is written twice, so it must be a variable, a field or the like,
// or a call such as r.Context() that returns the same one each time.
//
// # manual
//
// The use is reported without a fix. The diagnostic says why there is none,
// and what to do instead; here the context would be made twice.
//
//	// bad
//	honeyhive.EnrichSpan(context.WithoutCancel(ctx), usage)
//
//	// good
//	ctx = context.WithoutCancel(ctx)
//	honeyhive.TracerFromContext(ctx).EnrichSpan(ctx, usage)
//
// # forwarder
//
// The function called is deprecated itself and only forwards to a legacy
// function. It is left alone, for those who still call it; its callers are to
// use a tracer. Here telemetry.Record only calls honeyhive.EnrichSpan:
//
//	// bad
//	telemetry.Record(ctx, usage)
//
//	// good
//	tracer.EnrichSpan(ctx, usage)
//
// A function that forwards without being deprecated is migrated inside, and
// its callers are not reported.
//
// # withtracer
//
// WithTracer stands outside of the arguments of a legacy call: in a slice, a
// variable, a condition, or among the arguments of a method. A method obeys it
// and hands the call to that tracer, so nothing is lost before v2.0. Call the
// method on that tracer instead.
//
//	// bad
//	acme.EnrichSpan(ctx, honeyhive.WithTracer(globex), usage)
//
//	// good
//	globex.EnrichSpan(ctx, usage)
//
// # directive
//
// A //hhvet:ignore comment that names this analyzer is malformed or silences
// nothing. Correct it as the message says, or delete it.
//
//	// bad
//	tracer.EnrichSpan(ctx, usage) //hhvet:ignore deprecatedenrich until v2
//
//	// good
//	tracer.EnrichSpan(ctx, usage)
package deprecatedenrich
