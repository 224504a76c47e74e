package astedit_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/go/analysis"

	"github.com/honeyhiveai/hhvet/internal/astedit"
)

// source parses text as a file.
func source(t *testing.T, text string) (*token.File, *astedit.Source) {
	t.Helper()
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "a.go", text, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	src := astedit.NewSource(&analysis.Pass{
		Fset:     fset,
		ReadFile: func(string) ([]byte, error) { return []byte(text), nil },
	}, file)
	return fset.File(file.FileStart), src
}

func apply(t *testing.T, text string, file *token.File, edits []analysis.TextEdit) string {
	t.Helper()
	var b strings.Builder
	last := 0
	for _, e := range astedit.Join(slices.Clone(edits)) {
		pos, end := file.Offset(e.Pos), file.Offset(e.End)
		if pos < last {
			t.Fatalf("edit at offset %d overlaps the one before", pos)
		}
		b.WriteString(text[last:pos] + string(e.NewText))
		last = end
	}
	b.WriteString(text[last:])
	if _, err := parser.ParseFile(token.NewFileSet(), "a.go", b.String(), parser.ParseComments); err != nil {
		t.Errorf("after the edits: %v\n%s", err, b.String())
	}
	return b.String()
}

func TestDeleteArgument(t *testing.T) {
	for _, tt := range []struct {
		name, call string
		delete     []int
		want       string // "" if it cannot be
	}{
		{"middle", "f(a, b, c)", []int{1}, "f(a, c)"},
		{"last", "f(a, b, c)", []int{2}, "f(a, b)"},
		{"two neighbours", "f(a, b, c, d)", []int{1, 2}, "f(a, d)"},
		{"all but the first", "f(a, b, c)", []int{1, 2}, "f(a)"},
		{"on its own line", "f(\n\ta,\n\tb,\n\tc,\n)", []int{1}, "f(\n\ta,\n\tc,\n)"},
		{"last on its own line", "f(\n\ta,\n\tb,\n)", []int{1}, "f(\n\ta,\n)"},
		{"with a comment behind", "f(\n\ta,\n\tb, // why\n\tc,\n)", []int{1}, "f(\n\ta, // why\n\tc,\n)"},
		{"with a comment behind the one before", "f(\n\ta, // one\n\tb,\n\tc,\n)", []int{1}, "f(\n\ta, // one\n\tc,\n)"},
		{"between comments", "f(\n\ta, // one\n\tb, // two\n\tc,\n)", []int{1}, "f(\n\ta, // one // two\n\tc,\n)"},
		{"with a comment in front", "f(a, /* b */ b, c)", []int{1}, "f(a, /* b */ c)"},
		{"last with a comment in front", "f(a, /* b */ b)", []int{1}, "f(a /* b */ )"},
		{"comment before the comma", "f(a /* a */, b)", []int{1}, "f(a /* a */ )"},
		{"windows line ends", "f(\r\n\ta, // one\r\n\tb,\r\n\tc,\r\n)", []int{1}, "f(\r\n\ta, // one\r\n\tc,\r\n)"},
		{"a comment inside", "f(a, g(/* x */ b))", []int{1}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			const head = "package p\n\nvar _ = "
			text := head + tt.call + "\n"
			file, src := source(t, text)
			call := src.File.Decls[0].(*ast.GenDecl).Specs[0].(*ast.ValueSpec).Values[0].(*ast.CallExpr)
			var edits []analysis.TextEdit
			for _, i := range tt.delete {
				es, ok := src.DeleteArgument(call, i)
				if !ok {
					if tt.want != "" {
						t.Fatal("cannot be deleted")
					}
					return
				}
				edits = append(edits, es...)
			}
			got := strings.TrimSuffix(strings.TrimPrefix(apply(t, text, file, edits), head), "\n")
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestDeleteImport(t *testing.T) {
	for _, tt := range []struct{ name, text, want string }{
		{"alone", "package p\n\nimport \"x\"\n\nvar a int\n", "package p\n\nvar a int\n"},
		{"alone with a comment", "package p\n\n// X.\nimport \"x\" // x\n\nvar a int\n", "package p\n\nvar a int\n"},
		{"alone in parentheses", "package p\n\nimport (\n\t\"x\"\n)\n\nvar a int\n", "package p\n\nvar a int\n"},
		{"of two declarations", "package p\n\nimport \"y\"\nimport \"x\"\n\nvar a int\n", "package p\n\nimport \"y\"\n\nvar a int\n"},
		{"first", "package p\n\nimport (\n\t\"x\"\n\t\"y\"\n)\n", "package p\n\nimport (\n\t\"y\"\n)\n"},
		{"last", "package p\n\nimport (\n\t\"y\"\n\t\"x\"\n)\n", "package p\n\nimport (\n\t\"y\"\n)\n"},
		{"group of its own at the end", "package p\n\nimport (\n\t\"y\"\n\n\t\"x\"\n)\n", "package p\n\nimport (\n\t\"y\"\n)\n"},
		{"group of its own at the beginning", "package p\n\nimport (\n\tx \"x\" // x\n\n\t\"y\"\n)\n", "package p\n\nimport (\n\t\"y\"\n)\n"},
		{"group of its own in the middle", "package p\n\nimport (\n\t\"y\"\n\n\t\"x\"\n\n\t\"z\"\n)\n", "package p\n\nimport (\n\t\"y\"\n\n\t\"z\"\n)\n"},
		{"other comments", "package p\n\nimport (\n\t\"x\"\n\n\t// more\n)\n", "package p\n\nimport (\n\t// more\n)\n"},
		{"on one line", "package p\n\nimport (\"y\"; \"x\")\n", "package p\n\nimport (\"y\"; )\n"},
		{"windows line ends", "package p\r\n\r\nimport (\r\n\t\"y\"\r\n\r\n\t\"x\"\r\n)\r\n", "package p\r\n\r\nimport (\r\n\t\"y\"\r\n)\r\n"},
		{"at the end of the file", "package p\n\nimport \"x\"", "package p\n\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			file, src := source(t, tt.text)
			for _, spec := range src.File.Imports {
				if spec.Path.Value == `"x"` {
					if diff := cmp.Diff(tt.want, apply(t, tt.text, file, src.DeleteImport(spec))); diff != "" {
						t.Errorf("-want +got:\n%s", diff)
					}
				}
			}
		})
	}
}

// What cannot be read back as it was parsed is not edited.
func TestNewSourceOfAnotherText(t *testing.T) {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "a.go", "package p\n", 0)
	if err != nil {
		t.Fatal(err)
	}
	pass := &analysis.Pass{Fset: fset, ReadFile: func(string) ([]byte, error) { return []byte("package longer\n"), nil }}
	if src := astedit.NewSource(pass, file); src != nil {
		t.Error("a changed file can be edited")
	}
}
