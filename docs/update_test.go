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

// The commands with -update write again what has been lost, and what is written
// is what is there.
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
		"go test ./passes/deprecatedenrich -update": {"TestCorpus", map[string]func(string) string{
			"testdata/src/deprecatedenrich/guide/guide.go.golden": golden,
			"docs/checks/deprecatedenrich.md":                     withoutRow("`direct/direct.go bare`"),
		}},
		"go test ./passes/globalbaggage -update": {"TestCorpus|TestGoldens|TestCases", map[string]func(string) string{
			"testdata/src/globalbaggage/sinks/reported.go.golden": golden,
			"docs/checks/globalbaggage.md":                        withoutRow("`sinks.newMember`"),
		}},
	}

	shown := regexp.MustCompile("go test \\./[a-z/]* -update")
	for _, document := range documents(t) {
		for _, line := range shown.FindAllString(read(t, corpus.Root(), document), -1) {
			if _, ok := commands[line]; !ok {
				t.Errorf("%s: nobody runs %s", document, line)
			}
		}
	}

	dir := t.TempDir()
	copyModule(t, dir)
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
