package deprecatedenrich_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/analysistest"
	"golang.org/x/tools/go/packages"

	"github.com/honeyhiveai/hhvet/internal/corpus"
	"github.com/honeyhiveai/hhvet/internal/fixtest"
	"github.com/honeyhiveai/hhvet/passes/deprecatedenrich"
)

var update = flag.Bool("update", false, "write golden files and the table of shapes instead of comparing them")

// The corpus is checked under every driver in package analyzer. Here it is
// checked with facts, which only analysistest shows.
func TestCorpus(t *testing.T) {
	dir := corpus.Dir(t)
	if *update {
		if err := fixtest.WriteGoldens(dir, deprecatedenrich.Analyzer, "./deprecatedenrich/..."); err != nil {
			t.Fatal(err)
		}
	}
	results := analysistest.RunWithSuggestedFixes(t, dir, deprecatedenrich.Analyzer, "./deprecatedenrich/...")
	for _, r := range results {
		for _, d := range r.Diagnostics {
			if len(d.SuggestedFixes) > 1 {
				t.Errorf("%s: %d fixes: golangci-lint would apply them all", r.Pass.Fset.Position(d.Pos), len(d.SuggestedFixes))
			}
			if d.Category == "" {
				t.Errorf("%s: no category", r.Pass.Fset.Position(d.Pos))
			}
		}
	}
	compareShapes(t, dir, results)
}

func analyze(t *testing.T, dir string, a *analysis.Analyzer) ([]*packages.Package, []fixtest.Diagnostic) {
	t.Helper()
	pkgs, err := fixtest.Load(dir, "./deprecatedenrich/...")
	if err != nil {
		t.Fatal(err)
	}
	diagnostics, err := fixtest.Analyze(pkgs, a)
	if err != nil {
		t.Fatal(err)
	}
	return pkgs, diagnostics
}

// Each fix compiles alone, all together compile as the golden files say, and
// leave nothing to fix; with the assumption and without it.
func TestFixesCompile(t *testing.T) {
	dir := corpus.Dir(t)
	for _, opts := range []deprecatedenrich.Options{{Assume: true}, {Assume: false}} {
		t.Run(fmt.Sprintf("assume=%v", opts.Assume), func(t *testing.T) {
			pkgs, diagnostics := analyze(t, dir, deprecatedenrich.New(opts))
			fixes := 0
			for _, d := range diagnostics {
				if len(d.SuggestedFixes) == 0 {
					continue
				}
				fixes++
				files, err := fixtest.Apply(d)
				if err != nil {
					t.Fatal(err)
				}
				if err := fixtest.Check(d.Package, files); err != nil {
					t.Errorf("%s: the fix alone: %v", d.Position(), err)
				}
				if !opts.Assume && d.Category == "assumed" {
					t.Errorf("%s: assumes a tracer: %s", d.Position(), d.Message)
				}
			}
			all, err := fixtest.Apply(diagnostics...)
			if err != nil {
				t.Fatal(err)
			}
			for _, pkg := range pkgs {
				if err := fixtest.Check(pkg, all); err != nil {
					t.Errorf("%s with all fixes: %v", pkg.ID, err)
				}
			}
			t.Logf("%d diagnostics, %d fixes", len(diagnostics), fixes)

			again := corpus.Copy(t)
			for name, text := range all {
				rel, err := filepath.Rel(dir, name)
				if err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(filepath.Join(again, rel), text, 0o666); err != nil {
					t.Fatal(err)
				}
			}
			_, left := analyze(t, again, deprecatedenrich.New(opts))
			for _, d := range left {
				if len(d.SuggestedFixes) > 0 {
					t.Errorf("%s: a second run would change: %s", d.Position(), d.Message)
				}
			}
		})
	}
}
