// Package docs tests what the documentation says.
package docs_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"io/fs"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/honeyhiveai/hhvet/analyzer"
	"github.com/honeyhiveai/hhvet/internal/checkdoc"
	"github.com/honeyhiveai/hhvet/internal/corpus"
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
			help := "# " + a.Name + "\n\n" + checkdoc.Markdown(a.Name+": "+a.Doc) + "\n" + end
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

// The URL of every diagnostic leads to a heading of its analyzer's page.
func TestCategories(t *testing.T) {
	cmd := exec.Command("go", "run", "./cmd/hhvet", "-C", corpus.Dir(t), "-format", "json", "./...")
	cmd.Dir = corpus.Root()
	out, _ := cmd.Output() // it has findings
	var packages map[string]map[string][]struct{ Category, Posn string }
	if err := json.Unmarshal(out, &packages); err != nil {
		t.Fatalf("decode: %v\n%s", err, out)
	}
	headings := make(map[string]map[string]bool)
	for _, a := range analyzer.Suite() {
		headings[a.Name] = anchors(read(t, "checks", a.Name+".md"))
	}
	checked := make(map[string]bool)
	for _, analyzers := range packages {
		for name, diagnostics := range analyzers {
			for _, d := range diagnostics {
				if !headings[name][d.Category] {
					t.Errorf("%s: %s has no heading for category %q", d.Posn, name, d.Category)
				}
				checked[name+"#"+d.Category] = true
			}
		}
	}
	if len(checked) < 5 {
		t.Errorf("the corpus has findings in the categories %v only", checked)
	}
}

// What the migration guide shows as before and after is what the fixture of
// that name is before and after its fixes, which the corpus tests hold to hhvet.
func TestMigrationGuide(t *testing.T) {
	fixture := filepath.Join(corpus.Root(), "testdata", "src", "deprecatedenrich", "guide", "guide.go")
	code := map[string]string{
		"before": read(t, fixture),
		"after":  read(t, fixture+".golden"),
	}
	shown := map[string]int{}
	for line := range strings.Lines(read(t, "migrating-to-v1.0.md")) {
		statement, when, ok := strings.Cut(strings.TrimSpace(line), " // ")
		if !ok || code[when] == "" {
			continue
		}
		shown[when]++
		if statement = strings.TrimSpace(statement); !strings.Contains(code[when], "\t"+statement+" // want") {
			t.Errorf("the fixture does not have, %s:\n\t%s", when, statement)
		}
	}
	// Every legacy call of the fixture is in the guide.
	if want := strings.Count(code["before"], "// want"); shown["before"] != want || shown["after"] != want {
		t.Errorf("the guide shows %v of %d migrations", shown, want)
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
	blocks := regexp.MustCompile("(?s)```(\\w+)\n(.*?)```").FindAllStringSubmatch(readme, -1)
	find := func(lang, containing string) string {
		for _, b := range blocks {
			if b[1] == lang && strings.Contains(b[2], containing) {
				return b[2]
			}
		}
		t.Fatalf("README has no %s block with %q", lang, containing)
		return ""
	}
	commands := strings.Split(strings.TrimSpace(find("sh", "go test")), "\n")
	if len(commands) != 2 {
		t.Fatalf("README has commands %q, want two", commands)
	}

	args := strings.Fields(commands[0])
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Dir = corpus.Root()
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	got := out.String()
	if err == nil || !strings.HasSuffix(got, "exit status 3\n") {
		t.Errorf("%s: %v, want exit status 3\n%s", commands[0], err, got)
	}
	got = strings.TrimSuffix(got, "exit status 3\n")
	sample := find("text", "(deprecatedenrich)")
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
}
