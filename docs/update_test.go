package docs_test

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/honeyhiveai/hhvet/internal/corpus"
)

// The commands with -update write again what has been lost, as it was, and what
// a new migration needs.
func TestUpdate(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles a copy of the module")
	}
	golden := func(string) string { return "package broken\n" }
	withoutRow := func(mark string) func(string) string {
		return func(text string) string {
			i := strings.Index(text, mark)
			if i < 0 {
				t.Errorf("no line has %q", mark)
				return text
			}
			return text[:strings.LastIndex(text[:i], "\n")] + text[i+strings.Index(text[i:], "\n"):]
		}
	}
	commands := map[string]struct {
		tests string // those that write; the others only take time here
		loss  map[string]func(string) string
	}{
		"go test ./docs -update": {"TestCheckPages", map[string]func(string) string{
			"docs/checks/hhdirective.md": withoutRow("A finding of hhvet is silenced"),
		}},
		"go test ./passes/deprecatedenrich -update": {"TestCorpus|TestMigrationsCoverSDK|TestTokens", map[string]func(string) string{
			"testdata/src/deprecatedenrich/guide/guide.go.golden": golden,
		}},
		"go test ./passes/globalbaggage -update": {"TestCorpus|TestGoldens|TestCases", map[string]func(string) string{
			"testdata/src/globalbaggage/sinks/reported.go.golden": golden,
			"docs/checks/globalbaggage.md":                        withoutRow("`sinks.newMember`"),
		}},
	}

	shown := regexp.MustCompile(`go test \./[a-z/]* -update`)
	for _, document := range documents(t) {
		for _, line := range shown.FindAllString(read(t, corpus.Root(), document), -1) {
			if _, ok := commands[line]; !ok {
				t.Errorf("%s: nobody runs %s", document, line)
			}
		}
	}

	dir := t.TempDir()
	copyModule(t, dir)
	makeLegacy(t, dir)
	for line, c := range commands {
		for name, loss := range c.loss {
			path := filepath.Join(dir, filepath.FromSlash(name))
			if err := os.WriteFile(path, []byte(loss(read(t, path))), 0o666); err != nil {
				t.Fatal(err)
			}
		}
		args := strings.Fields(line)
		args = slices.Insert(args, 2, "-run", "^("+c.tests+")$")
		cmd := exec.Command(args[0], args[1:]...)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", line, err, out)
		}
		for name := range c.loss {
			if read(t, dir, name) != read(t, corpus.Root(), name) {
				t.Errorf("%s: %s is not written as it was", line, name)
			}
		}
	}

	// The new migration has its golden file and its line on the page.
	migrated := read(t, dir, "testdata", "src", "deprecatedenrich", "outputs", "outputs.go.golden")
	if want := "honeyhive.TracerFromContext(ctx).EnrichSpan(ctx, honeyhive.Outputs(out), honeyhive.Metadata"; !strings.Contains(migrated, want) {
		t.Errorf("the new migration does not become %s:\n%s", want, migrated)
	}
	page := read(t, dir, "docs", "checks", "deprecatedenrich.md")
	for _, row := range []string{"| Outputs become a field. | fixed: discovery | `outputs/outputs.go outputs` |\n", "| A call without fields. | fixed: discovery | `direct/direct.go bare` |\n"} {
		if !strings.Contains(page, row) {
			t.Errorf("the page lacks the row %s", row)
		}
	}
}

// makeLegacy does to a copy of the module what CONTRIBUTING.md says under "A
// function of the SDK becomes legacy".
func makeLegacy(t *testing.T, dir string) {
	t.Helper()
	change := func(name, old, new string) {
		path := filepath.Join(dir, filepath.FromSlash(name))
		text := read(t, path)
		if !strings.Contains(text, old) {
			t.Fatalf("%s does not have %q", name, old)
		}
		if err := os.WriteFile(path, []byte(strings.Replace(text, old, new, 1)), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	change("honeyhive/legacy.go", "import \"context\"\n", `import "context"

// EnrichOutputs adds outputs to the current span.
//
// Deprecated: use [Tracer.EnrichSpan] with [Outputs].
func EnrichOutputs(ctx context.Context, outputs map[string]any, fields ...Field) bool {
	return TracerFromContext(ctx).EnrichSpan(ctx, append([]Field{Outputs(outputs)}, fields...)...)
}
`)
	change("passes/deprecatedenrich/migrations.go", "var migrations = []migration{\n",
		"var migrations = []migration{\n\t{function: \"EnrichOutputs\", method: sdkapi.EnrichSpan, between: []argument{{field: \"Outputs\", none: \"nil\"}}},\n")
	change("passes/deprecatedenrich/tokens.go", `"EnrichSpan", `, `"EnrichSpan", "EnrichOutputs", `)
	change("docs/checks/deprecatedenrich.md", "| A call without fields. | fixed: discovery | `direct/direct.go bare` |\n", "")
	fixture := filepath.Join(dir, "testdata", "src", "deprecatedenrich", "outputs")
	if err := os.Mkdir(fixture, 0o777); err != nil {
		t.Fatal(err)
	}
	src := `package outputs

import (
	"context"

	"github.com/honeyhiveai/hhvet/honeyhive"
)

// Outputs become a field.
func outputs(ctx context.Context, tracer *honeyhive.Tracer, out map[string]any) bool {
	return honeyhive.EnrichOutputs(ctx, out, honeyhive.Metadata{"a": 1}) // want ` + "`call honeyhive.TracerFromContext`" + `
}
`
	if err := os.WriteFile(filepath.Join(fixture, "outputs.go"), []byte(src), 0o666); err != nil {
		t.Fatal(err)
	}
}

// copyModule copies the working tree to dir.
func copyModule(t *testing.T, dir string) {
	t.Helper()
	root := corpus.Root()
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, name)
		if err != nil {
			return err
		}
		target := filepath.Join(dir, rel)
		switch {
		case d.IsDir() && d.Name() == ".git":
			return filepath.SkipDir
		case d.IsDir():
			return os.MkdirAll(target, 0o777)
		case !d.Type().IsRegular():
			return nil
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		return os.WriteFile(target, text, 0o666)
	})
	if err != nil {
		t.Fatal(err)
	}
}
