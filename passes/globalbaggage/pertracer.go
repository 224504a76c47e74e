package globalbaggage

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/honeyhiveai/hhvet/internal/directive"
)

const perTracerDirective = "//hhvet:pertracer"

// annotateFile reads f's //hhvet:pertracer comments. One stands at the end of
// a line, or on the line above, and marks the constants, variables and fields
// that are declared there.
func (c *checker) annotateFile(f *ast.File) {
	file := c.pass.Fset.File(f.FileStart)
	lines := make(map[int]*ast.Comment)
	for _, group := range f.Comments {
		for _, comment := range group.List {
			rest, ok := strings.CutPrefix(comment.Text, perTracerDirective)
			if ok && (rest == "" || rest[0] == ' ' || rest[0] == '\t') {
				lines[file.Line(comment.Pos())] = comment
			}
		}
	}
	if len(lines) == 0 {
		return
	}
	used := make(map[*ast.Comment]bool)
	mark := func(decl ast.Node, doc *ast.CommentGroup, names ...*ast.Ident) {
		var comment *ast.Comment
		line := file.Line(decl.Pos())
		for _, l := range []int{line, file.Line(decl.End()), line - 1} {
			// The line above counts only if the comment is alone on it.
			if cm := lines[l]; cm != nil && comment == nil && (l != line-1 || c.alone(file, cm)) {
				comment = cm
			}
		}
		if doc != nil {
			for _, cm := range doc.List {
				if lines[file.Line(cm.Pos())] == cm {
					comment = cm
				}
			}
		}
		if comment == nil {
			return
		}
		used[comment] = true
		for _, name := range names {
			c.annotate(c.info.Defs[name])
		}
	}
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.GenDecl:
			if n.Tok != token.CONST && n.Tok != token.VAR {
				return true
			}
			for _, spec := range n.Specs {
				spec := spec.(*ast.ValueSpec)
				doc := spec.Doc
				if doc == nil && !n.Lparen.IsValid() {
					doc = n.Doc
				}
				mark(spec, doc, spec.Names...)
			}
		case *ast.StructType:
			for _, field := range n.Fields.List {
				mark(field, field.Doc, field.Names...)
			}
		case *ast.AssignStmt:
			if n.Tok == token.DEFINE {
				var names []*ast.Ident
				for _, lhs := range n.Lhs {
					if id, ok := lhs.(*ast.Ident); ok && isStringType(c.info.TypeOf(id)) {
						names = append(names, id)
					}
				}
				if len(names) > 0 {
					mark(n, nil, names...)
				}
			}
		}
		return true
	})
	for _, comment := range lines {
		if !used[comment] {
			c.directives.Report(analysis.Diagnostic{
				Pos:      comment.Pos(),
				End:      comment.End(),
				Category: directive.Category,
				Message:  perTracerDirective + " has no effect here. Put it on the declaration of a constant, a variable or a struct field",
			})
		}
	}
}

func (c *checker) annotate(obj types.Object) {
	if obj == nil {
		return
	}
	c.facts.annotated[obj] = true
	fact := new(perTracer)
	if k, ok := obj.(*types.Const); ok && k.Val().Kind() == constant.String {
		fact.Value = constant.StringVal(k.Val())
		c.keys.annotated[fact.Value] = true
	}
	if obj.Exported() && (obj.Parent() == c.pkg.Scope() || obj.Parent() == nil) {
		c.pass.ExportObjectFact(obj, fact)
	}
}

// alone reports whether only white space stands before the comment.
func (c *checker) alone(file *token.File, comment *ast.Comment) bool {
	src, err := c.pass.ReadFile(file.Name())
	if err != nil {
		return false
	}
	start, end := file.Offset(file.LineStart(file.Line(comment.Pos()))), file.Offset(comment.Pos())
	return end <= len(src) && strings.TrimSpace(string(src[start:end])) == ""
}
