// Package cgo has a file that the compiler sees in another form.
package cgo

// int answer(void) { return 42; }
import "C"

import (
	"context"

	"github.com/honeyhiveai/hhvet/honeyhive"
)

// A file that uses cgo.
func enrich(ctx context.Context, tracer *honeyhive.Tracer) {
	honeyhive.EnrichSpan(ctx, honeyhive.Metadata{"n": int(C.answer())}) // want `needs a person here: the file uses cgo, and the compiler sees another text; make it tracer.EnrichSpan`
}
