package deprecatedenrich

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"golang.org/x/tools/go/ast/edge"
	"golang.org/x/tools/go/ast/inspector"
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

func (f *function) contains(pos token.Pos) bool { return covers(f.node, pos) }

// covers reports whether n is the source at pos, or around it.
func covers(n ast.Node, pos token.Pos) bool { return n.Pos() <= pos && pos < n.End() }

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

// overwritten returns the left sides *p = … and s[i] = … that replace a whole
// struct with the field v in it.
func (c *checker) overwritten(v *types.Var) []inspector.Cursor {
	if c.structs == nil {
		c.structs = []inspector.Cursor{}
		for cur := range c.inspector.Root().Preorder((*ast.AssignStmt)(nil)) {
			stmt := cur.Node().(*ast.AssignStmt)
			for i, lhs := range stmt.Lhs {
				t := c.info.TypeOf(lhs)
				if t == nil || stmt.Tok != token.ASSIGN {
					continue
				}
				if _, ok := t.Underlying().(*types.Struct); ok {
					c.structs = append(c.structs, cur.ChildAt(edge.AssignStmt_Lhs, i))
				}
			}
		}
	}
	var out []inspector.Cursor
	for _, cur := range c.structs {
		for f := range structOf(c.info.TypeOf(cur.Node().(ast.Expr))).Fields() {
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
