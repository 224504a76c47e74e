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

// A decision is the tracer that a migrated call lands on.
type decision struct {
	rule     string // the diagnostic's category
	receiver string // the text that denotes it; discovery has none
	why      string
}

// legacyCall is a legacy call under migration.
type legacyCall struct {
	*checker
	*migration
	call   *ast.CallExpr
	cur    inspector.Cursor // of call
	callee ast.Expr         // honeyhive.F, or F under a dot import
	at     site
	src    *astedit.Source

	tracers []int // indices of the arguments WithTracer(…)
	drop    map[int]bool
}

// refusal is a reason to leave a call to a person, and what to do about it.
type refusal struct{ reason, advice string }

func (r *refusal) String() string { return r.reason + "; " + r.advice }

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
		f = newFinding(l.callee, at, d.rule, fmt.Sprintf("honeyhive.%s is deprecated: call %s, %s", m.function, l.target(d), d.why))
		f.title = "Call " + l.target(d)
		refused = l.rewrite(d, f)
	}
	if refused != nil {
		return newFinding(l.callee, at, manual, fmt.Sprintf("honeyhive.%s is deprecated, and needs a person here: %s", m.function, refused))
	}
	return f
}

// target is how messages write the migrated callee.
func (l *legacyCall) target(d decision) string {
	if d.receiver == "" {
		return "honeyhive.TracerFromContext(ctx)." + l.method
	}
	if strings.ContainsAny(d.receiver, "\n") {
		return "that tracer's " + l.method
	}
	return d.receiver + "." + l.method
}

// decide finds the tracer by the evidence there is: what WithTracer names,
// what made the context, the only one in reach, or else discovery.
func (l *legacyCall) decide() (decision, *refusal) {
	if len(l.tracers) > 0 {
		return l.decideExplicit()
	}
	ctx := l.call.Args[0]
	origins := nothing
	if !l.fromOneCall() {
		origins = l.originsOf(ctx, l.at.fn)
	}
	if len(origins) == 1 && origins[0].kind == carrier {
		p := origins[0].tracer
		text, ok := l.write(p, l.at)
		if !ok && p.valid() {
			if p, ok = l.alias(p, l.at); ok {
				text, ok = l.write(p, l.at)
			}
		}
		if ok && (!l.busy() || l.fixed(p)) {
			return decision{byContext, text, "the tracer that made this context"}, nil
		}
	}
	only, why := l.onlyTracer(origins)
	if only != "" {
		return decision{assumed, only, "assuming that the only tracer in reach is the one meant"}, nil
	}
	return decision{rule: discovery, why: "which finds the same tracer: " + why}, nil
}

// onlyTracer returns the tracer that may be assumed, or why there is none.
func (l *legacyCall) onlyTracer(origins []origin) (text, why string) {
	cands := l.inReach(l.at)
	for _, o := range origins {
		switch {
		case o.kind == experiment:
			return "", "an experiment gives its task the context"
		case o.kind == carrier && !o.tracer.valid():
			return "", "the context carries a tracer that has no name here"
		case o.kind == carrier && len(cands) == 1 && !l.sameTracer(o.tracer, cands[0].path, l.at):
			return "", fmt.Sprintf("the context may carry another tracer than %s", cands[0].text)
		}
	}
	switch {
	case len(cands) == 0:
		return "", "no tracer is in reach"
	case len(cands) > 1:
		var names []string
		for _, cand := range cands {
			names = append(names, cand.text)
		}
		return "", "several tracers are in reach, " + strings.Join(names, " and ")
	case !l.opts.Assume:
		return "", "nothing proves that " + cands[0].text + " is meant"
	case l.severalTracers(l.at):
		return "", "the package handles several tracers"
	case l.call != nil && l.busy() && !l.fixed(cands[0].path):
		return "", "an argument may change " + cands[0].text
	}
	return cands[0].text, ""
}

// decideExplicit handles calls with WithTracer among the arguments. The last
// one wins.
func (l *legacyCall) decideExplicit() (decision, *refusal) {
	last := l.tracers[len(l.tracers)-1]
	tracer := l.withTracerArg(l.call.Args[last])
	t := l.info.TypeOf(tracer)
	switch {
	case isNil(l.info, tracer):
		return decision{}, &refusal{"WithTracer(nil) selects no tracer, so it does nothing", "delete it"}
	case !sdkapi.IsTracerPointer(t):
		return decision{}, &refusal{"the tracer's type has no methods", "convert it to *honeyhive.Tracer"}
	}
	for i := l.first(); i < last; i++ {
		if l.opaque(l.call.Args[i]) {
			return decision{}, &refusal{"a Field before WithTracer may hold another tracer, and an instance method would obey that one",
				"name the tracer once"}
		}
	}
	for _, i := range l.tracers {
		l.drop[i] = true
		if i == last {
			continue
		}
		if !l.droppable(l.withTracerArg(l.call.Args[i])) {
			return decision{}, &refusal{"of several WithTracer the last one wins, and the others cannot simply go", "keep the last one only"}
		}
	}
	if refused := l.movable(tracer, last); refused != nil {
		return decision{}, refused
	}
	if l.src == nil {
		return decision{}, unreadable
	}
	text := l.src.Text(tracer.Pos(), tracer.End())
	if !isPrimary(tracer) {
		text = "(" + text + ")"
	}
	return decision{explicit, text, "the tracer that WithTracer names"}, nil
}

var unreadable = &refusal{"the file cannot be read back as it was parsed", "run hhvet again"}

// first is the index of the first field among the arguments.
func (l *legacyCall) first() int { return 1 + len(l.between) }

// fromOneCall reports whether the arguments are the results of one call.
func (l *legacyCall) fromOneCall() bool {
	_, tuple := l.info.TypeOf(l.call.Args[0]).(*types.Tuple)
	return tuple
}

// withTracerArg returns x for an argument honeyhive.WithTracer(x), or nil.
func (c *checker) withTracerArg(arg ast.Expr) ast.Expr {
	call, ok := ast.Unparen(arg).(*ast.CallExpr)
	if !ok || len(call.Args) != 1 {
		return nil
	}
	if fn := typeutil.StaticCallee(c.info, call); fn == nil || !isWithTracer(fn) {
		return nil
	}
	return call.Args[0]
}

// opaque reports whether a field may hold a tracer that the source does not
// show.
func (l *legacyCall) opaque(arg ast.Expr) bool {
	if !sdkapi.IsNamed(l.info.TypeOf(arg), sdkapi.Field) {
		return false
	}
	call, ok := ast.Unparen(arg).(*ast.CallExpr)
	if !ok {
		return true
	}
	fn := typeutil.StaticCallee(l.info, call)
	return fn == nil || !sdkapi.IsPackage(fn.Pkg())
}

// droppable reports whether the tracer expression e, which has no say, can be
// deleted: it does nothing, and no variable or import becomes unused.
func (l *legacyCall) droppable(e ast.Expr) bool {
	p, ok := l.pathOf(e)
	if !ok || p.root.Pkg() != l.pass.Pkg {
		return false
	}
	if !isLocal(p.root) || l.at.fn.owner(p.root).isParam(p.root) {
		return true
	}
	for _, use := range l.usesOf(p.root) {
		kept := true
		for call := range use.Enclosing((*ast.CallExpr)(nil)) {
			kept = kept && l.withTracerArg(call.Node().(ast.Expr)) == nil
		}
		switch unparen(use).ParentEdgeKind() {
		case edge.AssignStmt_Lhs, edge.ValueSpec_Names:
			continue
		}
		if kept {
			return true
		}
	}
	return false
}

// movable reports why the tracer expression cannot be evaluated before the
// other arguments instead of in its place among them.
func (l *legacyCall) movable(tracer ast.Expr, index int) *refusal {
	busy := false // an argument may do something
	for i, arg := range l.call.Args {
		if !l.effectFree(arg) && i != index {
			busy = true
			if i < index && !l.effectFree(tracer) {
				return &refusal{"the tracer would be evaluated before other arguments that have effects", "assign it to a variable first"}
			}
		}
	}
	if !busy {
		return nil
	}
	p, ok := l.pathOf(tracer)
	if ok && l.fixed(p) || !l.effectFree(tracer) {
		return nil
	}
	return &refusal{"an argument may change the tracer while the call is prepared", "assign it to a variable first"}
}

// fixed reports whether the calls among the arguments leave alone what p
// means.
func (l *legacyCall) fixed(p path) bool {
	objs := p.fields
	if !isLocal(p.root) {
		objs = append([]*types.Var{p.root}, objs...)
	}
	for _, v := range objs {
		if l.lasting(v) {
			continue
		}
		if d := l.definitionsOf(v); d.escapes || l.mayAssign(l.call, d) {
			return false
		}
	}
	if !isLocal(p.root) {
		return true
	}
	d := l.definitionsOf(p.root)
	if d.escapes {
		return len(p.fields) > 0
	}
	owner := l.at.fn.owner(p.root)
	if slices.ContainsFunc(d.all, func(def *definition) bool { return def.fn != owner }) {
		return false
	}
	return owner == l.at.fn || l.frozen(p.root, owner, l.at.fn)
}

// busy reports whether evaluating the arguments may do something.
func (l *legacyCall) busy() bool {
	return slices.ContainsFunc(l.call.Args, func(arg ast.Expr) bool { return !l.effectFree(arg) })
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

// value returns the finding about a legacy function that is used as a value.
func (c *checker) value(m *migration, cur inspector.Cursor, at site) *finding {
	e := ast.Unparen(cur.Node().(ast.Expr))
	refuse := func(reason, advice string) *finding {
		return newFinding(e, at, manual, fmt.Sprintf("honeyhive.%s is deprecated, and as a value needs a person: %s; %s", m.function, reason, advice))
	}
	l := &legacyCall{checker: c, migration: m, callee: e, at: at}
	switch {
	case isBlankAssignment(cur):
		return refuse("it is not used", "delete it")
	case !m.sameSignature():
		return refuse("the method's parameters differ", fmt.Sprintf("write a function that calls a tracer's %s", m.method))
	case at.fn == nil || at.fn.outermostIsLiteral():
		return refuse("no tracer is in reach of a package variable's initialiser", "set it where the tracer is made")
	}
	text, why := l.onlyTracer(nil)
	if text == "" {
		return refuse(why, fmt.Sprintf("write a function that calls honeyhive.TracerFromContext(ctx).%s", m.method))
	}
	if c.source(at.file) == nil || directive.IsCgo(at.file) {
		return refuse("the file cannot be edited", "make it "+text+"."+m.method)
	}
	f := newFinding(e, at, assumed, fmt.Sprintf("honeyhive.%s is deprecated: use the method value %s.%s, assuming that the only tracer in reach is the one meant",
		m.function, text, m.method))
	f.title = "Use " + text + "." + m.method
	f.edits, _ = l.calleeEdits(decision{rule: assumed, receiver: text})
	return f
}

// isBlankAssignment reports whether cur is only there to keep an import.
func isBlankAssignment(cur inspector.Cursor) bool {
	kind, i := cur.ParentEdge()
	switch kind {
	case edge.ValueSpec_Values:
		spec := cur.Parent().Node().(*ast.ValueSpec)
		return len(spec.Names) == len(spec.Values) && spec.Names[i].Name == "_"
	case edge.AssignStmt_Rhs:
		stmt := cur.Parent().Node().(*ast.AssignStmt)
		id, ok := stmt.Lhs[min(i, len(stmt.Lhs)-1)].(*ast.Ident)
		return ok && len(stmt.Lhs) == len(stmt.Rhs) && id.Name == "_"
	}
	return false
}

// strayTracer returns the finding about WithTracer where no legacy call shows.
func (c *checker) strayTracer(cur inspector.Cursor, at site) *finding {
	e := ast.Unparen(cur.Node().(ast.Expr))
	return newFinding(e, at, withTracer,
		"honeyhive.WithTracer is deprecated, and outside of a legacy call's arguments it needs a person: call the method on the tracer that it names")
}

// forwarded returns the finding about the use of a deprecated forwarder.
func (c *checker) forwarded(cur inspector.Cursor, fn *types.Func, fact forwarderFact, at site) *finding {
	qualifier := func(pkg *types.Package) string {
		if pkg == c.pass.Pkg {
			return ""
		}
		return pkg.Name()
	}
	name := fn.Name()
	if recv := fn.Signature().Recv(); recv != nil {
		name = "(" + types.TypeString(recv.Type(), qualifier) + ")." + name
	} else if pkg := qualifier(fn.Pkg()); pkg != "" {
		name = pkg + "." + name
	}
	method := fact.Legacy
	for _, m := range migrations {
		if m.function == fact.Legacy {
			method = m.method
		}
	}
	e := ast.Unparen(cur.Node().(ast.Expr))
	return newFinding(e, at, forwarder, fmt.Sprintf("%s is a deprecated forwarder to honeyhive.%s: call a tracer's %s, or honeyhive.TracerFromContext(ctx).%s",
		name, fact.Legacy, method, method))
}
