package main_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/honeyhiveai/hhvet/internal/corpus"
	"github.com/honeyhiveai/hhvet/internal/exectest"
	"github.com/honeyhiveai/hhvet/internal/markdown"
	"github.com/honeyhiveai/hhvet/internal/published"
)

// The recipes of docs/adopting.md do what it says.
func TestRecipes(t *testing.T) {
	p := published.New(t)
	blocks, _ := document(t, "docs", "adopting.md")
	recipe := func(section, lang string) string { return block(t, blocks, section, lang).Text }
	dir := consumer(t, p)

	tool := strings.TrimSpace(recipe("As a tool of your module", "sh"))
	if out := p.Run(t, dir, 0, tool); !strings.Contains(out, published.Version) {
		t.Errorf("hhvet -version does not print %s:\n%s", published.Version, out)
	}

	t.Run("clone", func(t *testing.T) {
		i := slices.IndexFunc(blocks, func(b markdown.Block) bool { return strings.HasPrefix(b.Text, "go mod edit") })
		dir := t.TempDir()
		lines := strings.ReplaceAll(blocks[i].Text, "=../hhvet", "="+corpus.Root())
		p.Run(t, dir, 0, "go mod init example.com/beside\n"+lines+"go tool hhvet -version")
	})

	t.Run("go vet", func(t *testing.T) {
		i := slices.IndexFunc(blocks, func(b markdown.Block) bool { return strings.HasPrefix(b.Text, "go vet") })
		// It replaces vet's own checks: this is not one of its findings.
		wrong := filepath.Join(dir, "wrong.go")
		if err := os.WriteFile(wrong, []byte("package main\n\nimport \"fmt\"\n\nfunc wrong() { fmt.Printf(\"%d\", \"text\") }\n"), 0o666); err != nil {
			t.Fatal(err)
		}
		line := strings.TrimSpace(blocks[i].Text)
		if out := p.Run(t, dir, 1, line); !strings.Contains(out, "call tracer.EnrichSpan") || strings.Contains(out, "wrong.go") {
			t.Errorf("want the legacy call alone:\n%s", out)
		}
		// The second time it comes from the go command's cache.
		if out := p.Run(t, dir, 1, strings.Replace(line, "go vet ", "go vet -x ", 1)); !strings.Contains(out, "call tracer.EnrichSpan") || strings.Contains(out, "vet.cfg") {
			t.Errorf("want the legacy call, and no run of hhvet:\n%s", out)
		}
		if out := p.Run(t, dir, 1, "go vet ./..."); !strings.Contains(out, "wrong.go") {
			t.Errorf("vet does not find the wrong call of Printf:\n%s", out)
		}
		if err := os.Remove(wrong); err != nil {
			t.Fatal(err)
		}
	})

	t.Run("GitHub", func(t *testing.T) {
		workflow := recipe("On GitHub", "yaml")
		if err := os.WriteFile(filepath.Join(dir, "workflow.yml"), []byte(workflow), 0o666); err != nil {
			t.Fatal(err)
		}
		exectest.Run(t, dir, 0, "go", "run", "github.com/rhysd/actionlint/cmd/actionlint@v1.7.12", "workflow.yml")
		command := regexp.MustCompile(`- run: (.*)`).FindStringSubmatch(workflow)
		if command == nil {
			t.Fatal("the workflow runs nothing")
		}
		p.Run(t, dir, 3, command[1])
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
		if out := p.Run(t, dir, 3, "go tool hhvet -format github ./..."); !strings.Contains(out, "::") {
			t.Errorf("no annotation:\n%s", out)
		}
	})

	p.Run(t, dir, 0, "git init -q . && git config user.email test@example.com && git config user.name test")

	t.Run("pre-commit's configuration", func(t *testing.T) {
		if _, err := exec.LookPath("pre-commit"); err != nil {
			t.Skip("pre-commit is not installed, as .ci/run would do")
		}
		if err := os.WriteFile(filepath.Join(dir, ".pre-commit-config.yaml"), []byte(recipe("Before a commit", "yaml")), 0o666); err != nil {
			t.Fatal(err)
		}
		p.Run(t, dir, 0, "git add .")
		// It says 1 for any failure, and shows the exit code of the hook.
		out := p.Run(t, dir, 1, "PRE_COMMIT_HOME="+t.TempDir()+" pre-commit run")
		if !strings.Contains(out, "call tracer.EnrichSpan") || !strings.Contains(out, "exit code: 3") {
			t.Errorf("the hook fails for another reason:\n%s", out)
		}
		p.Run(t, dir, 0, "git rm -q -r --cached .")
	})

	t.Run("pre-commit", func(t *testing.T) {
		hook := filepath.Join(dir, ".git", "hooks", "pre-commit")
		if err := os.WriteFile(hook, []byte(recipe("Before a commit", "bash")), 0o777); err != nil {
			t.Fatal(err)
		}
		p.Run(t, dir, 0, "git add main.go go.mod go.sum")
		if out := p.Run(t, dir, 1, "git commit -q -m first"); !strings.Contains(out, "call tracer.EnrichSpan") {
			t.Errorf("the commit fails for another reason:\n%s", out)
		}
		p.Run(t, dir, 0, "go tool hhvet -fix ./... && git add main.go && git commit -q -m first")
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
		commands := strings.Split(strings.TrimSpace(recipe("In an old repository", "sh")), "\n")
		if len(commands) != 2 {
			t.Fatalf("want two commands, got %q", commands)
		}
		p.Run(t, dir, 0, commands[0])
		p.Run(t, dir, 0, commands[1])
		write(head + "// Moved.\n\nfunc old(ctx context.Context) {\n\tprintln()\n" + legacyCall + "}\n")
		p.Run(t, dir, 0, commands[1])
		write(head + "func old(ctx context.Context) {\n" + legacyCall + strings.ReplaceAll(legacyCall, "old", "new") + "}\n")
		if out := p.Run(t, dir, 3, commands[1]); strings.Count(out, "call honeyhive.TracerFromContext") != 1 {
			t.Errorf("want the new finding alone:\n%s", out)
		}
	})
}
