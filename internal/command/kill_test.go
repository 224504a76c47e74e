//go:build unix

package command_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
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
	fix := func(limit time.Duration) (killed bool, took time.Duration) {
		cmd := exec.Command("hhvet", "-fix", "./...")
		cmd.Dir = dir
		start := time.Now()
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		timer := time.AfterFunc(limit, func() { cmd.Process.Kill() })
		defer timer.Stop()
		err := cmd.Wait()
		return err != nil, time.Since(start)
	}

	reset()
	if killed, _ := fix(time.Minute); killed {
		t.Fatal("hhvet -fix fails when it is left alone")
	}
	if old, _ := states(t, dir, before, after); old > 0 {
		t.Fatalf("%d files are not fixed when it is left alone", old)
	}
	reset()
	_, took := fix(time.Minute)

	rng := rand.New(rand.NewPCG(1, 2))
	partly, done := 0, 0
	for done < kills {
		reset()
		// Most of the time goes into listing; files are written at the end.
		limit := time.Duration((0.4 + 0.7*rng.Float64()) * float64(took))
		killed, ran := fix(limit)
		if !killed {
			took = ran
			continue
		}
		done++
		old, fixed := states(t, dir, before, after)
		if old > 0 && fixed > 0 {
			partly++
		}
		if t.Failed() {
			t.Fatalf("after kill %d, %v after its start", done, limit)
		}
	}
	t.Logf("%d kills, %d of them with some files written and others not", done, partly)
	if partly == 0 {
		t.Error("no kill hit the writing of files; the test shows nothing")
	}
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
