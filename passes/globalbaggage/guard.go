package globalbaggage

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/types/typeutil"
)

// subject is what an allow-list is asked about: a variable, or the key of the
// member or the struct that it holds.
type subject struct {
	root *types.Var
	part step // none, a field, or stepMember
}

func (s subject) whole() bool { return s.part == step{} }

// subject returns what e is about, looking through changes of spelling and
// variables with one definition.
func (ev *evaluator) subject(e ast.Expr) (subject, bool) {
	return ev.subjectOf(e, 8)
}

func (ev *evaluator) subjectOf(e ast.Expr, depth int) (subject, bool) {
	for ; depth > 0; depth-- {
		switch x := ast.Unparen(e).(type) {
		case *ast.Ident:
			v, ok := ev.info.ObjectOf(x).(*types.Var)
			if !ok {
				return subject{}, false
			}
			_, isParam := ev.params[v]
			if defs := ev.defs[v]; !isParam && len(defs) == 1 && defs[0].expr != nil && len(defs[0].path) == 0 {
				if s, ok := ev.subjectOf(defs[0].expr, depth-1); ok {
					return s, true
				}
			}
			return subject{root: v}, true
		case *ast.SelectorExpr:
			sel, ok := ev.info.Selections[x]
			if !ok {
				return subject{}, false
			}
			v := ev.variable(x.X)
			if v == nil || sel.Kind() != types.FieldVal {
				return subject{}, false
			}
			return subject{v, stepField(x.Sel.Name)}, true
		case *ast.CallExpr:
			if tv, ok := ev.info.Types[x.Fun]; ok && tv.IsType() && len(x.Args) == 1 {
				e = x.Args[0]
				continue
			}
			fn, ok := typeutil.Callee(ev.info, x).(*types.Func)
			if !ok || fn.Pkg() == nil {
				return subject{}, false
			}
			if isMethod(fn, baggagePath, "Member", "Key") {
				if sel, ok := ast.Unparen(x.Fun).(*ast.SelectorExpr); ok {
					if v := ev.variable(sel.X); v != nil {
						return subject{v, stepMember}, true
					}
				}
				return subject{}, false
			}
			name := fn.Pkg().Path() + "." + fn.Name()
			if _, ok := respell[name]; !ok && trims[name] == nil || len(x.Args) == 0 {
				return subject{}, false
			}
			e = x.Args[0]
			continue
		}
		return subject{}, false
	}
	return subject{}, false
}

// refine narrows s, the values of e, by the conditions under which e is
// evaluated. What an allow-list admits stands in for what is not known.
func (ev *evaluator) refine(e ast.Expr, s set) set {
	if len(s.vals) == 0 && !s.open {
		return s
	}
	if !isStringType(ev.info.TypeOf(e)) {
		return s
	}
	subj, ok := ev.subject(e)
	if !ok {
		return s
	}
	return ev.narrowed(s, ev.guards(e, subj))
}

func isStringType(t types.Type) bool {
	if t == nil {
		return false
	}
	b, ok := coreType(t).(*types.Basic)
	return ok && b.Info()&types.IsString != 0
}

func (ev *evaluator) narrowed(s set, g conditions) set {
	for _, in := range g.in {
		if in.all {
			continue
		}
		out := set{}
		for _, v := range s.vals {
			t, known := v.known()
			switch {
			case !known:
				s.open = true
			case in.admits(t):
				out.add(v)
			}
		}
		if s.open {
			// Only what is in the list gets here.
			for _, v := range in.vals {
				v.guarded = true
				out.add(v)
			}
			out.open = in.open
		}
		s = out
	}
	for _, not := range g.not {
		var texts []string
		for _, v := range not.vals {
			if t, ok := v.known(); ok {
				texts = append(texts, t)
			}
		}
		s = s.without(texts...)
	}
	return s
}

func (s set) admits(text string) bool {
	return slices.ContainsFunc(s.vals, func(v value) bool {
		t, ok := v.known()
		return ok && strings.EqualFold(t, text)
	})
}

// conditions are lists that a subject is in, and lists that it is not in.
type conditions struct{ in, not []set }

func (c *conditions) both(o conditions) {
	c.in = append(c.in, o.in...)
	c.not = append(c.not, o.not...)
}

// place is where a subject is used.
type place struct {
	subject
	pos token.Pos
}

// guards returns the conditions on subj that hold whenever site is reached.
func (ev *evaluator) guards(site ast.Node, subj subject) conditions {
	var out conditions
	leave := ev.enter(askGuards, place{subj, site.Pos()}, nil)
	if leave == nil {
		return out
	}
	defer leave()
	for cur := site; ; {
		parent := ev.parent[cur]
		switch p := parent.(type) {
		case nil, *ast.FuncDecl, *ast.FuncLit:
			return out
		case *ast.IfStmt:
			switch cur {
			case p.Body:
				out.both(ev.condition(p.Cond, subj, true))
			case p.Else:
				out.both(ev.condition(p.Cond, subj, false))
			}
		case *ast.BinaryExpr:
			if cur == p.Y && (p.Op == token.LAND || p.Op == token.LOR) {
				out.both(ev.condition(p.X, subj, p.Op == token.LAND))
			}
		case *ast.CaseClause:
			if !slices.ContainsFunc(p.List, func(e ast.Expr) bool { return ast.Node(e) == cur }) {
				if sw, ok := ev.parent[ev.parent[p]].(*ast.SwitchStmt); ok {
					out.both(ev.clause(sw, p, subj))
				}
			}
		}
		for _, s := range before(parent, cur) {
			out.both(ev.passedBy(s, subj))
		}
		cur = parent
	}
}

// unassigned returns what holds of a parameter at use, if it is still what the
// caller gave: no branch on the way has assigned to it.
func (ev *evaluator) unassigned(v *types.Var, use ast.Node) conditions {
	var out conditions
	if len(ev.defs[v]) == 0 {
		return out
	}
	subj := subject{root: v}
	assigns := func(list []ast.Stmt) bool {
		return ev.defines(v, &ast.BlockStmt{List: list}, new([]*definition))
	}
	for cur := use; cur != ev.params[v].fn && cur != nil; cur = ev.parent[cur] {
		for _, s := range before(ev.parent[cur], cur) {
			switch s := s.(type) {
			case *ast.IfStmt:
				for s != nil && assigns(s.Body.List) {
					out.both(ev.condition(s.Cond, subj, false))
					s, _ = s.Else.(*ast.IfStmt)
				}
			case *ast.SwitchStmt:
				for _, c := range s.Body.List {
					if c := c.(*ast.CaseClause); c.List != nil && assigns(c.Body) {
						out.not = append(out.not, ev.clause(s, c, subj).in...)
					}
				}
			}
		}
	}
	return out
}

// passedBy returns what holds of subj after a statement that leaves the way
// here unless a condition holds.
func (ev *evaluator) passedBy(s ast.Stmt, subj subject) conditions {
	switch s := s.(type) {
	case *ast.IfStmt:
		block, _ := s.Else.(*ast.BlockStmt)
		if skips(s.Body) {
			return ev.condition(s.Cond, subj, false)
		}
		if block != nil && skips(block) {
			return ev.condition(s.Cond, subj, true)
		}
	case *ast.SwitchStmt:
		var out conditions
		var in set
		restricted := false
		for _, c := range s.Body.List {
			clause := c.(*ast.CaseClause)
			// break leaves only the switch.
			leaves := skips(&ast.BlockStmt{List: clause.Body}) && !endsInBreak(clause.Body)
			cond := ev.clause(s, clause, subj)
			if leaves && clause.List != nil {
				out.not = append(out.not, cond.in...)
			}
			if clause.List == nil {
				restricted = leaves
			} else if !leaves {
				for _, l := range cond.in {
					in.union(l)
				}
			}
		}
		if restricted && len(in.vals) > 0 {
			out.in = append(out.in, in)
		}
		return out
	}
	return conditions{}
}

func endsInBreak(list []ast.Stmt) bool {
	if len(list) == 0 {
		return false
	}
	s, ok := list[len(list)-1].(*ast.BranchStmt)
	return ok && s.Tok == token.BREAK && s.Label == nil
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
