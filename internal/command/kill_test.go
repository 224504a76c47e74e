//go:build unix

package command_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/honeyhiveai/hhvet/internal/exectest"
)

// A run of -fix that is killed at any moment leaves each file as it was or as
// it was to be, and each package compiling.
func TestKill(t *testing.T) {
	kills := 200
	if testing.Short() {
		kills = 10
	}
	dir := t.TempDir()
	before, after := killModule()
	reset := func() {
		for name, content := range before {
			name = filepath.Join(dir, name)
			if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(name, []byte(content), 0o666); err != nil {
				t.Fatal(err)
			}
		}
	}
	reset()
	start := time.Now()
	exectest.Run(t, dir, 0, "hhvet", "-fix", "./...")
	took := time.Since(start)
	if old, _ := states(t, dir, before, after); old > 0 {
		t.Fatalf("%d files are not fixed when it is left alone", old)
	}

	rng := rand.New(rand.NewPCG(1, 2))
	files := slices.DeleteFunc(slices.Sorted(maps.Keys(before)), func(name string) bool { return before[name] == after[name] })
	runs, killed, partly := 0, 0, 0
	for ; killed < kills; runs++ {
		if runs == 10*kills {
			t.Fatalf("only %d of %d runs could be killed before they were done", killed, runs)
		}
		reset()
		// Most of the time goes into listing, so that half of the kills wait for
		// files to be written.
		written, delay := "", time.Duration(rng.Int64N(int64(took)))
		if runs%2 == 0 {
			written, delay = files[rng.IntN(len(files))], time.Duration(rng.Int64N(int64(5*time.Millisecond)))
		}
		if !fixAndKill(t, dir, written, delay) {
			continue
		}
		killed++
		if old, fixed := states(t, dir, before, after); old > 0 && fixed > 0 {
			partly++
		}
		if t.Failed() {
			t.Fatalf("killed %v after its start, or after it wrote %q", delay, written)
		}
	}
	t.Logf("%d kills in %d runs, %d of them with some files written and others not", killed, runs, partly)
	if partly < kills/10 {
		t.Errorf("%d of %d kills hit the writing of files; the test shows little", partly, killed)
	}
}

// fixAndKill runs hhvet -fix, and kills it some time after its start, or after it
// has written a file if one is named. It reports whether it was not done by then.
func fixAndKill(t *testing.T, dir, written string, delay time.Duration) (killed bool) {
	t.Helper()
	name := filepath.Join(dir, written)
	old, err := os.Stat(name)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("hhvet", "-fix", "./...")
	cmd.Dir = dir
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = cmd.Wait() // with an error if it is killed
	}()
	for waiting := written != ""; waiting; {
		select {
		case <-done:
			waiting = false
		case <-time.After(100 * time.Microsecond):
			now, err := os.Stat(name)
			waiting = err != nil || now.ModTime().Equal(old.ModTime())
		}
	}
	time.Sleep(delay)
	_ = cmd.Process.Kill()
	<-done
	return !cmd.ProcessState.Exited()
}

// states counts the files that are old and those that are new, and reports to
// t all that are neither and packages that do not compile.
func states(t *testing.T, dir string, before, after map[string]string) (old, fixed int) {
	t.Helper()
	fset := token.NewFileSet()
	packages := make(map[string][]*ast.File)
	for name := range before {
		got, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Error(err)
			continue
		}
		switch text := string(got); {
		case before[name] == after[name]:
		case text == before[name]:
			old++
		case text == after[name]:
			fixed++
		default:
			t.Errorf("%s is neither old nor new:\n%s", name, got)
		}
		if strings.HasSuffix(name, ".go") {
			f, err := parser.ParseFile(fset, name, got, 0)
			if err != nil {
				t.Error(err)
				continue
			}
			packages[filepath.Dir(name)] = append(packages[filepath.Dir(name)], f)
		}
	}
	for path, files := range packages {
		if _, err := new(types.Config).Check(path, fset, files, nil); err != nil {
			t.Error(err)
		}
	}
	return old, fixed
}

// killModule returns a module of many packages with much to fix in each, as
// it is and as it is to be.
func killModule() (before, after map[string]string) {
	before = map[string]string{"go.mod": "module example.com/kill\n\ngo 1.26\n"}
	after = map[string]string{"go.mod": before["go.mod"]}
	pad := strings.Repeat("// padding, so that writing takes a moment\n", 500)
	for p := range 16 {
		for f := range 4 {
			name := fmt.Sprintf("p%d/f%d.go", p, f)
			text := func(used string) string {
				decl := ""
				if f == 0 {
					decl = "const one, two = 1, 2\n\n"
				}
				return fmt.Sprintf("package p%d\n\n%s%sfunc F%d() {\n\t//toy:fix one => two\n\tprint((%s))\n}\n", p, decl, pad+"\n", f, used)
			}
			before[name], after[name] = text("one"), text("two")
		}
	}
	return before, after
}
