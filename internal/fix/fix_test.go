package fix_test

import (
	"context"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/honeyhiveai/hhvet/internal/finding"
	"github.com/honeyhiveai/hhvet/internal/fix"
)

// files is a package without imports, by file name.
type files map[string]string

// replace is a fix of one finding: each edit replaces the only occurrence of
// a text in a file.
type replace []struct{ file, old, new string }

// prepare has the fixes made; a finding stays for as long as the texts that
// its fix replaces are there.
func prepare(t *testing.T, src files, fixes ...replace) *fix.Outcome {
	t.Helper()
	u := &fix.Unit{
		ID:      "p",
		Sources: make(map[string][]byte),
		Refuse: func(file string) string {
			if strings.HasPrefix(file, "gen") {
				return "generated"
			}
			return ""
		},
	}
	for name, text := range src {
		u.Sources[name] = []byte(text)
	}
	with := func(changed map[string][]byte) files {
		now := make(files)
		for name, text := range u.Sources {
			now[name] = string(text)
		}
		for name, text := range changed {
			now[name] = string(text)
		}
		return now
	}
	findings := func(now files) []*finding.Finding {
		var out []*finding.Finding
		for i, r := range fixes {
			f := &finding.Finding{Analyzer: "a", Category: "c", Message: fmt.Sprintf("fix %d", i), Fixes: []finding.Fix{{}}}
			for _, e := range r {
				at := strings.Index(now[e.file], e.old)
				if at < 0 {
					f = nil
					break
				}
				f.Pos.Filename = e.file
				f.Fixes[0].Edits = append(f.Fixes[0].Edits, finding.Edit{File: e.file, Start: at, End: at + len(e.old), New: e.new})
			}
			if f != nil {
				out = append(out, f)
			}
		}
		return out
	}
	u.Findings = findings(src)
	if len(u.Findings) != len(fixes) {
		t.Fatal("a text to be replaced does not occur")
	}
	u.Check = func(_ context.Context, changed map[string][]byte, bodies bool) error { return typecheck(with(changed)) }
	u.Analyze = func(_ context.Context, changed map[string][]byte) ([]*finding.Finding, error) {
		return findings(with(changed)), nil
	}
	outcome, err := u.Prepare(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return outcome
}

func typecheck(src files) error {
	fset := token.NewFileSet()
	var parsed []*ast.File
	for name, text := range src {
		f, err := parser.ParseFile(fset, name, text, 0)
		if err != nil {
			return err
		}
		parsed = append(parsed, f)
	}
	_, err := new(types.Config).Check("p", fset, parsed, nil)
	return err
}

func TestPrepare(t *testing.T) {
	tests := []struct {
		name  string
		src   files
		fixes []replace
		want  files             // the files that change
		left  map[string]string // message of what is left to its reason
	}{
		{
			name:  "one",
			src:   files{"a.go": "package p\n\nfunc f() { old() }\n\nfunc old() {}\nfunc new() {}\n"},
			fixes: []replace{{{"a.go", "old() }", "new() }"}}},
			want:  files{"a.go": "package p\n\nfunc f() { new() }\n\nfunc old() {}\nfunc new() {}\n"},
		},
		{
			name: "the one that does not compile is withdrawn alone",
			src:  files{"a.go": "package p\n\nfunc f() {\n\ta()\n\tb()\n\tc()\n}\n\nfunc a() {}\nfunc b() {}\nfunc c() {}\n"},
			fixes: []replace{
				{{"a.go", "\ta()\n", "\tf()\n"}},
				{{"a.go", "\tb()\n", "\tnowhere()\n"}},
				{{"a.go", "\tc()\n", "\tf()\n"}},
			},
			want: files{"a.go": "package p\n\nfunc f() {\n\tf()\n\tb()\n\tf()\n}\n\nfunc a() {}\nfunc b() {}\nfunc c() {}\n"},
			left: map[string]string{"fix 1": "undefined: nowhere"},
		},
		{
			name: "fixes that compile only together",
			src:  files{"a.go": "package p\n\nvar x int = 1\n\nfunc f() { print(x + 1) }\n"},
			fixes: []replace{
				{{"a.go", "int = 1", "string = \"1\""}},
				{{"a.go", "x + 1", "x + \"1\""}},
			},
			want: files{"a.go": "package p\n\nvar x string = \"1\"\n\nfunc f() { print(x + \"1\") }\n"},
		},
		{
			name: "overlapping edits: the first is made",
			src:  files{"a.go": "package p\n\nfunc f() { print(1 + 2) }\n"},
			fixes: []replace{
				{{"a.go", "1 + 2", "3"}},
				{{"a.go", "+", "-"}},
			},
			want: files{"a.go": "package p\n\nfunc f() { print(3) }\n"},
			left: nil,
		},
		{
			name: "equal edits of several fixes are made once",
			src:  files{"a.go": "package p\n\nfunc f() { print(one); print(two) }\n\nconst one, two = 1, 2 //\n"},
			fixes: []replace{
				{{"a.go", "print(one)", "print(three)"}, {"a.go", "//\n", "\n\nconst three = 3\n"}},
				{{"a.go", "print(two)", "print(-three)"}, {"a.go", "//\n", "\n\nconst three = 3\n"}},
			},
			want: files{"a.go": "package p\n\nfunc f() { print(three); print(-three) }\n\nconst one, two = 1, 2\n\nconst three = 3\n"},
		},
		{
			name:  "a generated file refuses the whole fix",
			src:   files{"a.go": "package p\n\nfunc f() { print(one) }\n", "gen.go": "package p\n\nconst one = 1\n"},
			fixes: []replace{{{"a.go", "one", "two"}, {"gen.go", "one = 1", "two = 1"}}},
			left:  map[string]string{"fix 0": "generated"},
		},
		{
			name: "files are written in an order in which they compile",
			src: files{
				"a.go": "package p\n\nfunc f() { print(one) }\n",
				"b.go": "package p\n\nconst one = 1 //\n",
			},
			// a.go may use two only once b.go has it.
			fixes: []replace{{{"a.go", "one", "two"}, {"b.go", "//\n", "\n\nconst two = 2\n"}}},
			want: files{
				"a.go": "package p\n\nfunc f() { print(two) }\n",
				"b.go": "package p\n\nconst one = 1\n\nconst two = 2\n",
			},
		},
		{
			name: "no order compiles",
			src: files{
				"a.go": "package p\n\nfunc f() { print(one) }\n",
				"b.go": "package p\n\nconst one = 1\n",
			},
			fixes: []replace{{{"a.go", "one", "two"}, {"b.go", "one", "two"}}},
			left:  map[string]string{"fix 0": "would not compile between the changes of two files"},
		},
		{
			name:  "a change of nothing",
			src:   files{"a.go": "package p\n"},
			fixes: []replace{{{"a.go", "p", "p"}}},
			left:  map[string]string{"fix 0": ""},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			outcome := prepare(t, tt.src, tt.fixes...)
			got := make(files)
			step := make(files)
			for name, text := range tt.src {
				step[name] = text
			}
			for _, f := range outcome.Files {
				got[f.Name] = string(f.New)
				if string(f.Old) != tt.src[f.Name] {
					t.Errorf("%s: the old content is %q", f.Name, f.Old)
				}
				step[f.Name] = string(f.New)
				if err := typecheck(step); err != nil {
					t.Errorf("after writing %s: %v", f.Name, err)
				}
			}
			if tt.want == nil {
				tt.want = files{}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("files (-want +got):\n%s", diff)
			}
			for _, l := range outcome.Left {
				if reason, ok := tt.left[l.Message]; !ok || !strings.Contains(l.Reason, reason) {
					t.Errorf("left: %s: %q, want %q", l.Message, l.Reason, reason)
				}
			}
			if len(outcome.Left) != len(tt.left) {
				t.Errorf("%d left, want %d", len(outcome.Left), len(tt.left))
			}

			// Without being written, all of it is left.
			outcome.Withdraw("disk full")
			if len(outcome.Files) != 0 || len(outcome.Fixed) != 0 || len(outcome.Left) != len(tt.fixes) {
				t.Errorf("withdrawn: %d files, %d fixed, %d left", len(outcome.Files), len(outcome.Fixed), len(outcome.Left))
			}
			for _, l := range outcome.Left {
				if want, ok := tt.left[l.Message]; ok && want != "" && !strings.Contains(l.Reason, want) {
					t.Errorf("withdrawn: %s: %q, want %q", l.Message, l.Reason, want)
				}
			}
		})
	}
}
