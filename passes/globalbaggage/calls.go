package globalbaggage

import (
	"go/ast"
	"go/types"
	"slices"

	"golang.org/x/tools/go/types/typeutil"
)

// call returns what path leads to from the result of a call.
func (ev *evaluator) call(c *ast.CallExpr, path accessPath) set {
	result := 0
	if len(path) > 0 && path[0].Kind == kindResult {
		result, path = path[0].N, path[1:]
	}
	if tv, ok := ev.info.Types[c.Fun]; ok && tv.IsType() {
		if len(c.Args) != 1 || !sameStrings(ev.info.TypeOf(c), ev.info.TypeOf(c.Args[0])) {
			return unknown
		}
		return ev.eval(c.Args[0], path)
	}
	switch callee := typeutil.Callee(ev.info, c).(type) {
	case *types.Builtin:
		return ev.builtin(callee.Name(), c, path)
	case *types.Func:
		if s, ok := ev.library(callee, c, result, path); ok {
			return s
		}
		fn := callee.Origin()
		if decl := ev.decls[fn]; decl != nil {
			return ev.inline(decl, c, result, path)
		}
		s := ev.facts.result(fn, result, path, func(r factRef) set {
			return ev.arguments(fn.Signature(), c, r.Param, r.Path)
		})
		if len(path) > 0 {
			s = s.standingAt(c)
		}
		return s
	}
	var out set
	fns := ev.functions(c.Fun)
	for _, fn := range fns {
		if body(fn) != nil {
			out.union(ev.inline(fn, c, result, path))
		} else {
			out.open = true
		}
	}
	out.open = out.open || len(fns) == 0
	return out
}

// sameStrings reports whether a conversion leaves the strings in a value as
// they are; string(rune) and string([]byte) do not.
func sameStrings(to, from types.Type) bool {
	if to == nil || from == nil {
		return false
	}
	isString := func(t types.Type) bool {
		b, ok := coreType(t).(*types.Basic)
		return ok && b.Info()&types.IsString != 0
	}
	if tp, ok := types.Unalias(from).(*types.TypeParam); ok && !isString(tp) {
		return false
	}
	if _, ok := coreType(to).(*types.Basic); ok {
		return isString(to) && isString(from)
	}
	if s, ok := coreType(to).(*types.Slice); ok && !types.Identical(s, coreType(from)) {
		return false
	}
	return true
}

func (ev *evaluator) builtin(name string, c *ast.CallExpr, path accessPath) set {
	switch name {
	case "append":
		if len(path) == 0 || len(c.Args) == 0 {
			return unknown
		}
		out := ev.eval(c.Args[0], path)
		if c.Ellipsis.IsValid() {
			out.union(ev.eval(c.Args[1], path))
			return out
		}
		for i, arg := range c.Args[1:] {
			switch path[0] {
			case stepElem:
			case stepEven, stepOdd:
				if (i%2 == 0) != (path[0] == stepEven) {
					continue
				}
			default:
				return unknown
			}
			out.union(ev.entries(ev.eval(arg, path[1:]), c, arg, path[1:]))
		}
		return out
	case "new":
		if tv := ev.info.Types[c.Args[0]]; !tv.IsType() {
			return ev.eval(c.Args[0], path)
		}
		return set{}
	case "make":
		return set{}
	}
	return unknown
}

// inline returns what path leads to from a result of fn as c calls it.
func (ev *evaluator) inline(fn ast.Node, c *ast.CallExpr, result int, path accessPath) set {
	return ev.substitute(fn, c, ev.results(fn, result, path))
}

// results returns what path leads to from a result of fn, with references to
// its parameters in it.
func (ev *evaluator) results(fn ast.Node, result int, path accessPath) set {
	if body(fn) == nil {
		return unknown // assembly, or linked in
	}
	leave := ev.enter(askResult, fn, prepend(stepResult(result), path))
	if leave == nil {
		return set{}
	}
	defer leave()
	var out set
	ast.Inspect(body(fn), func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.ReturnStmt:
			switch {
			case len(n.Results) == 0:
				if v := namedResult(ev.info, fn, result); v != nil {
					out.union(ev.namedResult(v, n, path))
				}
			case result < len(n.Results):
				out.union(ev.eval(n.Results[result], path))
			case len(n.Results) == 1:
				out.union(ev.eval(n.Results[0], slices.Concat(resultPath(result), path)))
			}
		}
		return true
	})
	return out
}

func (ev *evaluator) namedResult(v *types.Var, at ast.Node, path accessPath) set {
	var out set
	defs, _ := ev.reaching(v, at)
	for _, d := range defs {
		out.union(ev.definition(d, path))
	}
	if len(path) > 0 {
		out.union(ev.stored(v, at, path))
	}
	return out
}

func namedResult(info *types.Info, fn ast.Node, result int) *types.Var {
	var list *ast.FieldList
	switch fn := fn.(type) {
	case *ast.FuncDecl:
		list = fn.Type.Results
	case *ast.FuncLit:
		list = fn.Type.Results
	}
	i := 0
	if list != nil {
		for _, f := range list.List {
			for _, name := range f.Names {
				if i == result {
					v, _ := info.Defs[name].(*types.Var)
					return v
				}
				i++
			}
		}
	}
	return nil
}

// substitute replaces references to fn's parameters by what c passes.
func (ev *evaluator) substitute(fn ast.Node, c *ast.CallExpr, s set) set {
	out := set{open: s.open, all: s.all, but: s.but}
	for _, v := range s.vals {
		hit := false
		for _, sg := range v.segs {
			if sg.ref != nil && ev.params[sg.ref.root].fn == fn {
				hit = true
			}
		}
		if !hit {
			out.add(v)
			continue
		}
		parts := set{vals: []value{{}}}
		for _, sg := range v.segs {
			next := set{vals: []value{{segs: []seg{sg}}}}
			if sg.ref != nil && ev.params[sg.ref.root].fn == fn {
				next = ev.arguments(ev.signature(fn), c, ev.params[sg.ref.root].index, sg.ref.path)
			}
			if len(v.segs) == 1 {
				parts = next
				break
			}
			parts = concat(parts, next)
		}
		for _, p := range parts.vals {
			if v.at != nil && p.at == nil {
				p.at, p.list, p.elem = v.at, v.list, v.elem
			}
			p.guarded = p.guarded || v.guarded
			p.except = append(slices.Clone(p.except), v.except...)
			if t, ok := p.known(); ok && slices.Contains(p.except, t) {
				continue
			}
			out.add(p)
		}
		out.open = out.open || parts.open
	}
	return out
}

func (ev *evaluator) signature(fn ast.Node) *types.Signature {
	switch fn := fn.(type) {
	case *ast.FuncDecl:
		if f, ok := ev.info.Defs[fn.Name].(*types.Func); ok {
			return f.Signature()
		}
	case *ast.FuncLit:
		sig, _ := ev.info.TypeOf(fn).(*types.Signature)
		return sig
	}
	return nil
}

// arguments returns what path leads to from what c passes for the parameter
// with that index.
func (ev *evaluator) arguments(sig *types.Signature, c *ast.CallExpr, index int, path accessPath) set {
	var out set
	for _, a := range ev.passed(sig, c, index, path) {
		out.union(ev.eval(a.expr, a.path))
	}
	return out
}

// argument is an expression in a call, and the way from it to a string.
type argument struct {
	expr ast.Expr
	path accessPath
}

func (ev *evaluator) passed(sig *types.Signature, c *ast.CallExpr, index int, path accessPath) []argument {
	if sig == nil {
		return nil
	}
	args := c.Args
	if sig.Recv() != nil {
		sel, _ := ast.Unparen(c.Fun).(*ast.SelectorExpr)
		if s, ok := ev.info.Selections[sel]; ok && s.Kind() == types.MethodVal {
			if index == receiver {
				return []argument{{sel.X, path}}
			}
		} else if called, ok := ev.info.TypeOf(c.Fun).Underlying().(*types.Signature); ok && called.Params().Len() > sig.Params().Len() && len(args) > 0 {
			// A method expression, or a variable that holds one.
			if index == receiver {
				return []argument{{args[0], path}}
			}
			args = args[1:]
		}
	}
	if index < 0 || index >= sig.Params().Len() {
		return nil
	}
	if !sig.Variadic() || index < sig.Params().Len()-1 || c.Ellipsis.IsValid() {
		if index >= len(args) {
			return nil
		}
		return []argument{{args[index], path}}
	}
	if len(path) == 0 || index > len(args) {
		return nil
	}
	var out []argument
	for i, arg := range args[index:] {
		switch step := path[0]; {
		case step == stepElem,
			step == stepEven && i%2 == 0,
			step == stepOdd && i%2 == 1,
			step == stepAt(i):
			out = append(out, argument{arg, path[1:]})
		}
	}
	return out
}

// functions returns the functions with a body in this package that a
// function-typed expression can be.
func (ev *evaluator) functions(e ast.Expr) []ast.Node {
	e = ast.Unparen(e)
	if fns, ok := ev.funcs[e]; ok && len(ev.active) > 0 {
		return fns
	}
	leave := ev.enter(askFunctions, e, nil)
	if leave == nil {
		return nil
	}
	defer leave()
	fns := ev.resolve(e)
	ev.funcs[e] = fns
	return fns
}

func (ev *evaluator) resolve(e ast.Expr) []ast.Node {
	switch e := e.(type) {
	case *ast.FuncLit:
		return []ast.Node{e}
	case *ast.IndexExpr:
		return ev.functions(e.X)
	case *ast.CallExpr:
		if tv, ok := ev.info.Types[e.Fun]; ok && tv.IsType() && len(e.Args) == 1 {
			return ev.functions(e.Args[0])
		}
		return ev.returned(e)
	case *ast.Ident, *ast.SelectorExpr:
		id := nameIn(e)
		switch obj := ev.info.ObjectOf(id).(type) {
		case *types.Func:
			if decl := ev.decls[obj.Origin()]; decl != nil {
				return []ast.Node{decl}
			}
		case *types.Var:
			var out []ast.Node
			if obj.IsField() {
				for _, w := range ev.writes[obj.Origin()] {
					if len(w.steps) == 0 && w.key == nil && w.value != nil {
						out = append(out, ev.functions(w.value)...)
					}
				}
				return out
			}
			defs, _ := ev.reaching(obj, id)
			for _, d := range defs {
				if d.expr != nil && len(d.path) == 0 {
					out = append(out, ev.functions(d.expr)...)
				}
			}
			return out
		}
	}
	return nil
}

// returned returns the functions that a call can return.
func (ev *evaluator) returned(c *ast.CallExpr) []ast.Node {
	var out []ast.Node
	for _, fn := range ev.functions(c.Fun) {
		if body(fn) == nil {
			continue
		}
		ast.Inspect(body(fn), func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncLit:
				return false
			case *ast.ReturnStmt:
				if len(n.Results) == 1 {
					out = append(out, ev.functions(n.Results[0])...)
				}
			}
			return true
		})
	}
	return out
}
