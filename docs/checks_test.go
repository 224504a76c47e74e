package docs_test

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"go/types"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/honeyhiveai/hhvet/analyzer"
	"github.com/honeyhiveai/hhvet/internal/corpus"
	"github.com/honeyhiveai/hhvet/internal/exectest"
	"github.com/honeyhiveai/hhvet/internal/markdown"
)

// What the snippets of the checks' pages use without showing it. Package
// telemetry is in testdata/telemetry.
var (
	snippetVars = map[string]string{
		"ctx":      "context.Context",
		"tracer":   "*honeyhive.Tracer",
		"acme":     "*honeyhive.Tracer",
		"globex":   "*honeyhive.Tracer",
		"usage":    "honeyhive.Metrics",
		"metadata": "map[string]any",
		"items":    "map[string]string",
		"req":      "*http.Request",
		"span":     "trace.Span",
		"answer":   "string",
		"id":       "string",
		"key":      "string",
		"name":     "string",
		"prompt":   "string",
		"region":   "string",
		"run":      "string",
		"session":  "string",
		"token":    "string",
		"tenants":  "map[string]*honeyhive.Tracer",

		"tracerProject": "string",
	}
	snippetImports = map[string]string{
		"attribute":   "go.opentelemetry.io/otel/attribute",
		"baggage":     "go.opentelemetry.io/otel/baggage",
		"baggagecopy": "go.opentelemetry.io/contrib/processors/baggagecopy",
		"cmp":         "cmp",
		"context":     "context",
		"honeyhive":   "github.com/honeyhiveai/hhvet/honeyhive",
		"http":        "net/http",
		"opentracing": "github.com/opentracing/opentracing-go",
		"propagation": "go.opentelemetry.io/otel/propagation",
		"slices":      "slices",
		"telemetry":   "example.com/corpus/pages/telemetry",
		"trace":       "go.opentelemetry.io/otel/trace",
	}
)

// A snippet is a part of a code block on a check's page, below a line that
// says what hhvet makes of it.
type snippet struct {
	page    string // the analyzer
	section string // the heading above
	verdict string // bad, good or silenced
	code    string
	good    *snippet // directly below a bad one, in the same block

	dir     string          // of the package that it becomes
	isDecls bool            // declarations, not statements
	uses    map[string]bool // names that it does not declare
	unused  []string        // variables that it declares only
}

func (s *snippet) String() string {
	return fmt.Sprintf("checks/%s.md, %s:\n// %s\n%s", s.page, s.section, s.verdict, s.code)
}

const endOfHelp = "<!-- End of the text of hhvet help. -->\n"

var (
	verdictLine     = regexp.MustCompile(`^// (bad|good|silenced)\n$`)
	categoryHeading = regexp.MustCompile(`(?m)^## (\S+)$`)
	typePackage     = regexp.MustCompile(`(\w+)\.`)
	ignoreDirective = regexp.MustCompile(`[ \t]*//hhvet:ignore (\w+).*`)
)

// readSnippets returns the snippets of an analyzer's page, and the categories
// that it describes: the headings of one word in the text of "hhvet help".
func readSnippets(t *testing.T, page string) (snippets []*snippet, categories []string) {
	t.Helper()
	text := read(t, "checks", page+".md")
	inFence := false
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "```") {
			inFence = !inFence
		} else if !inFence && (line[0] == '\t' || strings.HasPrefix(line, "    ")) {
			t.Errorf("checks/%s.md: code outside of a fence: %s", page, line)
		}
	}
	help, _, _ := strings.Cut(text, endOfHelp)
	for _, m := range categoryHeading.FindAllStringSubmatch(help, -1) {
		categories = append(categories, m[1])
	}
	blocks, _ := markdown.Parse(text)
	for _, b := range blocks {
		var last *snippet
		for line := range strings.Lines(b.Text) {
			if m := verdictLine.FindStringSubmatch(line); m != nil {
				s := &snippet{page: page, section: b.Section, verdict: m[1]}
				s.dir = fmt.Sprintf("%s/s%d%s", page, len(snippets), s.verdict)
				if last != nil && last.verdict == "bad" && s.verdict == "good" {
					last.good = s
				}
				snippets = append(snippets, s)
				last = s
			} else if last != nil {
				last.code += line
			} else {
				t.Fatalf("checks/%s.md, %s: a block begins with // bad, // good or // silenced:\n%s", page, b.Section, b.Text)
			}
		}
	}
	for _, s := range snippets {
		s.code = strings.TrimSpace(s.code) + "\n"
		s.parse(t)
	}
	return snippets, categories
}

func (s *snippet) parse(t *testing.T) {
	t.Helper()
	if formatted, err := format.Source([]byte(s.code)); err != nil {
		t.Fatalf("%v\n%v", err, s)
	} else if string(formatted) != s.code {
		t.Errorf("gofmt would change: %v", s)
	}
	f, err := parser.ParseFile(token.NewFileSet(), "", "package p\n"+s.code, 0)
	s.isDecls = err == nil
	if !s.isDecls {
		if f, err = parser.ParseFile(token.NewFileSet(), "", "package p\nfunc _() {\n"+s.code+"}", 0); err != nil {
			t.Fatalf("%v\n%v", err, s)
		}
	}
	s.uses = make(map[string]bool)
	for _, id := range f.Unresolved {
		switch name := id.Name; {
		case types.Universe.Lookup(name) != nil:
		case snippetImports[name] == "" && (s.isDecls || snippetVars[name] == ""):
			t.Errorf("nobody knows %s in %v", name, s)
		default:
			s.uses[name] = true
		}
	}
	if s.isDecls {
		return
	}
	body := f.Decls[0].(*ast.FuncDecl).Body
	times := make(map[string]int)
	ast.Inspect(body, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			times[id.Name]++
		}
		return true
	})
	for _, stmt := range body.List {
		assign, ok := stmt.(*ast.AssignStmt)
		if !ok || assign.Tok != token.DEFINE {
			continue
		}
		for _, lhs := range assign.Lhs {
			if id := lhs.(*ast.Ident); times[id.Name] == 1 && id.Name != "_" {
				s.unused = append(s.unused, id.Name)
			}
		}
	}
}

const (
	beginSnippet = "\n// A snippet begins.\n\n"
	endSnippet   = "\n// A snippet ends.\n"
)

// source returns the Go file that a snippet becomes. Statements become a
// function's. What they use is a parameter, and so is what the good code below
// uses, since a fix needs it at hand. The result is the context that they
// leave.
func (s *snippet) source() string {
	imports, vars := make(map[string]bool), map[string]bool{"ctx": true}
	for name := range s.uses {
		if snippetImports[name] != "" {
			imports[name] = true
		} else {
			vars[name] = true
		}
	}
	if s.good != nil {
		for name := range s.good.uses {
			if snippetVars[name] != "" {
				vars[name] = true
			}
		}
	}
	var params []string
	if !s.isDecls {
		for _, name := range slices.Sorted(maps.Keys(vars)) {
			params = append(params, name+" "+snippetVars[name])
			if m := typePackage.FindStringSubmatch(snippetVars[name]); m != nil {
				imports[m[1]] = true
			}
		}
	}

	var b strings.Builder
	b.WriteString("package snippet\n\nimport (\n")
	for _, name := range slices.Sorted(maps.Keys(imports)) {
		fmt.Fprintf(&b, "\t%s %q\n", name, snippetImports[name])
	}
	b.WriteString(")\n")
	if s.isDecls {
		b.WriteString(beginSnippet + s.code + endSnippet)
		return b.String()
	}
	fmt.Fprintf(&b, "\nfunc snippet(%s) (context.Context, error) {\n%s%s%s", strings.Join(params, ", "), beginSnippet, s.code, endSnippet)
	for _, name := range s.unused {
		fmt.Fprintf(&b, "\t_ = %s\n", name)
	}
	b.WriteString("\treturn ctx, nil\n}\n")
	return b.String()
}

// diagnostic is a finding as hhvet -format json prints it.
type diagnostic struct {
	analyzer       string
	Category       string
	Posn, Message  string
	SuggestedFixes []struct{ Message string } `json:"suggested_fixes"`
}

// category is a kind of an analyzer's findings, and a section of its page.
type category struct{ page, name string }

// runHHVet returns hhvet's findings by package. It runs on a module in dir.
func runHHVet(t *testing.T, exe, dir string, args ...string) map[string][]diagnostic {
	t.Helper()
	out := exectest.Run(t, dir, 3, exe, append([]string{"-format", "json"}, args...)...).Stdout
	var packages map[string]map[string][]diagnostic
	if err := json.Unmarshal([]byte(out), &packages); err != nil {
		t.Fatalf("decode: %v\n%s", err, out)
	}
	found := make(map[string][]diagnostic)
	for pkg, analyzers := range packages {
		for name, diagnostics := range analyzers {
			for _, d := range diagnostics {
				d.analyzer = name
				found[pkg] = append(found[pkg], d)
			}
		}
	}
	return found
}

const snippetPkgs = "example.com/corpus/pages/"

// Every snippet of the checks' pages is what the line above it says: hhvet
// reports a bad one in the category below whose heading it stands and in no
// other, a good or silenced one not at all, and where it has a fix, the fix of
// a bad one gives the good one. Every category has both.
func TestSnippets(t *testing.T) {
	var snippets []*snippet
	described := make(map[category]bool)
	for _, a := range analyzer.Suite() {
		onPage, names := readSnippets(t, a.Name)
		snippets = append(snippets, onPage...)
		for _, name := range names {
			described[category{a.Name, name}] = true
		}
	}
	if t.Failed() {
		return
	}
	dir := corpus.Copy(t)
	writeSnippets(t, filepath.Join(dir, "pages"), snippets)
	exe := exectest.Build(t, corpus.Root(), "./cmd/hhvet")
	found := runHHVet(t, exe, dir, "./...")
	for c, flag := range optional {
		maps.Copy(found, runHHVet(t, exe, dir, append([]string{flag}, patterns(snippets, c)...)...))
	}

	// The categories there are, are those of the corpus. Some can be fixed.
	categories := make(map[category]bool)
	for pkg, ds := range found {
		for _, d := range ds {
			if !strings.HasPrefix(pkg, snippetPkgs) {
				c := category{d.analyzer, d.Category}
				categories[c] = categories[c] || hasFix(d)
			}
		}
	}
	for c := range optional {
		categories[c] = true
	}
	for c := range described {
		if _, ok := categories[c]; !ok {
			t.Errorf("checks/%s.md: the corpus has no finding in category %s", c.page, c.name)
		}
	}
	fixed := checkVerdicts(t, snippets, found, categories)
	for c, flag := range optional {
		exectest.Run(t, dir, 0, exe, append([]string{"-fix", flag}, patterns(snippets, c)...)...)
	}
	checkFixes(t, exe, dir, fixed)
	checkLimits(t, filepath.Join(dir, "pages", "limits", "limits.go"), found)
	checkStory(t, found)
	t.Logf("%d snippets, %d of them fixed, in %d categories", len(snippets), len(fixed), len(categories))
}

// optional are the categories that a flag turns on. The corpus is analysed
// without it.
var optional = map[category]string{{"deprecatedenrich", "assumed"}: "-deprecatedenrich.assume"}

// patterns returns the packages of the snippets of a category.
func patterns(snippets []*snippet, c category) []string {
	var out []string
	for _, s := range snippets {
		if (category{s.page, s.section}) == c {
			out = append(out, "./pages/"+s.dir)
		}
	}
	return out
}

// writeSnippets writes each snippet as a package below dir, and a silenced one
// another time without the comments that silence it.
func writeSnippets(t *testing.T, dir string, snippets []*snippet) {
	t.Helper()
	for _, name := range []string{"telemetry", "limits"} {
		corpus.CopyTree(t, filepath.Join("testdata", name), filepath.Join(dir, name))
	}
	write := func(name, src string) {
		file := filepath.Join(dir, filepath.FromSlash(name), "snippet.go")
		if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(src), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	for _, s := range snippets {
		src := s.source()
		write(s.dir, src)
		if s.verdict == "silenced" {
			write(s.dir+"/loud", ignoreDirective.ReplaceAllString(src, ""))
		}
	}
}

func hasFix(d diagnostic) bool { return len(d.SuggestedFixes) > 0 }

// checkVerdicts compares what is found in the snippets with what the page
// says, and returns the bad ones that have a fix. The categories are true
// where there are fixes.
func checkVerdicts(t *testing.T, snippets []*snippet, found map[string][]diagnostic, categories map[category]bool) (fixed []*snippet) {
	t.Helper()
	count := make(map[category]map[string]int)
	for c := range categories {
		count[c] = make(map[string]int)
	}
	for _, s := range snippets {
		ds := found[snippetPkgs+s.dir]
		c := category{s.page, s.section}
		_, isCategory := categories[c]
		if isCategory {
			count[c][s.verdict]++
		}
		switch s.verdict {
		case "bad":
			if len(ds) == 0 {
				t.Errorf("not reported: %v", s)
			}
			for _, d := range ds {
				if d.analyzer != s.page || isCategory && d.Category != s.section {
					t.Errorf("reported in another category: %v%s: %s (%s)", s, d.Category, d.Message, d.analyzer)
				}
			}
			if s.good == nil {
				t.Errorf("has no good code below it: %v", s)
			} else if slices.ContainsFunc(ds, hasFix) {
				fixed = append(fixed, s)
				if isCategory {
					count[c]["fixed"]++
				}
			}
			continue
		case "silenced":
			directives := ignoreDirective.FindAllStringSubmatch(s.code, -1)
			for _, m := range directives {
				if !slices.ContainsFunc(found[snippetPkgs+s.dir+"/loud"], func(d diagnostic) bool { return d.analyzer == m[1] }) {
					t.Errorf("%s would report nothing: %v", m[1], s)
				}
			}
			if len(directives) == 0 {
				t.Errorf("nothing silences anything: %v", s)
			}
		}
		for _, d := range ds {
			t.Errorf("reported: %v%s: %s (%s)", s, d.Category, d.Message, d.analyzer)
		}
	}
	for c, canFix := range categories {
		if n := count[c]; n["bad"] == 0 || n["good"] == 0 {
			t.Errorf("checks/%s.md, %s: %d bad and %d good snippets, want some of both", c.page, c.name, n["bad"], n["good"])
		} else if canFix && n["fixed"] == 0 {
			t.Errorf("checks/%s.md, %s: no bad snippet that hhvet can fix", c.page, c.name)
		}
	}
	return fixed
}

// checkFixes compares what fixes make of bad snippets with the good ones.
func checkFixes(t *testing.T, exe, dir string, fixed []*snippet) {
	t.Helper()
	exectest.Run(t, dir, 3, exe, "-fix", "./pages/...") // some are for a person
	for _, s := range fixed {
		src := read(t, dir, "pages", filepath.FromSlash(s.dir), "snippet.go")
		_, rest, _ := strings.Cut(src, beginSnippet)
		code, _, ok := strings.Cut(rest, endSnippet)
		got, err := format.Source([]byte(code))
		if !ok || err != nil {
			t.Errorf("%v\n%s", err, src)
		} else if !slices.Equal(strings.Fields(string(got)), strings.Fields(s.good.code)) {
			t.Errorf("the fix gives something else: %v(-page +fixed):\n%s", s, cmp.Diff(s.good.code, string(got)))
		}
	}
}
