// Package hhdirective defines an analyzer of hhvet's own directives.
//
// # Analyzer hhdirective
//
// hhdirective: report //hhvet: comments that have no effect
//
// A finding of hhvet is silenced by a comment at the end of its line, or alone
// on the line above. Here telemetry.Set adds a key to the context's baggage:
//
//	// silenced
//	//hhvet:ignore globalbaggage the gateway reads this key until v2
//	ctx = telemetry.Set(ctx, "project", name)
//
// The comment names one analyzer and gives a reason. It covers what starts on
// its line; where a statement starts there, the whole statement but not the
// bodies of its blocks.
//
// A comment that silences nothing is worse than none. A misspelt one looks as
// if somebody had taken care of the line. One that is left over waits for the
// next mistake there: the leak that the page of globalbaggage tells of came
// back 18 days after its fix.
//
// A directive that names an analyzer and is malformed, or silences nothing,
// is reported by that analyzer. This one reports the directives that name
// none: a misspelt name, a missing name, an unknown verb.
//
// # directive
//
// A //hhvet: comment names no analyzer. Correct it as the message says, or
// delete it; what it was meant to silence is still reported.
//
//	// bad
//	tracer.EnrichSpan(ctx, usage)              //hhvet:ignore migrated in v2
//	ctx = telemetry.Set(ctx, "region", region) //hhvet:skip globalbaggage
//
//	// good
//	tracer.EnrichSpan(ctx, usage) // migrated in v2
//	ctx = telemetry.Set(ctx, "region", region)
package hhdirective
