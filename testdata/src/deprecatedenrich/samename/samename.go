// Package samename calls functions that only share the names.
package samename

import (
	"context"

	"example.com/corpus/deprecatedenrich/samename/honeyhive"
	sdk "github.com/honeyhiveai/hhvet/honeyhive"
)

// Another package of that name.
func otherPackage(ctx context.Context, t *honeyhive.Tracer) error {
	honeyhive.EnrichSpan(ctx, honeyhive.WithTracer(t))
	return honeyhive.EnrichSession(ctx, "", nil)
}

type local struct{}

func (local) EnrichSpan(ctx context.Context, fields ...sdk.Field) bool { return false }

// A method, a local function and a variable of that name.
func otherThings(ctx context.Context, t *sdk.Tracer) {
	t.EnrichSpan(ctx)
	local{}.EnrichSpan(ctx)
	EnrichSpan := func(context.Context) {}
	EnrichSpan(ctx)
	f := (*sdk.Tracer).EnrichSpan
	f(t, ctx)
}
