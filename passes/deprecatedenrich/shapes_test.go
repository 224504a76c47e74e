package deprecatedenrich_test

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/types"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"golang.org/x/tools/go/analysis/analysistest"

	"github.com/honeyhiveai/hhvet/internal/corpus"
)

// A shape is a documented declaration of the corpus. Its comment says what
// shape of code it is, and becomes a line of the table in the documentation.
type shape struct {
	text, where string
	outcomes    []string
}

const (
	beginTable = "<!-- Shapes: go test ./passes/deprecatedenrich -update writes this table. -->\n"
	endTable   = "<!-- End of shapes. -->\n"
)

// compareShapes holds the table of shapes in the documentation to what the
// analyzer does with the corpus.
func compareShapes(t *testing.T, dir string, results []*analysistest.Result) {
	t.Helper()
	table := beginTable + shapeTable(t, dir, results) + endTable
	path := filepath.Join(corpus.Root(), "docs", "checks", "deprecatedenrich.md")
	page, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(page), beginTable)
	got, after, ok2 := strings.Cut(rest, endTable)
	if *update {
		if !ok || !ok2 {
			before, after = string(page)+"\n## Shapes\n\n", ""
		}
		if err := os.WriteFile(path, []byte(before+table+after), 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := gocmp.Diff(table, beginTable+got+endTable); diff != "" {
		t.Errorf("%s: the table of shapes is not what the analyzer does; -update writes it (-analyzer +page):\n%s", path, diff)
	}
}

func shapeTable(t *testing.T, dir string, results []*analysistest.Result) string {
	shapes := make(map[string]*shape) // by file and declaration
	counts := make(map[string]int)
	seen := make(map[string]bool) // diagnostics come once for each variant of a package
	for _, r := range results {
		for _, file := range r.Pass.Files {
			name := r.Pass.Fset.Position(file.Package).Filename
			rel, err := filepath.Rel(dir, name)
			if err != nil || strings.HasPrefix(rel, "..") {
				continue // the test's main package
			}
			for _, decl := range file.Decls {
				doc, ident := documented(decl)
				if doc == nil {
					continue
				}
				key := fmt.Sprint(rel, ":", r.Pass.Fset.Position(decl.Pos()).Line)
				sh := shapes[key]
				if sh == nil {
					text, _, _ := strings.Cut(doc.Text(), "\n\n")
					sh = &shape{
						text:  strings.Join(strings.Fields(strings.TrimSuffix(text, "\n")), " "),
						where: strings.TrimPrefix(filepath.ToSlash(rel), "deprecatedenrich/") + " " + ident,
					}
					shapes[key] = sh
				}
				for _, d := range r.Diagnostics {
					at := r.Pass.Fset.Position(d.Pos)
					if d.Pos < decl.Pos() || d.Pos >= decl.End() || seen[at.String()+d.Message] {
						continue
					}
					seen[at.String()+d.Message] = true
					outcome := "reported: " + d.Category
					if len(d.SuggestedFixes) > 0 {
						outcome = "fixed: " + d.Category
					}
					counts[strings.Fields(outcome)[0]]++
					if !slices.Contains(sh.outcomes, outcome) {
						sh.outcomes = append(sh.outcomes, outcome)
					}
				}
			}
		}
	}
	silent := 0
	var b strings.Builder
	b.WriteString("| shape | what happens | fixture |\n|---|---|---|\n")
	for _, sh := range slices.SortedFunc(maps.Values(shapes), func(a, b *shape) int { return cmp.Or(cmp.Compare(a.where, b.where), cmp.Compare(a.text, b.text)) }) {
		if sh.outcomes == nil {
			silent++
			sh.outcomes = []string{"silent"}
		}
		fmt.Fprintf(&b, "| %s | %s | `%s` |\n", strings.ReplaceAll(sh.text, "|", `\|`), strings.Join(sh.outcomes, ", "), sh.where)
	}
	fmt.Fprintf(&b, "\n%d shapes: %d uses fixed, %d reported without a fix, %d shapes silent.\n", len(shapes), counts["fixed:"], counts["reported:"], silent)
	return b.String()
}

// documented returns the comment and the name of a declaration that is a
// fixture: a function, or a variable, with a comment.
func documented(decl ast.Decl) (*ast.CommentGroup, string) {
	switch decl := decl.(type) {
	case *ast.FuncDecl:
		if decl.Recv != nil {
			return decl.Doc, types.ExprString(decl.Recv.List[0].Type) + "." + decl.Name.Name
		}
		return decl.Doc, decl.Name.Name
	case *ast.GenDecl:
		if spec, ok := decl.Specs[0].(*ast.ValueSpec); ok {
			return decl.Doc, spec.Names[0].Name
		}
	}
	return nil, ""
}
