package docs_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"go/types"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/go/analysis"

	"github.com/honeyhiveai/hhvet/analyzer"
	"github.com/honeyhiveai/hhvet/internal/corpus"
	"github.com/honeyhiveai/hhvet/internal/equivalence"
	"github.com/honeyhiveai/hhvet/internal/markdown"
	"github.com/honeyhiveai/hhvet/internal/tracekey"
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
// function's, with the given variables as parameters. Its result is the
// context that they leave.
func (s *snippet) source(vars map[string]bool) string {
	imports := make(map[string]bool)
	for name := range s.uses {
		if snippetImports[name] != "" {
			imports[name] = true
		}
	}
	var params []string
	if !s.isDecls {
		for _, name := range slices.Sorted(maps.Keys(vars)) {
			params = append(params, name+" "+snippetVars[name])
			if pkg, _, ok := strings.Cut(strings.TrimLeft(snippetVars[name], "*"), "."); ok {
				imports[pkg] = true
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

// runHHVet returns hhvet's findings by package. It runs on a module in dir.
func runHHVet(t *testing.T, exe, dir string) map[string][]diagnostic {
	t.Helper()
	cmd := exec.Command(exe, "-format", "json", "./...")
	cmd.Dir = dir
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, _ := cmd.Output()
	if cmd.ProcessState.ExitCode() != 3 {
		t.Fatalf("hhvet: %v\n%s", cmd.ProcessState, &stderr)
	}
	var packages map[string]map[string][]diagnostic
	if err := json.Unmarshal(out, &packages); err != nil {
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

// Every snippet of the checks' pages is what the line above it says: hhvet
// reports a bad one in the category below whose heading it stands and in no
// other, a good or silenced one not at all, and where it has a fix, the fix of
// a bad one gives the good one. Every category has both.
func TestSnippets(t *testing.T) {
	const pages = "example.com/corpus/pages/"
	dir := corpus.Copy(t)
	for _, name := range []string{"telemetry", "limits"} {
		corpus.CopyTree(t, filepath.Join("testdata", name), filepath.Join(dir, "pages", name))
	}

	var all []*snippet
	headings := make(map[string][]string)
	for _, a := range analyzer.Suite() {
		var snippets []*snippet
		snippets, headings[a.Name] = readSnippets(t, a.Name)
		all = append(all, snippets...)
	}
	if t.Failed() {
		return
	}
	write := func(name, src string) {
		file := filepath.Join(dir, "pages", filepath.FromSlash(name), "snippet.go")
		if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(src), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	for _, s := range all {
		// What the good code calls is at hand in the bad code, too.
		vars := map[string]bool{"ctx": true}
		for _, part := range []*snippet{s, s.good} {
			if part == nil {
				continue
			}
			for name := range part.uses {
				if snippetVars[name] != "" {
					vars[name] = true
				}
			}
		}
		src := s.source(vars)
		write(s.dir, src)
		if s.verdict == "silenced" {
			write(s.dir+"/not", ignoreDirective.ReplaceAllString(src, ""))
		}
	}

	exe := buildHHVet(t)
	found := runHHVet(t, exe, dir)
	checkLimits(t, dir, found)
	checkStory(t, found)

	// The categories are those of the corpus.
	type category struct{ page, name string }
	fixable := make(map[category]bool)
	for pkg, ds := range found {
		for _, d := range ds {
			if !strings.HasPrefix(pkg, pages) {
				c := category{d.analyzer, d.Category}
				fixable[c] = fixable[c] || len(d.SuggestedFixes) > 0
			}
		}
	}
	for page, names := range headings {
		for _, name := range names {
			if _, ok := fixable[category{page, name}]; !ok {
				t.Errorf("checks/%s.md: the corpus has no finding in category %s", page, name)
			}
		}
	}

	bad, good, fixed := make(map[category]int), make(map[category]int), make(map[category]int)
	var fixes []*snippet
	for _, s := range all {
		ds := found[pages+s.dir]
		c := category{s.page, s.section}
		switch s.verdict {
		case "good", "silenced":
			good[c]++
			for _, d := range ds {
				t.Errorf("reported: %v%s: %s (%s)", s, d.Category, d.Message, d.analyzer)
			}
		case "bad":
			bad[c]++
			if len(ds) == 0 {
				t.Errorf("not reported: %v", s)
			}
			for _, d := range ds {
				_, isCategory := fixable[c]
				if d.analyzer != s.page || isCategory && d.Category != s.section {
					t.Errorf("reported in another category: %v%s: %s (%s)", s, d.Category, d.Message, d.analyzer)
				}
			}
			if s.good == nil {
				t.Errorf("has no good code below it: %v", s)
			} else if slices.ContainsFunc(ds, func(d diagnostic) bool { return len(d.SuggestedFixes) > 0 }) {
				fixed[c]++
				fixes = append(fixes, s)
			}
		}
		if s.verdict != "silenced" {
			continue
		}
		directives := ignoreDirective.FindAllStringSubmatch(s.code, -1)
		for _, m := range directives {
			if !slices.ContainsFunc(found[pages+s.dir+"/not"], func(d diagnostic) bool { return d.analyzer == m[1] }) {
				t.Errorf("%s would report nothing: %v", m[1], s)
			}
		}
		if len(directives) == 0 {
			t.Errorf("nothing silences anything: %v", s)
		}
	}
	for c, canFix := range fixable {
		if bad[c] == 0 || good[c] == 0 {
			t.Errorf("checks/%s.md, %s: %d bad and %d good snippets, want some of both", c.page, c.name, bad[c], good[c])
		}
		if canFix && fixed[c] == 0 {
			t.Errorf("checks/%s.md, %s: no bad snippet that hhvet can fix", c.page, c.name)
		}
	}

	cmd := exec.Command(exe, "-fix", "./pages/...")
	cmd.Dir = dir
	if out, _ := cmd.CombinedOutput(); cmd.ProcessState.ExitCode() != 3 { // some are for a person
		t.Fatalf("hhvet -fix: %v\n%s", cmd.ProcessState, out)
	}
	for _, s := range fixes {
		src := read(t, dir, "pages", filepath.FromSlash(s.dir), "snippet.go")
		_, rest, _ := strings.Cut(src, beginSnippet)
		code, _, ok := strings.Cut(rest, endSnippet)
		if formatted, err := format.Source([]byte(code)); !ok || err != nil {
			t.Errorf("%v\n%s", err, src)
		} else if got, want := strings.Fields(string(formatted)), strings.Fields(s.good.code); !slices.Equal(got, want) {
			t.Errorf("the fix gives something else: %v(-page +fixed):\n%s", s, cmp.Diff(s.good.code, string(formatted)))
		}
	}
	t.Logf("%d snippets, %d of them fixed, in %d categories", len(all), len(fixes), len(fixable))
}

func buildHHVet(t *testing.T) string {
	t.Helper()
	exe := filepath.Join(t.TempDir(), "hhvet")
	cmd := exec.Command("go", "build", "-o", exe, "./cmd/hhvet")
	cmd.Dir = corpus.Root()
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return exe
}

// checkLimits compares the page's list of what is wrong with the functions of
// testdata/limits, whose comments are its items, and with what is found there.
func checkLimits(t *testing.T, dir string, found map[string][]diagnostic) {
	t.Helper()
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, filepath.Join(dir, "pages", "limits", "limits.go"), nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	var limits []string
	for _, decl := range f.Decls {
		fn, ok := decl.(*ast.FuncDecl)
		if !ok || fn.Doc == nil {
			continue
		}
		outcome, limit, _ := strings.Cut(strings.TrimSuffix(strings.Join(strings.Fields(fn.Doc.Text()), " "), "."), ": ")
		if outcome != "Found" && !slices.Contains(limits, limit) {
			limits = append(limits, limit)
		}
		reported := slices.ContainsFunc(found["example.com/corpus/pages/limits"], func(d diagnostic) bool {
			line, err := strconv.Atoi(strings.Split(strings.TrimPrefix(d.Posn, fset.Position(fn.Pos()).Filename+":"), ":")[0])
			return err == nil && fset.Position(fn.Pos()).Line <= line && line <= fset.Position(fn.End()).Line
		})
		if reported != (outcome != "Not found") {
			t.Errorf("testdata/limits: %s: reported is %t, of: %s: %s", fn.Name.Name, reported, outcome, limit)
		}
	}
	listed := items(t, "globalbaggage", "Known limits")
	for i := range listed {
		listed[i] = strings.ReplaceAll(listed[i], "`", "")
	}
	if diff := cmp.Diff(limits, listed); diff != "" {
		t.Errorf("testdata/limits and the page's list differ (-code +page):\n%s", diff)
	}
}

// checkStory compares the categories that the page names in its story with
// those of the same code in Go.
func checkStory(t *testing.T, found map[string][]diagnostic) {
	t.Helper()
	got := make(map[string][]string)
	for _, d := range found["example.com/corpus/globalbaggage/seed"] {
		file, _, _ := strings.Cut(filepath.Base(d.Posn), ":")
		if !slices.Contains(got[file], d.Category) {
			got[file] = append(got[file], d.Category)
		}
	}
	for _, categories := range got {
		slices.Sort(categories)
	}
	want := map[string][]string{"before.go": {"allowlist"}, "return.go": {"pertracer", "precedence"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("categories of the two bugs (-want +got):\n%s", diff)
	}
	const says = "In Go, allowlist reports the first bug, pertracer and precedence the second."
	if !strings.Contains(read(t, "checks", "globalbaggage.md"), says) {
		t.Errorf("the page does not say: %s", says)
	}
}

// section returns the text below a heading of an analyzer's page.
func section(t *testing.T, page, heading string) string {
	t.Helper()
	_, rest, ok := strings.Cut(read(t, "checks", page+".md"), "\n## "+heading+"\n")
	if !ok {
		t.Fatalf("checks/%s.md has no section %q", page, heading)
	}
	text, _, _ := strings.Cut(rest, "\n## ")
	return text
}

// items returns the items of the list below a heading.
func items(t *testing.T, page, heading string) []string {
	t.Helper()
	var out []string
	for line := range strings.Lines(section(t, page, heading)) {
		if item, ok := strings.CutPrefix(line, "- "); ok {
			out = append(out, strings.TrimSpace(item))
		} else if continued, ok := strings.CutPrefix(line, "  "); ok && len(out) > 0 {
			out[len(out)-1] += " " + strings.TrimSpace(continued)
		}
	}
	return out
}

// rows returns the cells of the table below a heading, without its head.
func rows(t *testing.T, page, heading string) [][]string {
	t.Helper()
	var out [][]string
	for line := range strings.Lines(section(t, page, heading)) {
		if !strings.HasPrefix(line, "|") {
			continue
		}
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), " | ")
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		out = append(out, cells)
	}
	if len(out) < 3 {
		return nil
	}
	return out[2:]
}

var codeSpan = regexp.MustCompile("`([^`]+)`")

func codeSpans(text string) []string {
	var out []string
	for _, m := range codeSpan.FindAllStringSubmatch(text, -1) {
		out = append(out, m[1])
	}
	return out
}

// What "hhvet help" shows of an analyzer fits a terminal of 80 columns.
func TestHelpWidth(t *testing.T) {
	exe := buildHHVet(t)
	for _, a := range analyzer.Suite() {
		out, err := exec.Command(exe, "help", a.Name).Output()
		if err != nil {
			t.Fatal(err)
		}
		text, _, ok := strings.Cut(string(out), "\nMore: ")
		if !ok {
			t.Errorf("hhvet help %s names no page", a.Name)
		}
		for line := range strings.Lines(text) {
			line = strings.TrimSuffix(line, "\n")
			wide := strings.TrimLeft(line, "\t")
			if n := utf8.RuneCountInString(wide) + 8*(len(line)-len(wide)); n > 80 {
				t.Errorf("hhvet help %s: %d columns: %s", a.Name, n, line)
			}
		}
	}
}

// Each analyzer's page has its settings: every flag, and what stands for it
// under golangci-lint means the same.
func TestSettings(t *testing.T) {
	for i, a := range analyzer.Suite() {
		t.Run(a.Name, func(t *testing.T) {
			fresh := func(opts analyzer.Options) *analysis.Analyzer {
				suite, err := analyzer.New(opts)
				if err != nil {
					t.Fatal(err)
				}
				return suite[i]
			}
			flags := make(map[string]bool)
			a.Flags.VisitAll(func(f *flag.Flag) { flags[f.Name] = true })
			listed := make(map[string]bool)
			for _, row := range rows(t, a.Name, "Settings") {
				flagged, setting := codeSpans(row[0])[0], codeSpans(row[1])[0]
				name, value, ok := strings.Cut(strings.TrimPrefix(flagged, "-"+a.Name+"."), "=")
				if !ok || listed[name] {
					t.Fatalf("%s is not -%s.FLAG=VALUE, or stands there twice", flagged, a.Name)
				}
				listed[name] = true
				byFlag := fresh(analyzer.DefaultOptions())
				if err := byFlag.Flags.Set(name, value); err != nil {
					t.Fatalf("%s: %v", flagged, err)
				}
				opts := analyzer.DefaultOptions()
				decoder := json.NewDecoder(strings.NewReader(fmt.Sprintf("{%q: {%s}}", a.Name, flowJSON(setting))))
				decoder.DisallowUnknownFields()
				if err := decoder.Decode(&opts); err != nil {
					t.Fatalf("%s: %v", setting, err)
				}
				got := fresh(opts).Flags.Lookup(name).Value.String()
				if want := byFlag.Flags.Lookup(name).Value.String(); got != want || want == fresh(analyzer.DefaultOptions()).Flags.Lookup(name).Value.String() {
					t.Errorf("%s is %q and %s is %q, want the same, and another value than by default", flagged, want, setting, got)
				}
			}
			if diff := cmp.Diff(flags, listed); diff != "" {
				t.Errorf("flags (-analyzer +page):\n%s", diff)
			}
			off := section(t, a.Name, "Settings")
			for _, want := range []string{"-" + a.Name + "=false", "disable: [" + a.Name + "]"} {
				if !slices.Contains(codeSpans(off), want) {
					t.Errorf("the page does not name %s", want)
				}
			}
		})
	}
}

var bareWord = regexp.MustCompile(`[\w.-]+`)

// flowJSON turns a line of YAML such as keys: [a, "b"] into JSON.
func flowJSON(setting string) string {
	name, value, _ := strings.Cut(setting, ": ")
	list, ok := strings.CutPrefix(value, "[")
	if !ok {
		return fmt.Sprintf("%q: %s", name, value)
	}
	var items []string
	for item := range strings.SplitSeq(strings.TrimSuffix(list, "]"), ", ") {
		if bareWord.FindString(item) == item {
			item = `"` + item + `"`
		}
		items = append(items, item)
	}
	return fmt.Sprintf("%q: [%s]", name, strings.Join(items, ", "))
}

// outcomes returns the cases of an analyzer's page with what becomes of them.
// Tests beside the analyzers compare these tables with the corpus.
func outcomes(t *testing.T, page string) map[string]string {
	t.Helper()
	heading := map[string]string{"globalbaggage": "Cases", "deprecatedenrich": "Shapes"}[page]
	out := make(map[string]string)
	for _, row := range rows(t, page, heading) {
		out[strings.Trim(row[2], "`")] = row[1]
	}
	return out
}

// The pages' lists of what is reported and what is not name cases of which
// that is so.
func TestListedCases(t *testing.T) {
	for _, tt := range []struct{ page, section, outcome string }{
		{"globalbaggage", "How far the analysis sees", "reported"},
		{"globalbaggage", "What it stays silent on", "silent"},
		{"deprecatedenrich", "What it stays silent on", "silent"},
	} {
		cases := outcomes(t, tt.page)
		list := items(t, tt.page, tt.section)
		if len(list) == 0 {
			t.Errorf("checks/%s.md, %s: no list", tt.page, tt.section)
		}
		for _, item := range list {
			names := codeSpans(item)
			if len(names) == 0 {
				t.Errorf("checks/%s.md, %s: no case for: %s", tt.page, tt.section, item)
			}
			for _, name := range names {
				if got := cases[name]; got != tt.outcome {
					t.Errorf("checks/%s.md, %s: case %s is %q, want %q", tt.page, tt.section, name, got, tt.outcome)
				}
			}
		}
	}
}

// Statements of the pages that no snippet shows, each with a case that does.
func TestStatedCases(t *testing.T) {
	for page, statements := range map[string][]struct{ says, name, outcome string }{
		"globalbaggage": {
			{"where it meets the baggage API", "sinks.newMember", "reported"},
			{"in a list that decides what enters baggage", "allowlist.structSet", "reported"},
			{"that puts it there, in any package", "wrapper.twoPackages", "reported"},
			{"A key counts in any spelling", "constants.spellings", "reported"},
			{"shared by design and never reported", "silent.sharedKeys", "silent"},
			{"member that is only read, compared or deleted", "silent.read", "silent"},
			{"member that is only read, compared or deleted", "silent.compares", "silent"},
			{"member that is only read, compared or deleted", "silent.withoutProject", "silent"},
			{"nor are the values of members, their properties", "silent.keyAsValue", "silent"},
			{"nor are the values of members, their properties", "silent.propertyKey", "silent"},
			{"propagators that forward what came in", "silent.propagates", "silent"},
			{"Nothing is reported of a key that cannot be known", "silent.unknownKey", "silent"},
			{"at the end of its line or above it", "silent/ignored.endOfLine", "silent"},
			{"at the end of its line or above it", "silent/ignored.lineAbove", "silent"},
			{"OpenTelemetry, OpenTracing, Datadog or HoneyHive", "sinks.newMember", "reported"},
			{"OpenTelemetry, OpenTracing, Datadog or HoneyHive", "sinks.openTracing", "reported"},
			{"OpenTelemetry, OpenTracing, Datadog or HoneyHive", "sinks.datadogSet", "reported"},
			{"OpenTelemetry, OpenTracing, Datadog or HoneyHive", "sinks.contextWithBaggage", "reported"},
			{"on which another package put such a key", "inject.injected", "reported"},
			{"baggage only where the tracer has no value", "precedence.instanceFirst", "silent"},
			{"copies baggage onto all spans", "precedence.copyAll", "reported"},
			{"begin with `sentry-`", "silent.sentryKeys", "silent"},
			{"be it a constant, a variable or a struct's field", "own.ownConstant", "reported"},
			{"be it a constant, a variable or a struct's field", "own.localVariable", "reported"},
			{"be it a constant, a variable or a struct's field", "own.importedField", "reported"},
			{"in every package that uses what is marked", "own.importedConstant", "reported"},
			{"Where several values are possible", "flow.oneOfSeveral", "reported"},
		},
		"deprecatedenrich": {
			{"if it is a parameter", "guide/guide.go plain", "fixed: assumed"},
			{"assigned on every way that leads there", "reach/reach.go branches", "fixed: assumed"},
			{"assigned on every way that leads there", "reach/reach.go later", "fixed: discovery"},
			{"through any depth of embedding", "fields/fields.go *outer.embedded", "fixed: assumed"},
			{"a variable of the same package", "packagevars/packagevars.go function", "fixed: assumed"},
			{"its name means it at that spot", "reach/reach.go shadowed", "fixed: discovery"},
			{"Where it is known to be nil", "reach/reach.go isNil", "fixed: discovery"},
			{"its error is known not to be", "reach/reach.go failed", "fixed: discovery"},
			{"in generated files", "generated/generated.go enrich", "silent"},
			{"Of several the last one wins", "explicit/explicit.go twice", "fixed: explicit"},
			{"Start, StartSession or JoinSession, ContextWithTracer", "evidence/evidence.go start", "fixed: context"},
			{"Start, StartSession or JoinSession, ContextWithTracer", "evidence/evidence.go others", "fixed: context"},
			{"or honeyhive.Trace made the context", "evidence/evidence.go traced", "fixed: context"},
			{"that tracer has a name at the call", "several/collection/collection.go unnamed", "fixed: discovery"},
			{"through assignments, branches, closures", "evidence/evidence.go branches", "fixed: context"},
			{"through assignments, branches, closures", "evidence/evidence.go closures", "fixed: context"},
			{"package context that derive one from another", "evidence/evidence.go derived", "fixed: context"},
			{"parameters of functions that only this package calls", "evidence/evidence.go callee", "fixed: context"},
			{"parameters of functions that only this package calls", "evidence/evidence.go Exported", "fixed: discovery"},
			{"Calls from test files are not counted as callers", "tests/callers/callers.go step", "fixed: context"},
			{"as long as each step is certain", "evidence/evidence.go mixed", "fixed: discovery"},
			{"context that may carry another tracer", "evidence/evidence.go another", "fixed: discovery"},
			{"in the task of an experiment", "experiment/experiment.go literal", "fixed: discovery"},
			{"slice, array, map or channel of tracers", "several/collection/collection.go parameter", "fixed: discovery"},
			{"more than one call of honeyhive.New outside tests", "several/factory/factory.go parameter", "fixed: discovery"},
			{"more than one call of honeyhive.New outside tests", "tests/external_test.go TestExternal", "fixed: assumed"},
			{"or one in a loop", "several/loop/loop.go projects", "fixed: discovery"},
			{"a variable, a field or the like, or a call such as r.Context()", "discovery/discovery.go repeatable", "fixed: discovery"},
			{"here the context would be made twice", "discovery/discovery.go made", "reported: manual"},
			{"is deprecated itself and only forwards", "forwarders/lib/lib.go Enrich", "silent"},
			{"its callers are to use a tracer", "forwarders/forwarders.go callers", "reported: forwarder"},
			{"without being deprecated is migrated inside", "forwarders/lib/lib.go Wrap", "fixed: discovery"},
			{"its callers are not reported", "forwarders/forwarders.go wrappers", "silent"},
			{"in a slice, a variable, a condition", "explicit/explicit.go hidden", "reported: withtracer"},
			{"in a slice, a variable, a condition", "explicit/explicit.go conditional", "reported: withtracer"},
			{"in a slice, a variable, a condition", "explicit/explicit.go elsewhere", "reported: withtracer"},
			{"malformed or silences nothing", "ignored/ignored.go useless", "reported: directive"},
			{"one that none of them can change", "explicit/explicit.go changedMeanwhile", "reported: manual"},
			{"never prints code anew", "explicit/explicit.go comments", "fixed: explicit"},
			{"never prints code anew", "tags/with.go tagged", "fixed: assumed"},
			{"the last use of the SDK's import", "imports/grouped.go *service.grouped", "fixed: assumed"},
			{"for functions of the same package that is looked up", "discovery/discovery.go arguments", "reported: manual"},
			{"for functions of the same package that is looked up", "discovery/discovery.go deferredEarly", "reported: manual"},
		},
	} {
		text := strings.Join(strings.Fields(read(t, "checks", page+".md")), " ")
		cases := outcomes(t, page)
		for _, s := range statements {
			if !strings.Contains(text, s.says) {
				t.Errorf("checks/%s.md does not say %q", page, s.says)
			}
			if !slices.Contains(strings.Split(cases[s.name], ", "), s.outcome) {
				t.Errorf("checks/%s.md: %q: case %s is %q, want %q", page, s.says, s.name, cases[s.name], s.outcome)
			}
		}
	}
}

// The figure on deprecatedenrich's page is what TestGenerated runs by default.
func TestGeneratedPrograms(t *testing.T) {
	src := read(t, corpus.Root(), "internal", "equivalence", "equivalence_test.go")
	m := regexp.MustCompile(`flag\.Int\("programs", (\d+),`).FindStringSubmatch(src)
	if m == nil {
		t.Fatal("TestGenerated has no flag -programs")
	}
	perGroup, err := strconv.Atoi(m[1])
	if err != nil {
		t.Fatal(err)
	}
	n := perGroup * len(equivalence.Groups)
	if says := fmt.Sprintf("%d,%03d programs", n/1000, n%1000); !strings.Contains(section(t, "deprecatedenrich", "How this is known"), says) {
		t.Errorf("the page does not say %s", says)
	}
}

// The table of keys on globalbaggage's page is that of package tracekey.
func TestKeys(t *testing.T) {
	canonical := make(map[string]bool)
	for _, row := range rows(t, "globalbaggage", "Keys") {
		for _, key := range codeSpans(row[0]) {
			name, kind := tracekey.Classify(key)
			canonical[name] = true
			got := "no"
			switch {
			case tracekey.IsSecret(key):
				got = "yes, as [secret](#secret)"
			case kind == tracekey.PerTracer:
				got = "yes"
			case kind == tracekey.Unknown:
				t.Errorf("%s is no key", key)
			}
			if got != row[2] {
				t.Errorf("%s: the page says %q, it is %q", key, row[2], got)
			}
		}
	}
	for _, key := range tracekeys(t) {
		if !canonical[key] {
			t.Errorf("the page does not have %s", key)
		}
	}
}

// Letter case, separators, camelCase and a namespace make no difference.
func TestSpellings(t *testing.T) {
	for _, key := range tracekeys(t) {
		want, kind := tracekey.Classify(key)
		words := strings.Split(key, "_")
		camel := words[0]
		for _, word := range words[1:] {
			camel += strings.ToUpper(word[:1]) + word[1:]
		}
		spellings := []string{strings.ToUpper(key), camel, strings.Join(words, "."), strings.Join(words, "-")}
		for _, s := range spellings {
			spellings = append(spellings, "honeyhive."+s)
			if key != tracekey.Source {
				spellings = append(spellings, "langfuse."+s, "app_"+s)
			}
		}
		for _, s := range spellings {
			if got, k := tracekey.Classify(s); got != want || k != kind {
				t.Errorf("%s is %q (%v), want %q (%v)", s, got, k, want, kind)
			}
		}
	}
	for _, s := range []string{"http.source", "app_source"} {
		if _, kind := tracekey.Classify(s); kind != tracekey.Unknown {
			t.Errorf("%s is %v", s, kind)
		}
	}
}

// tracekeys returns the canonical keys: the string constants of package
// tracekey.
func tracekeys(t *testing.T) []string {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), filepath.Join(corpus.Root(), "internal", "tracekey", "tracekey.go"), nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var keys []string
	for _, decl := range f.Decls {
		decl, ok := decl.(*ast.GenDecl)
		if !ok || decl.Tok != token.CONST {
			continue
		}
		for _, spec := range decl.Specs {
			for _, v := range spec.(*ast.ValueSpec).Values {
				if lit, ok := v.(*ast.BasicLit); ok && lit.Kind == token.STRING {
					keys = append(keys, strings.Trim(lit.Value, `"`))
				}
			}
		}
	}
	if len(keys) < 11 {
		t.Fatalf("package tracekey has only the keys %q", keys)
	}
	return keys
}
