package corpus

import (
	"cmp"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"golang.org/x/tools/go/packages"
)

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
