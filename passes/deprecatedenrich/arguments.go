package deprecatedenrich

import (
	"go/ast"
	"go/types"
	"slices"

	"golang.org/x/tools/go/ast/edge"
	"golang.org/x/tools/go/ast/inspector"
	"golang.org/x/tools/go/types/typeutil"

	"github.com/honeyhiveai/hhvet/internal/sdkapi"
)

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
		switch {
		case s.behindInterface(obj):
			out = append(out, origin{kind: foreign, why: "an interface may bring the context to " + obj.Name()})
		case obj.Exported() && !(s.isCommand() && n.Recv == nil) || obj.Signature().TypeParams() != nil:
			out = append(out, origin{kind: entered})
		}
		for _, cur := range s.usesOf(obj) {
			if cur.Node() == n.Name || s.inTest(cur.Node().Pos()) && !s.inTest(n.Pos()) {
				continue
			}
			out = append(out, s.use(calleeExpr(cur), fn, index)...)
		}
		if out == nil {
			return []origin{{kind: entered}} // never called
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
	switch cur.ParentEdgeKind() {
	case edge.AssignStmt_Rhs, edge.ValueSpec_Values:
	default:
		return s.use(cur, fn, index)
	}
	v := s.assignedTo(cur)
	if v == nil || !isLocal(v) {
		return callback
	}
	defs := s.definitionsOf(v)
	if defs.escapes || defs.written() != 1 {
		return callback
	}
	var out []origin
	for _, use := range s.usesOf(v) {
		if k := unparen(use).ParentEdgeKind(); k == edge.AssignStmt_Lhs || k == edge.ValueSpec_Names {
			continue
		}
		out = append(out, s.use(unparen(use), fn, index)...)
	}
	if out == nil {
		return callback
	}
	return out
}

// callback is the origin of a context that some other code gives a function
// value.
var callback = []origin{{kind: foreign, why: "whatever calls the function value brings the context"}}

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
		return callback
	}
	// honeyhive.Trace(ctx, t, name, fn): t makes fn's context.
	call := cur.Parent().Node().(*ast.CallExpr)
	callee := typeutil.StaticCallee(s.info, call)
	if callee == nil || !sdkapi.IsPackage(callee.Pkg()) || callee.Signature().Recv() != nil ||
		callee.Name() != sdkapi.Trace || arg < 2 || index != 0 {
		return callback
	}
	p, _ := s.pathOf(call.Args[1])
	return []origin{{kind: carrier, tracer: s.seenFrom(p, at, fn, call), at: call.Pos()}}
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
