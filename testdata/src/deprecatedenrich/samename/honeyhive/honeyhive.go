// Package honeyhive is somebody's own, with the names of the SDK's.
package honeyhive

import "context"

type Tracer struct{}

type Field any

func EnrichSpan(ctx context.Context, fields ...Field) bool { return false }

func EnrichSession(ctx context.Context, id string, m map[string]any, fields ...Field) error {
	return nil
}

func WithTracer(t *Tracer) Field { return nil }
