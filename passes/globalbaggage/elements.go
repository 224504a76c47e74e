package globalbaggage

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"golang.org/x/tools/go/types/typeutil"
)

func (ev *evaluator) literal(lit *ast.CompositeLit, path accessPath) set {
	if len(path) == 0 {
		return unknown
	}
	var out set
	step, rest := path[0], path[1:]
	if step.Kind == kindField {
		return ev.structField(lit, step.Name, rest)
	}
	for i, elt := range lit.Elts {
		kv, _ := elt.(*ast.KeyValueExpr)
		val := elt
		if kv != nil {
			val = kv.Value
		}
		switch step {
		case stepKeys, stepTrue:
			if kv == nil || step == stepTrue && isFalse(ev.info, kv.Value) {
				continue
			}
			out.union(ev.entries(ev.eval(kv.Key, nil), lit, kv.Key, nil))
		case stepElem:
			out.union(ev.entries(ev.eval(val, rest), lit, val, rest))
		case stepEven, stepOdd:
			if (i%2 == 0) == (step == stepEven) {
				out.union(ev.entries(ev.eval(val, rest), nil, val, rest))
			}
		case stepEntry:
			if kv != nil && ev.mayBeHeader(kv.Key) {
				out.union(ev.entries(ev.eval(kv.Value, rest), nil, kv.Value, rest))
			}
		default:
			if step.Kind != kindAt {
				return unknown
			}
			if i == step.N {
				out.union(ev.entries(ev.eval(val, rest), nil, val, rest))
			}
		}
	}
	return out
}

// entries says of known values that have no place of their own yet that they
// are, or are in, the element elem of a list; of none, if the places of the
// list's elements matter.
func (ev *evaluator) entries(s set, list ast.Node, elem ast.Expr, path accessPath) set {
	at := ev.standing(elem, path)
	vals := make([]value, len(s.vals))
	for i, v := range s.vals {
		if v.at == nil && (v.hasText() || v.object != nil) {
			v.at, v.list, v.elem = at, list, elem
		}
		vals[i] = v
	}
	s.vals = vals
	return s
}

// standing returns where what path leads to from e is written, if e is a
// struct literal that says so, else e.
func (ev *evaluator) standing(e ast.Expr, path accessPath) ast.Expr {
	at := e
	for ; len(path) > 0; path = path[1:] {
		inner := ast.Unparen(at)
		if ref, ok := inner.(*ast.UnaryExpr); ok && ref.Op == token.AND {
			inner = ast.Unparen(ref.X)
		}
		lit, ok := inner.(*ast.CompositeLit)
		if !ok || path[0].Kind != kindField {
			break
		}
		if at = fieldValue(ev.info, lit, path[0].Name); at == nil {
			return e
		}
	}
	return at
}

func (ev *evaluator) structField(lit *ast.CompositeLit, name string, rest accessPath) set {
	if val := fieldValue(ev.info, lit, name); val != nil {
		return ev.eval(val, rest)
	}
	return set{}
}

// fieldValue returns what a struct literal gives to a field, or nil.
func fieldValue(info *types.Info, lit *ast.CompositeLit, name string) ast.Expr {
	st, ok := structOf(info.TypeOf(lit))
	if !ok {
		return nil
	}
	for i, elt := range lit.Elts {
		if kv, ok := elt.(*ast.KeyValueExpr); ok {
			if id, ok := kv.Key.(*ast.Ident); ok && id.Name == name {
				return kv.Value
			}
		} else if i < st.NumFields() && st.Field(i).Name() == name {
			return elt
		}
	}
	return nil
}

func (ev *evaluator) indexed(e *ast.IndexExpr, path accessPath) set {
	if tv, ok := ev.info.Types[e.Index]; ok && tv.IsType() {
		return ev.eval(e.X, path) // an instantiated function
	}
	t := ev.info.TypeOf(e.X)
	if t == nil {
		return unknown
	}
	if len(path) > 0 && path[0] == stepResult(1) {
		return unknown
	}
	switch coreType(t).(type) {
	case *types.Map:
		return ev.eval(e.X, prepend(stepElem, path))
	case *types.Slice, *types.Array, *types.Pointer:
		if n, ok := intConstant(ev.info, e.Index); ok && !ev.reordered(ev.variable(e.X)) {
			if s := ev.eval(e.X, prepend(stepAt(n), path)); !s.open {
				return s
			}
		}
		return ev.eval(e.X, prepend(ev.parity(e.Index), path))
	}
	return unknown
}

// sliced returns what path leads to from a part of a list. Where the part
// begins matters to those who ask for one element, or for every other.
func (ev *evaluator) sliced(e *ast.SliceExpr, path accessPath) set {
	if e.Low == nil || len(path) == 0 {
		return ev.eval(e.X, path)
	}
	step := path[0]
	one := step.Kind == kindAt
	if !one && step != stepEven && step != stepOdd {
		return ev.eval(e.X, path)
	}
	low, ok := intConstant(ev.info, e.Low)
	switch {
	case !ok:
		return unknown
	case one:
		step = stepAt(low + step.N)
	case low%2 == 1 && step == stepEven:
		step = stepOdd
	case low%2 == 1:
		step = stepEven
	}
	return ev.eval(e.X, prepend(step, path[1:]))
}

// reordered reports whether the elements of v may stand elsewhere than where
// they were put: they are sorted, or assigned to one by one.
func (ev *evaluator) reordered(v *types.Var) bool {
	if slices.ContainsFunc(ev.writes[v], func(w write) bool { return w.key != nil && len(w.steps) == 0 }) {
		return true
	}
	return slices.ContainsFunc(ev.uses[v], func(id *ast.Ident) bool {
		call, ok := ev.parent[id].(*ast.CallExpr)
		if !ok || len(call.Args) == 0 || call.Args[0] != ast.Expr(id) {
			return false
		}
		fn, ok := typeutil.Callee(ev.info, call).(*types.Func)
		return ok && sorters[fn.FullName()]
	})
}

// parity tells pairs from lists: kv[i] and kv[i+1] in a loop that starts at 0
// and goes on by 2.
func (ev *evaluator) parity(i ast.Expr) step {
	odd := false
	if sum, ok := ast.Unparen(i).(*ast.BinaryExpr); ok && sum.Op == token.ADD && isInt(ev.info, sum.Y, 1) {
		odd = true
		i = sum.X
	}
	v := ev.variable(i)
	if v == nil {
		return stepElem
	}
	var from0, by2 bool
	for _, d := range ev.defs[v] {
		assign, ok := d.node.(*ast.AssignStmt)
		switch {
		case ok && d.add:
			by2 = isInt(ev.info, assign.Rhs[0], 2)
		case ok && ev.plus2(d.expr, v):
			by2 = true
		case ok && isInt(ev.info, d.expr, 0):
			from0 = true
		default:
			return stepElem
		}
	}
	switch {
	case !from0 || !by2:
		return stepElem
	case odd:
		return stepOdd
	default:
		return stepEven
	}
}

// plus2 reports whether e is v + 2.
func (ev *evaluator) plus2(e ast.Expr, v *types.Var) bool {
	sum, ok := e.(*ast.BinaryExpr)
	return ok && sum.Op == token.ADD && ev.variable(sum.X) == v && isInt(ev.info, sum.Y, 2)
}
