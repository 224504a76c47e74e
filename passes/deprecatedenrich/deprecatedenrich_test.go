package deprecatedenrich_test

import (
	"bytes"
	"cmp"
	"flag"
	"go/ast"
	"go/format"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/analysistest"

	"github.com/honeyhiveai/hhvet/internal/corpus"
	"github.com/honeyhiveai/hhvet/passes/deprecatedenrich"
)

var update = flag.Bool("update", false, "write golden files and the table of shapes instead of comparing them")

// The corpus is checked under every driver in package analyzer. Here it is
// checked with facts, which only analysistest shows.
func TestCorpus(t *testing.T) {
	dir := corpus.Dir(t)
	if *update {
		results := analysistest.Run(&unchecked{t}, dir, deprecatedenrich.Analyzer, "./deprecatedenrich/...")
		writeGoldens(t, results)
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

// unchecked drops the complaints about goldens that are about to be written.
type unchecked struct{ t *testing.T }

func (u *unchecked) Errorf(format string, args ...any) { u.t.Logf(format, args...) }

// writeGoldens applies the first fix of every diagnostic of a run.
func writeGoldens(t *testing.T, results []*analysistest.Result) {
	for name, text := range fixed(t, results) {
		if err := os.WriteFile(name+".golden", text, 0o666); err != nil {
			t.Fatal(err)
		}
	}
}

// fixed returns the text of each file that fixes change, after all of them.
func fixed(t *testing.T, results []*analysistest.Result) map[string][]byte {
	t.Helper()
	edits := make(map[string][]edit)
	for _, r := range results {
		for _, d := range r.Diagnostics {
			if len(d.SuggestedFixes) == 0 {
				continue
			}
			for _, e := range d.SuggestedFixes[0].TextEdits {
				f := r.Pass.Fset.File(e.Pos)
				edits[f.Name()] = append(edits[f.Name()], edit{f.Offset(e.Pos), f.Offset(e.End), string(e.NewText)})
			}
		}
	}
	out := make(map[string][]byte)
	for name, es := range edits {
		src, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		text, err := format.Source(applyEdits(t, src, es))
		if err != nil {
			t.Fatalf("%s after fixing: %v", name, err)
		}
		out[name] = text
	}
	return out
}

type edit struct {
	pos, end int
	text     string
}

func applyEdits(t *testing.T, src []byte, edits []edit) []byte {
	slices.SortFunc(edits, func(a, b edit) int {
		return cmp.Or(cmp.Compare(a.pos, b.pos), cmp.Compare(a.end, b.end), strings.Compare(a.text, b.text))
	})
	edits = slices.Compact(edits)
	var out bytes.Buffer
	last := 0
	for _, e := range edits {
		if e.pos < last {
			t.Fatalf("overlapping edits at %d: %q", e.pos, e.text)
		}
		out.Write(src[last:e.pos])
		out.WriteString(e.text)
		last = e.end
	}
	out.Write(src[last:])
	return out.Bytes()
}

var _ = ast.IsGenerated
var _ token.Pos
var _ analysis.Diagnostic
var _ = filepath.Base
