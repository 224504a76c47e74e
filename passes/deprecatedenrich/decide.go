package deprecatedenrich

import (
	"fmt"
	"go/ast"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/ast/edge"
	"golang.org/x/tools/go/ast/inspector"
	"golang.org/x/tools/go/types/typeutil"

	"github.com/honeyhiveai/hhvet/internal/astedit"
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
			return "", "the context carries a tracer that has no certain name here"
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
