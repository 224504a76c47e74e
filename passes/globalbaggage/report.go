package globalbaggage

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/token"
	"maps"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/honeyhiveai/hhvet/internal/directive"
)

// Categories of diagnostics. Each is a heading of the analyzer's page.
const (
	categoryPerTracer  = "pertracer"
	categoryAllowList  = "allowlist"
	categoryHeader     = "header"
	categoryWrapper    = "wrapper"
	categorySecret     = "secret"
	categoryPrecedence = "precedence"
	categoryDirective  = directive.Category
)

// A finding is what is reported at one place.
type finding struct {
	at   ast.Node
	bad  []judged
	sink sink
}

// find files keys under the place where they are reported: the entry of a
// list, or else the argument.
func (c *checker) find(s sink, bad []judged) {
	for _, j := range bad {
		at := ast.Node(s.expr)
		if j.at != nil {
			at = j.at
		}
		pos, end := c.position(at, j)
		if c.generatedOrUnknown(pos) {
			continue
		}
		f := c.findings[pos]
		if f == nil {
			f = &finding{at: span{pos, end}, sink: s}
			c.findings[pos] = f
		}
		f.sink.mixed = f.sink.mixed || s.mixed
		if !slices.ContainsFunc(f.bad, func(k judged) bool { return k.text == j.text }) {
			f.bad = append(f.bad, j)
		}
	}
}

// span is a part of a node.
type span struct{ pos, end token.Pos }

func (s span) Pos() token.Pos { return s.pos }
func (s span) End() token.Pos { return s.end }

// position narrows at to the key, where it is one of several in a literal
// text: a header's, or a regular expression's.
func (c *checker) position(at ast.Node, j judged) (pos, end token.Pos) {
	pos, end = at.Pos(), at.End()
	lit, ok := at.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return pos, end
	}
	text, err := strconv.Unquote(lit.Value)
	if err != nil || text == j.text || len(text) != len(lit.Value)-2 || strings.Count(text, j.text) != 1 {
		return pos, end
	}
	pos += token.Pos(1 + strings.Index(text, j.text))
	return pos, pos + token.Pos(len(j.text))
}

func (c *checker) generatedOrUnknown(pos token.Pos) bool {
	return !pos.IsValid() || c.directives.Generated(pos)
}

// dropRepeated leaves a key out where it is handed on, if it is reported where
// it is written: a struct's field may reach baggage by itself and as a part of
// the struct.
func (c *checker) dropRepeated() {
	for pos, f := range c.findings {
		f.bad = slices.DeleteFunc(f.bad, func(j judged) bool {
			origin := c.findings[j.born]
			return origin != nil && origin != f && slices.ContainsFunc(origin.bad, func(k judged) bool { return k.text == j.text })
		})
		if len(f.bad) == 0 {
			delete(c.findings, pos)
		}
	}
}

func (c *checker) report() {
	c.dropRepeated()
	fixes := newFixer(c)
	for _, pos := range slices.Sorted(maps.Keys(c.findings)) {
		f := c.findings[pos]
		slices.SortFunc(f.bad, func(a, b judged) int { return cmp.Compare(a.text, b.text) })
		d := analysis.Diagnostic{
			Pos:      f.at.Pos(),
			End:      f.at.End(),
			Category: f.category(),
			Message:  f.message(),
			Related:  c.related(f),
		}
		if fix, ok := fixes.fix(f); ok {
			d.SuggestedFixes = []analysis.SuggestedFix{fix}
		}
		c.directives.Report(d)
	}
	c.reportMisread()
}

// reportMisread reports attributions that believe baggage first.
func (c *checker) reportMisread() {
	for _, a := range c.misread {
		message := a.what + " is read from baggage before the tracer is asked, so another tracer's value can win. Ask the tracer first and fall back to baggage where it has none"
		if a.what == "" {
			message = "the tracer is chosen by a value in baggage, which every tracer and service on this context can set. Ask honeyhive.TracerFromContext, or hand the tracer on"
		}
		c.directives.Report(analysis.Diagnostic{
			Pos:      a.value.Pos(),
			End:      a.value.End(),
			Category: categoryPrecedence,
			Message:  message,
		})
	}
}

func (f *finding) category() string {
	switch {
	case f.sink.Kind == copied:
		return categoryPrecedence
	case f.all(func(j judged) bool { return j.secret }):
		return categorySecret
	case f.all(func(j judged) bool { return j.guarded }):
		return categoryAllowList
	case f.sink.Kind == header, f.sink.Kind == injected:
		return categoryHeader
	case len(f.sink.Via) > 0:
		return categoryWrapper
	default:
		return categoryPerTracer
	}
}

func (f *finding) all(is func(judged) bool) bool {
	return !slices.ContainsFunc(f.bad, func(j judged) bool { return !is(j) })
}

func (f *finding) message() string {
	what := "per-tracer key"
	if f.category() == categorySecret {
		what = "secret"
	}
	var names []string
	for _, j := range f.bad {
		names = append(names, strconv.Quote(j.text))
	}
	subject := what + " " + names[0]
	if n := len(names); n > 1 {
		subject = what + " " + strings.Join(names[:n-1], ", ") + " or " + names[n-1]
	}
	way := "enters baggage"
	switch {
	case f.sink.Kind == copied:
		if f.bad[0].text == everyKey {
			return "every key is copied from baggage onto the spans of every tracer, those of other tracers included. Copy the shared keys by name, for example run_id"
		}
		return fmt.Sprintf("%s is copied from baggage onto the spans of every tracer. Leave it out: the tracer knows its own", subject)
	case f.sink.Kind == injected:
		way = "is sent in the baggage header, as " + f.sink.Via[0] + " put it on the context"
	case f.all(func(j judged) bool { return j.guarded }):
		way = "is let into baggage by this list"
	case len(f.sink.Via) > 0:
		way = "enters baggage through " + f.sink.Via[0]
	case f.sink.Kind == header:
		way = "is sent in the baggage header"
	}
	effect := "so every tracer and service on this context sees it"
	if f.category() == categorySecret {
		effect = "so every service on the way of this request can read it"
	}
	var remedies []string
	for _, j := range f.bad {
		if r := j.remedy(); !slices.Contains(remedies, r) {
			remedies = append(remedies, r)
		}
	}
	return fmt.Sprintf("%s %s, %s. %s", subject, way, effect, sentence(strings.Join(remedies, ", ")))
}

func sentence(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// related tells where the keys come from, if from elsewhere, and by which way
// they reach baggage.
func (c *checker) related(f *finding) []analysis.RelatedInformation {
	var out []analysis.RelatedInformation
	line := func(pos token.Pos) token.Position {
		p := c.pass.Fset.Position(pos)
		return token.Position{Filename: p.Filename, Line: p.Line}
	}
	for _, j := range f.bad {
		if j.born.IsValid() && line(j.born) != line(f.at.Pos()) {
			out = append(out, analysis.RelatedInformation{Pos: j.born, Message: strconv.Quote(j.text) + " comes from here"})
		}
	}
	if len(f.sink.Via) > 0 && f.sink.Kind != injected {
		out = append(out, f.sink.way...)
	}
	return out
}
