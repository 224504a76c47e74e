package deprecatedenrich

import (
	"go/ast"
	"go/token"
	"go/types"

	"golang.org/x/tools/go/types/typeutil"

	"github.com/honeyhiveai/hhvet/internal/sdkapi"
)

// effectFree reports whether evaluating e only reads: moving it past such an
// expression changes nothing.
func (c *checker) effectFree(e ast.Expr) bool {
	free := true
	ast.Inspect(e, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false // making it does not run it
		case *ast.CallExpr:
			free = free && c.harmlessCall(n)
		case *ast.UnaryExpr:
			free = free && n.Op != token.ARROW
		}
		return free
	})
	return free
}

// harmlessCall reports whether call, its arguments aside, only computes.
func (c *checker) harmlessCall(call *ast.CallExpr) bool {
	if c.info.Types[call.Fun].IsType() {
		return true
	}
	switch fn := typeutil.Callee(c.info, call).(type) {
	case *types.Builtin:
		switch fn.Name() {
		case "len", "cap", "min", "max", "complex", "real", "imag", "make", "new":
			return true
		}
	case *types.Func:
		if sdkapi.IsPackage(fn.Pkg()) && fn.Signature().Recv() == nil {
			switch fn.Name() {
			case sdkapi.Error, sdkapi.WithTracer, sdkapi.TracerFromContext, sdkapi.DefaultTracer:
				return true
			}
		}
		return c.isAccessor(fn)
	}
	return false
}

// accessors are functions and methods of other packages that return the same
// context, or the holder of the same one, however often they are called.
var accessors = map[string]bool{
	"context.Background":                             true,
	"context.TODO":                                   true,
	"(*net/http.Request).Context":                    true,
	"(*testing.common).Context":                      true,
	"(testing.TB).Context":                           true,
	"(*github.com/spf13/cobra.Command).Context":      true,
	"(google.golang.org/grpc.ServerStream).Context":  true,
	"(google.golang.org/grpc.ClientStream).Context":  true,
	"(github.com/labstack/echo/v4.Context).Request":  true,
	"(*github.com/gofiber/fiber/v2.Ctx).UserContext": true,
}

// isAccessor reports whether fn takes nothing and only returns what it holds.
func (c *checker) isAccessor(fn *types.Func) bool {
	if fn.Signature().Params().Len() > 0 {
		return false
	}
	if accessors[fn.FullName()] {
		return true
	}
	decl := c.declarationOf(fn)
	if decl == nil || decl.Body == nil || len(decl.Body.List) != 1 {
		return false
	}
	ret, ok := decl.Body.List[0].(*ast.ReturnStmt)
	if !ok || len(ret.Results) != 1 {
		return false
	}
	_, ok = c.pathOf(ret.Results[0])
	return ok
}

// declarationOf returns fn's declaration, if it is in this package.
func (c *checker) declarationOf(fn *types.Func) *ast.FuncDecl {
	if fn == nil {
		return nil
	}
	return c.allDeclarations()[fn.Origin()]
}

// allDeclarations returns the declarations of the package's functions.
func (c *checker) allDeclarations() map[*types.Func]*ast.FuncDecl {
	if c.declarations == nil {
		c.declarations = make(map[*types.Func]*ast.FuncDecl)
		for _, file := range c.pass.Files {
			for _, decl := range file.Decls {
				if decl, ok := decl.(*ast.FuncDecl); ok {
					if fn, ok := c.info.Defs[decl.Name].(*types.Func); ok {
						c.declarations[fn] = decl
					}
				}
			}
		}
	}
	return c.declarations
}

// repeatable reports whether e, a context, is the same when evaluated twice
// in a row, at no cost to speak of.
func (c *checker) repeatable(e ast.Expr) bool {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		return true
	case *ast.SelectorExpr:
		if c.info.Selections[e] == nil {
			return true
		}
		return c.repeatable(e.X)
	case *ast.StarExpr:
		return c.repeatable(e.X)
	case *ast.IndexExpr:
		return c.repeatable(e.X) && c.repeatable(e.Index)
	case *ast.BasicLit:
		return true
	case *ast.TypeAssertExpr:
		return c.repeatable(e.X)
	case *ast.CallExpr:
		if len(e.Args) > 0 {
			return false
		}
		fn, ok := typeutil.Callee(c.info, e).(*types.Func)
		return ok && c.isAccessor(fn) && c.repeatable(e.Fun)
	}
	return false
}

// changesDiscovery reports whether what lies in n from pos on may change
// which tracer the SDK finds, directly or in functions of this package.
func (c *checker) changesDiscovery(n ast.Node, from token.Pos) bool {
	return c.changes(n, from, make(map[*types.Func]bool))
}

func (c *checker) changes(n ast.Node, from token.Pos, seen map[*types.Func]bool) bool {
	changes := false
	ast.Inspect(n, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		if !ok || changes || id.Pos() < from {
			return !changes
		}
		fn, ok := c.info.Uses[id].(*types.Func)
		if !ok {
			return true
		}
		if sdkapi.IsPackage(fn.Pkg()) {
			switch fn.Name() {
			case sdkapi.SetDefaultTracer, sdkapi.Shutdown:
				changes = true
			}
			return true
		}
		if decl := c.declarationOf(fn); decl != nil && decl.Body != nil && !seen[fn] {
			seen[fn] = true
			changes = c.changes(decl.Body, decl.Body.Pos(), seen)
		}
		return true
	})
	return changes
}
