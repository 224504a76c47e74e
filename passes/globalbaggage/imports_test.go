package globalbaggage_test

import (
	"testing"

	"golang.org/x/tools/go/analysis"

	"github.com/honeyhiveai/hhvet/passes/globalbaggage"
)

// A package that never mentions baggage is analysed for what it uses.
func TestUseWithoutMention(t *testing.T) {
	const put = `// Package put writes baggage.
package put

import (
	"context"

	"go.opentelemetry.io/otel/baggage"
)

func Item(ctx context.Context, key, value string) context.Context {
	m, _ := baggage.NewMember(key, value)
	b, _ := baggage.New(m)
	return baggage.ContextWithBaggage(ctx, b)
}
`
	const use = `// Package use does not know what it does.
package use

import (
	"context"

	"example.com/corpus/plain/put"
)

func Tag(ctx context.Context, name, value string) context.Context { return put.Item(ctx, name, value) }

func Use(ctx context.Context) context.Context { return put.Item(ctx, "project", "checkout") }
`
	const indirect = `package indirect

import (
	"context"

	"example.com/corpus/plain/use"
)

func Use(ctx context.Context) context.Context { return use.Tag(ctx, "session_id", "1") }
`
	pkgs := load(t, map[string]string{
		"plain/put/put.go":           put,
		"plain/use/use.go":           use,
		"plain/indirect/indirect.go": indirect,
	}, "./plain/...")
	for name, a := range map[string]*analysis.Analyzer{
		"default": globalbaggage.New(globalbaggage.Options{}),
		"always":  globalbaggage.NewAlways(),
	} {
		got := make(map[string]string)
		for _, d := range diagnose(t, a, pkgs) {
			got[pkgs[0].Fset.Position(d.Pos).String()] = d.Category
		}
		if len(got) != 2 {
			t.Errorf("%s: got %v, want a finding in use and one in indirect", name, got)
		}
	}
}
