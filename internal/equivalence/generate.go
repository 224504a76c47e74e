package equivalence

import (
	"fmt"
	"go/format"
	"math/rand/v2"
	"strings"
)

// A Group is a kind of generated programs.
type Group struct {
	Name    string
	Tracers int  // that a program has
	Visible bool // whether the package visibly handles several tracers
	Assume  bool // whether the analyzer may assume the only tracer in reach
}

// Groups are the kinds of programs: those in which the assumption holds, since
// there is one tracer; those with several tracers, without the assumption; and
// those with several where the package shows it, so that none is made.
var Groups = []Group{
	{Name: "one", Tracers: 1, Assume: true},
	{Name: "many", Tracers: 3},
	{Name: "visible", Tracers: 3, Visible: true, Assume: true},
}

// Generate returns the source of a package of programs, one for each seed from
// first on. Those whose first seed is below 100, modulo 200, keep a tracer in
// a package variable. The package has a variable Programs that holds them by name.
func Generate(g Group, pkg string, first uint64, n int) ([]byte, error) {
	var decls, table strings.Builder
	for seed := first; seed < first+uint64(n); seed++ {
		p := &program{group: g, seed: seed, shared: first%200 < 100, rand: rand.New(rand.NewPCG(seed, uint64(len(g.Name))))}
		decls.WriteString(p.generate())
		fmt.Fprintf(&table, "%q: p%d,\n", fmt.Sprintf("%s/%d", g.Name, seed), seed)
	}
	src := fmt.Sprintf(`// Package %[1]s has generated programs.
package %[1]s

import (
	"context"
	"errors"
	"net/http"

	"go.opentelemetry.io/otel/trace"

	"github.com/honeyhiveai/hhvet/honeyhive"
	"%[2]s/record"
)

// Programs are the package's programs by name.
var Programs = map[string]func(*record.H){
%[3]s}

type key struct{}

type enrich = func(context.Context, ...honeyhive.Field) bool

var (
	_ trace.Span
	_ = errors.New
	_ = http.NewRequestWithContext
)

%[4]s
`, pkg, modulePath, table.String(), decls.String())
	if first%200 < 100 {
		src += "var shared *honeyhive.Tracer\n\nfunc setShared(t *honeyhive.Tracer) { shared = t }\n"
	}
	if g.Visible {
		src += "var tenants = map[string]*honeyhive.Tracer{}\n"
	}
	out, err := format.Source([]byte(src))
	if err != nil {
		return []byte(src), fmt.Errorf("generated source: %w", err)
	}
	return out, nil
}

// program writes one program: a function, and the functions and types that it
// uses.
type program struct {
	group      Group
	shared     bool // the package has a tracer in a variable
	seed       uint64
	rand       *rand.Rand
	counter    int
	experiment bool
	budget     int // statements left
	outside    []string
	b          *strings.Builder
}

// A block is what can be named at a place.
type block struct {
	contexts  []string
	tracers   []string // variables that may be assigned
	constants []string // other expressions for tracers that are never nil
	maybeNil  []string
	fields    []string // of type Field
	slices    []string // of type []Field
	depth     int
	goroutine bool // runs in a goroutine of the program's
	top       bool // runs once
}

func (b block) inner() block {
	b.depth++
	b.top = false
	b.contexts = append([]string(nil), b.contexts...)
	b.tracers = append([]string(nil), b.tracers...)
	b.constants = append([]string(nil), b.constants...)
	b.maybeNil = append([]string(nil), b.maybeNil...)
	b.fields = append([]string(nil), b.fields...)
	b.slices = append([]string(nil), b.slices...)
	return b
}

func (p *program) name(prefix string) string {
	p.counter++
	return fmt.Sprintf("%s%d", prefix, p.counter)
}

func (p *program) n(n int) int { return p.rand.IntN(n) }

func (p *program) chance(percent int) bool { return p.n(100) < percent }

func pick[T any](p *program, from []T) T { return from[p.n(len(from))] }

func (p *program) line(format string, args ...any) { fmt.Fprintf(p.b, format+"\n", args...) }

func (p *program) generate() string {
	p.budget = 6 + p.n(10)
	p.b = new(strings.Builder)
	p.line("func p%d(h *record.H) {", p.seed)
	p.line("ctx := context.Background()")
	b := block{contexts: []string{"ctx"}, top: true}
	if p.shared {
		p.line("setShared(h.Quiet(%d))", p.n(3))
		b.constants = append(b.constants, "shared")
	}
	for range 1 + p.n(3)*p.n(2) {
		t := p.name("t")
		p.line("%[1]s := h.Quiet(%[2]d)\n_ = %[1]s", t, p.n(3))
		b.tracers = append(b.tracers, t)
	}
	if p.chance(60) {
		s := p.name("s")
		p.line("ctx, %[1]s := %[2]s.Start(ctx, %[1]q)\ndefer %[1]s.End()", s, p.tracer(b))
	}
	p.statements(b)
	p.line("}\n")
	return p.b.String() + strings.Join(p.outside, "\n")
}

func (p *program) statements(b block) {
	for n := 2 + p.n(4); n > 0 && p.budget > 0; n-- {
		p.budget--
		b = p.statement(b)
	}
	p.legacy(b)
}

// tracer returns an expression for a tracer that is not nil.
func (p *program) tracer(b block) string {
	all := append(append([]string(nil), b.tracers...), b.constants...)
	if len(all) == 0 || p.chance(6) {
		return fmt.Sprintf("h.Quiet(%d)", p.n(3))
	}
	return pick(p, all)
}

// anyTracer returns an expression for a tracer that may be nil or have an
// effect.
func (p *program) anyTracer(b block) string {
	switch {
	case p.chance(10):
		return fmt.Sprintf("h.T(%d)", p.n(3))
	case len(b.maybeNil) > 0 && p.chance(30):
		return pick(p, b.maybeNil)
	}
	return p.tracer(b)
}

func (p *program) context(b block) string {
	c := pick(p, b.contexts)
	switch {
	case p.chance(5):
		return "honeyhive.ContextWithTracer(" + c + ", " + p.tracer(b) + ")"
	case p.chance(4):
		return "context.WithValue(" + c + ", key{}, 1)"
	case p.chance(4):
		return "h.Ctx(" + c + ")"
	case p.chance(4):
		return "(" + c + ")"
	}
	return c
}

func (p *program) value(b block) string {
	switch {
	case p.chance(20):
		return fmt.Sprintf("h.Val(%q)", p.name("v"))
	case p.chance(8) && b.depth < 4:
		b.depth++
		return p.spanCall(b)
	case p.chance(5) && b.depth < 4:
		b.depth++
		return p.sessionCall(b)
	}
	return fmt.Sprintf("%q", p.name("v"))
}

func (p *program) field(b block) string {
	switch k := p.n(20); {
	case k < 10:
		return fmt.Sprintf("honeyhive.Metadata{%q: %s}", p.name("k"), p.value(b))
	case k < 12:
		return fmt.Sprintf("honeyhive.Metrics{%q: %d}", p.name("k"), p.n(9))
	case k < 13:
		return "honeyhive.Error(errors.New(\"failed\"))"
	case k < 14:
		return fmt.Sprintf("honeyhive.Feedback{%q: true,\n}", p.name("k"))
	case k < 16 && len(b.fields) > 0:
		return pick(p, b.fields)
	case k < 19:
		return "honeyhive.WithTracer(" + p.anyTracer(b) + ")"
	}
	return "/* a comment */ honeyhive.Outputs{\"out\": 1}"
}

func (p *program) fieldList(b block) string {
	if len(b.slices) > 0 && p.chance(15) {
		return ", " + pick(p, b.slices) + "..."
	}
	var out strings.Builder
	for range p.n(4) {
		out.WriteString(", " + p.field(b))
	}
	return out.String()
}

func (p *program) spanCall(b block) string {
	callee := "honeyhive.EnrichSpan"
	if p.chance(5) {
		callee = "(" + callee + ")"
	}
	return callee + "(" + p.context(b) + p.fieldList(b) + ")"
}

func (p *program) sessionCall(b block) string {
	id := pick(p, []string{`""`, `""`, `"session-1"`, `h.Val("session-2")`})
	m := pick(p, []string{"nil", "nil", fmt.Sprintf("map[string]any{%q: 1}", p.name("k")),
		fmt.Sprintf("honeyhive.Metadata{%q: 1}", p.name("k")), fmt.Sprintf("map[string]any{%q: h.Val(%q)}", p.name("k"), p.name("v"))})
	return "honeyhive.EnrichSession(" + p.context(b) + ", " + id + ", " + m + p.fieldList(b) + ")"
}

// legacy writes a legacy call in some statement.
func (p *program) legacy(b block) {
	call := p.spanCall(b)
	if p.chance(25) {
		call = p.sessionCall(b)
		if p.chance(50) {
			p.line("h.Note(%q, %s)", p.name("r"), call)
			return
		}
	}
	isSpan := strings.HasPrefix(strings.TrimLeft(call, "("), "honeyhive.EnrichSpan")
	switch k := p.n(12); {
	case k < 4:
		p.line("%s", call)
	case k < 7:
		p.line("h.Note(%q, %s)", p.name("r"), call)
	case k < 8 && isSpan:
		p.line("if %s {\nh.Note(%q, true)\n}", call, p.name("r"))
	case k < 9:
		p.line("defer %s", call)
	case k < 10:
		if b.goroutine {
			p.line("%s", call)
			return
		}
		p.line("go %s\nh.Wait()", call)
	case k < 11:
		r := p.name("r")
		p.line("%[1]s := %[2]s\nh.Note(%[1]q, %[1]s)", r, call)
	default:
		p.line("_ = %s", call)
	}
}

// statement writes a statement and returns what can be named after it.
func (p *program) statement(b block) block {
	nest := b.depth < 3
	switch k := p.n(31); {
	case k == 30 && b.top && !p.experiment:
		p.experiment = true // two would send in any order
		e := p.name("e")
		p.line(`honeyhive.Evaluate(%s, %s, honeyhive.Experiment[string, string]{
	Name: %q,
	Dataset: honeyhive.DatasetOf(honeyhive.Datapoint[string]{ID: "q1", Input: "why"}),
	Task: func(ctx context.Context, dp honeyhive.Datapoint[string]) (string, error) {`, pick(p, b.contexts), p.tracer(b), e)
		inner := b.inner()
		inner.contexts = append(inner.contexts, "ctx", "ctx")
		inner.goroutine = true // what waits for goroutines waits outside
		p.statements(inner)
		p.line("return dp.Input, nil\n},\n})")
	case k < 6:
		p.legacy(b)
	case k < 9:
		c, s := p.name("c"), p.name("s")
		p.line("%[1]s, %[2]s := %[3]s.Start(%[4]s, %[2]q)\ndefer %[2]s.End()\n_ = %[1]s", c, s, p.tracer(b), pick(p, b.contexts))
		b.contexts = append(b.contexts, c)
	case k < 11:
		c, s := pick(p, b.contexts), p.name("s")
		p.line("var %[1]s trace.Span\n%[2]s, %[1]s = %[3]s.Start(%[4]s, %[1]q)\ndefer %[1]s.End()", s, c, p.tracer(b), pick(p, b.contexts))
	case k < 13:
		b = p.derive(b)
	case k < 15 && nest:
		p.line("if h.Yes(%d) {", p.n(9))
		p.statements(b.inner())
		if p.chance(50) {
			p.line("} else {")
			p.statements(b.inner())
		}
		p.line("}")
	case k < 16 && nest:
		p.line("for range 2 {")
		p.statements(b.inner())
		p.line("}")
	case k < 19 && nest:
		p.closure(b)
	case k < 22:
		b = p.assignTracer(b)
	case k < 23 && nest:
		p.line("honeyhive.Trace(%s, %s, %q, func(ctx context.Context) (int, error) {", pick(p, b.contexts), p.tracer(b), p.name("s"))
		inner := b.inner()
		inner.contexts = append(inner.contexts, "ctx", "ctx")
		p.statements(inner)
		p.line("return 1, nil\n})")
	case k < 24:
		p.line("honeyhive.SetDefaultTracer(%s)", p.tracer(b))
	case k < 26:
		p.helper(b)
	case k < 27:
		b = p.fieldVariable(b)
	case k < 28 && nest:
		shadow := "ctx"
		if len(b.tracers) > 0 {
			shadow = pick(p, b.tracers)
		}
		if shadow != "ctx" {
			p.line("{\n%[1]s := 1\n_ = %[1]s", shadow)
			inner := b.inner()
			inner.tracers = without(inner.tracers, shadow)
			p.statements(inner)
			p.line("}")
		}
	case k < 29:
		f := p.name("f")
		p.line("var %[1]s enrich = honeyhive.EnrichSpan\nh.Note(%[1]q, %[1]s(%[2]s, honeyhive.Metadata{%[1]q: 1}))", f, pick(p, b.contexts))
	default:
		r := p.name("r")
		p.line("%[1]s, _ := http.NewRequestWithContext(%[2]s, \"GET\", \"http://x.invalid\", nil)\n_ = %[1]s", r, pick(p, b.contexts))
		p.line("h.Note(%[1]q, honeyhive.EnrichSpan(%[2]s.Context(), honeyhive.Metadata{%[1]q: 1}))", p.name("r"), r)
	}
	return b
}

func without(names []string, name string) []string {
	var out []string
	for _, n := range names {
		if n != name {
			out = append(out, n)
		}
	}
	return out
}

func (p *program) derive(b block) block {
	c, from := p.name("c"), pick(p, b.contexts)
	switch p.n(6) {
	case 0:
		p.line("%[1]s := context.WithValue(%[2]s, key{}, 1)\n_ = %[1]s", c, from)
	case 1:
		cancel := p.name("cancel")
		p.line("%[1]s, %[2]s := context.WithCancel(%[3]s)\ndefer %[2]s()\n_ = %[1]s", c, cancel, from)
	case 2:
		p.line("%[1]s := honeyhive.ContextWithTracer(%[2]s, %[3]s)\n_ = %[1]s", c, from, p.tracer(b))
	case 3:
		e := p.name("e")
		p.line("%[1]s, %[2]s := %[3]s.StartSession(%[4]s)\nh.Note(%[2]q, %[2]s)\n_ = %[1]s", c, e, p.tracer(b), from)
	case 4:
		p.line("%[1]s := %[2]s.JoinSession(%[3]s, \"joined\")\n_ = %[1]s", c, p.tracer(b), from)
	case 5:
		p.line("%s = honeyhive.ContextWithTracer(%s, %s)", from, pick(p, b.contexts), p.tracer(b))
		return b
	}
	b.contexts = append(b.contexts, c)
	return b
}

func (p *program) assignTracer(b block) block {
	switch k := p.n(7); {
	case k < 2:
		t := p.name("t")
		p.line("%[1]s := %[2]s\n_ = %[1]s", t, p.tracer(b))
		b.tracers = append(b.tracers, t)
	case k < 3 && len(b.tracers) > 0:
		p.line("%s = %s", pick(p, b.tracers), p.tracer(b))
	case k < 4:
		t := p.name("t")
		p.line("var %[1]s *honeyhive.Tracer\nif h.Yes(%[2]d) {\n%[1]s = %[3]s\n}\n_ = %[1]s", t, p.n(9), p.tracer(b))
		b.maybeNil = append(b.maybeNil, t)
	case k < 5 && len(b.maybeNil) > 0:
		t := pick(p, b.maybeNil)
		p.line("if %s != nil {", t)
		p.legacy(b.inner())
		p.line("} else {")
		p.legacy(b.inner())
		p.line("}")
	case k < 6 && contains(b.constants, "shared"):
		p.line("setShared(%s)", p.tracer(b))
	default:
		t := p.name("t")
		p.line("var %[1]s *honeyhive.Tracer\n_ = %[1]s", t)
		p.legacy(b)
		p.line("%s = %s", t, p.tracer(b))
		b.tracers = append(b.tracers, t)
	}
	return b
}

func contains(names []string, name string) bool { return len(without(names, name)) < len(names) }

func (p *program) closure(b block) {
	inner := b.inner()
	switch p.n(5) {
	case 0:
		p.line("func() {")
		p.statements(inner)
		p.line("}()")
	case 1:
		p.line("defer func() {")
		p.statements(inner)
		p.line("}()")
	case 2:
		if b.goroutine {
			p.legacy(inner)
			return
		}
		p.line("go func() {")
		inner.goroutine = true
		p.legacy(inner)
		p.line("}()\nh.Wait()")
	case 3:
		f := p.name("f")
		p.line("%s := func(ctx context.Context) {", f)
		inner.contexts = append(inner.contexts, "ctx", "ctx")
		p.statements(inner)
		p.line("}")
		for range 1 + p.n(2) {
			p.line("%s(%s)", f, pick(p, b.contexts))
		}
	case 4:
		f := p.name("f")
		p.line("%s := func() {", f)
		p.statements(inner)
		p.line("}")
		if len(b.tracers) > 0 {
			p.line("%s = %s", pick(p, b.tracers), p.tracer(b))
		}
		p.line("%s()", f)
	}
}

func (p *program) fieldVariable(b block) block {
	if p.chance(50) {
		f := p.name("f")
		p.line("var %[1]s honeyhive.Field = honeyhive.Metadata{%[1]q: 1}\n_ = %[1]s", f)
		if p.chance(50) {
			p.line("if h.Yes(%d) {\n%s = honeyhive.WithTracer(%s)\n}", p.n(9), f, p.anyTracer(b))
		}
		b.fields = append(b.fields, f)
		return b
	}
	fs := p.name("fs")
	p.line("%[1]s := []honeyhive.Field{%[2]s, honeyhive.Metadata{%[1]q: 1}}\n_ = %[1]s", fs, p.field(b))
	b.slices = append(b.slices, fs)
	return b
}

// helper writes a function or method of its own and calls it.
func (p *program) helper(b block) {
	if b.depth > 2 {
		p.legacy(b)
		return
	}
	outer := p.b
	p.b = new(strings.Builder)
	f := fmt.Sprintf("%s_%d", p.name("helper"), p.seed)
	var call func() string
	inner := block{contexts: []string{"ctx"}, depth: b.depth + 1, goroutine: b.goroutine}
	switch p.n(4) {
	case 0:
		p.line("func %s(h *record.H, ctx context.Context) {", f)
		call = func() string { return fmt.Sprintf("%s(h, %s)", f, pick(p, b.contexts)) }
	case 1:
		p.line("func %s(h *record.H, ctx context.Context, tracer *honeyhive.Tracer) {", f)
		inner.tracers = []string{"tracer"}
		call = func() string { return fmt.Sprintf("%s(h, %s, %s)", f, pick(p, b.contexts), p.tracer(b)) }
	case 2:
		p.line("type %[1]s struct { tracer *honeyhive.Tracer }\nfunc (s *%[1]s) run(h *record.H, ctx context.Context) {", f)
		inner.constants = []string{"s.tracer"}
		call = func() string {
			return fmt.Sprintf("(&%s{tracer: %s}).run(h, %s)", f, p.tracer(b), pick(p, b.contexts))
		}
	case 3:
		p.line(`type %[1]s_base struct { tracer *honeyhive.Tracer }
type %[1]s struct { *%[1]s_base; name string }
func (s *%[1]s) set(t *honeyhive.Tracer) { s.tracer = t }
func (s *%[1]s) inner(h *record.H, ctx context.Context) {`, f)
		p.legacy(block{contexts: []string{"ctx"}, constants: []string{"s.tracer"}, depth: 3, goroutine: b.goroutine})
		p.line("}\nfunc (s *%s) run(h *record.H, ctx context.Context) {", f)
		s := p.name("s")
		p.line("ctx, %[1]s := s.tracer.Start(ctx, %[1]q)\ndefer %[1]s.End()", s)
		if p.chance(40) {
			p.line("s.set(h.Quiet(%d))", p.n(3))
		}
		if p.chance(25) {
			p.line("defer s.inner(h, ctx)")
		} else {
			p.line("s.inner(h, ctx)")
		}
		if p.chance(25) {
			p.line("s.set(h.Quiet(%d))", p.n(3))
		}
		inner.constants = []string{"s.tracer"}
		call = func() string {
			return fmt.Sprintf("(&%[1]s{%[1]s_base: &%[1]s_base{tracer: %[2]s}}).run(h, %[3]s)", f, p.tracer(b), pick(p, b.contexts))
		}
	}
	if p.chance(30) {
		s := p.name("s")
		p.line("ctx, %[1]s := %[2]s.Start(ctx, %[1]q)\ndefer %[1]s.End()", s, p.tracer(inner))
	}
	p.statements(inner)
	p.line("}\n")
	p.outside = append(p.outside, p.b.String())
	p.b = outer
	for range 1 + p.n(2) {
		switch k := p.n(10); {
		case k < 2:
			p.line("defer %s", call())
		default:
			p.line("%s", call())
		}
	}
}
