package globalbaggage

import "golang.org/x/tools/go/analysis"

// NewAlways returns the analyzer without the short way out of packages that
// cannot matter.
func NewAlways() *analysis.Analyzer { return newAnalyzer(new(Options), true) }
