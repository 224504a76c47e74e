// Package secret puts into baggage what no other service should see.
package secret

import (
	"context"
	"net/http"

	"github.com/honeyhiveai/hhvet/honeyhive"
	"go.opentelemetry.io/otel/baggage"
)

func set(ctx context.Context, key, value string) context.Context {
	m, err := baggage.NewMember(key, value)
	if err != nil {
		return ctx
	}
	b, err := baggage.FromContext(ctx).SetMember(m)
	if err != nil {
		return ctx
	}
	return baggage.ContextWithBaggage(ctx, b)
}

// Reported: a tracer's API key.
func apiKey(ctx context.Context, v string) context.Context {
	return set(ctx, "api_key", v) // want `secret "api_key" enters baggage through set, so every service on the way of this request can read it. Give the key to the tracer with honeyhive.WithAPIKey`
}

// Reported: an API key by its environment variable's name.
func environment(ctx context.Context, v string) context.Context {
	return set(ctx, "HH_API_KEY", v) // want `secret "HH_API_KEY"`
}

// Reported: an authorization header.
func authorization(ctx context.Context, r *http.Request) context.Context {
	return set(ctx, "Authorization", r.Header.Get("Authorization")) // want `secret "Authorization".* Send it only to the service that it is for`
}

// Reported: a token.
func token(ctx context.Context, v string) context.Context {
	return set(ctx, "user.accessToken", v) // want `secret "user.accessToken"`
}

// Reported: a secret in a header by hand.
func inHeader(r *http.Request, v string) {
	r.Header.Set("baggage", "run_id=1,client_secret="+v) // want `secret "client_secret" is sent in the baggage header`
}

// Reported: a secret in an allow-list.
func inList(ctx context.Context, items map[string]string) context.Context {
	for k, v := range items {
		switch k {
		case "run_id", "password": // want `secret "password" is let into baggage by this list`
			ctx = set(ctx, k, v)
		}
	}
	return ctx
}

// Reported: a secret among the items of honeyhive.ContextWithBaggage.
func inItems(ctx context.Context, v string) (context.Context, error) {
	return honeyhive.ContextWithBaggage(ctx, map[string]string{
		"session_token": v, // want `secret "session_token"`
	})
}

// Silent: words that only look like a token.
func notSecrets(ctx context.Context, v string) context.Context {
	ctx = set(ctx, "page_token", v)
	ctx = set(ctx, "max_tokens", v)
	return set(ctx, "keyboard", v)
}
