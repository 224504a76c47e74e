// Package sinks has one case for each way into baggage.
package sinks

import (
	"context"

	ddbaggage "github.com/DataDog/dd-trace-go/v2/ddtrace/baggage"
	"github.com/honeyhiveai/hhvet/honeyhive"
	"github.com/opentracing/opentracing-go"
	"go.opentelemetry.io/otel/baggage"
)

// Reported: baggage.NewMember.
func newMember(ctx context.Context, p string) context.Context {
	m, _ := baggage.NewMember("project", p) // want `per-tracer key "project" enters baggage, so every tracer and service on this context sees it. Give each tracer its project with honeyhive.WithProject`
	b, _ := baggage.New(m)
	return baggage.ContextWithBaggage(ctx, b)
}

// Reported: baggage.NewMemberRaw.
func newMemberRaw(ctx context.Context, id string) context.Context {
	m, _ := baggage.NewMemberRaw("session_id", id) // want `per-tracer key "session_id" enters baggage.* Start the session with tracer.StartSession`
	b, _ := baggage.New(m)
	return baggage.ContextWithBaggage(ctx, b)
}

// Reported: a member that Baggage.SetMember adds to what is there.
func setMember(ctx context.Context, s string) context.Context {
	m, _ := baggage.NewMember("source", s) // want `per-tracer key "source".* honeyhive.WithSource`
	b, _ := baggage.FromContext(ctx).SetMember(m)
	return baggage.ContextWithBaggage(ctx, b)
}

// Reported: a context that is a named result.
func namedResult(ctx context.Context, p string) (out context.Context) {
	m, _ := baggage.NewMember("project", p) // want `per-tracer key "project"`
	b, _ := baggage.New(m)
	out = baggage.ContextWithBaggage(ctx, b)
	return
}

// Reported: several members of baggage.New, each where it is made.
func several(ctx context.Context, p, s, run string) (context.Context, error) {
	project, err := baggage.NewMember("project", p) // want `"project"`
	if err != nil {
		return ctx, err
	}
	runID, err := baggage.NewMember("run_id", run)
	if err != nil {
		return ctx, err
	}
	session, err := baggage.NewMember("session_name", s) // want `"session_name".* honeyhive.WithSessionName`
	if err != nil {
		return ctx, err
	}
	b, err := baggage.New(project, runID, session)
	if err != nil {
		return ctx, err
	}
	return baggage.ContextWithBaggage(ctx, b), nil
}

// Reported: baggage.Parse of a literal.
func parse(ctx context.Context) context.Context {
	b, _ := baggage.Parse("run_id=7,project=checkout") // want `per-tracer key "project"`
	return baggage.ContextWithBaggage(ctx, b)
}

// Reported: honeyhive.ContextWithBaggage, which also refuses the key at run time.
func contextWithBaggage(ctx context.Context, p, run string) (context.Context, error) {
	return honeyhive.ContextWithBaggage(ctx, map[string]string{
		"run_id":  run,
		"project": p, // want `per-tracer key "project" enters baggage`
	})
}

// Reported: SetBaggageItem of an OpenTracing span.
func openTracing(span opentracing.Span, id string) {
	span.SetBaggageItem("session_id", id) // want `per-tracer key "session_id"`
}

// spanBaggage is the part of a span that this package needs, which
// Datadog's and OpenTracing's adapters satisfy.
type spanBaggage interface {
	SetBaggageItem(key, value string)
}

// Reported: SetBaggageItem of an interface that tracers' spans satisfy.
func ownInterface(span spanBaggage, id string) {
	span.SetBaggageItem("span_id", id) // want `per-tracer key "span_id".* The traceparent header already carries the span`
}

// tracedSpan adds to a span and keeps its methods.
type tracedSpan struct {
	opentracing.Span
	name string
}

// Reported: SetBaggageItem promoted from an embedded OpenTracing span.
func embeddedSpan(span tracedSpan, id string) {
	span.SetBaggageItem("parent_id", id) // want `per-tracer key "parent_id"`
}

// Reported: Datadog's baggage.Set.
func datadogSet(ctx context.Context, p string) context.Context {
	return ddbaggage.Set(ctx, "project", p) // want `per-tracer key "project"`
}

// Reported: Datadog's baggage.SetAll.
func datadogSetAll(ctx context.Context, p string) context.Context {
	return ddbaggage.SetAll(ctx, map[string]string{"project.id": p, "region": "eu"}) // want `per-tracer key "project.id"`
}
