// Package globalbaggage defines an analyzer that finds values of a single
// tracer in the baggage that all tracers share.
//
// # Analyzer globalbaggage
//
// globalbaggage: report per-tracer values that reach shared baggage
//
// Baggage on a context is seen by every tracer that sees the context, and is
// sent to every service that the request reaches. What belongs to one tracer
// (its project, source, session, the ids of its spans, its API key) must not
// be there: the next tracer takes it for its own, and spans end up in the
// wrong project.
//
// HoneyHive's Python SDK had this bug twice. On 27 October 2025 it began to
// let six keys into baggage, project and source among them (commit c15c3fd),
// and the tracer made last gave its own to the spans of the others. Within two
// days the two keys were off the list. 18 days after that fix, other code
// (commit fbee48e4) made spans believe baggage before their tracer, while a
// decorator was putting the same values there; nobody had touched the list. In
// v1.5.1, as of November 2026, a span made inside a function that another
// tracer decorates still carries that other tracer's session, project and
// source. In Go, allowlist reports the first bug, pertracer and precedence the
// second.
//
// The analyzer reports a per-tracer key where it meets the baggage API, where
// it stands in a list that decides what enters baggage, and where it is given
// to a function that puts it there, in any package. It also reports code that
// believes baggage before it asks the tracer.
//
// A key counts in any spelling: session_id, sessionId, HH_SESSION_ID and
// langfuse.session.id are one. The keys run_id, dataset_id, datapoint_id and
// honeyhive_tracer_id are shared by design and never reported. A key of your
// own is marked where it is declared, and then counts in every package that
// imports it:
//
//	// good
//	const tenantID = "tenant_id" //hhvet:pertracer
//
// A member that is only read, compared or deleted is not reported, nor are
// the values of members, their properties, and propagators that forward what
// came in. Nothing is reported of a key that cannot be known.
//
// A finding is silenced by a comment that says why, at the end of its line or
// above it. Here and below, telemetry.Set is a helper that adds a key and its
// value to the context's baggage:
//
//	// silenced
//	//hhvet:ignore globalbaggage the gateway reads this key until v2
//	ctx = telemetry.Set(ctx, "project", name)
//
// # pertracer
//
// A per-tracer key enters baggage through an API of OpenTelemetry,
// OpenTracing, Datadog or HoneyHive. The fix deletes a member that is made for
// this alone:
//
//	// bad
//	run, _ := baggage.NewMember("run_id", id)
//	project, _ := baggage.NewMember("project", name)
//	b, _ := baggage.New(run, project)
//	ctx = baggage.ContextWithBaggage(ctx, b)
//
//	// good
//	run, _ := baggage.NewMember("run_id", id)
//	b, _ := baggage.New(run)
//	ctx = baggage.ContextWithBaggage(ctx, b)
//
// Give the value to its tracer instead:
//
//	// good
//	tracer, err := honeyhive.New(ctx, honeyhive.WithProject(name))
//
// A session that starts with a request is kept on the context for one tracer:
//
//	// bad
//	opentracing.SpanFromContext(ctx).SetBaggageItem("session_id", id)
//
//	// good
//	ctx, err := tracer.StartSession(ctx, honeyhive.WithSessionID(id))
//
// # allowlist
//
// A list decides which keys are let into baggage, and has a per-tracer key
// among its entries. The fix deletes the entry, where the list has no other
// use in its package.
//
//	// bad
//	shared := []string{"run_id", "dataset_id", "project", "source"}
//	for key, value := range items {
//		if slices.Contains(shared, key) {
//			ctx = telemetry.Set(ctx, key, value)
//		}
//	}
//
//	// good
//	shared := []string{"run_id", "dataset_id"}
//	for key, value := range items {
//		if slices.Contains(shared, key) {
//			ctx = telemetry.Set(ctx, key, value)
//		}
//	}
//
// # header
//
// The text of a baggage header, set by hand, has a per-tracer key in it. So
// has one that a propagator makes of a context on which another package put
// such a key. Let the tracer write its headers.
//
//	// bad
//	req.Header.Set("Baggage", "run_id="+run+",session_id="+session)
//
//	// good
//	tracer.Inject(ctx, propagation.HeaderCarrier(req.Header))
//
// # wrapper
//
// A function puts what it is given into baggage, and is given a per-tracer
// key. The way from the call to the baggage API is attached to the diagnostic,
// and so is where the key comes from, if from elsewhere.
//
//	// bad
//	ctx = telemetry.Set(ctx, "session_id", id)
//
//	// good
//	ctx, err := tracer.StartSession(ctx, honeyhive.WithSessionID(id))
//
// The fix deletes an entry of a literal:
//
//	// bad
//	ctx = telemetry.SetAll(ctx, map[string]string{
//		"run_id":  run,
//		"project": name,
//	})
//
//	// good
//	ctx = telemetry.SetAll(ctx, map[string]string{
//		"run_id": run,
//	})
//
// Where the analysis cannot see that a function does this, the flag
// -globalbaggage.wrappers=example.com/telemetry.Set:1 says so. The number is
// that of the parameter with the key, counted from 0.
//
// # secret
//
// A secret enters baggage, and so the headers of every request that leaves
// the process. Send it only to the service that it is for.
//
//	// bad
//	ctx = telemetry.Set(ctx, "authorization", token)
//
//	// good
//	req.Header.Set("Authorization", token)
//
// The fix deletes an entry of a literal:
//
//	// bad
//	ctx, err := honeyhive.ContextWithBaggage(ctx, map[string]string{
//		"run_id":  run,
//		"api_key": key,
//	})
//
//	// good
//	ctx, err := honeyhive.ContextWithBaggage(ctx, map[string]string{
//		"run_id": run,
//	})
//
// # precedence
//
// A value that attributes a span or a session is read from baggage, although
// the tracer knows it, or the tracer itself is chosen by what baggage says. Ask
// the tracer first, and baggage only where the tracer has no value.
//
//	// bad
//	bag := baggage.FromContext(ctx)
//	project := cmp.Or(bag.Member("project").Value(), tracerProject)
//	span.SetAttributes(attribute.String("honeyhive.project", project))
//
//	// good
//	bag := baggage.FromContext(ctx)
//	project := cmp.Or(tracerProject, bag.Member("project").Value())
//	span.SetAttributes(attribute.String("honeyhive.project", project))
//
// The context has its tracer already:
//
//	// bad
//	project := baggage.FromContext(ctx).Member("project").Value()
//	tracer := tenants[project]
//
//	// good
//	tracer := honeyhive.TracerFromContext(ctx)
//
// A processor that copies baggage onto all spans is to name the shared keys:
//
//	// bad
//	processor := baggagecopy.NewSpanProcessor(baggagecopy.AllowAllMembers)
//
//	// good
//	processor := baggagecopy.NewSpanProcessor(func(m baggage.Member) bool {
//		return m.Key() == "run_id"
//	})
//
// # directive
//
// A //hhvet: comment has no effect. Correct it as the message says, or delete
// it. Here run_id is shared, so there is nothing to silence:
//
//	// bad
//	ctx = telemetry.Set(ctx, "run_id", id) //hhvet:ignore globalbaggage ok
//
//	// good
//	ctx = telemetry.Set(ctx, "run_id", id)
package globalbaggage
