// Package scope answers what a name means at a place in a file, for fixes
// that write names.
package scope

import (
	"go/ast"
	"go/token"
	"go/types"
)

// Lookup returns the object that name denotes at pos in file, or nil.
func Lookup(info *types.Info, file *ast.File, name string, pos token.Pos) types.Object {
	fileScope := info.Scopes[file]
	if fileScope == nil {
		return nil
	}
	inner := fileScope.Innermost(pos)
	if inner == nil {
		inner = fileScope
	}
	_, obj := inner.LookupParent(name, pos)
	return obj
}

// Denotes reports whether obj can be written by its bare name at pos in file:
// it is declared there already, and nothing shadows it.
func Denotes(info *types.Info, file *ast.File, obj types.Object, pos token.Pos) bool {
	name := obj.Name()
	return name != "" && name != "_" && Lookup(info, file, name, pos) == obj
}

// Variables returns the variables that can be written by their bare name at
// pos in file, innermost first and sorted by name within a block. Those of
// the package's own block are left out.
func Variables(info *types.Info, file *ast.File, pos token.Pos) []*types.Var {
	fileScope := info.Scopes[file]
	if fileScope == nil {
		return nil
	}
	var vars []*types.Var
	for s := fileScope.Innermost(pos); s != nil && s != fileScope && s != fileScope.Parent(); s = s.Parent() {
		for _, name := range s.Names() {
			if v, ok := s.Lookup(name).(*types.Var); ok && Denotes(info, file, v, pos) {
				vars = append(vars, v)
			}
		}
	}
	return vars
}

// IsBuiltin reports whether name has its predeclared meaning at pos in file.
func IsBuiltin(info *types.Info, file *ast.File, name string, pos token.Pos) bool {
	return Lookup(info, file, name, pos) == types.Universe.Lookup(name)
}
