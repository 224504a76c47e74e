package globalbaggage_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/honeyhiveai/hhvet/internal/corpus"
	"github.com/honeyhiveai/hhvet/passes/globalbaggage"
)

// What the fixes make of the corpus compiles, and leaves nothing to fix.
func TestGoldens(t *testing.T) {
	dir := corpus.Dir(t)
	overlay := make(map[string]string)
	err := filepath.WalkDir(filepath.Join(dir, "globalbaggage"), func(path string, d fs.DirEntry, err error) error {
		name, ok := strings.CutSuffix(path, ".golden")
		if err != nil || !ok {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(dir, name)
		overlay[rel] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(overlay) == 0 {
		t.Fatal("no golden files")
	}
	pkgs := load(t, overlay, "./globalbaggage/...")
	for _, d := range diagnose(t, globalbaggage.Analyzer, pkgs) {
		for _, fix := range d.SuggestedFixes {
			t.Errorf("%s: %s: still to fix: %s", pkgs[0].Fset.Position(d.Pos), d.Message, fix.Message)
		}
	}
}
