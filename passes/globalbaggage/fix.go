package globalbaggage

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strconv"

	"golang.org/x/tools/go/analysis"
)

// A removal is a fix that only deletes text. The fixer decides about all of
// a package's removals together, so that no variable or import is left
// without a use when all of them are applied.
type removal struct {
	message string
	edits   []analysis.TextEdit
}

type fixer struct {
	*checker
	removals map[*finding]*removal
}

func newFixer(c *checker) *fixer {
	x := &fixer{checker: c, removals: make(map[*finding]*removal)}
	for _, f := range c.findings {
		if r := x.entry(f); r != nil {
			x.removals[f] = r
		} else if r := x.member(f); r != nil {
			x.removals[f] = r
		}
	}
	x.keepUsed()
	return x
}

func (x *fixer) fix(f *finding) (analysis.SuggestedFix, bool) {
	r := x.removals[f]
	if r == nil {
		return analysis.SuggestedFix{}, false
	}
	return analysis.SuggestedFix{Message: r.message, TextEdits: r.edits}, true
}

// keepUsed gives up removals that would leave a local variable or an import
// without its last use.
func (x *fixer) keepUsed() {
	for {
		// All that share a last use go at once: which of them came first
		// must not matter.
		var drop []*finding
		for f, r := range x.removals {
			if x.lastUse(r) {
				drop = append(drop, f)
			}
		}
		if len(drop) == 0 {
			return
		}
		for _, f := range drop {
			delete(x.removals, f)
		}
	}
}

func (x *fixer) lastUse(r *removal) bool {
	for obj, uses := range x.uses {
		switch o := obj.(type) {
		case *types.PkgName:
		case *types.Var:
			_, isParam := x.params[o]
			if isParam || o.IsField() || o.Pkg() != x.pkg || o.Parent() == x.pkg.Scope() || covers(r.edits, o.Pos()) {
				continue
			}
		default:
			continue
		}
		touched := slices.ContainsFunc(uses, func(id *ast.Ident) bool { return covers(r.edits, id.Pos()) })
		if touched && !slices.ContainsFunc(uses, x.survives) {
			return true
		}
	}
	return false
}

func (x *fixer) survives(id *ast.Ident) bool {
	// Being assigned to is not a use.
	if assign, ok := x.parent[id].(*ast.AssignStmt); ok && slices.Contains(assign.Lhs, ast.Expr(id)) {
		return false
	}
	for _, r := range x.removals {
		if covers(r.edits, id.Pos()) {
			return false
		}
	}
	return true
}

func covers(edits []analysis.TextEdit, pos token.Pos) bool {
	return slices.ContainsFunc(edits, func(e analysis.TextEdit) bool { return e.Pos <= pos && pos < e.End })
}

// entry removes an element of a list that has no other use than to decide
// what enters baggage:
//
//	"run_id":  true,
//	"project": true,
//	---------------
func (x *fixer) entry(f *finding) *removal {
	if len(f.bad) != 1 || f.sink.Kind == copied {
		return nil
	}
	j := f.bad[0]
	var list []ast.Expr
	var end token.Pos
	switch l := j.list.(type) {
	case *ast.CompositeLit:
		if !x.onlyDecides(l) {
			return nil
		}
		list, end = l.Elts, l.Rbrace
	case *ast.CaseClause:
		list, end = l.List, l.Colon
	default:
		return nil
	}
	i := slices.IndexFunc(list, func(e ast.Expr) bool { return within(j.elem, e) })
	if i < 0 || x.hasEffect(list[i]) {
		return nil
	}
	bad := x.badEntries(j.list, list)
	if _, ok := j.list.(*ast.CaseClause); ok && !slices.Contains(bad, false) {
		return nil // a case needs an expression
	}
	if lit, ok := j.list.(*ast.CompositeLit); ok {
		if _, isArray := x.info.TypeOf(lit).Underlying().(*types.Array); isArray {
			return nil // its length is part of its type
		}
	}
	edit, ok := x.elementEdit(list, i, bad, end)
	if !ok {
		return nil
	}
	return &removal{"Delete the entry " + strconv.Quote(j.text), []analysis.TextEdit{edit}}
}

// badEntries says which elements of a list are reported.
func (x *fixer) badEntries(node ast.Node, list []ast.Expr) []bool {
	bad := make([]bool, len(list))
	for _, f := range x.findings {
		for _, j := range f.bad {
			if j.list != node {
				continue
			}
			for i, e := range list {
				bad[i] = bad[i] || within(j.elem, e)
			}
		}
	}
	return bad
}

// elementEdit deletes list[i] and one comma. Elements in front of the first
// that stays take the comma behind them and the others the one before, so
// that the edits of neighbours do not overlap.
func (x *fixer) elementEdit(list []ast.Expr, i int, bad []bool, end token.Pos) (analysis.TextEdit, bool) {
	file := x.pass.Fset.File(list[i].Pos())
	line := func(p token.Pos) int { return file.Line(p) }
	first, last := line(list[i].Pos()), line(list[i].End())
	alone := (i == 0 || line(list[i-1].End()) < first) && first > line(x.open(list)) &&
		last < line(end) && (i+1 == len(list) || line(list[i+1].Pos()) > last)
	if alone && last < file.LineCount() {
		return analysis.TextEdit{Pos: file.LineStart(first), End: file.LineStart(last + 1)}, true
	}
	keep := slices.Index(bad, false)
	var edit analysis.TextEdit
	switch {
	case keep >= 0 && i > keep:
		edit = analysis.TextEdit{Pos: list[i-1].End(), End: list[i].End()}
	case i+1 < len(list):
		edit = analysis.TextEdit{Pos: list[i].Pos(), End: list[i+1].Pos()}
	default:
		edit = analysis.TextEdit{Pos: list[i].Pos(), End: list[i].End()}
	}
	return edit, !x.hasComment(edit.Pos, edit.End)
}

// open is where the list begins.
func (x *fixer) open(list []ast.Expr) token.Pos {
	switch p := x.parent[list[0]].(type) {
	case *ast.CompositeLit:
		return p.Lbrace
	case *ast.CallExpr:
		return p.Lparen
	default:
		return p.Pos()
	}
}

func (x *fixer) hasComment(pos, end token.Pos) bool {
	for _, f := range x.pass.Files {
		if f.FileStart > pos || pos > f.FileEnd {
			continue
		}
		for _, g := range f.Comments {
			if g.Pos() < end && pos < g.End() {
				return true
			}
		}
	}
	return false
}

// hasEffect reports whether evaluating e may do something.
func (x *fixer) hasEffect(e ast.Node) bool {
	found := false
	ast.Inspect(e, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			if tv := x.info.Types[n.Fun]; !tv.IsType() {
				found = true
			}
		case *ast.UnaryExpr:
			found = found || n.Op == token.ARROW
		}
		return !found
	})
	return found
}

// onlyDecides reports whether a list is used for nothing but to decide what
// enters baggage.
func (x *fixer) onlyDecides(lit ast.Node) bool {
	child := lit
	for {
		switch p := x.parent[child].(type) {
		case *ast.ParenExpr:
			child = p
			continue
		case *ast.UnaryExpr:
			child = p
			continue
		case *ast.CallExpr:
			return true // of the sink, or of a function that asks the list
		case *ast.RangeStmt:
			return true
		case *ast.IndexExpr:
			// The elements of a list have places.
			_, isMap := coreType(x.info.TypeOf(p.X)).(*types.Map)
			return isMap
		case *ast.KeyValueExpr:
			id, ok := p.Key.(*ast.Ident)
			if !ok {
				return false
			}
			field, ok := x.info.Uses[id].(*types.Var)
			return ok && field.IsField() && x.consultedOnly(field)
		case *ast.AssignStmt:
			i := slices.IndexFunc(p.Rhs, func(e ast.Expr) bool { return ast.Node(e) == child })
			if i < 0 || len(p.Lhs) != len(p.Rhs) {
				return false
			}
			v := x.variable(p.Lhs[i])
			return v != nil && x.consultedOnly(v)
		case *ast.ValueSpec:
			i := slices.IndexFunc(p.Values, func(e ast.Expr) bool { return ast.Node(e) == child })
			if i < 0 || len(p.Names) != len(p.Values) {
				return false
			}
			v, ok := x.info.Defs[p.Names[i]].(*types.Var)
			return ok && x.consultedOnly(v)
		case *ast.ReturnStmt:
			decl, ok := x.function(p).(*ast.FuncDecl)
			return ok && x.consultedOnly(x.info.Defs[decl.Name])
		default:
			return false
		}
	}
}

func (x *fixer) consultedOnly(obj types.Object) bool {
	if obj == nil {
		return false
	}
	for _, id := range x.uses[obj] {
		if x.consulted[id] {
			continue
		}
		switch p := x.parent[id].(type) {
		case *ast.KeyValueExpr: // a field in a literal
			if p.Key == ast.Expr(id) {
				continue
			}
		case *ast.AssignStmt:
			if slices.Contains(p.Lhs, ast.Expr(id)) {
				continue
			}
		case *ast.IndexExpr: // m[k] = v
			if assign, ok := x.parent[p].(*ast.AssignStmt); ok && p.X == ast.Expr(id) && slices.Contains(assign.Lhs, ast.Expr(p)) {
				continue
			}
		}
		return false
	}
	return true
}
