package docs_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
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
	"github.com/honeyhiveai/hhvet/internal/exectest"
	"github.com/honeyhiveai/hhvet/internal/tracekey"
)

// checkLimits compares the page's list of what is wrong with the functions of
// testdata/limits, whose comments are its items, and with what is found there.
func checkLimits(t *testing.T, file string, found map[string][]diagnostic) {
	t.Helper()
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, file, nil, parser.ParseComments)
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
		reported := slices.ContainsFunc(found[snippetPkgs+"limits"], func(d diagnostic) bool {
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

// What "hhvet help" shows fits a terminal of 80 columns, apart from addresses.
func TestHelpWidth(t *testing.T) {
	exe := exectest.Build(t, corpus.Root(), "./cmd/hhvet")
	pages := [][]string{{"help"}}
	for _, a := range analyzer.Suite() {
		pages = append(pages, []string{"help", a.Name})
	}
	for _, args := range pages {
		out := exectest.Run(t, "", 0, exe, args...).Stdout
		if len(args) > 1 && !strings.Contains(out, "\nMore: ") {
			t.Errorf("hhvet %s names no page", strings.Join(args, " "))
		}
		for line := range strings.Lines(out) {
			line = strings.TrimSuffix(line, "\n")
			text := strings.TrimLeft(line, "\t")
			if n := utf8.RuneCountInString(text) + 8*(len(line)-len(text)); n > 80 && !strings.HasPrefix(line, "More: ") {
				t.Errorf("hhvet %s: %d columns: %s", strings.Join(args, " "), n, line)
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

var bareWord = regexp.MustCompile(`[\w.-]+`)

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
