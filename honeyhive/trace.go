package honeyhive

import (
	"context"
	"fmt"
	"time"

	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
)

// A TraceOption configures Trace. The map fields, [EventType] and the other
// fields are trace options too: they are recorded when the span starts.
type TraceOption interface{ applyTrace(*traceConfig) }

type traceConfig struct {
	fields []Field
	output bool
	start  []trace.SpanStartOption
}

func (f Metadata) applyTrace(c *traceConfig)       { c.fields = append(c.fields, f) }
func (f Metrics) applyTrace(c *traceConfig)        { c.fields = append(c.fields, f) }
func (f Feedback) applyTrace(c *traceConfig)       { c.fields = append(c.fields, f) }
func (f Inputs) applyTrace(c *traceConfig)         { c.fields = append(c.fields, f) }
func (f Outputs) applyTrace(c *traceConfig)        { c.fields = append(c.fields, f) }
func (f Config) applyTrace(c *traceConfig)         { c.fields = append(c.fields, f) }
func (f UserProperties) applyTrace(c *traceConfig) { c.fields = append(c.fields, f) }
func (f EventType) applyTrace(c *traceConfig)      { c.fields = append(c.fields, f) }

type traceOptionFunc func(*traceConfig)

func (f traceOptionFunc) applyTrace(c *traceConfig) { f(c) }

// RecordOutput records what the traced function returns, unless that is an
// error.
func RecordOutput() TraceOption { return traceOptionFunc(func(c *traceConfig) { c.output = true }) }

// WithSpanOptions passes OpenTelemetry's options on to the span.
func WithSpanOptions(opts ...trace.SpanStartOption) TraceOption {
	return traceOptionFunc(func(c *traceConfig) { c.start = append(c.start, opts...) })
}

// Trace runs fn in a span of t and returns what it returns. The context that
// fn gets carries the span, which records how many milliseconds fn took, its
// error, and a panic, which then goes on. Without a tracer fn just runs.
//
//	answer, err := honeyhive.Trace(ctx, tracer, "answer", func(ctx context.Context) (string, error) {
//		return model.Ask(ctx, question)
//	}, honeyhive.Inputs{"question": question}, honeyhive.RecordOutput())
func Trace[T any](ctx context.Context, t *Tracer, name string, fn func(context.Context) (T, error), opts ...TraceOption) (T, error) {
	if !t.enabled() {
		return fn(ctx)
	}
	var cfg traceConfig
	for _, opt := range opts {
		if opt != nil {
			opt.applyTrace(&cfg)
		}
	}
	ctx, s := t.Start(ctx, name, cfg.start...)
	sp, ok := s.(*span)
	if !ok { // shut down a moment ago
		return fn(ctx)
	}
	sp.SetAttributes(eventNameKey.String(name))
	sp.enrich(cfg.fields)
	begun := time.Now()
	returned := false
	defer func() {
		if returned {
			return
		}
		r := recover() // nil where fn ended its goroutine
		sp.SetAttributes(durationKey.Float64(milliseconds(begun)))
		if r != nil {
			sp.panicked(r)
		}
		sp.End()
		if r != nil {
			panic(r)
		}
	}()
	out, err := fn(ctx)
	returned = true
	sp.SetAttributes(durationKey.Float64(milliseconds(begun)))
	if err != nil {
		failure := sound(err)
		sp.enrich([]Field{Error(failure)})
		sp.exception(failure)
	} else if cfg.output {
		sp.enrichValue(outputsPrefix+".result", out)
	}
	sp.End()
	return out, err
}

func milliseconds(since time.Time) float64 {
	return float64(time.Since(since)) / float64(time.Millisecond)
}

// enrichValue records v under key, flattened.
func (s *span) enrichValue(key string, v any) {
	f := s.tracer.newFlattener()
	defer f.release()
	f.value(key, v)
	s.record(f)
}

// panicked records a panic as the error that it is.
func (s *span) panicked(r any) {
	text := "panic: " + safeText(func() string { return fmt.Sprint(r) })
	s.SetAttributes(errorKey.String(text), errorTypeKey.String(typeName(r)))
	s.recordPanic(r, []trace.SpanEndOption{trace.WithStackTrace(true)})
	s.SetStatus(codes.Error, text)
}
