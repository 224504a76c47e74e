package honeyhive

import (
	"context"
	"sync"

	"github.com/google/uuid"
	"go.opentelemetry.io/otel/attribute"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

const eventIDKey = attribute.Key("honeyhive_event_id")

// EventID returns the id under which HoneyHive keeps t's current span in ctx, or
// "" where t has no span there that is recording. Feedback that comes after the
// span has ended goes to that event:
//
//	tracer.EnrichSpan(ctx, honeyhive.EventID(id), honeyhive.Feedback{"helpful": true})
//
// The first call gives the span a random id, unless it has been given one as the
// attribute honeyhive_event_id.
func (t *Tracer) EventID(ctx context.Context) string {
	if !t.enabled() || ctx == nil {
		return ""
	}
	sp, ok := t.place(ctx).near.(*span)
	if !ok || !sp.IsRecording() {
		return ""
	}
	return sp.event.of(sp)
}

// eventID is the id of a span, once somebody has asked for it.
type eventID struct {
	once sync.Once
	id   string
}

func (e *eventID) of(s *span) string {
	e.once.Do(func() {
		if e.id = givenEventID(s); e.id == "" {
			e.id = uuid.NewString()
			s.SetAttributes(eventIDKey.String(e.id))
		}
	})
	return e.id
}

func givenEventID(s *span) string {
	if ro, ok := s.Span.(sdktrace.ReadOnlySpan); ok {
		for _, kv := range ro.Attributes() {
			if kv.Key == eventIDKey {
				return kv.Value.AsString()
			}
		}
	}
	return ""
}
