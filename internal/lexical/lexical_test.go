package lexical_test

import (
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/honeyhiveai/hhvet/internal/lexical"
)

func TestTokens(t *testing.T) {
	tokens := lexical.NewTokens([]lexical.Token{{Text: "baggage"}, {Text: "EnrichSpan"}})
	tests := []struct {
		src  string
		want lexical.Set
	}{
		{"package a", 0},
		{`r.Header.Set("Baggage", v)`, lexical.Of(0)},
		{"legacyBAGGAGEkeys", lexical.Of(0)},
		{"honeyhive.EnrichSpan(ctx)", lexical.Of(1)},
		{"enrichspan baggage", lexical.Of(0) | lexical.Of(1)},
		{"bag gage", 0},
		{"", 0},
	}
	for _, tt := range tests {
		if got := tokens.In([]byte(tt.src)); got != tt.want {
			t.Errorf("%q: %b, want %b", tt.src, got, tt.want)
		}
	}
}

// However many tokens there are, none is overlooked.
func TestManyTokens(t *testing.T) {
	var words []lexical.Token
	for i := range 100 {
		words = append(words, lexical.Token{Text: string(rune('가' + i))})
	}
	tokens := lexical.NewTokens(words)
	for i, w := range words {
		if got := tokens.In([]byte("x" + w.Text + "y")); got != lexical.Of(i) {
			t.Errorf("token %d: %b", i, got)
		}
	}
}

func TestMentions(t *testing.T) {
	names := map[string]bool{"Put": true, "größe": true}
	tests := []struct {
		src  string
		want bool
	}{
		{"x.Put(ctx)", true},
		{"Put", true},
		{"(Put)", true},
		{"Puts", false},
		{"Input", false},
		{"PutPut", false},
		{"PutPut Put", true},
		{"Put_", false},
		{"Put9", false},
		{"9Put", false},
		{"Putä", false},
		{"Put…", true},
		{"größe", true},
		{"größer", false},
		{"\xffPut\xff", true},
		{"", false},
	}
	for _, tt := range tests {
		if got := lexical.Mentions([]byte(tt.src), names); got != tt.want {
			t.Errorf("%q: %t, want %t", tt.src, got, tt.want)
		}
	}
}

// Every identifier that the scanner sees in a file of the standard library is
// mentioned there.
func TestMentionsEveryIdentifier(t *testing.T) {
	goroot, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(strings.TrimSpace(string(goroot)), "src", "go", "types", "*.go"))
	if err != nil || len(files) < 10 {
		t.Fatalf("source of the standard library: %d files, %v", len(files), err)
	}
	slices.Sort(files)
	for _, name := range files[:10] {
		src, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var s scanner.Scanner
		s.Init(token.NewFileSet().AddFile(name, -1, len(src)), src, nil, 0)
		for {
			_, tok, lit := s.Scan()
			if tok == token.EOF {
				break
			}
			if tok == token.IDENT && !lexical.Mentions(src, map[string]bool{lit: true}) {
				t.Errorf("%s: %s is not found", name, lit)
			}
		}
	}
}

// Every identifier of an expression that parses is mentioned in it.
func FuzzMentions(f *testing.F) {
	f.Add("x.Put(ctx)")
	f.Add("a+b-_c/ä[1e5]")
	f.Fuzz(func(t *testing.T, src string) {
		expr, err := parser.ParseExpr(src)
		if err != nil {
			t.Skip()
		}
		ast.Inspect(expr, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok && token.IsIdentifier(id.Name) && !lexical.Mentions([]byte(src), map[string]bool{id.Name: true}) {
				t.Errorf("%q: %s is an identifier that is not found", src, id.Name)
			}
			return true
		})
	})
}
