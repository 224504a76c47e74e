package deprecatedenrich

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"path/filepath"
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
			return decision{byContext, text, fmt.Sprintf("%s made the context%s", text, l.atLine(origins[0].at))}, nil
		}
	}
	only, why := l.onlyTracer(origins)
	if only == nil {
		return decision{rule: discovery, why: why}, nil
	}
	objection := l.objection(*only, origins)
	switch {
	case l.opts.Assume && objection == "":
		return decision{assumed, only.text, "the only tracer in reach is assumed to be the context's"}, nil
	case l.opts.Assume:
		return decision{rule: discovery, why: objection}, nil
	}
	why = "nothing proves that " + only.text + " is the context's tracer"
	if objection == "" {
		why += " (" + assumable + ")"
	}
	return decision{rule: discovery, why: why}, nil
}

// assumable is part of the message about a call that [Options].Assume would
// give a tracer by name.
const assumable = "-deprecatedenrich.assume would take it"

// onlyTracer returns the only tracer in reach, or why there is none or it cannot
// be the one that the call finds.
func (l *legacyCall) onlyTracer(origins []origin) (only *candidate, why string) {
	cands := l.inReach(l.at)
	for _, o := range origins {
		switch {
		case o.kind == experiment:
			return nil, "an experiment gives its task the context"
		case o.kind == carrier && !o.tracer.valid():
			return nil, fmt.Sprintf("the tracer that made the context%s has no certain name here", l.atLine(o.at))
		case o.kind == carrier && len(cands) == 1 && !l.sameTracer(o.tracer, cands[0].path, l.at):
			return nil, fmt.Sprintf("the context may carry another tracer than %s", cands[0].text)
		}
	}
	switch len(cands) {
	case 0:
		return nil, "no tracer is in reach"
	case 1:
		return &cands[0], ""
	}
	var names []string
	for _, cand := range cands {
		names = append(names, cand.text)
	}
	return nil, "several tracers are in reach, " + strings.Join(names, " and ")
}

// objection returns what speaks against taking the only tracer in reach for the
// one that discovery finds in a context of these origins, or "".
func (l *legacyCall) objection(only candidate, origins []origin) string {
	for _, o := range origins {
		switch o.kind {
		case foreign:
			return fmt.Sprintf("%s, which need not carry %s", o.why, only.text)
		case unknown:
			return fmt.Sprintf("it is not certain where the context comes from, and that it carries %s", only.text)
		}
	}
	switch {
	case !l.given(only.path):
		return fmt.Sprintf("nothing in this build gives %s a tracer", only.text)
	case l.speaksAgainst(l.at) != "":
		return l.speaksAgainst(l.at)
	case l.call != nil && l.busy() && !l.fixed(only.path):
		return fmt.Sprintf("an argument may change %s", only.text)
	}
	return ""
}

// atLine says where pos is as seen from the site, or nothing where that is not
// known.
func (l *legacyCall) atLine(pos token.Pos) string {
	if !pos.IsValid() {
		return ""
	}
	p := l.pass.Fset.Position(pos)
	if l.fileOf(pos) != l.at.file {
		return fmt.Sprintf(" at %s:%d", filepath.Base(p.Filename), p.Line)
	}
	return fmt.Sprintf(" at line %d", p.Line)
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
	return decision{explicit, text, "WithTracer names the tracer"}, nil
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
