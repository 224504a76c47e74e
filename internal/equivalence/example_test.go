package equivalence_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/honeyhiveai/hhvet/honeyhive/honeyhivetest"
	"github.com/honeyhiveai/hhvet/internal/corpus"
	"github.com/honeyhiveai/hhvet/internal/equivalence"
	"github.com/honeyhiveai/hhvet/internal/exectest"
	"github.com/honeyhiveai/hhvet/passes/deprecatedenrich"
)

// The example service records the same before and after the migration, leak
// included: repairing that is another matter.
func TestExampleService(t *testing.T) {
	if testing.Short() {
		t.Skip("builds and runs the example service three times")
	}
	dir := t.TempDir()
	corpus.CopyTree(t, filepath.Join(corpus.Root(), "examples", "supportdesk", "before"), dir)
	module := &equivalence.Module{Dir: dir}
	before := runExample(t, dir)
	for _, assume := range []bool{false, true} {
		t.Run(fmt.Sprintf("assume=%v", assume), func(t *testing.T) {
			fixes, err := module.Fix(deprecatedenrich.Options{Assume: assume}, "./...")
			if err != nil {
				t.Fatal(err)
			}
			t.Log(fixes.Rules())
			if len(fixes.Files) == 0 {
				t.Error("nothing is migrated")
			}
			after := changed(t, module, t.TempDir(), fixes.Files)
			if diff := cmp.Diff(before, runExample(t, after.Dir)); diff != "" {
				t.Errorf("records something else after the fixes (-before +after):\n%s", diff)
			}
		})
	}
}

// runExample returns what the program in dir prints, and its spans without
// ids and times.
func runExample(t *testing.T, dir string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "spans.jsonl")
	env := append(os.Environ(), "HH_API_KEY=", "HH_PROJECT=", "HH_TRACE_FILE="+file)
	out := exectest.RunEnv(t, env, dir, 0, "go", "run", ".").Stdout
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	spans, err := honeyhivetest.ReadFile(content)
	if err != nil {
		t.Fatal(err)
	}
	if len(spans) == 0 {
		t.Fatal("the program writes no spans")
	}
	var lines []string
	for _, s := range spans {
		for key := range s.Attributes {
			if strings.Contains(key, "session_id") || strings.Contains(key, "duration") {
				s.Attributes[key] = "…" // random, or by the clock
			}
		}
		lines = append(lines, fmt.Sprintln(s.Name, s.Kind, s.ParentID == "", len(s.Links), s.Error, s.StatusText, s.Attributes))
	}
	slices.Sort(lines)
	return out + strings.Join(lines, "")
}
