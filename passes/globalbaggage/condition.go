package globalbaggage

import (
	"go/ast"
	"go/token"
	"go/types"

	"golang.org/x/tools/go/types/typeutil"
)

// conditions are lists that a subject is in, and lists that it is not in.
type conditions struct{ in, not []set }

func (c *conditions) both(o conditions) {
	c.in = append(c.in, o.in...)
	c.not = append(c.not, o.not...)
}

// clause returns what holds of subj in a clause of a switch.
func (ev *evaluator) clause(sw *ast.SwitchStmt, clause *ast.CaseClause, subj subject) conditions {
	var out conditions
	if sw.Tag != nil {
		if isTrue(ev.info, sw.Tag) {
			return out
		}
		if s, ok := ev.subject(sw.Tag); !ok || s != subj {
			return out
		}
		if clause.List != nil {
			out.in = append(out.in, ev.cases(clause))
			return out
		}
		for _, c := range sw.Body.List {
			if c := c.(*ast.CaseClause); c != clause {
				out.not = append(out.not, ev.cases(c))
			}
		}
		return out
	}
	for _, c := range sw.Body.List {
		c := c.(*ast.CaseClause)
		if c == clause {
			break
		}
		for _, e := range c.List {
			out.both(ev.condition(e, subj, false))
		}
	}
	if len(clause.List) == 1 {
		out.both(ev.condition(clause.List[0], subj, true))
	}
	return out
}

func (ev *evaluator) cases(clause *ast.CaseClause) set {
	var out set
	for _, e := range clause.List {
		s := ev.eval(e, nil)
		vals := s.vals
		s.vals = nil
		for _, v := range vals {
			if v.at == nil {
				v.at, v.list, v.elem = e, clause, e
			}
			s.add(v)
		}
		out.union(s)
	}
	return out
}

// condition returns what holds of subj where cond is want.
func (ev *evaluator) condition(cond ast.Expr, subj subject, want bool) conditions {
	is := func(e ast.Expr) bool {
		s, ok := ev.subject(e)
		return ok && s == subj
	}
	list := func(s set) conditions {
		if want {
			return conditions{in: []set{s}}
		}
		return conditions{not: []set{s}}
	}
	switch cond := ast.Unparen(cond).(type) {
	case *ast.UnaryExpr:
		if cond.Op == token.NOT {
			return ev.condition(cond.X, subj, !want)
		}
	case *ast.BinaryExpr:
		return ev.binary(cond, subj, want)
	case *ast.IndexExpr:
		if is(cond.Index) {
			ev.consult(cond.X)
			return list(ev.eval(cond.X, accessPath{stepTrue}))
		}
	case *ast.Ident:
		return ev.flag(cond, subj, want)
	case *ast.CallExpr:
		return ev.asked(cond, subj, want)
	}
	return conditions{}
}

func (ev *evaluator) binary(cond *ast.BinaryExpr, subj subject, want bool) conditions {
	switch cond.Op {
	case token.LAND, token.LOR:
		x, y := ev.condition(cond.X, subj, want), ev.condition(cond.Y, subj, want)
		if (cond.Op == token.LAND) == want {
			x.both(y)
			return x
		}
		// One of the two holds, so only what both restrict is restricted.
		if len(x.in) > 0 && len(y.in) > 0 {
			in := set{}
			in.union(x.in[0])
			in.union(y.in[0])
			return conditions{in: []set{in}}
		}
	case token.EQL, token.NEQ:
		for _, side := range [][2]ast.Expr{{cond.X, cond.Y}, {cond.Y, cond.X}} {
			s, ok := ev.subject(side[0])
			if !ok || s != subj {
				// slices.Index(list, key) != -1
				if c, ok := ast.Unparen(side[0]).(*ast.CallExpr); ok && isInt(ev.info, side[1], -1) {
					return ev.asked(c, subj, want == (cond.Op == token.NEQ))
				}
				continue
			}
			vals := ev.equal(side[1])
			if want == (cond.Op == token.EQL) {
				return conditions{in: []set{vals}}
			}
			if len(vals.vals) == 1 && !vals.open {
				return conditions{not: []set{vals}}
			}
		}
	case token.GEQ:
		if c, ok := ast.Unparen(cond.X).(*ast.CallExpr); ok && isInt(ev.info, cond.Y, 0) {
			return ev.asked(c, subj, want)
		}
	}
	return conditions{}
}

// equal returns what the other side of == can be.
func (ev *evaluator) equal(e ast.Expr) set {
	s := ev.eval(e, nil)
	vals := s.vals
	s.vals = nil
	for _, v := range vals {
		if _, ok := v.known(); ok && v.at == nil {
			v.at = e
		}
		s.add(v)
	}
	return s
}

// flag looks through a bool variable: the ok of a map lookup, the result of a
// test, or a variable that a loop sets to true.
func (ev *evaluator) flag(id *ast.Ident, subj subject, want bool) conditions {
	v, ok := ev.info.ObjectOf(id).(*types.Var)
	if !ok || len(ev.defs[v]) == 0 {
		return conditions{}
	}
	leave := ev.enter(askFlag, v, nil)
	if leave == nil {
		return conditions{}
	}
	defer leave()
	defs, entry := ev.reaching(v, id)
	if entry {
		return conditions{}
	}
	in := set{}
	for _, d := range defs {
		switch {
		case d.zero || d.expr != nil && isFalse(ev.info, d.expr):
			// Contributes nothing to when it is true.
		case d.expr == nil:
			return conditions{}
		case len(d.path) == 1:
			list, key, step := ev.lookup(d.expr)
			if list == nil || len(defs) > 1 {
				return conditions{}
			}
			if s, ok := ev.subject(key); !ok || s != subj {
				return conditions{}
			}
			ev.consult(list)
			s := ev.eval(list, accessPath{step})
			if want {
				return conditions{in: []set{s}}
			}
			return conditions{not: []set{s}}
		case isTrue(ev.info, d.expr):
			g := ev.guards(d.node, subj)
			if len(g.in) == 0 {
				return conditions{}
			}
			in.union(g.in[0])
		case len(defs) == 1:
			return ev.condition(d.expr, subj, want)
		default:
			return conditions{}
		}
	}
	if want {
		return conditions{in: []set{in}}
	}
	return conditions{not: []set{in}}
}

// lookup returns the list and the key of an expression whose second value says
// whether the list has the key.
func (ev *evaluator) lookup(e ast.Expr) (list, key ast.Expr, s step) {
	switch e := ast.Unparen(e).(type) {
	case *ast.IndexExpr:
		return e.X, e.Index, stepKeys
	case *ast.CallExpr:
		if fn, ok := typeutil.Callee(ev.info, e).(*types.Func); ok && isFunc(fn, "slices", "BinarySearch") && len(e.Args) == 2 {
			return e.Args[0], e.Args[1], stepElem
		}
	}
	return nil, nil, step{}
}

// consult notes that a list decides about baggage at this place.
func (ev *evaluator) consult(e ast.Expr) {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		ev.consulted[e] = true
	case *ast.SelectorExpr:
		ev.consulted[e.Sel] = true
	case *ast.CallExpr:
		ev.consult(e.Fun)
		for _, arg := range e.Args {
			ev.consult(arg)
		}
	}
}
