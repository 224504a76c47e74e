package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestEvaluate(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("HH_API_KEY", "") // no account, whoever runs the test
	var out bytes.Buffer
	report, err := evaluate(t.Context(), dir, &out)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"rare words count more: 32 cases", "correct", "concise", "compared with shared words"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("output lacks %q:\n%s", want, out.String())
		}
	}
	page, err := os.ReadFile(report)
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(page), `<details class="case`); n != 32 {
		t.Errorf("the report shows %d cases", n)
	}
	traces, err := os.ReadFile(filepath.Join(dir, "traces.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	// Two runs, two spans a case.
	if n := strings.Count(string(traces), `"spanId"`); n != 2*2*32 {
		t.Errorf("the trace file has %d spans", n)
	}
}
