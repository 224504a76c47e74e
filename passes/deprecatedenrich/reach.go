package deprecatedenrich

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/honeyhiveai/hhvet/internal/flow"
	"github.com/honeyhiveai/hhvet/internal/scope"
	"github.com/honeyhiveai/hhvet/internal/sdkapi"
)

// A site is the place of a legacy use.
type site struct {
	file *ast.File
	fn   *function // nil in the initialiser of a package variable
	pos  token.Pos
}

// A candidate is a tracer in reach and the text that denotes it there.
type candidate struct {
	path path
	text string
}

// inReach returns the tracers in reach at the site, each under one name.
func (c *checker) inReach(at site) []candidate {
	var out []candidate
	add := func(p path) {
		if text, ok := c.write(p, at); ok && c.assigned(p, at) {
			out = append(out, candidate{p, text})
		}
	}
	for _, v := range scope.Variables(c.info, at.file, at.pos) {
		if sdkapi.IsTracerPointer(v.Type()) {
			add(path{root: v})
		}
	}
	if at.fn == nil {
		return out
	}
	if decl, ok := outermost(at.fn).node.(*ast.FuncDecl); ok {
		if recv := c.receiverVar(decl); recv != nil {
			for _, fields := range tracerFields(recv.Type()) {
				add(path{recv, fields})
			}
		}
	}
	for _, v := range c.packageTracers() {
		add(path{root: v})
	}
	return c.distinct(out, at)
}

// distinct drops what is another name of an earlier candidate's tracer.
func (c *checker) distinct(cands []candidate, at site) []candidate {
	var out []candidate
	for _, cand := range cands {
		if !slices.ContainsFunc(out, func(o candidate) bool { return c.sameTracer(cand.path, o.path, at) }) {
			out = append(out, cand)
		}
	}
	return out
}

func (c *checker) sameTracer(p, q path, at site) bool {
	if p.equal(q) {
		return true
	}
	if a, ok := c.alias(p, at); ok && c.sameTracer(a, q, at) {
		return true
	}
	a, ok := c.alias(q, at)
	return ok && c.sameTracer(p, a, at)
}

// alias returns the path that the local variable p is another name of at the
// site: t after t := s.tracer.
func (c *checker) alias(p path, at site) (path, bool) {
	if len(p.fields) > 0 || !isLocal(p.root) || at.fn == nil {
		return path{}, false
	}
	defs := c.definitionsOf(p.root)
	if defs.escapes || len(defs.all) != 1 || defs.all[0].value == nil {
		return path{}, false
	}
	def := defs.all[0]
	if def.pos != p.root.Pos() {
		return path{}, false // it had another value before, and aliases may run in a circle
	}
	q, ok := c.pathOf(def.value)
	if !ok || def.fn == nil || q.root == p.root {
		return path{}, false
	}
	if def.fn == at.fn {
		return q, c.steady(q, at.fn, def.nodes[0], at.pos)
	}
	return q, c.steadyLater(q, at.fn, at.pos)
}

// tracerFields returns the ways to the tracers in the struct t and in what it
// embeds, shallowest first.
func tracerFields(t types.Type) [][]*types.Var {
	type level struct {
		t      types.Type
		fields []*types.Var
	}
	var out [][]*types.Var
	seen := make(map[*types.Named]bool)
	for todo := []level{{t: t}}; len(todo) > 0; todo = todo[1:] {
		l := todo[0]
		s := structOf(l.t)
		if s == nil {
			continue
		}
		for f := range s.Fields() {
			fields := append(slices.Clone(l.fields), f.Origin())
			if sdkapi.IsTracerPointer(f.Type()) {
				out = append(out, fields)
				continue
			}
			if !f.Embedded() {
				continue
			}
			named, _ := types.Unalias(deref(f.Type())).(*types.Named)
			if named == nil || seen[named] {
				continue
			}
			seen[named] = true
			todo = append(todo, level{f.Type(), fields})
		}
	}
	return out
}

func deref(t types.Type) types.Type {
	if ptr, ok := types.Unalias(t).(*types.Pointer); ok {
		return ptr.Elem()
	}
	return t
}

// write returns the text that denotes p at the site.
func (c *checker) write(p path, at site) (string, bool) {
	if !p.valid() || p.root.Pkg() != c.pass.Pkg || !scope.Denotes(c.info, at.file, p.root, at.pos) {
		return "", false
	}
	if !isLocal(p.root) && !c.packageVariableUsable(p.root, at) {
		return "", false
	}
	text := p.root.Name()
	t := p.root.Type()
	for i := 0; i < len(p.fields); i++ {
		// Skip embedded fields where promotion reaches the same one.
		j := len(p.fields) - 1
		for ; j > i; j-- {
			if c.promotes(t, p.fields[j]) {
				break
			}
		}
		f := p.fields[j]
		if !c.promotes(t, f) {
			return "", false
		}
		text += "." + f.Name()
		t = f.Type()
		i = j
	}
	return text, true
}

// promotes reports whether x.f is field f for an x of type t.
func (c *checker) promotes(t types.Type, f *types.Var) bool {
	obj, _, _ := types.LookupFieldOrMethod(t, true, c.pass.Pkg, f.Name())
	v, ok := obj.(*types.Var)
	return ok && v.Origin() == f
}

func outermost(fn *function) *function {
	for fn.outer != nil {
		fn = fn.outer
	}
	return fn
}

// assigned reports whether p has a tracer at the site on every way there,
// as far as the function shows.
func (c *checker) assigned(p path, at site) bool {
	fn, pos := at.fn, at.pos
	if fn == nil {
		return false
	}
	watched := []*definitions{c.definitionsOf(p.root)}
	for _, f := range p.fields {
		watched = append(watched, c.definitionsOf(f))
	}
	local := isLocal(p.root)
	if local {
		if len(p.fields) == 0 && watched[0].escapes {
			return false
		}
		// A closure may assign it at any time.
		owner := fn.owner(p.root)
		if slices.ContainsFunc(watched[0].all, func(d *definition) bool { return d.fn != owner }) {
			return false
		}
	}
	for {
		declared := local && fn.owner(p.root) == fn
		if owner := fn.owner(p.root); local && owner != nil && owner != fn && !c.frozen(p.root, owner, fn) {
			return false
		}
		definedHere := slices.ContainsFunc(watched, func(d *definitions) bool {
			return slices.ContainsFunc(d.all, func(def *definition) bool { return def.fn == fn && !underConstruction(c, p, def) })
		})
		later := slices.ContainsFunc(watched, func(d *definitions) bool {
			return slices.ContainsFunc(d.all, func(def *definition) bool {
				return def.fn != nil && def.fn != fn && def.pos > pos && fn.contains(def.pos) && !underConstruction(c, p, def)
			})
		})
		ok, begins := c.assignedWithin(p, watched, fn, pos)
		switch {
		case !ok:
			return false
		case !begins:
			return true
		case later:
			return false // a closure further down assigns it first
		case declared && (len(p.fields) == 0 || !definedHere):
			// A type switch's variable has no definition of its own.
			return fn.isParam(p.root) || len(watched[0].all) == 0
		case definedHere:
			return false // assigned later, or on some ways only
		case fn.outer == nil:
			return true
		}
		pos, fn = fn.node.Pos(), fn.outer
	}
}

// underConstruction reports whether def assigns a field of another value than
// the one that p starts from.
func underConstruction(c *checker, p path, def *definition) bool {
	lhs, ok := def.nodes[1].(ast.Expr)
	if !ok {
		return false
	}
	q, ok := c.pathOf(lhs)
	return ok && q.root != p.root
}

// assignedWithin looks at the ways from the beginning of fn, or from where p
// was last assigned, to pos. It reports whether none of them leaves p nil as
// far as can be seen, and whether one comes from the beginning.
func (c *checker) assignedWithin(p path, watched []*definitions, fn *function, pos token.Pos) (ok, begins bool) {
	ok = true
	var last []*definition
	type passed struct {
		cond    ast.Expr
		outcome bool
	}
	var edges []passed
	begins, found := c.graphs.Backward(fn.body, pos, flow.Visitor{
		Node: func(n ast.Node) bool {
			for _, d := range watched {
				def := d.at(n)
				if def == nil || underConstruction(c, p, def) {
					continue
				}
				if def.zero {
					ok = false
				}
				last = append(last, def)
				return false
			}
			return true
		},
		Edge: func(cond ast.Expr, outcome bool) { edges = append(edges, passed{cond, outcome}) },
	})
	if !found {
		return false, false
	}
	for _, e := range edges {
		if c.mayBeNil(p, e.cond, e.outcome) {
			return false, false
		}
		for _, def := range last {
			if c.failed(def, fn, e.cond, e.outcome) {
				return false, false
			}
		}
	}
	return ok, begins
}

// mayBeNil reports whether cond, having that outcome, may say that p is nil or
// that what p goes through is.
func (c *checker) mayBeNil(p path, cond ast.Expr, outcome bool) bool {
	return compares(c.info, cond, outcome, token.EQL, func(x ast.Expr) bool {
		q, ok := c.pathOf(x)
		if !ok {
			return false
		}
		_, ok = p.within(q)
		return ok
	})
}

// failed reports whether cond, having that outcome, may say that the error
// which came with the tracer of def is not nil.
func (c *checker) failed(def *definition, fn *function, cond ast.Expr, outcome bool) bool {
	return compares(c.info, cond, outcome, token.NEQ, func(x ast.Expr) bool {
		id, ok := ast.Unparen(x).(*ast.Ident)
		if !ok {
			return false
		}
		err, ok := c.info.Uses[id].(*types.Var)
		if !ok {
			return false
		}
		with := slices.ContainsFunc(def.others, func(lhs ast.Expr) bool {
			id, ok := lhs.(*ast.Ident)
			return ok && c.info.ObjectOf(id) == err
		})
		return with && c.reaches(def, err, fn, id.Pos())
	})
}

// reaches reports whether v may still have the value of def at pos.
func (c *checker) reaches(def *definition, v *types.Var, fn *function, pos token.Pos) bool {
	found := false
	defs := c.definitionsOf(v)
	c.graphs.Backward(fn.body, pos, flow.Visitor{Node: func(n ast.Node) bool {
		found = found || n == def.nodes[0]
		return defs.at(n) == nil
	}})
	return found
}

// compares reports whether cond, having that outcome, may mean that some x is
// nil (op is ==) or is not (op is !=).
func compares(info *types.Info, cond ast.Expr, outcome bool, op token.Token, x func(ast.Expr) bool) bool {
	switch e := ast.Unparen(cond).(type) {
	case *ast.UnaryExpr:
		return e.Op == token.NOT && compares(info, e.X, !outcome, op, x)
	case *ast.BinaryExpr:
		switch e.Op {
		case token.LAND, token.LOR:
			return compares(info, e.X, outcome, op, x) || compares(info, e.Y, outcome, op, x)
		case token.EQL, token.NEQ:
			if (e.Op == op) != outcome {
				return false
			}
			return isNil(info, e.Y) && x(e.X) || isNil(info, e.X) && x(e.Y)
		}
	}
	return false
}
