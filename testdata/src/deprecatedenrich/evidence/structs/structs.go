// Package structs has structs that hold a tracer, and lose it.
package structs

import (
	"context"

	"github.com/honeyhiveai/hhvet/honeyhive"
)

type request struct {
	tracer *honeyhive.Tracer
	last   func()
}

// A struct that is made here, and whose field is set once more after its use.
func madeAndSet(ctx context.Context, t, u *honeyhive.Tracer) {
	r := &request{}
	r.tracer = t
	ctx, span := r.tracer.Start(ctx, "work")
	defer span.End()
	honeyhive.EnrichSpan(ctx) // want `the tracer that made the context at line \d+ has no certain name here, so call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
	r.tracer = u
	honeyhive.EnrichSpan(ctx, honeyhive.Metadata{"set": "again"}) // want `the tracer that made the context at line \d+ has no certain name here, so call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
}

// A function literal that runs after the maker of a struct has set its field
// once more.
func (r *request) begin(ctx context.Context) {
	ctx, span := r.tracer.Start(ctx, "work")
	r.last = func() {
		honeyhive.EnrichSpan(ctx, honeyhive.Metadata{"last": true}) // want `the tracer that made the context at line \d+ has no certain name here, so call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
		span.End()
	}
}

func ranLater(ctx context.Context, t, u *honeyhive.Tracer) {
	r := request{}
	r.tracer = t
	r.begin(ctx)
	r.tracer = u
	r.last()
}

type part struct{ tracer *honeyhive.Tracer }

type whole struct{ part part }

// A struct that is a part of one, and is replaced there.
func replacedPart(ctx context.Context, t, u *honeyhive.Tracer) {
	w := &whole{part{t}}
	p := &w.part
	ctx, span := p.tracer.Start(ctx, "work")
	defer span.End()
	w.part = part{u}
	honeyhive.EnrichSpan(ctx, honeyhive.Metadata{"part": "replaced"}) // want `the tracer that made the context at line \d+ has no certain name here, so call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
}

type element struct{ tracer *honeyhive.Tracer }

// A struct that is the element of a slice, and is replaced there.
func replacedElement(ctx context.Context, t, u *honeyhive.Tracer) {
	list := []element{{t}, {u}}
	p := &list[0]
	ctx, span := p.tracer.Start(ctx, "work")
	defer span.End()
	list[0] = list[1]
	honeyhive.EnrichSpan(ctx, honeyhive.Metadata{"element": "replaced"}) // want `the tracer that made the context at line \d+ has no certain name here, so call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
}

// A function literal whose context may be another tracer's when it runs.
func recovers(ctx context.Context, t *honeyhive.Tracer, o request) {
	ctx, span := t.Start(ctx, "work")
	defer span.End()
	defer func() {
		honeyhive.EnrichSpan(ctx, honeyhive.Metadata{"recovered": true}) // want `the tracer that made the context at line \d+ has no certain name here, so call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
	}()
	ctx, inner := o.tracer.Start(ctx, "inner")
	defer inner.End()
}

// A function literal whose context is the same tracer's whenever it runs.
func restarts(ctx context.Context, t *honeyhive.Tracer) {
	ctx, span := t.Start(ctx, "work")
	defer span.End()
	defer func() {
		honeyhive.EnrichSpan(ctx, honeyhive.Metadata{"restarted": true}) // want `t made the context at line \d+, so call t.EnrichSpan`
	}()
	ctx, inner := t.Start(ctx, "inner")
	defer inner.End()
}
