package globalbaggage

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/types/typeutil"

	"github.com/honeyhiveai/hhvet/internal/directive"
)

// kind is the way in which a key reaches baggage.
type kind int

const (
	direct kind = iota
	header
	copied   // out of baggage, onto spans
	injected // out of a context, into a carrier
)

// checker carries keys from where they reach baggage back to where they come
// from, until nothing new is found.
type checker struct {
	*evaluator
	pass       *analysis.Pass
	directives *directive.Set

	flows    map[ast.Node][]flow   // of a function
	partial  map[*types.Var]bool   // parameters that are at least a part of a key
	fields   map[*types.Var][]flow // of a field
	pending  []func()
	callers  map[ast.Node][]caller
	findings map[token.Pos]*finding
	misread  []attribution
}

// caller is a call of a function, direct, through a variable, or through an
// interface's method.
type caller struct {
	call  *ast.CallExpr
	iface *types.Func // nil unless through an interface
}

func newChecker(pass *analysis.Pass, s *settings, directives *directive.Set) *checker {
	c := &checker{
		pass:       pass,
		directives: directives,
		flows:      make(map[ast.Node][]flow),
		partial:    make(map[*types.Var]bool),
		fields:     make(map[*types.Var][]flow),
		findings:   make(map[token.Pos]*finding),
	}
	c.evaluator = &evaluator{
		index:     newIndex(pass.TypesInfo, pass.Files),
		pkg:       pass.Pkg,
		keys:      &keys{settings: s, annotated: make(map[string]bool)},
		facts:     &facts{pass: pass, annotated: make(map[types.Object]bool)},
		active:    make(map[activity]bool),
		done:      make(map[activity]set),
		first:     make(map[ast.Expr]bool),
		funcs:     make(map[ast.Expr][]ast.Node),
		consulted: make(map[*ast.Ident]bool),
	}
	c.annotations()
	return c
}

// settle works until every wrapper's callers have been looked at.
func (c *checker) settle() {
	for len(c.pending) > 0 {
		next := c.pending[0]
		c.pending = c.pending[1:]
		next()
	}
}

// deliver takes the values that reach a sink: known keys are judged, and
// references are followed to whoever decides about them.
func (c *checker) deliver(s sink, vals set) {
	var bad []judged
	if !isStringType(c.info.TypeOf(s.expr)) {
		c.consult(s.expr)
	}
	if vals.all && s.Kind == copied {
		c.find(s, []judged{{verdict{text: everyKey}, value{}}})
	}
	for _, v := range vals.vals {
		for _, key := range s.keysOf(v) {
			if j, ok := c.judge(key, v, s); ok {
				j.guarded = j.guarded || s.Guards
				bad = append(bad, j)
			} else {
				c.follow(key, v, s)
			}
		}
	}
	c.find(s, bad)
}

type judged struct {
	verdict
	value
}

// keysOf returns the texts in v that become keys.
func (f flow) keysOf(v value) [][]seg {
	if !f.Text {
		segs := v.segs
		if f.Prefix != "" {
			segs = joinSegs(textSegs(f.Prefix), segs)
		}
		if f.Suffix != "" {
			segs = joinSegs(segs, textSegs(f.Suffix))
		}
		return [][]seg{segs}
	}
	return headerKeys(v.segs)
}

// headerKeys splits text in the form of a baggage header into the keys of its
// members. A member that is nothing but a reference stands for more such text.
func headerKeys(segs []seg) [][]seg {
	var (
		out     [][]seg
		key     []seg
		inValue bool
	)
	for _, s := range segs {
		if s.ref != nil || s.text == "" {
			if !inValue {
				key = append(key, s)
			}
			continue
		}
		for i, item := range strings.Split(s.text, ",") {
			if i > 0 {
				out, key, inValue = appendKey(out, key, inValue), nil, false
			}
			if inValue {
				continue
			}
			name, _, found := strings.Cut(item, "=")
			if name = strings.TrimSpace(name); name != "" {
				key = append(key, seg{text: name})
			}
			if found {
				out, key, inValue = append(out, key), nil, true
			}
		}
	}
	return appendKey(out, key, inValue)
}

// appendKey keeps what may be a list of members in itself.
func appendKey(out [][]seg, key []seg, inValue bool) [][]seg {
	if !inValue && len(key) == 1 && key[0].ref != nil {
		return append(out, []seg{key[0], {text: "="}})
	}
	return out
}

func (c *checker) judge(key []seg, v value, s sink) (judged, bool) {
	whole := value{segs: key}
	text, ok := whole.known()
	object := v.object
	if object != nil && s.Text {
		object = nil
	}
	if !ok {
		if object != nil && len(key) == 1 {
			return judged{verdict{text: object.Name(), key: object.Name(), own: true}, v}, true
		}
		// Whatever the namespace is, this is the key in it.
		n := len(key) - 1
		if n < 1 || key[n].ref != nil || !strings.ContainsAny(key[n].text[:min(1, len(key[n].text))], "._-") {
			return judged{}, false
		}
		text = "*" + key[n].text
	}
	if slices.Contains(s.Except, text) {
		return judged{}, false
	}
	verdict, bad := c.keys.judge(text, object)
	return judged{verdict, v}, bad
}

// follow goes on to the callers of a function whose parameter is the key, or
// the assignments of a field that is.
func (c *checker) follow(key []seg, v value, s sink) {
	at := -1
	f := flow{API: s.API, Via: s.Via, Kind: s.Kind, Guards: s.Guards || v.guarded}
	for _, sg := range key {
		if sg.ref != nil {
			c.partial[sg.ref.root] = true
		}
	}
	for i, sg := range key {
		switch {
		case sg.ref != nil && at < 0:
			at = i
		case sg.ref != nil || sg.text == "":
			return // parts that nobody knows together
		case at < 0:
			f.Prefix += sg.text
		default:
			f.Suffix += sg.text
		}
	}
	if at < 0 {
		return
	}
	if s.Text && f.Prefix == "" && f.Suffix == "=" {
		f.Text, f.Suffix = true, ""
	}
	r := key[at].ref
	f.Path = r.path
	f.Except = slices.Compact(slices.Sorted(slices.Values(slices.Concat(s.Except, v.except))))
	if len(f.Path) > 6 || last(f.Path) == stepMember {
		return
	}
	if p, ok := c.params[r.root]; ok {
		f.Param = p.index
		c.wrapper(p.fn, f, s)
		return
	}
	f.Param = itself
	if slices.ContainsFunc(c.fields[r.root], f.equal) {
		return
	}
	c.fields[r.root] = append(c.fields[r.root], f)
	c.pending = append(c.pending, func() { c.assigned(f, c.writes[r.root]) })
}

// assigned delivers what is stored in a field that reaches baggage.
func (c *checker) assigned(f flow, writes []write) {
	for _, w := range writes {
		vals := c.written(w, f.Path)
		site := w.value
		if w.key != nil && len(f.Path) > 0 && (f.Path[0] == stepKeys || f.Path[0] == stepTrue) {
			site = w.key
		}
		if site == nil {
			continue
		}
		c.deliver(sink{flow: f, argument: argument{site, nil}, call: w.node}, vals)
	}
}

// wrapper notes that a function's parameter reaches baggage and goes on to
// its callers.
func (c *checker) wrapper(fn ast.Node, f flow, s sink) {
	if slices.ContainsFunc(c.flows[fn], f.equal) {
		return
	}
	c.flows[fn] = append(c.flows[fn], f)
	f.Via = append([]string{c.name(fn)}, f.Via...)
	c.pending = append(c.pending, func() { c.visitCallers(fn, f, s) })
}

func (c *checker) visitCallers(fn ast.Node, f flow, s sink) {
	if c.callers == nil {
		c.resolveCalls()
	}
	sig := c.signature(fn)
	for _, caller := range c.callers[fn] {
		if caller.iface != nil && !c.allWrap(caller.iface, fn, f) {
			continue
		}
		c.arriveAt(f, caller.call, sig, s.trail())
	}
	c.callback(fn, f, s)
}

// callback handles a function literal that is passed to a function of this
// package which calls it: each(keys, func(k string) { … }).
func (c *checker) callback(fn ast.Node, f flow, s sink) {
	lit, ok := fn.(*ast.FuncLit)
	if !ok {
		return
	}
	call, ok := c.parent[lit].(*ast.CallExpr)
	if !ok || call.Fun == ast.Expr(lit) {
		return
	}
	callee, ok := typeutil.Callee(c.info, call).(*types.Func)
	if !ok || c.decls[callee.Origin()] == nil {
		return
	}
	decl := c.decls[callee.Origin()]
	formal := c.formal(decl, slices.Index(call.Args, ast.Expr(lit)))
	if formal == nil || c.params[formal].variadic {
		return
	}
	for _, use := range c.uses[formal] {
		inner, ok := c.parent[use].(*ast.CallExpr)
		if !ok || inner.Fun != ast.Expr(use) {
			continue
		}
		for _, a := range c.passed(c.signature(fn), inner, f.Param, f.Path) {
			vals := c.substitute(decl, call, c.eval(a.expr, a.path))
			c.deliver(sink{flow: f, argument: argument{call.Fun, nil}, call: call}, vals)
		}
	}
}

// arrive delivers what a call passes to a parameter that reaches baggage.
func (c *checker) arrive(f flow, call *ast.CallExpr, sig *types.Signature) {
	c.arriveAt(f, call, sig, nil)
}

func (c *checker) arriveAt(f flow, call *ast.CallExpr, sig *types.Signature, trail []analysis.RelatedInformation) {
	for _, a := range c.passed(sig, call, f.Param, f.Path) {
		site := a.expr
		if f.Param == receiver {
			site = call.Fun
		}
		c.deliver(sink{flow: f, argument: argument{site, nil}, call: call, way: trail}, c.eval(a.expr, a.path))
	}
}

// resolveCalls finds the functions of this package that each call reaches.
func (c *checker) resolveCalls() {
	c.callers = make(map[ast.Node][]caller)
	for _, call := range c.calls {
		callee := typeutil.Callee(c.info, call)
		if fn, ok := callee.(*types.Func); ok && types.IsInterface(recvType(fn)) {
			for _, m := range c.implementations(fn) {
				c.callers[m] = append(c.callers[m], caller{call, fn.Origin()})
			}
			continue
		}
		for _, fn := range c.functions(call.Fun) {
			c.callers[fn] = append(c.callers[fn], caller{call: call})
		}
	}
}

func recvType(fn *types.Func) types.Type {
	if recv := fn.Signature().Recv(); recv != nil {
		return recv.Type()
	}
	return types.Typ[types.Invalid]
}

// implementations returns this package's methods that a call of an
// interface's method can reach.
func (c *checker) implementations(m *types.Func) []ast.Node {
	iface, ok := recvType(m).Underlying().(*types.Interface)
	if !ok {
		return nil
	}
	var out []ast.Node
	scope := c.pkg.Scope()
	for _, name := range scope.Names() {
		tn, ok := scope.Lookup(name).(*types.TypeName)
		if !ok || tn.IsAlias() || types.IsInterface(tn.Type()) {
			continue
		}
		if named, ok := tn.Type().(*types.Named); !ok || named.TypeParams().Len() > 0 {
			continue
		}
		ptr := types.NewPointer(tn.Type())
		if !types.Implements(ptr, iface) {
			continue
		}
		obj, _, _ := types.LookupFieldOrMethod(ptr, true, m.Pkg(), m.Name())
		if fn, ok := obj.(*types.Func); ok && c.decls[fn.Origin()] != nil {
			out = append(out, c.decls[fn.Origin()])
		}
	}
	return out
}

// allWrap reports whether an interface's method is a wrapper: all of its
// implementations in sight are, but for those that ignore the parameter.
func (c *checker) allWrap(m *types.Func, fn ast.Node, f flow) bool {
	for _, impl := range c.implementations(m) {
		if impl == fn {
			continue
		}
		if v := c.formal(impl, f.Param); v != nil && len(c.uses[v]) > 0 && !c.partial[v] {
			return false
		}
	}
	return true
}

// name is what a function is called in messages.
func (c *checker) name(fn ast.Node) string {
	switch fn := fn.(type) {
	case *ast.FuncDecl:
		if fn.Recv != nil && len(fn.Recv.List) == 1 {
			if f, ok := c.info.Defs[fn.Name].(*types.Func); ok {
				return recvName(f.Signature()) + "." + fn.Name.Name
			}
		}
		return fn.Name.Name
	case *ast.FuncLit:
		switch p := c.parent[fn].(type) {
		case *ast.AssignStmt:
			if i := slices.Index(p.Rhs, ast.Expr(fn)); i >= 0 && i < len(p.Lhs) {
				return types.ExprString(p.Lhs[i])
			}
		case *ast.ValueSpec:
			if i := slices.Index(p.Values, ast.Expr(fn)); i >= 0 && i < len(p.Names) {
				return p.Names[i].Name
			}
		}
	}
	return "this function"
}

// trail is the way from a wrapper's call to the baggage API.
func (s sink) trail() []analysis.RelatedInformation {
	msg := "reaches " + s.API + " here"
	if len(s.Via) > 0 {
		msg = "passed on to " + s.Via[0] + " here"
	}
	return append([]analysis.RelatedInformation{{Pos: s.call.Pos(), End: s.call.End(), Message: msg}}, s.way...)
}

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
			return cmp.Or(cmp.Compare(a.Param, b.Param), slices.Compare(a.Path, b.Path), cmp.Compare(a.Prefix, b.Prefix),
				cmp.Compare(a.Suffix, b.Suffix), cmp.Compare(a.API, b.API))
		})
		c.pass.ExportObjectFact(obj, w)
	}
	c.exportValues()
	c.exportHolders()
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
			for i := range min(obj.Signature().Results().Len(), 9) {
				for _, path := range stringPaths(obj.Signature().Results().At(i).Type(), 0) {
					c.addValues(fact, slices.Concat([]string{"=" + string(rune('0'+i))}, path), c.results(decl, i, path))
				}
			}
			if c.returnsBaggage(decl) {
				c.pass.ExportObjectFact(obj, new(reader))
			}
			if i, ok := predicateParam(obj.Signature()); ok {
				step := fmt.Sprintf("%s%d]", stepPred, i)
				if s, ok := c.accepted(decl, step); ok {
					c.addValues(fact, []string{step}, s)
				}
			}
		}
		if len(fact.Paths) > 0 {
			c.pass.ExportObjectFact(obj, fact)
		}
	}
}

// packageVariable returns what path leads to from a package's variable.
func (c *checker) packageVariable(v *types.Var, path []string) set {
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
func (c *checker) addValues(fact *values, path []string, s set) {
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
	if matters || s.all && strings.HasPrefix(last(path), stepPred) {
		slices.SortFunc(pv.Values, func(a, b factValue) int { return strings.Compare(a.String(), b.String()) })
		fact.Paths = append(fact.Paths, pv)
	}
}

// stringPaths returns the ways from a value of type t to the strings in it
// that can be keys.
func stringPaths(t types.Type, depth int) [][]string {
	if isStringType(t) {
		return [][]string{nil}
	}
	if depth > 1 {
		return nil
	}
	var out [][]string
	step := func(s string, t types.Type) {
		for _, p := range stringPaths(t, depth+1) {
			out = append(out, prepend(s, p))
		}
	}
	switch t := t.Underlying().(type) {
	case *types.Map:
		step(stepKeys, t.Key())
		if b, ok := t.Elem().Underlying().(*types.Basic); ok && b.Kind() == types.Bool {
			step(stepTrue, t.Key())
		}
	case *types.Slice:
		step(stepElem, t.Elem())
	case *types.Array:
		step(stepElem, t.Elem())
	case *types.Struct:
		for f := range t.Fields() {
			if depth > 0 && f.Exported() {
				step("."+f.Name(), f.Type())
			}
		}
	case *types.Pointer:
		if isNamed(t, "regexp", "Regexp") {
			out = append(out, []string{stepMatch})
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

// imported returns what a fact says of another package's variable.
func (ev *evaluator) imported(v *types.Var, id *ast.Ident, path []string) set {
	s := ev.facts.value(v.Origin(), path)
	if len(path) == 0 {
		return s
	}
	// The list is elsewhere: its use here is what can be reported here.
	var at ast.Expr = id
	if sel, ok := ev.parent[id].(*ast.SelectorExpr); ok && sel.Sel == id {
		at = sel
	}
	return s.standingAt(at)
}

// annotations gathers the objects marked //hhvet:pertracer, here and in the
// packages that this one imports.
func (c *checker) annotations() {
	for _, f := range c.pass.AllObjectFacts() {
		if p, ok := f.Fact.(*perTracer); ok && p.Value != "" {
			c.keys.annotated[p.Value] = true
		}
	}
	for _, f := range c.pass.Files {
		c.annotateFile(f)
	}
}

// sortedNodes returns the keys of m in the order of the source.
func sortedNodes[V any](m map[ast.Node]V) []ast.Node {
	return slices.SortedFunc(maps.Keys(m), func(a, b ast.Node) int { return cmp.Compare(a.Pos(), b.Pos()) })
}
