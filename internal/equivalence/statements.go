package equivalence

import (
	"fmt"
	"slices"
	"strings"
)

func (p *program) statements(b block) {
	for n := 2 + p.n(4); n > 0 && p.budget > 0; n-- {
		p.budget--
		b = p.statement(b)
	}
	p.legacy(b)
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
		if len(b.tracers) > 0 {
			shadowed := pick(p, b.tracers)
			p.line("{\n%[1]s := 1\n_ = %[1]s", shadowed)
			inner := b.inner()
			inner.tracers = slices.DeleteFunc(inner.tracers, func(name string) bool { return name == shadowed })
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
	case k < 6 && slices.Contains(b.constants, "shared"):
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
