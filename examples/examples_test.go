// Package examples holds programs that show the SDK and hhvet at work. Each
// is a module of its own and runs without an account or a network.
package examples_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/honeyhiveai/hhvet/honeyhive/honeyhivetest"
	"github.com/honeyhiveai/hhvet/internal/corpus"
	"github.com/honeyhiveai/hhvet/internal/exectest"
)

// The support desk before migration leaks spans into another customer's
// project and makes legacy calls; afterwards it does neither.
func TestSupportdesk(t *testing.T) {
	hhvet := exectest.Build(t, corpus.Root(), "./cmd/hhvet")
	before, after := filepath.Join("supportdesk", "before"), filepath.Join("supportdesk", "after")

	t.Run("before", func(t *testing.T) {
		out := run(t, before, 0, "go", "run", ".")
		if want := "3 of 7 spans in another customer's project"; !strings.Contains(out, want) {
			t.Errorf("output does not say %q:\n%s", want, out)
		}
		findings := run(t, before, 3, hhvet, "./...")
		for name, want := range map[string]int{"(deprecatedenrich)": 7, "(globalbaggage)": 3} {
			if got := strings.Count(findings, name); got != want {
				t.Errorf("%d findings of %s, want %d:\n%s", got, name, want, findings)
			}
		}
	})

	t.Run("after", func(t *testing.T) {
		out := run(t, after, 0, "go", "run", ".")
		if want := "0 of 7 spans in another customer's project"; !strings.Contains(out, want) {
			t.Errorf("output does not say %q:\n%s", want, out)
		}
		run(t, after, 0, hhvet, "./...")
	})

	// What differs after "hhvet -fix" is the repair of the leak, by hand.
	t.Run("migration", func(t *testing.T) {
		dir := t.TempDir()
		corpus.CopyTree(t, before, dir)
		run(t, dir, exectest.AnyExit, hhvet, "-fix", "./...")
		fixed, repaired := corpus.Snapshot(t, dir), corpus.Snapshot(t, after)
		byHand := map[string]bool{
			filepath.Join("desk", "desk.go"):           true,
			filepath.Join("telemetry", "baggage.go"):   true,
			filepath.Join("telemetry", "telemetry.go"): true,
		}
		for name := range repaired {
			if diff := cmp.Diff(repaired[name], fixed[name]); (diff != "") != byHand[name] {
				t.Errorf("%s: differs: %t, want %t (-after +fixed):\n%s", name, diff != "", byHand[name], diff)
			}
		}
		if keys := fixed[filepath.Join("telemetry", "baggage.go")]; strings.Contains(keys, `"project":`) || strings.Contains(keys, `"source":`) {
			t.Errorf("the keys are left in the list:\n%s", keys)
		}
		if out := run(t, dir, exectest.AnyExit, hhvet, "./..."); strings.Contains(out, "deprecatedenrich") {
			t.Errorf("legacy calls are left:\n%s", out)
		}
	})
}

// An example prints what its documentation promises.
func TestOutput(t *testing.T) {
	exectest.Watch(corpus.Root())
	tests := []struct {
		dir  string
		args []string
		want string
	}{
		{"basic", []string{"run", "."}, "Webhooks are retried for three days.\n"},
		{"otelhttp", []string{"run", "."}, `
SPAN         KIND       PROJECT
ask acme     internal   acme
  HTTP GET   client     acme
    GET      server     acme
ask globex   internal   globex
  HTTP GET   client     globex
    GET      server     globex
`},
		{"distributed", []string{"run", "."}, `
SPAN                        PROJECT   SESSION   PARENT
acme: answer (gateway)      acme      A         none
acme: complete (worker)     acme      A         acme: answer (gateway)
globex: answer (gateway)    globex    B         none
globex: complete (worker)   globex    B         globex: answer (gateway)
`},
		{"testing", []string{"test", "-count=1", "-v", "."}, "--- PASS: TestAnswerDuringAnOutage"},
		{"evaluate", []string{"test", "-count=1", "./..."}, "ok  \texample.com/evaluate"},
	}
	for _, tt := range tests {
		t.Run(tt.dir, func(t *testing.T) {
			t.Setenv("HH_TRACE_FILE", filepath.Join(t.TempDir(), "spans.jsonl"))
			got := run(t, tt.dir, 0, "go", tt.args...)
			if !strings.Contains(got, strings.TrimPrefix(tt.want, "\n")) {
				t.Errorf("got:\n%s\nwant:\n%s", got, tt.want)
			}
		})
	}
}

func TestBasicWritesTheTrace(t *testing.T) {
	file := filepath.Join(t.TempDir(), "spans.jsonl")
	t.Setenv("HH_TRACE_FILE", file)
	run(t, "basic", 0, "go", "run", ".")
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	spans, err := honeyhivetest.ReadFile(content)
	if err != nil {
		t.Fatal(err)
	}
	parents := make(map[string]string)
	ids := map[string]string{"": ""}
	for _, s := range spans {
		ids[s.SpanID] = s.Name
	}
	for _, s := range spans {
		parents[s.Name] = ids[s.ParentID]
	}
	if diff := cmp.Diff(map[string]string{"answer": "", "retrieve": "answer", "complete": "answer"}, parents); diff != "" {
		t.Errorf("spans and their parents (-want +got):\n%s", diff)
	}
}

// run returns what a command prints. The developer's own account is not part of
// the tests.
func run(t *testing.T, dir string, exit int, name string, args ...string) string {
	t.Helper()
	env := slices.DeleteFunc(os.Environ(), func(v string) bool {
		name, _, _ := strings.Cut(v, "=")
		return name != "HH_TRACE_FILE" && (strings.HasPrefix(name, "HH_") || strings.HasPrefix(name, "OTEL_"))
	})
	return exectest.RunEnv(t, env, dir, exit, name, args...).Stdout
}
