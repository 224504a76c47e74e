package globalbaggage

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"slices"

	"golang.org/x/tools/go/types/typeutil"

	"github.com/honeyhiveai/hhvet/internal/sdkapi"
)

// evaluator answers which strings an expression can be. It follows variables,
// composite literals, calls and ranges backwards to constants, and gives up
// (an open set) where it cannot see all of what a value can be.
type evaluator struct {
	*index
	pkg    *types.Package
	keys   *keys
	facts  *facts
	active map[activity]bool
	// done are the results so far of the evaluation that is under way. A
	// result from inside a cycle may lack what its beginning adds; since sets
	// are unions, the whole has it all the same.
	done      map[activity]set
	first     map[ast.Expr]bool
	funcs     map[ast.Expr][]ast.Node
	consulted map[*ast.Ident]bool // uses of lists that decide about baggage
}

// maxDepth and maxSteps bound an evaluation: what goes on for longer is not
// known.
const (
	maxDepth = 500
	maxSteps = 20000
)

// An activity is a question under way, about what path leads to from a node
// or a variable.
type activity struct {
	question question
	about    any
	path     string
}

type question uint8

const (
	askTexts        question = iota // which texts it is
	askFunctions                    // which functions it is
	askResult                       // what a function returns
	askStored                       // what a function stores in its parameter
	askAccepted                     // what a predicate accepts
	askGuards                       // which lists admit it
	askFlag                         // where a bool is true
	askHeld                         // which keys a context holds
	askBaggageFirst                 // whether it was read from baggage
)

// enter notes that a question is under way. It returns nil if it is already,
// further up: then the answer adds nothing that is not known there.
func (ev *evaluator) enter(q question, about any, path accessPath) (leave func()) {
	a := activity{q, about, path.String()}
	if ev.active[a] || len(ev.active) > maxDepth {
		return nil
	}
	if len(ev.active) == 0 {
		clear(ev.done)
		clear(ev.first)
		clear(ev.funcs)
	}
	ev.active[a] = true
	return func() { delete(ev.active, a) }
}

// eval returns what path leads to from the value of e.
func (ev *evaluator) eval(e ast.Expr, path accessPath) set {
	if e == nil {
		return unknown
	}
	e = ast.Unparen(e)
	a := activity{askTexts, e, path.String()}
	if len(ev.active) > 0 {
		if s, ok := ev.done[a]; ok {
			return s
		}
		if len(ev.done) > maxSteps {
			return unknown
		}
	}
	leave := ev.enter(askTexts, e, path)
	if leave == nil {
		return set{}
	}
	defer leave()
	s := ev.evaluate(e, path)
	ev.done[a] = s
	return s
}

func (ev *evaluator) evaluate(e ast.Expr, path accessPath) set {
	if len(path) == 0 {
		if tv, ok := ev.info.Types[e]; ok && tv.Value != nil {
			if tv.Value.Kind() != constant.String {
				return unknown
			}
			out := text(constant.StringVal(tv.Value))
			out.vals[0].object = ev.annotated(e)
			out.vals[0].born = ev.birth(e)
			return out
		}
	}
	if len(path) == 1 && path[0] == stepMember {
		return ev.memberKey(e)
	}
	if path.last().Kind == kindAccepted {
		if s, ok := ev.predicate(e, path); ok {
			return s
		}
	}

	switch e := e.(type) {
	case *ast.Ident:
		return ev.ident(e, path)
	case *ast.SelectorExpr:
		if _, isField := ev.info.Selections[e]; !isField {
			return ev.ident(e.Sel, path)
		}
		return ev.field(e, path)
	case *ast.CompositeLit:
		return ev.literal(e, path)
	case *ast.UnaryExpr:
		if e.Op == token.AND {
			return ev.eval(e.X, path)
		}
	case *ast.StarExpr:
		return ev.eval(e.X, path)
	case *ast.BinaryExpr:
		if e.Op == token.ADD && len(path) == 0 {
			return concat(ev.eval(e.X, nil), ev.eval(e.Y, nil))
		}
	case *ast.IndexExpr:
		return ev.indexed(e, path)
	case *ast.SliceExpr:
		return ev.sliced(e, path)
	case *ast.TypeAssertExpr:
		if len(path) == 0 || path[0] != stepResult(1) {
			return ev.eval(e.X, path)
		}
	case *ast.CallExpr:
		return ev.refine(e, ev.call(e, path))
	}
	return unknown
}

// birth returns where the constant e was written down or declared.
func (ev *evaluator) birth(e ast.Expr) token.Pos {
	if k, ok := ev.info.Uses[nameIn(e)].(*types.Const); ok {
		return k.Pos()
	}
	return e.Pos()
}

// memberKey returns what a list lets through of the keys of a member that
// comes from elsewhere. The keys that the package gives to members are found
// where it makes them.
func (ev *evaluator) memberKey(e ast.Expr) set {
	v := ev.variable(e)
	if v == nil {
		return unknown
	}
	return ev.narrowed(unknown, ev.guards(e, subject{v, stepMember}))
}

// annotated returns the object that e names, if it carries //hhvet:pertracer.
func (ev *evaluator) annotated(e ast.Expr) types.Object {
	if call, ok := ast.Unparen(e).(*ast.CallExpr); ok {
		// string(TenantKey)
		if tv := ev.info.Types[call.Fun]; tv.IsType() && len(call.Args) == 1 {
			return ev.annotated(call.Args[0])
		}
		return nil
	}
	if obj := ev.info.Uses[nameIn(e)]; ev.facts.perTracer(obj) {
		return obj
	}
	return nil
}

func (ev *evaluator) ident(id *ast.Ident, path accessPath) set {
	switch obj := ev.info.ObjectOf(id).(type) {
	case *types.Nil:
		return set{}
	case *types.Var:
		if obj.Name() == "AllowAllMembers" && obj.Pkg() != nil && sdkapi.Unvendored(obj.Pkg().Path()) == baggageCopy {
			return set{all: true}
		}
		s := ev.variableAt(obj, id, path)
		if len(path) == 0 && ev.facts.perTracer(obj) {
			s = withObject(s, obj)
		}
		return ev.refine(id, s)
	}
	return unknown
}

// withObject marks the values of an annotated object, of which there is at
// least one even if nothing else is known of it.
func withObject(s set, obj types.Object) set {
	out := set{}
	for _, v := range s.vals {
		v.object = obj
		out.add(v)
	}
	if len(out.vals) == 0 {
		out.add(value{segs: []seg{{}}, object: obj})
	}
	return out
}

// variableAt returns what path leads to from v, as the use at id sees it.
func (ev *evaluator) variableAt(v *types.Var, id *ast.Ident, path accessPath) set {
	if v.Pkg() != ev.pkg {
		return ev.imported(v, id, path)
	}
	if p, ok := ev.params[v]; ok && p.index == receiver && len(path) > 0 {
		if f := fieldOf(v.Type(), ev.pkg, path[0]); f != nil {
			return reference(f, path[1:])
		}
	}
	var out set
	defs, entry := ev.reaching(v, id)
	if entry {
		// A parameter that is assigned to somewhen, or whose address is taken,
		// may be something else by now than what the caller gave; where its
		// address is all that is asked for, it is not.
		assigned := !ev.ordered(v, id) && slices.ContainsFunc(ev.defs[v], func(d *definition) bool { return !ev.ofItself(d, v) })
		addressed := ev.escaped[v] && len(ev.uses[v]) > 1
		if assigned || addressed && !isPointer(v.Type()) && len(path) == 0 {
			out.open = true
		} else {
			out.union(ev.narrowed(reference(v, path), ev.unassigned(v, id)))
		}
	}
	for _, d := range defs {
		out.union(ev.definition(d, path))
	}
	if len(path) > 0 {
		out.union(ev.stored(v, id, path))
		if f := fieldOf(v.Type(), ev.pkg, path[0]); f != nil && ev.shared[v] {
			out.union(reference(f, path[1:]))
		}
		out = ev.deleted(v, id, out)
	} else if ev.escaped[v] {
		out.open = true
	}
	return out
}

// ofItself reports whether an assignment to v leaves the keys in it what they
// are: key = strings.ToLower(key), pairs = pairs[:n].
func (ev *evaluator) ofItself(d *definition, v *types.Var) bool {
	if d.expr == nil || d.add || len(d.path) > 0 {
		return false
	}
	return ev.respells(d.expr, v)
}

func (ev *evaluator) respells(e ast.Expr, v *types.Var) bool {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		return ev.variable(e) == v
	case *ast.SliceExpr:
		return e.Low == nil && ev.respells(e.X, v)
	case *ast.CallExpr:
		fn, ok := typeutil.Callee(ev.info, e).(*types.Func)
		if !ok || fn.Pkg() == nil || len(e.Args) == 0 {
			return false
		}
		_, spells := respell[fn.FullName()]
		_, cuts := trims[fn.FullName()]
		return (spells || cuts) && ev.respells(e.Args[0], v)
	}
	return false
}

func (ev *evaluator) definition(d *definition, path accessPath) set {
	if d.zero {
		if len(path) == 0 {
			return text("")
		}
		return set{}
	}
	if d.expr == nil {
		return unknown
	}
	s := ev.eval(d.expr, slices.Concat(d.path, path))
	if _, ok := d.node.(*ast.RangeStmt); ok {
		ev.consult(d.expr)
	}
	if assign, ok := d.node.(*ast.AssignStmt); ok && d.add {
		leave := ev.enter(askTexts, d, path)
		if leave == nil {
			return unknown
		}
		defer leave()
		return concat(ev.eval(assign.Lhs[0], path), s)
	}
	return s
}

// fieldOf returns the field of t that s leads to, if pkg declares it.
func fieldOf(t types.Type, pkg *types.Package, s step) *types.Var {
	if s.Kind != kindField {
		return nil
	}
	obj, _, _ := types.LookupFieldOrMethod(t, true, pkg, s.Name)
	f, ok := obj.(*types.Var)
	if !ok || f.Pkg() != pkg {
		return nil
	}
	return f.Origin()
}

func (ev *evaluator) field(e *ast.SelectorExpr, path accessPath) set {
	sel := ev.info.Selections[e]
	f, ok := sel.Obj().(*types.Var)
	if !ok {
		return unknown
	}
	s := ev.eval(e.X, slices.Concat(fieldSteps(sel), path))
	if len(path) == 0 && ev.facts.perTracer(f.Origin()) {
		s = withObject(s, f.Origin())
	}
	return ev.refine(e, s)
}

func (ev *evaluator) literal(lit *ast.CompositeLit, path accessPath) set {
	if len(path) == 0 {
		return unknown
	}
	var out set
	step, rest := path[0], path[1:]
	if step.Kind == kindField {
		return ev.structField(lit, step.Name, rest)
	}
	for i, elt := range lit.Elts {
		kv, _ := elt.(*ast.KeyValueExpr)
		val := elt
		if kv != nil {
			val = kv.Value
		}
		switch step {
		case stepKeys, stepTrue:
			if kv == nil || step == stepTrue && isFalse(ev.info, kv.Value) {
				continue
			}
			out.union(ev.entries(ev.eval(kv.Key, nil), lit, kv.Key, nil))
		case stepElem:
			out.union(ev.entries(ev.eval(val, rest), lit, val, rest))
		case stepEven, stepOdd:
			if (i%2 == 0) == (step == stepEven) {
				out.union(ev.entries(ev.eval(val, rest), nil, val, rest))
			}
		case stepEntry:
			if kv != nil && ev.mayBeHeader(kv.Key) {
				out.union(ev.entries(ev.eval(kv.Value, rest), nil, kv.Value, rest))
			}
		default:
			if step.Kind != kindAt {
				return unknown
			}
			if i == step.N {
				out.union(ev.entries(ev.eval(val, rest), nil, val, rest))
			}
		}
	}
	return out
}

// entries says of known values that have no place of their own yet that they
// are, or are in, the element elem of a list; of none, if the places of the
// list's elements matter.
func (ev *evaluator) entries(s set, list ast.Node, elem ast.Expr, path accessPath) set {
	at := ev.standing(elem, path)
	vals := make([]value, len(s.vals))
	for i, v := range s.vals {
		if v.at == nil && (v.hasText() || v.object != nil) {
			v.at, v.list, v.elem = at, list, elem
		}
		vals[i] = v
	}
	s.vals = vals
	return s
}

// standing returns where what path leads to from e is written, if e is a
// struct literal that says so, else e.
func (ev *evaluator) standing(e ast.Expr, path accessPath) ast.Expr {
	at := e
	for ; len(path) > 0; path = path[1:] {
		inner := ast.Unparen(at)
		if ref, ok := inner.(*ast.UnaryExpr); ok && ref.Op == token.AND {
			inner = ast.Unparen(ref.X)
		}
		lit, ok := inner.(*ast.CompositeLit)
		if !ok || path[0].Kind != kindField {
			break
		}
		if at = fieldValue(ev.info, lit, path[0].Name); at == nil {
			return e
		}
	}
	return at
}

func (ev *evaluator) structField(lit *ast.CompositeLit, name string, rest accessPath) set {
	if val := fieldValue(ev.info, lit, name); val != nil {
		return ev.eval(val, rest)
	}
	return set{}
}

// fieldValue returns what a struct literal gives to a field, or nil.
func fieldValue(info *types.Info, lit *ast.CompositeLit, name string) ast.Expr {
	st, ok := structOf(info.TypeOf(lit))
	if !ok {
		return nil
	}
	for i, elt := range lit.Elts {
		if kv, ok := elt.(*ast.KeyValueExpr); ok {
			if id, ok := kv.Key.(*ast.Ident); ok && id.Name == name {
				return kv.Value
			}
		} else if i < st.NumFields() && st.Field(i).Name() == name {
			return elt
		}
	}
	return nil
}

func (ev *evaluator) indexed(e *ast.IndexExpr, path accessPath) set {
	if tv, ok := ev.info.Types[e.Index]; ok && tv.IsType() {
		return ev.eval(e.X, path) // an instantiated function
	}
	t := ev.info.TypeOf(e.X)
	if t == nil {
		return unknown
	}
	if len(path) > 0 && path[0] == stepResult(1) {
		return unknown
	}
	switch coreType(t).(type) {
	case *types.Map:
		return ev.eval(e.X, prepend(stepElem, path))
	case *types.Slice, *types.Array, *types.Pointer:
		if n, ok := intConstant(ev.info, e.Index); ok && !ev.reordered(ev.variable(e.X)) {
			if s := ev.eval(e.X, prepend(stepAt(n), path)); !s.open {
				return s
			}
		}
		return ev.eval(e.X, prepend(ev.parity(e.Index), path))
	}
	return unknown
}

// sliced returns what path leads to from a part of a list. Where the part
// begins matters to those who ask for one element, or for every other.
func (ev *evaluator) sliced(e *ast.SliceExpr, path accessPath) set {
	if e.Low == nil || len(path) == 0 {
		return ev.eval(e.X, path)
	}
	step := path[0]
	one := step.Kind == kindAt
	if !one && step != stepEven && step != stepOdd {
		return ev.eval(e.X, path)
	}
	low, ok := intConstant(ev.info, e.Low)
	switch {
	case !ok:
		return unknown
	case one:
		step = stepAt(low + step.N)
	case low%2 == 1 && step == stepEven:
		step = stepOdd
	case low%2 == 1:
		step = stepEven
	}
	return ev.eval(e.X, prepend(step, path[1:]))
}

// reordered reports whether the elements of v may stand elsewhere than where
// they were put: they are sorted, or assigned to one by one.
func (ev *evaluator) reordered(v *types.Var) bool {
	if slices.ContainsFunc(ev.writes[v], func(w write) bool { return w.key != nil && len(w.steps) == 0 }) {
		return true
	}
	return slices.ContainsFunc(ev.uses[v], func(id *ast.Ident) bool {
		call, ok := ev.parent[id].(*ast.CallExpr)
		if !ok || len(call.Args) == 0 || call.Args[0] != ast.Expr(id) {
			return false
		}
		fn, ok := typeutil.Callee(ev.info, call).(*types.Func)
		return ok && sorters[fn.FullName()]
	})
}

// parity tells pairs from lists: kv[i] and kv[i+1] in a loop that starts at 0
// and goes on by 2.
func (ev *evaluator) parity(i ast.Expr) step {
	odd := false
	if sum, ok := ast.Unparen(i).(*ast.BinaryExpr); ok && sum.Op == token.ADD && isInt(ev.info, sum.Y, 1) {
		odd = true
		i = sum.X
	}
	v := ev.variable(i)
	if v == nil {
		return stepElem
	}
	var from0, by2 bool
	for _, d := range ev.defs[v] {
		assign, ok := d.node.(*ast.AssignStmt)
		switch {
		case ok && d.add:
			by2 = isInt(ev.info, assign.Rhs[0], 2)
		case ok && ev.plus2(d.expr, v):
			by2 = true
		case ok && isInt(ev.info, d.expr, 0):
			from0 = true
		default:
			return stepElem
		}
	}
	switch {
	case !from0 || !by2:
		return stepElem
	case odd:
		return stepOdd
	default:
		return stepEven
	}
}

// plus2 reports whether e is v + 2.
func (ev *evaluator) plus2(e ast.Expr, v *types.Var) bool {
	sum, ok := e.(*ast.BinaryExpr)
	return ok && sum.Op == token.ADD && ev.variable(sum.X) == v && isInt(ev.info, sum.Y, 2)
}

func isInt(info *types.Info, e ast.Expr, want int) bool {
	n, ok := intConstant(info, e)
	return ok && n == want
}

// intConstant returns the value of e, if it is a constant integer.
func intConstant(info *types.Info, e ast.Expr) (int, bool) {
	if e == nil {
		return 0, false
	}
	v := info.Types[e].Value
	if v == nil || v.Kind() != constant.Int {
		return 0, false
	}
	n, exact := constant.Int64Val(v)
	return int(n), exact
}

func isFalse(info *types.Info, e ast.Expr) bool {
	if e == nil {
		return false
	}
	v := info.Types[e].Value
	return v != nil && v.Kind() == constant.Bool && !constant.BoolVal(v)
}

func isTrue(info *types.Info, e ast.Expr) bool {
	v := info.Types[e].Value
	return v != nil && v.Kind() == constant.Bool && constant.BoolVal(v)
}
