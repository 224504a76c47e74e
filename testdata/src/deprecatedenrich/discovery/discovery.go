// Package discovery holds legacy calls without a tracer in reach.
package discovery

import (
	"context"
	"net/http"

	"github.com/honeyhiveai/hhvet/honeyhive"
)

// The context's tracer is looked up as the legacy function did.
func parameter(ctx context.Context) {
	honeyhive.EnrichSpan(ctx, honeyhive.Metadata{"a": 1}) // want `no tracer is in reach, so call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
}

// A session.
func session(ctx context.Context, id string, fs ...honeyhive.Field) error {
	return honeyhive.EnrichSession(ctx, id, nil, fs...) // want `call honeyhive.TracerFromContext\(ctx\).EnrichSession`
}

type job struct{ ctx context.Context }

func (j *job) Context() context.Context { return j.ctx }

// Contexts that may be written twice.
func repeatable(r *http.Request, j *job, all []context.Context, p *context.Context) {
	honeyhive.EnrichSpan(r.Context())          // want `no tracer is in reach, so call honeyhive.TracerFromContext\(r.Context\(\)\).EnrichSpan`
	honeyhive.EnrichSpan(context.Background()) // want `no tracer is in reach, so call honeyhive.TracerFromContext\(context.Background\(\)\).EnrichSpan`
	honeyhive.EnrichSpan(context.TODO())       // want `no tracer is in reach, so call honeyhive.TracerFromContext\(context.TODO\(\)\).EnrichSpan`
	honeyhive.EnrichSpan(j.ctx)                // want `no tracer is in reach, so call honeyhive.TracerFromContext\(j.ctx\).EnrichSpan`
	honeyhive.EnrichSpan(j.Context())          // want `no tracer is in reach, so call honeyhive.TracerFromContext\(j.Context\(\)\).EnrichSpan`
	honeyhive.EnrichSpan(all[0])               // want `no tracer is in reach, so call honeyhive.TracerFromContext\(all\[0\]\).EnrichSpan`
	honeyhive.EnrichSpan(*p)                   // want `no tracer is in reach, so call honeyhive.TracerFromContext\(\*p\).EnrichSpan`
	honeyhive.EnrichSpan(nil)                  // want `no tracer is in reach, so call honeyhive.TracerFromContext\(nil\).EnrichSpan`
	honeyhive.EnrichSpan((r.Context()))        // want `no tracer is in reach, so call honeyhive.TracerFromContext\(\(r.Context\(\)\)\).EnrichSpan`
}

type key struct{}

// A context that is made by the argument is not made twice.
func made(ctx context.Context, next func() context.Context) {
	honeyhive.EnrichSpan(next())                           // want `needs a person here: the context is the result of a call, which would be made twice; assign the context to a variable first`
	honeyhive.EnrichSpan(context.WithValue(ctx, key{}, 1)) // want `needs a person here: the context is the result of a call`
}

// A comment in the context argument is not written twice.
func commented(ctx context.Context) {
	honeyhive.EnrichSpan(( /* the caller's */ ctx)) // want `no tracer is in reach, so call honeyhive.TracerFromContext\(\(ctx\)\).EnrichSpan`
}

// A deferred call.
func deferred(ctx context.Context) {
	defer honeyhive.EnrichSpan(ctx) // want `call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
}

// A deferred call in a function that changes the default tracer afterwards.
func deferredEarly(ctx context.Context) {
	defer honeyhive.EnrichSpan(ctx) // want `needs a person here: a deferred call finds its tracer when the function ends, and this function may change which one that is; call a tracer's method`
	setUp()
}

func setUp() { honeyhive.SetDefaultTracer(nil) }

// A goroutine in a loop that changes the default tracer.
func goroutine(ctx context.Context) {
	for range 2 {
		setUp()
		go honeyhive.EnrichSpan(ctx) // want `needs a person here: a goroutine finds its tracer when it runs`
	}
}

func status() int { setUp(); return 1 }

func size() int { return 1 }

// Arguments with effects, one of which changes the default tracer.
func arguments(ctx context.Context) {
	honeyhive.EnrichSpan(ctx, honeyhive.Metadata{"n": size()})   // want `call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
	honeyhive.EnrichSpan(ctx, honeyhive.Metadata{"n": status()}) // want `needs a person here: an argument may change which tracer is found, and would come too late for that; assign it to a variable first`
}

// An argument that changes the context's variable.
func contextChanges(ctx context.Context, j *job) {
	derive := func() int { ctx = context.WithoutCancel(ctx); return 1 }
	honeyhive.EnrichSpan(ctx, honeyhive.Metadata{"n": derive()})         // want `needs a person here: an argument may change the context while the call is prepared; assign the context to a variable first`
	honeyhive.EnrichSpan(j.Context(), honeyhive.Metadata{"n": size()})   // want `no tracer is in reach, so call honeyhive.TracerFromContext\(j.Context\(\)\).EnrichSpan`
	honeyhive.EnrichSpan(j.Context(), honeyhive.Metadata{"n": j.next()}) // want `needs a person here: an argument may change the context`
}

func (j *job) next() int { j.ctx = context.Background(); return 1 }

// All arguments are the results of one call.
func oneCall(args func() (context.Context, honeyhive.Field)) {
	honeyhive.EnrichSpan(args()) // want `needs a person here: one call gives all arguments, the context among them; assign its results to variables first`
}
