package main_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/honeyhiveai/hhvet/internal/corpus"
	"github.com/honeyhiveai/hhvet/internal/exectest"
)

const (
	exitClean  = 0
	exitIssues = 1
	exitError  = 3
)

// executable returns golangci-lint with the plugin: the one that the
// environment names, or else one built here, which takes minutes at first.
func executable(t *testing.T) string {
	t.Helper()
	if exe := os.Getenv("HHVET_GOLANGCI_LINT"); exe != "" {
		return exe
	}
	return exectest.Build(t, ".", "github.com/honeyhiveai/hhvet/golangci-plugin/golangci-lint")
}

// lint runs golangci-lint in dir with hhvet alone and these settings, and fails
// the test on another exit code.
func lint(t *testing.T, exe, dir, settings string, exit int, args ...string) exectest.Output {
	t.Helper()
	config := filepath.Join(t.TempDir(), "golangci.yml")
	text := `version: "2"
linters:
  default: none
  enable: [hhvet]
  settings:
    custom:
      hhvet:
        type: module
` + settings + `
issues:
  max-issues-per-linter: 0
  max-same-issues: 0
  uniq-by-line: false
`
	if err := os.WriteFile(config, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	args = append([]string{"run", "--config", config, "--show-stats=false", "--path-mode=abs"}, args...)
	env := append(os.Environ(), "GOLANGCI_LINT_CACHE="+t.TempDir())
	return exectest.RunEnv(t, env, dir, exit, exe, append(args, "./...")...)
}

func TestCorpus(t *testing.T) {
	exe := executable(t)

	t.Run("findings", func(t *testing.T) {
		dir := corpus.Dir(t)
		out := lint(t, exe, dir, "", exitIssues, "--output.json.path=stdout")
		corpus.Check(t, dir, parse(t, out.Stdout))
	})

	t.Run("fixes", func(t *testing.T) {
		dir := corpus.Copy(t)
		lint(t, exe, dir, "", exitIssues, "--fix")
		corpus.CheckFixed(t, dir)

		once := corpus.Snapshot(t, dir)
		lint(t, exe, dir, "", exitIssues, "--fix")
		if diff := cmp.Diff(once, corpus.Snapshot(t, dir)); diff != "" {
			t.Errorf("a second run changes files (-first +second):\n%s", diff)
		}
	})
}

func TestSettings(t *testing.T) {
	exe := executable(t)
	dir := t.TempDir()
	write(t, dir, "go.mod", "module example.com/m\n\ngo 1.26\n")
	write(t, dir, "m.go", "package m\n")
	tests := []struct {
		name     string
		settings string
		exit     int
		want     string // in the error
	}{
		{"none", "", exitClean, ""},
		{"valid", "        settings: {deprecatedenrich: {assume: false}}", exitClean, ""},
		{"unknown", "        settings: {deprecatedenrich: {assumme: true}}", exitError, `unknown field "assumme"`},
		{"unknown analyzer", "        settings: {globalbagage: {keys: [a]}}", exitError, `unknown field "globalbagage"`},
		{"wrong type", "        settings: {deprecatedenrich: {assume: maybe}}", exitError, "deprecatedenrich.assume"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if out := lint(t, exe, dir, tt.settings, tt.exit); !strings.Contains(out.Stderr, tt.want) {
				t.Errorf("no %q in the error\n%s", tt.want, out.Stderr)
			}
		})
	}
}

// A nolint comment silences the finding, and its fix is not applied.
func TestNolint(t *testing.T) {
	exe := executable(t)
	dir := corpus.Copy(t)
	src := `package nolint

import (
	"context"

	"github.com/honeyhiveai/hhvet/honeyhive"
)

func f(ctx context.Context, tracer *honeyhive.Tracer) {
	honeyhive.EnrichSpan(ctx, honeyhive.Metadata{"a": 1}) //nolint:hhvet // tested
}
`
	pkg := filepath.Join(dir, "nolint")
	if err := os.Mkdir(pkg, 0o777); err != nil {
		t.Fatal(err)
	}
	write(t, pkg, "nolint.go", src)
	lint(t, exe, pkg, "", exitClean, "--fix")
	got, err := os.ReadFile(filepath.Join(pkg, "nolint.go"))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(src, string(got)); diff != "" {
		t.Errorf("--fix changed a file with nolint (-before +after):\n%s", diff)
	}
}

func write(t *testing.T, dir, name, content string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o666); err != nil {
		t.Fatal(err)
	}
}

// parse reads golangci-lint's JSON report.
func parse(t *testing.T, out string) []corpus.Finding {
	t.Helper()
	var report struct {
		Issues []struct {
			Text string
			Pos  struct {
				Filename string
				Line     int
			}
		}
	}
	if err := json.Unmarshal([]byte(out), &report); err != nil {
		t.Fatalf("decode: %v\n%s", err, out)
	}
	var findings []corpus.Finding
	for _, issue := range report.Issues {
		findings = append(findings, corpus.Finding{File: issue.Pos.Filename, Line: issue.Pos.Line, Message: issue.Text})
	}
	return findings
}
