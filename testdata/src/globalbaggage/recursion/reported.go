// Package recursion has values that are made from themselves.
package recursion

import (
	"context"

	"go.opentelemetry.io/otel/baggage"
)

// A context that is replaced by one made from it.
func contextOfItself(ctx context.Context, project string) context.Context {
	for range 2 {
		m, _ := baggage.NewMemberRaw("project", project) // want `per-tracer key "project" enters baggage`
		b, _ := baggage.FromContext(ctx).SetMember(m)
		ctx = baggage.ContextWithBaggage(ctx, b)
	}
	return ctx
}

// Functions that a loop hands from one variable to another, by very many ways.
func handedOn(ctx context.Context, project string, fs [16]func(string) bool) {
	f0, f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15 := fs[0], fs[1], fs[2], fs[3], fs[4], fs[5], fs[6], fs[7], fs[8], fs[9], fs[10], fs[11], fs[12], fs[13], fs[14], fs[15]
	for range 2 {
		f0, f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15 = f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15, f0
		f0, f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15 = f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15, f0, f1
		f0, f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15 = f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15, f0, f1, f2
		f0, f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15 = f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15, f0, f1, f2, f3
		f0, f1, f2, f3, f4, f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15 = f5, f6, f7, f8, f9, f10, f11, f12, f13, f14, f15, f0, f1, f2, f3, f4
	}
	if f0(project) {
		contextOfItself(ctx, project)
	}
}

// A function that calls itself with the rest of its pairs.
func restOfItself(ctx context.Context, kv []string) context.Context {
	if len(kv) < 2 {
		return ctx
	}
	m, _ := baggage.NewMember(kv[0], kv[1])
	b, _ := baggage.FromContext(ctx).SetMember(m)
	return restOfItself(baggage.ContextWithBaggage(ctx, b), kv[2:])
}

func givesPairs(ctx context.Context, p string) context.Context {
	return restOfItself(ctx, []string{"run_id", "1", "project", p}) // want `per-tracer key "project"`
}

// A function that calls itself with a longer key.
func nests(ctx context.Context, key, value string, depth int) context.Context {
	if depth > 0 {
		return nests(ctx, "in."+key, value, depth-1)
	}
	m, _ := baggage.NewMember(key, value)
	b, _ := baggage.FromContext(ctx).SetMember(m)
	return baggage.ContextWithBaggage(ctx, b)
}

func givesKey(ctx context.Context, p string) context.Context {
	return nests(ctx, "project", p, 2) // want `per-tracer key .*"project"`
}
