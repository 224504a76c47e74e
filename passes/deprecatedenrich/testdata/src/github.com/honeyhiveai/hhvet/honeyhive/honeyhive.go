// Package honeyhive stands in for an SDK with one more legacy function.
package honeyhive

import "context"

type Tracer struct{}

func (t *Tracer) EnrichSpan(ctx context.Context, fields ...Field) bool { return false }

func TracerFromContext(ctx context.Context) *Tracer { return nil }

type Field interface{ field() }

type Feedback map[string]any

func (Feedback) field() {}

func WithTracer(t *Tracer) Field { return nil }

// EnrichSpan is legacy.
func EnrichSpan(ctx context.Context, fields ...Field) bool { return false }

// Rate is legacy.
func Rate(ctx context.Context, feedback map[string]any, fields ...Field) bool { return false }
