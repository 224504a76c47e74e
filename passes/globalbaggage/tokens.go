package globalbaggage

import (
	"go/ast"
	"strings"
)

// Tokens are words of which at least one occurs in the source of every package
// that has a finding or a fact of its own. They are compared without regard to
// letter case, anywhere in the bytes of the package's Go files: identifiers,
// import paths, literals and comments alike.
//
// A package without any of them still needs to be analysed where it uses an
// object that carries a fact, and so mentions that object's name: a function,
// a method, a variable, a constant or a struct field.
var Tokens = []string{"baggage", "propagat", "hhvet:pertracer"}

// mentions reports whether one of the tokens occurs in the files. It looks at
// what the syntax tree has of the source, so it never sees a word that a
// search of the bytes does not.
func mentions(files []*ast.File) bool {
	has := func(s string) bool {
		s = strings.ToLower(s)
		for _, t := range Tokens {
			if strings.Contains(s, t) {
				return true
			}
		}
		return false
	}
	for _, f := range files {
		found := false
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.Ident:
				found = found || has(n.Name)
			case *ast.BasicLit:
				found = found || has(n.Value)
			case *ast.Comment:
				found = found || has(n.Text)
			}
			return !found
		})
		if !found {
			for _, group := range f.Comments {
				for _, c := range group.List {
					found = found || has(c.Text)
				}
			}
		}
		if found {
			return true
		}
	}
	return false
}
