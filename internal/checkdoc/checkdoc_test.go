package checkdoc

import (
	"strings"
	"testing"
)

func TestExtract(t *testing.T) {
	const doc = "// Package p defines an analyzer.\n//\n// # Analyzer p\n//\n// p: report things\n//\n// More.\n//\n// # category\n//\n// Less.\npackage p\n"
	got, err := extract(doc, "p")
	if err != nil {
		t.Fatal(err)
	}
	if want := "report things\n\nMore.\n\n# category\n\nLess."; got != want {
		t.Errorf("got %q, want %q", got, want)
	}

	for _, tt := range []struct{ name, doc, want string }{
		{"not Go", "p", "parse"},
		{"no comment", "package p\n", "no package comment"},
		{"no heading", "// Package p.\npackage p\n", "no heading"},
		{"other analyzer", strings.ReplaceAll(doc, "Analyzer p", "Analyzer q"), "no heading"},
		{"no summary", strings.ReplaceAll(doc, "p: report", "report"), "must start with"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := extract(tt.doc, "p"); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want one with %q", err, tt.want)
			}
		})
	}
}

func TestMarkdown(t *testing.T) {
	const text = "report things\n\nMore_or less:\n\n\tx := 1\n\n\ty := 2\n\n# category\n\nLess."
	const want = "report things\n\nMore\\_or less:\n\n```go\nx := 1\n\ny := 2\n```\n\n## category\n\nLess.\n"
	if got := Markdown(Parse(text)); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
