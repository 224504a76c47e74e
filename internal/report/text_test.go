package report_test

import (
	"bytes"
	"go/token"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/honeyhiveai/hhvet/internal/finding"
	"github.com/honeyhiveai/hhvet/internal/report"
)

func TestText(t *testing.T) {
	dir := filepath.FromSlash("/home/user/app")
	name := filepath.Join(dir, "pkg", "a.go")
	src := "package a\r\n\tcall(\"ä\", key) // ß\r\nlast"
	at := func(line, column int) token.Position {
		return token.Position{Filename: name, Line: line, Column: column}
	}
	tests := []struct {
		name    string
		finding finding.Finding
		text    report.Text
		want    string
	}{
		{
			name:    "plain",
			finding: finding.Finding{Analyzer: "a", Message: "m", Pos: at(2, 13), End: at(2, 16)},
			want:    "pkg/a.go:2:13: m (a)\n",
		},
		{
			name: "related",
			finding: finding.Finding{
				Analyzer: "a", Message: "m", Pos: at(2, 13),
				Related: []finding.Related{{Pos: at(1, 9), Message: "born here"}},
			},
			want: "pkg/a.go:2:13: m (a)\n\tpkg/a.go:1:9: born here\n",
		},
		{
			name:    "far away",
			finding: finding.Finding{Analyzer: "a", Message: "m", Pos: token.Position{Filename: filepath.FromSlash("/x.go"), Line: 1, Column: 1}},
			want:    "/x.go:1:1: m (a)\n",
		},
		{
			name:    "source",
			finding: finding.Finding{Analyzer: "a", Message: "m", Pos: at(2, 13), End: at(2, 16)},
			text:    report.Text{Source: func(string) ([]byte, error) { return []byte(src), nil }},
			want: "pkg/a.go:2:13: m (a)\n" +
				"    2 | \tcall(\"ä\", key) // ß\n" +
				"      | \t          ^^^\n",
		},
		{
			name:    "wide and combining characters",
			finding: finding.Finding{Analyzer: "a", Message: "m", Pos: at(1, 13), End: at(1, 25)},
			text:    report.Text{Source: func(string) ([]byte, error) { return []byte("f(\"会話\", \"e\u0301\", \"鍵\")"), nil }},
			want: "pkg/a.go:1:13: m (a)\n" +
				"    1 | f(\"会話\", \"e\u0301\", \"鍵\")\n" +
				"      |           ^^^^^^^^^\n",
		},
		{
			name:    "source of several lines",
			finding: finding.Finding{Analyzer: "a", Message: "m", Pos: at(2, 13), End: at(3, 1)},
			text:    report.Text{Source: func(string) ([]byte, error) { return []byte(src), nil }},
			want: "pkg/a.go:2:13: m (a)\n" +
				"    2 | \tcall(\"ä\", key) // ß\n" +
				"      | \t          ^^^^^^^^^\n",
		},
		{
			name:    "end of the file",
			finding: finding.Finding{Analyzer: "a", Message: "m", Pos: at(3, 5), End: at(3, 5)},
			text:    report.Text{Source: func(string) ([]byte, error) { return []byte(src), nil }},
			want:    "pkg/a.go:3:5: m (a)\n    3 | last\n      |     ^\n",
		},
		{
			name:    "a line that is too long to be looked at",
			finding: finding.Finding{Analyzer: "a", Message: "m", Pos: at(1, 1)},
			text:    report.Text{Source: func(string) ([]byte, error) { return bytes.Repeat([]byte("x"), 1000), nil }},
			want:    "pkg/a.go:1:1: m (a)\n",
		},
		{
			name:    "a line that would steer the terminal",
			finding: finding.Finding{Analyzer: "a", Message: "m", Pos: at(1, 1)},
			text:    report.Text{Source: func(string) ([]byte, error) { return []byte("f() // \x1b[2J"), nil }},
			want:    "pkg/a.go:1:1: m (a)\n",
		},
		{
			name:    "beyond the file",
			finding: finding.Finding{Analyzer: "a", Message: "m", Pos: at(9, 1)},
			text:    report.Text{Source: func(string) ([]byte, error) { return []byte(src), nil }},
			want:    "pkg/a.go:9:1: m (a)\n",
		},
		{
			name:    "no source",
			finding: finding.Finding{Analyzer: "a", Message: "m", Pos: at(2, 13)},
			text:    report.Text{Source: func(string) ([]byte, error) { return nil, os.ErrNotExist }},
			want:    "pkg/a.go:2:13: m (a)\n",
		},
		{
			name:    "colour",
			finding: finding.Finding{Analyzer: "a", Message: "m", Pos: at(3, 1), End: at(3, 5)},
			text:    report.Text{Color: true, Source: func(string) ([]byte, error) { return []byte(src), nil }},
			want: "\x1b[1mpkg/a.go:3:1:\x1b[0m m \x1b[2m(a)\x1b[0m\n" +
				"\x1b[2m    3 | \x1b[0mlast\n\x1b[2m      | \x1b[0m\x1b[31m^^^^\x1b[0m\n",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.text.Dir = dir
			var out bytes.Buffer
			if err := tt.text.Write(&out, []*finding.Finding{&tt.finding}); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(filepath.FromSlash(tt.want), out.String()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
