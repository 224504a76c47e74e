package fix

import (
	"go/ast"
	"go/parser"
	"go/token"

	"github.com/honeyhiveai/hhvet/internal/finding"
)

// local reports whether no other file of the build can notice the edits: they
// change function bodies and imports only.
func (e edits) local(sources map[string][]byte) bool {
	for file, list := range e {
		if !local(sources[file], list) {
			return false
		}
	}
	return true
}

func local(src []byte, list []finding.Edit) bool {
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, "", src, parser.SkipObjectResolution)
	if err != nil {
		return false
	}
	offset := func(pos token.Pos) int { return fset.File(f.FileStart).Offset(pos) }
	inside := func(e finding.Edit) bool {
		// Imports stand between the package's name and all other declarations.
		end := offset(f.Name.End())
		for _, decl := range f.Decls {
			switch decl := decl.(type) {
			case *ast.GenDecl:
				if decl.Tok == token.IMPORT {
					end = offset(decl.End())
				}
			case *ast.FuncDecl:
				if decl.Body != nil && e.Start > offset(decl.Body.Lbrace) && e.End <= offset(decl.Body.Rbrace) {
					return true
				}
			}
		}
		return e.Start >= offset(f.Name.End()) && e.End <= end+1
	}
	for _, e := range list {
		if !inside(e) {
			return false
		}
	}
	return true
}
