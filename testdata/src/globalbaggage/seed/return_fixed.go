package seed

import (
	"context"

	"github.com/honeyhiveai/hhvet/honeyhive"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/baggage"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

// Silent: the decorator after the second fix puts its tracer on the context.
func (d *traceDecorator) discoverable(ctx context.Context) (context.Context, error) {
	ctx, err := honeyhive.ContextWithBaggage(ctx, map[string]string{"honeyhive_tracer_id": d.tracer.ID()})
	if err != nil {
		return ctx, err
	}
	return honeyhive.ContextWithTracer(ctx, d.tracer), nil
}

// Silent: the span processor after the second fix asks its instance.
func (d *traceDecorator) onStartPreferringInstance(ctx context.Context, span sdktrace.ReadWriteSpan) {
	session := d.sessionID
	if session == "" {
		session = baggage.FromContext(ctx).Member("session_id").Value()
	}
	span.SetAttributes(attribute.String("honeyhive.session_id", session))
}
