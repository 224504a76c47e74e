package seed

import (
	"context"

	"github.com/honeyhiveai/hhvet/honeyhive"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/baggage"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

type traceDecorator struct {
	tracer                     *honeyhive.Tracer
	project, source, sessionID string
}

// Reported: the leak's return: a decorator sets what baggage does not have yet.
func (d *traceDecorator) setIfAbsent(ctx context.Context) (context.Context, error) {
	bag := baggage.FromContext(ctx)
	for _, item := range []struct{ key, value string }{
		{"session_id", d.sessionID}, // want `per-tracer key "session_id" enters baggage`
		{"project", d.project},      // want `per-tracer key "project" enters baggage`
		{"source", d.source},        // want `per-tracer key "source" enters baggage`
		{"honeyhive_tracer_id", d.tracer.ID()},
	} {
		if item.value == "" || bag.Member(item.key).Value() != "" {
			continue
		}
		member, err := baggage.NewMemberRaw(item.key, item.value)
		if err != nil {
			return ctx, err
		}
		if bag, err = bag.SetMember(member); err != nil {
			return ctx, err
		}
	}
	return baggage.ContextWithBaggage(ctx, bag), nil
}

// Reported: the leak's return: the span processor prefers baggage.
func (d *traceDecorator) onStartPreferringBaggage(ctx context.Context, span sdktrace.ReadWriteSpan) {
	bag := baggage.FromContext(ctx)
	session := bag.Member("session_id").Value()
	if session == "" {
		session = d.sessionID
	}
	span.SetAttributes(attribute.String("honeyhive.session_id", session)) // want `honeyhive.session_id is read from baggage before the tracer is asked`
}
