package deprecatedenrich

import (
	"go/ast"
	"go/token"
	"go/types"
	"go/version"
	"slices"

	"golang.org/x/tools/go/ast/edge"
	"golang.org/x/tools/go/ast/inspector"
	"golang.org/x/tools/go/types/typeutil"

	"github.com/honeyhiveai/hhvet/internal/flow"
)

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
			inside := covers(n, v.Pos())
			if n.Pos() <= def.pos && !inside {
				return false
			}
			// Before Go 1.22 all iterations share the loop's variables.
			if inside && v.Pos() < loopBody(n).Pos() && c.sharesLoopVariables(v.Pos()) {
				return false
			}
		}
	}
	return true
}

func loopBody(loop ast.Node) *ast.BlockStmt {
	switch loop := loop.(type) {
	case *ast.ForStmt:
		return loop.Body
	case *ast.RangeStmt:
		return loop.Body
	}
	return nil
}

// sharesLoopVariables reports whether the file at pos is in a version of Go
// before 1.22.
func (c *checker) sharesLoopVariables(pos token.Pos) bool {
	v := c.info.FileVersions[c.fileOf(pos)]
	return v != "" && version.Compare(v, "go1.22") < 0
}

// lasting reports whether v, a field or a package variable, has one value for
// as long as anybody can see it: it is set by an initialiser, while its struct
// is made, or once by main, init or TestMain.
func (c *checker) lasting(v *types.Var) bool {
	if v.Exported() || v.Pkg() != c.pass.Pkg {
		return false // other packages may set it
	}
	defs := c.definitionsOf(v)
	if defs.escapes {
		return false
	}
	once := 0
	for _, def := range defs.all {
		switch {
		case def.fn == nil && (def.zero || def.value == nil):
		case def.fn == nil:
			once++
		case v.IsField() && c.constructs(def):
		case !v.IsField() && c.runsOnce(def):
			once++
		default:
			return false
		}
	}
	return once <= 1
}

// constructs reports whether def assigns a field of a value that its function
// has made itself, and not used yet.
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
	for _, use := range c.usesOf(p.root) {
		switch {
		case use.Node().Pos() == p.root.Pos():
		case repeats(use, def, p.root.Pos()):
			return false
		case use.Node().Pos() < def.nodes[0].End() && !storesInto(use):
			return false
		}
	}
	return len(defs.all) > 0
}

// repeats reports whether def is in a loop with use, which then may come
// before it, and what is declared at pos is not.
func repeats(use inspector.Cursor, def *definition, pos token.Pos) bool {
	for loop := range use.Enclosing((*ast.ForStmt)(nil), (*ast.RangeStmt)(nil)) {
		if covers(loop.Node(), def.pos) && !covers(loop.Node(), pos) {
			return true
		}
	}
	return false
}

// storesInto reports whether use is the v of v.f = ….
func storesInto(use inspector.Cursor) bool {
	for use.ParentEdgeKind() == edge.SelectorExpr_X {
		use = use.Parent()
	}
	return use.ParentEdgeKind() == edge.AssignStmt_Lhs
}

// runsOnce reports whether def runs once at most: in a function that the
// runtime calls, and not in a loop.
func (c *checker) runsOnce(def *definition) bool {
	decl, ok := def.fn.node.(*ast.FuncDecl)
	if !ok || decl.Recv != nil || decl.Name.Name != "main" && decl.Name.Name != "init" && decl.Name.Name != "TestMain" {
		return false
	}
	inLoop := false
	ast.Inspect(decl.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ForStmt, *ast.RangeStmt:
			inLoop = inLoop || covers(n, def.pos)
		case *ast.BranchStmt:
			inLoop = inLoop || n.Tok == token.GOTO
		}
		return !inLoop
	})
	return !inLoop
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
