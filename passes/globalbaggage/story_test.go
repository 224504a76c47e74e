package globalbaggage_test

import (
	"fmt"
	"go/token"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/honeyhiveai/hhvet/passes/globalbaggage"
)

// Related information tells the way of a key from where it is given away to
// the API: call by call in the package itself, and by name through others.
func TestStory(t *testing.T) {
	overlay := map[string]string{
		"story/wire/wire.go": `package wire

import (
	"context"

	"go.opentelemetry.io/otel/baggage"
)

func Put(ctx context.Context, key, value string) context.Context { return set(ctx, key, value) }

func set(ctx context.Context, key, value string) context.Context {
	m, _ := baggage.NewMember(key, value)
	b, _ := baggage.FromContext(ctx).SetMember(m)
	return baggage.ContextWithBaggage(ctx, b)
}
`,
		"story/tenant/tenant.go": `package tenant

import (
	"context"

	"example.com/corpus/story/wire"
)

func Tag(ctx context.Context, key, value string) context.Context { return wire.Put(ctx, key, value) }
`,
		"story/desk/desk.go": `package desk

import (
	"context"

	"example.com/corpus/story/tenant"
)

const key = "project"

func Open(ctx context.Context, name string) context.Context {
	return attach(ctx, key, name)
}

func attach(ctx context.Context, k, v string) context.Context {
	return tenant.Tag(ctx, k, v)
}
`,
	}
	pkgs := load(t, overlay, "./story/...")
	var got []string
	for _, d := range diagnose(t, globalbaggage.Analyzer, pkgs) {
		got = append(got, place(pkgs[0].Fset, d.Pos)+d.Message)
		for _, r := range d.Related {
			got = append(got, "  "+place(pkgs[0].Fset, r.Pos)+r.Message)
		}
	}
	want := []string{
		`desk.go:12: per-tracer key "project" enters baggage through attach, so every tracer and service on this context sees it. Give each tracer its project with honeyhive.WithProject`,
		`  desk.go:9: "project" comes from here`,
		`  desk.go:16: passed on to Tag here`,
		`  tenant.go:9: Tag passes it on to Put, then set, then baggage.NewMember`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func place(fset *token.FileSet, pos token.Pos) string {
	p := fset.Position(pos)
	return fmt.Sprintf("%s:%d: ", filepath.Base(p.Filename), p.Line)
}
