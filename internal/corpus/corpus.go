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
	"cmp"
	"fmt"
	"go/build"
	"go/scanner"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	textscanner "text/scanner"

	gocmp "github.com/google/go-cmp/cmp"
	"golang.org/x/tools/go/packages"
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
	cmd := exec.Command("go", "list", "-deps", "-test", "./...")
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

// Finding is what a driver reported.
type Finding struct {
	File    string // absolute, or relative to the corpus
	Line    int
	Message string
}

type place struct {
	file string
	line int
}

// Check reports to t each finding of a run over the corpus in dir that no
// want comment expects, and each that is missing.
func Check(t testing.TB, dir string, findings []Finding) {
	t.Helper()
	wants, err := expectations(dir)
	if err != nil {
		t.Fatal(err)
	}
	total := 0
	for _, rxs := range wants {
		total += len(rxs)
	}
	for _, f := range findings {
		if filepath.IsAbs(f.File) {
			rel, err := filepath.Rel(dir, f.File)
			if err != nil {
				t.Fatal(err)
			}
			f.File = rel
		}
		at := place{filepath.ToSlash(filepath.Clean(f.File)), f.Line}
		i := slices.IndexFunc(wants[at], func(rx *regexp.Regexp) bool { return rx.MatchString(f.Message) })
		if i < 0 {
			t.Errorf("%s:%d: unexpected finding: %s", at.file, at.line, f.Message)
			continue
		}
		wants[at] = slices.Delete(wants[at], i, i+1)
	}
	var missing []place
	for at, rxs := range wants {
		if len(rxs) > 0 {
			missing = append(missing, at)
		}
	}
	slices.SortFunc(missing, func(a, b place) int {
		return cmp.Or(cmp.Compare(a.file, b.file), cmp.Compare(a.line, b.line))
	})
	for _, at := range missing {
		for _, rx := range wants[at] {
			t.Errorf("%s:%d: nothing reported that matches %#q", at.file, at.line, rx)
		}
	}
	t.Logf("%d findings, %d expected", len(findings), total)
}

// CheckFixed reports to t each file of the fixed copy in dir that differs
// from its golden file, or from the corpus where it has none, and each
// package that no longer compiles.
func CheckFixed(t testing.TB, dir string) {
	t.Helper()
	src := source()
	files, goldens := 0, 0
	for _, rel := range goFiles(t, src) {
		want, err := os.ReadFile(filepath.Join(src, rel+".golden"))
		if err == nil {
			goldens++
		} else if want, err = os.ReadFile(filepath.Join(src, rel)); err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(filepath.Join(dir, rel))
		if err != nil {
			t.Fatal(err)
		}
		files++
		if diff := gocmp.Diff(string(want), string(got)); diff != "" {
			t.Errorf("%s after fixing (-want +got):\n%s", rel, diff)
		}
	}
	checkCompiles(t, dir)
	t.Logf("%d files, %d of them with a golden file", files, goldens)
}

// checkCompiles reports to t what the compiler says about the packages and
// tests below dir.
func checkCompiles(t testing.TB, dir string) {
	t.Helper()
	for _, mod := range modules(t, dir) {
		pkgs, err := packages.Load(&packages.Config{
			Dir:   mod,
			Tests: true,
			Mode: packages.NeedName | packages.NeedFiles | packages.NeedCompiledGoFiles | packages.NeedImports |
				packages.NeedTypes | packages.NeedSyntax | packages.NeedTypesInfo | packages.NeedExportFile,
		}, "./...")
		if err != nil {
			t.Fatal(err)
		}
		for _, pkg := range pkgs {
			for _, err := range pkg.Errors {
				t.Errorf("%s: %v", pkg.ID, err)
			}
		}
	}
}

// Snapshot returns the content of every file below dir by relative path.
func Snapshot(t testing.TB, dir string) map[string]string {
	t.Helper()
	files := make(map[string]string)
	for _, rel := range goFiles(t, dir) {
		data, err := os.ReadFile(filepath.Join(dir, rel))
		if err != nil {
			t.Fatal(err)
		}
		files[rel] = string(data)
	}
	return files
}

// modules returns the directories of the modules below dir, dir first.
func modules(t testing.TB, dir string) []string {
	t.Helper()
	var mods []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Name() == "go.mod" {
			mods = append(mods, filepath.Dir(path))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(mods)
	return mods
}

// goFiles returns the relative paths of the Go files below dir.
func goFiles(t testing.TB, dir string) []string {
	t.Helper()
	var files []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".go" {
			return err
		}
		rel, err := filepath.Rel(dir, path)
		files = append(files, rel)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// expectations returns the want comments of the files that this platform
// builds, in the module at dir.
func expectations(dir string) (map[place][]*regexp.Regexp, error) {
	wants := make(map[place][]*regexp.Regexp)
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if _, err := os.Stat(filepath.Join(path, "go.mod")); err == nil && path != dir {
				return filepath.SkipDir
			}
			return nil
		}
		if filepath.Ext(path) != ".go" {
			return nil
		}
		if match, err := build.Default.MatchFile(filepath.Dir(path), d.Name()); err != nil || !match {
			return err
		}
		rel, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		return expectationsOf(path, filepath.ToSlash(rel), wants)
	})
	return wants, err
}

func expectationsOf(path, rel string, wants map[place][]*regexp.Regexp) error {
	src, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	file := token.NewFileSet().AddFile(path, -1, len(src))
	var s scanner.Scanner
	s.Init(file, src, nil, scanner.ScanComments)
	for {
		pos, tok, lit := s.Scan()
		if tok == token.EOF {
			return nil
		}
		if tok != token.COMMENT {
			continue
		}
		text := strings.TrimSuffix(strings.TrimLeft(lit, "/*"), "*/")
		if i := strings.Index(lit, "// want"); i >= 0 {
			text = lit[i+len("// "):]
		}
		text, ok := strings.CutPrefix(strings.TrimSpace(text), "want")
		if !ok {
			continue
		}
		delta, rxs, err := parse(text)
		if err != nil {
			return fmt.Errorf("%s:%d: %w", rel, file.Line(pos), err)
		}
		at := place{rel, file.Line(pos) + delta}
		wants[at] = append(wants[at], rxs...)
	}
}

// parse reads what follows "want": an optional line offset and regular
// expressions. Those with a name in front expect facts, which only
// analysistest can see.
func parse(text string) (delta int, rxs []*regexp.Regexp, err error) {
	var s textscanner.Scanner
	s.Init(strings.NewReader(text))
	s.Mode = textscanner.ScanIdents | textscanner.ScanStrings | textscanner.ScanRawStrings | textscanner.ScanInts
	s.Error = func(_ *textscanner.Scanner, msg string) { err = fmt.Errorf("in a want comment: %s", msg) }
	fact := false
	for tok := s.Scan(); tok != textscanner.EOF && err == nil; tok = s.Scan() {
		switch tok {
		case '+':
			s.Scan()
			if delta, err = strconv.Atoi(s.TokenText()); err != nil {
				return 0, nil, fmt.Errorf("in a want comment: line offset: %w", err)
			}
		case textscanner.Ident:
			fact = true
		case ':':
		case textscanner.String, textscanner.RawString:
			pattern, err := strconv.Unquote(s.TokenText())
			if err != nil {
				return 0, nil, fmt.Errorf("in a want comment: %w", err)
			}
			rx, err := regexp.Compile(pattern)
			if err != nil {
				return 0, nil, fmt.Errorf("in a want comment: %w", err)
			}
			if !fact {
				rxs = append(rxs, rx)
			}
			fact = false
		default:
			return delta, rxs, err
		}
	}
	return delta, rxs, err
}
