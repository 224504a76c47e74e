package deprecatedenrich

import (
	_ "embed"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/passes/inspect"

	"github.com/honeyhiveai/hhvet/internal/checkdoc"
)

//go:embed doc.go
var doc string

var Analyzer = &analysis.Analyzer{
	Name:     "deprecatedenrich",
	Doc:      checkdoc.MustExtract(doc, "deprecatedenrich"),
	URL:      checkdoc.URL("deprecatedenrich"),
	Requires: []*analysis.Analyzer{inspect.Analyzer},
	Run:      run,
}

func run(pass *analysis.Pass) (any, error) { return nil, nil }
