// Package tags has a tracer that only some builds have.
package tags

import (
	"context"

	"github.com/honeyhiveai/hhvet/honeyhive"
)

// A package variable that not every build has.
func handle(ctx context.Context) {
	honeyhive.EnrichSpan(ctx) // want `call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
}
