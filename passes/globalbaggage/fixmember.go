package globalbaggage

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/tools/go/analysis"
)

// member removes a member that is made for baggage.New or SetMember only:
//
//	project, err := baggage.NewMember("project", p)
//	-----------------------------------------------
//	if err != nil {
//	---------------
//		return err
//	----------
//	}
//	-
//	bag, err := baggage.New(run, project)
//	                           ---------
func (x *fixer) member(f *finding) *removal {
	call := f.sink.built
	if call == nil || f.sink.mixed || len(f.bad) != 1 || f.bad[0].at != nil || f.sink.API == "baggage.Parse" || !within(f.at, call) {
		return nil
	}
	if slices.ContainsFunc(call.Args, func(e ast.Expr) bool { return x.hasEffect(e) }) {
		return nil
	}
	assign, ok := x.parent[call].(*ast.AssignStmt)
	if !ok || assign.Tok != token.DEFINE || len(assign.Lhs) != 2 {
		return nil
	}
	v := x.variable(assign.Lhs[0])
	if v == nil || len(x.defs[v]) != 1 || len(x.uses[v]) != 1 {
		return nil
	}
	making, ok := x.statementEdit(assign, assign.Lhs[1])
	if !ok {
		return nil
	}
	adding, ok := x.dropUse(x.uses[v][0])
	if !ok {
		return nil
	}
	return &removal{"Delete the member " + strconv.Quote(f.bad[0].text), []analysis.TextEdit{making, adding}}
}

// statementEdit deletes a statement that assigns an error, and the check of
// that error below it.
func (x *fixer) statementEdit(assign *ast.AssignStmt, errExpr ast.Expr) (analysis.TextEdit, bool) {
	end := assign.End()
	var errVar *types.Var
	if id, ok := errExpr.(*ast.Ident); !ok {
		return analysis.TextEdit{}, false
	} else if id.Name != "_" {
		errVar, _ = x.info.ObjectOf(id).(*types.Var)
		check := x.next(assign)
		if errVar == nil || check == nil || !x.checks(check, errVar) {
			return analysis.TextEdit{}, false
		}
		end = check.End()
		if x.info.Defs[id] != nil && x.assignedLater(errVar, end) {
			return analysis.TextEdit{}, false
		}
	}
	edit := x.lines(assign.Pos(), end)
	return edit, edit.Pos.IsValid() && !x.hasOwnComment(edit)
}

// hasOwnComment reports whether a comment stands on lines of its own inside.
func (x *fixer) hasOwnComment(e analysis.TextEdit) bool {
	file := x.pass.Fset.File(e.Pos)
	for _, f := range x.pass.Files {
		for _, g := range f.Comments {
			for _, c := range g.List {
				if e.Pos <= c.Pos() && c.Pos() < e.End && x.alone(file, c) {
					return true
				}
			}
		}
	}
	return false
}

// checks reports whether s is an if of the error that leaves the function.
func (x *fixer) checks(s ast.Stmt, errVar *types.Var) bool {
	check, ok := s.(*ast.IfStmt)
	if !ok || check.Init != nil || check.Else != nil || !leaves(check.Body) {
		return false
	}
	cond, ok := check.Cond.(*ast.BinaryExpr)
	return ok && cond.Op == token.NEQ && x.variable(cond.X) == errVar
}

// assignedLater reports whether a variable that will no longer be declared is
// needed after pos, other than by a statement that declares it again.
func (x *fixer) assignedLater(v *types.Var, pos token.Pos) bool {
	var first *ast.Ident
	for _, id := range x.uses[v] {
		if id.Pos() >= pos && (first == nil || id.Pos() < first.Pos()) {
			first = id
		}
	}
	if first == nil {
		return false
	}
	assign, ok := x.parent[first].(*ast.AssignStmt)
	return !ok || assign.Tok != token.DEFINE || x.parent[assign] != x.scopeOf(v)
}

// scopeOf is the block that declares v.
func (x *fixer) scopeOf(v *types.Var) ast.Node {
	if defs := x.defs[v]; len(defs) > 0 {
		return x.parent[defs[0].node]
	}
	return nil
}

func (x *fixer) next(s ast.Stmt) ast.Stmt {
	list := siblings(x.parent[s])
	if i := slices.Index(list, s); i >= 0 && i+1 < len(list) {
		return list[i+1]
	}
	return nil
}

// lines covers whole lines, or nothing where other code is on them.
func (x *fixer) lines(pos, end token.Pos) analysis.TextEdit {
	file := x.pass.Fset.File(pos)
	src, err := x.pass.ReadFile(file.Name())
	first, last := file.Line(pos), file.Line(end)
	if err != nil || last >= file.LineCount() {
		return analysis.TextEdit{}
	}
	start, stop := file.LineStart(first), file.LineStart(last+1)
	if file.Offset(stop) > len(src) {
		return analysis.TextEdit{}
	}
	before := string(src[file.Offset(start):file.Offset(pos)])
	after := strings.TrimSpace(string(src[file.Offset(end):file.Offset(stop)]))
	if strings.TrimSpace(before) != "" || after != "" && !strings.HasPrefix(after, "//") {
		return analysis.TextEdit{}
	}
	return analysis.TextEdit{Pos: start, End: stop}
}

// dropUse deletes a member from the arguments of baggage.New, or the
// statement that adds it with SetMember.
func (x *fixer) dropUse(use *ast.Ident) (analysis.TextEdit, bool) {
	call, ok := x.parent[use].(*ast.CallExpr)
	if !ok {
		return analysis.TextEdit{}, false
	}
	fn, _ := x.info.Uses[nameIn(call.Fun)].(*types.Func)
	switch {
	case fn == nil:
		return analysis.TextEdit{}, false
	case isFunc(fn, baggagePath, "New") && !call.Ellipsis.IsValid():
		i := slices.Index(call.Args, ast.Expr(use))
		if i < 0 {
			return analysis.TextEdit{}, false
		}
		return x.elementEdit(call.Args, i, x.droppedArgs(call), call.Rparen)
	case isMethod(fn, baggagePath, "Baggage", "SetMember"):
		assign, ok := x.parent[call].(*ast.AssignStmt)
		if !ok || len(assign.Lhs) != 2 || assign.Tok != token.ASSIGN {
			return analysis.TextEdit{}, false
		}
		// bag, err = bag.SetMember(m)
		sel, ok := call.Fun.(*ast.SelectorExpr)
		if v := x.variable(assign.Lhs[0]); !ok || v == nil || v != x.variable(sel.X) {
			return analysis.TextEdit{}, false
		}
		return x.statementEdit(assign, assign.Lhs[1])
	}
	return analysis.TextEdit{}, false
}

// droppedArgs says which arguments of baggage.New are reported members.
func (x *fixer) droppedArgs(call *ast.CallExpr) []bool {
	bad := make([]bool, len(call.Args))
	for i, arg := range call.Args {
		v := x.variable(arg)
		if v == nil || len(x.defs[v]) != 1 || len(x.uses[v]) != 1 {
			continue
		}
		for _, f := range x.findings {
			if f.sink.built != nil && x.defs[v][0].expr == ast.Expr(f.sink.built) {
				bad[i] = true
			}
		}
	}
	return bad
}
