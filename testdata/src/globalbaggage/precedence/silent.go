package precedence

import (
	"cmp"
	"context"
	"log/slog"

	"github.com/honeyhiveai/hhvet/honeyhive"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/baggage"
	"go.opentelemetry.io/otel/trace"
)

// Silent: the first bug, after its fix: the instance first, baggage as fallback.
func (p *processor) instanceFirst(ctx context.Context, span trace.Span) {
	project := p.project
	if project == "" {
		project = baggage.FromContext(ctx).Member("project").Value()
	}
	if project != "" {
		span.SetAttributes(attribute.String("honeyhive.project", project))
	}
}

// Silent: the same, where there may be no instance at all.
func (p *processor) instanceIfAny(ctx context.Context, span trace.Span) {
	var project string
	if p != nil && p.project != "" {
		project = p.project
	} else {
		project = baggage.FromContext(ctx).Member("project").Value()
	}
	span.SetAttributes(attribute.String("honeyhive.project", project))
}

// Silent: the instance overrides what baggage said.
func (p *processor) instanceOverrides(ctx context.Context, span trace.Span) {
	source := baggage.FromContext(ctx).Member("source").Value()
	if p.source != "" {
		source = p.source
	}
	span.SetAttributes(attribute.String("honeyhive.source", source))
}

// Silent: cmp.Or with the instance in front.
func (p *processor) orInstance(ctx context.Context, span trace.Span) {
	span.SetAttributes(attribute.String("honeyhive.project", cmp.Or(p.project, baggage.FromContext(ctx).Member("project").Value())))
}

// Silent: a helper that asks the tracer first.
func (p *processor) viaGoodHelper(ctx context.Context, span trace.Span) {
	span.SetAttributes(attribute.String("honeyhive.session_id", p.session(ctx)))
}

func (p *processor) session(ctx context.Context) string {
	if id := p.tracer.SessionID(ctx); id != "" {
		return id
	}
	return baggage.FromContext(ctx).Member("session_id").Value()
}

// Silent: a session is joined only where the tracer has none.
func joinWhereNone(ctx context.Context, t *honeyhive.Tracer) context.Context {
	if t.SessionID(ctx) == "" {
		ctx = t.JoinSession(ctx, baggage.FromContext(ctx).Member("session_id").Value())
	}
	return ctx
}

// Silent: what all tracers share is read from baggage by design.
func sharedAttribute(ctx context.Context, span trace.Span) {
	span.SetAttributes(attribute.String("honeyhive_metadata.run_id", baggage.FromContext(ctx).Member("run_id").Value()))
}

// Silent: an attribute that attributes nothing.
func otherAttribute(ctx context.Context, span trace.Span) {
	span.SetAttributes(attribute.String("app.caller.project", baggage.FromContext(ctx).Member("project").Value()))
}

// Silent: a log field.
func logged(ctx context.Context) {
	slog.InfoContext(ctx, "called", "project", baggage.FromContext(ctx).Member("project").Value())
}

// Silent: a tracer by the tenant that the caller names, or by the id for
// discovery.
func (t *tenants) named(ctx context.Context, tenant string, byID map[string]*honeyhive.Tracer) []*honeyhive.Tracer {
	return []*honeyhive.Tracer{
		t.tracers[tenant],
		byID[baggage.FromContext(ctx).Member("honeyhive_tracer_id").Value()],
	}
}

// Silent: baggage is asked where the caller names no tenant.
func (t *tenants) whereUnnamed(ctx context.Context, tenant string) *honeyhive.Tracer {
	if tenant != "" {
		return t.tracers[tenant]
	}
	return t.tracers[baggage.FromContext(ctx).Member("project").Value()]
}

// Silent: other maps may be asked.
func priceOf(ctx context.Context, prices map[string]float64) float64 {
	return prices[baggage.FromContext(ctx).Member("project").Value()]
}
