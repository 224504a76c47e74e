package globalbaggage

import (
	"cmp"
	"go/ast"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/types/typeutil"
)

// caller is a call of a function, direct, through a variable, or through an
// interface's method.
type caller struct {
	call  *ast.CallExpr
	iface *types.Func // nil unless through an interface
}

// wrapper notes that a function's parameter reaches baggage and goes on to
// its callers.
func (c *checker) wrapper(fn ast.Node, f flow, s sink) {
	if len(c.flows[fn]) >= maxFlows || slices.ContainsFunc(c.flows[fn], f.equal) {
		return
	}
	c.flows[fn] = append(c.flows[fn], f)
	f.Via = append([]string{c.name(fn)}, f.Via...)
	c.pending = append(c.pending, func() { c.visitCallers(fn, f, s) })
}

func (c *checker) visitCallers(fn ast.Node, f flow, s sink) {
	if c.callers == nil {
		c.resolveCalls()
	}
	sig := c.signature(fn)
	for _, caller := range c.callers[fn] {
		if caller.iface != nil && !c.allWrap(caller.iface, fn, f) {
			continue
		}
		c.arriveAt(f, caller.call, sig, s.trail())
	}
	c.callback(fn, f, s)
}

// callback handles a function literal that is passed to a function of this
// package which calls it: each(keys, func(k string) { … }).
func (c *checker) callback(fn ast.Node, f flow, s sink) {
	lit, ok := fn.(*ast.FuncLit)
	if !ok || f.Header > 0 {
		return
	}
	call, ok := c.parent[lit].(*ast.CallExpr)
	if !ok || call.Fun == ast.Expr(lit) {
		return
	}
	callee, ok := typeutil.Callee(c.info, call).(*types.Func)
	if !ok || c.decls[callee.Origin()] == nil {
		return
	}
	decl := c.decls[callee.Origin()]
	formal := c.formal(decl, slices.Index(call.Args, ast.Expr(lit)))
	if formal == nil || c.params[formal].variadic {
		return
	}
	for _, use := range c.uses[formal] {
		inner, ok := c.parent[use].(*ast.CallExpr)
		if !ok || inner.Fun != ast.Expr(use) {
			continue
		}
		for _, a := range c.passed(c.signature(fn), inner, f.Param, f.Path) {
			vals := c.substitute(decl, call, c.eval(a.expr, a.path))
			c.deliver(sink{flow: f, argument: argument{call.Fun, nil}, call: call}, vals)
		}
	}
}

// arriveAt delivers what a call passes to a parameter that reaches baggage by
// the given way.
func (c *checker) arriveAt(f flow, call *ast.CallExpr, sig *types.Signature, trail []analysis.RelatedInformation) {
	for _, a := range c.passed(sig, call, f.Param, f.Path) {
		site := c.standing(a.expr, a.path)
		if f.Param == receiver && site == a.expr {
			site = call.Fun
		}
		s := sink{flow: f, argument: argument{site, nil}, call: call, way: trail}
		from := a
		if f.Header > 0 {
			names := c.passed(sig, call, f.Header-1, nil)
			if len(names) != 1 || len(a.path) > 0 {
				continue
			}
			var ok bool
			if s, ok = c.inHeader(s, names[0].expr); !ok {
				continue
			}
			s.Header, from = 0, s.argument
		}
		c.deliver(s, c.eval(from.expr, from.path))
	}
}

// resolveCalls finds the functions of this package that each call reaches.
func (c *checker) resolveCalls() {
	c.callers = make(map[ast.Node][]caller)
	for _, call := range c.calls {
		callee := typeutil.Callee(c.info, call)
		if fn, ok := callee.(*types.Func); ok && types.IsInterface(recvType(fn)) {
			for _, m := range c.implementations(fn) {
				c.callers[m] = append(c.callers[m], caller{call, fn.Origin()})
			}
			continue
		}
		for _, fn := range c.functions(call.Fun) {
			c.callers[fn] = append(c.callers[fn], caller{call: call})
		}
	}
}

// implementations returns this package's methods that a call of an
// interface's method can reach.
func (c *checker) implementations(m *types.Func) []ast.Node {
	iface, ok := recvType(m).Underlying().(*types.Interface)
	if !ok {
		return nil
	}
	var out []ast.Node
	scope := c.pkg.Scope()
	for _, name := range scope.Names() {
		tn, ok := scope.Lookup(name).(*types.TypeName)
		if !ok || tn.IsAlias() {
			continue
		}
		if fn, ok := implementation(tn, iface, m).(*types.Func); ok && c.decls[fn.Origin()] != nil {
			out = append(out, c.decls[fn.Origin()])
		}
	}
	return out
}

// allWrap reports whether an interface's method is a wrapper: all of its
// implementations in sight are, but for those that ignore the parameter.
func (c *checker) allWrap(m *types.Func, fn ast.Node, f flow) bool {
	for _, impl := range c.implementations(m) {
		if impl == fn {
			continue
		}
		if v := c.formal(impl, f.Param); v != nil && len(c.uses[v]) > 0 && !c.partial[v] {
			return false
		}
	}
	return true
}

// name is what a function is called in messages.
func (c *checker) name(fn ast.Node) string {
	switch fn := fn.(type) {
	case *ast.FuncDecl:
		if fn.Recv != nil && len(fn.Recv.List) == 1 {
			if f, ok := c.info.Defs[fn.Name].(*types.Func); ok {
				return recvName(f.Signature()) + "." + fn.Name.Name
			}
		}
		return fn.Name.Name
	case *ast.FuncLit:
		switch p := c.parent[fn].(type) {
		case *ast.AssignStmt:
			if i := slices.Index(p.Rhs, ast.Expr(fn)); i >= 0 && i < len(p.Lhs) {
				return types.ExprString(p.Lhs[i])
			}
		case *ast.ValueSpec:
			if i := slices.Index(p.Values, ast.Expr(fn)); i >= 0 && i < len(p.Names) {
				return p.Names[i].Name
			}
		}
	}
	return "this function"
}

// declared is the way from another package's function to the baggage API, as
// far as its fact tells.
func declared(obj types.Object, f flow) []analysis.RelatedInformation {
	if !obj.Pos().IsValid() {
		return nil
	}
	on := []string{f.API}
	if len(f.Via) > 0 {
		on = append(slices.Clone(f.Via[1:]), f.API)
	}
	// Export data has lines only, so there is no end.
	return []analysis.RelatedInformation{{
		Pos:     obj.Pos(),
		Message: obj.Name() + " passes it on to " + strings.Join(on, ", then "),
	}}
}

// trail is the way from a wrapper's call to the baggage API.
func (s sink) trail() []analysis.RelatedInformation {
	msg := "reaches " + s.API + " here"
	if len(s.Via) > 0 {
		msg = "passed on to " + s.Via[0] + " here"
	}
	return append([]analysis.RelatedInformation{{Pos: s.call.Pos(), End: s.call.End(), Message: msg}}, s.way...)
}

// known delivers the arguments of a call of an imported wrapper.
func (c *checker) known(call *ast.CallExpr) {
	var obj types.Object
	switch callee := typeutil.Callee(c.info, call).(type) {
	case *types.Func:
		obj = callee.Origin()
		for _, i := range c.keys.wrappers[qualified(callee.Origin())] {
			if sig := callee.Origin().Signature(); i < sig.Params().Len() {
				flow := flow{Param: i, Path: keyPath(sig.Params().At(i).Type()), API: "baggage", Via: []string{callee.Name()}}
				c.arriveAt(flow, call, sig, nil)
			}
		}
	case *types.Var:
		obj = callee.Origin()
	}
	objs := append(c.foreign(call.Fun, make(map[*ast.Ident]bool)), obj)
	if fn, ok := obj.(*types.Func); ok && types.IsInterface(recvType(fn)) && c.facts.wrapper(fn) == nil {
		objs = append(objs, c.importedImplementations(fn)...)
	}
	for _, obj := range objs {
		if obj == nil {
			continue
		}
		sig, ok := obj.Type().Underlying().(*types.Signature)
		if !ok {
			continue
		}
		for _, flow := range c.facts.wrapper(obj) {
			c.arriveAt(flow, call, sig, declared(obj, flow))
		}
	}
}

// keyPath leads from a parameter that a setting names to the keys in it.
func keyPath(t types.Type) accessPath {
	switch coreType(t).(type) {
	case *types.Map:
		return accessPath{stepKeys}
	case *types.Slice, *types.Array:
		return accessPath{stepElem}
	}
	return nil
}

// importedImplementations returns the methods of other packages' types that a
// call of an interface's method can reach: those of the types that this
// package mentions. It returns none where one of them, or a type of this
// package, does something else with its arguments.
func (c *checker) importedImplementations(m *types.Func) []types.Object {
	iface, ok := recvType(m).Underlying().(*types.Interface)
	if !ok || len(c.implementations(m)) > 0 {
		return nil
	}
	var out []types.Object
	for obj := range c.uses {
		tn, ok := obj.(*types.TypeName)
		if !ok || tn.Pkg() == nil || tn.Pkg() == c.pkg || !implements(tn, iface) {
			continue
		}
		method := implementation(tn, iface, m)
		if method == nil || c.facts.wrapper(method) == nil {
			return nil
		}
		out = append(out, method)
	}
	slices.SortFunc(out, func(a, b types.Object) int { return cmp.Compare(a.Pos(), b.Pos()) })
	return out
}

// foreign returns the functions of other packages that a variable or field
// of function type can hold. What seen has is not looked at again: where
// variables are assigned to one another, the ways between them are many.
func (c *checker) foreign(fun ast.Expr, seen map[*ast.Ident]bool) []types.Object {
	id := nameIn(fun)
	if id == nil || seen[id] {
		return nil
	}
	seen[id] = true
	v, ok := c.info.Uses[id].(*types.Var)
	if !ok || v.Pkg() != c.pkg {
		return nil
	}
	var values []ast.Expr
	if v.IsField() {
		for _, w := range c.writes[v.Origin()] {
			if len(w.steps) == 0 && w.key == nil {
				values = append(values, w.value)
			}
		}
	} else {
		defs, _ := c.reaching(v, id)
		for _, d := range defs {
			if len(d.path) == 0 {
				values = append(values, d.expr)
			}
		}
	}
	var out []types.Object
	for _, e := range values {
		if e == nil {
			continue
		}
		target := nameIn(e)
		if target == nil {
			continue
		}
		switch obj := c.info.Uses[target].(type) {
		case *types.Func:
			if obj.Pkg() != c.pkg {
				out = append(out, obj.Origin())
			}
		case *types.Var:
			if obj.Pkg() != c.pkg {
				out = append(out, obj.Origin())
			} else {
				out = append(out, c.foreign(e, seen)...)
			}
		}
	}
	return out
}

// implements reports whether tn is a type, neither an interface nor generic,
// of which a pointer implements iface.
func implements(tn *types.TypeName, iface *types.Interface) bool {
	named, ok := tn.Type().(*types.Named)
	return ok && !types.IsInterface(named) && named.TypeParams().Len() == 0 && types.Implements(types.NewPointer(named), iface)
}

// implementation returns the method by which tn implements iface's m, or nil.
func implementation(tn *types.TypeName, iface *types.Interface, m *types.Func) types.Object {
	if !implements(tn, iface) {
		return nil
	}
	obj, _, _ := types.LookupFieldOrMethod(types.NewPointer(tn.Type()), true, m.Pkg(), m.Name())
	return obj
}
