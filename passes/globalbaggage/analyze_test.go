package globalbaggage_test

import (
	"path/filepath"
	"testing"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/checker"
	"golang.org/x/tools/go/packages"

	"github.com/honeyhiveai/hhvet/internal/corpus"
	"github.com/honeyhiveai/hhvet/passes/globalbaggage"
)

// load returns the packages that patterns name in the corpus's module, and
// all that they import, from source. Files of overlay need not exist.
func load(t testing.TB, overlay map[string]string, patterns ...string) []*packages.Package {
	t.Helper()
	cfg := &packages.Config{Mode: packages.LoadAllSyntax, Dir: corpus.Dir(t), Overlay: make(map[string][]byte)}
	for name, src := range overlay {
		cfg.Overlay[filepath.Join(cfg.Dir, name)] = []byte(src)
	}
	pkgs, err := packages.Load(cfg, patterns...)
	if err != nil {
		t.Fatal(err)
	}
	if packages.PrintErrors(pkgs) > 0 {
		t.Fatal("the packages do not compile")
	}
	return pkgs
}

// diagnose returns the analyzer's diagnostics in pkgs.
func diagnose(t testing.TB, a *analysis.Analyzer, pkgs []*packages.Package) []analysis.Diagnostic {
	t.Helper()
	graph, err := checker.Analyze([]*analysis.Analyzer{a}, pkgs, nil)
	if err != nil {
		t.Fatal(err)
	}
	var out []analysis.Diagnostic
	for _, act := range graph.Roots {
		if act.Err != nil {
			t.Errorf("%v: %v", act, act.Err)
		}
		out = append(out, act.Diagnostics...)
	}
	return out
}

// The analyzer copes with all Go that there is in the standard library, and
// finds nothing in it.
func TestStandardLibrary(t *testing.T) {
	if testing.Short() {
		t.Skip("loads the standard library from source")
	}
	pkgs := load(t, nil, "std")
	for _, d := range diagnose(t, globalbaggage.NewAlways(), pkgs) {
		t.Errorf("%s: %s", pkgs[0].Fset.Position(d.Pos), d.Message)
	}
}
