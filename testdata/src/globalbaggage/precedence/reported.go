package precedence

import (
	"cmp"
	"context"

	ddbaggage "github.com/DataDog/dd-trace-go/v2/ddtrace/baggage"
	"github.com/honeyhiveai/hhvet/honeyhive"
	"github.com/opentracing/opentracing-go"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/baggage"
	"go.opentelemetry.io/otel/trace"

	"example.com/corpus/globalbaggage/precedence/inbound"
)

type processor struct {
	tracer  *honeyhive.Tracer
	project string
	source  string
}

// Reported: the first bug, before its fix: the attribute only knows baggage.
func (p *processor) onlyBaggage(ctx context.Context, span trace.Span) {
	project := baggage.FromContext(ctx).Member("project").Value()
	if project != "" {
		span.SetAttributes(attribute.String("honeyhive.project", project)) // want `honeyhive.project is read from baggage before the tracer is asked, so another tracer's value can win. Ask the tracer first`
	}
}

// Reported: the leak's return after 18 days: baggage first, the instance as fallback.
func (p *processor) instanceAsFallback(ctx context.Context, span trace.Span) {
	source := baggage.FromContext(ctx).Member("source").Value()
	if source == "" {
		source = p.source
	}
	span.SetAttributes(attribute.String("honeyhive.source", source)) // want `honeyhive.source is read from baggage`
}

// Reported: baggage overrides what the instance said.
func (p *processor) baggageOverrides(ctx context.Context, span trace.Span) {
	project := p.project
	if b := baggage.FromContext(ctx).Member("project").Value(); b != "" {
		project = b
	}
	span.SetAttributes(attribute.String("honeyhive.project", project)) // want `honeyhive.project is read from baggage`
}

// Reported: cmp.Or with baggage in front.
func (p *processor) orBaggage(ctx context.Context, span trace.Span) {
	span.SetAttributes(attribute.String("honeyhive.project", cmp.Or(baggage.FromContext(ctx).Member("project").Value(), p.project))) // want `honeyhive.project is read from baggage`
}

// Reported: a map of tracers, asked for the one that baggage names.
func (t *tenants) current(ctx context.Context, tenant string) *honeyhive.Tracer {
	if project := baggage.FromContext(ctx).Member("project").Value(); project != "" {
		return t.tracers[project] // want `the tracer is chosen by a value in baggage, which every tracer and service on this context can set. Ask honeyhive.TracerFromContext, or hand the tracer on`
	}
	return t.tracers[tenant]
}

// Reported: a map of tracers, asked with comma-ok.
func (t *tenants) known(ctx context.Context) (*honeyhive.Tracer, bool) {
	tracer, ok := t.tracers[baggage.FromContext(ctx).Member("project").Value()] // want `the tracer is chosen by a value in baggage`
	return tracer, ok
}

// Reported: a function that returns the tracer of a project.
func (t *tenants) asked(ctx context.Context) *honeyhive.Tracer {
	project := baggage.FromContext(ctx).Member("project").Value()
	return t.of(project) // want `the tracer is chosen by a value in baggage`
}

func (t *tenants) of(project string) *honeyhive.Tracer { return t.tracers[project] }

type tenants struct{ tracers map[string]*honeyhive.Tracer }

// Reported: a helper that returns baggage first.
func (p *processor) viaHelper(ctx context.Context, span trace.Span) {
	span.SetAttributes(attribute.String("honeyhive.session_id", p.sessionFromBaggage(ctx))) // want `honeyhive.session_id is read from baggage`
}

func (p *processor) sessionFromBaggage(ctx context.Context) string {
	if id := baggage.FromContext(ctx).Member("session_id").Value(); id != "" {
		return id
	}
	return p.tracer.SessionID(ctx)
}

// Reported: a helper of another package.
func importedHelper(ctx context.Context, span trace.Span) {
	span.SetAttributes(attribute.String("honeyhive.project", inbound.Project(ctx))) // want `honeyhive.project is read from baggage`
}

// Reported: an attribute by its key's method.
func keyMethod(ctx context.Context, span trace.Span) {
	const key = attribute.Key("honeyhive.session_id")
	m := baggage.FromContext(ctx).Member("session_id")
	span.SetAttributes(key.String(m.Value())) // want `honeyhive.session_id is read from baggage`
}

// Reported: an attribute as a literal.
func keyValueLiteral(ctx context.Context) attribute.KeyValue {
	return attribute.KeyValue{
		Key:   "honeyhive.project",
		Value: attribute.StringValue(baggage.FromContext(ctx).Member("project").Value()), // want `honeyhive.project is read from baggage`
	}
}

// Reported: a tracer's option.
func tracerOption(ctx context.Context) (*honeyhive.Tracer, error) {
	return honeyhive.New(ctx, honeyhive.WithProject(baggage.FromContext(ctx).Member("project").Value())) // want `honeyhive.WithProject is read from baggage`
}

// Reported: the start of a session.
func sessionStart(ctx context.Context, t *honeyhive.Tracer) (context.Context, error) {
	id := baggage.FromContext(ctx).Member("session_id").Value()
	return t.StartSession(ctx, honeyhive.WithSessionID(id)) // want `honeyhive.WithSessionID is read from baggage`
}

// Reported: the explicit session of an enrichment.
func enrichSession(ctx context.Context, t *honeyhive.Tracer) error {
	id := baggage.FromContext(ctx).Member("session_id").Value()
	return t.EnrichSession(ctx, honeyhive.SessionID(id), honeyhive.Metadata{"cached": true}) // want `the session is read from baggage`
}

// Reported: a baggage item of an OpenTracing span.
func openTracing(span opentracing.Span, out trace.Span) {
	out.SetAttributes(attribute.String("honeyhive.project", span.BaggageItem("project"))) // want `honeyhive.project is read from baggage`
}

// Reported: Datadog's baggage.
func datadog(ctx context.Context, span trace.Span) {
	project, ok := ddbaggage.Get(ctx, "project")
	if ok {
		span.SetAttributes(attribute.String("honeyhive.project", project)) // want `honeyhive.project is read from baggage`
	}
}
