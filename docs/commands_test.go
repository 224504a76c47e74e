package docs_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/honeyhiveai/hhvet/internal/corpus"
	"github.com/honeyhiveai/hhvet/internal/markdown"
)

// A package that a command of the documents tests is there, and so are the
// tests, benchmarks and flags that it names.
func TestNamedTests(t *testing.T) {
	command := regexp.MustCompile(`go test ([^` + "`" + `\n]*)`)
	flags := regexp.MustCompile(`-(run|bench)[ =]('[^']*'|\S+)`)
	own := regexp.MustCompile(` -(update|seed|programs|keep)\b`)
	count := 0
	for _, document := range documents(t) {
		for _, m := range command.FindAllStringSubmatch(read(t, corpus.Root(), document), -1) {
			dirs := packageDirs(t, m[1])
			if len(dirs) == 0 {
				t.Errorf("%s: go test %s: there is no such package", document, m[1])
			}
			for _, f := range own.FindAllStringSubmatch(m[1], -1) {
				if !slices.ContainsFunc(dirs, func(dir string) bool { return hasFlag(t, dir, f[1]) }) {
					t.Errorf("%s: go test %s: the tests have no flag -%s", document, m[1], f[1])
				}
			}
			for _, f := range flags.FindAllStringSubmatch(m[1], -1) {
				for pattern := range strings.SplitSeq(strings.Trim(f[2], "'"), "|") {
					if pattern == "^$" {
						continue
					}
					count++
					if !slices.ContainsFunc(dirs, func(dir string) bool { return hasTest(t, dir, pattern) }) {
						t.Errorf("%s: go test %s: no test matches %s", document, m[1], pattern)
					}
				}
			}
		}
	}
	t.Logf("%d tests and benchmarks are named in commands", count)
}

// Each command of the performance page runs something that is there.
func TestPerformanceCommands(t *testing.T) {
	blocks, _ := markdown.Parse(read(t, "performance.md"))
	bench := read(t, corpus.Root(), "internal", "bench", "main.go")
	for _, b := range blocks {
		for _, line := range b.Lines() {
			args, isBench := strings.CutPrefix(line, "go run ./internal/bench")
			if !isBench {
				if !strings.HasPrefix(line, "go test ") { // see TestNamedTests
					t.Errorf("below %q: nobody runs %s", b.Section, line)
				}
				continue
			}
			for _, name := range regexp.MustCompile(` -(\w+)`).FindAllStringSubmatch(args, -1) {
				if !strings.Contains(bench, `("`+name[1]+`"`) {
					t.Errorf("internal/bench has no flag -%s", name[1])
				}
			}
		}
	}
}

// packageDirs returns the directories of the repository that the package
// patterns among the arguments name.
func packageDirs(t *testing.T, args string) []string {
	t.Helper()
	var dirs []string
	base := corpus.Root()
	fields := strings.Fields(args)
	for i, arg := range fields {
		if i > 0 && fields[i-1] == "-C" {
			base = filepath.Join(base, filepath.FromSlash(arg))
		}
		if !strings.HasPrefix(arg, ".") {
			continue
		}
		dir := filepath.Join(base, filepath.FromSlash(strings.TrimSuffix(arg, "...")))
		if _, err := os.Stat(dir); err != nil {
			t.Errorf("%s: %v", arg, err)
			continue
		}
		rel, err := filepath.Rel(corpus.Root(), dir)
		if err != nil {
			t.Fatal(err)
		}
		dirs = append(dirs, filepath.ToSlash(rel))
	}
	return dirs
}

func hasFlag(t *testing.T, dir, name string) bool {
	t.Helper()
	all, err := tests()
	if err != nil {
		t.Fatal(err)
	}
	defined := regexp.MustCompile(`flag\.\w+\("` + name + `"`)
	for _, list := range all {
		if slices.ContainsFunc(list, func(f test) bool { return f.dir == dir && defined.MatchString(f.file) }) {
			return true
		}
	}
	return false
}

func hasTest(t *testing.T, dir, pattern string) bool {
	t.Helper()
	all, err := tests()
	if err != nil {
		t.Fatal(err)
	}
	rx, err := regexp.Compile(pattern)
	if err != nil {
		t.Fatal(err)
	}
	for name, list := range all {
		if rx.MatchString(name) && slices.ContainsFunc(list, func(f test) bool { return dir == "." || f.dir == dir || strings.HasPrefix(f.dir, dir+"/") }) {
			return true
		}
	}
	return false
}

// test is a function of a _test.go file.
type test struct {
	dir, name string
	body      string
	file      string // the text of its file
}

// tests returns the tests of all modules of the repository by name.
var tests = sync.OnceValues(func() (map[string][]test, error) {
	all := make(map[string][]test)
	root := corpus.Root()
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == ".git" || d.Name() == "testdata") {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(name, "_test.go") {
			return nil
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		fset := token.NewFileSet()
		file, err := parser.ParseFile(fset, name, text, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		dir, err := filepath.Rel(root, filepath.Dir(name))
		if err != nil {
			return err
		}
		for _, decl := range file.Decls {
			if fn, ok := decl.(*ast.FuncDecl); ok && fn.Recv == nil {
				body := string(text[fset.Position(fn.Pos()).Offset:fset.Position(fn.End()).Offset])
				all[fn.Name.Name] = append(all[fn.Name.Name], test{filepath.ToSlash(dir), fn.Name.Name, body, string(text)})
			}
		}
		return nil
	})
	return all, err
})

// lookUp finds a test by a name like TestX, package.TestX or
// path/package.TestX/subtest. A subtest is one whose name stands in the test, or
// the script of that name; an ellipsis at its end stands for any text.
func lookUp(t *testing.T, name string) (test, bool) {
	t.Helper()
	all, err := tests()
	if err != nil {
		t.Fatal(err)
	}
	pkg := ""
	if i := strings.Index(name, "."); i >= 0 && !strings.Contains(name[:i], "Test") {
		pkg, name = name[:i], name[i+1:]
	}
	name, sub, _ := strings.Cut(name, "/")
	sub, _ = strings.CutSuffix(strings.ReplaceAll(sub, "_", " "), "…")
	for _, f := range all[name] {
		if pkg != "" && f.dir != pkg && path.Base(f.dir) != pkg {
			continue
		}
		script := filepath.Join(corpus.Root(), filepath.FromSlash(f.dir), "testdata", strings.ReplaceAll(sub, " ", "_")+".txtar")
		if _, err := os.Stat(script); err == nil && sub != "" {
			return f, true
		}
		if sub == "" || strings.Contains(f.body, `"`+sub) {
			return f, true
		}
	}
	return test{}, false
}

// The tests that the documents name are there.
func TestTestsOfDocuments(t *testing.T) {
	name := regexp.MustCompile(`^([\w/]+\.)?(Test|Fuzz|Benchmark|Example)\w*(/\S+)?$`)
	count := 0
	for _, document := range documents(t) {
		for _, span := range codeSpans(read(t, corpus.Root(), document)) {
			if !name.MatchString(span) {
				continue
			}
			count++
			if _, ok := lookUp(t, span); !ok {
				t.Errorf("%s: there is no test %s", document, span)
			}
		}
	}
	if count < 50 {
		t.Errorf("the documents name %d tests", count)
	}
}
