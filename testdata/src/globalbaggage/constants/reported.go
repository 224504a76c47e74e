// Package constants has a case for each form that a constant key takes.
package constants

import (
	"context"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/baggage"
)

func put(ctx context.Context, m baggage.Member) context.Context {
	b, _ := baggage.FromContext(ctx).SetMember(m)
	return baggage.ContextWithBaggage(ctx, b)
}

const (
	prefix     = "honeyhive."
	keyProject = "project"
)

type key string

const keySession key = "session_id"

const keySource = attribute.Key("honeyhive.source")

// Reported: a constant of the package.
func constant(ctx context.Context, v string) context.Context {
	m, _ := baggage.NewMember(keyProject, v) // want `per-tracer key "project"`
	return put(ctx, m)
}

// Reported: a constant of the function.
func localConstant(ctx context.Context, v string) context.Context {
	const k = "session.name"
	m, _ := baggage.NewMember(k, v) // want `per-tracer key "session.name"`
	return put(ctx, m)
}

// Reported: a concatenation.
func concatenation(ctx context.Context, v string) context.Context {
	m, _ := baggage.NewMember(prefix+"session"+"_id", v) // want `per-tracer key "honeyhive.session_id"`
	return put(ctx, m)
}

// Reported: a constant of a string type, converted.
func typedConstant(ctx context.Context, v string) context.Context {
	m, _ := baggage.NewMember(string(keySession), v) // want `per-tracer key "session_id"`
	return put(ctx, m)
}

// Reported: an attribute key, converted.
func attributeKey(ctx context.Context, v string) context.Context {
	m, _ := baggage.NewMember(string(keySource), v) // want `per-tracer key "honeyhive.source"`
	return put(ctx, m)
}

// Reported: a raw string literal in parentheses.
func rawLiteral(ctx context.Context, v string) context.Context {
	m, _ := baggage.NewMember((`hh_project`), v) // want `per-tracer key "hh_project"`
	return put(ctx, m)
}

// Reported: a literal with an escape in it.
func escaped(ctx context.Context, v string) context.Context {
	m, _ := baggage.NewMember("pro\x6aect", v) // want `per-tracer key "project"`
	return put(ctx, m)
}

// Reported: every spelling of a key.
func spellings(ctx context.Context, v string) context.Context {
	for _, k := range []string{
		"sessionId",           // want `"sessionId"`
		"session-id",          // want `"session-id"`
		"HH_SESSION_ID",       // want `"HH_SESSION_ID"`
		"langfuse.session.id", // want `"langfuse.session.id"`
		"gram.project.slug",   // want `"gram.project.slug"`
		"projectKey",          // want `"projectKey"`
		"run_id",
	} {
		m, _ := baggage.NewMember(k, v)
		ctx = put(ctx, m)
	}
	return ctx
}
