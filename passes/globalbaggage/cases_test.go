package globalbaggage_test

import (
	"cmp"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/honeyhiveai/hhvet/internal/corpus"
)

var update = flag.Bool("update", false, "write golden files and the table of cases instead of comparing them")

// A case is a declaration of the corpus whose doc comment says what it is
// about: "Reported: a local variable."
type testCase struct {
	family   string // the directory
	name     string
	reported bool
	about    string
	wants    int
}

// TestCases holds the corpus to what its comments say and the table in the
// documentation to the corpus.
func TestCases(t *testing.T) {
	cases := readCases(t, filepath.Join(corpus.Dir(t), "globalbaggage"))
	seen := make(map[string]bool)
	reported, silent := 0, 0
	for _, c := range cases {
		if id := c.family + "." + c.name; seen[id] {
			t.Errorf("%s: two cases of one name", id)
		} else {
			seen[id] = true
		}
		switch {
		case c.reported && c.wants == 0:
			t.Errorf("%s.%s: says that it is reported, and has no want comment", c.family, c.name)
		case !c.reported && c.wants > 0:
			t.Errorf("%s.%s: says that it is silent, and has a want comment", c.family, c.name)
		case c.reported:
			reported++
		default:
			silent++
		}
	}
	if reported < 120 || silent < 80 {
		t.Errorf("%d reported and %d silent cases, want at least 120 and 80", reported, silent)
	}

	var table strings.Builder
	fmt.Fprintf(&table, "%d cases are reported and %d are silent.\n\n", reported, silent)
	table.WriteString("| case | outcome | code |\n| --- | --- | --- |\n")
	for _, c := range cases {
		outcome := "silent"
		if c.reported {
			outcome = "reported"
		}
		fmt.Fprintf(&table, "| %s | %s | `%s.%s` |\n", strings.ReplaceAll(c.about, "|", `\|`), outcome, c.family, c.name)
	}

	const begin, end = "<!-- Begin of the table of cases: go test ./passes/globalbaggage -update writes it. -->\n", "<!-- End of the table of cases. -->\n"
	path := filepath.Join(corpus.Root(), "docs", "checks", "globalbaggage.md")
	page, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok1 := strings.Cut(string(page), begin)
	got, after, ok2 := strings.Cut(rest, end)
	if !ok1 || !ok2 {
		t.Fatalf("%s has no marks around the table of cases", path)
	}
	if *update {
		if err := os.WriteFile(path, []byte(before+begin+table.String()+end+after), 0o666); err != nil {
			t.Fatal(err)
		}
	} else if diff := gocmp.Diff(table.String(), got); diff != "" {
		t.Errorf("the table of cases differs from the corpus; go test ./passes/globalbaggage -update writes it (-corpus +page):\n%s", diff)
	}
}

func readCases(t *testing.T, root string) []testCase {
	t.Helper()
	var cases []testCase
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".go" {
			return err
		}
		fset := token.NewFileSet()
		f, err := parser.ParseFile(fset, path, nil, parser.ParseComments)
		if err != nil {
			return err
		}
		family, err := filepath.Rel(root, filepath.Dir(path))
		if err != nil {
			return err
		}
		for _, decl := range f.Decls {
			c := testCase{family: filepath.ToSlash(family), wants: wants(f, decl)}
			var doc *ast.CommentGroup
			switch decl := decl.(type) {
			case *ast.FuncDecl:
				doc, c.name = decl.Doc, decl.Name.Name
			case *ast.GenDecl:
				spec, ok := decl.Specs[0].(*ast.ValueSpec)
				if !ok {
					continue
				}
				doc, c.name = decl.Doc, spec.Names[0].Name
			}
			if doc == nil {
				continue
			}
			text := strings.TrimSuffix(strings.Join(strings.Fields(doc.Text()), " "), ".")
			outcome, about, ok := strings.Cut(text, ": ")
			if !ok || outcome != "Reported" && outcome != "Silent" {
				continue
			}
			c.reported, c.about = outcome == "Reported", about
			cases = append(cases, c)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.SortStableFunc(cases, func(a, b testCase) int { return cmp.Compare(a.family, b.family) })
	return cases
}

// wants counts the lines of decl with a want comment.
func wants(f *ast.File, decl ast.Decl) int {
	n := 0
	for _, group := range f.Comments {
		for _, c := range group.List {
			if decl.Pos() <= c.Pos() && strings.Contains(c.Text, "// want ") && c.Pos() <= lineAfter(f, decl) {
				n++
			}
		}
	}
	return n
}

// lineAfter is the end of the last line of decl, as far as comments go.
func lineAfter(f *ast.File, decl ast.Decl) token.Pos {
	end := f.FileEnd
	for _, other := range f.Decls {
		pos := other.Pos()
		switch other := other.(type) {
		case *ast.FuncDecl:
			if other.Doc != nil {
				pos = other.Doc.Pos()
			}
		case *ast.GenDecl:
			if other.Doc != nil {
				pos = other.Doc.Pos()
			}
		}
		if pos > decl.End() && pos < end {
			end = pos
		}
	}
	return end
}
