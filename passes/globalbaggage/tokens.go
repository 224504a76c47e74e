package globalbaggage

import (
	"go/ast"
	"go/token"
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
//
// Lists of keys need not say baggage where they are declared: the last two are
// what such lists are called.
var Tokens = []string{"baggage", "hhvet:pertracer", "propagationkey", "propagatedkey"}

// mentions reports whether one of the tokens occurs in the files. It looks at
// what the syntax tree has of the source, so it never sees a word that a
// search of the bytes does not.
func mentions(files []*ast.File) bool {
	for _, f := range files {
		for _, group := range f.Comments {
			for _, c := range group.List {
				if hasToken(c.Text) {
					return true
				}
			}
		}
		found := false
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CommentGroup:
				return false
			case *ast.Ident:
				found = found || hasToken(n.Name)
			case *ast.BasicLit:
				found = found || n.Kind == token.STRING && hasToken(n.Value)
			}
			return !found
		})
		if found {
			return true
		}
	}
	return false
}

// hasToken does not allocate: it sees every identifier of every package.
func hasToken(s string) bool {
	for _, t := range Tokens {
		for i := 0; i+len(t) <= len(s); i++ {
			if s[i]|0x20 == t[0] && strings.EqualFold(s[i:i+len(t)], t) {
				return true
			}
		}
	}
	return false
}
