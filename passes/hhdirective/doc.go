// Package hhdirective defines an analyzer of hhvet's own directives.
//
// # Analyzer hhdirective
//
// hhdirective: report //hhvet: comments that have no effect
//
// A finding of hhvet is silenced by a comment at the end of its line, or alone
// on the line above:
//
//	ctx = legacyBaggage(ctx) //hhvet:ignore globalbaggage the peer reads this key until it moves to v2
//
// The comment names one analyzer and gives a reason. It covers what starts on
// its line; where a statement starts there, the whole statement but not the
// bodies of its blocks.
//
// A directive that names an analyzer and is malformed, or silences nothing,
// is reported by that analyzer. This one reports the directives that name
// none: a misspelt name, a missing name, an unknown verb.
//
// # directive
//
// Correct the directive as the message says, or delete it.
package hhdirective
