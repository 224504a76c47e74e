package equivalence

import (
	"fmt"
	"go/format"
	"math/rand/v2"
	"slices"
	"strings"
)

// A Group is a kind of generated programs.
type Group struct {
	Name    string
	Tracers int  // that a program has
	Visible bool // whether the package visibly handles several tracers
	Assume  bool // whether the analyzer may assume the only tracer in reach
}

// Groups are the kinds of programs: with one tracer each; with several, without
// the assumption; and with several where the package shows it. The programs of a
// group share packages, so that tracers by several names speak against the
// assumption in all of them.
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
	b.contexts = slices.Clone(b.contexts)
	b.tracers = slices.Clone(b.tracers)
	b.constants = slices.Clone(b.constants)
	b.maybeNil = slices.Clone(b.maybeNil)
	b.fields = slices.Clone(b.fields)
	b.slices = slices.Clone(b.slices)
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
