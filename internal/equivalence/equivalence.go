// Package equivalence shows that a migration keeps behaviour: it runs programs
// before and after deprecatedenrich's fixes against the real SDK and compares
// all that they record.
package equivalence

import (
	"cmp"
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/honeyhiveai/hhvet/internal/corpus"
	"github.com/honeyhiveai/hhvet/internal/fixtest"
	"github.com/honeyhiveai/hhvet/passes/deprecatedenrich"
)

//go:embed record/record.go
var recordSource []byte

// modulePath is the generated module's.
const modulePath = "example.com/equivalence"

// A Program names a package whose variable Programs holds programs.
type Program struct {
	Import  string
	Tracers int
}

// Module is a module with programs.
type Module struct {
	Dir      string
	Path     string
	Programs []Program
}

// NewModule makes a module of generated programs in the directory dir: perGroup
// of each group, with seeds from first on, in packages of size programs.
func NewModule(dir string, first uint64, perGroup, size int) (*Module, error) {
	m := &Module{Dir: dir, Path: modulePath}
	if err := corpus.WriteMod(dir, modulePath); err != nil {
		return nil, err
	}
	files := make(map[string][]byte)
	for _, g := range Groups {
		for i := 0; i < perGroup; i += size {
			pkg := fmt.Sprintf("%s%d", g.Name, i/size)
			src, err := Generate(g, pkg, first+uint64(i), min(size, perGroup-i))
			if err != nil {
				return nil, err
			}
			files[filepath.Join(g.Name, pkg, pkg+".go")] = src
			m.Programs = append(m.Programs, Program{modulePath + "/" + g.Name + "/" + pkg, g.Tracers})
		}
	}
	return m, m.write(files)
}

func (m *Module) write(files map[string][]byte) error {
	for name, text := range files {
		path := filepath.Join(m.Dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			return err
		}
		if err := os.WriteFile(path, text, 0o666); err != nil {
			return err
		}
	}
	return nil
}

// Finish adds the package that runs the programs. The analysis comes first,
// so that it does not see what only the harness calls.
func (m *Module) Finish() error {
	var imports, table strings.Builder
	for i, p := range m.Programs {
		fmt.Fprintf(&imports, "\tp%d %q\n", i, p.Import)
		fmt.Fprintf(&table, "\tadd(p%d.Programs, %d)\n", i, p.Tracers)
	}
	main := fmt.Sprintf(`package main

import (
	"encoding/json"
	"os"

	"%[1]s/record"
%[2]s)

func main() {
	results := make(map[string]string)
	add := func(programs map[string]func(*record.H), tracers int) {
		for name, program := range programs {
			results[name] = record.Run(tracers, program)
		}
	}
%[3]s	if err := json.NewEncoder(os.Stdout).Encode(results); err != nil {
		panic(err)
	}
}
`, m.Path, imports.String(), table.String())
	return m.write(map[string][]byte{
		filepath.Join("main", "main.go"):     []byte(main),
		filepath.Join("record", "record.go"): recordSource,
	})
}

// Run builds the module and returns what each of its programs recorded.
func (m *Module) Run(ctx context.Context) (map[string]string, error) {
	binary := filepath.Join(m.Dir, "programs")
	build := exec.CommandContext(ctx, "go", "build", "-gcflags="+m.Path+"/...=-N -l", "-ldflags=-s -w", "-o", binary, "./main")
	build.Dir = m.Dir
	build.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=-mod=mod")
	if out, err := build.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("build the programs: %w\n%s", err, out)
	}
	var stderr strings.Builder
	run := exec.CommandContext(ctx, binary)
	run.Stderr = &stderr
	run.Cancel = func() error { return run.Process.Signal(syscall.SIGQUIT) } // it prints where it hangs
	run.WaitDelay = time.Minute / 2
	out, err := run.Output()
	if err != nil {
		return nil, fmt.Errorf("run the programs: %w\n%s", err, stderr.String())
	}
	results := make(map[string]string)
	if err := json.Unmarshal(out, &results); err != nil {
		return nil, fmt.Errorf("read what the programs recorded: %w", err)
	}
	return results, nil
}

// Copy copies the module to dir.
func (m *Module) Copy(dir string) (*Module, error) {
	n := &Module{Dir: dir, Path: m.Path, Programs: m.Programs}
	return n, os.CopyFS(dir, os.DirFS(m.Dir).(fs.ReadDirFS))
}

// Fixes are the analyzer's diagnostics of a module and what they change.
type Fixes struct {
	Diagnostics []fixtest.Diagnostic
	Files       fixtest.Files
}

// Rules counts the diagnostics with a fix by category.
func (f *Fixes) Rules() map[string]int {
	rules := make(map[string]int)
	for _, d := range f.Diagnostics {
		if len(d.SuggestedFixes) > 0 {
			rules[d.Category]++
		} else {
			rules["not fixed: "+d.Category]++
		}
	}
	return rules
}

// Fix returns the fixes of the packages that match pattern.
func (m *Module) Fix(opts deprecatedenrich.Options, patterns ...string) (*Fixes, error) {
	pkgs, err := fixtest.Load(m.Dir, patterns...)
	if err != nil {
		return nil, err
	}
	ds, err := fixtest.Analyze(pkgs, deprecatedenrich.New(opts))
	if err != nil {
		return nil, err
	}
	files, err := fixtest.Apply(ds...)
	if err != nil {
		return nil, err
	}
	for _, pkg := range pkgs {
		if err := fixtest.Check(pkg, files); err != nil {
			return nil, fmt.Errorf("%s after the fixes: %w", pkg.ID, err)
		}
	}
	return &Fixes{ds, files}, nil
}

// A Difference is a program that records something else after the fixes.
type Difference struct{ Name, Before, After string }

// Compare returns the programs whose records differ.
func Compare(before, after map[string]string) []Difference {
	var out []Difference
	for name, b := range before {
		if a := after[name]; a != b {
			out = append(out, Difference{name, b, a})
		}
	}
	for _, name := range slices.Sorted(maps.Keys(after)) {
		if _, ok := before[name]; !ok {
			out = append(out, Difference{Name: name, After: after[name]})
		}
	}
	slices.SortFunc(out, func(a, b Difference) int { return cmp.Compare(a.Name, b.Name) })
	return out
}
