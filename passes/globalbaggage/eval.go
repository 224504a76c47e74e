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
	return ev.begin(activity{q, about, path.String()})
}

func (ev *evaluator) begin(a activity) (leave func()) {
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
	leave := ev.begin(a)
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
