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

// A run of -fix that is killed while it writes leaves each file as it was or as
// it was to be, and each package compiling.
func TestKill(t *testing.T) {
	kills := 100
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
	exectest.Run(t, dir, 0, "hhvet", "-fix", "./...")
	if old, _ := states(t, dir, before, after); old > 0 {
		t.Fatalf("%d files are not fixed when it is left alone", old)
	}

	rng := rand.New(rand.NewPCG(1, 2))
	files := slices.DeleteFunc(slices.Sorted(maps.Keys(before)), func(name string) bool { return before[name] == after[name] })
	runs, partly := 0, 0
	for ; partly < kills; runs++ {
		if runs == 10*kills {
			t.Fatalf("%d of %d kills hit the writing of files; the test shows little", partly, runs)
		}
		reset()
		file := files[rng.IntN(len(files))]
		delay := time.Duration(rng.Int64N(int64(5 * time.Millisecond)))
		fixAndKill(t, dir, file, delay)
		if old, fixed := states(t, dir, before, after); old > 0 && fixed > 0 {
			partly++
		}
		if t.Failed() {
			t.Fatalf("when it was killed %v after it wrote %s", delay, file)
		}
	}
	t.Logf("%d runs, %d of them killed with some files written and others not", runs, partly)
}

// fixAndKill runs hhvet -fix, and kills it some time after it has written file,
// unless it is done by then.
func fixAndKill(t *testing.T, dir, file string, delay time.Duration) {
	t.Helper()
	file = filepath.Join(dir, file)
	old, err := os.Stat(file)
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
	defer func() { <-done }()
	for {
		select {
		case <-done:
			return
		case <-time.After(100 * time.Microsecond):
		}
		if now, err := os.Stat(file); err == nil && !now.ModTime().Equal(old.ModTime()) {
			break
		}
	}
	time.Sleep(delay)
	_ = cmd.Process.Kill()
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
