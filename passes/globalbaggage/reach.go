package globalbaggage

import (
	"go/ast"
	"go/token"
	"go/types"
)

// reaching returns the definitions of v that can reach its use at n, and
// whether its value on entry to the function can.
//
// Within one function this follows the structure of the statements. What a
// closure shares with its surroundings, and functions with goto, keep all
// definitions of the variable.
func (ix *index) reaching(v *types.Var, n ast.Node) (defs []*definition, entry bool) {
	_, isParam := ix.params[v]
	if !ix.ordered(v, n) {
		return ix.defs[v], isParam
	}
	fn := ix.function(n)
	for cur := n; cur != fn; cur = ix.parent[cur] {
		parent := ix.parent[cur]
		if kill := ix.preceding(v, parent, cur, n, &defs); kill {
			return defs, false
		}
	}
	return defs, isParam
}

// ordered reports whether it is known in which order v's definitions and its
// use at n run.
func (ix *index) ordered(v *types.Var, n ast.Node) bool {
	all := ix.defs[v]
	p, isParam := ix.params[v]
	fn := ix.function(n)
	local := fn != nil && (isParam && p.fn == fn || !isParam && len(all) > 0 && ix.function(all[0].node) == fn)
	for _, d := range all {
		local = local && ix.function(d.node) == fn
	}
	return local && !hasGoto(body(fn))
}

// preceding adds v's definitions that stand in parent and run before cur. It
// reports whether one of them runs on every path.
func (ix *index) preceding(v *types.Var, parent, cur, use ast.Node, defs *[]*definition) (kill bool) {
	for _, s := range before(parent, cur) {
		if ix.defines(v, s, defs) {
			return true
		}
	}
	switch p := parent.(type) {
	case *ast.IfStmt:
		return cur != p.Init && ix.defines(v, p.Init, defs)
	case *ast.SwitchStmt:
		return cur != p.Init && ix.defines(v, p.Init, defs)
	case *ast.TypeSwitchStmt:
		return cur != p.Init && ix.defines(v, p.Init, defs)
	case *ast.CaseClause:
		for _, d := range ix.defs[v] {
			if d.node == p {
				*defs = append(*defs, d)
				return true
			}
		}
	case *ast.CommClause:
		return cur != p.Comm && ix.defines(v, p.Comm, defs)
	case *ast.ForStmt:
		if cur != p.Init {
			ix.later(v, p, use, defs)
		}
		return cur != p.Init && ix.defines(v, p.Init, defs)
	case *ast.RangeStmt:
		if cur == p.X {
			return false
		}
		for _, d := range ix.defs[v] {
			if d.node == p {
				*defs = append(*defs, d)
				return true
			}
		}
		ix.later(v, p, use, defs)
	}
	return false
}

// later adds the definitions in a loop that run after the use and so reach it
// in the next iteration.
func (ix *index) later(v *types.Var, loop, use ast.Node, defs *[]*definition) {
	for _, d := range ix.defs[v] {
		if within(d.node, loop) && d.node.Pos() >= use.Pos() {
			*defs = append(*defs, d)
		}
	}
}

// defines adds v's definitions in s that can run and leave it by its end. It
// reports whether s defines v on every path.
func (ix *index) defines(v *types.Var, s ast.Stmt, defs *[]*definition) (kill bool) {
	switch s := s.(type) {
	case nil:
		return false
	case *ast.AssignStmt, *ast.DeclStmt, *ast.IncDecStmt:
		kill := false
		for _, d := range ix.defs[v] {
			if within(d.node, s) {
				*defs = append(*defs, d)
				kill = true
			}
		}
		return kill
	case *ast.BlockStmt:
		for i := len(s.List) - 1; i >= 0; i-- {
			if ix.defines(v, s.List[i], defs) {
				return true
			}
		}
		return false
	case *ast.IfStmt:
		kill := false
		bodyLeaves, elseLeaves := leaves(s.Body), false
		if block, ok := s.Else.(*ast.BlockStmt); ok {
			elseLeaves = leaves(block)
		}
		inBody := bodyLeaves || ix.defines(v, s.Body, defs)
		inElse := elseLeaves || s.Else != nil && ix.defines(v, s.Else, defs)
		kill = inBody && inElse
		return kill || ix.defines(v, s.Init, defs)
	case *ast.SwitchStmt:
		kill := s.Body != nil
		hasDefault := false
		for _, c := range s.Body.List {
			clause := c.(*ast.CaseClause)
			hasDefault = hasDefault || clause.List == nil
			block := &ast.BlockStmt{List: clause.Body}
			if !leaves(block) && !ix.defines(v, block, defs) {
				kill = false
			}
		}
		return kill && hasDefault || ix.defines(v, s.Init, defs)
	default:
		for _, d := range ix.defs[v] {
			if within(d.node, s) {
				*defs = append(*defs, d)
			}
		}
		return false
	}
}

// leaves reports whether control never passes the end of the block into the
// statement after it, but returns or panics.
func leaves(b *ast.BlockStmt) bool {
	if b == nil || len(b.List) == 0 {
		return false
	}
	switch s := b.List[len(b.List)-1].(type) {
	case *ast.ReturnStmt:
		return true
	case *ast.ExprStmt:
		if call, ok := s.X.(*ast.CallExpr); ok {
			id, ok := call.Fun.(*ast.Ident)
			return ok && id.Name == "panic"
		}
	}
	return false
}

// skips is like leaves, and also counts what goes on with the next iteration
// or leaves a loop.
func skips(b *ast.BlockStmt) bool {
	if leaves(b) {
		return true
	}
	if b == nil || len(b.List) == 0 {
		return false
	}
	s, ok := b.List[len(b.List)-1].(*ast.BranchStmt)
	return ok && (s.Tok == token.CONTINUE || s.Tok == token.BREAK || s.Tok == token.GOTO)
}

func hasGoto(b *ast.BlockStmt) bool {
	found := false
	if b != nil {
		ast.Inspect(b, func(n ast.Node) bool {
			if s, ok := n.(*ast.BranchStmt); ok && s.Tok == token.GOTO {
				found = true
			}
			return !found
		})
	}
	return found
}
