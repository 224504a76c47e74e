// Package corpus is the test support for testdata/src, the module of real
// code that every driver of the analyzers is held to.
//
// A line with findings carries a comment in analysistest's form,
//
//	baggage.NewMember("project", p) // want `regexp` `regexp`
//
// and a file that fixes change has the result beside it, NAME.go.golden.
package corpus

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
)

// Root returns the root directory of the hhvet module, in which the working
// directory has to be.
func Root() string { return root() }

var root = sync.OnceValue(func() string {
	start, err := os.Getwd()
	if err != nil {
		panic(err)
	}
	for dir, last := start, ""; dir != last; dir, last = filepath.Dir(dir), dir {
		mod, _ := os.ReadFile(filepath.Join(dir, "go.mod"))
		if bytes.HasPrefix(mod, []byte("module github.com/honeyhiveai/hhvet\n")) {
			return dir
		}
	}
	panic(start + " is not in the module of hhvet")
})

// Dir returns the corpus's directory. All that the corpus imports is in the
// module cache afterwards: analysistest itself runs with the proxy off.
func Dir(t testing.TB) string {
	t.Helper()
	if err := download(); err != nil {
		t.Fatal(err)
	}
	return source()
}

func source() string { return filepath.Join(Root(), "testdata", "src") }

var download = sync.OnceValue(func() error {
	cmd := exec.Command("go", "list", "-buildvcs=false", "-deps", "-test", "./...")
	cmd.Dir = source()
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("load the corpus: %w\n%s", err, &stderr)
	}
	return nil
})

// Copy returns a copy of the corpus without its golden files, for a driver
// that writes to it.
func Copy(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	CopyTree(t, Dir(t), dir)
	return dir
}

// CopyTree copies the files below src to dst, except for golden files.
// Relative replacements in go.mod files go on to mean the same directories.
func CopyTree(t testing.TB, src, dst string) {
	t.Helper()
	src, err := filepath.Abs(src)
	if err != nil {
		t.Fatal(err)
	}
	err = filepath.WalkDir(src, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(src, path)
		if err != nil {
			return err
		}
		target := filepath.Join(dst, rel)
		switch {
		case d.IsDir():
			return os.MkdirAll(target, 0o777)
		case strings.HasSuffix(path, ".golden"):
			return nil
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if d.Name() == "go.mod" {
			data = absoluteReplacements(data, filepath.Dir(path))
		}
		return os.WriteFile(target, data, 0o666)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// WriteMod writes the go.mod and go.sum of a module to dir, one that can import
// what the corpus does.
func WriteMod(dir, module string) error {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	for _, name := range []string{"go.mod", "go.sum"} {
		data, err := os.ReadFile(filepath.Join(source(), name))
		if err != nil {
			return err
		}
		if name == "go.mod" {
			data = absoluteReplacements(data, source())
			data = bytes.Replace(data, []byte("module example.com/corpus\n"), []byte("module "+module+"\n"), 1)
		}
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o666); err != nil {
			return err
		}
	}
	return nil
}

var replacement = regexp.MustCompile(`=> (\.\.?/\S*|\.\.)`)

// absoluteReplacements lets a go.mod file of directory dir be moved.
func absoluteReplacements(mod []byte, dir string) []byte {
	return replacement.ReplaceAllFunc(mod, func(m []byte) []byte {
		return []byte("=> " + filepath.Join(dir, strings.TrimPrefix(string(m), "=> ")))
	})
}
