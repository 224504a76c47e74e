package equivalence_test

import (
	"bytes"
	"flag"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/honeyhiveai/hhvet/internal/corpus"
	"github.com/honeyhiveai/hhvet/internal/equivalence"
	"github.com/honeyhiveai/hhvet/internal/exectest"
	"github.com/honeyhiveai/hhvet/internal/fixtest"
	"github.com/honeyhiveai/hhvet/passes/deprecatedenrich"
)

var (
	seed  = flag.Uint64("seed", 0, "first seed of the generated programs")
	count = flag.Int("programs", 700, "generated programs of each of the three groups")
	keep  = flag.String("keep", "", "directory for the generated modules, instead of a temporary one")
)

// Generated programs record the same before and after the fixes.
func TestGenerated(t *testing.T) {
	if testing.Short() {
		t.Skip("builds and runs 2,100 programs twice")
	}
	corpus.Dir(t) // downloads what the programs import
	dir := *keep
	if dir == "" {
		dir = t.TempDir()
	}
	start := time.Now()
	lap := func(what string) { t.Logf("%6.1fs %s", time.Since(start).Seconds(), what) }

	module, fixed, rules := generate(t, dir, *seed, *count)
	t.Logf("seeds %d to %d: %v", *seed, *seed+uint64(*count)-1, rules)
	lap("analysed")
	// The programs share packages with others that make tracers, so nothing may
	// be assumed in any: TestFixtures has that rule.
	if n := rules["assumed"]; n > 0 {
		t.Errorf("%d tracers were assumed where others are at hand", n)
	}
	for _, rule := range []string{"explicit", "context", "discovery"} {
		if rules[rule] < *count/10 {
			t.Errorf("only %d uses of rule %s: the programs prove little", rules[rule], rule)
		}
	}
	before := run(t, module)
	lap("ran before the fixes")
	if len(before) != len(equivalence.Groups)**count {
		t.Fatalf("%d programs ran, want %d", len(before), len(equivalence.Groups)**count)
	}
	after := run(t, changed(t, module, filepath.Join(dir, "after"), fixed))
	lap("ran after the fixes")
	compare(t, before, after)
}

func compare(t *testing.T, before, after map[string]string) {
	t.Helper()
	for _, d := range equivalence.Compare(before, after) {
		t.Errorf("%s records something else after the fixes (-before +after):\n%s",
			d.Name, cmp.Diff(strings.Split(d.Before, "\n"), strings.Split(d.After, "\n")))
	}
}

// generate makes a module of programs in dir and the fixes of its groups.
func generate(t *testing.T, dir string, seed uint64, count int) (*equivalence.Module, fixtest.Files, map[string]int) {
	t.Helper()
	module, err := equivalence.NewModule(filepath.Join(dir, "before"), seed, count, 50)
	if err != nil {
		t.Fatal(err)
	}
	if err := module.Finish(); err != nil {
		t.Fatal(err)
	}
	fixed := make(fixtest.Files)
	rules := make(map[string]int)
	for _, g := range equivalence.Groups {
		fixes, err := module.Fix(deprecatedenrich.Options{Assume: g.Assume}, "./"+g.Name+"/...")
		if err != nil {
			t.Fatal(err)
		}
		maps.Copy(fixed, fixes.Files)
		for rule, n := range fixes.Rules() {
			rules[rule] += n
		}
	}
	return module, fixed, rules
}

// What is wrong is found: each of these mistakes in the fixes is.
func TestPlantedMistakes(t *testing.T) {
	if testing.Short() {
		t.Skip("builds and runs 300 programs four times")
	}
	corpus.Dir(t)
	module, fixed, _ := generate(t, t.TempDir(), 0, 100)
	before := run(t, module)
	for _, tt := range []struct {
		name  string
		files fixtest.Files
	}{
		{"another tracer's context", replace(fixed, "honeyhive.TracerFromContext(ctx)", "honeyhive.TracerFromContext(context.Background())")},
		{"the default tracer instead of discovery", replace(fixed, "honeyhive.TracerFromContext(", "plant(")},
		{"a session's id taken for an event's", replace(fixed, "honeyhive.SessionID(", "honeyhive.EventID(")},
	} {
		t.Run(tt.name, func(t *testing.T) {
			differences := equivalence.Compare(before, run(t, changed(t, module, t.TempDir(), tt.files)))
			t.Logf("%d of %d programs differ", len(differences), len(before))
			if len(differences) == 0 {
				t.Error("no program differs")
			}
		})
	}
}

// replace returns files with a mistake in them.
func replace(files fixtest.Files, old, new string) fixtest.Files {
	out := make(fixtest.Files)
	for name, text := range files {
		text = bytes.ReplaceAll(text, []byte(old), []byte(new))
		if strings.HasPrefix(new, "plant") {
			text = append(text, "\nfunc plant(context.Context) *honeyhive.Tracer { return honeyhive.DefaultTracer() }\n"...)
		}
		out[name] = text
	}
	return out
}

// changed returns a copy of module with the files changed.
func changed(t *testing.T, module *equivalence.Module, dir string, files fixtest.Files) *equivalence.Module {
	t.Helper()
	after, err := module.Copy(dir)
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range files {
		rel, err := filepath.Rel(module.Dir, name)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, rel), text, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return after
}

func run(t *testing.T, module *equivalence.Module) map[string]string {
	t.Helper()
	results, err := module.Run(exectest.Context(t))
	if err != nil {
		t.Fatal(err)
	}
	return results
}
