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
// The analyzer reports a per-tracer key where it meets the baggage API, where
// it stands in a list that decides what enters baggage, or where it is given
// to a function that puts it there, in any package:
//
//	m, err := baggage.NewMember("project", name) // per-tracer key "project" enters baggage
//
// A key counts in any spelling: session_id, sessionId, HH_SESSION_ID and
// langfuse.session.id are one. The keys run_id, dataset_id, datapoint_id and
// honeyhive_tracer_id are shared by design and never reported.
//
// A member that is only read, compared or deleted is not reported, nor are
// the values of members, their properties, and propagators that forward what
// came in. Nothing is reported of a key that cannot be known.
//
// A line is silenced by a comment that says why:
//
//	ctx = legacy(ctx, project) //hhvet:ignore globalbaggage the peer reads this key until it moves to v2
//
// # pertracer
//
// A per-tracer key enters baggage through an API of OpenTelemetry,
// OpenTracing, Datadog or HoneyHive. Give the value to its tracer instead:
//
//	tracer, err := honeyhive.New(ctx, honeyhive.WithProject(name))
//
// A session that starts with a request is started with tracer.StartSession,
// which keeps it on the context for that tracer alone.
//
// # allowlist
//
// A list decides which keys are let into baggage, and has a per-tracer key
// among its entries. The fix deletes the entry, where the list has no other
// use in its package.
//
// # header
//
// The text of a baggage header, set by hand, has a per-tracer key in it.
//
// # wrapper
//
// A function puts what it is given into baggage, and is given a per-tracer
// key. The way from the call to the baggage API is attached to the diagnostic.
// Where the analysis cannot see that a function does this, say so:
//
//	-globalbaggage.wrappers=example.com/telemetry.Set:1
//
// # secret
//
// A secret enters baggage, and so the headers of every request that leaves
// the process.
//
// # precedence
//
// A value that attributes a span or a session is read from baggage, although
// the tracer knows it. Ask the tracer first, and baggage only where the tracer
// has no value.
//
// # directive
//
// A //hhvet: comment has no effect. Correct it as the message says, or delete
// it.
package globalbaggage
