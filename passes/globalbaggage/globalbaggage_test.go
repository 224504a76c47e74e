package globalbaggage_test

import (
	"testing"

	"golang.org/x/tools/go/analysis/analysistest"

	"github.com/honeyhiveai/hhvet/internal/corpus"
	"github.com/honeyhiveai/hhvet/passes/globalbaggage"
)

func TestCorpus(t *testing.T) {
	analysistest.RunWithSuggestedFixes(diagnosticsOnly{t}, corpus.Dir(t), globalbaggage.New(globalbaggage.Options{}), "./globalbaggage/...")
}

// diagnosticsOnly lets packages of the corpus export facts without a want
// comment for each: facts show in what is reported of the packages that
// import them.
type diagnosticsOnly struct{ *testing.T }

func (t diagnosticsOnly) Errorf(format string, args ...any) {
	for _, arg := range args {
		if arg == "fact" {
			return
		}
	}
	t.T.Helper()
	t.T.Errorf(format, args...)
}
