// Package docs tests what the documentation says.
package docs_test

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/honeyhiveai/hhvet/analyzer"
	"github.com/honeyhiveai/hhvet/honeyhive"
	"github.com/honeyhiveai/hhvet/internal/checkdoc"
	"github.com/honeyhiveai/hhvet/internal/corpus"
	"github.com/honeyhiveai/hhvet/internal/exectest"
	"github.com/honeyhiveai/hhvet/internal/markdown"
)

var update = flag.Bool("update", false, "rewrite what is generated in the documents")

func read(t *testing.T, path ...string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(path...))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// Each analyzer has a page that begins with the text of "hhvet help NAME".
func TestCheckPages(t *testing.T) {
	const end = "<!-- End of the text of hhvet help. -->\n"
	for _, a := range analyzer.Suite() {
		t.Run(a.Name, func(t *testing.T) {
			path := filepath.Join("checks", a.Name+".md")
			var page string
			if data, err := os.ReadFile(path); err == nil {
				page = string(data)
			} else if !*update {
				t.Fatal(err)
			}
			help := "# " + a.Name + "\n\n" + checkdoc.Markdown(checkdoc.Parse(a.Name+": "+a.Doc)) + "\n" + end
			got, rest, found := strings.Cut(page, end)
			if !found {
				got, rest = "", page
			}
			if *update {
				if err := os.WriteFile(path, []byte(help+rest), 0o666); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(help, got+end); diff != "" {
				t.Errorf("%s does not begin with the analyzer's help text; go test ./docs -update writes it (-help +page):\n%s", path, diff)
			}
		})
	}
}

// The URL of every diagnostic leads to a heading of its analyzer's page. It has
// one fix at most, in its own file, whose edits are those of another diagnostic
// or overlap none of them.
func TestDiagnostics(t *testing.T) {
	exe := exectest.Build(t, corpus.Root(), "./cmd/hhvet")
	out := exectest.Run(t, corpus.Dir(t), 3, exe, "-format", "json", "./...").Stdout
	type edit struct {
		Filename   string
		Start, End int
		New        string
	}
	var packages map[string]map[string][]struct {
		Category, Posn string
		Fixes          []struct{ Edits []edit } `json:"suggested_fixes"`
	}
	if err := json.Unmarshal([]byte(out), &packages); err != nil {
		t.Fatalf("decode: %v\n%s", err, out)
	}
	headings := make(map[string]map[string]bool)
	for _, a := range analyzer.Suite() {
		headings[a.Name] = anchors(read(t, "checks", a.Name+".md"))
	}
	checked := make(map[string]bool)
	edits := make(map[string][]edit) // by file
	fixes := 0
	for _, analyzers := range packages {
		for name, diagnostics := range analyzers {
			for _, d := range diagnostics {
				if !headings[name][d.Category] {
					t.Errorf("%s: %s has no heading for category %q", d.Posn, name, d.Category)
				}
				checked[name+"#"+d.Category] = true
				if len(d.Fixes) > 1 {
					t.Errorf("%s: %d suggested fixes", d.Posn, len(d.Fixes))
				}
				for _, f := range d.Fixes {
					fixes++
					for _, e := range f.Edits {
						if !strings.HasPrefix(d.Posn, e.Filename+":") {
							t.Errorf("%s: a fix changes %s", d.Posn, e.Filename)
						}
						if !slices.Contains(edits[e.Filename], e) {
							edits[e.Filename] = append(edits[e.Filename], e)
						}
					}
				}
			}
		}
	}
	for _, list := range edits {
		slices.SortFunc(list, func(a, b edit) int { return a.Start - b.Start })
		for i, e := range list[1:] {
			if e.Start < list[i].End {
				t.Errorf("%s: edits at %d and %d overlap", e.Filename, list[i].Start, e.Start)
			}
		}
	}
	if len(checked) < 5 || fixes < 100 {
		t.Errorf("the corpus has findings in the categories %v only, and %d fixes", checked, fixes)
	}
}

// What the migration guide shows as before and after is what the fixture of
// that name is before and after its fixes, which the corpus tests hold to hhvet.
func TestMigrationGuide(t *testing.T) {
	fixture := filepath.Join(corpus.Root(), "testdata", "src", "deprecatedenrich", "guide", "guide.go")
	want := regexp.MustCompile(` // want .*`)
	code := map[string]string{
		"before": want.ReplaceAllString(read(t, fixture), ""),
		"after":  want.ReplaceAllString(read(t, fixture+".golden"), ""),
	}
	blocks, _ := markdown.Parse(read(t, "migrating-to-v1.0.md"))
	shown := 0
	for _, b := range blocks {
		if b.Lang != "go" {
			continue
		}
		text := map[string]string{}
		for line := range strings.Lines(b.Text) {
			statement, when, marked := strings.Cut(strings.TrimSpace(line), " // ")
			for _, w := range []string{"before", "after"} {
				if !marked || when == w {
					text[w] += strings.TrimSpace(statement) + "\n"
				}
			}
			if when == "before" {
				shown++
			}
		}
		for when := range code {
			if !hasLines(code[when], text[when]) {
				t.Errorf("the fixture does not have, %s:\n%s", when, text[when])
			}
		}
	}
	// Every legacy call of the fixture is in the guide.
	if calls := strings.Count(read(t, fixture), "// want"); shown != calls {
		t.Errorf("the guide shows %d of %d migrations", shown, calls)
	}
}

var (
	link    = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	heading = regexp.MustCompile(`(?m)^#+ +(.*)$`)
)

// Links between documents lead somewhere.
func TestLinks(t *testing.T) {
	root := corpus.Root()
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == ".git" || d.Name() == "testdata") {
			return filepath.SkipDir
		}
		if filepath.Ext(path) != ".md" {
			return nil
		}
		for _, m := range link.FindAllStringSubmatch(read(t, path), -1) {
			u, err := url.Parse(m[1])
			if err != nil || u.Scheme != "" {
				continue
			}
			target := path
			if u.Path != "" {
				target = filepath.Join(filepath.Dir(path), filepath.FromSlash(u.Path))
			}
			if _, err := os.Stat(target); err != nil {
				t.Errorf("%s: link to %s: %v", path, m[1], err)
			} else if u.Fragment != "" && !anchors(read(t, target))[u.Fragment] {
				t.Errorf("%s: link to %s: no such heading", path, m[1])
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// anchors returns the fragments that GitHub gives a page's headings.
func anchors(page string) map[string]bool {
	ids := make(map[string]bool)
	for _, m := range heading.FindAllStringSubmatch(page, -1) {
		id := strings.ToLower(strings.NewReplacer("`", "", ".", "", ",", "", ":", "", "(", "", ")", "", "/", "").Replace(m[1]))
		ids[strings.ReplaceAll(strings.TrimSpace(id), " ", "-")] = true
	}
	return ids
}

// The first command of the README prints what the README says, and the
// second is the one that CI runs.
func TestREADME(t *testing.T) {
	readme := read(t, "..", "README.md")
	blocks, _ := markdown.Parse(readme)
	find := func(lang, containing string) markdown.Block {
		for _, b := range blocks {
			if b.Lang == lang && strings.Contains(b.Text, containing) {
				return b
			}
		}
		t.Fatalf("README has no %s block with %q", lang, containing)
		return markdown.Block{}
	}
	commands := find("sh", "go test").Lines()
	if len(commands) != 2 {
		t.Fatalf("README has commands %q, want two", commands)
	}
	got, code := command(t, commands[0])
	got, ok := strings.CutSuffix(got, "exit status 3\n")
	if code != 1 || !ok {
		t.Errorf("%s: exit code %d, want exit status 3\n%s", commands[0], code, got)
	}
	sample := find("text", "(deprecatedenrich)").Text
	if *update {
		readme = strings.Replace(readme, sample, got, 1)
		if err := os.WriteFile(filepath.Join("..", "README.md"), []byte(readme), 0o666); err != nil {
			t.Fatal(err)
		}
	} else if diff := cmp.Diff(sample, got); diff != "" {
		t.Errorf("output differs from the README's; go test ./docs -update writes it (-README +got):\n%s", diff)
	}
	if ci := read(t, "..", ".ci", "run"); !strings.Contains(ci, "\n"+commands[1]+"\n") {
		t.Errorf(".ci/run does not call %q", commands[1])
	}
	if lines := strings.Count(readme, "\n"); lines > 110 {
		t.Errorf("the README has %d lines, more than two screens", lines)
	}
}

// command runs a line of a document in the root directory and returns what it
// prints, and its exit code.
func command(t *testing.T, line string, env ...string) (string, int) {
	t.Helper()
	args := strings.Fields(line)
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Dir = corpus.Root()
	cmd.Env = append(os.Environ(), env...)
	out, err := cmd.CombinedOutput()
	if err != nil && !errors.As(err, new(*exec.ExitError)) {
		t.Fatal(err)
	}
	return string(out), cmd.ProcessState.ExitCode()
}

// Help is there as the README says. It agrees with the README on the exit codes,
// and has every flag that a document shows.
func TestHelp(t *testing.T) {
	out, code := command(t, "go run ./cmd/hhvet help")
	for _, want := range []string{"\t-fix\n", "\t-baseline file\n", "\tglobalbaggage ", "Exit codes: 0 nothing found", "; 1 something could not be\nanalysed", "; 3 there are findings"} {
		if code != 0 || !strings.Contains(out, want) {
			t.Errorf("hhvet help: exit code %d, and no %q in\n%s", code, want, out)
		}
	}
	if !strings.Contains(read(t, "..", "README.md"), "exits with 0 if all is well, 3 if it found something, and 1 if it could") {
		t.Error("the README has other exit codes")
	}
	line := regexp.MustCompile("(?m)(?:^|[`>] ?)(?:go tool )?hhvet ([^`\n>]*)")
	flag := regexp.MustCompile(`(?:^| )-{1,2}([\w.]+)`)
	count := 0
	for _, document := range documents(t) {
		for _, args := range line.FindAllStringSubmatch(read(t, corpus.Root(), document), -1) {
			for _, m := range flag.FindAllStringSubmatch(args[1], -1) {
				count++
				if rx := regexp.MustCompile(`(?m)^\t-` + regexp.QuoteMeta(m[1]) + `( .*)?$`); !rx.MatchString(out) {
					t.Errorf("%s: hhvet %s: there is no flag -%s", document, args[1], m[1])
				}
			}
		}
	}
	if count < 15 {
		t.Errorf("the documents show %d flags", count)
	}
	out, code = command(t, "go run ./cmd/hhvet help globalbaggage")
	if code != 0 || !strings.HasPrefix(out, "globalbaggage: ") || !strings.Contains(out, "-globalbaggage.keys") {
		t.Errorf("hhvet help globalbaggage: exit code %d\n%s", code, out)
	}
}

// The command of the experiments page opens the report in a browser.
func TestExperimentsCommand(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("another program opens browsers here")
	}
	blocks, _ := markdown.Parse(read(t, "experiments.md"))
	i := slices.IndexFunc(blocks, func(b markdown.Block) bool { return b.Lang == "sh" })
	bin := t.TempDir()
	opened := filepath.Join(bin, "opened")
	script := "#!/bin/sh\necho \"$1\" >" + opened + ".new && mv " + opened + ".new " + opened + "\n"
	if err := os.WriteFile(filepath.Join(bin, "xdg-open"), []byte(script), 0o777); err != nil {
		t.Fatal(err)
	}
	out, code := command(t, strings.TrimSpace(blocks[i].Text), "HH_API_KEY=", "PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"))
	if code != 0 || !strings.Contains(out, "32 cases") {
		t.Fatalf("exit code %d\n%s", code, out)
	}
	// The program does not wait for the browser.
	var name []byte
	for ctx := exectest.Context(t); ctx.Err() == nil; time.Sleep(10 * time.Millisecond) {
		var err error
		if name, err = os.ReadFile(opened); err == nil {
			break
		}
	}
	if report := strings.TrimSpace(string(name)); filepath.Base(report) != "report.html" || !strings.Contains(out, filepath.ToSlash(report)) {
		t.Errorf("the browser opens %q", name)
	}
}

// What the SDK refuses to put into baggage as a tracer's own, hhvet reports,
// and nothing else.
func TestSameKeys(t *testing.T) {
	//hhvet:ignore globalbaggage what the SDK refuses
	keys := []string{
		"project", "Project", "project_name", "projectKey", "x.project.slug", "checkout.project", "projects", "projection",
		"source", "HH_SOURCE", "honeyhive.source", "data.source", "resource",
		"session_id", "session-id", "sessionId", "sessionid", "HH_SESSION_ID", "langfuse.session.id", "session", "session_ident",
		"session_name", "parent_id", "span_id", "span_kind", "api_key", "apiKey", "HH_API_KEY", "api",
		"run_id", "runId", "dataset_id", "datapoint_id", "honeyhive_tracer_id", "tenant", "user", "region", "id",
	}
	dir := t.TempDir()
	corpus.CopyTree(t, filepath.Join(corpus.Root(), "examples", "basic"), dir)
	src := "package main\n\nimport (\n\t\"context\"\n\n\t\"github.com/honeyhiveai/hhvet/honeyhive\"\n)\n\n"
	first := strings.Count(src, "\n") + 1
	want := make(map[int]string) // by line
	for i, key := range keys {
		src += fmt.Sprintf("func F%d(ctx context.Context) (context.Context, error) { return honeyhive.ContextWithBaggage(ctx, map[string]string{%q: \"v\"}) }\n", i, key)
		if _, err := honeyhive.ContextWithBaggage(t.Context(), map[string]string{key: "v"}); err != nil && strings.Contains(err.Error(), "belongs to one tracer") {
			want[first+i] = key
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "keys.go"), []byte(src), 0o666); err != nil {
		t.Fatal(err)
	}
	out, _ := command(t, "go run ./cmd/hhvet -C "+dir+" -globalbaggage .")
	got := make(map[int]string)
	for _, m := range regexp.MustCompile(`(?m)^keys\.go:(\d+):\d+: (?:per-tracer key|secret) "([^"]*)"`).FindAllStringSubmatch(out, -1) {
		line, err := strconv.Atoi(m[1])
		if err != nil {
			t.Fatal(err)
		}
		got[line] = m[2]
	}
	if diff := cmp.Diff(want, got); diff != "" || len(want) < 15 {
		t.Errorf("keys by line (-refused by the SDK +reported by hhvet):\n%s\n%s", diff, out)
	}
}

// Files and folders of the repository that a document names are there.
func TestPaths(t *testing.T) {
	name := regexp.MustCompile("`((?:internal|passes|honeyhive|analyzer|cmd|docs|examples|golangci-plugin|scripts|testdata|\\.ci)/[\\w./-]*)`")
	count := 0
	for _, document := range documents(t) {
		for _, m := range name.FindAllStringSubmatch(read(t, corpus.Root(), document), -1) {
			if strings.HasSuffix(m[1], "/vX.Y.Z") {
				continue // a tag
			}
			count++
			if _, err := os.Stat(filepath.Join(corpus.Root(), filepath.FromSlash(m[1]))); err != nil {
				t.Errorf("%s: %v", document, err)
			}
		}
	}
	if count < 20 {
		t.Errorf("the documents name %d files", count)
	}
}

// The changelog has the form that it says it has.
func TestChangelog(t *testing.T) {
	section := regexp.MustCompile(`^## \[(Unreleased|\d+\.\d+\.\d+)\]( - \d{4}-\d\d-\d\d)?$`)
	kinds := []string{"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}
	sections := 0
	for line := range strings.Lines(read(t, "..", "CHANGELOG.md")) {
		line = strings.TrimRight(line, "\n")
		kind, isKind := strings.CutPrefix(line, "### ")
		switch {
		case isKind && !slices.Contains(kinds, kind):
			t.Errorf("%q is not one of %v", kind, kinds)
		case !isKind && strings.HasPrefix(line, "## "):
			m := section.FindStringSubmatch(line)
			if m == nil || (sections == 0) != (m[1] == "Unreleased") || (m[1] == "Unreleased") != (m[2] == "") {
				t.Errorf("section %q", line)
			}
			sections++
		}
	}
	if sections == 0 {
		t.Error("no section for what is not released")
	}
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
