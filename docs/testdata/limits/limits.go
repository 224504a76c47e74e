// Package limits is where globalbaggage is wrong, and how close it comes.
package limits

import (
	"bytes"
	"context"
	"reflect"
	"slices"
	"strings"
	"text/template"
	"unicode"

	"go.opentelemetry.io/otel/baggage"

	"example.com/corpus/pages/limits/keys"
	"example.com/corpus/pages/limits/named"
	"example.com/corpus/pages/limits/setters"
)

func put(ctx context.Context, key, value string) context.Context {
	m, _ := baggage.NewMember(key, value)
	b, _ := baggage.FromContext(ctx).SetMember(m)
	return baggage.ContextWithBaggage(ctx, b)
}

// Not found: a key that goes through a channel, a context's value or reflection.
func channel(ctx context.Context, p string) context.Context {
	next := make(chan string, 1)
	next <- "project"
	return put(ctx, <-next, p)
}

type keyKey struct{}

// Not found: a key that goes through a channel, a context's value or reflection.
func contextValue(ctx context.Context, p string) context.Context {
	ctx = context.WithValue(ctx, keyKey{}, "project")
	key, _ := ctx.Value(keyKey{}).(string)
	return put(ctx, key, p)
}

// Not found: a key that goes through a channel, a context's value or reflection.
func reflected(ctx context.Context, p string) context.Context {
	return put(ctx, reflect.ValueOf("project").String(), p)
}

// Not found: a key that strings.Builder, strings.Map or a template makes.
func built(ctx context.Context, p string) context.Context {
	var key strings.Builder
	key.WriteString("proj")
	key.WriteString("ect")
	return put(ctx, key.String(), p)
}

// Not found: a key that strings.Builder, strings.Map or a template makes.
func mapped(ctx context.Context, p string) context.Context {
	return put(ctx, strings.Map(unicode.ToLower, "PROJECT"), p)
}

// Not found: a key that strings.Builder, strings.Map or a template makes.
func templated(ctx context.Context, p string) context.Context {
	var key bytes.Buffer
	_ = template.Must(template.New("key").Parse("{{.}}ect")).Execute(&key, "proj")
	return put(ctx, key.String(), p)
}

// Not found: the parameters of a function that another package's function
// returns.
func returned(ctx context.Context, p string) context.Context {
	return setters.Setter()(ctx, "project", p)
}

// Not found: a field that another package's struct has from an unexported one.
func promoted(ctx context.Context, p string) context.Context {
	var t setters.Tagger
	t.Key = "project"
	return t.Tag(ctx, p)
}

// Not found: a list of another package whose source never mentions baggage,
// unless it is called …PropagationKeys or …PropagatedKeys.
func list(ctx context.Context, items map[string]string) context.Context {
	for _, key := range keys.Shared {
		ctx = put(ctx, key, items[key])
	}
	return ctx
}

// Found: a list that is called so.
func propagated(ctx context.Context, items map[string]string) context.Context {
	for _, key := range named.PropagatedKeys {
		ctx = put(ctx, key, items[key])
	}
	return ctx
}

// Reported: any element of a list that is sorted, where one of them is
// per-tracer.
func sorted(ctx context.Context, p string) context.Context {
	list := []string{"session_id", "run_id"}
	slices.Sort(list)
	return put(ctx, list[0], p)
}
