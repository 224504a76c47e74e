// Package direct holds legacy calls next to the one tracer in reach.
package direct

import (
	"context"
	"errors"

	"github.com/honeyhiveai/hhvet/honeyhive"
)

// A call with a map literal.
func span(ctx context.Context, tracer *honeyhive.Tracer) {
	honeyhive.EnrichSpan(ctx, honeyhive.Metadata{"user": "u1"}) // want `nothing proves that tracer is the context's tracer, so call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
}

// A call without fields.
func bare(ctx context.Context, tracer *honeyhive.Tracer) {
	honeyhive.EnrichSpan(ctx) // want `nothing proves that tracer is the context's tracer, so call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
}

// Several fields over several lines, with comments.
func lines(ctx context.Context, tracer *honeyhive.Tracer) {
	honeyhive.EnrichSpan( // want `nothing proves that tracer is the context's tracer, so call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
		ctx, // the request's
		// what was asked
		honeyhive.Inputs{"question": "why"},
		honeyhive.Metrics{"score": 0.5}, /* of 1 */
	)
}

// The result in a condition.
func condition(ctx context.Context, tracer *honeyhive.Tracer) {
	if !honeyhive.EnrichSpan(ctx, honeyhive.Error(errors.New("no"))) { // want `nothing proves that tracer is the context's tracer, so call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
		return
	}
}

// The result in an assignment.
func assignment(ctx context.Context, tracer *honeyhive.Tracer) bool {
	ok := honeyhive.EnrichSpan(ctx) // want `nothing proves that tracer is the context's tracer, so call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
	_ = honeyhive.EnrichSpan(ctx)   // want `nothing proves that tracer is the context's tracer, so call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
	return ok
}

// The result in a return statement.
func returned(ctx context.Context, tracer *honeyhive.Tracer) error {
	return honeyhive.EnrichSession(ctx, "", nil) // want `honeyhive.EnrichSession is deprecated: nothing proves that tracer is the context's tracer, so call honeyhive.TracerFromContext\(ctx\).EnrichSession`
}

// A parenthesised callee.
func parenthesised(ctx context.Context, tracer *honeyhive.Tracer) {
	(honeyhive.EnrichSpan)(ctx)                  // want `nothing proves that tracer is the context's tracer, so call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
	(honeyhive. /*the old one*/ EnrichSpan)(ctx) // want `nothing proves that tracer is the context's tracer, so call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
}

// A spread slice of fields.
func spread(ctx context.Context, tracer *honeyhive.Tracer, fields []honeyhive.Field) {
	honeyhive.EnrichSpan(ctx, fields...) // want `nothing proves that tracer is the context's tracer, so call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
}

// A field whose value may hold a tracer: the method obeys it as the function did.
func opaque(ctx context.Context, tracer *honeyhive.Tracer, f honeyhive.Field) {
	honeyhive.EnrichSpan(ctx, f, honeyhive.Metrics{"n": 1}) // want `nothing proves that tracer is the context's tracer, so call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
}

// All arguments are the results of one call.
func oneCall(tracer *honeyhive.Tracer, args func() (context.Context, honeyhive.Field)) {
	honeyhive.EnrichSpan(args()) // want `honeyhive.EnrichSpan is deprecated, and needs a person here: one call gives all arguments, the context among them; assign its results to variables first`
}

// A deferred call.
func deferred(ctx context.Context, tracer *honeyhive.Tracer) {
	defer honeyhive.EnrichSpan(ctx, honeyhive.Metadata{"done": true}) // want `nothing proves that tracer is the context's tracer, so call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
}

// A call in a new goroutine.
func goroutine(ctx context.Context, tracer *honeyhive.Tracer) {
	go honeyhive.EnrichSpan(ctx, honeyhive.Metadata{"done": true}) // want `nothing proves that tracer is the context's tracer, so call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
}

// A session with an id and a map.
func session(ctx context.Context, tracer *honeyhive.Tracer, id string, m map[string]any) error {
	return honeyhive.EnrichSession(ctx, id, m, honeyhive.Feedback{"stars": 4}) // want `honeyhive.EnrichSession is deprecated: nothing proves that tracer is the context's tracer, so call honeyhive.TracerFromContext\(ctx\).EnrichSession`
}

// An empty session id falls away.
func noID(ctx context.Context, tracer *honeyhive.Tracer, m map[string]any) error {
	return honeyhive.EnrichSession(ctx, "", m) // want `honeyhive.EnrichSession is deprecated: nothing proves that tracer is the context's tracer, so call honeyhive.TracerFromContext\(ctx\).EnrichSession`
}

// A nil map falls away.
func noMap(ctx context.Context, tracer *honeyhive.Tracer, id string) error {
	return honeyhive.EnrichSession(ctx, id, nil, honeyhive.Feedback{"stars": 4}) // want `honeyhive.EnrichSession is deprecated: nothing proves that tracer is the context's tracer, so call honeyhive.TracerFromContext\(ctx\).EnrichSession`
}

// A literal map becomes the field's literal.
func literalMap(ctx context.Context, tracer *honeyhive.Tracer) error {
	return honeyhive.EnrichSession(ctx, "s-1", map[string]any{ // want `honeyhive.EnrichSession is deprecated: nothing proves that tracer is the context's tracer, so call honeyhive.TracerFromContext\(ctx\).EnrichSession`
		"plan": "pro", // since May
	})
}

const noSession = ""

type tags map[string]any

// Constants and named types are converted.
func converted(ctx context.Context, tracer *honeyhive.Tracer, m tags) error {
	err := honeyhive.EnrichSession(ctx, noSession, m)                                       // want `honeyhive.EnrichSession is deprecated: nothing proves that tracer is the context's tracer, so call honeyhive.TracerFromContext\(ctx\).EnrichSession`
	err = errors.Join(err, honeyhive.EnrichSession(ctx, "a"+"b", tags{"a": 1}))             // want `honeyhive.EnrichSession is deprecated: nothing proves that tracer is the context's tracer, so call honeyhive.TracerFromContext\(ctx\).EnrichSession`
	return errors.Join(err, honeyhive.EnrichSession(ctx, (""), honeyhive.Metadata{"a": 1})) // want `honeyhive.EnrichSession is deprecated: nothing proves that tracer is the context's tracer, so call honeyhive.TracerFromContext\(ctx\).EnrichSession`
}

// A nil that means something else is an argument like others.
func shadowedNil(ctx context.Context, tracer *honeyhive.Tracer, nil map[string]any) error {
	return honeyhive.EnrichSession(ctx, "", nil) // want `honeyhive.EnrichSession is deprecated: nothing proves that tracer is the context's tracer, so call honeyhive.TracerFromContext\(ctx\).EnrichSession`
}

// Arguments with effects keep their order.
func effects(ctx context.Context, tracer *honeyhive.Tracer, id func() string, m func() map[string]any) error {
	return honeyhive.EnrichSession(ctx, id(), m(), honeyhive.Metadata{"next": id()}) // want `honeyhive.EnrichSession is deprecated: nothing proves that tracer is the context's tracer, so call honeyhive.TracerFromContext\(ctx\).EnrichSession`
}

// A session with a spread slice.
func sessionSpread(ctx context.Context, tracer *honeyhive.Tracer, id string, m map[string]any, fs []honeyhive.Field) {
	honeyhive.EnrichSession(ctx, id, m, fs...)                      // want `honeyhive.EnrichSession is deprecated: nothing proves that tracer is the context's tracer, so call honeyhive.TracerFromContext\(ctx\).EnrichSession`
	honeyhive.EnrichSession(ctx, "", m, fs...)                      // want `honeyhive.EnrichSession is deprecated: nothing proves that tracer is the context's tracer, so call honeyhive.TracerFromContext\(ctx\).EnrichSession`
	honeyhive.EnrichSession(ctx, id, nil, fs...)                    // want `honeyhive.EnrichSession is deprecated: nothing proves that tracer is the context's tracer, so call honeyhive.TracerFromContext\(ctx\).EnrichSession`
	honeyhive.EnrichSession(ctx, "", nil, fs...)                    // want `honeyhive.EnrichSession is deprecated: nothing proves that tracer is the context's tracer, so call honeyhive.TracerFromContext\(ctx\).EnrichSession`
	honeyhive.EnrichSession(ctx, "", map[string]any{"a": 1}, fs...) // want `honeyhive.EnrichSession is deprecated: nothing proves that tracer is the context's tracer, so call honeyhive.TracerFromContext\(ctx\).EnrichSession`
}

// A session over several lines, with comments.
func sessionLines(ctx context.Context, tracer *honeyhive.Tracer, id string, fs []honeyhive.Field) error {
	return honeyhive.EnrichSession( // want `honeyhive.EnrichSession is deprecated: nothing proves that tracer is the context's tracer, so call honeyhive.TracerFromContext\(ctx\).EnrichSession`
		ctx,
		id,  // of the customer
		nil, // nothing yet
		fs...,
	)
}

// Where append is not the built-in, a spread slice cannot be extended.
func ownAppend(ctx context.Context, tracer *honeyhive.Tracer, id string, fs []honeyhive.Field, append func()) error {
	return honeyhive.EnrichSession(ctx, id, nil, fs...) // want `needs a person here: append is not the built-in function here; build the slice of fields first`
}

// One call for all arguments cannot become fields.
func sessionOneCall(tracer *honeyhive.Tracer, args func() (context.Context, string, map[string]any)) error {
	return honeyhive.EnrichSession(args()) // want `needs a person here: one call gives all arguments; assign its results to variables first`
}
