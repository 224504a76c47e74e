package globalbaggage

import (
	"cmp"
	_ "embed"
	"go/ast"
	"go/types"
	"slices"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/types/typeutil"

	"github.com/honeyhiveai/hhvet/internal/checkdoc"
	"github.com/honeyhiveai/hhvet/internal/directive"
	"github.com/honeyhiveai/hhvet/internal/sdkapi"
)

//go:embed doc.go
var doc string

// Analyzer is the analyzer with its settings taken from flags.
var Analyzer = New(Options{})

// New returns the analyzer with the given settings. Its flags change them.
// Settings that [Options.Validate] refuses are an error of every run.
func New(opts Options) *analysis.Analyzer {
	return newAnalyzer(&opts, false)
}

// newAnalyzer returns the analyzer. If always is set it goes through every
// package, which costs time and finds nothing more.
func newAnalyzer(o *Options, always bool) *analysis.Analyzer {
	return &analysis.Analyzer{
		Name:      "globalbaggage",
		Doc:       checkdoc.MustExtract(doc, "globalbaggage"),
		URL:       checkdoc.URL("globalbaggage"),
		Flags:     o.flags(),
		FactTypes: []analysis.Fact{new(wrapper), new(values), new(perTracer), new(reader), new(holder)},
		Run: func(pass *analysis.Pass) (any, error) {
			s, err := o.parse()
			if err != nil {
				return nil, err
			}
			directives := directive.NewSet(pass)
			if always || matters(pass, s) {
				run(pass, s, directives)
			}
			directives.ReportProblems()
			return nil, nil
		},
	}
}

// matters reports whether the package can have a finding or a fact.
func matters(pass *analysis.Pass, s *settings) bool {
	return mentions(pass.Files) || usesFacts(pass) || s.used(pass)
}

func run(pass *analysis.Pass, s *settings, directives *directive.Set) {
	if inTable(pass.Pkg) && !sdkapi.IsPackage(pass.Pkg) {
		return
	}
	c := newChecker(pass, s, directives)
	c.sources()
	c.settle()
	c.precedence()
	c.injections()
	if !inTable(pass.Pkg) {
		c.export()
	}
	c.report()
}

// usesFacts reports whether the package uses an object that carries a fact.
func usesFacts(pass *analysis.Pass) bool {
	carriers := make(map[types.Object]bool)
	for _, f := range pass.AllObjectFacts() {
		if f.Object.Pkg() != pass.Pkg {
			carriers[f.Object] = true
		}
	}
	if len(carriers) == 0 {
		return false
	}
	for _, obj := range pass.TypesInfo.Uses {
		switch o := obj.(type) {
		case *types.Func:
			obj = o.Origin()
		case *types.Var:
			obj = o.Origin()
		}
		if carriers[obj] {
			return true
		}
	}
	return false
}

// used reports whether the package calls one of the configured wrappers.
func (s *settings) used(pass *analysis.Pass) bool {
	if len(s.wrappers) == 0 {
		return false
	}
	for _, obj := range pass.TypesInfo.Uses {
		if fn, ok := obj.(*types.Func); ok && len(s.wrappers[qualified(fn)]) > 0 {
			return true
		}
	}
	return false
}

// qualified is a function's name as settings spell it: path.Func or
// path.Type.Method.
func qualified(fn *types.Func) string {
	if fn.Pkg() == nil {
		return ""
	}
	name := sdkapi.Unvendored(fn.Pkg().Path()) + "."
	if recv := recvName(fn.Signature()); recv != "" {
		name += recv + "."
	}
	return name + fn.Name()
}

// sources starts the analysis at every place where the package itself writes
// baggage, or uses something that is known to.
func (c *checker) sources() {
	for _, call := range c.calls {
		for _, s := range c.sinks(call) {
			if s.built != nil && c.unused(s.built) {
				continue
			}
			c.deliver(s, c.eval(s.expr, s.path))
		}
		c.known(call)
	}
	for _, lit := range c.literals {
		for _, s := range c.carrierLiteral(lit) {
			c.deliver(s, c.eval(s.expr, s.path))
		}
	}
	for _, assign := range c.assigns {
		for _, s := range c.carrierStore(assign) {
			c.deliver(s, c.eval(s.expr, s.path))
		}
	}
	for f, writes := range c.writes {
		if f.IsField() {
			for _, flow := range c.facts.wrapper(f.Origin()) {
				c.assigned(flow, writes)
			}
		}
	}
}

// known delivers the arguments of a call of an imported wrapper.
func (c *checker) known(call *ast.CallExpr) {
	var obj types.Object
	switch callee := typeutil.Callee(c.info, call).(type) {
	case *types.Func:
		obj = callee.Origin()
		for _, i := range c.keys.wrappers[qualified(callee.Origin())] {
			if sig := callee.Origin().Signature(); i < sig.Params().Len() {
				flow := flow{Param: i, Path: keyPath(sig.Params().At(i).Type()), API: "baggage", Via: []string{callee.Name()}}
				c.arrive(flow, call, sig)
			}
		}
	case *types.Var:
		obj = callee.Origin()
	}
	objs := append(c.foreign(call.Fun), obj)
	if fn, ok := obj.(*types.Func); ok && types.IsInterface(recvType(fn)) && c.facts.wrapper(fn) == nil {
		objs = append(objs, c.importedImplementations(fn)...)
	}
	for _, obj := range objs {
		if obj == nil {
			continue
		}
		sig, ok := obj.Type().Underlying().(*types.Signature)
		if !ok {
			continue
		}
		for _, flow := range c.facts.wrapper(obj) {
			c.arrive(flow, call, sig)
		}
	}
}

// importedImplementations returns the methods of other packages' types that a
// call of an interface's method can reach: those of the types that this
// package mentions. It returns none where one of them, or a type of this
// package, does something else with its arguments.
func (c *checker) importedImplementations(m *types.Func) []types.Object {
	iface, ok := recvType(m).Underlying().(*types.Interface)
	if !ok || len(c.implementations(m)) > 0 {
		return nil
	}
	var out []types.Object
	for obj := range c.uses {
		tn, ok := obj.(*types.TypeName)
		if !ok || tn.Pkg() == nil || tn.Pkg() == c.pkg || types.IsInterface(tn.Type()) {
			continue
		}
		if named, ok := tn.Type().(*types.Named); !ok || named.TypeParams().Len() > 0 {
			continue
		}
		ptr := types.NewPointer(tn.Type())
		if !types.Implements(ptr, iface) {
			continue
		}
		method, _, _ := types.LookupFieldOrMethod(ptr, true, m.Pkg(), m.Name())
		if method == nil || c.facts.wrapper(method) == nil {
			return nil
		}
		out = append(out, method)
	}
	slices.SortFunc(out, func(a, b types.Object) int { return cmp.Compare(a.Pos(), b.Pos()) })
	return out
}

// foreign returns the functions of other packages that a variable or field
// of function type can hold.
func (c *checker) foreign(fun ast.Expr) []types.Object {
	leave := c.enter(fun, []string{"foreign"})
	if leave == nil {
		return nil
	}
	defer leave()
	id := calleeIdent(&ast.CallExpr{Fun: fun})
	if id == nil {
		return nil
	}
	v, ok := c.info.Uses[id].(*types.Var)
	if !ok || v.Pkg() != c.pkg {
		return nil
	}
	var values []ast.Expr
	if v.IsField() {
		for _, w := range c.writes[v.Origin()] {
			if len(w.steps) == 0 && w.key == nil {
				values = append(values, w.value)
			}
		}
	} else {
		defs, _ := c.reaching(v, id)
		for _, d := range defs {
			if len(d.path) == 0 {
				values = append(values, d.expr)
			}
		}
	}
	var out []types.Object
	for _, e := range values {
		if e == nil {
			continue
		}
		target := calleeIdent(&ast.CallExpr{Fun: e})
		if target == nil {
			continue
		}
		switch obj := c.info.Uses[target].(type) {
		case *types.Func:
			if obj.Pkg() != c.pkg {
				out = append(out, obj.Origin())
			}
		case *types.Var:
			if obj.Pkg() != c.pkg {
				out = append(out, obj.Origin())
			} else {
				out = append(out, c.foreign(e)...)
			}
		}
	}
	return out
}

// keyPath leads from a parameter that a setting names to the keys in it.
func keyPath(t types.Type) []string {
	switch coreType(t).(type) {
	case *types.Map:
		return []string{stepKeys}
	case *types.Slice, *types.Array:
		return []string{stepElem}
	}
	return nil
}
