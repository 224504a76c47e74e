// Package usescgo has a file that the compiler sees in another form.
package usescgo

// int answer(void) { return 42; }
import "C"

import (
	"context"

	"github.com/honeyhiveai/hhvet/honeyhive"
)

func call(ctx context.Context, tracer *honeyhive.Tracer) {
	honeyhive.EnrichSpan(ctx, honeyhive.Feedback{"n": int(C.answer())}) // want `needs a person here: the file uses cgo, and the compiler sees another text; make it honeyhive.TracerFromContext\(ctx\).EnrichSpan`
}

func value(tracer *honeyhive.Tracer) func(context.Context, ...honeyhive.Field) bool {
	return honeyhive.EnrichSpan // want `as a value needs a person: nothing proves which tracer it would find`
}

func silenced(ctx context.Context, tracer *honeyhive.Tracer) {
	honeyhive.EnrichSpan(ctx) //hhvet:ignore deprecatedenrich the default tracer is meant
}
