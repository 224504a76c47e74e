package scope_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/honeyhiveai/hhvet/internal/scope"
)

const src = `package p

var v int

func f(a, _ int) (r int) {
	/*1*/
	b := /*2*/ 1
	{
		a := ""
		_ = a /*3*/
	}
	for v := range b {
		_ = v /*4*/
	}
	append := 1
	_ = append /*5*/
	return
}
`

func check(t *testing.T) (*types.Info, *ast.File, *types.Package, func(mark string) token.Pos) {
	t.Helper()
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "p.go", src, 0)
	if err != nil {
		t.Fatal(err)
	}
	info := &types.Info{Defs: map[*ast.Ident]types.Object{}, Scopes: map[ast.Node]*types.Scope{}}
	pkg, err := new(types.Config).Check("p", fset, []*ast.File{file}, info)
	if err != nil {
		t.Fatal(err)
	}
	return info, file, pkg, func(mark string) token.Pos {
		return file.FileStart + token.Pos(strings.Index(src, "/*"+mark+"*/"))
	}
}

func TestVariables(t *testing.T) {
	info, file, _, at := check(t)
	for _, tt := range []struct{ mark, want string }{
		{"1", "a int, r int"},
		{"2", "a int, r int"}, // b is not declared before its statement ends
		{"3", "a string, b int, r int"},
		{"4", "v int, a int, b int, r int"},
		{"5", "a int, append int, b int, r int"},
	} {
		var got []string
		for _, v := range scope.Variables(info, file, at(tt.mark)) {
			got = append(got, v.Name()+" "+v.Type().String())
		}
		if diff := cmp.Diff(tt.want, strings.Join(got, ", ")); diff != "" {
			t.Errorf("at %s (-want +got):\n%s", tt.mark, diff)
		}
	}
}

func TestDenotes(t *testing.T) {
	info, file, pkg, at := check(t)
	v := pkg.Scope().Lookup("v")
	for mark, want := range map[string]bool{"1": true, "3": true, "4": false, "5": true} {
		if got := scope.Denotes(info, file, v, at(mark)); got != want {
			t.Errorf("v at %s: %v, want %v", mark, got, want)
		}
	}
	if !scope.IsBuiltin(info, file, "append", at("1")) || scope.IsBuiltin(info, file, "append", at("5")) {
		t.Error("append is the built-in function at 1, and not at 5")
	}
}
