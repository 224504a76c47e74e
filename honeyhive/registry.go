package honeyhive

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
	"weak"
)

// registry finds tracers by id. It holds them weakly: being found is no
// reason for a tracer to stay alive.
var registry struct {
	mu      sync.RWMutex
	tracers map[string]weak.Pointer[Tracer]
}

// defaultTracer is held strongly: the application chose it, perhaps without
// keeping another reference.
var defaultTracer atomic.Pointer[Tracer]

// inert is the tracer that does nothing.
var inert Tracer

func register(t *Tracer) {
	registry.mu.Lock()
	defer registry.mu.Unlock()
	if registry.tracers == nil {
		registry.tracers = make(map[string]weak.Pointer[Tracer])
	}
	registry.tracers[t.id] = weak.Make(t)
	runtime.AddCleanup(t, forget, t.id)
}

func unregister(t *Tracer) {
	defaultTracer.CompareAndSwap(t, nil)
	forget(t.id)
}

func forget(id string) {
	registry.mu.Lock()
	defer registry.mu.Unlock()
	delete(registry.tracers, id)
}

// tracerByID returns the open tracer with that id, or nil.
func tracerByID(id string) *Tracer {
	registry.mu.RLock()
	t := registry.tracers[id].Value()
	registry.mu.RUnlock()
	if !t.enabled() {
		return nil
	}
	return t
}

// ContextWithTracer returns ctx with t as the tracer that
// [TracerFromContext] finds. It changes nothing about spans and sessions. A
// nil t hides the tracers of ctx.
func ContextWithTracer(ctx context.Context, t *Tracer) context.Context {
	if ctx == nil {
		ctx = context.Background()
	}
	return context.WithValue(ctx, tracerKey{}, t)
}

// TracerFromContext returns the tracer of ctx: the one that
// [ContextWithTracer] or the nearest Start, Trace or StartSession placed
// there, else the one whose id is in baggage as honeyhive_tracer_id, else the
// default tracer. Where none is found it returns a tracer that does nothing,
// never nil.
func TracerFromContext(ctx context.Context) *Tracer {
	if ctx != nil {
		t, hidden := tracerValue(ctx)
		if hidden {
			return &inert
		}
		if t == nil {
			t = tracerInBaggage(ctx)
		}
		if t != nil {
			return t
		}
	}
	if t := DefaultTracer(); t != nil {
		return t
	}
	return &inert
}

// SetDefaultTracer makes t the tracer that discovery falls back on, until
// the next call or t's Shutdown. New never changes it. A nil t clears it.
func SetDefaultTracer(t *Tracer) { defaultTracer.Store(t) }

// DefaultTracer returns the tracer of the last SetDefaultTracer, or nil where
// there is none or it was shut down.
func DefaultTracer() *Tracer {
	if t := defaultTracer.Load(); t.enabled() {
		return t
	}
	return nil
}
