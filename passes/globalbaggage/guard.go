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
