package deprecatedenrich

import (
	"go/ast"
	"go/build/constraint"
	"go/token"
	"go/types"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/tools/go/ast/edge"
	"golang.org/x/tools/go/ast/inspector"

	"github.com/honeyhiveai/hhvet/internal/sdkapi"
)

// packageTracers returns the package's variables of the tracer's type.
func (c *checker) packageTracers() []*types.Var {
	if c.variables == nil {
		c.variables = []*types.Var{}
		pkg := c.pass.Pkg.Scope()
		for _, name := range pkg.Names() {
			if v, ok := pkg.Lookup(name).(*types.Var); ok && sdkapi.IsTracerPointer(v.Type()) {
				c.variables = append(c.variables, v)
			}
		}
	}
	return c.variables
}

// packageVariableUsable reports whether a fix at the site may mention v.
func (c *checker) packageVariableUsable(v *types.Var, at site) bool {
	if at.fn == nil || at.fn.outermostIsLiteral() {
		return false // another variable's initialiser: v may not be ready, or depend on it
	}
	file := c.fileOf(v.Pos())
	switch {
	case file == at.file:
	case file == nil || c.inTest(v.Pos()) && !c.inTest(at.pos):
		return false // the package without its tests has no such variable
	case c.constrained(file):
		return false // nor has every build
	}
	if !c.everAssigned(v, at) {
		return false // it is nil, and its methods do nothing
	}
	// A variable with an initialiser must not become one that a function
	// needs which initialisers call.
	defs := c.definitionsOf(v)
	initialised := slices.ContainsFunc(defs.all, func(d *definition) bool { return d.fn == nil && d.value != nil })
	decl := outermost(at.fn).node.(*ast.FuncDecl)
	fn, _ := c.info.Defs[decl.Name].(*types.Func)
	return !initialised || !c.initialising()[fn]
}

// everAssigned reports whether something gives v, a variable or field, a tracer
// in each build of the package that has the site.
func (c *checker) everAssigned(v *types.Var, at site) bool {
	if v.Pkg() != c.pass.Pkg || v.Exported() && !c.isCommand() {
		return true // other packages may
	}
	here := func(pos token.Pos) bool {
		file := c.fileOf(pos)
		return file == at.file || (!c.inTest(pos) || c.inTest(at.pos)) && !c.constrained(file)
	}
	if slices.ContainsFunc(c.definitionsOf(v).all, func(d *definition) bool { return !d.zero && here(d.pos) }) {
		return true
	}
	for _, use := range c.usesOf(v) {
		if use.ParentEdgeKind() == edge.SelectorExpr_Sel {
			use = use.Parent()
		}
		kind := unparen(use).ParentEdgeKind()
		if (kind == edge.UnaryExpr_X && c.takesAddress(unparen(use)) || kind == edge.KeyValueExpr_Key) && here(use.Node().Pos()) {
			return true
		}
	}
	return v.IsField() && c.unkeyed(v, here)
}

func (c *checker) takesAddress(cur inspector.Cursor) bool {
	e, ok := cur.Parent().Node().(*ast.UnaryExpr)
	return ok && e.Op == token.AND
}

// unkeyed reports whether a literal without field names makes a struct that has
// the field v.
func (c *checker) unkeyed(v *types.Var, here func(token.Pos) bool) bool {
	for cur := range c.inspector.Root().Preorder((*ast.CompositeLit)(nil)) {
		lit := cur.Node().(*ast.CompositeLit)
		if len(lit.Elts) == 0 || !here(lit.Pos()) {
			continue
		}
		if _, keyed := lit.Elts[0].(*ast.KeyValueExpr); keyed {
			continue
		}
		s := structOf(c.info.TypeOf(lit))
		if s == nil {
			continue
		}
		for f := range s.Fields() {
			if f.Origin() == v {
				return true
			}
		}
	}
	return false
}

// given reports whether something gives p's last variable or field a tracer.
func (l *legacyCall) given(p path) bool {
	if len(p.fields) > 0 {
		return l.everAssigned(p.fields[len(p.fields)-1], l.at)
	}
	return isLocal(p.root) || l.everAssigned(p.root, l.at)
}

func (f *function) outermostIsLiteral() bool {
	_, decl := outermost(f).node.(*ast.FuncDecl)
	return !decl
}

func (c *checker) fileOf(pos token.Pos) *ast.File {
	for _, f := range c.pass.Files {
		if f.FileStart <= pos && pos <= f.FileEnd {
			return f
		}
	}
	return nil
}

func (c *checker) inTest(pos token.Pos) bool {
	return strings.HasSuffix(c.pass.Fset.Position(pos).Filename, "_test.go")
}

// constrained reports whether file is left out of some builds.
func (c *checker) constrained(file *ast.File) bool {
	for _, group := range file.Comments {
		if group.Pos() > file.Package {
			break
		}
		for _, comment := range group.List {
			if constraint.IsGoBuild(comment.Text) || constraint.IsPlusBuild(comment.Text) {
				return true
			}
		}
	}
	name := strings.TrimSuffix(filepath.Base(c.pass.Fset.File(file.FileStart).Name()), ".go")
	words := strings.Split(strings.TrimSuffix(name, "_test"), "_")
	return len(words) > 1 && slices.ContainsFunc(words[1:], func(w string) bool { return platforms[w] })
}

// initialising returns the functions that the initialisers of the package's
// variables refer to, directly or through other functions and variables.
func (c *checker) initialising() map[*types.Func]bool {
	if c.initialisers != nil {
		return c.initialisers
	}
	c.initialisers = make(map[*types.Func]bool)
	bodies := make(map[*types.Func]ast.Node)
	var todo []ast.Node
	for _, file := range c.pass.Files {
		for _, decl := range file.Decls {
			switch decl := decl.(type) {
			case *ast.FuncDecl:
				if fn, ok := c.info.Defs[decl.Name].(*types.Func); ok && decl.Body != nil {
					bodies[fn] = decl.Body
				}
			case *ast.GenDecl:
				if decl.Tok == token.VAR {
					todo = append(todo, decl)
				}
			}
		}
	}
	for len(todo) > 0 {
		n := todo[0]
		todo = todo[1:]
		ast.Inspect(n, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok {
				if fn, ok := c.info.Uses[id].(*types.Func); ok && !c.initialisers[fn.Origin()] && bodies[fn.Origin()] != nil {
					c.initialisers[fn.Origin()] = true
					todo = append(todo, bodies[fn.Origin()])
				}
			}
			return true
		})
	}
	return c.initialisers
}
