package main_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/honeyhiveai/hhvet/internal/corpus"
)

var fence = regexp.MustCompile("(?s)```(\\w+)\n(.*?)```")

// recipe returns the code block of that language below a heading of the page.
func recipe(t *testing.T, page, heading, lang string) string {
	t.Helper()
	_, section, ok := strings.Cut(page, "\n## "+heading+"\n")
	if !ok {
		t.Fatalf("no heading %q", heading)
	}
	section, _, _ = strings.Cut(section, "\n## ")
	for _, block := range fence.FindAllStringSubmatch(section, -1) {
		if block[1] == lang {
			return block[2]
		}
	}
	t.Fatalf("no %s block below %q", lang, heading)
	return ""
}

// The recipes of docs/adopting.md do what it says.
func TestRecipes(t *testing.T) {
	p := publish(t)
	data, err := os.ReadFile(filepath.Join(corpus.Root(), "docs", "adopting.md"))
	if err != nil {
		t.Fatal(err)
	}
	page := string(data)
	dir := p.consumer(t)

	tool := strings.TrimSpace(recipe(t, page, "As a tool of your module", "sh"))
	if out := p.run(t, dir, 0, tool); !strings.Contains(out, moduleVersion) {
		t.Errorf("hhvet -version does not print %s:\n%s", moduleVersion, out)
	}

	t.Run("GitHub", func(t *testing.T) {
		command := regexp.MustCompile(`- run: (.*)`).FindStringSubmatch(recipe(t, page, "On GitHub", "yaml"))
		if command == nil {
			t.Fatal("the workflow runs nothing")
		}
		p.run(t, dir, 3, command[1])
		sarif, err := os.ReadFile(filepath.Join(dir, "hhvet.sarif"))
		if err != nil {
			t.Fatal(err)
		}
		var log struct {
			Runs []struct{ Results []any }
		}
		if err := json.Unmarshal(sarif, &log); err != nil || len(log.Runs) != 1 || len(log.Runs[0].Results) != 1 {
			t.Errorf("SARIF has no single finding: %v\n%s", err, sarif)
		}
		if out := p.run(t, dir, 3, "go tool hhvet -format github ./..."); !strings.Contains(out, "::") {
			t.Errorf("no annotation:\n%s", out)
		}
	})

	t.Run("pre-commit", func(t *testing.T) {
		p.run(t, dir, 0, "git init -q . && git config user.email test@example.com && git config user.name test")
		hook := filepath.Join(dir, ".git", "hooks", "pre-commit")
		if err := os.WriteFile(hook, []byte(recipe(t, page, "Before a commit", "bash")), 0o777); err != nil {
			t.Fatal(err)
		}
		p.run(t, dir, 0, "git add main.go go.mod go.sum")
		if out := p.run(t, dir, 1, "git commit -q -m first"); !strings.Contains(out, "call tracer.EnrichSpan") {
			t.Errorf("the commit fails for another reason:\n%s", out)
		}
		p.run(t, dir, 0, "go tool hhvet -fix ./... && git add main.go && git commit -q -m first")
	})

	t.Run("baseline", func(t *testing.T) {
		old := filepath.Join(dir, "old.go")
		write := func(content string) {
			if err := os.WriteFile(old, []byte(content), 0o666); err != nil {
				t.Fatal(err)
			}
		}
		const legacyCall = "\thoneyhive.EnrichSpan(ctx, honeyhive.Metadata{\"old\": 1})\n"
		const head = "package main\n\nimport (\n\t\"context\"\n\n\t\"github.com/honeyhiveai/hhvet/honeyhive\"\n)\n\n"
		write(head + "func old(ctx context.Context) {\n" + legacyCall + "}\n")
		commands := strings.Split(strings.TrimSpace(recipe(t, page, "In an old repository", "sh")), "\n")
		if len(commands) != 2 {
			t.Fatalf("want two commands, got %q", commands)
		}
		p.run(t, dir, 0, commands[0])
		p.run(t, dir, 0, commands[1])
		write(head + "// Moved.\n\nfunc old(ctx context.Context) {\n\tprintln()\n" + legacyCall + "}\n")
		p.run(t, dir, 0, commands[1])
		write(head + "func old(ctx context.Context) {\n" + legacyCall + strings.ReplaceAll(legacyCall, "old", "new") + "}\n")
		if out := p.run(t, dir, 3, commands[1]); strings.Count(out, "call honeyhive.TracerFromContext") != 1 {
			t.Errorf("want the new finding alone:\n%s", out)
		}
	})
}
