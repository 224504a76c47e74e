package globalbaggage

import "golang.org/x/tools/go/analysis"

type fixer struct{ *checker }

func newFixer(c *checker) *fixer { return &fixer{c} }

func (x *fixer) fix(f *finding) (analysis.SuggestedFix, bool) {
	return analysis.SuggestedFix{}, false
}
