package honeyhive

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"unique"

	"go.opentelemetry.io/otel/baggage"
	"go.opentelemetry.io/otel/sdk/instrumentation"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/embedded"

	"github.com/honeyhiveai/hhvet/internal/tracekey"
)

// ContextTracerProvider returns a provider for libraries that take one provider
// for the whole process, or OpenTelemetry's global one. Each Start of its
// tracers looks for a tracer in the context and begins the span with that, by
// the rules of [Tracer.Start]. The tracer is the one that [ContextWithTracer],
// Start, Trace or StartSession placed there, else the owner of the current span,
// else the one whose id is in baggage.
//
// Where the context has none, the span goes to fallback. The default tracer is
// not asked: it would get the spans of requests whose tenant nobody knows. An
// application that wants that passes its provider. With a nil fallback such a
// span is not recorded, and [UnattributedSpans] counts it.
//
// An application may make the provider global. The SDK never does:
//
//	otel.SetTracerProvider(honeyhive.ContextTracerProvider(nil))
func ContextTracerProvider(fallback trace.TracerProvider) trace.TracerProvider {
	if isNil(fallback) {
		fallback = nil
	}
	return &contextProvider{fallback: fallback}
}

// unattributed is what UnattributedSpans returns.
var unattributed atomic.Uint64

// UnattributedSpans returns how many spans this process has not recorded
// because a provider of [ContextTracerProvider] found neither a tracer in their
// context nor a fallback.
func UnattributedSpans() uint64 { return unattributed.Load() }

// contextProvider keeps its tracers, as libraries ask for them again and again.
type contextProvider struct {
	embedded.TracerProvider
	fallback trace.TracerProvider // or nil
	tracers  sync.Map             // of unique.Handle[instrumentation.Scope] to *contextTracer
}

func (p *contextProvider) Tracer(name string, opts ...trace.TracerOption) trace.Tracer {
	opts = withoutNil(opts)
	cfg := trace.NewTracerConfig(opts...)
	scope := unique.Make(instrumentation.Scope{
		Name:       name,
		Version:    cfg.InstrumentationVersion(),
		SchemaURL:  cfg.SchemaURL(),
		Attributes: cfg.InstrumentationAttributes(),
	})
	if known, ok := p.tracers.Load(scope); ok {
		return known.(*contextTracer)
	}
	c := &contextTracer{provider: p, scope: scope, name: name, opts: slices.Clone(opts)}
	if p.fallback != nil {
		// Not before it is needed: the fallback may be OpenTelemetry's global
		// provider, which asks this one.
		c.fallback = sync.OnceValue(func() trace.Tracer { return p.fallback.Tracer(name, c.opts...) })
	}
	known, _ := p.tracers.LoadOrStore(scope, c)
	return known.(*contextTracer)
}

// contextTracer makes spans under one instrumentation scope.
type contextTracer struct {
	embedded.Tracer
	provider *contextProvider
	scope    unique.Handle[instrumentation.Scope]
	name     string
	opts     []trace.TracerOption
	fallback func() trace.Tracer // or nil
}

func (c *contextTracer) Start(ctx context.Context, name string, opts ...trace.SpanStartOption) (context.Context, trace.Span) {
	if ctx == nil {
		ctx = context.Background()
	}
	if t := tracerIn(ctx); t != nil {
		return t.scoped(c).Start(ctx, name, opts...)
	}
	if c.fallback == nil || ctx.Value(fallbackKey{c.provider}) != nil {
		unattributed.Add(1)
		return inertStart(ctx)
	}
	within := context.WithValue(ctx, fallbackKey{c.provider}, true)
	started, span := c.fallback().Start(within, name, withoutNil(opts)...)
	return afterFallback{started, c.provider}, span
}

// fallbackKey marks a context that a provider has handed to its fallback. A
// fallback that leads back to the provider would not end otherwise.
type fallbackKey struct{ provider *contextProvider }

// afterFallback is a context without that mark.
type afterFallback struct {
	context.Context
	provider *contextProvider
}

func (c afterFallback) Value(key any) any {
	if key == (fallbackKey{c.provider}) {
		return nil
	}
	return c.Context.Value(key)
}

// scoped returns t's tracer for a scope. The tracer keeps it, so that a provider
// does not keep tracers alive.
func (t *Tracer) scoped(c *contextTracer) trace.Tracer {
	if known, ok := t.scopes.Load(c.scope); ok {
		return known.(trace.Tracer)
	}
	known, _ := t.scopes.LoadOrStore(c.scope, t.TracerProvider().Tracer(c.name, c.opts...))
	return known.(trace.Tracer)
}

// tracerIn returns the tracer that ctx names: by a value, by its current span,
// or by an id in baggage. It is nil where there is none or it was shut down.
func tracerIn(ctx context.Context) *Tracer {
	if t, hidden := tracerValue(ctx); t != nil || hidden {
		return t
	}
	if sp, ok := trace.SpanFromContext(ctx).(*span); ok && sp.tracer.enabled() {
		return sp.tracer
	}
	return tracerInBaggage(ctx)
}

// tracerValue returns the open tracer that is a value of ctx. Hidden says that
// [ContextWithTracer] has put a nil one there.
func tracerValue(ctx context.Context) (t *Tracer, hidden bool) {
	t, ok := ctx.Value(tracerKey{}).(*Tracer)
	if !t.enabled() {
		return nil, ok && t == nil
	}
	return t, false
}

// tracerInBaggage returns the open tracer whose id is in ctx's baggage, or nil.
func tracerInBaggage(ctx context.Context) *Tracer {
	bag := baggage.FromContext(ctx)
	if bag.Len() == 0 {
		return nil
	}
	return tracerByID(bag.Member(tracekey.TracerID).Value())
}

// withoutNil returns opts without nil ones, on which OpenTelemetry panics.
func withoutNil[O comparable](opts []O) []O {
	var none O
	if !slices.Contains(opts, none) {
		return opts
	}
	return slices.DeleteFunc(slices.Clone(opts), func(o O) bool { return o == none })
}
