package deprecatedenrich

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ast/edge"
	"golang.org/x/tools/go/ast/inspector"
	"golang.org/x/tools/go/types/typeutil"

	"github.com/honeyhiveai/hhvet/internal/astedit"
	"github.com/honeyhiveai/hhvet/internal/directive"
	"github.com/honeyhiveai/hhvet/internal/scope"
	"github.com/honeyhiveai/hhvet/internal/sdkapi"
)

// call returns the finding about the legacy call of callee.
func (c *checker) call(m *migration, calleeCur inspector.Cursor, at site) *finding {
	l := &legacyCall{
		checker:   c,
		migration: m,
		cur:       calleeCur.Parent(),
		call:      calleeCur.Parent().Node().(*ast.CallExpr),
		callee:    ast.Unparen(calleeCur.Node().(ast.Expr)),
		at:        at,
		src:       c.source(at.file),
		drop:      make(map[int]bool),
	}
	for i, arg := range l.call.Args {
		if c.withTracerArg(arg) != nil {
			l.tracers = append(l.tracers, i)
		}
	}
	d, refused := l.decide()
	var f *finding
	if refused == nil {
		f = newFinding(l.callee, at, d.rule, fmt.Sprintf("honeyhive.%s is deprecated: %s, so call %s", m.function, d.why, l.target(d)))
		f.title = "Call " + l.target(d)
		refused = l.rewrite(d, f)
	}
	if refused != nil {
		return newFinding(l.callee, at, manual, fmt.Sprintf("honeyhive.%s is deprecated, and needs a person here: %s", m.function, refused))
	}
	return f
}

// maxContext is how long a context's text may be in a message.
const maxContext = 40

// target is how messages write the migrated callee.
func (l *legacyCall) target(d decision) string {
	if d.receiver == "" {
		ctx := "ctx"
		if l.src != nil {
			if text := l.contextText(); len(text) <= maxContext {
				ctx = text
			}
		}
		return "honeyhive.TracerFromContext(" + ctx + ")." + l.method
	}
	if strings.ContainsAny(d.receiver, "\n") {
		return "that tracer's " + l.method
	}
	return d.receiver + "." + l.method
}

// isPrimary reports whether a selector can follow e as it stands, also where a
// statement begins.
func isPrimary(e ast.Expr) bool {
	for {
		switch x := e.(type) {
		case *ast.Ident, *ast.ParenExpr:
			return true
		case *ast.SelectorExpr:
			e = x.X
		case *ast.CallExpr:
			e = x.Fun
		case *ast.IndexExpr:
			e = x.X
		case *ast.IndexListExpr:
			e = x.X
		case *ast.TypeAssertExpr:
			e = x.X
		default:
			return false
		}
	}
}

// rewrite fills in f's edits for the decision, or returns why there are none.
func (l *legacyCall) rewrite(d decision, f *finding) *refusal {
	switch {
	case l.src == nil:
		return unreadable
	case directive.IsCgo(l.at.file):
		return &refusal{"the file uses cgo, and the compiler sees another text", "make it " + l.target(d)}
	case l.fromOneCall() && len(l.between) > 0:
		return &refusal{"one call gives all arguments", "assign its results to variables first"}
	}
	if d.rule == discovery {
		if refused := l.discoverable(); refused != nil {
			return refused
		}
	}
	if d.rule == explicit {
		last := l.tracers[len(l.tracers)-1]
		tracer := l.withTracerArg(l.call.Args[last])
		if !l.effectFree(tracer) && (l.src.HasComment(l.call.Pos(), tracer.Pos()) || l.src.HasComment(tracer.End(), l.call.Args[last].End())) {
			return &refusal{"comments stand between the context and the tracer's expression", "assign the tracer to a variable first"}
		}
		if l.containsLegacy(tracer) {
			return l.moveArguments(tracer, last, f)
		}
	}
	edits, needsSDK := l.calleeEdits(d)
	args, fieldsNeedSDK, refused := l.argumentEdits()
	if refused != nil {
		return refused
	}
	if needsSDK = needsSDK || fieldsNeedSDK; needsSDK {
		if name, ok := l.namesReachable(); !ok {
			return &refusal{fmt.Sprintf("%s means something else here than the SDK's", name), "rename it, or import the SDK under a name"}
		}
	}
	f.edits = append(edits, args...)
	f.needsSDK = needsSDK
	return nil
}

// calleeEdits put the receiver in front of the method's name.
func (l *legacyCall) calleeEdits(d decision) (edits []analysis.TextEdit, needsSDK bool) {
	receiver := d.receiver
	sel, qualified := l.callee.(*ast.SelectorExpr)
	if d.rule == discovery {
		found := "." + sdkapi.TracerFromContext + "(" + l.contextText() + ")"
		if qualified {
			// honeyhive.EnrichSpan(ctx)
			//          +
			edits = append(edits, astedit.Insert(sel.X.End(), found))
		} else {
			// EnrichSpan(ctx)
			// ----------
			edits = append(edits, astedit.Replace(l.callee.Pos(), l.callee.End(), found[1:]+"."+l.method))
		}
		needsSDK = true
	} else if qualified {
		// honeyhive.EnrichSpan(ctx)
		// ---------
		edits = append(edits, astedit.Replace(sel.X.Pos(), sel.X.End(), receiver))
	} else {
		// EnrichSpan(ctx)
		// ----------
		edits = append(edits, astedit.Replace(l.callee.Pos(), l.callee.End(), receiver+"."+l.method))
	}
	if qualified && l.method != l.function {
		// honeyhive.Old(ctx)
		//           ---
		edits = append(edits, astedit.Replace(sel.Sel.Pos(), sel.Sel.End(), l.method))
	}
	return edits, needsSDK
}

// contextText is the context argument's text, for a second use of it.
func (l *legacyCall) contextText() string {
	ctx := l.call.Args[0]
	text := l.src.Text(ctx.Pos(), ctx.End())
	if l.src.HasComment(ctx.Pos(), ctx.End()) || strings.Contains(text, "\n") {
		return types.ExprString(ctx)
	}
	return text
}

// discoverable returns why discovery cannot be written at the call.
func (l *legacyCall) discoverable() *refusal {
	switch {
	case l.fromOneCall():
		return &refusal{"one call gives all arguments, the context among them", "assign its results to variables first"}
	case !l.repeatable(l.call.Args[0]):
		return &refusal{"the context is the result of a call, which would be made twice", "assign the context to a variable first"}
	case l.busy() && !l.fixedContext():
		return &refusal{"an argument may change the context while the call is prepared", "assign the context to a variable first"}
	}
	for _, arg := range l.call.Args[1:] {
		if !l.effectFree(arg) && l.changesDiscovery(arg, arg.Pos()) {
			return &refusal{"an argument may change which tracer is found, and would come too late for that", "assign it to a variable first"}
		}
	}
	var later string
	switch l.cur.ParentEdgeKind() {
	case edge.DeferStmt_Call:
		later = "a deferred call finds its tracer when the function ends"
	case edge.GoStmt_Call:
		later = "a goroutine finds its tracer when it runs"
	default:
		return nil
	}
	if l.changesDiscovery(l.at.fn.body, l.call.End()) || inLoop(l.cur) && l.changesDiscovery(l.at.fn.body, l.at.fn.body.Pos()) {
		return &refusal{later + ", and this function may change which one that is", "call a tracer's method"}
	}
	return nil
}

// fixedContext reports whether the calls among the arguments leave alone what
// the context argument means.
func (l *legacyCall) fixedContext() bool {
	e := ast.Unparen(l.call.Args[0])
	var held []*types.Var
	if call, ok := e.(*ast.CallExpr); ok {
		fn := typeutil.StaticCallee(l.info, call)
		if decl := l.declarationOf(fn); decl != nil {
			// An accessor returns what it holds.
			p, _ := l.pathOf(decl.Body.List[0].(*ast.ReturnStmt).Results[0])
			if !isLocal(p.root) {
				return l.fixed(p)
			}
			held = p.fields
		}
		sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
		if !ok || l.info.Selections[sel] == nil {
			return true // context.Background()
		}
		e = sel.X
	}
	if isNil(l.info, e) {
		return true
	}
	p, ok := l.pathOf(e)
	p.fields = slices.Concat(p.fields, held)
	return ok && l.fixed(p)
}

// argumentEdits make fields of the parameters that the method does not have,
// and delete the tracers that have become receivers.
func (l *legacyCall) argumentEdits() (edits []analysis.TextEdit, needsSDK bool, refused *refusal) {
	var kept []int
	for i, a := range l.between {
		if l.isNone(l.call.Args[1+i], a) {
			l.drop[1+i] = true
		} else {
			kept = append(kept, 1+i)
		}
	}
	spread := l.call.Ellipsis.IsValid() && len(kept) > 0
	if spread {
		if !scope.IsBuiltin(l.info, l.at.file, "append", l.call.Pos()) {
			return nil, false, &refusal{"append is not the built-in function here", "build the slice of fields first"}
		}
		// EnrichSession(ctx, id, m, fs...)
		//                   +     +      +
		edits = append(edits,
			astedit.Insert(l.call.Args[kept[0]].Pos(), "append([]"+l.qualifier()+sdkapi.Field+"{"),
			astedit.Insert(l.call.Ellipsis+token.Pos(len("...")), ")..."))
		needsSDK = true
	}
	for _, i := range kept {
		wrap, needs := l.asField(l.call.Args[i], l.between[i-1].field)
		edits = append(edits, wrap...)
		needsSDK = needsSDK || needs
	}
	if spread {
		edits = append(edits, astedit.Insert(l.call.Args[kept[len(kept)-1]].End(), "}"))
	}
	for i := range l.call.Args {
		if !l.drop[i] {
			continue
		}
		deletion, ok := l.src.DeleteArgument(l.call, i)
		if !ok {
			return nil, false, &refusal{"a comment stands inside of an argument that goes", "move the comment"}
		}
		edits = append(edits, deletion...)
	}
	return edits, needsSDK, nil
}

// isNone reports whether arg is the literal that stands for no value.
func (l *legacyCall) isNone(arg ast.Expr, a argument) bool {
	arg = ast.Unparen(arg)
	return l.src.Text(arg.Pos(), arg.End()) == a.none && (isNil(l.info, arg) || l.info.Types[arg].Value != nil)
}

// asField converts the argument to the SDK's type of that name.
func (l *legacyCall) asField(arg ast.Expr, name string) (edits []analysis.TextEdit, needsSDK bool) {
	if sdkapi.IsNamed(l.info.TypeOf(arg), name) {
		return nil, false
	}
	field := l.qualifier() + name
	if lit, ok := ast.Unparen(arg).(*ast.CompositeLit); ok {
		if _, ok := lit.Type.(*ast.MapType); ok && !l.src.HasComment(lit.Type.Pos(), lit.Type.End()) {
			// map[string]any{"k": v}
			// --------------
			return []analysis.TextEdit{astedit.Replace(lit.Type.Pos(), lit.Type.End(), field)}, true
		}
	}
	// id
	// + +
	return []analysis.TextEdit{astedit.Insert(arg.Pos(), field+"("), astedit.Insert(arg.End(), ")")}, true
}

// qualifier is what stands before the SDK's names in this file.
func (l *legacyCall) qualifier() string {
	if sel, ok := l.callee.(*ast.SelectorExpr); ok {
		return sel.X.(*ast.Ident).Name + "."
	}
	return ""
}

// namesReachable reports whether the SDK's names that a fix may bring in can
// be written here, and if not which.
func (l *legacyCall) namesReachable() (string, bool) {
	if l.qualifier() != "" {
		return "", true
	}
	for _, name := range []string{sdkapi.TracerFromContext, sdkapi.SessionID, sdkapi.Metadata, sdkapi.Field} {
		if obj := scope.Lookup(l.info, l.at.file, name, l.call.Pos()); obj == nil || !sdkapi.IsPackage(obj.Pkg()) {
			return name, false
		}
	}
	return "", true
}

// containsLegacy reports whether a use inside of e has a fix of its own.
func (l *legacyCall) containsLegacy(e ast.Expr) bool {
	found := false
	ast.Inspect(e, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			if fn, ok := l.info.Uses[id].(*types.Func); ok && l.migrationOf(fn) != nil {
				found = true
			}
		}
		return !found
	})
	return found
}

// moveArguments migrates a call whose tracer expression has legacy calls in
// it, and so edits of their own: the expression stays where it is, and what
// stands before it moves behind it.
func (l *legacyCall) moveArguments(tracer ast.Expr, last int, f *finding) *refusal {
	var moved []string
	for i, arg := range l.call.Args[:last] {
		text := l.src.Text(arg.Pos(), arg.End())
		switch {
		case l.drop[i]:
			continue
		case i >= 1 && i < l.first():
			a := l.between[i-1]
			if l.isNone(arg, a) {
				continue
			}
			if !sdkapi.IsNamed(l.info.TypeOf(arg), a.field) {
				text = l.qualifier() + a.field + "(" + text + ")"
				f.needsSDK = true
			}
		}
		moved = append(moved, text)
	}
	open, end := "", ""
	if !isPrimary(tracer) {
		open, end = "(", ")"
	}
	// honeyhive.EnrichSpan(ctx, honeyhive.WithTracer(pick(…)), f)
	// -----------------------------------------------        -
	f.edits = []analysis.TextEdit{
		astedit.Replace(l.call.Pos(), tracer.Pos(), open),
		astedit.Replace(tracer.End(), l.call.Args[last].End(), end+"."+l.method+"("+strings.Join(moved, ", ")),
	}
	return nil
}
