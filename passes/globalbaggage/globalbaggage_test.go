package globalbaggage_test

import (
	"testing"

	"golang.org/x/tools/go/analysis/analysistest"

	"github.com/honeyhiveai/hhvet/internal/corpus"
	"github.com/honeyhiveai/hhvet/internal/fixtest"
	"github.com/honeyhiveai/hhvet/passes/globalbaggage"
)

func TestCorpus(t *testing.T) {
	dir := corpus.Dir(t)
	a := globalbaggage.New(globalbaggage.Options{})
	if *update {
		if err := fixtest.WriteGoldens(dir, a, "./globalbaggage/..."); err != nil {
			t.Fatal(err)
		}
	}
	analysistest.RunWithSuggestedFixes(diagnosticsOnly{t}, dir, a, "./globalbaggage/...")
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
