package hhdirective

import (
	_ "embed"

	"golang.org/x/tools/go/analysis"

	"github.com/honeyhiveai/hhvet/internal/checkdoc"
	"github.com/honeyhiveai/hhvet/internal/directive"
)

//go:embed doc.go
var doc string

// Analyzer reports //hhvet: comments that name no analyzer. Those that name
// one are reported by it.
var Analyzer = &analysis.Analyzer{
	Name: "hhdirective",
	Doc:  checkdoc.MustExtract(doc, "hhdirective"),
	URL:  checkdoc.URL("hhdirective"),
	Run:  run,
}

func run(pass *analysis.Pass) (any, error) {
	for _, f := range pass.Files {
		for _, d := range directive.Orphans(f) {
			pass.Report(d)
		}
	}
	// A directive may silence this analyzer's name too, to no effect.
	directive.NewSet(pass).ReportProblems()
	return nil, nil
}
