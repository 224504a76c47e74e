package deprecatedenrich

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"golang.org/x/tools/go/ast/inspector"
	"golang.org/x/tools/go/types/typeutil"

	"github.com/honeyhiveai/hhvet/internal/flow"
	"github.com/honeyhiveai/hhvet/internal/sdkapi"
)

// An origin is what is known of where a context comes from.
type origin struct {
	kind   originKind
	tracer path      // of a carrier; not valid where the tracer has no lasting name
	at     token.Pos // of a carrier, where that was
	why    string    // of a foreign one, what brings the context
}

type originKind int

const (
	unknown    originKind = iota
	carrier               // a tracer made it, and discovery finds that tracer
	experiment            // the task of an experiment is given it
	entered               // a caller passes it to a declared function
	empty                 // context.Background or context.TODO
	foreign               // code that the package does not call brings it
)

// maxSteps bounds how far a context is followed.
const maxSteps = 12

// search follows one context to its origins.
type search struct {
	*checker
	steps int
	busy  map[*types.Var]bool // parameters being followed: recursion proves nothing
}

// originsOf returns the origins of the context e in fn. The tracers in them
// are those that their paths mean where e stands.
func (c *checker) originsOf(e ast.Expr, fn *function) []origin {
	s := &search{checker: c, busy: make(map[*types.Var]bool)}
	return compact(s.expr(e, 0, fn))
}

func compact(os []origin) []origin {
	var out []origin
	for _, o := range os {
		if !slices.ContainsFunc(out, o.equal) {
			out = append(out, o)
		}
	}
	return out
}

func (o origin) equal(p origin) bool {
	return o.kind == p.kind && o.why == p.why && o.tracer.equal(p.tracer)
}

var nothing = []origin{{}}

// expr returns the origins of result number result of e.
func (s *search) expr(e ast.Expr, result int, fn *function) []origin {
	if s.steps++; s.steps > maxSteps || fn == nil {
		return nothing
	}
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		if v, ok := s.info.ObjectOf(e).(*types.Var); ok && isLocal(v) {
			return s.variable(v, fn, e.Pos())
		}
	case *ast.CallExpr:
		return s.call(e, result, fn)
	}
	return nothing
}

// variable returns the origins of the local variable v's value at pos in fn.
func (s *search) variable(v *types.Var, fn *function, pos token.Pos) []origin {
	owner := fn.owner(v)
	if owner == nil {
		return nothing
	}
	if owner == fn {
		return s.reaching(v, fn, pos)
	}
	lit := fn
	for lit.outer != owner {
		lit = lit.outer
	}
	os := s.reaching(v, owner, lit.node.Pos())
	if !s.frozen(v, owner, fn) {
		return s.anytime(os, v, owner, fn, pos)
	}
	for i, o := range os {
		if o.tracer.valid() && !s.steadyLater(o.tracer, fn, pos) {
			os[i].tracer = path{}
		}
	}
	return os
}

// anytime returns the origins of v, which owner declares, at pos in the function
// literal fn inside owner: those it has where the literal is made, and those of
// each other value that it may have by the time fn runs.
func (s *search) anytime(made []origin, v *types.Var, owner, fn *function, pos token.Pos) []origin {
	out := slices.Clone(made)
	defs := s.definitionsOf(v)
	for _, d := range defs.all {
		if defs.escapes || d.value == nil || d.zero {
			out = append(out, origin{})
			continue
		}
		out = append(out, s.expr(d.value, d.result, d.fn)...)
	}
	for i, o := range out {
		p := o.tracer
		if p.valid() && !(owner.owner(p.root) == owner && len(s.definitionsOf(p.root).all) <= 1 && s.steadyLater(p, fn, pos)) {
			out[i].tracer = path{}
		}
	}
	return out
}

// reaching returns the origins of v, which fn declares, at pos in fn.
func (s *search) reaching(v *types.Var, fn *function, pos token.Pos) []origin {
	defs := s.definitionsOf(v)
	if defs.escapes || slices.ContainsFunc(defs.all, func(d *definition) bool { return d.fn != fn }) {
		return nothing
	}
	var hits []*definition
	begins, ok := s.graphs.Backward(fn.body, pos, flow.Visitor{Node: func(n ast.Node) bool {
		d := defs.at(n)
		if d != nil && !slices.Contains(hits, d) {
			hits = append(hits, d)
		}
		return d == nil
	}})
	if !ok {
		return nothing
	}
	var out []origin
	add := func(os []origin, from ast.Node) {
		for _, o := range os {
			if o.tracer.valid() && !s.steady(o.tracer, fn, from, pos) {
				o.tracer = path{}
			}
			out = append(out, o)
		}
	}
	for _, d := range hits {
		if d.value == nil || d.zero {
			return nothing
		}
		add(s.expr(d.value, d.result, fn), d.nodes[0])
	}
	if begins {
		if !fn.isParam(v) {
			return nothing
		}
		add(s.param(v, fn), nil)
	}
	return out
}

// derived lists the functions whose context carries what their first argument
// carries, by package.
var derived = map[string][]string{
	"context": {"WithCancel", "WithCancelCause", "WithDeadline", "WithDeadlineCause",
		"WithTimeout", "WithTimeoutCause", "WithValue", "WithoutCancel"},
	"os/signal":                        {"NotifyContext"},
	"golang.org/x/sync/errgroup":       {"WithContext"},
	"go.opentelemetry.io/otel/trace":   {"ContextWithSpan", "ContextWithRemoteSpanContext", "ContextWithSpanContext"},
	"go.opentelemetry.io/otel/baggage": {"ContextWithBaggage", "ContextWithoutBaggage"},
	sdkapi.Path:                        {sdkapi.ContextWithBaggage},
}

// carriers are the methods of a tracer whose context carries that tracer.
var carriers = []string{sdkapi.Start, sdkapi.StartSession, sdkapi.JoinSession}

func (s *search) call(call *ast.CallExpr, result int, fn *function) []origin {
	callee, ok := typeutil.Callee(s.info, call).(*types.Func)
	if !ok || callee.Pkg() == nil {
		return nothing
	}
	sdk := sdkapi.IsPackage(callee.Pkg())
	recv := callee.Signature().Recv()
	switch {
	case recv != nil && sdk && sdkapi.IsTracerPointer(recv.Type()):
		sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
		if !ok || result != 0 || !slices.Contains(carriers, callee.Name()) {
			return nothing
		}
		if s.info.Selections[sel].Kind() != types.MethodVal {
			return []origin{{kind: carrier, at: call.Pos()}}
		}
		p, _ := s.receiverOf(sel)
		return []origin{{kind: carrier, tracer: p, at: call.Pos()}}
	case recv != nil:
		return s.method(call, callee, fn)
	case callee.Pkg().Path() == "context" && (callee.Name() == "Background" || callee.Name() == "TODO"):
		return []origin{{kind: empty}}
	case sdk && callee.Name() == sdkapi.ContextWithTracer && len(call.Args) == 2:
		if isNil(s.info, call.Args[1]) {
			return nothing
		}
		p, _ := s.pathOf(call.Args[1])
		return []origin{{kind: carrier, tracer: p, at: call.Pos()}}
	case len(call.Args) > 0 && slices.Contains(derived[sdkapi.Unvendored(callee.Pkg().Path())], callee.Name()):
		return s.expr(call.Args[0], 0, fn)
	}
	return nothing
}

// method follows r.Context() to the context that r was made with.
func (s *search) method(call *ast.CallExpr, callee *types.Func, fn *function) []origin {
	sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	if !ok || callee.FullName() != "(*net/http.Request).Context" {
		return nothing
	}
	brought := []origin{{kind: foreign, why: "a request brings the context"}}
	id, ok := ast.Unparen(sel.X).(*ast.Ident)
	if !ok {
		return brought
	}
	v, ok := s.info.Uses[id].(*types.Var)
	if !ok || !isLocal(v) || fn.owner(v) != fn {
		return brought
	}
	defs := s.definitionsOf(v)
	if defs.escapes || len(defs.all) != 1 || fn.isParam(v) {
		return brought
	}
	def := defs.all[0]
	made, ok := ast.Unparen(def.value).(*ast.CallExpr)
	if !ok || def.fn != fn || len(made.Args) == 0 {
		return brought
	}
	maker := typeutil.StaticCallee(s.info, made)
	if maker == nil || maker.FullName() != "(*net/http.Request).WithContext" && maker.FullName() != "net/http.NewRequestWithContext" {
		return brought
	}
	os := s.expr(made.Args[0], 0, fn)
	for i, o := range os {
		if o.tracer.valid() && !s.steady(o.tracer, fn, def.nodes[0], call.Pos()) {
			os[i].tracer = path{}
		}
	}
	return os
}

// receiverVar returns the receiver of decl, if it has a name.
func (c *checker) receiverVar(decl *ast.FuncDecl) *types.Var {
	if decl.Recv == nil || len(decl.Recv.List) != 1 || len(decl.Recv.List[0].Names) != 1 {
		return nil
	}
	v, _ := c.info.Defs[decl.Recv.List[0].Names[0]].(*types.Var)
	return v
}

// isTask reports whether the function value at cur is part of an argument of
// honeyhive.Evaluate.
func (c *checker) isTask(cur inspector.Cursor) bool {
	for cur = cur.Parent(); cur.Node() != nil; cur = cur.Parent() {
		switch n := cur.Node().(type) {
		case *ast.CallExpr:
			callee := typeutil.StaticCallee(c.info, n)
			if callee != nil && sdkapi.IsPackage(callee.Pkg()) && callee.Name() == sdkapi.Evaluate {
				return true
			}
		case *ast.FuncLit, *ast.FuncDecl:
			return false
		}
	}
	return false
}

// hasTaskSignature reports whether fn has the parameters of an experiment's
// task, a context and a datapoint: wherever it is handed over, it is one.
func (c *checker) hasTaskSignature(fn *function) bool {
	params := fn.typ.Params.List
	last := params[len(params)-1]
	return params[0] != last && sdkapi.IsNamed(c.info.Types[last.Type].Type, sdkapi.Datapoint)
}

// behindInterface reports whether fn may be called through an interface, of the
// package or of one that it imports, so that its calls cannot all be seen.
func (c *checker) behindInterface(fn *types.Func) bool {
	recv := fn.Signature().Recv()
	if recv == nil {
		return false
	}
	for _, t := range c.interfaces()[fn.Name()] {
		for _, impl := range []types.Type{deref(recv.Type()), types.NewPointer(deref(recv.Type()))} {
			if isGeneric(impl) || types.Implements(impl, t) {
				return true
			}
		}
	}
	return false
}

func isGeneric(t types.Type) bool {
	named, ok := types.Unalias(deref(t)).(*types.Named)
	return ok && named.TypeParams().Len() > 0
}

// interfaces returns the interface types that the package writes, and those
// that its imports declare, by the names of their methods.
func (c *checker) interfaces() map[string][]*types.Interface {
	if c.byMethod != nil {
		return c.byMethod
	}
	c.byMethod = make(map[string][]*types.Interface)
	add := func(t types.Type) {
		iface, ok := t.Underlying().(*types.Interface)
		if !ok {
			return
		}
		for m := range iface.Methods() {
			c.byMethod[m.Name()] = append(c.byMethod[m.Name()], iface)
		}
	}
	for cur := range c.inspector.Root().Preorder((*ast.InterfaceType)(nil)) {
		if t := c.info.TypeOf(cur.Node().(*ast.InterfaceType)); t != nil {
			add(t)
		}
	}
	for _, imp := range c.pass.Pkg.Imports() {
		for _, name := range imp.Scope().Names() {
			if obj, ok := imp.Scope().Lookup(name).(*types.TypeName); ok && obj.Exported() && !isGeneric(obj.Type()) {
				add(obj.Type())
			}
		}
	}
	return c.byMethod
}
