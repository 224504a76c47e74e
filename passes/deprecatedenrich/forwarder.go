package deprecatedenrich

import (
	"go/ast"
	"go/types"
	"strings"

	"golang.org/x/tools/go/types/typeutil"

	"github.com/honeyhiveai/hhvet/internal/sdkapi"
)

// A forwarderFact marks a function that is deprecated itself and only
// forwards to a legacy function. It is left alone; its callers are reported.
type forwarderFact struct {
	Legacy string // the legacy function of package honeyhive
}

func (*forwarderFact) AFact() {}

func (f *forwarderFact) String() string { return "forwards to honeyhive." + f.Legacy }

// findForwarders exports a fact for each deprecated forwarder of the package
// and returns their declarations. A forwarder may forward to another one.
func (c *checker) findForwarders() map[*ast.FuncDecl]bool {
	var deprecated []*ast.FuncDecl
	for _, file := range c.pass.Files {
		for _, decl := range file.Decls {
			if decl, ok := decl.(*ast.FuncDecl); ok && decl.Body != nil && isDeprecated(decl.Doc) {
				deprecated = append(deprecated, decl)
			}
		}
	}
	found := make(map[*ast.FuncDecl]bool)
	for more := true; more; {
		more = false
		for _, decl := range deprecated {
			if found[decl] {
				continue
			}
			legacy := c.forwardsTo(decl)
			if legacy == "" {
				continue
			}
			fn, ok := c.info.Defs[decl.Name].(*types.Func)
			if !ok {
				continue
			}
			c.pass.ExportObjectFact(fn, &forwarderFact{Legacy: legacy})
			found[decl] = true
			more = true
		}
	}
	return found
}

// isDeprecated reports whether doc has a paragraph that starts with
// "Deprecated:", as go.dev/wiki/Deprecated describes.
func isDeprecated(doc *ast.CommentGroup) bool {
	for paragraph := range strings.SplitSeq(doc.Text(), "\n\n") {
		if strings.HasPrefix(paragraph, "Deprecated:") {
			return true
		}
	}
	return false
}

// forwardsTo returns the legacy function that decl only forwards to, or "".
func (c *checker) forwardsTo(decl *ast.FuncDecl) string {
	if len(decl.Body.List) != 1 {
		return ""
	}
	var e ast.Expr
	switch stmt := decl.Body.List[0].(type) {
	case *ast.ExprStmt:
		e = stmt.X
	case *ast.ReturnStmt:
		if len(stmt.Results) == 1 {
			e = stmt.Results[0]
		}
	case *ast.AssignStmt:
		if id, ok := stmt.Lhs[0].(*ast.Ident); ok && id.Name == "_" && len(stmt.Lhs) == 1 {
			e = stmt.Rhs[0]
		}
	}
	call, ok := ast.Unparen(e).(*ast.CallExpr)
	if !ok {
		return ""
	}
	for _, arg := range call.Args {
		if !c.effectFree(arg) {
			return ""
		}
	}
	fn, ok := typeutil.Callee(c.info, call).(*types.Func)
	if !ok {
		return ""
	}
	if m := c.migrationOf(fn); m != nil {
		return m.function
	}
	if fact, ok := c.forwarder(fn); ok {
		return fact.Legacy
	}
	return ""
}

// forwarder returns the fact about fn, if it is a deprecated forwarder.
func (c *checker) forwarder(fn *types.Func) (forwarderFact, bool) {
	var fact forwarderFact
	if fn.Pkg() == nil || sdkapi.IsPackage(fn.Pkg()) {
		return fact, false
	}
	return fact, c.pass.ImportObjectFact(fn.Origin(), &fact)
}
