// Package lib forwards to legacy calls for other packages.
package lib

import (
	"context"

	"github.com/honeyhiveai/hhvet/honeyhive"
)

// Enrich is a deprecated forwarder: it is left alone.
//
// Deprecated: use the tracer.
func Enrich(ctx context.Context, fields ...honeyhive.Field) bool { // want Enrich:`forwards to honeyhive.EnrichSpan`
	return honeyhive.EnrichSpan(ctx, fields...)
}

// EnrichUser is a deprecated forwarder of a deprecated forwarder.
//
// Deprecated: use the tracer.
func EnrichUser(ctx context.Context, id string) { // want EnrichUser:`forwards to honeyhive.EnrichSpan`
	Enrich(ctx, honeyhive.UserProperties{"id": id})
}

// Client has a deprecated method.
type Client struct{}

// Session is a deprecated forwarder that is a method.
//
// Deprecated: use the tracer.
func (*Client) Session(ctx context.Context, m map[string]any) { // want Session:`forwards to honeyhive.EnrichSession`
	_ = honeyhive.EnrichSession(ctx, "", m)
}

// Wrap only forwards and is not deprecated: it is migrated inside.
func Wrap(ctx context.Context, fields ...honeyhive.Field) bool {
	return honeyhive.EnrichSpan(ctx, fields...) // want `call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
}

// Count is deprecated and does more than forward: it is migrated inside.
//
// Deprecated: use the tracer.
func Count(ctx context.Context) {
	calls++
	honeyhive.EnrichSpan(ctx, honeyhive.Metrics{"calls": float64(calls)}) // want `call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
}

var calls int

// Old only mentions that it is Deprecated: in passing, so it is migrated.
func Old(ctx context.Context) {
	honeyhive.EnrichSpan(ctx) // want `call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
}

// Local calls a forwarder of the same package.
func Local(ctx context.Context) {
	Enrich(ctx) // want `Enrich is a deprecated forwarder to honeyhive.EnrichSpan: call a tracer's EnrichSpan, or honeyhive.TracerFromContext\(ctx\).EnrichSpan`
}
