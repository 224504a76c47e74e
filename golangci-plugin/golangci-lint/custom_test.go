package main_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/honeyhiveai/hhvet/internal/corpus"
	"github.com/honeyhiveai/hhvet/internal/markdown"
	"github.com/honeyhiveai/hhvet/internal/published"
)

// blocks returns the code blocks of a document of that language.
func blocks(t *testing.T, document, lang string) []string {
	t.Helper()
	page, err := os.ReadFile(filepath.Join(corpus.Root(), "docs", document))
	if err != nil {
		t.Fatal(err)
	}
	all, _ := markdown.Parse(string(page))
	var out []string
	for _, b := range all {
		if b.Lang == lang {
			out = append(out, b.Text)
		}
	}
	return out
}

// docs/golangci-lint.md, from the file that names the plugin to a fix. Only
// the clone of golangci-lint comes from the module proxy instead of GitHub.
func TestCustom(t *testing.T) {
	m := published.New(t)
	configs := blocks(t, "golangci-lint.md", "yaml")
	commands := strings.Split(strings.TrimSpace(blocks(t, "golangci-lint.md", "sh")[0]), "\n")
	if len(configs) != 3 || len(commands) != 2 {
		t.Fatalf("want three configurations and two commands, got %q and %q", configs, commands)
	}

	bin := t.TempDir()
	if err := os.Symlink(executable(t), filepath.Join(bin, "golangci-lint")); err != nil {
		t.Fatal(err)
	}
	source, err := exec.Command("go", "list", "-m", "-f", "{{.Version}} {{.Dir}}", "github.com/golangci/golangci-lint/v2").Output()
	if err != nil {
		t.Fatal(err)
	}
	version, dir, _ := strings.Cut(strings.TrimSpace(string(source)), " ")
	write(t, bin, "git", fmt.Sprintf(`#!/bin/sh
case "$*" in
"clone --branch %s "*" https://github.com/golangci/golangci-lint.git") cp -R %s golangci-lint && chmod -R u+w golangci-lint ;;
*) echo "unexpected: git $*" >&2; exit 1 ;;
esac
`, version, dir))
	if err := os.Chmod(filepath.Join(bin, "git"), 0o777); err != nil {
		t.Fatal(err)
	}
	m.Env = append(m.Env, "PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"),
		"GOFLAGS=-modcacherw -trimpath", // so that what was compiled before need not be again
		"GOLANGCI_LINT_CACHE="+t.TempDir())

	dir = t.TempDir()
	write(t, dir, ".custom-gcl.yml", configs[0])
	write(t, dir, ".golangci.yml", configs[1])
	write(t, dir, "telemetry.go", `// Package telemetry puts what it is given into baggage, by ways that the analyzer cannot see.
package telemetry

import "context"

var put = func(ctx context.Context, _, _ string) context.Context { return ctx }

// With adds an item.
func With(ctx context.Context, key, value string) context.Context { return put(ctx, key, value) }
`)
	const use = `// Package use uses it.
package use

import (
	"context"

	"example.com/telemetry"
	"github.com/honeyhiveai/hhvet/honeyhive"
)

// Leak has four findings with the same text.
func Leak(ctx context.Context, id string) []context.Context {
	return []context.Context{
		telemetry.With(ctx, "tenant_id", id),
		telemetry.With(ctx, "tenant_id", id),
		telemetry.With(ctx, "tenant_id", id),
		telemetry.With(ctx, "tenant_id", id),
	}
}

// Legacy has a directive that names no analyzer.
func Legacy(ctx context.Context, tracer *honeyhive.Tracer) {
	//hhvet:ignore nothing at all
	honeyhive.EnrichSpan(ctx, honeyhive.Metadata{"tracer": tracer.ID()})
}
`
	if err := os.Mkdir(filepath.Join(dir, "use"), 0o777); err != nil {
		t.Fatal(err)
	}
	write(t, dir, "use/use.go", use)
	m.Run(t, dir, 0, "go mod init example.com/telemetry && go mod tidy")

	m.Run(t, dir, 0, commands[0])
	findings := func(out, text string) int {
		return len(regexp.MustCompile(`(?m)^use/use\.go:\d+:\d+: .*`+text).FindAllString(out, -1))
	}
	out := m.Run(t, dir, exitIssues, commands[1])
	if n := findings(out, "tenant_id"); n != 3 {
		t.Errorf("%d findings of the key, want the 3 that golangci-lint shows:\n%s", n, out)
	}
	if n := findings(out, `so call tracer\.EnrichSpan`); n != 1 {
		t.Errorf("%d legacy calls with a tracer that is assumed, want 1:\n%s", n, out)
	}
	if n := findings(out, "directive"); n != 0 {
		t.Errorf("%d findings of hhdirective, which is disabled:\n%s", n, out)
	}

	write(t, dir, ".golangci.yml", configs[1]+configs[2])
	out = m.Run(t, dir, exitIssues, commands[1])
	if n := findings(out, "tenant_id"); n != 4 {
		t.Errorf("%d findings of the key, want all 4:\n%s", n, out)
	}

	m.Run(t, dir, exitIssues, commands[1]+" --fix")
	fixed, err := os.ReadFile(filepath.Join(dir, "use", "use.go"))
	if err != nil {
		t.Fatal(err)
	}
	if want := strings.Replace(use, "honeyhive.EnrichSpan(", "tracer.EnrichSpan(", 1); string(fixed) != want {
		t.Errorf("after --fix:\n%s", fixed)
	}
	m.Run(t, dir, 0, "go build ./...")
}

// The workflow of docs/adopting.md uploads what its run wrote, also after a run
// with findings.
func TestWorkflow(t *testing.T) {
	var workflow struct {
		Permissions map[string]string
		Jobs        map[string]struct {
			Steps []struct {
				Run, If string
				With    map[string]string
			}
		}
	}
	if err := yaml.Unmarshal([]byte(blocks(t, "adopting.md", "yaml")[1]), &workflow); err != nil {
		t.Fatal(err)
	}
	steps := workflow.Jobs["hhvet"].Steps
	run, upload := steps[len(steps)-2], steps[len(steps)-1]
	if !strings.HasSuffix(run.Run, "> "+upload.With["sarif_file"]) || upload.If != "always()" || workflow.Permissions["security-events"] != "write" {
		t.Errorf("steps = %+v", steps)
	}
}
