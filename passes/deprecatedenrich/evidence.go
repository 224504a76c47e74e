package deprecatedenrich

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"golang.org/x/tools/go/ast/edge"
	"golang.org/x/tools/go/ast/inspector"
	"golang.org/x/tools/go/types/typeutil"

	"github.com/honeyhiveai/hhvet/internal/flow"
	"github.com/honeyhiveai/hhvet/internal/sdkapi"
)

// An origin is what is known of where a context comes from.
type origin struct {
	kind   originKind
	tracer path // of a carrier; not valid where the tracer has no lasting name
}

type originKind int

const (
	unknown    originKind = iota
	carrier               // a tracer made it, and discovery finds that tracer
	experiment            // the task of an experiment is given it
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

func (o origin) equal(p origin) bool { return o.kind == p.kind && o.tracer.equal(p.tracer) }

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
			return []origin{{kind: carrier}}
		}
		p, _ := s.receiverOf(sel)
		return []origin{{kind: carrier, tracer: p}}
	case recv != nil:
		return s.method(call, callee, fn)
	case sdk && callee.Name() == sdkapi.ContextWithTracer && len(call.Args) == 2:
		if isNil(s.info, call.Args[1]) {
			return nothing
		}
		p, _ := s.pathOf(call.Args[1])
		return []origin{{kind: carrier, tracer: p}}
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
	id, ok := ast.Unparen(sel.X).(*ast.Ident)
	if !ok {
		return nothing
	}
	v, ok := s.info.Uses[id].(*types.Var)
	if !ok || !isLocal(v) || fn.owner(v) != fn {
		return nothing
	}
	defs := s.definitionsOf(v)
	if defs.escapes || len(defs.all) != 1 || fn.isParam(v) {
		return nothing
	}
	def := defs.all[0]
	made, ok := ast.Unparen(def.value).(*ast.CallExpr)
	if !ok || def.fn != fn || len(made.Args) == 0 {
		return nothing
	}
	maker := typeutil.StaticCallee(s.info, made)
	if maker == nil || maker.FullName() != "(*net/http.Request).WithContext" && maker.FullName() != "net/http.NewRequestWithContext" {
		return nothing
	}
	os := s.expr(made.Args[0], 0, fn)
	for i, o := range os {
		if o.tracer.valid() && !s.steady(o.tracer, fn, def.nodes[0], call.Pos()) {
			os[i].tracer = path{}
		}
	}
	return os
}

// param returns the origins of the arguments that fn's parameter v is given,
// in terms of what fn itself can name.
func (s *search) param(v *types.Var, fn *function) []origin {
	if s.busy[v] {
		return nothing
	}
	s.busy[v] = true
	defer delete(s.busy, v)

	index := paramIndex(s.info, fn.typ, v)
	if index < 0 {
		return nothing
	}
	if s.hasTaskSignature(fn) {
		return []origin{{kind: experiment}}
	}
	switch n := fn.node.(type) {
	case *ast.FuncLit:
		return s.literalUse(fn.cur, fn, index)
	case *ast.FuncDecl:
		obj := s.info.Defs[n.Name].(*types.Func)
		var out []origin
		if obj.Exported() || obj.Signature().Recv() != nil && s.inInterface(obj.Name()) || obj.Signature().TypeParams() != nil {
			out = append(out, origin{})
		}
		for _, cur := range s.usesOf(obj) {
			if cur.Node() == n.Name || s.inTest(cur.Node().Pos()) && !s.inTest(n.Pos()) {
				continue
			}
			out = append(out, s.use(calleeExpr(cur), fn, index)...)
		}
		if out == nil {
			return nothing // never called: nothing is known
		}
		return out
	}
	return nothing
}

func paramIndex(info *types.Info, typ *ast.FuncType, v *types.Var) int {
	i := 0
	for _, field := range typ.Params.List {
		for _, name := range field.Names {
			if info.Defs[name] == v {
				return i
			}
			i++
		}
		if field.Names == nil {
			i++
		}
	}
	return -1
}

// calleeExpr returns the whole expression that names a function at ident cur.
func calleeExpr(cur inspector.Cursor) inspector.Cursor {
	if cur.ParentEdgeKind() == edge.SelectorExpr_Sel {
		cur = cur.Parent()
	}
	return unparen(cur)
}

// literalUse returns the origins of a parameter of the function literal fn.
func (s *search) literalUse(cur inspector.Cursor, fn *function, index int) []origin {
	cur = unparen(cur)
	kind, i := cur.ParentEdge()
	var v *types.Var
	switch kind {
	case edge.AssignStmt_Rhs:
		stmt := cur.Parent().Node().(*ast.AssignStmt)
		if id, ok := stmt.Lhs[min(i, len(stmt.Lhs)-1)].(*ast.Ident); ok && len(stmt.Lhs) == len(stmt.Rhs) {
			v, _ = s.info.ObjectOf(id).(*types.Var)
		}
	case edge.ValueSpec_Values:
		spec := cur.Parent().Node().(*ast.ValueSpec)
		if len(spec.Names) == len(spec.Values) {
			v, _ = s.info.Defs[spec.Names[i]].(*types.Var)
		}
	default:
		return s.use(cur, fn, index)
	}
	if v == nil || !isLocal(v) {
		return nothing
	}
	defs := s.definitionsOf(v)
	if defs.escapes || defs.written() != 1 {
		return nothing
	}
	var out []origin
	for _, use := range s.usesOf(v) {
		if k := unparen(use).ParentEdgeKind(); k == edge.AssignStmt_Lhs || k == edge.ValueSpec_Names {
			continue
		}
		out = append(out, s.use(unparen(use), fn, index)...)
	}
	if out == nil {
		return nothing
	}
	return out
}

// use returns the origins that one use of fn, as the expression cur, gives its
// parameter.
func (s *search) use(cur inspector.Cursor, fn *function, index int) []origin {
	if s.steps++; s.steps > maxSteps {
		return nothing
	}
	at := s.functionAt(cur.Parent())
	kind, arg := cur.ParentEdge()
	if kind == edge.CallExpr_Fun {
		os := s.directCall(cur.Parent().Node().(*ast.CallExpr), at, fn, index)
		switch cur.Parent().ParentEdgeKind() {
		case edge.GoStmt_Call, edge.DeferStmt_Call:
			// fn runs later: of what its arguments lead to, only they themselves
			// are sure to be the same.
			for i, o := range os {
				if o.tracer.valid() && !s.lastingPath(o.tracer) {
					os[i].tracer = path{}
				}
			}
		}
		return os
	}
	if s.isTask(cur) {
		return []origin{{kind: experiment}}
	}
	if kind != edge.CallExpr_Args {
		return nothing
	}
	// honeyhive.Trace(ctx, t, name, fn): t makes fn's context.
	call := cur.Parent().Node().(*ast.CallExpr)
	callee := typeutil.StaticCallee(s.info, call)
	if callee == nil || !sdkapi.IsPackage(callee.Pkg()) || callee.Signature().Recv() != nil ||
		callee.Name() != sdkapi.Trace || arg < 2 || index != 0 {
		return nothing
	}
	p, _ := s.pathOf(call.Args[1])
	return []origin{{kind: carrier, tracer: s.seenFrom(p, at, fn, call)}}
}

func (s *search) directCall(call *ast.CallExpr, at, fn *function, index int) []origin {
	if index >= len(call.Args) || at == nil {
		return nothing
	}
	if _, ok := s.info.Types[call.Args[0]].Type.(*types.Tuple); ok {
		return nothing
	}
	if sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr); ok {
		if m := s.info.Selections[sel]; m != nil && m.Kind() == types.MethodExpr {
			return nothing
		}
	}
	os := slices.Clone(s.expr(call.Args[index], 0, at))
	for i, o := range os {
		if o.tracer.valid() {
			os[i].tracer = s.seenFrom(o.tracer, at, fn, call)
		}
	}
	return os
}

// seenFrom translates p, which means a tracer in the function at where call
// is, into fn, which that call calls or is given. Where fn has no lasting name
// for that tracer the result is not valid.
func (s *search) seenFrom(p path, at, fn *function, call *ast.CallExpr) path {
	if !p.valid() {
		return path{}
	}
	if owner := fn.owner(p.root); owner != nil && owner != fn && isLocal(p.root) {
		if s.frozen(p.root, owner, fn) {
			return p
		}
		return path{}
	}
	for i, arg := range call.Args {
		q, ok := s.pathOf(arg)
		if !ok {
			continue
		}
		if rest, ok := p.within(q); ok {
			if v := s.paramAt(fn, i); v != nil {
				return path{root: v, fields: rest}
			}
		}
	}
	if decl, ok := fn.node.(*ast.FuncDecl); ok && decl.Recv != nil {
		if sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr); ok {
			if q, ok := s.receiverOf(sel); ok {
				if rest, ok := p.within(q); ok {
					if v := s.receiverVar(decl); v != nil {
						return path{root: v, fields: rest}
					}
				}
			}
		}
	}
	if !isLocal(p.root) {
		return p
	}
	return path{}
}

// paramAt returns fn's parameter number i, if it has a name.
func (s *search) paramAt(fn *function, i int) *types.Var {
	for _, field := range fn.typ.Params.List {
		for _, name := range field.Names {
			if i == 0 {
				if _, variadic := field.Type.(*ast.Ellipsis); variadic {
					return nil
				}
				v, _ := s.info.Defs[name].(*types.Var)
				return v
			}
			i--
		}
		if field.Names == nil {
			i--
		}
	}
	return nil
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

// inInterface reports whether an interface of the package has a method of
// that name, so that calls of it cannot all be seen.
func (c *checker) inInterface(name string) bool {
	if c.interfaceMethods == nil {
		c.interfaceMethods = make(map[string]bool)
		for cur := range c.inspector.Root().Preorder((*ast.InterfaceType)(nil)) {
			if t, ok := c.info.Types[cur.Node().(*ast.InterfaceType)].Type.(*types.Interface); ok {
				for m := range t.Methods() {
					c.interfaceMethods[m.Name()] = true
				}
			}
		}
	}
	return c.interfaceMethods[name]
}
