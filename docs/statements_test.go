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
	"time"

	"github.com/honeyhiveai/hhvet/internal/corpus"
	"github.com/honeyhiveai/hhvet/internal/markdown"
)

// What the performance page says is measured; TestPerformanceCommands knows its
// commands.
var elsewhere = regexp.MustCompile(`^docs/performance\.md$`)

// tie is a line of statements.txt.
type tie struct {
	line     int
	fragment string   // of a statement, or "rows of HEADING", or the name of a code block
	to       []string // tests; or one of definition, advice, measured DATE, checked DATE
}

// readTies returns the ties in statements.txt by document.
func readTies(t *testing.T) map[string][]tie {
	t.Helper()
	ties := make(map[string][]tie)
	document, n := "", 0
	for line := range strings.Lines(read(t, "statements.txt")) {
		n++
		line = strings.TrimRight(line, "\n")
		switch fragment, to, ok := strings.Cut(strings.TrimPrefix(line, "\t"), " => "); {
		case line == "" || line[0] == '#':
		case line[0] != '\t':
			document = line
		case !ok || document == "":
			t.Fatalf("statements.txt:%d: want a fragment, \" => \" and tests", n)
		default:
			kind, _, _ := strings.Cut(to, " ")
			list := strings.Fields(to)
			if kind == "measured" || kind == "checked" {
				list = []string{to}
			}
			ties[document] = append(ties[document], tie{n, fragment, list})
		}
	}
	return ties
}

// Every statement and every code block of the documents is tied to the test
// that would fail if it were not so, and every tie to a statement or block that
// is there.
func TestStatements(t *testing.T) {
	ties := readTies(t)
	statements, blocks := 0, 0
	for _, document := range documents(t) {
		if elsewhere.MatchString(document) {
			continue
		}
		page := read(t, corpus.Root(), document)
		code, paragraphs := markdown.Parse(page)
		held := make(map[string]bool) // blocks
		covered := make([]map[int]bool, len(paragraphs))
		for i := range covered {
			covered[i] = make(map[int]bool)
		}
		for _, e := range ties[document] {
			found := false
			for _, b := range code {
				if b.String() == e.fragment {
					held[e.fragment], found = true, true
					checkReadBy(t, document, b, e)
				}
			}
			for i, p := range paragraphs {
				first, last, ok := p.Find(e.fragment)
				if section, rows := strings.CutPrefix(e.fragment, "rows of "); rows {
					ok = p.Row && p.Section == section
				}
				for n := first; ok && n <= last; n++ {
					covered[i][n], found = true, true
				}
			}
			if !found {
				t.Errorf("statements.txt:%d: %s does not say %q", e.line, document, e.fragment)
			}
			for _, to := range e.to {
				if why := unknownTie(t, page, to); why != "" {
					t.Errorf("statements.txt:%d: %s", e.line, why)
				}
			}
		}
		delete(ties, document)

		for _, b := range code {
			blocks++
			// TestSnippets runs those of the checks' pages, each of them.
			if !held[b.String()] && !strings.HasPrefix(document, "docs/checks/") {
				t.Errorf("%s: nobody runs the block %s, below %q", document, b, b.Section)
			}
		}
		for i, p := range paragraphs {
			for n, sentence := range p.Sentences() {
				statements++
				if !covered[i][n] && !namesTest(t, sentence) && says(sentence) {
					t.Errorf("%s: no test is named for: %s", document, sentence)
				}
			}
		}
	}
	for document := range ties {
		t.Errorf("statements.txt: there is no document %s", document)
	}
	t.Logf("%d statements, %d code blocks", statements, blocks)
}

// documents returns the paths of all documents, relative to the root.
func documents(t *testing.T) []string {
	t.Helper()
	var out []string
	root := corpus.Root()
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (strings.HasPrefix(d.Name(), ".") && name != root || d.Name() == "testdata") {
			return filepath.SkipDir
		}
		if filepath.Ext(name) == ".md" {
			rel, err := filepath.Rel(root, name)
			if err != nil {
				return err
			}
			out = append(out, filepath.ToSlash(rel))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// A test that runs a block has to read the document.
func checkReadBy(t *testing.T, document string, b markdown.Block, e tie) {
	t.Helper()
	if b.Lang == "text" {
		return
	}
	for _, to := range e.to {
		if test, ok := lookUp(t, to); ok && strings.Contains(test.file, path.Base(document)+`"`) {
			return
		}
	}
	t.Errorf("statements.txt:%d: %s is not read by %s", e.line, document, strings.Join(e.to, " or "))
}

var (
	days     = []string{"2 January 2006", "January 2006"}
	testName = regexp.MustCompile("`((?:[a-z/]+\\.)?(?:Test|Fuzz|Example)[A-Z]\\w*(?:/[^`]*)?)`")
	links    = regexp.MustCompile(`\[[^\]]*\]\([^)]*\)`)
	letters  = regexp.MustCompile(`\pL`)
)

// unknownTie says what is wrong with what a statement is tied to.
func unknownTie(t *testing.T, page, to string) string {
	kind, date, _ := strings.Cut(to, " ")
	switch kind {
	case "definition", "advice":
		return ""
	case "measured", "checked":
		day, err := time.Parse(time.DateOnly, date)
		if err != nil {
			return err.Error()
		}
		// Whoever reads the document has to see it, too.
		text := strings.Join(strings.Fields(page), " ")
		if !slices.ContainsFunc(days, func(layout string) bool { return strings.Contains(text, day.Format(layout)) }) {
			return "the document does not say " + day.Format(days[0])
		}
		return ""
	}
	if _, ok := lookUp(t, to); !ok {
		return "there is no test " + to
	}
	return ""
}

// namesTest reports whether a sentence itself names its test. A name without a
// test is an error.
func namesTest(t *testing.T, sentence string) bool {
	t.Helper()
	names := testName.FindAllStringSubmatch(sentence, -1)
	for _, m := range names {
		if _, ok := lookUp(t, m[1]); !ok {
			t.Errorf("there is no test %s, which is to show: %s", m[1], sentence)
		}
	}
	return len(names) > 0
}

// says reports whether there is more to a sentence than links.
func says(sentence string) bool {
	return letters.MatchString(links.ReplaceAllString(sentence, ""))
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

// The numbers that the documents give are those of the tests.
func TestNumbers(t *testing.T) {
	for _, tt := range []struct{ document, statement, test, code string }{
		{"CONTRIBUTING.md", "2,100 generated programs", "internal/equivalence.TestGenerated", `"programs", 700, "generated programs of each of the three groups"`},
		{"docs/corpus.md", "writes 1,200 functions", "passes/globalbaggage.TestGenerated", "generate(t, *seed, 1200)"},
		{"docs/isolation.md", "32 goroutines, two tenants", "honeyhive.TestIsolationUnderConcurrency", "goroutines, rounds = 32,"},
		{"docs/isolation.md", "100 tracers, 100 goroutines each", "honeyhive.TestManyTracers", "tracers, goroutines = 100, 100"},
		{"docs/isolation.md", "of 1000 spans each", "honeyhive.TestNothingIsLostWhileTheBackendRecovers", "const n = 1000"},
		{"docs/isolation.md", "| 500, 502, 503, 504 or 429, twice |", "honeyhive.TestNothingIsLostWhileTheBackendRecovers", "otlp, 2"},
		{"docs/isolation.md", "| 500 five times for the same batch", "honeyhive.TestRefusedSpansAreCounted", "honeyhive.Stats{Failed: 10}, 5}"},
		{"docs/isolation.md", "while 5000 spans end, queue of 100", "honeyhive.TestLongOutage", "queue, batch, n = 100, 10, 5000"},
		{"docs/isolation.md", "last eight injecting tracers", "honeyhive.TestInjectIsBounded", "n != 8"},
		{"docs/experiments.md", "32 questions", "evaluate.TestEvaluate", "n != 32"},
		{"docs/golangci-lint.md", "no more than three findings", "golangci-plugin/golangci-lint.TestCustom", "n != 3"},
		{"docs/bazel.md", "rules_go v0.65.0", "analyzer.TestNogo", "rules_go@v0.65.0"},
	} {
		page := strings.Join(strings.Fields(read(t, corpus.Root(), tt.document)), " ")
		if !strings.Contains(page, tt.statement) {
			t.Errorf("%s does not say %q", tt.document, tt.statement)
		}
		f, ok := lookUp(t, tt.test)
		if !ok || !strings.Contains(f.body, tt.code) && !strings.Contains(f.file, tt.code) {
			t.Errorf("%s: %q is not what %s tests", tt.document, tt.statement, tt.test)
		}
	}
}

// A row of the isolation page with ↔ is tested with the tenants' tracers made
// in either order, and a row without it is not.
func TestEitherOrder(t *testing.T) {
	named := regexp.MustCompile("(↔ )?`(Test\\w+)[^`]*`").FindAllStringSubmatch(read(t, "isolation.md"), -1)
	if len(named) < 100 {
		t.Errorf("the page names %d tests", len(named))
	}
	for _, m := range named {
		f, ok := lookUp(t, "honeyhive."+m[2])
		if !ok {
			continue // a test of another package's
		}
		if either := strings.Contains(f.body, "eachOrder("); either != (m[1] != "") {
			t.Errorf("%s: both orders: %t, the page says %t", m[2], either, m[1] != "")
		}
	}
}

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
