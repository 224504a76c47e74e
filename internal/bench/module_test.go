//go:build unix

package main

import (
	"strings"
	"testing"

	"github.com/honeyhiveai/hhvet/internal/exectest"
)

// The modules compile, have the size that they are said to have, and something
// to be found in them.
func TestModule(t *testing.T) {
	dir := t.TempDir()
	m := module{Packages: 20, Lines: 100, Touching: 0.1, OTel: 0.25}
	if err := m.write(dir); err != nil {
		t.Fatal(err)
	}
	out := exectest.Run(t, dir, 0, "go", "list", "-f", "{{.ImportPath}} {{.Imports}}", "./...").Stdout
	lines := strings.Split(strings.TrimSpace(out), "\n")
	touching := 0
	for _, line := range lines {
		if strings.Contains(line, "otel/baggage") {
			touching++
		}
	}
	if len(lines) != 20 || touching != 2 {
		t.Errorf("%d packages, %d of them with baggage; want 20 and 2", len(lines), touching)
	}
	exectest.Run(t, dir, 0, "go", "vet", "./...")
}
