package globalbaggage

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/types/typeutil"

	"github.com/honeyhiveai/hhvet/internal/sdkapi"
	"github.com/honeyhiveai/hhvet/internal/tracekey"
)

// A reader is the fact that a function returns what it reads from baggage.
type reader struct{}

func (*reader) AFact() {}

func (*reader) String() string { return "reader" }

// An attribution gives a span or a session a value that belongs to a tracer,
// or chooses the tracer itself.
type attribution struct {
	what  string // the attribute, option or call, "" for the tracer
	value ast.Expr
}

// precedence reports attributions whose value is read from baggage before
// the tracer was asked.
func (c *checker) precedence() {
	believe := func(as ...attribution) {
		for _, a := range as {
			if c.baggageFirst(a.value) && !c.asksOther(a.value) {
				c.misread = append(c.misread, a)
			}
		}
	}
	for _, call := range c.calls {
		believe(c.attributions(call)...)
	}
	for _, lit := range c.literals {
		if a, ok := c.attributeLiteral(lit); ok {
			believe(a)
		}
	}
	for _, lookup := range c.lookups {
		t := c.info.TypeOf(lookup.X)
		if t == nil {
			continue // a generic function or type
		}
		if m, ok := coreType(t).(*types.Map); ok && sdkapi.IsTracerPointer(m.Elem()) {
			believe(attribution{value: lookup.Index})
		}
	}
}

// attributions returns the values by which a call attributes something.
func (c *checker) attributions(call *ast.CallExpr) []attribution {
	if tv, ok := c.info.Types[call.Fun]; ok && tv.IsType() {
		// honeyhive.SessionID(id), the explicit session of EnrichSession
		if len(call.Args) == 1 && sdkapi.IsNamed(tv.Type, sdkapi.SessionID) {
			return []attribution{{"the session", call.Args[0]}}
		}
		return nil
	}
	fn, ok := typeutil.Callee(c.info, call).(*types.Func)
	if !ok || fn.Pkg() == nil || len(call.Args) == 0 {
		return nil
	}
	switch {
	case sdkapi.IsPackage(fn.Pkg()) && fn.Signature().Recv() == nil:
		option, ok := strings.CutPrefix(fn.Name(), "With")
		if _, kind := tracekey.Classify(option); ok && kind == tracekey.PerTracer {
			return []attribution{{"honeyhive." + fn.Name(), call.Args[0]}}
		}
	case sdkapi.IsPackage(fn.Pkg()) && fn.Name() == sdkapi.JoinSession && len(call.Args) == 2:
		return []attribution{{"the session", call.Args[1]}}
	case sdkapi.Unvendored(fn.Pkg().Path()) == attributePath && fn.Signature().Recv() == nil && len(call.Args) == 2:
		if key, ok := c.attribute(c.eval(call.Args[0], nil)); ok {
			return []attribution{{key, call.Args[1]}}
		}
	case sdkapi.Unvendored(fn.Pkg().Path()) == attributePath && recvName(fn.Signature()) == "Key" && len(call.Args) == 1:
		sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
		if !ok {
			return nil
		}
		if key, ok := c.attribute(c.eval(sel.X, nil)); ok {
			return []attribution{{key, call.Args[0]}}
		}
	case !sdkapi.IsPackage(fn.Pkg()) && returns(fn.Signature(), sdkapi.IsTracerPointer):
		var out []attribution
		for _, arg := range call.Args {
			if isStringType(c.info.TypeOf(arg)) {
				out = append(out, attribution{value: arg})
			}
		}
		return out
	}
	return nil
}

// attribute returns the honeyhive.* attribute of a single tracer that keys
// can be.
func (c *checker) attribute(keys set) (string, bool) {
	for _, v := range keys.vals {
		t, ok := v.known()
		if !ok || !strings.HasPrefix(t, "honeyhive.") {
			continue
		}
		if _, kind := tracekey.Classify(t); kind == tracekey.PerTracer {
			return t, true
		}
	}
	return "", false
}

// attributeLiteral is attributions for attribute.KeyValue{Key: …, Value: …}.
func (c *checker) attributeLiteral(lit *ast.CompositeLit) (attribution, bool) {
	t := c.info.TypeOf(lit)
	if t == nil || !isNamed(t, attributePath, "KeyValue") {
		return attribution{}, false
	}
	key, val := fieldValue(c.info, lit, "Key"), fieldValue(c.info, lit, "Value")
	if key == nil || val == nil {
		return attribution{}, false
	}
	name, ok := c.attribute(c.eval(key, nil))
	call, isCall := ast.Unparen(val).(*ast.CallExpr)
	if !ok || !isCall || len(call.Args) != 1 {
		return attribution{}, false
	}
	return attribution{name, call.Args[0]}, true
}

// baggageFirst reports whether e is read from baggage, with nothing asked
// before that knows better.
func (ev *evaluator) baggageFirst(e ast.Expr) bool {
	e = ast.Unparen(e)
	if first, ok := ev.first[e]; ok && len(ev.active) > 0 {
		return first
	}
	leave := ev.enter(askBaggageFirst, e, nil)
	if leave == nil {
		return false
	}
	defer leave()
	first := ev.readFirst(e)
	ev.first[e] = first
	return first
}

func (ev *evaluator) readFirst(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.Ident:
		v, ok := ev.info.ObjectOf(e).(*types.Var)
		return ok && ev.variableReadFirst(v, e)
	case *ast.CallExpr:
		return ev.callReadsFirst(e)
	case *ast.IndexExpr:
		// baggage.All(ctx)["project"]
		return ev.baggageFirst(e.X)
	}
	return false
}

func (ev *evaluator) callReadsFirst(call *ast.CallExpr) bool {
	if tv := ev.info.Types[call.Fun]; tv.IsType() {
		return len(call.Args) == 1 && ev.baggageFirst(call.Args[0])
	}
	if ev.reads(call) {
		return true
	}
	fn, ok := typeutil.Callee(ev.info, call).(*types.Func)
	if !ok || fn.Pkg() == nil {
		return false
	}
	switch name := fn.FullName(); {
	case name == "cmp.Or" || respell[name] != nil:
		return len(call.Args) > 0 && ev.baggageFirst(call.Args[0])
	case ev.decls[fn.Origin()] != nil:
		return ev.returnsBaggage(ev.decls[fn.Origin()])
	}
	return ev.facts.reader(fn.Origin())
}

func (f *facts) reader(fn *types.Func) bool {
	return fn.Pkg() != f.pass.Pkg && f.pass.ImportObjectFact(fn, new(reader))
}

// reads reports whether a call itself reads the value of a per-tracer key, or
// of a key that is not known, from baggage.
func (ev *evaluator) reads(call *ast.CallExpr) bool {
	fn, ok := typeutil.Callee(ev.info, call).(*types.Func)
	if !ok || fn.Pkg() == nil {
		return false
	}
	sel, _ := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	perTracerKey := func(e ast.Expr) bool {
		s := ev.eval(e, nil)
		for _, v := range s.vals {
			t, known := v.known()
			if !known {
				return true
			}
			if _, bad := ev.keys.judge(t, v.object); bad {
				return true
			}
		}
		return s.open
	}
	switch {
	case isMethod(fn, baggagePath, "Member", "Value") && sel != nil:
		member, ok := ast.Unparen(sel.X).(*ast.CallExpr)
		if v := ev.variable(sel.X); v != nil && len(ev.defs[v]) == 1 && ev.defs[v][0].expr != nil {
			member, ok = ast.Unparen(ev.defs[v][0].expr).(*ast.CallExpr)
		}
		if !ok {
			return false
		}
		get, _ := typeutil.Callee(ev.info, member).(*types.Func)
		return get != nil && isMethod(get, baggagePath, "Baggage", "Member") && len(member.Args) == 1 && perTracerKey(member.Args[0])
	case fn.Name() == "BaggageItem" && fn.Signature().Recv() != nil && len(call.Args) == 1:
		return isStringType(ev.info.TypeOf(call)) && perTracerKey(call.Args[0])
	case fn.Name() == "Get" && strings.HasSuffix(fn.Pkg().Path(), "/ddtrace/baggage") && len(call.Args) == 2:
		return perTracerKey(call.Args[1])
	}
	return false
}

// returnsBaggage reports whether a function returns what it reads from
// baggage, without having asked for anything else.
func (ev *evaluator) returnsBaggage(decl *ast.FuncDecl) bool {
	if decl.Body == nil {
		return false
	}
	leave := ev.enter(askBaggageFirst, decl, nil)
	if leave == nil {
		return false
	}
	defer leave()
	found := false
	ast.Inspect(decl.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.ReturnStmt:
			if len(n.Results) > 0 && ev.baggageFirst(n.Results[0]) && !ev.asksOther(n.Results[0]) {
				found = true
			}
		}
		return !found
	})
	return found
}

// variableReadFirst reports whether a variable holds what was read from
// baggage, although something else is, or could be, asked:
//
//	v := read(ctx)                     v := tracer's
//	if v == "" { v = tracer's }        if b := read(ctx); b != "" { v = b }
func (ev *evaluator) variableReadFirst(v *types.Var, use *ast.Ident) bool {
	if _, isParam := ev.params[v]; isParam {
		return false
	}
	defs, _ := ev.reaching(v, use)
	var read, other []*definition
	for _, d := range defs {
		switch {
		case d.expr != nil && ev.baggageFirst(d.expr):
			read = append(read, d)
		case !d.zero:
			other = append(other, d)
		}
	}
	for _, d := range read {
		if ev.asksOther(d.node) {
			continue // the fallback
		}
		if cond := ev.condOf(d.node); cond != nil {
			if ev.mentionsBaggage(cond) {
				return true
			}
			if len(other) > 0 {
				continue // some other choice
			}
		}
		if !slices.ContainsFunc(other, func(o *definition) bool {
			cond := ev.condOf(o.node)
			return cond != nil && !ev.mentionsBaggage(cond) && !ev.mentions(cond, v)
		}) {
			return true
		}
	}
	return false
}

// condOf returns the condition of the innermost if around a statement of its
// body.
func (ev *evaluator) condOf(n ast.Node) ast.Expr {
	for cur := n; cur != nil; cur = ev.parent[cur] {
		switch p := ev.parent[cur].(type) {
		case *ast.IfStmt:
			if cur == ast.Node(p.Body) || cur == p.Else {
				return p.Cond
			}
		case *ast.FuncDecl, *ast.FuncLit:
			return nil
		}
	}
	return nil
}

// asksOther reports whether n only runs after something other than baggage
// turned out to be empty.
func (ev *evaluator) asksOther(n ast.Node) bool {
	for cur := n; cur != nil; cur = ev.parent[cur] {
		parent := ev.parent[cur]
		switch p := parent.(type) {
		case *ast.IfStmt:
			if cur == ast.Node(p.Body) && ev.foundEmpty(p.Cond, true) || cur == p.Else && ev.foundEmpty(p.Cond, false) {
				return true
			}
		case *ast.FuncDecl, *ast.FuncLit:
			return false
		}
		for _, s := range before(parent, cur) {
			if check, ok := s.(*ast.IfStmt); ok && check.Else == nil && leaves(check.Body) && ev.foundEmpty(check.Cond, false) {
				return true
			}
		}
	}
	return false
}

// foundEmpty reports whether cond, where it is want, says that a string or
// tracer that does not come from baggage is empty.
func (ev *evaluator) foundEmpty(cond ast.Expr, want bool) bool {
	switch cond := ast.Unparen(cond).(type) {
	case *ast.UnaryExpr:
		return cond.Op == token.NOT && ev.foundEmpty(cond.X, !want)
	case *ast.Ident:
		// ok, of a lookup elsewhere
		return !want && cond.Name == "ok" && !ev.mentionsBaggage(cond)
	case *ast.BinaryExpr:
		switch cond.Op {
		case token.LAND, token.LOR:
			x, y := ev.foundEmpty(cond.X, want), ev.foundEmpty(cond.Y, want)
			if (cond.Op == token.LAND) == want {
				return x || y
			}
			// if t != nil && t.project != "" { return t.project }
			return x && y
		case token.EQL, token.NEQ:
			if (cond.Op == token.EQL) != want {
				return false
			}
			for _, side := range [][2]ast.Expr{{cond.X, cond.Y}, {cond.Y, cond.X}} {
				if ev.isEmpty(side[1]) && !ev.mentionsBaggage(side[0]) && !isErr(ev.info, side[0]) {
					return true
				}
			}
		}
	}
	return false
}

func (ev *evaluator) isEmpty(e ast.Expr) bool {
	tv := ev.info.Types[e]
	if tv.IsNil() || isInt(ev.info, e, 0) {
		return true
	}
	return tv.Value != nil && tv.Value.ExactString() == `""`
}

func isErr(info *types.Info, e ast.Expr) bool {
	t := info.TypeOf(e)
	return t != nil && types.Identical(t, types.Universe.Lookup("error").Type())
}

// mentions reports whether v occurs in e.
func (ev *evaluator) mentions(e ast.Expr, v *types.Var) bool {
	found := false
	ast.Inspect(e, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && ev.info.Uses[id] == types.Object(v) {
			found = true
		}
		return !found
	})
	return found
}

// mentionsBaggage reports whether what e looks at comes from baggage.
func (ev *evaluator) mentionsBaggage(e ast.Expr) bool {
	found := false
	ast.Inspect(e, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			found = found || ev.callReadsFirst(n)
		case *ast.Ident:
			v, ok := ev.info.Uses[n].(*types.Var)
			if !ok || v.IsField() {
				break
			}
			defs, _ := ev.reaching(v, n)
			for _, d := range defs {
				found = found || d.expr != nil && ev.baggageFirst(d.expr)
			}
		}
		return !found
	})
	return found
}
