package main_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/honeyhiveai/hhvet/internal/corpus"
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
	exe := filepath.Join(t.TempDir(), "golangci-lint")
	if out, err := exec.Command("go", "build", "-o", exe, ".").CombinedOutput(); err != nil {
		t.Fatalf("build golangci-lint: %v\n%s", err, out)
	}
	return exe
}

// lint runs golangci-lint in dir with hhvet alone and these settings.
func lint(t *testing.T, exe, dir, settings string, args ...string) (exit int, stdout, stderr string) {
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
	cmd := exec.Command(exe, append(args, "./...")...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOLANGCI_LINT_CACHE="+t.TempDir())
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil && !errors.As(err, new(*exec.ExitError)) {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), out.String(), errs.String()
}

func TestCorpus(t *testing.T) {
	exe := executable(t)

	t.Run("findings", func(t *testing.T) {
		dir := corpus.Dir(t)
		exit, stdout, stderr := lint(t, exe, dir, "", "--output.json.path=stdout")
		if exit != exitIssues {
			t.Fatalf("exit code %d, want %d\n%s%s", exit, exitIssues, stdout, stderr)
		}
		corpus.Check(t, dir, parse(t, stdout))
	})

	t.Run("fixes", func(t *testing.T) {
		dir := corpus.Copy(t)
		lint(t, exe, dir, "", "--fix")
		corpus.CheckFixed(t, dir)

		once := corpus.Snapshot(t, dir)
		lint(t, exe, dir, "", "--fix")
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
			exit, stdout, stderr := lint(t, exe, dir, tt.settings)
			if exit != tt.exit || !strings.Contains(stderr, tt.want) {
				t.Errorf("exit code %d, want %d with %q in the error\n%s%s", exit, tt.exit, tt.want, stdout, stderr)
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
	exit, stdout, stderr := lint(t, exe, pkg, "", "--fix")
	if exit != exitClean {
		t.Errorf("exit code %d, want %d\n%s%s", exit, exitClean, stdout, stderr)
	}
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
