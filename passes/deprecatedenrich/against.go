package deprecatedenrich

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"golang.org/x/tools/go/ast/edge"
	"golang.org/x/tools/go/ast/inspector"
	"golang.org/x/tools/go/types/typeutil"

	"github.com/honeyhiveai/hhvet/internal/sdkapi"
)

// speaksAgainst returns what in the package lets a second tracer in, so that
// the only one in reach need not be the one that is meant, or "". What is only
// in tests does not count for a site that is not.
func (c *checker) speaksAgainst(at site) string {
	tests := c.inTest(at.pos)
	if _, known := c.against[tests]; !known {
		c.against[tests] = c.secondTracer(tests)
	}
	return c.against[tests]
}

func (c *checker) secondTracer(tests bool) string {
	counts := func(pos token.Pos) bool { return tests || !c.inTest(pos) }
	if c.makesSeveral() {
		return "the package makes several tracers"
	}
	for _, why := range []func(func(token.Pos) bool) string{c.holdsTracers, c.getsTracers, c.handsOutLegacy, c.namesTracers} {
		if why := why(counts); why != "" {
			return why
		}
	}
	return ""
}

// makesSeveral reports whether honeyhive.New is called in more than one place
// outside tests, or in a loop.
func (c *checker) makesSeveral() bool {
	calls := 0
	for cur := range c.inspector.Root().Preorder((*ast.CallExpr)(nil)) {
		call := cur.Node().(*ast.CallExpr)
		fn := typeutil.StaticCallee(c.info, call)
		if !isNew(fn) || c.inTest(call.Pos()) {
			continue
		}
		if calls++; calls > 1 || inLoop(cur) {
			return true
		}
	}
	return false
}

func isNew(fn *types.Func) bool {
	return fn != nil && fn.Name() == sdkapi.New && sdkapi.IsPackage(fn.Pkg()) && fn.Signature().Recv() == nil
}

func inLoop(cur inspector.Cursor) bool {
	for c := cur; c.Node() != nil; c = c.Parent() {
		switch c.ParentEdgeKind() {
		case edge.ForStmt_Body, edge.RangeStmt_Body:
			return true
		case edge.FuncDecl_Body:
			return false
		}
	}
	return false
}

// holdsTracers says whether the package mentions a slice, array, map or channel
// of tracers, or declares something whose type hands tracers out.
func (c *checker) holdsTracers(counts func(token.Pos) bool) string {
	const collection = "the package has a collection of tracers"
	for id, obj := range c.info.Defs {
		if obj == nil || !counts(id.Pos()) {
			continue
		}
		switch obj.(type) {
		case *types.Var, *types.Func, *types.TypeName:
			if isCollection(obj.Type()) {
				return collection
			}
			if yields(obj.Type(), 3) {
				return fmt.Sprintf("%s hands out tracers", obj.Name())
			}
		}
	}
	for e, tv := range c.info.Types {
		if (tv.IsType() || tv.IsValue()) && counts(e.Pos()) && isCollection(tv.Type) {
			return collection
		}
	}
	return ""
}

// getsTracers says whether an expression gets a tracer by other means than
// honeyhive.New and the name of a variable or field.
func (c *checker) getsTracers(counts func(token.Pos) bool) string {
	for cur := range c.inspector.Root().Preorder((*ast.CallExpr)(nil), (*ast.TypeAssertExpr)(nil), (*ast.FuncLit)(nil)) {
		e := cur.Node().(ast.Expr)
		if !counts(e.Pos()) {
			continue
		}
		switch e := e.(type) {
		case *ast.CallExpr:
			fn := typeutil.StaticCallee(c.info, e)
			if isNew(fn) || c.info.Types[e.Fun].IsType() {
				continue
			}
			if c.gives(fn, c.info.TypeOf(e)) {
				return fmt.Sprintf("%s returns a tracer", types.ExprString(e.Fun))
			}
		case *ast.TypeAssertExpr:
			if e.Type != nil && holdsTracer(c.info.TypeOf(e.Type)) {
				return "a type assertion gives a tracer"
			}
		case *ast.FuncLit:
			if yields(c.info.TypeOf(e), 1) {
				return "a function literal returns a tracer"
			}
		}
	}
	return ""
}

// gives reports whether a result of the function, which is nil where the callee
// is not known, is a tracer, or what another package keeps one in.
func (c *checker) gives(fn *types.Func, result types.Type) bool {
	gives := func(t types.Type) bool {
		return sdkapi.IsTracerPointer(t) || holdsTracer(t) && fn != nil && fn.Pkg() != c.pass.Pkg && !sdkapi.IsPackage(fn.Pkg())
	}
	tuple, ok := result.(*types.Tuple)
	if !ok {
		return gives(result)
	}
	for v := range tuple.Variables() {
		if gives(v.Type()) {
			return true
		}
	}
	return false
}

// handsOutLegacy says whether a legacy function is a value that other code may
// call, with a context of its own.
func (c *checker) handsOutLegacy(counts func(token.Pos) bool) string {
	for cur := range c.inspector.Root().Preorder((*ast.Ident)(nil)) {
		fn, ok := c.info.Uses[cur.Node().(*ast.Ident)].(*types.Func)
		if !ok || c.migrationOf(fn) == nil || !counts(cur.Node().Pos()) {
			continue
		}
		callee := calleeExpr(cur)
		if callee.ParentEdgeKind() != edge.CallExpr_Fun && !isBlankAssignment(callee) && !c.onlyCalledHere(callee) {
			return fmt.Sprintf("honeyhive.%s is a value that is called elsewhere", fn.Name())
		}
	}
	return ""
}

// onlyCalledHere reports whether the function value at cur goes to a local
// variable that the same function calls and does nothing else with.
func (c *checker) onlyCalledHere(cur inspector.Cursor) bool {
	v := c.assignedTo(cur)
	if v == nil || !isLocal(v) {
		return false
	}
	defs := c.definitionsOf(v)
	if defs.escapes || len(defs.all) != 1 || defs.all[0].fn == nil {
		return false
	}
	for _, use := range c.usesOf(v) {
		use = unparen(use)
		switch use.ParentEdgeKind() {
		case edge.AssignStmt_Lhs, edge.ValueSpec_Names:
		case edge.CallExpr_Fun:
			if c.functionAt(use) != defs.all[0].fn {
				return false
			}
		default:
			return false
		}
	}
	return true
}

// assignedTo returns the variable that the expression at cur is the value of,
// in an assignment or declaration of as many values as names, or nil.
func (c *checker) assignedTo(cur inspector.Cursor) *types.Var {
	var v *types.Var
	switch kind, i := cur.ParentEdge(); kind {
	case edge.AssignStmt_Rhs:
		stmt := cur.Parent().Node().(*ast.AssignStmt)
		if len(stmt.Lhs) == len(stmt.Rhs) {
			if id, ok := stmt.Lhs[i].(*ast.Ident); ok {
				v, _ = c.info.ObjectOf(id).(*types.Var)
			}
		}
	case edge.ValueSpec_Values:
		spec := cur.Parent().Node().(*ast.ValueSpec)
		if len(spec.Names) == len(spec.Values) {
			v, _ = c.info.Defs[spec.Names[i]].(*types.Var)
		}
	}
	return v
}

// namesTracers says whether the package's variables and fields get tracers from
// more than one place, as far as its assignments, literals and calls show.
func (c *checker) namesTracers(counts func(token.Pos) bool) string {
	g := &givers{checker: c, names: make(map[*types.Var]bool), given: make(map[*types.Var]bool)}
	for cur := range c.inspector.Root().Preorder((*ast.Ident)(nil)) {
		id := cur.Node().(*ast.Ident)
		v, ok := c.info.ObjectOf(id).(*types.Var)
		if ok && id.Name != "_" && sdkapi.IsTracerPointer(v.Type()) && !sdkapi.IsPackage(v.Pkg()) && counts(id.Pos()) {
			g.names[v.Origin()] = true
		}
	}
	for cur := range c.inspector.Root().Preorder((*ast.AssignStmt)(nil), (*ast.ValueSpec)(nil), (*ast.CompositeLit)(nil), (*ast.CallExpr)(nil)) {
		if counts(cur.Node().Pos()) {
			g.follow(cur.Node())
		}
	}
	var first []*types.Var // those that no other one gives its tracer
	for v := range g.names {
		if !g.given[v] || c.openParam(v) || c.isMade(v) {
			first = append(first, v)
		}
	}
	if len(first) < 2 {
		return ""
	}
	slices.SortFunc(first, func(a, b *types.Var) int { return cmp.Compare(a.Pos(), b.Pos()) })
	return fmt.Sprintf("the package has tracers by two names, %s and %s", first[0].Name(), first[1].Name())
}

// openParam reports whether other packages may call a function with v.
func (c *checker) openParam(v *types.Var) bool {
	if !isLocal(v) || c.isCommand() {
		return false
	}
	for fn, decl := range c.allDeclarations() {
		if fn.Exported() && covers(decl.Type, v.Pos()) {
			return true
		}
	}
	return false
}

// isCommand reports whether nothing can import the package.
func (c *checker) isCommand() bool { return c.pass.Pkg.Name() == "main" }

// isMade reports whether honeyhive.New gives v its tracer somewhere.
func (c *checker) isMade(v *types.Var) bool {
	return slices.ContainsFunc(c.definitionsOf(v).all, func(def *definition) bool {
		call, ok := def.value.(*ast.CallExpr)
		return ok && isNew(typeutil.StaticCallee(c.info, call))
	})
}

// givers finds the variables and fields that others give their tracer.
type givers struct {
	*checker
	names, given map[*types.Var]bool
}

func (g *givers) give(v *types.Var, e ast.Expr) {
	if v != nil && sdkapi.IsTracerPointer(v.Type()) && g.names[g.named(e)] {
		g.given[v.Origin()] = true
	}
}

// named returns the variable or field that e denotes, or nil.
func (g *givers) named(e ast.Expr) *types.Var {
	p, ok := g.pathOf(e)
	switch {
	case !ok || p.root == nil:
		return nil
	case len(p.fields) > 0:
		return p.fields[len(p.fields)-1]
	}
	return p.root.Origin()
}

func (g *givers) follow(n ast.Node) {
	switch n := n.(type) {
	case *ast.AssignStmt:
		if len(n.Lhs) == len(n.Rhs) {
			for i, lhs := range n.Lhs {
				g.give(g.named(lhs), n.Rhs[i])
			}
		}
	case *ast.ValueSpec:
		if len(n.Names) == len(n.Values) {
			for i, name := range n.Names {
				g.give(g.named(name), n.Values[i])
			}
		}
	case *ast.CompositeLit:
		s := structOf(g.info.TypeOf(n))
		for i, elt := range n.Elts {
			if kv, ok := elt.(*ast.KeyValueExpr); ok {
				if key, ok := kv.Key.(*ast.Ident); ok {
					v, _ := g.info.Uses[key].(*types.Var)
					g.give(v, kv.Value)
				}
			} else if s != nil {
				g.give(s.Field(i), elt)
			}
		}
	case *ast.CallExpr:
		if fn := typeutil.StaticCallee(g.info, n); fn != nil {
			params := fn.Origin().Signature().Params()
			for i, arg := range n.Args {
				if i < params.Len() {
					g.give(params.At(i), arg)
				}
			}
		}
	}
}

// isCollection looks a few levels into t; types may be recursive.
func isCollection(t types.Type) bool { return collects(t, 3) }

func collects(t types.Type, depth int) bool {
	if t == nil || depth == 0 {
		return false
	}
	holds := func(t types.Type) bool { return holdsTracer(t) || collects(t, depth-1) }
	switch t := t.Underlying().(type) {
	case *types.Slice:
		return holds(t.Elem())
	case *types.Array:
		return holds(t.Elem())
	case *types.Chan:
		return holds(t.Elem())
	case *types.Map:
		return holds(t.Key()) || holds(t.Elem())
	}
	return false
}

// yields reports whether t is a function that returns a tracer, an interface
// with such a method, or a struct or pointer that has one of them or is generic
// over tracers.
func yields(t types.Type, depth int) bool {
	if t == nil || depth == 0 || sdkapi.IsTracerPointer(t) {
		return false
	}
	if named, ok := types.Unalias(t).(*types.Named); ok {
		if sdkapi.IsPackage(named.Obj().Pkg()) {
			return false
		}
		for arg := range named.TypeArgs().Types() {
			if holdsTracer(arg) || sdkapi.IsNamed(arg, sdkapi.Tracer) {
				return true
			}
		}
	}
	switch t := t.Underlying().(type) {
	case *types.Signature:
		for v := range t.Results().Variables() {
			if sdkapi.IsTracerPointer(v.Type()) || isCollection(v.Type()) || yields(v.Type(), depth-1) {
				return true
			}
		}
	case *types.Interface:
		for m := range t.Methods() {
			if yields(m.Type(), depth-1) {
				return true
			}
		}
	case *types.Pointer:
		return yields(t.Elem(), depth-1)
	case *types.Struct:
		for f := range t.Fields() {
			if yields(f.Type(), depth-1) {
				return true
			}
		}
	}
	return false
}

// holdsTracer reports whether t is a tracer, or a struct or pointer to one with
// a tracer in it.
func holdsTracer(t types.Type) bool {
	if t == nil {
		return false
	}
	if sdkapi.IsTracerPointer(t) {
		return true
	}
	s := structOf(t)
	if s == nil {
		return false
	}
	for f := range s.Fields() {
		if sdkapi.IsTracerPointer(f.Type()) {
			return true
		}
	}
	return false
}
