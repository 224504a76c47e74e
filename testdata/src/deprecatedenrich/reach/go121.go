//go:build go1.21

package reach

import (
	"context"

	"github.com/honeyhiveai/hhvet/honeyhive"
)

// A closure around a loop's variable, where Go 1.21 shares it between iterations.
func sharedIteration(ctx context.Context, next func() *honeyhive.Tracer) {
	for i, tracer := 0, next(); i < 2; i, tracer = i+1, next() {
		defer func() {
			honeyhive.EnrichSpan(ctx) // want `call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
		}()
		use(tracer)
	}
}
