package globalbaggage

import (
	"go/ast"
	"go/parser"
	"go/token"
	"testing"
)

func TestMentions(t *testing.T) {
	for _, tt := range []struct {
		src  string
		want bool
	}{
		{"package p", false},
		{"package p; import _ \"go.opentelemetry.io/otel/baggage\"", true},
		{"package p; func f(s interface{ SetBaggageItem(string, string) }) {}", true},
		{"package p; var h = map[string]string{`BAGGAGE`: ``}", true},
		{"package p\n\n// copied into baggage\nvar x int", true},
		{"package p\n\nconst x = \"\" //hhvet:pertracer", true},
		{"package p; var SafePropagationKeys []string", true},
		{"package p; var PropagatedKeys []string", true},
		{"package p; var bag, gage, luggage string", false},
		{"package p; func propagate() {}", false},
	} {
		f, err := parser.ParseFile(token.NewFileSet(), "p.go", tt.src, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		if got := mentions([]*ast.File{f}); got != tt.want {
			t.Errorf("%s: %v, want %v", tt.src, got, tt.want)
		}
	}
}
