// Package flow walks the control flow of a function backwards, to find what
// has happened on the ways that lead to a place in it.
package flow

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"

	"golang.org/x/tools/go/cfg"
	"golang.org/x/tools/go/types/typeutil"
)

// Graphs holds the control-flow graphs of a package's functions, each built
// when first asked for. It is not safe for concurrent use.
type Graphs struct {
	info   *types.Info
	graphs map[*ast.BlockStmt]*graph
}

// NewGraphs returns the graphs of the package that info describes.
func NewGraphs(info *types.Info) *Graphs {
	return &Graphs{info: info, graphs: make(map[*ast.BlockStmt]*graph)}
}

type graph struct {
	blocks []*cfg.Block
	preds  map[*cfg.Block][]*cfg.Block
}

// Visitor is told what lies on the ways that lead to a place.
type Visitor struct {
	// Node is called with statements, variable specifications and the
	// expressions of control statements, each before those that precede it.
	// It returns false to go no further on this way. The variables of a range
	// clause and of a receive in a select come as the identifiers.
	Node func(ast.Node) bool
	// Edge is called when the way passes a condition, with the outcome that
	// leads to the place. It may be nil.
	Edge func(cond ast.Expr, outcome bool)
}

// Backward walks from at, which lies in body outside of nested function
// literals, towards body's beginning, along every way that leads to at.
// It reports whether one of them comes from the beginning, and whether at is
// in the graph at all.
func (g *Graphs) Backward(body *ast.BlockStmt, at token.Pos, v Visitor) (begins, ok bool) {
	gr := g.graph(body)
	start, index := gr.find(at)
	if start == nil {
		return false, false
	}
	type item struct {
		block *cfg.Block
		nodes []ast.Node
	}
	todo := []item{{start, start.Nodes[:index]}}
	seen := make(map[*cfg.Block]bool)
next:
	for len(todo) > 0 {
		it := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		for i := len(it.nodes) - 1; i >= 0; i-- {
			if !v.Node(it.nodes[i]) {
				continue next
			}
		}
		if it.block == gr.blocks[0] {
			begins = true
		}
		for _, pred := range gr.preds[it.block] {
			if cond := condition(pred); cond != nil && v.Edge != nil {
				for i, succ := range pred.Succs {
					if succ == it.block {
						v.Edge(cond, i == 0)
					}
				}
			}
			if !seen[pred] {
				seen[pred] = true
				todo = append(todo, item{pred, pred.Nodes})
			}
		}
	}
	return begins, true
}

func condition(b *cfg.Block) ast.Expr {
	if len(b.Succs) != 2 || len(b.Nodes) == 0 {
		return nil
	}
	cond, _ := b.Nodes[len(b.Nodes)-1].(ast.Expr)
	return cond
}

func (g *Graphs) graph(body *ast.BlockStmt) *graph {
	if gr, ok := g.graphs[body]; ok {
		return gr
	}
	c := cfg.New(body, g.mayReturn)
	gr := &graph{blocks: c.Blocks, preds: make(map[*cfg.Block][]*cfg.Block)}
	for _, b := range c.Blocks {
		if !b.Live {
			continue
		}
		for _, succ := range b.Succs {
			gr.preds[succ] = append(gr.preds[succ], b)
		}
	}
	g.graphs[body] = gr
	return gr
}

// find returns the block and index of the smallest node around at.
func (gr *graph) find(at token.Pos) (*cfg.Block, int) {
	var found *cfg.Block
	index, size := 0, token.Pos(0)
	for _, b := range gr.blocks {
		for i, n := range b.Nodes {
			if n.Pos() <= at && at < n.End() && (found == nil || n.End()-n.Pos() < size) {
				found, index, size = b, i, n.End()-n.Pos()
			}
		}
	}
	return found, index
}

// mayReturn knows the functions that end a way. One that it does not know
// makes a way too many, which is the safe side.
func (g *Graphs) mayReturn(call *ast.CallExpr) bool {
	switch fn := typeutil.Callee(g.info, call).(type) {
	case *types.Builtin:
		return fn.Name() != "panic"
	case *types.Func:
		if fn.Pkg() == nil {
			return true
		}
		switch fn.Pkg().Path() {
		case "os":
			return fn.Name() != "Exit"
		case "runtime":
			return fn.Name() != "Goexit"
		case "log":
			return !strings.HasPrefix(fn.Name(), "Fatal") && !strings.HasPrefix(fn.Name(), "Panic")
		case "testing":
			switch fn.Name() {
			case "Fatal", "Fatalf", "FailNow", "Skip", "Skipf", "SkipNow":
				return false
			}
		}
	}
	return true
}
