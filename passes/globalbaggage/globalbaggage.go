package globalbaggage

import (
	_ "embed"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/passes/inspect"

	"github.com/honeyhiveai/hhvet/internal/checkdoc"
)

//go:embed doc.go
var doc string

var Analyzer = &analysis.Analyzer{
	Name:     "globalbaggage",
	Doc:      checkdoc.MustExtract(doc, "globalbaggage"),
	URL:      checkdoc.URL("globalbaggage"),
	Requires: []*analysis.Analyzer{inspect.Analyzer},
	Run:      run,
}

func run(pass *analysis.Pass) (any, error) { return nil, nil }
