//go:build unix

package main

import (
	"bytes"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// The modules compile, have the size that they are said to have, and something
// to be found in them.
func TestModule(t *testing.T) {
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	m := module{Packages: 20, Lines: 100, Touching: 0.1, OTel: 0.25}
	if err := m.write(dir, root); err != nil {
		t.Fatal(err)
	}
	list := exec.Command("go", "list", "-f", "{{.ImportPath}} {{.Imports}}", "./...")
	list.Dir = dir
	out, err := list.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, out)
	}
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	touching := 0
	for _, line := range lines {
		if strings.Contains(line, "otel/baggage") {
			touching++
		}
	}
	if len(lines) != 20 || touching != 2 {
		t.Errorf("%d packages, %d of them with baggage; want 20 and 2", len(lines), touching)
	}
	vet := exec.Command("go", "vet", "./...")
	vet.Dir = dir
	if msg, err := vet.CombinedOutput(); err != nil {
		t.Errorf("go vet: %v\n%s", err, bytes.TrimSpace(msg))
	}
}
