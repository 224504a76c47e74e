package globalbaggage

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"golang.org/x/tools/go/types/typeutil"
)

// index is what the analysis looks up in a package's syntax, gathered in one
// traversal.
type index struct {
	info   *types.Info
	parent map[ast.Node]ast.Node

	decls  map[*types.Func]*ast.FuncDecl
	params map[*types.Var]param
	named  map[ast.Node][]*types.Var // a function's named parameters
	defs   map[*types.Var][]*definition
	// writes are stores into part of a variable (x.f = v, m[k] = v), by the
	// variable, and stores into a field of any struct, by the field.
	writes map[*types.Var][]write
	// escaped variables have their address taken or are handed on as pointers.
	escaped map[*types.Var]bool
	// shared variables are handed to code that cannot be named: a function
	// value or an interface's method, or through memory.
	shared map[*types.Var]bool

	calls    []*ast.CallExpr
	assigns  []*ast.AssignStmt
	literals []*ast.CompositeLit
	lookups  []*ast.IndexExpr
	uses     map[types.Object][]*ast.Ident
}

// param is a variable's place among a function's parameters. The receiver has
// index -1.
type param struct {
	fn       ast.Node // *ast.FuncDecl or *ast.FuncLit
	index    int
	variadic bool
}

const receiver = -1

// definition assigns to a whole variable.
type definition struct {
	node ast.Node   // the statement or specification
	expr ast.Expr   // nil if nothing is known of the value
	path accessPath // from expr to the value
	zero bool       // a declaration without a value
	add  bool       // +=
}

// write stores into the part of a variable that steps lead to.
type write struct {
	node  ast.Node
	steps accessPath
	key   ast.Expr // of a map or slice, else nil
	value ast.Expr // nil where only the keys of other are copied or removed
	other ast.Expr // maps.Copy's source
	del   bool     // delete(m, key)
}

func newIndex(info *types.Info, files []*ast.File) *index {
	ix := &index{
		info:    info,
		parent:  make(map[ast.Node]ast.Node),
		decls:   make(map[*types.Func]*ast.FuncDecl),
		params:  make(map[*types.Var]param),
		named:   make(map[ast.Node][]*types.Var),
		defs:    make(map[*types.Var][]*definition),
		writes:  make(map[*types.Var][]write),
		escaped: make(map[*types.Var]bool),
		shared:  make(map[*types.Var]bool),
		uses:    make(map[types.Object][]*ast.Ident),
	}
	for _, f := range files {
		var stack []ast.Node
		ast.Inspect(f, func(n ast.Node) bool {
			if n == nil {
				stack = stack[:len(stack)-1]
				return true
			}
			if len(stack) > 0 {
				ix.parent[n] = stack[len(stack)-1]
			}
			stack = append(stack, n)
			ix.node(n)
			return true
		})
	}
	return ix
}

func (ix *index) node(n ast.Node) {
	switch n := n.(type) {
	case *ast.FuncDecl:
		if fn, ok := ix.info.Defs[n.Name].(*types.Func); ok {
			ix.decls[fn] = n
		}
		if n.Recv != nil {
			ix.fields(n, n.Recv, receiver)
		}
		ix.fields(n, n.Type.Params, 0)
	case *ast.FuncLit:
		ix.fields(n, n.Type.Params, 0)
	case *ast.AssignStmt:
		ix.assigns = append(ix.assigns, n)
		ix.assign(n)
	case *ast.ValueSpec:
		for i, name := range n.Names {
			v, ok := ix.info.Defs[name].(*types.Var)
			if !ok {
				continue
			}
			d := &definition{node: n}
			switch {
			case len(n.Values) == 0:
				d.zero = true
			case len(n.Values) == len(n.Names):
				d.expr = n.Values[i]
			default:
				d.expr, d.path = n.Values[0], resultPath(i)
			}
			ix.defs[v] = append(ix.defs[v], d)
		}
	case *ast.RangeStmt:
		key, elem := rangeSteps(ix.info.TypeOf(n.X))
		for i, lhs := range []ast.Expr{n.Key, n.Value} {
			v := ix.variable(lhs)
			if v == nil {
				continue
			}
			d := &definition{node: n}
			if s := [...]step{key, elem}[i]; s != (step{}) {
				d.expr, d.path = n.X, accessPath{s}
			}
			ix.defs[v] = append(ix.defs[v], d)
		}
	case *ast.IncDecStmt:
		if v := ix.variable(n.X); v != nil {
			ix.defs[v] = append(ix.defs[v], &definition{node: n})
		}
	case *ast.TypeSwitchStmt:
		ix.typeSwitch(n)
	case *ast.UnaryExpr:
		if n.Op == token.AND {
			if v := ix.root(n.X); v != nil {
				ix.escaped[v] = true
				call, ok := ix.parent[n].(*ast.CallExpr)
				ix.shared[v] = ix.shared[v] || !ok || !ix.callsConcrete(call)
			}
		}
	case *ast.CallExpr:
		ix.call(n)
	case *ast.IndexExpr:
		ix.lookups = append(ix.lookups, n)
	case *ast.CompositeLit:
		ix.literals = append(ix.literals, n)
		ix.literal(n)
	case *ast.Ident:
		if obj := ix.info.Uses[n]; obj != nil {
			ix.uses[obj] = append(ix.uses[obj], n)
		}
	}
}

func (ix *index) fields(fn ast.Node, list *ast.FieldList, i int) {
	if list == nil {
		return
	}
	for _, f := range list.List {
		_, variadic := f.Type.(*ast.Ellipsis)
		for _, name := range f.Names {
			if v, ok := ix.info.Defs[name].(*types.Var); ok {
				ix.params[v] = param{fn, i, variadic}
				ix.named[fn] = append(ix.named[fn], v)
			}
			i++
		}
		if len(f.Names) == 0 {
			i++
		}
	}
}

// formal returns the parameter of fn with that index, if it has a name.
func (ix *index) formal(fn ast.Node, i int) *types.Var {
	for _, v := range ix.named[fn] {
		if ix.params[v].index == i {
			return v
		}
	}
	return nil
}

func (ix *index) assign(n *ast.AssignStmt) {
	for i, lhs := range n.Lhs {
		d := &definition{node: n, add: n.Tok == token.ADD_ASSIGN}
		switch {
		case n.Tok != token.ASSIGN && n.Tok != token.DEFINE && n.Tok != token.ADD_ASSIGN:
			// Arithmetic makes no string.
		case len(n.Lhs) == len(n.Rhs):
			d.expr = n.Rhs[i]
		default:
			d.expr, d.path = n.Rhs[0], resultPath(i)
		}
		if v := ix.variable(lhs); v != nil {
			ix.defs[v] = append(ix.defs[v], d)
			continue
		}
		if len(d.path) == 0 {
			ix.store(lhs, write{node: n, value: d.expr})
		}
	}
}

// store files w under the variable and the fields that lhs goes through.
func (ix *index) store(lhs ast.Expr, w write) {
	switch x := ast.Unparen(lhs).(type) {
	case *ast.IndexExpr:
		if w.key == nil && len(w.steps) == 0 {
			w.key = x.Index
		} else {
			w.steps = prepend(stepElem, w.steps)
		}
		ix.store(x.X, w)
	case *ast.SelectorExpr:
		sel, ok := ix.info.Selections[x]
		if !ok {
			if v, ok := ix.info.Uses[x.Sel].(*types.Var); ok {
				ix.writes[v] = append(ix.writes[v], w)
			}
			return
		}
		if f, ok := sel.Obj().(*types.Var); ok {
			ix.writes[f] = append(ix.writes[f], w)
			w.steps = append(fieldSteps(sel), w.steps...)
			ix.store(x.X, w)
		}
	case *ast.StarExpr:
		ix.store(x.X, w)
	case *ast.Ident:
		if v, ok := ix.info.ObjectOf(x).(*types.Var); ok {
			ix.writes[v] = append(ix.writes[v], w)
		}
	}
}

func (ix *index) call(n *ast.CallExpr) {
	ix.calls = append(ix.calls, n)
	switch callee := typeutil.Callee(ix.info, n).(type) {
	case *types.Builtin:
		if callee.Name() == "delete" && len(n.Args) == 2 {
			ix.store(n.Args[0], write{node: n, key: n.Args[1], del: true})
		}
	case *types.Func:
		if callee.FullName() == "maps.Copy" && len(n.Args) == 2 {
			ix.store(n.Args[0], write{node: n, other: n.Args[1]})
		}
	}
	// A pointer that is handed on lets others write to what it points to.
	for _, arg := range n.Args {
		if v := ix.variable(arg); v != nil && isPointer(v.Type()) {
			ix.escaped[v] = true
			ix.shared[v] = ix.shared[v] || !ix.callsConcrete(n)
		}
	}
	if sel, ok := n.Fun.(*ast.SelectorExpr); ok {
		s, ok := ix.info.Selections[sel]
		if !ok || s.Kind() != types.MethodVal {
			return
		}
		if sig, ok := s.Obj().Type().(*types.Signature); ok && sig.Recv() != nil && isPointer(sig.Recv().Type()) {
			if v := ix.root(sel.X); v != nil {
				ix.escaped[v] = true
			}
		}
	}
}

// callsConcrete reports whether a call names the function that runs.
func (ix *index) callsConcrete(call *ast.CallExpr) bool {
	fn, ok := typeutil.Callee(ix.info, call).(*types.Func)
	return ok && !types.IsInterface(recvType(fn))
}

// literal files a struct literal's elements as stores into its fields.
func (ix *index) literal(n *ast.CompositeLit) {
	st, ok := structOf(ix.info.TypeOf(n))
	if !ok {
		return
	}
	for i, elt := range n.Elts {
		if kv, ok := elt.(*ast.KeyValueExpr); ok {
			if id, ok := kv.Key.(*ast.Ident); ok {
				if f, ok := ix.info.Uses[id].(*types.Var); ok {
					ix.writes[f] = append(ix.writes[f], write{node: n, value: kv.Value})
				}
			}
			continue
		}
		if i < st.NumFields() {
			f := st.Field(i)
			ix.writes[f] = append(ix.writes[f], write{node: n, value: elt})
		}
	}
}

func (ix *index) typeSwitch(n *ast.TypeSwitchStmt) {
	assign, ok := n.Assign.(*ast.AssignStmt)
	if !ok {
		return
	}
	assert, ok := ast.Unparen(assign.Rhs[0]).(*ast.TypeAssertExpr)
	if !ok {
		return
	}
	for _, clause := range n.Body.List {
		if v, ok := ix.info.Implicits[clause].(*types.Var); ok {
			ix.defs[v] = append(ix.defs[v], &definition{node: clause, expr: assert.X})
		}
	}
}

// variable returns the variable that e names, if it names a whole one.
func (ix *index) variable(e ast.Expr) *types.Var {
	if e == nil {
		return nil
	}
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		v, _ := ix.info.ObjectOf(e).(*types.Var)
		return v
	case *ast.SelectorExpr:
		if _, isField := ix.info.Selections[e]; !isField {
			v, _ := ix.info.Uses[e.Sel].(*types.Var)
			return v
		}
	}
	return nil
}

// nameIn returns the identifier by which e, bare, qualified or selected, names
// something, or nil.
func nameIn(e ast.Expr) *ast.Ident {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		return e
	case *ast.SelectorExpr:
		return e.Sel
	}
	return nil
}

// root returns the variable that e is a part of.
func (ix *index) root(e ast.Expr) *types.Var {
	for {
		switch x := ast.Unparen(e).(type) {
		case *ast.SelectorExpr:
			if _, isField := ix.info.Selections[x]; !isField {
				return ix.variable(x)
			}
			e = x.X
		case *ast.IndexExpr:
			e = x.X
		case *ast.StarExpr:
			e = x.X
		default:
			return ix.variable(e)
		}
	}
}

// function returns the function around n: a *ast.FuncDecl, a *ast.FuncLit, or
// nil at package level.
func (ix *index) function(n ast.Node) ast.Node {
	for n = ix.parent[n]; n != nil; n = ix.parent[n] {
		switch n.(type) {
		case *ast.FuncDecl, *ast.FuncLit:
			return n
		}
	}
	return nil
}

// within reports whether n is inside of outer, or it.
func within(n, outer ast.Node) bool {
	return outer != nil && outer.Pos() <= n.Pos() && n.End() <= outer.End()
}

func body(fn ast.Node) *ast.BlockStmt {
	switch fn := fn.(type) {
	case *ast.FuncDecl:
		return fn.Body
	case *ast.FuncLit:
		return fn.Body
	}
	return nil
}

// rangeSteps returns the steps from a value of type t to the variables of a
// loop over it, none where they are no parts of it.
func rangeSteps(t types.Type) (key, elem step) {
	if t == nil {
		return step{}, step{}
	}
	switch t := coreType(t).(type) {
	case *types.Map:
		return stepKeys, stepElem
	case *types.Slice, *types.Array:
		return step{}, stepElem
	case *types.Pointer:
		if _, ok := t.Elem().Underlying().(*types.Array); ok {
			return step{}, stepElem
		}
	case *types.Signature:
		if t.Params().Len() != 1 {
			break
		}
		if yield, ok := t.Params().At(0).Type().Underlying().(*types.Signature); ok {
			switch yield.Params().Len() {
			case 1:
				return stepElem, step{}
			case 2:
				return stepKeys, stepElem
			}
		}
	}
	return step{}, step{}
}

// fieldSteps spells a selection out, with the embedded fields it goes through.
func fieldSteps(sel *types.Selection) accessPath {
	var steps accessPath
	t := sel.Recv()
	for _, i := range sel.Index() {
		st, ok := structOf(t)
		if !ok {
			return append(steps, stepField(sel.Obj().Name()))
		}
		f := st.Field(i)
		steps = append(steps, stepField(f.Name()))
		t = f.Type()
	}
	return steps
}

// siblings returns the statements that parent has in a list.
func siblings(parent ast.Node) []ast.Stmt {
	switch p := parent.(type) {
	case *ast.BlockStmt:
		return p.List
	case *ast.CaseClause:
		return p.Body
	case *ast.CommClause:
		return p.Body
	}
	return nil
}

// before returns the statements in front of n in parent's list, last first.
func before(parent, n ast.Node) []ast.Stmt {
	list := siblings(parent)
	i := slices.IndexFunc(list, func(s ast.Stmt) bool { return ast.Node(s) == n })
	if i < 0 {
		return nil
	}
	out := slices.Clone(list[:i])
	slices.Reverse(out)
	return out
}
