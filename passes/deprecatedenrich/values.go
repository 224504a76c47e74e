package deprecatedenrich

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/ast/edge"
	"golang.org/x/tools/go/ast/inspector"
	"golang.org/x/tools/go/types/typeutil"

	"github.com/honeyhiveai/hhvet/internal/flow"
)

// A path is a variable, or a field reached from one through fields: the
// places that hold tracers under a name.
type path struct {
	root   *types.Var
	fields []*types.Var // embedded ones included
}

func (p path) valid() bool { return p.root != nil }

func (p path) equal(q path) bool { return p.root == q.root && slices.Equal(p.fields, q.fields) }

// within reports whether p is q or lies in it, and returns the rest.
func (p path) within(q path) (rest []*types.Var, ok bool) {
	if p.root != q.root || len(p.fields) < len(q.fields) || !slices.Equal(p.fields[:len(q.fields)], q.fields) {
		return nil, false
	}
	return p.fields[len(q.fields):], true
}

func (p path) String() string {
	if !p.valid() {
		return "a tracer without a name"
	}
	names := []string{p.root.Name()}
	for _, f := range p.fields {
		names = append(names, f.Name())
	}
	return strings.Join(names, ".")
}

// pathOf returns the path that e is, if it is one.
func (c *checker) pathOf(e ast.Expr) (path, bool) {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		v, ok := c.info.ObjectOf(e).(*types.Var)
		return path{root: v}, ok && !v.IsField()
	case *ast.SelectorExpr:
		sel := c.info.Selections[e]
		if sel == nil {
			v, ok := c.info.Uses[e.Sel].(*types.Var)
			return path{root: v}, ok
		}
		if sel.Kind() != types.FieldVal {
			return path{}, false
		}
		return c.pathAlong(e.X, sel.Recv(), sel.Index())
	case *ast.StarExpr:
		return c.pathOf(e.X)
	}
	return path{}, false
}

// receiverOf returns the path of the receiver of the method call e.M(…).
func (c *checker) receiverOf(e *ast.SelectorExpr) (path, bool) {
	sel := c.info.Selections[e]
	if sel == nil || sel.Kind() != types.MethodVal {
		return path{}, false
	}
	return c.pathAlong(e.X, sel.Recv(), sel.Index()[:len(sel.Index())-1])
}

func (c *checker) pathAlong(x ast.Expr, t types.Type, index []int) (path, bool) {
	p, ok := c.pathOf(x)
	if !ok {
		return path{}, false
	}
	p.fields = slices.Clone(p.fields)
	for _, i := range index {
		s := structOf(t)
		if s == nil {
			return path{}, false
		}
		p.fields = append(p.fields, s.Field(i).Origin())
		t = s.Field(i).Type()
	}
	return p, true
}

// structOf returns the struct that t is or points to.
func structOf(t types.Type) *types.Struct {
	t = types.Unalias(t)
	if ptr, ok := t.Underlying().(*types.Pointer); ok {
		t = ptr.Elem()
	}
	s, _ := t.Underlying().(*types.Struct)
	return s
}

// A function is a function declaration or literal with a body.
type function struct {
	cur   inspector.Cursor
	node  ast.Node
	typ   *ast.FuncType
	body  *ast.BlockStmt
	outer *function
}

// functionAt returns the innermost function around cur, or nil.
func (c *checker) functionAt(cur inspector.Cursor) *function {
	for f := range cur.Enclosing((*ast.FuncDecl)(nil), (*ast.FuncLit)(nil)) {
		if fn, ok := c.functions[f.Node()]; ok {
			return fn
		}
		fn := &function{cur: f, node: f.Node()}
		switch n := f.Node().(type) {
		case *ast.FuncDecl:
			fn.typ, fn.body = n.Type, n.Body
		case *ast.FuncLit:
			fn.typ, fn.body = n.Type, n.Body
			fn.outer = c.functionAt(f.Parent())
		}
		c.functions[fn.node] = fn
		return fn
	}
	return nil
}

func (f *function) contains(pos token.Pos) bool { return f.node.Pos() <= pos && pos < f.node.End() }

// owner returns the function around f, or f itself, that declares v.
func (f *function) owner(v *types.Var) *function {
	for ; f != nil; f = f.outer {
		if f.contains(v.Pos()) {
			return f
		}
	}
	return nil
}

// isParam reports whether v is a parameter or the receiver of f.
func (f *function) isParam(v *types.Var) bool {
	if f.typ.Params.Pos() <= v.Pos() && v.Pos() < f.typ.Params.End() {
		return true
	}
	decl, ok := f.node.(*ast.FuncDecl)
	return ok && decl.Recv != nil && decl.Recv.Pos() <= v.Pos() && v.Pos() < decl.Recv.End()
}

// A definition is a place that gives a variable or field a value.
type definition struct {
	nodes  [2]ast.Node // as which the control-flow graph may show it
	pos    token.Pos
	fn     *function // nil at package level
	value  ast.Expr  // nil where no expression is the value
	result int       // which result of value it is
	zero   bool      // the variable becomes nil
	others []ast.Expr
}

type definitions struct {
	all     []*definition
	escapes bool // the address is taken: anything may happen
}

// written returns how many definitions are assignments of a value.
func (d *definitions) written() int {
	n := 0
	for _, def := range d.all {
		if !def.zero {
			n++
		}
	}
	return n
}

// at returns the definition that the graph's node n is.
func (d *definitions) at(n ast.Node) *definition {
	for _, def := range d.all {
		if def.nodes[0] == n || def.nodes[1] == n {
			return def
		}
	}
	return nil
}

// usesOf returns the identifiers of the package that denote obj, its
// declaration included.
func (c *checker) usesOf(obj types.Object) []inspector.Cursor {
	if c.uses == nil {
		c.uses = make(map[types.Object][]inspector.Cursor)
		for cur := range c.inspector.Root().Preorder((*ast.Ident)(nil)) {
			switch obj := c.info.ObjectOf(cur.Node().(*ast.Ident)).(type) {
			case *types.Var:
				c.uses[obj.Origin()] = append(c.uses[obj.Origin()], cur)
			case *types.Func:
				c.uses[obj.Origin()] = append(c.uses[obj.Origin()], cur)
			}
		}
	}
	return c.uses[obj]
}

// definitionsOf returns the places in the package that define v, which is a
// variable or a field.
func (c *checker) definitionsOf(v *types.Var) *definitions {
	if d, ok := c.definitions[v]; ok {
		return d
	}
	d := new(definitions)
	c.definitions[v] = d
	if v.IsField() {
		for _, cur := range c.overwritten(v) {
			d.all = append(d.all, &definition{nodes: [2]ast.Node{cur.Parent().Node(), nil}, pos: cur.Node().Pos(), fn: c.functionAt(cur)})
		}
	}
	for _, cur := range c.usesOf(v) {
		if cur.ParentEdgeKind() == edge.SelectorExpr_Sel {
			cur = cur.Parent()
		}
		cur = unparen(cur)
		kind, i := cur.ParentEdge()
		parent := cur.Parent().Node()
		def := &definition{nodes: [2]ast.Node{parent, cur.Node()}, pos: cur.Node().Pos()}
		switch kind {
		case edge.AssignStmt_Lhs:
			stmt := parent.(*ast.AssignStmt)
			def.valueOf(stmt.Rhs, i)
			def.others = stmt.Lhs
		case edge.ValueSpec_Names:
			spec := parent.(*ast.ValueSpec)
			def.valueOf(spec.Values, i)
			for _, name := range spec.Names {
				def.others = append(def.others, name)
			}
		case edge.RangeStmt_Key, edge.RangeStmt_Value:
			def.nodes[0] = cur.Node()
		case edge.UnaryExpr_X:
			d.escapes = d.escapes || parent.(*ast.UnaryExpr).Op == token.AND
			continue
		default:
			continue
		}
		def.fn = c.functionAt(cur)
		if def.value != nil && isNil(c.info, def.value) {
			def.zero = true
		}
		d.all = append(d.all, def)
	}
	return d
}

// overwritten returns the left sides *p = … that replace a whole struct with
// the field v in it.
func (c *checker) overwritten(v *types.Var) []inspector.Cursor {
	if c.stars == nil {
		c.stars = []inspector.Cursor{}
		for cur := range c.inspector.Root().Preorder((*ast.StarExpr)(nil)) {
			if unparen(cur).ParentEdgeKind() == edge.AssignStmt_Lhs {
				c.stars = append(c.stars, unparen(cur))
			}
		}
	}
	var out []inspector.Cursor
	for _, cur := range c.stars {
		s, ok := c.info.TypeOf(cur.Node().(ast.Expr)).Underlying().(*types.Struct)
		if !ok {
			continue
		}
		for f := range s.Fields() {
			if f.Origin() == v {
				out = append(out, cur)
			}
		}
	}
	return out
}

func (d *definition) valueOf(values []ast.Expr, i int) {
	switch {
	case len(values) == 0:
		d.zero = true
	case len(values) == 1:
		d.value, d.result = values[0], i
	default:
		d.value = values[i]
	}
}

func isNil(info *types.Info, e ast.Expr) bool { return info.Types[e].IsNil() }

// unparen returns the outermost parenthesised form of cur.
func unparen(cur inspector.Cursor) inspector.Cursor {
	for cur.ParentEdgeKind() == edge.ParenExpr_X {
		cur = cur.Parent()
	}
	return cur
}

// isLocal reports whether v is declared in a function.
func isLocal(v *types.Var) bool {
	return !v.IsField() && v.Pkg() != nil && v.Parent() != v.Pkg().Scope()
}

// frozen reports whether v, which owner declares, has at any later time the
// value that it has when the function literal fn inside owner is made.
func (c *checker) frozen(v *types.Var, owner, fn *function) bool {
	defs := c.definitionsOf(v)
	if defs.escapes {
		return false
	}
	lit := fn
	for lit.outer != owner {
		lit = lit.outer
	}
	for _, def := range defs.all {
		if def.fn != owner || def.pos > lit.node.Pos() {
			return false
		}
		// A definition above may come again when both are in one loop.
		for loop := range lit.cur.Enclosing((*ast.ForStmt)(nil), (*ast.RangeStmt)(nil)) {
			n := loop.Node()
			if !owner.contains(n.Pos()) || n == owner.node {
				break
			}
			if n.Pos() <= def.pos && !(n.Pos() <= v.Pos() && v.Pos() < n.End()) {
				return false
			}
		}
	}
	return true
}

// lasting reports whether v, a field or a package variable, has one value for
// as long as anybody can see it: it is set by an initialiser, while its struct
// is made, or once by main, init or TestMain.
func (c *checker) lasting(v *types.Var) bool {
	if v.Exported() && v.IsField() && v.Pkg() != c.pass.Pkg {
		return false
	}
	defs := c.definitionsOf(v)
	if defs.escapes {
		return false
	}
	once := 0
	for _, def := range defs.all {
		switch {
		case def.fn == nil: // an initialiser, or none
		case v.IsField() && c.constructs(def):
		case !v.IsField() && runsOnce(def.fn):
			once++
		default:
			return false
		}
	}
	return once <= 1
}

// constructs reports whether def assigns a field of a value that its function
// has made itself.
func (c *checker) constructs(def *definition) bool {
	lhs, ok := def.nodes[1].(ast.Expr)
	if !ok {
		return false
	}
	p, ok := c.pathOf(lhs)
	if !ok || !isLocal(p.root) || def.fn.isParam(p.root) {
		return false
	}
	defs := c.definitionsOf(p.root)
	for _, d := range defs.all {
		if d.fn != def.fn || d.value == nil {
			return false
		}
		value := ast.Unparen(d.value)
		if addr, ok := value.(*ast.UnaryExpr); ok && addr.Op == token.AND {
			value = addr.X
		}
		if _, ok := value.(*ast.CompositeLit); !ok {
			return false
		}
	}
	return len(defs.all) > 0
}

// runsOnce reports whether fn is a function that the runtime calls, once.
func runsOnce(fn *function) bool {
	decl, ok := fn.node.(*ast.FuncDecl)
	return ok && decl.Recv == nil && (decl.Name.Name == "main" || decl.Name.Name == "init" || decl.Name.Name == "TestMain")
}

// steady reports whether p means the same tracer at pos in fn as it did at
// the node from in fn, or when fn was entered if from is nil.
func (c *checker) steady(p path, fn *function, from ast.Node, pos token.Pos) bool {
	if fn == nil {
		return false
	}
	objs := p.fields
	if !isLocal(p.root) {
		objs = append([]*types.Var{p.root}, objs...)
	}
	var watched []*definitions
	for _, v := range objs {
		if c.lasting(v) {
			continue
		}
		d := c.definitionsOf(v)
		if d.escapes || d.written() > 1 || v.Pkg() != c.pass.Pkg {
			return false
		}
		watched = append(watched, d)
	}
	changing := slices.Clone(watched)
	if isLocal(p.root) {
		d := c.definitionsOf(p.root)
		owner := fn.owner(p.root)
		if owner == nil || d.escapes && len(p.fields) == 0 || owner != fn && !c.frozen(p.root, owner, fn) {
			return false
		}
		if slices.ContainsFunc(d.all, func(def *definition) bool { return def.fn != owner }) {
			return false
		}
		watched = append(watched, d)
	}
	changed := false
	_, ok := c.graphs.Backward(fn.body, pos, flow.Visitor{Node: func(n ast.Node) bool {
		if n == from {
			return false
		}
		for _, d := range watched {
			changed = changed || d.at(n) != nil
		}
		for _, d := range changing {
			changed = changed || c.mayAssign(n, d)
		}
		return !changed
	}})
	return ok && !changed
}

// steadyLater is steady for a function literal that runs at some time after
// it was made: what others can assign may have changed.
func (c *checker) steadyLater(p path, fn *function, pos token.Pos) bool {
	return c.lastingPath(p) && c.steady(p, fn, nil, pos)
}

// lastingPath reports whether p can only change by an assignment to its root,
// if that is a local variable.
func (c *checker) lastingPath(p path) bool {
	if !isLocal(p.root) && !c.lasting(p.root) {
		return false
	}
	return !slices.ContainsFunc(p.fields, func(f *types.Var) bool { return !c.lasting(f) })
}

// mayAssign reports whether a call in n may run one of the definitions, as
// far as the package's own code goes.
func (c *checker) mayAssign(n ast.Node, d *definitions) bool {
	a := &assignments{checker: c, definitions: d, seen: make(map[*ast.FuncDecl]bool)}
	return a.calledIn(n)
}

// assignments looks for calls that run definitions.
type assignments struct {
	*checker
	*definitions
	seen map[*ast.FuncDecl]bool
}

// in reports whether one of the definitions stands in n.
func (a *assignments) in(n ast.Node) bool {
	return slices.ContainsFunc(a.definitions.all, func(def *definition) bool {
		return def.fn != nil && n.Pos() <= def.pos && def.pos < n.End()
	})
}

// enters reports whether running decl may run one.
func (a *assignments) enters(decl *ast.FuncDecl) bool {
	if decl == nil || decl.Body == nil || a.seen[decl] {
		return false
	}
	a.seen[decl] = true
	return a.in(decl) || a.calledIn(decl.Body)
}

// runs reports whether calling the function value e may run one.
func (a *assignments) runs(e ast.Expr) bool {
	if lit, ok := ast.Unparen(e).(*ast.FuncLit); ok {
		return a.in(lit) || a.calledIn(lit.Body)
	}
	return !isNil(a.info, e) // it may be anything
}

func (a *assignments) calledIn(n ast.Node) bool {
	may := false
	ast.Inspect(n, func(n ast.Node) bool {
		if _, ok := n.(*ast.FuncLit); ok || may {
			return false // a literal's calls count where it is called
		}
		call, ok := n.(*ast.CallExpr)
		if !ok || a.info.Types[call.Fun].IsType() {
			return true
		}
		switch fn := typeutil.Callee(a.info, call).(type) {
		case *types.Builtin:
		case *types.Func:
			switch {
			case types.IsInterface(recvType(fn)):
				// One of the package's types may be behind it.
				for method, decl := range a.allDeclarations() {
					may = may || decl.Recv != nil && method.Name() == fn.Name() && a.enters(decl)
				}
			case fn.Pkg() == a.pass.Pkg:
				may = a.enters(a.declarationOf(fn))
			default:
				// It may call what it is given.
				for _, arg := range call.Args {
					may = may || a.isFunction(arg) && a.runs(arg)
				}
			}
		default:
			may = a.runs(call.Fun)
		}
		return !may
	})
	return may
}

func recvType(fn *types.Func) types.Type {
	if recv := fn.Signature().Recv(); recv != nil {
		return recv.Type()
	}
	return types.Typ[types.Invalid]
}

func (c *checker) isFunction(e ast.Expr) bool {
	_, ok := c.info.TypeOf(e).Underlying().(*types.Signature)
	return ok
}
