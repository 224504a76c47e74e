// Package fields holds legacy calls in methods of types that hold a tracer.
package fields

import (
	"context"
	"io"

	"github.com/honeyhiveai/hhvet/honeyhive"
)

type service struct {
	name   string
	tracer *honeyhive.Tracer
}

// The receiver's field.
func (s *service) field(ctx context.Context) {
	honeyhive.EnrichSpan(ctx) // want `nothing proves that s.tracer is the context's tracer, so call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
}

// A receiver that is not a pointer.
func (s service) value(ctx context.Context) {
	honeyhive.EnrichSpan(ctx) // want `nothing proves that s.tracer is the context's tracer, so call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
}

// A receiver without a name.
func (*service) anonymous(ctx context.Context) {
	honeyhive.EnrichSpan(ctx) // want `call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
}

// The receiver's name is shadowed.
func (s *service) shadowed(ctx context.Context, names []string) {
	for _, s := range names {
		honeyhive.EnrichSpan(ctx, honeyhive.Metadata{"name": s}) // want `call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
	}
}

// A receiver that may be nil.
func (s *service) maybeNil(ctx context.Context) {
	if s == nil {
		honeyhive.EnrichSpan(ctx) // want `call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
		return
	}
	honeyhive.EnrichSpan(ctx) // want `nothing proves that s.tracer is the context's tracer, so call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
}

// A field that may be nil: the older way is the fallback.
func (s *service) fallback(ctx context.Context) bool {
	if s.tracer != nil {
		return s.tracer.EnrichSpan(ctx)
	}
	return honeyhive.EnrichSpan(ctx) // want `call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
}

// A closure in a method.
func (s *service) closure(ctx context.Context) func() {
	return func() {
		honeyhive.EnrichSpan(ctx) // want `nothing proves that s.tracer is the context's tracer, so call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
	}
}

// The receiver's field and a parameter.
func (s *service) andParameter(ctx context.Context, tracer *honeyhive.Tracer) {
	honeyhive.EnrichSpan(ctx) // want `several tracers are in reach, tracer and s.tracer`
}

type base struct{ tracer *honeyhive.Tracer }

type middle struct {
	*base
	io.Reader
}

type outer struct{ middle }

// A field of an embedded struct's embedded struct.
func (o *outer) embedded(ctx context.Context) {
	honeyhive.EnrichSpan(ctx) // want `nothing proves that o.tracer is the context's tracer, so call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
}

type hiding struct {
	middle
	tracer string
}

// A promoted field behind another one of its name.
func (h *hiding) hidden(ctx context.Context) {
	honeyhive.EnrichSpan(ctx) // want `nothing proves that h.base.tracer is the context's tracer, so call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
}

type wrapper struct{ *honeyhive.Tracer }

// An embedded tracer.
func (w wrapper) embeddedTracer(ctx context.Context) {
	honeyhive.EnrichSpan(ctx) // want `nothing proves that w.Tracer is the context's tracer, so call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
}

type enricher interface {
	EnrichSpan(ctx context.Context, fields ...honeyhive.Field) bool
}

type interfaces struct {
	enricher
	wrapper
}

// An interface promotes a method of the same name; the tracer is still reachable.
func (i *interfaces) throughInterface(ctx context.Context) {
	honeyhive.EnrichSpan(ctx) // want `nothing proves that i.Tracer is the context's tracer, so call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
}

type onlyInterface struct{ enricher }

// An interface holds no tracer that could be named.
func (i *onlyInterface) interfaceOnly(ctx context.Context) {
	honeyhive.EnrichSpan(ctx) // want `call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
}

type pair struct{ old, new *honeyhive.Tracer }

// Two fields.
func (p *pair) fields(ctx context.Context) {
	honeyhive.EnrichSpan(ctx) // want `several tracers are in reach, p.old and p.new`
}

type nested struct {
	deps struct{ tracer *honeyhive.Tracer }
}

// A field of a field that is not embedded.
func (n *nested) notEmbedded(ctx context.Context) {
	honeyhive.EnrichSpan(ctx) // want `call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
}

// The fields of a parameter.
func parameter(ctx context.Context, s *service) {
	honeyhive.EnrichSpan(ctx) // want `call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
}

// A field that this method assigns, before and after.
func (s *service) assigns(ctx context.Context, tracer *honeyhive.Tracer) {
	{
		tracer := 0
		honeyhive.EnrichSpan(ctx, honeyhive.Metadata{"n": tracer}) // want `call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
	}
	s.tracer = tracer
	{
		tracer := 0
		honeyhive.EnrichSpan(ctx, honeyhive.Metadata{"n": tracer}) // want `nothing proves that s.tracer is the context's tracer, so call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
	}
}

type box[T any] struct {
	tracer *honeyhive.Tracer
	value  T
}

// A generic receiver.
func (b *box[T]) generic(ctx context.Context) {
	honeyhive.EnrichSpan(ctx, honeyhive.Metadata{"v": b.value}) // want `nothing proves that b.tracer is the context's tracer, so call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
}

// A constructor's value under construction.
func construct(ctx context.Context) *service {
	s := &service{name: "x"}
	honeyhive.EnrichSpan(ctx) // want `call honeyhive.TracerFromContext\(ctx\).EnrichSpan`
	return s
}
