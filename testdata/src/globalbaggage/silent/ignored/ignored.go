// Package ignored has findings that somebody has looked at.
package ignored

import (
	"context"
	"net/http"

	"go.opentelemetry.io/otel/baggage"
)

// Silent: a line with a reason at its end.
func endOfLine(ctx context.Context, p string) context.Context {
	m, _ := baggage.NewMember("project", p) //hhvet:ignore globalbaggage the gateway reads it until it moves to v2
	b, _ := baggage.New(m)
	return baggage.ContextWithBaggage(ctx, b)
}

// Silent: a line with a reason above it.
func lineAbove(r *http.Request, id string) {
	//hhvet:ignore globalbaggage the peer is a single tenant
	r.Header.Set("baggage", "session_id="+id)
}

// Silent: an entry of a list with a reason.
var allowed = map[string]bool{
	"run_id": true,
	//hhvet:ignore globalbaggage all tracers here share a project
	"project": true,
}

func setAllowed(ctx context.Context, items map[string]string) context.Context {
	for k, v := range items {
		if !allowed[k] {
			continue
		}
		m, err := baggage.NewMember(k, v)
		if err != nil {
			continue
		}
		if b, err := baggage.FromContext(ctx).SetMember(m); err == nil {
			ctx = baggage.ContextWithBaggage(ctx, b)
		}
	}
	return ctx
}

// Reported: a directive that silences nothing.
func nothingToSilence(ctx context.Context, run string) context.Context {
	m, _ := baggage.NewMember("run_id", run) //hhvet:ignore globalbaggage looks bad // want `hhvet directive has no effect: it silences nothing`
	b, _ := baggage.New(m)
	return baggage.ContextWithBaggage(ctx, b)
}

// Reported: a directive without a reason.
func noReason(r *http.Request, id string) {
	r.Header.Set("baggage", "session_id="+id) //hhvet:ignore globalbaggage // want `hhvet directive has no effect: it gives no reason` `per-tracer key "session_id"`
}
