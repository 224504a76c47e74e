package analyzer_test

import (
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/honeyhiveai/hhvet/internal/corpus"
	"github.com/honeyhiveai/hhvet/internal/exectest"
)

// A driver runs the suite over the packages of a directory.
type driver struct {
	name string
	// report lists findings; nil where the driver only fixes.
	report func(t *testing.T, dir string) []corpus.Finding
	// fix applies suggested fixes; nil where the driver only reports.
	fix func(t *testing.T, dir string)
}

// golangci-lint has a test of its own, in golangci-plugin/golangci-lint.
func drivers(hhvet string) []driver {
	return []driver{
		{
			name: "hhvet",
			report: func(t *testing.T, dir string) []corpus.Finding {
				return parseJSON(t, exectest.Run(t, dir, 3, hhvet, "-format", "json", "./...").Stdout)
			},
			fix: func(t *testing.T, dir string) {
				exectest.Run(t, dir, 3, hhvet, "-fix", "./...")
			},
		},
		{
			name: "go vet -vettool",
			report: func(t *testing.T, dir string) []corpus.Finding {
				return parseJSON(t, exectest.Run(t, dir, 0, "go", "vet", "-vettool="+hhvet, "-json", "./...").Stdout)
			},
		},
		{
			name: "go vet -vettool, text",
			report: func(t *testing.T, dir string) []corpus.Finding {
				return parseText(t, exectest.Run(t, dir, 1, "go", "vet", "-vettool="+hhvet, "./...").Stderr)
			},
			fix: func(t *testing.T, dir string) {
				exectest.Run(t, dir, 0, "go", "vet", "-vettool="+hhvet, "-fix", "./...")
			},
		},
		{
			name: "go fix -fixtool",
			fix: func(t *testing.T, dir string) {
				exectest.Run(t, dir, 0, "go", "fix", "-fixtool="+hhvet, "./...")
			},
		},
	}
}

func TestCorpusUnderEveryDriver(t *testing.T) {
	for _, d := range drivers(exectest.Build(t, corpus.Root(), "./cmd/hhvet")) {
		t.Run(d.name, func(t *testing.T) {
			if d.report != nil {
				t.Run("findings", func(t *testing.T) {
					dir := corpus.Dir(t)
					corpus.Check(t, dir, d.report(t, dir))
				})
			}
			if d.fix != nil {
				t.Run("fixes", func(t *testing.T) {
					dir := corpus.Copy(t)
					d.fix(t, dir)
					corpus.CheckFixed(t, dir)

					once := corpus.Snapshot(t, dir)
					d.fix(t, dir)
					if diff := cmp.Diff(once, corpus.Snapshot(t, dir)); diff != "" {
						t.Errorf("a second run changes files (-first +second):\n%s", diff)
					}
				})
			}
		})
	}
}

// parseJSON reads the output of "go vet -json": one object per package, each
// package ID -> analyzer name -> diagnostics or {"error": ...}.
func parseJSON(t *testing.T, out string) []corpus.Finding {
	t.Helper()
	type diagnostic struct {
		Posn, Message string
	}
	// go vet announces packages in comment lines.
	var lines []string
	for line := range strings.Lines(out) {
		if !strings.HasPrefix(line, "#") {
			lines = append(lines, line)
		}
	}
	dec := json.NewDecoder(strings.NewReader(strings.Join(lines, "")))
	var findings []corpus.Finding
	for {
		var packages map[string]map[string]json.RawMessage
		if err := dec.Decode(&packages); errors.Is(err, io.EOF) {
			return findings
		} else if err != nil {
			t.Fatalf("decode: %v\n%s", err, out)
		}
		for id, analyzers := range packages {
			for name, raw := range analyzers {
				var diagnostics []diagnostic
				if err := json.Unmarshal(raw, &diagnostics); err != nil {
					t.Errorf("%s: %s: %s", id, name, raw)
				}
				for _, d := range diagnostics {
					findings = append(findings, finding(t, d.Posn, d.Message))
				}
			}
		}
	}
}

// parseText reads lines of the form file:line:col: message, where other
// lines continue the message or announce a package.
func parseText(t *testing.T, out string) []corpus.Finding {
	t.Helper()
	var findings []corpus.Finding
	for line := range strings.Lines(out) {
		posn, message, ok := strings.Cut(strings.TrimSuffix(line, "\n"), ": ")
		// Related information is indented by a tab.
		if ok && !strings.HasPrefix(line, "#") && !strings.HasPrefix(message, "\t") && strings.Count(posn, ":") >= 2 {
			findings = append(findings, finding(t, posn, message))
		}
	}
	return findings
}

// finding splits the position file:line:col.
func finding(t *testing.T, posn, message string) corpus.Finding {
	t.Helper()
	parts := strings.Split(posn, ":")
	if len(parts) < 3 {
		t.Fatalf("position %q is not file:line:col", posn)
	}
	line, err := strconv.Atoi(parts[len(parts)-2])
	if err != nil {
		t.Fatalf("position %q: %v", posn, err)
	}
	return corpus.Finding{File: strings.Join(parts[:len(parts)-2], ":"), Line: line, Message: message}
}
