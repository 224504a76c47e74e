package globalbaggage

import (
	"go/ast"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/types/typeutil"

	"github.com/honeyhiveai/hhvet/internal/sdkapi"
)

// A holder is the fact that the context which a function returns holds
// members with per-tracer keys.
type holder struct {
	Keys []string
}

func (*holder) AFact() {}

func (h *holder) String() string { return "holder(" + strings.Join(h.Keys, ", ") + ")" }

// injections finds where a context that another package put a per-tracer
// member into is written to a carrier. What this package puts there itself is
// reported at its place.
func (c *checker) injections() {
	for _, call := range c.calls {
		fn, ok := typeutil.Callee(c.info, call).(*types.Func)
		if !ok || fn.Name() != "Inject" || fn.Pkg() == nil || fn.Signature().Recv() == nil || len(call.Args) < 2 {
			continue
		}
		switch sdkapi.Unvendored(fn.Pkg().Path()) {
		case propagation, sdkapi.Path:
		default:
			continue
		}
		if recvName(fn.Signature()) == "TraceContext" {
			continue // sends no baggage
		}
		keys, by := c.held(call.Args[0])
		if len(keys) == 0 {
			continue
		}
		s := sink{
			flow:     flow{API: "Inject", Kind: injected, Via: []string{by}},
			argument: argument{call.Args[0], nil},
			call:     call,
		}
		var bad []judged
		for _, k := range keys {
			if v, ok := c.keys.judge(k, nil); ok {
				bad = append(bad, judged{v, value{}})
			}
		}
		c.find(s, bad)
	}
}

// held returns the keys that a context is known to hold, and the function
// that put them there.
func (ev *evaluator) held(ctx ast.Expr) (keys []string, by string) {
	ctx = ast.Unparen(ctx)
	leave := ev.enter(askHeld, ctx, nil)
	if leave == nil {
		return nil, ""
	}
	defer leave()
	switch e := ctx.(type) {
	case *ast.Ident:
		v, ok := ev.info.ObjectOf(e).(*types.Var)
		if !ok {
			return nil, ""
		}
		defs, _ := ev.reaching(v, e)
		for _, d := range defs {
			if d.expr == nil {
				continue
			}
			if keys, by = ev.held(d.expr); len(keys) > 0 {
				return keys, by
			}
		}
	case *ast.CallExpr:
		fn, ok := typeutil.Callee(ev.info, e).(*types.Func)
		if !ok || fn.Pkg() == nil {
			return nil, ""
		}
		if strings.HasPrefix(fn.Name(), "ContextWith") && sdkapi.Unvendored(fn.Pkg().Path()) == baggagePath {
			return nil, "" // other baggage, or none
		}
		if h := new(holder); fn.Pkg() != ev.pkg && ev.facts.pass.ImportObjectFact(fn.Origin(), h) {
			return h.Keys, fn.Pkg().Name() + "." + fn.Name()
		}
		// Most functions that take a context return one that holds the same.
		for _, arg := range e.Args {
			if isContext(ev.info.TypeOf(arg)) {
				return ev.held(arg)
			}
		}
	}
	return nil, ""
}

// exportHolders exports which functions return a context with what was
// reported in them.
func (c *checker) exportHolders() {
	held := make(map[*types.Func][]string)
	for _, f := range c.findings {
		if f.sink.Kind != direct || f.sink.call == nil || c.directives.Silenced(f.at.Pos()) {
			continue
		}
		fn := c.function(f.sink.call)
		decl, ok := fn.(*ast.FuncDecl)
		if !ok {
			continue
		}
		obj, ok := c.info.Defs[decl.Name].(*types.Func)
		if !ok || !obj.Exported() || !returns(obj.Signature(), isContext) {
			continue
		}
		for _, j := range f.bad {
			if !slices.Contains(held[obj], j.text) {
				held[obj] = append(held[obj], j.text)
			}
		}
	}
	for obj, keys := range held {
		slices.Sort(keys)
		c.pass.ExportObjectFact(obj, &holder{keys})
	}
}
