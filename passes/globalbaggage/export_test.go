package globalbaggage

import (
	"go/types"

	"golang.org/x/tools/go/analysis"
)

// NewAlways returns the analyzer without the short way out of packages that
// cannot matter.
func NewAlways() *analysis.Analyzer { return newAnalyzer(new(Options), true) }

// NewWithoutFacts returns the analyzer as it would be if it knew nothing of
// other packages.
func NewWithoutFacts() *analysis.Analyzer {
	a := New(Options{})
	run := a.Run
	a.FactTypes = nil
	a.Run = func(pass *analysis.Pass) (any, error) {
		pass.ExportObjectFact = func(types.Object, analysis.Fact) {}
		pass.ImportObjectFact = func(types.Object, analysis.Fact) bool { return false }
		pass.AllObjectFacts = func() []analysis.ObjectFact { return nil }
		return run(pass)
	}
	return a
}
