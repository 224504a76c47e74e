package honeyhive

import "context"

// EnrichSpan adds fields to the current span of the tracer that discovery
// finds, or of the one given with WithTracer.
//
// Deprecated: use [Tracer.EnrichSpan]; where no tracer is at hand,
// TracerFromContext(ctx).EnrichSpan. EnrichSpan will be removed in v2.0.
func EnrichSpan(ctx context.Context, fields ...Field) bool {
	return TracerFromContext(ctx).EnrichSpan(ctx, fields...)
}

// EnrichSession adds metadata and fields to a session of the tracer that
// discovery finds, or of the one given with WithTracer. An empty sessionID
// is the session of ctx.
//
// Deprecated: use [Tracer.EnrichSession] with [SessionID] and [Metadata].
// EnrichSession will be removed in v2.0.
func EnrichSession(ctx context.Context, sessionID string, metadata map[string]any, fields ...Field) error {
	all := make([]Field, 0, len(fields)+2)
	if sessionID != "" {
		all = append(all, SessionID(sessionID))
	}
	if metadata != nil {
		all = append(all, Metadata(metadata))
	}
	return TracerFromContext(ctx).EnrichSession(ctx, append(all, fields...)...)
}

// WithTracer names the tracer of a call of EnrichSpan or EnrichSession. It may
// stand anywhere among the fields and the last one wins. A nil t makes the
// call do nothing.
//
// Deprecated: call the method of t. WithTracer will be removed in v2.0.
func WithTracer(t *Tracer) Field { return tracerField{t} }

type tracerField struct{ tracer *Tracer }

func (tracerField) field() {}

// explicitTracer returns the tracer of the last WithTracer among fields.
func explicitTracer(fields []Field) (t *Tracer, ok bool) {
	for _, f := range fields {
		if f, is := f.(tracerField); is {
			t, ok = f.tracer, true
		}
	}
	return t, ok
}
