package honeyhive

import (
	"context"
	"fmt"
	"reflect"
	"runtime"
	"sync/atomic"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/baggage"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/embedded"
	"go.opentelemetry.io/otel/trace/noop"

	"github.com/honeyhiveai/hhvet/internal/tracekey"
)

// span is a span of one tracer. Whom it belongs to is kept beside the SDK's
// span rather than in its attributes: the exporter adds it, where nothing
// can overwrite it, crowd it out or make the application wait.
type span struct {
	trace.Span
	tracer *Tracer
	// session may change once, from the tracer's own to that of a request,
	// until the span ends.
	session    atomic.Pointer[session]
	experiment experiment
	// ambientProject is the project that baggage names, for a tracer that
	// has none.
	ambientProject string
	ended          atomic.Bool
	event          eventID
	beside         beside
}

// join makes s belong to a session, unless s has ended. It is false where s
// has a session already that is not its tracer's own.
func (s *span) join(to *session) bool {
	if !s.ended.Load() {
		s.session.CompareAndSwap(s.tracer.session, to)
	}
	now := s.session.Load()
	return now == to || now == s.tracer.session
}

// provider is a tracer's view for instrumentation libraries.
type provider struct {
	embedded.TracerProvider
	tracer *Tracer
}

// TracerProvider returns a provider for OpenTelemetry instrumentation
// libraries. Their spans belong to t and follow the rules of [Tracer.Start].
func (t *Tracer) TracerProvider() trace.TracerProvider {
	if t == nil {
		return noop.NewTracerProvider()
	}
	return provider{tracer: t}
}

func (p provider) Tracer(name string, opts ...trace.TracerOption) trace.Tracer {
	if p.tracer.provider == nil {
		return noop.NewTracerProvider().Tracer(name, opts...)
	}
	name, opts = cleanScope(name, opts, p.tracer.redact)
	return &spanTracer{tracer: p.tracer, sdk: p.tracer.provider.Tracer(name, opts...)}
}

// spanTracer makes a tracer's spans under one instrumentation scope.
type spanTracer struct {
	embedded.Tracer
	tracer *Tracer
	sdk    trace.Tracer
}

func (st *spanTracer) Start(ctx context.Context, name string, opts ...trace.SpanStartOption) (context.Context, trace.Span) {
	t := st.tracer
	if !t.enabled() {
		return inertStart(ctx)
	}
	if ctx == nil {
		ctx = context.Background()
	}
	opts = withoutNil(opts)
	own := t.place(ctx)
	parent, opts := t.parent(ctx, own.near, opts)
	sp := &span{tracer: t, experiment: t.experimentIn(ctx, own)}
	sp.session.Store(t.sessionIn(own))
	if t.project == "" {
		sp.ambientProject = baggage.FromContext(ctx).Member(tracekey.Project).Value()
	}
	_, sp.Span = st.sdk.Start(parent, name, opts...)
	return &scopeContext{
		Context: trace.ContextWithSpan(t.keepMoved(ctx), sp),
		scope:   scope{tracer: t, near: sp, seen: sp},
	}, sp
}

// parent returns a context whose current span is the parent that a span of t
// started in ctx must have, and opts with a link to the span that it must
// not have.
func (t *Tracer) parent(ctx context.Context, near trace.Span, opts []trace.SpanStartOption) (context.Context, []trace.SpanStartOption) {
	switch current := trace.SpanFromContext(ctx).(type) {
	case *span:
		if current.tracer == t {
			return ctx, opts
		}
		return t.linked(ctx, near, current.SpanContext(), opts)
	case *remoteSpan:
		if current.tracer == t {
			return ctx, opts
		}
		return t.linked(ctx, near, current.SpanContext(), opts)
	default:
		sc := current.SpanContext()
		if sc.IsRemote() && sc.IsValid() {
			return ctx, opts
		}
		return t.linked(ctx, near, sc, opts)
	}
}

// linked makes t's nearest span the parent, and links to stranger.
func (t *Tracer) linked(ctx context.Context, near trace.Span, stranger trace.SpanContext, opts []trace.SpanStartOption) (context.Context, []trace.SpanStartOption) {
	if cfg := trace.NewSpanStartConfig(opts...); cfg.NewRoot() {
		return ctx, opts
	}
	known := near != nil && near.SpanContext().SpanID() == stranger.SpanID()
	if stranger.IsValid() && !known {
		opts = append(opts[:len(opts):len(opts)], trace.WithLinks(trace.Link{SpanContext: stranger}))
	}
	if near != nil {
		return trace.ContextWithSpan(ctx, near), opts
	}
	if !stranger.HasTraceID() {
		return ctx, opts
	}
	// A parent without a span id is no parent, but hands down its trace id.
	return trace.ContextWithSpanContext(ctx, trace.NewSpanContext(trace.SpanContextConfig{
		TraceID: stranger.TraceID(),
	})), opts
}

// inertStart is Start where there is no tracer. The context stays as it is:
// whatever span it carries belongs to somebody else.
func inertStart(ctx context.Context) (context.Context, trace.Span) {
	if ctx == nil {
		ctx = context.Background()
	}
	return ctx, noop.Span{}
}

// TracerProvider returns the provider of the span's tracer.
func (s *span) TracerProvider() trace.TracerProvider { return s.tracer.TracerProvider() }

// End ends the span and queues it for export. Deferred in a function that
// panics it records the panic, and the panic goes on.
func (s *span) End(opts ...trace.SpanEndOption) {
	// The SDK's own recover is out of reach behind this method.
	if r := recover(); r != nil {
		defer panic(r)
		s.recordPanic(r, opts)
	}
	s.Span.End(opts...)
	if !s.ended.Swap(true) {
		s.tracer.enqueue(s)
	}
}

func (s *span) recordPanic(r any, opts []trace.SpanEndOption) {
	attrs := []attribute.KeyValue{
		attribute.String("exception.type", typeName(r)),
		attribute.String("exception.message", safeText(func() string { return fmt.Sprint(r) })),
	}
	if cfg := trace.NewSpanEndConfig(opts...); cfg.StackTrace() {
		stack := make([]byte, 16<<10)
		attrs = append(attrs, attribute.String("exception.stacktrace", string(stack[:runtime.Stack(stack, false)])))
	}
	s.AddEvent("exception", trace.WithAttributes(attrs...))
}

// typeName names a value's type as OpenTelemetry does, with its package path.
func typeName(v any) string {
	t := reflect.TypeOf(v)
	if t.PkgPath() == "" {
		return t.String()
	}
	return t.PkgPath() + "." + t.Name()
}

// enqueue hands an ended span to every destination.
func (t *Tracer) enqueue(s *span) {
	if len(t.pipelines) == 0 || !s.SpanContext().IsSampled() {
		return
	}
	if _, ok := s.Span.(sdktrace.ReadOnlySpan); !ok {
		return
	}
	for _, p := range t.pipelines {
		p.enqueue(s)
	}
}
