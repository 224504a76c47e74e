package globalbaggage

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/honeyhiveai/hhvet/internal/directive"
)

// maxFlows bounds the ways from one function or field: where a function calls
// itself with a longer key, or with the rest of a list, there is always another.
const maxFlows = 32

// separators end a namespace before a key.
const separators = "._-"

// kind is the way in which a key reaches baggage.
type kind int

const (
	direct kind = iota
	header
	copied   // out of baggage, onto spans
	injected // out of a context, into a carrier
)

// checker carries keys from where they reach baggage back to where they come
// from, until nothing new is found.
type checker struct {
	*evaluator
	pass       *analysis.Pass
	directives *directive.Set

	flows    map[ast.Node][]flow   // of a function
	partial  map[*types.Var]bool   // parameters that are at least a part of a key
	fields   map[*types.Var][]flow // of a field
	pending  []func()
	callers  map[ast.Node][]caller
	findings map[token.Pos]*finding
	misread  []attribution
}

func newChecker(pass *analysis.Pass, s *settings, directives *directive.Set) *checker {
	c := &checker{
		pass:       pass,
		directives: directives,
		flows:      make(map[ast.Node][]flow),
		partial:    make(map[*types.Var]bool),
		fields:     make(map[*types.Var][]flow),
		findings:   make(map[token.Pos]*finding),
	}
	c.evaluator = &evaluator{
		index:     newIndex(pass.TypesInfo, pass.Files),
		pkg:       pass.Pkg,
		keys:      &keys{settings: s, annotated: make(map[string]bool)},
		facts:     &facts{pass: pass, annotated: make(map[types.Object]bool)},
		active:    make(map[activity]bool),
		done:      make(map[activity]set),
		first:     make(map[ast.Expr]bool),
		funcs:     make(map[ast.Expr][]ast.Node),
		consulted: make(map[*ast.Ident]bool),
	}
	c.annotations()
	return c
}

// settle works until every wrapper's callers have been looked at.
func (c *checker) settle() {
	for len(c.pending) > 0 {
		next := c.pending[0]
		c.pending = c.pending[1:]
		next()
	}
}

// deliver takes the values that reach a sink: known keys are judged, and
// references are followed to whoever decides about them.
func (c *checker) deliver(s sink, vals set) {
	var bad []judged
	if !isStringType(c.info.TypeOf(s.expr)) {
		c.consult(s.expr)
	}
	if vals.all && s.Kind == copied {
		c.find(s, []judged{{verdict{text: everyKey}, value{}}})
	}
	for _, v := range vals.vals {
		for _, key := range s.keysOf(v) {
			if s.header != nil {
				c.follow(key, v, s)
			} else if j, ok := c.judge(key, v, s); ok {
				j.guarded = j.guarded || s.Guards
				bad = append(bad, j)
			} else {
				c.follow(key, v, s)
				t, known := value{segs: key}.known()
				s.mixed = s.mixed || !known || t != ""
			}
		}
	}
	s.mixed = s.mixed || vals.open
	c.find(s, bad)
}

type judged struct {
	verdict
	value
}

func (c *checker) judge(key []seg, v value, s sink) (judged, bool) {
	whole := value{segs: key}
	text, ok := whole.known()
	object := v.object
	if object != nil && s.Text {
		object = nil
	}
	if !ok {
		if object != nil && len(key) == 1 {
			return judged{verdict{text: object.Name(), key: object.Name(), own: true}, v}, true
		}
		// Whatever the namespace is, this is the key in it.
		n := len(key) - 1
		if n < 1 || key[n].ref != nil || strings.TrimLeft(key[n].text, separators) == key[n].text {
			return judged{}, false
		}
		text = "*" + key[n].text
	}
	if slices.Contains(s.Except, text) {
		return judged{}, false
	}
	verdict, bad := c.keys.judge(text, object)
	return judged{verdict, v}, bad
}

// follow goes on to the callers of a function whose parameter is the key, or
// the assignments of a field that is.
func (c *checker) follow(key []seg, v value, s sink) {
	// Whatever the namespace is, what follows it is the key in it.
	if n := len(key) - 1; n > 1 && key[n].ref != nil && strings.TrimRight(key[n-1].text, separators) != key[n-1].text {
		key = []seg{{text: "*" + key[n-1].text}, key[n]}
	}
	at := -1
	f := flow{API: s.API, Via: s.Via, Kind: s.Kind, Guards: s.Guards || v.guarded}
	for _, sg := range key {
		if sg.ref != nil {
			c.partial[sg.ref.root] = true
		}
	}
	for i, sg := range key {
		switch {
		case sg.ref != nil && at < 0:
			at = i
		case sg.ref != nil || sg.text == "":
			return // parts that nobody knows together
		case at < 0:
			f.Prefix += sg.text
		default:
			f.Suffix += sg.text
		}
	}
	if at < 0 {
		return
	}
	if s.Text && f.Prefix == "" && f.Suffix == "=" {
		f.Text, f.Suffix = true, ""
	}
	r := key[at].ref
	f.Path = r.path
	f.Except = slices.Compact(slices.Sorted(slices.Values(slices.Concat(s.Except, v.except))))
	if len(f.Path) > 6 || f.Path.last() == stepMember {
		return
	}
	p, isParam := c.params[r.root]
	if s.header != nil {
		name := c.params[s.header]
		if !isParam || p.fn != name.fn || name.index < 0 {
			return
		}
		f.Header = name.index + 1
	}
	if isParam {
		f.Param = p.index
		c.wrapper(p.fn, f, s)
		return
	}
	f.Param = itself
	if len(c.fields[r.root]) >= maxFlows || slices.ContainsFunc(c.fields[r.root], f.equal) {
		return
	}
	c.fields[r.root] = append(c.fields[r.root], f)
	c.pending = append(c.pending, func() { c.assigned(f, c.writes[r.root]) })
}

// assigned delivers what is stored in a field that reaches baggage.
func (c *checker) assigned(f flow, writes []write) {
	for _, w := range writes {
		vals := c.written(w, f.Path)
		site := w.value
		if w.key != nil && len(f.Path) > 0 && (f.Path[0] == stepKeys || f.Path[0] == stepTrue) {
			site = w.key
		}
		if site == nil {
			continue
		}
		c.deliver(sink{flow: f, argument: argument{site, nil}, call: w.node}, vals)
	}
}

// imported returns what a fact says of another package's variable.
func (ev *evaluator) imported(v *types.Var, id *ast.Ident, path accessPath) set {
	s := ev.facts.value(v.Origin(), path)
	if len(path) == 0 {
		return s
	}
	// The list is elsewhere: its use here is what can be reported here.
	var at ast.Expr = id
	if sel, ok := ev.parent[id].(*ast.SelectorExpr); ok && sel.Sel == id {
		at = sel
	}
	return s.standingAt(at)
}

// annotations gathers the objects marked //hhvet:pertracer, here and in the
// packages that this one imports: which others have their facts among all
// facts is up to the driver.
func (c *checker) annotations() {
	for _, f := range c.pass.AllObjectFacts() {
		if p, ok := f.Fact.(*perTracer); ok && p.Value != "" && slices.Contains(c.pkg.Imports(), f.Object.Pkg()) {
			c.keys.annotated[p.Value] = true
		}
	}
	for _, f := range c.pass.Files {
		c.annotateFile(f)
	}
}
