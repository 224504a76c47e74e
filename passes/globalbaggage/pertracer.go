package globalbaggage

import (
	"cmp"
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
	m := c.marksOf(f)
	if len(m.lines) == 0 {
		return
	}
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.GenDecl:
			if n.Tok != token.CONST && n.Tok != token.VAR {
				break
			}
			for _, spec := range n.Specs {
				spec := spec.(*ast.ValueSpec)
				doc := spec.Doc
				if doc == nil && !n.Lparen.IsValid() {
					doc = n.Doc
				}
				c.annotateMarked(m, spec, doc, spec.Names)
			}
		case *ast.StructType:
			for _, field := range n.Fields.List {
				c.annotateMarked(m, field, field.Doc, field.Names)
			}
		case *ast.AssignStmt:
			if n.Tok != token.DEFINE {
				break
			}
			var names []*ast.Ident
			for _, lhs := range n.Lhs {
				if id, ok := lhs.(*ast.Ident); ok && isStringType(c.info.TypeOf(id)) {
					names = append(names, id)
				}
			}
			if len(names) > 0 {
				c.annotateMarked(m, n, nil, names)
			}
		}
		return true
	})
	for _, comment := range m.lines {
		if !m.used[comment] {
			c.directives.Report(analysis.Diagnostic{
				Pos:      comment.Pos(),
				End:      comment.End(),
				Category: directive.Category,
				Message:  perTracerDirective + " has no effect here. Put it on the declaration of a constant, a variable or a struct field",
			})
		}
	}
}

// marks are a file's //hhvet:pertracer comments.
type marks struct {
	file  *token.File
	lines map[int]*ast.Comment
	used  map[*ast.Comment]bool
}

func (c *checker) marksOf(f *ast.File) marks {
	m := marks{c.pass.Fset.File(f.FileStart), make(map[int]*ast.Comment), make(map[*ast.Comment]bool)}
	for _, group := range f.Comments {
		for _, comment := range group.List {
			rest, ok := strings.CutPrefix(comment.Text, perTracerDirective)
			if ok && (rest == "" || rest[0] == ' ' || rest[0] == '\t') {
				m.lines[m.file.Line(comment.Pos())] = comment
			}
		}
	}
	return m
}

// annotateMarked annotates the names that decl declares, if it has a mark.
func (c *checker) annotateMarked(m marks, decl ast.Node, doc *ast.CommentGroup, names []*ast.Ident) {
	comment := c.markOn(m, decl, doc)
	if comment == nil {
		return
	}
	m.used[comment] = true
	for _, name := range names {
		c.annotate(c.info.Defs[name])
	}
}

// markOn returns the mark in decl's doc comment, on its lines, or alone on the
// line above.
func (c *checker) markOn(m marks, decl ast.Node, doc *ast.CommentGroup) *ast.Comment {
	if doc != nil {
		for _, comment := range doc.List {
			if m.lines[m.file.Line(comment.Pos())] == comment {
				return comment
			}
		}
	}
	first := m.file.Line(decl.Pos())
	if comment := cmp.Or(m.lines[first], m.lines[m.file.Line(decl.End())]); comment != nil {
		return comment
	}
	if above := m.lines[first-1]; above != nil && c.alone(m.file, above) {
		return above
	}
	return nil
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
