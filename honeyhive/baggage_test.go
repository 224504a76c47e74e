package honeyhive_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Baggage is written for the caller who asks for it, for the tasks of an
// experiment, and where a request comes in. Nothing else in the SDK may.
func TestBaggageIsWrittenInThreePlaces(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	var writers []string
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, decl := range file.Decls {
			fn, ok := decl.(*ast.FuncDecl)
			if !ok {
				continue
			}
			ast.Inspect(fn, func(n ast.Node) bool {
				if sel, ok := n.(*ast.SelectorExpr); ok && sel.Sel.Name == "ContextWithBaggage" {
					if pkg, ok := sel.X.(*ast.Ident); ok && pkg.Name == "baggage" {
						writers = append(writers, name+": "+fn.Name.Name)
					}
				}
				return true
			})
		}
	}
	slices.Sort(writers)
	want := []string{"baggage.go: ContextWithBaggage", "evaluate_case.go: startCase", "propagation.go: withIncomingBaggage"}
	if diff := cmp.Diff(want, slices.Compact(writers)); diff != "" {
		t.Errorf("functions that write baggage (-want +got):\n%s", diff)
	}
}
