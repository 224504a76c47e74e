package globalbaggage

import (
	"cmp"
	"go/ast"
	"go/types"
	"maps"
	"slices"
	"strings"
)

// export makes facts of what importers need to know.
func (c *checker) export() {
	facts := make(map[types.Object]*wrapper)
	add := func(obj types.Object, f flow) {
		if obj == nil || obj.Pkg() != c.pkg {
			return
		}
		w := facts[obj]
		if w == nil {
			w = new(wrapper)
			facts[obj] = w
		}
		if !slices.ContainsFunc(w.Flows, f.equal) {
			w.Flows = append(w.Flows, f)
		}
	}
	for _, fn := range sortedNodes(c.flows) {
		flows := c.flows[fn]
		obj := c.object(fn)
		for _, f := range flows {
			if f.Header > 0 && !reachable(obj) {
				continue // Set of many carriers
			}
			f.Via = append([]string{c.name(fn)}, f.Via...)
			if obj != nil && (obj.Exported() || isMethodDecl(fn)) {
				add(obj, f)
			}
			for _, m := range c.interfaceMethods(obj) {
				if c.allWrap(m, fn, f) {
					add(m, f)
				}
			}
		}
	}
	for field, flows := range c.fields {
		if field.Exported() {
			for _, f := range flows {
				add(field, f)
			}
		}
	}
	for obj, w := range facts {
		slices.SortFunc(w.Flows, func(a, b flow) int {
			return cmp.Or(cmp.Compare(a.Param, b.Param), cmp.Compare(a.Path.String(), b.Path.String()), cmp.Compare(a.Prefix, b.Prefix),
				cmp.Compare(a.Suffix, b.Suffix), cmp.Compare(a.API, b.API))
		})
		c.pass.ExportObjectFact(obj, w)
	}
	c.exportValues()
	c.exportHolders()
}

// reachable reports whether others can name obj: a function, or a method of an
// exported type.
func reachable(obj types.Object) bool {
	fn, ok := obj.(*types.Func)
	if !ok {
		return obj != nil && obj.Exported()
	}
	recv := recvName(fn.Signature())
	return fn.Exported() && (recv == "" || ast.IsExported(recv))
}

func isMethodDecl(fn ast.Node) bool {
	decl, ok := fn.(*ast.FuncDecl)
	return ok && decl.Recv != nil
}

// object is the object through which others can call fn.
func (c *checker) object(fn ast.Node) types.Object {
	switch fn := fn.(type) {
	case *ast.FuncDecl:
		return c.info.Defs[fn.Name]
	case *ast.FuncLit:
		if spec, ok := c.parent[fn].(*ast.ValueSpec); ok && c.function(spec) == nil {
			if i := slices.Index(spec.Values, ast.Expr(fn)); i >= 0 && i < len(spec.Names) {
				return c.info.Defs[spec.Names[i]]
			}
		}
	}
	return nil
}

// interfaceMethods returns the methods of this package's interfaces that a
// method implements.
func (c *checker) interfaceMethods(obj types.Object) []*types.Func {
	fn, ok := obj.(*types.Func)
	if !ok || fn.Signature().Recv() == nil {
		return nil
	}
	recv := fn.Signature().Recv().Type()
	if _, ok := recv.(*types.Pointer); !ok {
		recv = types.NewPointer(recv)
	}
	var out []*types.Func
	for _, name := range c.pkg.Scope().Names() {
		tn, ok := c.pkg.Scope().Lookup(name).(*types.TypeName)
		if !ok {
			continue
		}
		iface, ok := tn.Type().Underlying().(*types.Interface)
		if !ok || !types.Implements(recv, iface) {
			continue
		}
		for m := range iface.Methods() {
			if m.Name() == fn.Name() {
				out = append(out, m)
			}
		}
	}
	return out
}

// exportValues exports what importers cannot see of package variables,
// functions that return keys, and predicates.
func (c *checker) exportValues() {
	scope := c.pkg.Scope()
	for _, name := range scope.Names() {
		obj := scope.Lookup(name)
		if !obj.Exported() {
			continue
		}
		fact := new(values)
		switch obj := obj.(type) {
		case *types.Var:
			for _, path := range stringPaths(obj.Type(), 0) {
				c.addValues(fact, path, c.packageVariable(obj, path))
			}
		case *types.Func:
			decl := c.decls[obj]
			if decl == nil || decl.Body == nil {
				continue
			}
			for i := range obj.Signature().Results().Len() {
				for _, path := range stringPaths(obj.Signature().Results().At(i).Type(), 0) {
					c.addValues(fact, prepend(stepResult(i), path), c.results(decl, i, path))
				}
			}
			if c.returnsBaggage(decl) {
				c.pass.ExportObjectFact(obj, new(reader))
			}
			if i, ok := predicateParam(obj.Signature()); ok {
				if s, ok := c.accepted(decl, i); ok {
					c.addValues(fact, accessPath{stepAccepted(i)}, s)
				}
			}
		}
		if len(fact.Paths) > 0 {
			c.pass.ExportObjectFact(obj, fact)
		}
	}
}

// packageVariable returns what path leads to from a package's variable.
func (c *checker) packageVariable(v *types.Var, path accessPath) set {
	var out set
	for _, d := range c.defs[v] {
		out.union(c.definition(d, path))
	}
	if len(path) > 0 {
		out.union(c.stored(v, nil, path))
	}
	if c.escaped[v] {
		out.open = true
	}
	return out
}

// addValues keeps what can matter to an importer: per-tracer keys, and ways
// in which a result is made of a parameter.
func (c *checker) addValues(fact *values, path accessPath, s set) {
	pv := pathValues{Path: path, Open: s.open, All: s.all}
	matters := false
	for _, v := range s.vals {
		fv := factValue{}
		ok := true
		for _, sg := range v.segs {
			fs := factSeg{Text: sg.text}
			if sg.ref != nil {
				p, isParam := c.params[sg.ref.root]
				ok = ok && isParam && p.index != receiver
				fs.Ref = &factRef{p.index, sg.ref.path}
				matters = true
			}
			fv.Segs = append(fv.Segs, fs)
		}
		if t, known := v.known(); known {
			_, bad := c.keys.judge(t, v.object)
			matters = matters || bad
		}
		if ok {
			pv.Values = append(pv.Values, fv)
		} else {
			pv.Open = true
		}
	}
	if matters || s.all && path.last().Kind == kindAccepted {
		slices.SortFunc(pv.Values, func(a, b factValue) int { return strings.Compare(a.String(), b.String()) })
		fact.Paths = append(fact.Paths, pv)
	}
}

// stringPaths returns the ways from a value of type t to the strings in it
// that can be keys.
func stringPaths(t types.Type, depth int) []accessPath {
	if isStringType(t) {
		return []accessPath{nil}
	}
	if depth > 1 {
		return nil
	}
	var out []accessPath
	through := func(s step, t types.Type) {
		for _, p := range stringPaths(t, depth+1) {
			out = append(out, prepend(s, p))
		}
	}
	switch t := t.Underlying().(type) {
	case *types.Map:
		through(stepKeys, t.Key())
		if b, ok := t.Elem().Underlying().(*types.Basic); ok && b.Kind() == types.Bool {
			through(stepTrue, t.Key())
		}
	case *types.Slice:
		through(stepElem, t.Elem())
	case *types.Array:
		through(stepElem, t.Elem())
	case *types.Struct:
		for f := range t.Fields() {
			if depth > 0 && f.Exported() {
				through(stepField(f.Name()), f.Type())
			}
		}
	case *types.Pointer:
		if isNamed(t, "regexp", "Regexp") {
			out = append(out, accessPath{stepMatch})
		}
	}
	return out
}

// predicateParam returns the index of the parameter that a predicate of a
// key or member is about.
func predicateParam(sig *types.Signature) (int, bool) {
	if sig.Results().Len() != 1 || sig.Variadic() {
		return 0, false
	}
	if b, ok := sig.Results().At(0).Type().Underlying().(*types.Basic); !ok || b.Kind() != types.Bool {
		return 0, false
	}
	index := -1
	for i := range sig.Params().Len() {
		t := sig.Params().At(i).Type()
		if isStringType(t) || isNamed(t, baggagePath, "Member") {
			if index >= 0 {
				return 0, false
			}
			index = i
		}
	}
	return index, index >= 0
}

// sortedNodes returns the keys of m in the order of the source.
func sortedNodes[V any](m map[ast.Node]V) []ast.Node {
	return slices.SortedFunc(maps.Keys(m), func(a, b ast.Node) int { return cmp.Compare(a.Pos(), b.Pos()) })
}
