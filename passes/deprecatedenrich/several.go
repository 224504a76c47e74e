package deprecatedenrich

import (
	"go/ast"
	"go/token"
	"go/types"

	"golang.org/x/tools/go/ast/edge"
	"golang.org/x/tools/go/ast/inspector"
	"golang.org/x/tools/go/types/typeutil"

	"github.com/honeyhiveai/hhvet/internal/sdkapi"
)

// severalTracers reports whether the package visibly handles more than one
// tracer: then one in reach need not be the one that is meant.
func (c *checker) severalTracers(at site) bool {
	tests := c.inTest(at.pos)
	several, known := c.several[tests]
	if !known {
		several = c.makesSeveral() || c.holdsSeveral(tests)
		c.several[tests] = several
	}
	return several
}

// makesSeveral reports whether honeyhive.New is called in more than one place
// outside tests, or in a loop.
func (c *checker) makesSeveral() bool {
	calls := 0
	for cur := range c.inspector.Root().Preorder((*ast.CallExpr)(nil)) {
		call := cur.Node().(*ast.CallExpr)
		fn := typeutil.StaticCallee(c.info, call)
		if fn == nil || fn.Name() != sdkapi.New || !sdkapi.IsPackage(fn.Pkg()) || c.inTest(call.Pos()) {
			continue
		}
		if calls++; calls > 1 || inLoop(cur) {
			return true
		}
	}
	return false
}

func inLoop(cur inspector.Cursor) bool {
	for c := cur; c.Node() != nil; c = c.Parent() {
		switch c.ParentEdgeKind() {
		case edge.ForStmt_Body, edge.RangeStmt_Body:
			return true
		case edge.FuncDecl_Body:
			return false
		}
	}
	return false
}

// holdsSeveral reports whether the package mentions a slice, array, map or
// channel of tracers, or of structs that hold one.
func (c *checker) holdsSeveral(tests bool) bool {
	counts := func(pos token.Pos) bool { return tests || !c.inTest(pos) }
	for id, obj := range c.info.Defs {
		if v, ok := obj.(*types.Var); ok && isCollection(v.Type()) && counts(id.Pos()) {
			return true
		}
	}
	for e, tv := range c.info.Types {
		if (tv.IsType() || tv.IsValue()) && isCollection(tv.Type) && counts(e.Pos()) {
			return true
		}
	}
	return false
}

// isCollection looks a few levels into t; types may be recursive.
func isCollection(t types.Type) bool { return collects(t, 3) }

func collects(t types.Type, depth int) bool {
	if t == nil || depth == 0 {
		return false
	}
	holds := func(t types.Type) bool { return holdsTracer(t) || collects(t, depth-1) }
	switch t := t.Underlying().(type) {
	case *types.Slice:
		return holds(t.Elem())
	case *types.Array:
		return holds(t.Elem())
	case *types.Chan:
		return holds(t.Elem())
	case *types.Map:
		return holds(t.Key()) || holds(t.Elem())
	}
	return false
}

func holdsTracer(t types.Type) bool {
	if sdkapi.IsTracerPointer(t) {
		return true
	}
	s := structOf(t)
	if s == nil {
		return false
	}
	for f := range s.Fields() {
		if sdkapi.IsTracerPointer(f.Type()) {
			return true
		}
	}
	return false
}
