package globalbaggage

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/types/typeutil"

	"github.com/honeyhiveai/hhvet/internal/sdkapi"
)

// unused reports whether a member or baggage that c builds provably never
// reaches a context or a carrier: it is dropped, compared, or only read.
func (ev *evaluator) unused(c *ast.CallExpr) bool {
	return !ev.reaches(c, make(map[*types.Var]bool))
}

// reaches follows the value of e to what is done with it.
func (ev *evaluator) reaches(e ast.Expr, seen map[*types.Var]bool) bool {
	switch p := ev.parent[e].(type) {
	case *ast.ParenExpr:
		return ev.reaches(p, seen)
	case *ast.ExprStmt:
		return false
	case *ast.AssignStmt:
		i := slices.Index(p.Rhs, e)
		if i < 0 {
			return false // assigned to
		}
		return ev.target(p.Lhs[i], seen)
	case *ast.ValueSpec:
		if i := slices.Index(p.Values, e); i >= 0 {
			return ev.target(p.Names[i], seen)
		}
	case *ast.BinaryExpr:
		return p.Op != token.EQL && p.Op != token.NEQ
	case *ast.RangeStmt:
		return p.Value != nil && ev.target(p.Value, seen)
	case *ast.SelectorExpr:
		return ev.method(p, seen)
	case *ast.CallExpr:
		return ev.handedTo(p, seen)
	}
	return true
}

func (ev *evaluator) target(lhs ast.Expr, seen map[*types.Var]bool) bool {
	id, ok := lhs.(*ast.Ident)
	if !ok {
		return true
	}
	if id.Name == "_" {
		return false
	}
	v, ok := ev.info.ObjectOf(id).(*types.Var)
	if !ok || v.Parent() == ev.pkg.Scope() || ev.escaped[v] || v.Kind() == types.ResultVar {
		return true
	}
	if seen[v] {
		return false
	}
	seen[v] = true
	return slices.ContainsFunc(ev.uses[v], func(use *ast.Ident) bool { return ev.reaches(use, seen) })
}

// method follows a call of one of the value's methods.
func (ev *evaluator) method(sel *ast.SelectorExpr, seen map[*types.Var]bool) bool {
	call, ok := ev.parent[sel].(*ast.CallExpr)
	if !ok || call.Fun != sel {
		return true
	}
	switch sel.Sel.Name {
	case "Key", "Value", "Properties", "Len":
		return false
	case "String", "Member", "Members", "SetMember", "DeleteMember":
		return ev.reaches(call, seen)
	}
	return true
}

// readers are packages whose functions only look at what they are given.
var readers = []string{
	"fmt", "log", "log/slog", "testing", "reflect",
	"github.com/google/go-cmp/cmp",
	"github.com/stretchr/testify/assert",
	"github.com/stretchr/testify/require",
}

func (ev *evaluator) handedTo(call *ast.CallExpr, seen map[*types.Var]bool) bool {
	fn, ok := typeutil.Callee(ev.info, call).(*types.Func)
	if !ok || fn.Pkg() == nil {
		b, ok := typeutil.Callee(ev.info, call).(*types.Builtin)
		return !ok || !slices.Contains([]string{"len", "panic", "print", "println"}, b.Name())
	}
	pkg := sdkapi.Unvendored(fn.Pkg().Path())
	switch {
	case isFunc(fn, baggagePath, "New"), isMethod(fn, baggagePath, "Baggage", "SetMember"):
		return ev.reaches(call, seen)
	case isFunc(fn, baggagePath, "ContextWithBaggage"):
		// A context that is dropped holds nothing.
		return ev.reaches(call, seen) && !ev.blank(call)
	case pkg == "fmt" && strings.HasPrefix(fn.Name(), "S"), pkg == "fmt" && strings.HasPrefix(fn.Name(), "Append"):
		return ev.reaches(call, seen)
	}
	return !slices.Contains(readers, pkg)
}

func (ev *evaluator) blank(call *ast.CallExpr) bool {
	assign, ok := ev.parent[call].(*ast.AssignStmt)
	if !ok || len(assign.Lhs) != 1 {
		return false
	}
	id, ok := assign.Lhs[0].(*ast.Ident)
	return ok && id.Name == "_"
}
