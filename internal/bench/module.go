//go:build unix

package main

import (
	"bytes"
	"fmt"
	"go/format"
	"math/rand/v2"
	"os"
	"path/filepath"

	"github.com/honeyhiveai/hhvet/internal/corpus"
)

// module describes a module to be generated. The same description always
// gives the same files.
type module struct {
	Packages int
	Lines    int     // of each package, about, without its tests
	Touching float64 // share of the packages that use baggage or the SDK
	OTel     float64 // share that imports OpenTelemetry at all
}

// write generates the module in dir. It requires what the corpus does, which is
// known to be there.
func (m module) write(dir string) error {
	if err := corpus.WriteMod(dir, "example.com/bench"); err != nil {
		return err
	}
	rng := rand.New(rand.NewPCG(1, uint64(m.Packages)))
	for i := range m.Packages {
		if err := m.writePackage(dir, i, rng); err != nil {
			return err
		}
	}
	return nil
}

func writeFile(name string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		return err
	}
	return os.WriteFile(name, data, 0o666)
}

// path puts packages into directories of twenty.
func path(i int) string { return fmt.Sprintf("area%d/p%d", i/20, i) }

func (m module) writePackage(dir string, i int, rng *rand.Rand) error {
	every := func(share float64, offset int) bool {
		return share > 0 && (i+offset)%int(1/share) == 0
	}
	touching := every(m.Touching, 0)
	otel := touching || every(m.OTel, 1)
	imports := map[int]bool{}
	for range min(i, 2+rng.IntN(4)) {
		imports[rng.IntN(i)] = true
	}

	var b bytes.Buffer
	fmt.Fprintf(&b, "// Package p%d is one of many.\npackage p%d\n\nimport (\n", i, i)
	for _, std := range []string{"context", "errors", "fmt", "sort", "strings"} {
		fmt.Fprintf(&b, "%q\n", std)
	}
	if i%5 == 0 {
		b.WriteString("\"net/http\"\n")
	}
	for dep := range m.Packages {
		if imports[dep] {
			fmt.Fprintf(&b, "\"example.com/bench/%s\"\n", path(dep))
		}
	}
	if otel {
		b.WriteString("\"go.opentelemetry.io/otel\"\n\"go.opentelemetry.io/otel/trace\"\n")
	}
	if touching {
		b.WriteString("\"go.opentelemetry.io/otel/baggage\"\n\"github.com/honeyhiveai/hhvet/honeyhive\"\n")
	}
	b.WriteString(")\n\n")
	if i%5 == 0 {
		b.WriteString("// Handle answers a request.\nfunc Handle(w http.ResponseWriter, r *http.Request) {\n\tfmt.Fprintln(w, r.URL.Path)\n}\n\n")
	}
	if otel {
		fmt.Fprintf(&b, "// Span starts a span.\nfunc Span(ctx context.Context) (context.Context, trace.Span) {\n\treturn otel.Tracer(\"p%d\").Start(ctx, \"work\")\n}\n\n", i)
	}
	if touching {
		fmt.Fprintf(&b, "// Label%d puts a key into baggage.\nfunc Label%d(ctx context.Context, key, value string) context.Context {\n\tmember, err := baggage.NewMember(key, value)\n\tif err != nil {\n\t\treturn ctx\n\t}\n\tbag, err := baggage.FromContext(ctx).SetMember(member)\n\tif err != nil {\n\t\treturn ctx\n\t}\n\treturn baggage.ContextWithBaggage(ctx, bag)\n}\n\n", i, i)
		fmt.Fprintf(&b, "// Work does some.\nfunc Work(ctx context.Context, id string) {\n\tctx = Label%d(ctx, \"session_id\", id)\n\thoneyhive.EnrichSpan(ctx, honeyhive.Metadata{\"id\": id})\n}\n\n", i)
	}
	fmt.Fprintf(&b, "// Err says that something is missing.\nvar Err = errors.New(\"p%d: missing\")\n\n", i)
	for k := 0; bytes.Count(b.Bytes(), []byte("\n")) < m.Lines; k++ {
		record(&b, k, rng)
	}
	fmt.Fprintf(&b, "// All uses what the package imports.\nfunc All(ctx context.Context) []string {\n\tout := []string{fmt.Sprint(NewRecord0(\"a\", 1))}\n")
	for dep := range m.Packages {
		if imports[dep] {
			fmt.Fprintf(&b, "\tout = append(out, p%d.All(ctx)...)\n", dep)
		}
	}
	b.WriteString("\treturn out\n}\n")
	if err := writeSource(filepath.Join(dir, path(i), fmt.Sprintf("p%d.go", i)), b.Bytes()); err != nil {
		return err
	}
	if i%2 == 1 {
		return nil
	}
	test := fmt.Sprintf("package p%d\n\nimport (\n\t\"context\"\n\t\"testing\"\n)\n\nfunc TestAll(t *testing.T) {\n\tif len(All(context.Background())) == 0 {\n\t\tt.Error(\"nothing\")\n\t}\n}\n", i)
	return writeSource(filepath.Join(dir, path(i), fmt.Sprintf("p%d_test.go", i)), []byte(test))
}

func writeSource(name string, src []byte) error {
	formatted, err := format.Source(src)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return writeFile(name, formatted)
}

// record writes a type with the code that services are made of.
func record(b *bytes.Buffer, k int, rng *rand.Rand) {
	fmt.Fprintf(b, `// Record%[1]d is a named amount with tags.
type Record%[1]d struct {
	Name   string
	Amount int
	Tags   []string
	Next   map[string]*Record%[1]d
}

// NewRecord%[1]d returns a record of that name.
func NewRecord%[1]d(name string, amount int) *Record%[1]d {
	return &Record%[1]d{Name: strings.TrimSpace(name), Amount: amount + %[2]d, Next: make(map[string]*Record%[1]d)}
}

// Validate reports what is missing.
func (r *Record%[1]d) Validate(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("validate %%s: %%w", r.Name, err)
	}
	switch {
	case r == nil, r.Name == "":
		return Err
	case r.Amount < %[3]d:
		return fmt.Errorf("amount %%d: %%w", r.Amount, Err)
	}
	for _, tag := range r.Tags {
		if strings.HasPrefix(tag, "x-%[2]d") && !strings.Contains(tag, r.Name) {
			return fmt.Errorf("tag %%q: %%w", tag, Err)
		}
	}
	return nil
}

// Names returns the names of all that follow, sorted.
func (r *Record%[1]d) Names() []string {
	var names []string
	for name, next := range r.Next {
		if next != nil && next.Amount > %[3]d {
			names = append(names, name)
		}
	}
	sort.Slice(names, func(i, j int) bool { return names[i] < names[j] })
	return names
}

// Total adds up the amounts of all that follow.
func (r *Record%[1]d) Total(limit int) (total int) {
	defer func() {
		if total > limit {
			total = limit
		}
	}()
	for _, next := range r.Next {
		total += next.Amount * %[2]d
	}
	return total + r.Amount
}

`, k, 1+rng.IntN(100), rng.IntN(100))
}
