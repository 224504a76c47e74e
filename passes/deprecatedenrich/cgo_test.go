package deprecatedenrich

import (
	"os/exec"
	"strings"
	"testing"

	"golang.org/x/tools/go/analysis/analysistest"
)

// A file that uses cgo is reported and not edited: what is analysed is not its
// text. That takes a C compiler, so it is not in the corpus.
func TestCgo(t *testing.T) {
	if out, err := exec.Command("go", "env", "CGO_ENABLED").Output(); err != nil || strings.TrimSpace(string(out)) != "1" {
		t.Skip("cgo is off")
	}
	for _, r := range analysistest.Run(t, analysistest.TestData(), Analyzer, "usescgo") {
		for _, d := range r.Diagnostics {
			if len(d.SuggestedFixes) > 0 {
				t.Errorf("%s: has a fix", r.Pass.Fset.Position(d.Pos))
			}
		}
	}
}
