package equivalence

import (
	"fmt"
	"slices"
	"strings"
)

// tracer returns an expression for a tracer that is not nil.
func (p *program) tracer(b block) string {
	all := slices.Concat(b.tracers, b.constants)
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
