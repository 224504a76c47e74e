// Package directive implements the one comment that silences hhvet:
//
//	//hhvet:ignore NAME reason
//
// It stands at the end of a line, or alone on the line above. It covers what
// starts on that line; where a statement or declaration starts there, all of
// it except the bodies of blocks. Without a reason it silences nothing.
package directive

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/token"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
)

// Category of the diagnostics that are about directives themselves.
const Category = "directive"

const (
	prefix = "//hhvet:"
	verb   = "ignore"
)

// Form is what a correct directive looks like.
const Form = prefix + verb + " NAME reason"

// Names of the analyzers that a directive can name. The suite has the same
// analyzers; a test holds the two together.
var Names = []string{"deprecatedenrich", "globalbaggage", "hhdirective"}

// Directive is one comment that starts with //hhvet:.
type Directive struct {
	Comment *ast.Comment
	Name    string // the analyzer it names, "" if it names none that exists
	Problem string // why it has no effect, "" if it is well-formed
}

// Parse returns the directive in c, or nil where c is an ordinary comment.
// Other verbs than "ignore" in the hhvet namespace belong to the analyzers
// that define them, and are listed in verbs.
func Parse(c *ast.Comment, verbs ...string) *Directive {
	text, isDirective := strings.CutPrefix(c.Text, prefix)
	if !isDirective {
		// gofmt leaves "// hhvet:ignore" alone and Go tools see prose in it.
		after, ok := strings.CutPrefix(strings.TrimSpace(strings.TrimPrefix(c.Text, "//")), prefix[2:]+verb)
		if !ok || !strings.HasPrefix(c.Text, "//") || after != "" && after[0] != ' ' && after[0] != '\t' {
			return nil
		}
		d := parseArgs(c, after)
		d.Problem = "write //hhvet: without a space"
		return d
	}
	gotVerb, args, _ := strings.Cut(text, " ")
	if gotVerb != verb {
		if slices.Contains(verbs, gotVerb) {
			return nil
		}
		return &Directive{Comment: c, Problem: fmt.Sprintf("unknown directive %s%s; write %s", prefix, gotVerb, Form)}
	}
	return parseArgs(c, args)
}

func parseArgs(c *ast.Comment, args string) *Directive {
	d := &Directive{Comment: c}
	// In test data a want comment may follow on the same line.
	args, _, _ = strings.Cut(args, "// want")
	name, reason, _ := strings.Cut(strings.TrimSpace(args), " ")
	switch {
	case name == "":
		d.Problem = "it names no analyzer; write " + Form
	case !slices.Contains(Names, name):
		d.Problem = fmt.Sprintf("there is no analyzer %q; known are %s", name, strings.Join(Names, ", "))
	case strings.TrimSpace(reason) == "":
		d.Name = name
		d.Problem = "it gives no reason, so it silences nothing; write " + Form
	default:
		d.Name = name
	}
	return d
}

// Set holds the directives of one pass's files that name its analyzer.
// All diagnostics of the pass go through [Set.Report].
type Set struct {
	pass      *analysis.Pass
	generated map[*token.File]bool
	ignores   []*ignore
}

type ignore struct {
	directive *Directive
	file      *token.File
	line      int // the line that it covers
	extents   []extent
	used      bool
}

// extent is a statement's source range with the blocks in it cut out.
type extent struct {
	pos, end token.Pos
	holes    []*ast.BlockStmt
	clause   token.Pos // where a case clause's body begins, if valid
}

// Verbs of the hhvet namespace other than ignore.
var Verbs = []string{"pertracer"}

// NewSet reads the directives of pass's files.
func NewSet(pass *analysis.Pass) *Set {
	s := &Set{pass: pass, generated: make(map[*token.File]bool)}
	for _, f := range pass.Files {
		tf := pass.Fset.File(f.FileStart)
		if ast.IsGenerated(f) {
			s.generated[tf] = true
			continue
		}
		for _, group := range f.Comments {
			for _, c := range group.List {
				d := Parse(c, Verbs...)
				if d == nil || d.Name != pass.Analyzer.Name {
					continue
				}
				ig := &ignore{directive: d, file: tf, line: tf.Line(c.Pos())}
				if d.Problem == "" {
					if s.alone(tf, c) {
						ig.line = tf.Line(group.End()) + 1
					}
					ig.extents = extents(f, tf, ig.line)
				}
				s.ignores = append(s.ignores, ig)
			}
		}
	}
	return s
}

// Generated reports whether pos lies in a generated file, where nothing is
// reported.
func (s *Set) Generated(pos token.Pos) bool {
	return s.generated[s.pass.Fset.File(pos)]
}

// Silenced reports whether a directive covers pos, and counts as its use.
func (s *Set) Silenced(pos token.Pos) bool {
	silenced := false
	for _, ig := range s.ignores {
		if ig.directive.Problem == "" && ig.covers(pos) {
			ig.used = true
			silenced = true
		}
	}
	return silenced
}

// Report passes d on, unless it lies in a generated file or is silenced.
func (s *Set) Report(d analysis.Diagnostic) {
	if !s.Generated(d.Pos) && !s.Silenced(d.Pos) {
		s.pass.Report(d)
	}
}

// ReportProblems reports the directives that name this pass's analyzer but
// are malformed or have silenced nothing. It is called last.
func (s *Set) ReportProblems() {
	for _, ig := range s.ignores {
		d := ig.directive
		switch {
		case d.Problem != "":
			s.pass.Report(d.diagnostic(d.Problem))
		case !ig.used:
			s.pass.Report(d.diagnostic("it silences nothing; delete it"))
		}
	}
}

// Orphans returns a diagnostic for each directive of f that names no
// analyzer, and so has no analyzer that would report it.
func Orphans(f *ast.File) []analysis.Diagnostic {
	if ast.IsGenerated(f) {
		return nil
	}
	var out []analysis.Diagnostic
	for _, group := range f.Comments {
		for _, c := range group.List {
			if d := Parse(c, Verbs...); d != nil && d.Name == "" {
				out = append(out, d.diagnostic(d.Problem))
			}
		}
	}
	return out
}

func (d *Directive) diagnostic(problem string) analysis.Diagnostic {
	return analysis.Diagnostic{
		Pos:      d.Comment.Pos(),
		End:      d.Comment.End(),
		Category: Category,
		Message:  "hhvet directive has no effect: " + problem,
	}
}

func (ig *ignore) covers(pos token.Pos) bool {
	if pos < token.Pos(ig.file.Base()) || pos > token.Pos(ig.file.Base()+ig.file.Size()) {
		return false
	}
	if ig.file.Line(pos) == ig.line {
		return true
	}
	return slices.ContainsFunc(ig.extents, func(e extent) bool { return e.contains(pos) })
}

func (e extent) contains(pos token.Pos) bool {
	if pos < e.pos || pos >= e.end || e.clause.IsValid() && pos >= e.clause {
		return false
	}
	for _, hole := range e.holes {
		if hole.Lbrace < pos && pos < hole.End() {
			return false
		}
	}
	return true
}

// alone reports whether only white space stands before c on its line. A file
// that cannot be read back counts as no.
func (s *Set) alone(tf *token.File, c *ast.Comment) bool {
	src, err := s.pass.ReadFile(tf.Name())
	if err != nil {
		return false
	}
	start, end := tf.Offset(tf.LineStart(tf.Line(c.Pos()))), tf.Offset(c.Pos())
	return end <= len(src) && len(bytes.TrimSpace(src[start:end])) == 0
}

// extents returns the statements and declarations of f that start on line.
func extents(f *ast.File, tf *token.File, line int) []extent {
	var out []extent
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.BlockStmt, *ast.FuncDecl, *ast.LabeledStmt:
			// Only what is in them starts a statement of its own.
		case *ast.GenDecl, ast.Spec, ast.Stmt:
			if tf.Line(n.Pos()) == line {
				out = append(out, newExtent(n))
			}
		}
		return true
	})
	return out
}

func newExtent(n ast.Node) extent {
	e := extent{pos: n.Pos(), end: n.End()}
	switch n := n.(type) {
	case *ast.CaseClause:
		e.clause = n.Colon
	case *ast.CommClause:
		e.clause = n.Colon
	}
	ast.Inspect(n, func(n ast.Node) bool {
		block, ok := n.(*ast.BlockStmt)
		if ok {
			e.holes = append(e.holes, block)
		}
		return !ok
	})
	return e
}
