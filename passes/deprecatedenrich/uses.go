package deprecatedenrich

import (
	"fmt"
	"go/ast"
	"go/types"

	"golang.org/x/tools/go/ast/edge"
	"golang.org/x/tools/go/ast/inspector"

	"github.com/honeyhiveai/hhvet/internal/directive"
)

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
	only, why := l.onlyTracer(nil)
	switch {
	case only == nil:
	case !l.opts.Assume:
		why = "nothing proves which tracer it would find"
	case !c.onlyCalledHere(cur):
		why = "other code may call it"
	default:
		why = l.objection(*only, nil)
	}
	if why != "" {
		return refuse(why, fmt.Sprintf("write a function that calls honeyhive.TracerFromContext(ctx).%s", m.method))
	}
	text := only.text
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
