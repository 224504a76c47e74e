package flow_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/honeyhiveai/hhvet/internal/flow"
)

// The assignments x = N that reach here(), the outcomes of conditions on the
// way, and whether a way comes from the beginning.
func TestBackward(t *testing.T) {
	for _, tt := range []struct {
		name, body string
		reach      string
		edges      string
		begins     bool
	}{
		{name: "last one", body: `x = 1; x = 2; here()`, reach: "2"},
		{name: "none", body: `here(); x = 1`, begins: true},
		{name: "branches", body: `if c { x = 1 } else { x = 2 }; here()`, reach: "1 2"},
		{name: "one branch", body: `x = 1; if c { x = 2 }; here()`, reach: "1 2", edges: "c=false"},
		{name: "branch that returns", body: `x = 1; if c { x = 2; return }; here()`, reach: "1", edges: "c=false"},
		{name: "branch that panics", body: `if c { x = 2; panic(1) }; here()`, begins: true, edges: "c=false"},
		{name: "inside a branch", body: `x = 1; if c { here() }`, reach: "1", edges: "c=true"},
		{name: "loop", body: `x = 1; for c { here(); x = 2 }`, reach: "1 2", edges: "c=true"},
		{name: "range", body: `for range n { here(); x = 2 }`, reach: "2", begins: true},
		{name: "break", body: `for { x = 1; if c { break }; x = 2 }; here()`, reach: "1", edges: "c=true"},
		{name: "labelled continue", body: `x = 1; l: for c { for { if d { x = 2; continue l }; here() } }`, reach: "1 2", edges: "c=true d=false"},
		{name: "goto", body: `x = 1; if c { goto end }; x = 2; end: here()`, reach: "1 2", edges: "c=true"},
		{name: "switch", body: `switch { case c: x = 1; case d: x = 2; default: return }; here()`, reach: "1 2"},
		{name: "fallthrough", body: `switch { case c: x = 1; fallthrough; case d: here() }`, reach: "1", edges: "c=false d=true", begins: true},
		{name: "select", body: `select { case <-ch: x = 1; case ch <- 1: return }; here()`, reach: "1"},
		{name: "unreachable", body: `return; here()`},
		{name: "the assignment itself", body: `x = 1; x = here2()`, reach: "1"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			src := "package p\nfunc f(c, d bool, n, x int, ch chan int) {\n" + tt.body + "\n}\nfunc here() {}\nfunc here2() int { return 0 }\n"
			fset := token.NewFileSet()
			file, err := parser.ParseFile(fset, "p.go", src, 0)
			if err != nil {
				t.Fatal(err)
			}
			info := &types.Info{Types: map[ast.Expr]types.TypeAndValue{}, Uses: map[*ast.Ident]types.Object{}}
			if _, err := new(types.Config).Check("p", fset, []*ast.File{file}, info); err != nil {
				t.Fatal(err)
			}
			body := file.Decls[0].(*ast.FuncDecl).Body
			at := file.FileStart + token.Pos(strings.Index(src, "here"))
			var reach, edges []string
			begins, ok := flow.NewGraphs(info).Backward(body, at, flow.Visitor{
				Node: func(n ast.Node) bool {
					assign, ok := n.(*ast.AssignStmt)
					if ok {
						reach = append(reach, assign.Rhs[0].(*ast.BasicLit).Value)
					}
					return !ok
				},
				Edge: func(cond ast.Expr, outcome bool) {
					if id, ok := cond.(*ast.Ident); ok {
						edges = append(edges, id.Name+map[bool]string{true: "=true", false: "=false"}[outcome])
					}
				},
			})
			if !ok {
				t.Fatal("the place is not in the graph")
			}
			slices.Sort(reach)
			slices.Sort(edges)
			if diff := cmp.Diff(tt.reach, strings.Join(slices.Compact(reach), " ")); diff != "" {
				t.Errorf("assignments that reach (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.edges, strings.Join(slices.Compact(edges), " ")); diff != "" && tt.edges != "" {
				t.Errorf("conditions on the way (-want +got):\n%s", diff)
			}
			if begins != tt.begins {
				t.Errorf("begins = %v, want %v", begins, tt.begins)
			}
		})
	}
}

func TestBackwardOutside(t *testing.T) {
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "p.go", "package p\nfunc f() {}\nfunc g() { println() }\n", 0)
	if err != nil {
		t.Fatal(err)
	}
	graphs := flow.NewGraphs(&types.Info{})
	body := file.Decls[0].(*ast.FuncDecl).Body
	if _, ok := graphs.Backward(body, file.Decls[1].End()-4, flow.Visitor{Node: func(ast.Node) bool { return true }}); ok {
		t.Error("a place of another function is in the graph")
	}
}
