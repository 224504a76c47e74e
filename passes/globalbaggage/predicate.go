package globalbaggage

import (
	"go/ast"
	"go/types"
	"slices"

	"golang.org/x/tools/go/types/typeutil"
)

// asked returns what holds of subj where a call that tests it returns want.
func (ev *evaluator) asked(c *ast.CallExpr, subj subject, want bool) conditions {
	is := func(i int) bool {
		if i >= len(c.Args) {
			return false
		}
		s, ok := ev.subject(c.Args[i])
		return ok && (s == subj || s.whole() && s.root == subj.root)
	}
	list := func(s set) conditions {
		if want {
			return conditions{in: []set{s}}
		}
		return conditions{not: []set{s}}
	}
	fn, _ := typeutil.Callee(ev.info, c).(*types.Func)
	spread := fn != nil && len(c.Args) < fn.Signature().Params().Len() // f(g())
	if fn != nil && fn.Pkg() != nil && !spread {
		switch fn.FullName() {
		case "slices.Contains", "slices.Index":
			if is(1) {
				ev.consult(c.Args[0])
				return list(ev.eval(c.Args[0], accessPath{stepElem}))
			}
		case "strings.EqualFold":
			for i := range 2 {
				if is(i) {
					return list(ev.equal(c.Args[1-i]))
				}
			}
		case "(*regexp.Regexp).MatchString":
			if is(0) {
				sel := ast.Unparen(c.Fun).(*ast.SelectorExpr)
				return list(ev.eval(sel.X, accessPath{stepMatch}))
			}
		case "slices.ContainsFunc":
			return ev.containsFunc(c, subj, want)
		}
	}
	for i := range c.Args {
		if !is(i) {
			continue
		}
		s := ev.predicateOfCall(c, i)
		if s.all {
			return conditions{}
		}
		if len(s.but) > 0 && want {
			var refused set
			for _, t := range s.but {
				refused.union(text(t))
			}
			return conditions{not: []set{refused}}
		}
		if s.open && len(s.vals) == 0 {
			// It may be a list that cannot be seen, or any other test.
			return conditions{}
		}
		return list(s)
	}
	return conditions{}
}

// containsFunc handles slices.ContainsFunc(list, func(a string) bool { return a == key }).
func (ev *evaluator) containsFunc(c *ast.CallExpr, subj subject, want bool) conditions {
	lit, ok := ast.Unparen(c.Args[1]).(*ast.FuncLit)
	if !ok || !want || len(lit.Body.List) != 1 {
		return conditions{}
	}
	ret, ok := lit.Body.List[0].(*ast.ReturnStmt)
	if !ok || len(ret.Results) != 1 {
		return conditions{}
	}
	compares := ev.condition(ret.Results[0], subj, true)
	if len(compares.in) == 0 {
		return conditions{}
	}
	ev.consult(c.Args[0])
	return conditions{in: []set{ev.eval(c.Args[0], accessPath{stepElem})}}
}

// predicateOfCall returns the texts for which a call of a predicate is true
// when they are its argument i.
func (ev *evaluator) predicateOfCall(c *ast.CallExpr, i int) set {
	path := accessPath{stepAccepted(i)}
	if fn, ok := typeutil.Callee(ev.info, c).(*types.Func); ok {
		if decl := ev.decls[fn.Origin()]; decl != nil && decl.Body != nil {
			s, _ := ev.accepted(decl, i)
			return ev.substitute(decl, c, s)
		}
		return ev.facts.value(fn.Origin(), path).standingAt(c.Fun)
	}
	return ev.eval(c.Fun, path)
}

// predicate evaluates a function-typed expression to the texts it accepts.
func (ev *evaluator) predicate(e ast.Expr, path accessPath) (set, bool) {
	if len(path) != 1 {
		return set{}, false
	}
	if call, ok := e.(*ast.CallExpr); ok {
		if tv := ev.info.Types[call.Fun]; !tv.IsType() {
			var out set
			found := false
			for _, fn := range ev.functions(call.Fun) {
				for _, ret := range ev.returned(call) {
					s, ok := ev.accepted(ret, path[0].N)
					found = found || ok
					out.union(ev.substitute(fn, call, s))
				}
			}
			return out, found
		}
	}
	fns := ev.functions(e)
	var out set
	found := false
	for _, fn := range fns {
		if body(fn) == nil {
			continue
		}
		s, ok := ev.accepted(fn, path[0].N)
		out.union(s)
		found = found || ok
	}
	if found {
		return out, true
	}
	if fn, ok := ev.info.Uses[nameIn(e)].(*types.Func); ok {
		return ev.facts.value(fn.Origin(), path).standingAt(e), true
	}
	return set{}, false
}

// accepted returns the values of parameter index for which the predicate fn
// returns true. It is open where a path to true is not understood.
func (ev *evaluator) accepted(fn ast.Node, index int) (set, bool) {
	if body(fn) == nil {
		return unknown, false
	}
	subj := subject{root: ev.formal(fn, index)}
	if subj.root == nil {
		// An unnamed parameter decides nothing.
		if returnsTrue(ev.info, fn) {
			return set{all: true}, true
		}
		return unknown, true
	}
	if isNamed(subj.root.Type(), baggagePath, "Member") {
		subj.part = stepMember
	}
	leave := ev.enter(askAccepted, fn, accessPath{stepAccepted(index)})
	if leave == nil {
		return set{}, true
	}
	defer leave()
	var out set
	var refused [][]string // by each way to true
	ast.Inspect(body(fn), func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.ReturnStmt:
			if len(n.Results) == 0 || isFalse(ev.info, n.Results[0]) {
				return true
			}
			g := ev.guards(n, subj)
			if !isTrue(ev.info, n.Results[0]) {
				g.both(ev.condition(n.Results[0], subj, true))
			}
			var not []string
			for _, s := range g.not {
				for _, v := range s.vals {
					if t, ok := v.known(); ok {
						not = append(not, t)
					}
				}
			}
			refused = append(refused, not)
			switch {
			case len(g.in) > 0:
				out.union(ev.narrowed(unknown, g))
			case len(g.not) > 0:
				out.open = true
			case isTrue(ev.info, n.Results[0]):
				out.all = true
			default:
				out.open = true
			}
		}
		return true
	})
	if out.open && len(out.vals) == 0 && len(refused) > 0 {
		for _, t := range refused[0] {
			if !slices.ContainsFunc(refused, func(r []string) bool { return !slices.Contains(r, t) }) {
				out.but = append(out.but, t)
			}
		}
	}
	return out, true
}

// returnsTrue reports whether fn does nothing but return true.
func returnsTrue(info *types.Info, fn ast.Node) bool {
	b := body(fn)
	if b == nil || len(b.List) != 1 {
		return false
	}
	ret, ok := b.List[0].(*ast.ReturnStmt)
	return ok && len(ret.Results) == 1 && isTrue(info, ret.Results[0])
}
