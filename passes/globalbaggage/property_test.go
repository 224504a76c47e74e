package globalbaggage_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"testing"

	"golang.org/x/tools/go/packages"

	"github.com/honeyhiveai/hhvet/internal/corpus"
	"github.com/honeyhiveai/hhvet/internal/tracekey"
	"github.com/honeyhiveai/hhvet/passes/globalbaggage"
)

var seed = flag.Uint64("seed", 20251027, "seed of the generated programs")

// Programs that are generated from the corpus's shapes run against
// OpenTelemetry: a key that the analyzer calls safe is not in baggage, and one
// that it reports is.
func TestGenerated(t *testing.T) {
	p := generate(t, *seed, 1200)
	misses, noise := p.compare(t, globalbaggage.Options{})
	for _, m := range misses {
		t.Errorf("not reported, but in baggage: %s", m)
	}
	for _, m := range noise {
		t.Errorf("reported, but not in baggage: %s", m)
	}
}

// The comparison notices an analyzer that misses a key, and one that reports
// a key that is safe.
func TestGeneratedCanFail(t *testing.T) {
	p := generate(t, 7, 150)
	if misses, _ := p.compare(t, globalbaggage.Options{Keys: []string{"-project"}}); len(misses) == 0 {
		t.Error("an analyzer that does not know project misses nothing")
	}
	if _, noise := p.compare(t, globalbaggage.Options{Keys: []string{"run_id"}}); len(noise) == 0 {
		t.Error("an analyzer that reports run_id makes no noise")
	}
}

// A generated program, and the keys that each of its cases left in baggage
// when it ran.
type generated struct {
	n         int
	src       string
	lines     []int
	inBaggage map[string][]string
	pkgs      []*packages.Package
}

func generate(t *testing.T, seed uint64, n int) *generated {
	t.Helper()
	const name = "generated/main.go"
	p := &generated{n: n}
	p.src, p.lines = program(seed, n)
	p.inBaggage = execute(t, name, p.src)
	p.pkgs = load(t, map[string]string{name: p.src}, "./generated")
	return p
}

func (p *generated) compare(t *testing.T, opts globalbaggage.Options) (misses, noise []string) {
	t.Helper()
	n, lines := p.n, p.lines
	reported := make(map[int][]string)
	for _, d := range diagnose(t, globalbaggage.New(opts), p.pkgs) {
		line := p.pkgs[0].Fset.Position(d.Pos).Line
		i := sort.SearchInts(lines, line+1) - 1
		if i < 0 || i >= n {
			t.Fatalf("line %d: %s: not in a case", line, d.Message)
		}
		reported[i] = append(reported[i], d.Message)
	}

	text := strings.Split(p.src, "\n")
	bad := 0
	for i := range n {
		keys, ok := p.inBaggage[fmt.Sprint(i)]
		if !ok {
			t.Fatalf("case %d did not run", i)
		}
		leaks := slices.DeleteFunc(slices.Clone(keys), func(k string) bool { return !perTracer(k) })
		if len(leaks) > 0 {
			bad++
		}
		if (len(leaks) > 0) != (len(reported[i]) > 0) {
			report := fmt.Sprintf("case %d: keys %q, reported %q\n%s", i, keys, reported[i], strings.Join(text[lines[i]-1:lines[i+1]-1], "\n"))
			if len(leaks) > 0 {
				misses = append(misses, report)
			} else {
				noise = append(noise, report)
			}
		}
	}
	if bad < n/5 || bad > n*4/5 {
		t.Errorf("%d of %d cases leak, so that one of the outcomes is hardly tested", bad, n)
	}
	return misses, noise
}

// perTracer says what must not be in baggage, from the table that the SDK
// goes by at run time.
func perTracer(key string) bool {
	_, kind := tracekey.Classify(key)
	return (kind == tracekey.PerTracer || tracekey.IsSecret(key)) && !strings.HasPrefix(key, "sentry-")
}

// execute builds and runs a program in the corpus's module, and returns the
// keys that each case left in baggage.
func execute(t *testing.T, name, src string) map[string][]string {
	t.Helper()
	tmp := t.TempDir()
	file := filepath.Join(tmp, "main.go")
	overlay := filepath.Join(tmp, "overlay.json")
	dir := corpus.Dir(t)
	replace, err := json.Marshal(map[string]any{"Replace": map[string]string{filepath.Join(dir, name): file}})
	if err != nil {
		t.Fatal(err)
	}
	for path, data := range map[string][]byte{file: []byte(src), overlay: replace} {
		if err := os.WriteFile(path, data, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command("go", "run", "-overlay", overlay, "./"+filepath.Dir(name))
	cmd.Dir = dir
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("run the generated program: %v\n%s", err, firstLines(stderr.String(), 20))
	}
	var keys map[string][]string
	if err := json.Unmarshal(out, &keys); err != nil {
		t.Fatal(err)
	}
	for _, k := range slices.Sorted(maps.Keys(keys)) {
		slices.Sort(keys[k])
		keys[k] = slices.Compact(keys[k])
	}
	return keys
}

func firstLines(s string, n int) string {
	lines := strings.SplitAfter(s, "\n")
	return strings.Join(lines[:min(n, len(lines))], "")
}
