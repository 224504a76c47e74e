package directive_test

import (
	"go/ast"
	"path/filepath"
	"testing"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/analysistest"

	"github.com/honeyhiveai/hhvet/internal/directive"
)

// leaks reports the calls of a function named leak, under a name that
// directives can give.
var leaks = &analysis.Analyzer{
	Name: "globalbaggage",
	Doc:  "report calls of leak",
	Run: func(pass *analysis.Pass) (any, error) {
		set := directive.NewSet(pass)
		for _, f := range pass.Files {
			ast.Inspect(f, func(n ast.Node) bool {
				if call, ok := n.(*ast.CallExpr); ok {
					if id, ok := call.Fun.(*ast.Ident); ok && id.Name == "leak" {
						set.Report(analysis.Diagnostic{Pos: call.Pos(), End: call.End(), Message: "leak"})
					}
				}
				return true
			})
		}
		set.ReportProblems()
		return nil, nil
	},
}

func TestSet(t *testing.T) {
	dir, err := filepath.Abs("testdata")
	if err != nil {
		t.Fatal(err)
	}
	analysistest.Run(t, dir, leaks, "covers", "problems", "generated", "lines")
}
