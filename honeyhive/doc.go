// Package honeyhive traces LLM applications to HoneyHive.
//
// A [Tracer] owns its spans, its sessions and its place in a context: any
// number of tracers can share a process, a goroutine and a
// [context.Context], and no span, session or enrichment of one ever reaches
// another. What belongs to a tracer (project, source, session) is never
// written to OpenTelemetry baggage, which every tracer and every downstream
// service can read.
//
//	tracer, err := honeyhive.New(ctx, honeyhive.WithProject("checkout"))
//	if err != nil {
//		return err
//	}
//	defer tracer.Shutdown(ctx)
//
//	ctx, span := tracer.Start(ctx, "answer")
//	defer span.End()
//	tracer.EnrichSpan(ctx, honeyhive.Inputs{"question": q}, honeyhive.Metrics{"score": 0.95})
//
// [Evaluate] runs an experiment: a task over the cases of a dataset, each in
// a session of its own.
//
// The package never touches OpenTelemetry's global provider or propagator,
// prints nothing but warnings to its logger ([WithLogger]), and never fails its
// host: a method on a nil Tracer, or on one that was shut down, does nothing.
package honeyhive
