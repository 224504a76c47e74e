// Package tests has legacy calls in tests.
package tests

import (
	"context"

	"github.com/honeyhiveai/hhvet/honeyhive"
)

// A package variable that only the tests have.
func Handle(ctx context.Context) {
	honeyhive.EnrichSpan(ctx) // want `call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
}
