package globalbaggage_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// A generator writes functions that put keys into baggage in ways that the
// corpus shows, combined at random: where the keys come from, what they are
// asked on the way, and through what they enter baggage.
type generator struct {
	*rand.Rand
	out strings.Builder
	n   int // of the case
}

// Keys to draw from; the analyzer is not told which are which.
var keyPool = []string{
	"project", "source", "session_id", "session_name", "parent_id", "span_id", "api_key",
	"honeyhive.project", "hh_source", "langfuse.session.id", "sessionId", "HH_SESSION_ID", "project-name", "x.project.slug", "authorization",
	"run_id", "dataset_id", "datapoint_id", "honeyhive_tracer_id", "region", "correlation_id",
	"data.source", "projects", "span_kind", "page_token", "tenant", "sentry-project", "runId", "id", "resource",
}

const generatedHeader = `package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"

	"go.opentelemetry.io/otel/baggage"
	"go.opentelemetry.io/otel/propagation"

	"example.com/corpus/globalbaggage/wrapper/telemetry"
)

// Not every program uses every import.
var _ = []any{cmp.Or[string], fmt.Sprint, maps.Keys[map[string]string], os.Args, regexp.MustCompile, slices.Contains[[]string],
	strings.ToLower, propagation.MapCarrier{}, telemetry.Set}

type pair struct{ key, value string }

func merge(ctx context.Context, b baggage.Baggage) context.Context {
	for _, m := range b.Members() {
		ctx = put(ctx, m)
	}
	return ctx
}

func put(ctx context.Context, m baggage.Member) context.Context {
	b, err := baggage.FromContext(ctx).SetMember(m)
	if err != nil {
		panic(err)
	}
	return baggage.ContextWithBaggage(ctx, b)
}

`

// generatedMain prints the keys that each case left in the baggage.
const generatedMain = `
func main() {
	all := make(map[string][]string)
	for name, f := range cases {
		keys := []string{}
		for _, in := range []bool{false, true} {
			input := make(map[string]string)
			for _, k := range pool {
				input[k] = "v"
			}
			ctx := f(context.Background(), in, input)
			for _, m := range baggage.FromContext(ctx).Members() {
				keys = append(keys, m.Key())
			}
		}
		all[name] = keys
	}
	if err := json.NewEncoder(os.Stdout).Encode(all); err != nil {
		panic(err)
	}
}
`

// program returns the source of n cases, and the line on which each begins.
func program(seed uint64, n int) (src string, lines []int) {
	g := &generator{Rand: rand.New(rand.NewPCG(seed, 1))}
	g.out.WriteString(generatedHeader)
	var table strings.Builder
	table.WriteString("var cases = map[string]func(context.Context, bool, map[string]string) context.Context{\n")
	for i := range n {
		g.n = i
		lines = append(lines, strings.Count(g.out.String(), "\n")+1)
		g.testCase()
		fmt.Fprintf(&table, "\t%q: c%d,\n", fmt.Sprint(i), i)
	}
	lines = append(lines, strings.Count(g.out.String(), "\n")+1)
	g.out.WriteString(table.String() + "}\n\nvar pool = []string{" + quoteAll(keyPool) + "}\n" + generatedMain)
	return g.out.String(), lines
}

func (g *generator) pick(from ...string) string { return from[g.IntN(len(from))] }

func (g *generator) keys(n int) []string {
	var out []string
	for _, i := range g.Perm(len(keyPool))[:n] {
		out = append(out, keyPool[i])
	}
	return out
}

func quoteAll(keys []string) string {
	var out []string
	for _, k := range keys {
		out = append(out, fmt.Sprintf("%q", k))
	}
	return strings.Join(out, ", ")
}

// declare writes a declaration at package level and returns its name.
func (g *generator) declare(format string, args ...any) string {
	name := fmt.Sprintf("d%d_%d", g.n, g.IntN(1e9))
	g.out.WriteString(strings.ReplaceAll(fmt.Sprintf(format, args...), "NAME", name) + "\n\n")
	return name
}

// testCase writes one case: a source of keys, a condition, and a sink.
func (g *generator) testCase() {
	var begin, end []string
	k := "k"
	loop := true
	guarded := g.IntN(3) > 0
	switch g.IntN(11) {
	case 0, 1, 2:
		loop = false
		begin = append(begin, "k := "+g.expr(g.keys(1)[0], 2))
	case 3:
		loop = false
		ks := g.keys(2)
		begin = append(begin, "k := "+g.expr(ks[0], 1), "if in {", "k = "+g.expr(ks[1], 1), "}")
	case 4:
		loop = false
		ks := g.keys(2)
		begin = append(begin, "k := "+g.expr(ks[0], 1), "_ = k", "k = "+g.expr(ks[1], 1))
	case 5:
		list := "[]string{" + quoteAll(g.keys(3)) + "}"
		if g.IntN(2) == 0 {
			list = g.declare("var NAME = %s", list)
		}
		begin, end = append(begin, "for _, k := range "+list+" {"), []string{"}"}
	case 6:
		ks := g.keys(2)
		begin, end = append(begin, fmt.Sprintf("for k := range map[string]string{%s: %q, %s: \"v\"} {", g.expr(ks[0], 1), g.keys(1)[0], g.expr(ks[1], 0))), []string{"}"}
	case 7:
		ks := g.keys(2)
		begin, end = append(begin, fmt.Sprintf("for _, item := range []pair{{%s, %q}, {key: %s}} {", g.expr(ks[0], 1), g.keys(1)[0], g.expr(ks[1], 0))), []string{"}"}
		k = "item.key"
	case 8:
		ks := g.keys(3)
		begin = append(begin, fmt.Sprintf("m := map[string]string{%q: \"v\"}", ks[0]), fmt.Sprintf("m[%s] = \"v\"", g.expr(ks[1], 1)))
		if g.IntN(2) == 0 {
			begin = append(begin, fmt.Sprintf("delete(m, %q)", ks[g.IntN(3)]))
		}
		begin, end = append(begin, "for _, k := range slices.Sorted(maps.Keys(m)) {"), []string{"}"}
	case 9:
		ks := g.keys(2)
		begin = append(begin, fmt.Sprintf("list := []string{%q}", ks[0]), fmt.Sprintf("list = append(list, %s)", g.expr(ks[1], 1)))
		begin, end = append(begin, "for _, k := range list {"), []string{"}"}
	case 10:
		// Keys that nobody knows: only a list that admits keys says which.
		begin, end = append(begin, "for k := range input {"), []string{"}"}
		begin = append(begin, g.admit(k, true)...)
		guarded = false
	}
	if guarded {
		begin = append(begin, g.admit(k, loop)...)
	}
	sink := g.sink(k)
	fmt.Fprintf(&g.out, "func c%d(ctx context.Context, in bool, input map[string]string) context.Context {\n", g.n)
	for _, s := range append(append(begin, sink), end...) {
		g.out.WriteString("\t" + s + "\n")
	}
	g.out.WriteString("\treturn ctx\n}\n\n")
}

// expr returns an expression for the string s.
func (g *generator) expr(s string, depth int) string {
	lit := fmt.Sprintf("%q", s)
	if depth == 0 {
		return lit
	}
	inner := func() string { return g.expr(s, depth-1) }
	switch g.IntN(20) {
	case 0:
		return g.declare("const NAME = %s", lit)
	case 1:
		return g.declare("var NAME = %s", inner())
	case 2:
		t := g.declare("type NAME string")
		return "string(" + t + "(" + inner() + "))"
	case 3:
		i := g.IntN(len(s) + 1)
		return g.expr(s[:i], depth-1) + " + " + g.expr(s[i:], depth-1)
	case 4:
		if s == strings.ToLower(s) {
			return fmt.Sprintf("strings.ToLower(%q)", strings.ToUpper(s))
		}
	case 5:
		return fmt.Sprintf("fmt.Sprintf(%q, %s)", "%s", inner())
	case 6:
		i := g.IntN(len(s) + 1)
		return fmt.Sprintf("fmt.Sprintf(%q, %q, %q)", "%s%v", s[:i], s[i:])
	case 7:
		return fmt.Sprintf("strings.TrimPrefix(%q, %q)", "x-baggage-"+s, "x-baggage-")
	case 8:
		return g.declare("func NAME() string { return %s }", inner()) + "()"
	case 9:
		return g.declare("func NAME(a, b string) string { return b }") + `("project", ` + inner() + ")"
	case 10:
		return g.declare("func NAME(s string) (r string) {\n\tr = strings.TrimSpace(s)\n\treturn\n}") + "(" + inner() + ")"
	case 11:
		return "pair{" + inner() + `, "project"}.key`
	case 12:
		return g.declare("var NAME = pair{key: %s}", inner()) + ".key"
	case 13:
		return "[]string{\"id\", " + inner() + "}[1]"
	case 14:
		return "(func() string { return " + inner() + " })()"
	case 15:
		return g.declare("func NAME[T any](v T) T { return v }") + "(" + inner() + ")"
	case 16:
		return "strings.Join([]string{" + inner() + `}, ".")`
	case 17:
		if !strings.Contains(s, "|") {
			return fmt.Sprintf("strings.Split(%q, \"|\")[0]", s)
		}
	case 18:
		t := g.declare("type NAME string")
		g.out.WriteString("func (t " + t + ") Key() string { return string(t) }\n\n")
		return t + "(" + inner() + ").Key()"
	case 19:
		return "cmp.Or(" + inner() + ", " + inner() + ")"
	}
	return lit
}

// admit returns statements that go on only for some keys.
func (g *generator) admit(k string, loop bool) []string {
	leave := "return ctx"
	if loop {
		leave = "continue"
	}
	list := quoteAll(g.keys(3))
	var cond string
	switch g.IntN(9) {
	case 0:
		cond = "!" + g.declare("var NAME = map[string]bool{%s: true}", strings.ReplaceAll(list, ",", ": true,")) + "[" + k + "]"
	case 1:
		return []string{"if _, ok := " + g.declare("var NAME = map[string]struct{}{%s: {}}", strings.ReplaceAll(list, ",", ": {},")) + "[" + k + "]; !ok {", leave, "}"}
	case 2:
		cond = "!slices.Contains([]string{" + list + "}, " + k + ")"
	case 3:
		return []string{"switch " + k + " {", "case " + list + ":", "default:", leave, "}"}
	case 4:
		cond = "!" + g.declare("func NAME(s string) bool {\n\tswitch s {\n\tcase %s:\n\t\treturn true\n\t}\n\treturn false\n}", list) + "(" + k + ")"
	case 5:
		list := g.keys(2)
		cond = fmt.Sprintf("%s != %q && %s != %q", k, list[0], k, list[1])
	case 6:
		var alts []string
		for _, key := range g.keys(3) {
			alts = append(alts, strings.ReplaceAll(key, ".", `\.`))
		}
		cond = "!" + g.declare("var NAME = regexp.MustCompile(`^(%s)$`)", strings.Join(alts, "|")) + ".MatchString(" + k + ")"
	case 7:
		fn := g.declare("func NAME(list []string, s string) bool {\n\tfor _, e := range list {\n\t\tif e == s {\n\t\t\treturn true\n\t\t}\n\t}\n\treturn false\n}")
		cond = "!" + fn + "([]string{" + list + "}, " + k + ")"
	case 8:
		flag := "ok := false\nfor _, a := range []string{" + list + "} {\nif a == " + k + " {\nok = true\n}\n}"
		return []string{flag, "if !ok {", leave, "}"}
	}
	return []string{"if " + cond + " {", leave, "}"}
}

// sink returns a statement that puts k into ctx's baggage, or only looks as
// if it did.
func (g *generator) sink(k string) string {
	member := "baggage." + g.pick("NewMember", "NewMemberRaw") + "(" + k + `, "v")`
	add := "m, err := " + member + "\nif err == nil {\nctx = put(ctx, m)\n}"
	switch g.IntN(32) {
	case 0:
		return add
	case 1:
		return "if b, err := baggage.Parse(" + k + ` + "=v"); err == nil {` + "\nctx = merge(ctx, b)\n}"
	case 2:
		return `if b, err := baggage.Parse(fmt.Sprintf("id=project,%s=%d", ` + k + ", len(input))); err == nil {\nctx = merge(ctx, b)\n}"
	case 3:
		return `ctx = merge(ctx, baggage.FromContext(propagation.Baggage{}.Extract(ctx, propagation.MapCarrier{"baggage": ` + k + ` + "=v"})))`
	case 4:
		return "c := propagation.MapCarrier{}\n" + `c.Set("baggage", "id=1," + ` + k + ` + "=v")` + "\nctx = merge(ctx, baggage.FromContext(propagation.Baggage{}.Extract(ctx, c)))"
	case 5, 6:
		return "ctx = " + g.local(k, add)
	case 7:
		return "ctx = telemetry.Set(ctx, " + k + `, "project")`
	case 8:
		return `ctx = telemetry.Pairs(ctx, "id", "project", ` + k + `, "v")`
	case 9:
		return "ctx = telemetry.SetMap(ctx, map[string]any{" + k + ": 1})"
	case 10:
		return "ctx = telemetry.SetItem(ctx, telemetry.Item{Key: " + k + `, Value: "project"})`
	case 11:
		return "ctx = telemetry.NewSetter(" + k + `).Set(ctx, "v")`
	case 12:
		return "ctx = telemetry.Put(ctx, telemetry.WithKey(" + k + `), telemetry.WithValue("project"))`
	case 13:
		return "ctx = telemetry.Build(ctx).With(" + k + `, "v").Context()`
	case 14:
		return "ctx = telemetry.SetTyped(ctx, " + k + `, "v")`
	case 15:
		return "var carrier telemetry.Carrier = telemetry.Baggage{}\nctx = carrier.Carry(ctx, " + k + `, "v")`
	case 16:
		return "add := func(key string) { ctx = telemetry.Set(ctx, key, \"v\") }\nadd(" + k + ")"
	case 17:
		return "f := telemetry.Set\nctx = f(ctx, " + k + `, "v")`
	case 18:
		return "ctx = telemetry.Middleware(telemetry.Config{Keys: []string{" + k + "}, Header: \"project\"})(ctx, func(string) string { return \"v\" })"
	case 19:
		return "ctx = put(ctx, telemetry.Member(" + k + `, "v"))`
	case 24:
		return `ctx = telemetry.EvenPairs(ctx, "id", "project", ` + k + `, "v")`
	case 25:
		return `ctx = telemetry.Fields(ctx, "attempt", 1, ` + k + `, "v")`
	case 26:
		return "ctx = telemetry.Tagger{Key: " + k + `}.Tag(ctx, "v")`
	case 27:
		return "ctx = telemetry.SetOther(ctx, " + k + `, "v")`
	case 28:
		return "ctx = telemetry.SetShared(ctx, " + k + `, "v")`
	case 29:
		return "ctx = telemetry.SetApp(ctx, " + k + `, "v")`
	case 30:
		return "items := make(map[string]any)\nitems[" + k + "] = \"project\"\nctx = telemetry.SetMap(ctx, items)"
	case 31:
		return "ctx = telemetry.SetLower(ctx, " + k + `, "v")`
	case 20:
		return "if _, err := " + member + "; err != nil {\npanic(err)\n}"
	case 21:
		return "if m, err := " + member + "; err == nil && m.Key() == \"\" {\npanic(m)\n}"
	case 22:
		return "if m, err := " + member + "; err == nil {\n_, _ = baggage.FromContext(ctx).SetMember(m)\n}"
	default:
		return "if m, err := " + member + "; err == nil {\nb, _ := baggage.New(m)\nctx = merge(ctx, b.DeleteMember(\"none\"))\n}"
	}
}

// local declares a function of the program that adds a key, and calls it.
func (g *generator) local(k, add string) string {
	add = strings.ReplaceAll(add, "("+k+",", "(key,")
	switch g.IntN(3) {
	case 0:
		return g.declare("func NAME(ctx context.Context, key string) context.Context {\n%s\nreturn ctx\n}", add) + "(ctx, " + k + ")"
	case 1:
		fn := g.declare("func NAME(ctx context.Context, keys ...string) context.Context {\nfor _, key := range keys {\n%s\n}\nreturn ctx\n}", add)
		return fn + "(ctx, \"id\", " + k + ")"
	default:
		t := g.declare("type NAME struct{ key string }")
		g.out.WriteString("func (t *" + t + ") set(ctx context.Context) context.Context {\nkey := t.key\n" + add + "\nreturn ctx\n}\n\n")
		return "(&" + t + "{" + k + "}).set(ctx)"
	}
}
