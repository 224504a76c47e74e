package corpus

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// recorder stands in for the test that a check reports to.
type recorder struct {
	testing.TB
	failures []string
}

func (r *recorder) Helper()             {}
func (r *recorder) Logf(string, ...any) {}
func (r *recorder) Errorf(f string, args ...any) {
	r.failures = append(r.failures, f)
}

func TestCheckFails(t *testing.T) {
	dir := t.TempDir()
	src := "package p\n\nvar a = 1 // want `one` fact:`ignored`\nvar b = `// want \"no comment\"`\n//x // want +1 \"two\"\nvar c = 3\n"
	if err := os.WriteFile(filepath.Join(dir, "p.go"), []byte(src), 0o666); err != nil {
		t.Fatal(err)
	}
	one := Finding{File: "p.go", Line: 3, Message: "analyzer: one"}
	two := Finding{File: filepath.Join(dir, "p.go"), Line: 6, Message: "two"}
	tests := []struct {
		name     string
		findings []Finding
		want     string
	}{
		{"as expected", []Finding{one, two}, ""},
		{"one missing", []Finding{two}, "nothing reported"},
		{"one twice", []Finding{one, one, two}, "unexpected"},
		{"other line", []Finding{one, {File: "p.go", Line: 5, Message: "two"}}, "unexpected"},
		{"other message", []Finding{{File: "p.go", Line: 3, Message: "three"}, two}, "unexpected"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := &recorder{TB: t}
			Check(r, dir, tt.findings)
			got := strings.Join(r.failures, "\n")
			if (got == "") != (tt.want == "") || !strings.Contains(got, tt.want) {
				t.Errorf("Check reported %q, want something with %q", got, tt.want)
			}
		})
	}
}
