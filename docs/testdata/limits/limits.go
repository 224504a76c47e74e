// Package limits is where globalbaggage is wrong, and how close it comes.
package limits

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"text/template"
	"unicode"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/baggage"
	"go.opentelemetry.io/otel/trace"

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

// Not found: a key that an iterator yields or an interface's method returns.
func yielded(ctx context.Context, p string) context.Context {
	keys := func(yield func(string) bool) { _ = yield("run_id") && yield("project") }
	for key := range keys {
		ctx = put(ctx, key, p)
	}
	return ctx
}

type projectKey struct{}

func (projectKey) String() string { return "project" }

func putNamed(ctx context.Context, key fmt.Stringer, value string) context.Context {
	return put(ctx, key.String(), value)
}

// Not found: a key that an iterator yields or an interface's method returns.
func keyed(ctx context.Context, p string) context.Context {
	return putNamed(ctx, projectKey{}, p)
}

// Not found: a list of which a key is a prefix or another part, or by which
// maps.DeleteFunc goes.
func contained(ctx context.Context, items map[string]string) context.Context {
	for key, value := range items {
		if strings.Contains("run_id project", key) {
			ctx = put(ctx, key, value)
		}
	}
	return ctx
}

// Not found: a list of which a key is a prefix or another part, or by which
// maps.DeleteFunc goes.
func filtered(ctx context.Context, items map[string]string) context.Context {
	maps.DeleteFunc(items, func(key, _ string) bool { return key != "run_id" && key != "project" })
	for key, value := range items {
		ctx = put(ctx, key, value)
	}
	return ctx
}

// Not found: a key that is only put where a list that is not known has it.
func wanted(ctx context.Context, present []string, p string) context.Context {
	for _, want := range []string{"project", "run_id"} {
		for _, key := range present {
			if key == want {
				ctx = put(ctx, want, p)
			}
		}
	}
	return ctx
}

type putFunc func(ctx context.Context, key, value string) context.Context

func (f putFunc) put(ctx context.Context, key, value string) context.Context {
	return f(ctx, key, value)
}

// Not found: the parameters of a function type's method.
func functionType(ctx context.Context, p string) context.Context {
	return putFunc(put).put(ctx, "project", p)
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

// Not found: a variable, a function or a list of another package whose source
// never mentions baggage, unless it is called …PropagationKeys or
// …PropagatedKeys.
func variable(ctx context.Context, p string) context.Context { return put(ctx, keys.Team, p) }

// Not found: a variable, a function or a list of another package whose source
// never mentions baggage, unless it is called …PropagationKeys or
// …PropagatedKeys.
func function(ctx context.Context, p string) context.Context { return put(ctx, keys.Key(), p) }

// Not found: a variable, a function or a list of another package whose source
// never mentions baggage, unless it is called …PropagationKeys or
// …PropagatedKeys.
func setsHeader(h http.Header, p string) { keys.SetHeader(h, "baggage", "project="+p) }

// Found: its constants.
func constant(ctx context.Context, p string) context.Context { return put(ctx, keys.Constant, p) }

// Not found: a variable, a function or a list of another package whose source
// never mentions baggage, unless it is called …PropagationKeys or
// …PropagatedKeys.
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

// Not found: all of baggage that code of your own copies to a span.
func copied(ctx context.Context) {
	span := trace.SpanFromContext(ctx)
	for _, m := range baggage.FromContext(ctx).Members() {
		span.SetAttributes(attribute.String(m.Key(), m.Value()))
	}
}

// Reported: any element of a list that is sorted, where one of them is
// per-tracer.
func sorted(ctx context.Context, p string) context.Context {
	list := []string{"session_id", "run_id"}
	slices.Sort(list)
	return put(ctx, list[0], p)
}

// Reported: any key of a table, another column of which keeps it out.
func column(ctx context.Context, p string) context.Context {
	for _, row := range []struct {
		key    string
		shared bool
	}{
		{"run_id", true},
		{"project", false},
	} {
		if row.shared {
			ctx = put(ctx, row.key, p)
		}
	}
	return ctx
}

// Reported: any entry of a map of lists or maps, another entry of which becomes
// baggage.
func entry(ctx context.Context, p string) context.Context {
	config := map[string][]string{"baggage": {"run_id"}, "labels": {"project"}}
	for _, key := range config["baggage"] {
		ctx = put(ctx, key, p)
	}
	return ctx
}
