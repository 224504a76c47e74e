// Package own uses keys that a directive says belong to a tracer.
package own

import (
	"context"
	"os"

	"go.opentelemetry.io/otel/baggage"

	"example.com/corpus/globalbaggage/own/attrs"
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

//hhvet:pertracer
const userKey = "user.id"

// Reported: an annotated constant of the package.
func ownConstant(ctx context.Context, v string) context.Context {
	return set(ctx, userKey, v) // want `per-tracer key "user.id" enters baggage through set.* Set it as an attribute on the spans of its tracer`
}

// Reported: the value of an annotated constant, written out.
func sameValue(ctx context.Context, v string) context.Context {
	return set(ctx, "user.id", v) // want `per-tracer key "user.id"`
}

// Reported: another package's annotated constant.
func importedConstant(ctx context.Context, v string) context.Context {
	return set(ctx, attrs.TenantID, v) // want `per-tracer key "tenant_id"`
}

// Reported: a constant that is annotated in its doc comment.
func docComment(ctx context.Context, v string) context.Context {
	return set(ctx, attrs.Customer, v) // want `per-tracer key "billing.customer"`
}

// Reported: an annotated variable whose value is not known.
func importedVariable(ctx context.Context, v string) context.Context {
	m, err := baggage.NewMember(attrs.WorkspaceKey, v) // want `per-tracer key "WorkspaceKey"`
	if err != nil {
		return ctx
	}
	b, _ := baggage.New(m)
	return baggage.ContextWithBaggage(ctx, b)
}

// Reported: an annotated field whose value is not known.
func importedField(ctx context.Context, t attrs.Tenant, v string) context.Context {
	return set(ctx, t.KeyName, v) // want `per-tracer key "KeyName" enters baggage through set`
}

// Reported: an annotated local variable.
func localVariable(ctx context.Context, v string) context.Context {
	key := os.Getenv("TENANT_KEY") //hhvet:pertracer
	return set(ctx, key, v)        // want `per-tracer key "key" enters baggage through set`
}

// Reported: an annotated constant in an allow-list.
var allowed = map[string]bool{
	attrs.Region:   true,
	attrs.TenantID: true, // want `per-tracer key "tenant_id" is let into baggage by this list`
}

func setAllowed(ctx context.Context, items map[string]string) context.Context {
	for k, v := range items {
		if allowed[k] {
			ctx = set(ctx, k, v)
		}
	}
	return ctx
}

// Silent: what is not annotated.
func others(ctx context.Context, t attrs.Tenant, v string) context.Context {
	ctx = set(ctx, attrs.Region, v)
	ctx = set(ctx, "customer", v)
	return set(ctx, t.Name, v)
}

// Silent: an annotated key's value, as a value.
func asValue(ctx context.Context) context.Context {
	return set(ctx, "label", attrs.TenantID)
}

var misplaced = func() int {
	//hhvet:pertracer // want `//hhvet:pertracer has no effect here. Put it on the declaration of a constant, a variable or a struct field`
	return 1
}
