package globalbaggage

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/types/typeutil"
)

// stored returns what the stores into parts of v contribute to path, except
// for those that only run after the use.
func (ev *evaluator) stored(v *types.Var, use ast.Node, path accessPath) set {
	var out set
	for _, w := range ev.writes[v] {
		if use != nil && ev.function(w.node) == ev.function(use) && ev.function(use) != nil &&
			w.node.Pos() > use.End() && !ev.sameLoop(w.node, use) {
			continue
		}
		out.union(ev.written(w, path))
	}
	for _, id := range ev.uses[v] {
		if use == nil || id.Pos() < use.Pos() || ev.sameLoop(id, use) {
			out.union(ev.storedBy(id, path))
		}
	}
	return out
}

// storedBy returns what a function of this package stores in the map, slice
// or struct that id hands to it, as an argument or as the receiver.
func (ev *evaluator) storedBy(id *ast.Ident, path accessPath) set {
	var arg ast.Node = id
	if ref, ok := ev.parent[id].(*ast.UnaryExpr); ok && ref.Op == token.AND {
		arg = ref
	}
	index := receiver
	call, ok := ev.parent[arg].(*ast.CallExpr)
	if ok {
		index = slices.IndexFunc(call.Args, func(e ast.Expr) bool { return ast.Node(e) == arg })
	} else if sel, isSel := ev.parent[id].(*ast.SelectorExpr); isSel && sel.X == ast.Expr(id) {
		call, ok = ev.parent[sel].(*ast.CallExpr)
		ok = ok && call.Fun == ast.Expr(sel)
	}
	if !ok || index < receiver {
		return set{}
	}
	fn, _ := typeutil.Callee(ev.info, call).(*types.Func)
	if fn == nil || ev.decls[fn.Origin()] == nil {
		return set{}
	}
	decl := ev.decls[fn.Origin()]
	param := ev.formal(decl, index)
	if param == nil || len(ev.writes[param]) == 0 && len(ev.uses[param]) == 0 {
		return set{}
	}
	leave := ev.enter(askStored, param, path)
	if leave == nil {
		return set{}
	}
	defer leave()
	return ev.substitute(decl, call, ev.stored(param, nil, path))
}

func (ev *evaluator) written(w write, path accessPath) set {
	rest, ok := path.after(w.steps)
	if !ok || w.del {
		return set{}
	}
	if w.other != nil {
		return ev.eval(w.other, rest)
	}
	if w.key == nil {
		return ev.eval(w.value, rest)
	}
	if len(rest) == 0 {
		return set{}
	}
	switch rest[0] {
	case stepKeys:
		return ev.eval(w.key, nil)
	case stepTrue:
		if !isFalse(ev.info, w.value) {
			return ev.eval(w.key, nil)
		}
	case stepElem, stepEven, stepOdd:
		return ev.eval(w.value, rest[1:])
	case stepEntry:
		if ev.mayBeHeader(w.key) {
			return ev.eval(w.value, rest[1:])
		}
	}
	return set{}
}

// deleted removes the keys that a delete on the way to use takes out.
func (ev *evaluator) deleted(v *types.Var, use ast.Node, s set) set {
	for _, w := range ev.writes[v] {
		if !w.del || len(w.steps) > 0 || !ev.dominates(w.node, use) {
			continue
		}
		for _, k := range ev.eval(w.key, nil).vals {
			if t, ok := k.known(); ok {
				s = s.without(t)
			}
		}
	}
	return s
}

func (s set) without(texts ...string) set {
	out := set{open: s.open, all: s.all}
	for _, v := range s.vals {
		if t, ok := v.known(); ok && slices.Contains(texts, t) {
			continue
		} else if !ok {
			v.except = append(slices.Clone(v.except), texts...)
		}
		out.vals = append(out.vals, v)
	}
	return out
}

// dominates reports whether the statement of n runs before use whenever use
// does.
func (ev *evaluator) dominates(n, use ast.Node) bool {
	var stmt ast.Node
	for stmt = n; stmt != nil && siblings(ev.parent[stmt]) == nil; stmt = ev.parent[stmt] {
	}
	return stmt != nil && within(use, ev.parent[stmt]) && stmt.End() <= use.Pos()
}

func (ev *evaluator) sameLoop(a, b ast.Node) bool {
	for n := ev.parent[b]; n != nil; n = ev.parent[n] {
		switch n.(type) {
		case *ast.ForStmt, *ast.RangeStmt:
			if within(a, n) {
				return true
			}
		case *ast.FuncDecl, *ast.FuncLit:
			return false
		}
	}
	return false
}

// mayBeHeader reports whether e is "baggage" in any letter case.
func (ev *evaluator) mayBeHeader(e ast.Expr) bool {
	for _, v := range ev.eval(e, nil).vals {
		if t, ok := v.known(); ok && strings.EqualFold(t, "baggage") {
			return true
		}
	}
	return false
}
