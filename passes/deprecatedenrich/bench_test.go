package deprecatedenrich_test

import (
	"fmt"
	"go/types"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/passes/inspect"
	"golang.org/x/tools/go/ast/inspector"
	"golang.org/x/tools/go/packages"

	"github.com/honeyhiveai/hhvet/internal/corpus"
	"github.com/honeyhiveai/hhvet/internal/fixtest"
	"github.com/honeyhiveai/hhvet/passes/deprecatedenrich"
)

// A package that cannot reach the SDK costs next to nothing: compare with the
// time to index its syntax, which is itself a small part of loading it.
func BenchmarkUnrelated(b *testing.B) {
	pkgs, err := fixtest.Load(corpus.Root(), "net/http")
	if err != nil {
		b.Fatal(err)
	}
	pkg := pkgs[0]
	b.Run("inspect", func(b *testing.B) {
		for b.Loop() {
			inspector.New(pkg.Syntax)
		}
	})
	index := inspector.New(pkg.Syntax)
	b.Run("deprecatedenrich", func(b *testing.B) {
		for b.Loop() {
			analyzePackage(b, pkg, index)
		}
	})
}

// A thousand legacy calls: to load their package, to report them with their
// fixes, and to apply those.
func BenchmarkThousandCalls(b *testing.B) {
	dir := thousandCalls(b)
	load := func() *packages.Package {
		pkgs, err := fixtest.Load(dir, "./bench")
		if err != nil {
			b.Fatal(err)
		}
		return pkgs[0]
	}
	pkg := load()
	b.Run("load", func(b *testing.B) {
		for b.Loop() {
			load()
		}
	})
	index := inspector.New(pkg.Syntax)
	b.Run("report", func(b *testing.B) {
		for b.Loop() {
			if n := len(analyzePackage(b, pkg, index)); n != 1000 {
				b.Fatalf("%d diagnostics, want 1000", n)
			}
		}
	})
	diagnostics := analyzePackage(b, pkg, index)
	b.Run("apply", func(b *testing.B) {
		for b.Loop() {
			files, err := fixtest.Apply(diagnostics...)
			if err != nil || len(files) != 1 {
				b.Fatal(len(files), err)
			}
		}
	})
}

func analyzePackage(tb testing.TB, pkg *packages.Package, index *inspector.Inspector) []fixtest.Diagnostic {
	var out []fixtest.Diagnostic
	pass := &analysis.Pass{
		Analyzer:         deprecatedenrich.Analyzer,
		Fset:             pkg.Fset,
		Files:            pkg.Syntax,
		Pkg:              pkg.Types,
		TypesInfo:        pkg.TypesInfo,
		ReadFile:         os.ReadFile,
		ResultOf:         map[*analysis.Analyzer]any{inspect.Analyzer: index},
		AllObjectFacts:   func() []analysis.ObjectFact { return nil },
		ImportObjectFact: func(types.Object, analysis.Fact) bool { return false },
		Report:           func(d analysis.Diagnostic) { out = append(out, fixtest.Diagnostic{Diagnostic: d, Package: pkg}) },
	}
	if _, err := deprecatedenrich.Analyzer.Run(pass); err != nil {
		tb.Fatal(err)
	}
	return out
}

// thousandCalls returns a copy of the corpus with a package of 1,000 calls.
func thousandCalls(tb testing.TB) string {
	dir := tb.TempDir()
	for _, name := range []string{"go.mod", "go.sum"} {
		text, err := os.ReadFile(filepath.Join(corpus.Dir(tb), name))
		if err != nil {
			tb.Fatal(err)
		}
		text = []byte(strings.ReplaceAll(string(text), "=> ../..", "=> "+corpus.Root()))
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o666); err != nil {
			tb.Fatal(err)
		}
	}
	var src strings.Builder
	src.WriteString("package bench\n\nimport (\n\t\"context\"\n\n\t\"github.com/honeyhiveai/hhvet/honeyhive\"\n)\n")
	for i := range 100 {
		fmt.Fprintf(&src, "\nfunc f%d(ctx context.Context, tracer *honeyhive.Tracer, m map[string]any) {\n", i)
		for range 2 {
			src.WriteString(`	honeyhive.EnrichSpan(ctx, honeyhive.Metadata{"a": 1})
	honeyhive.EnrichSpan(ctx, honeyhive.WithTracer(tracer), honeyhive.Metadata{"a": 1})
	if ctx, span := tracer.Start(ctx, "work"); ctx != nil {
		honeyhive.EnrichSpan(ctx, honeyhive.Metadata{"a": 1})
		span.End()
	}
	honeyhive.EnrichSession(ctx, "", m)
	honeyhive.EnrichSession(ctx, "id", map[string]any{"a": 1})
`)
		}
		src.WriteString("}\n")
	}
	if err := os.Mkdir(filepath.Join(dir, "bench"), 0o777); err != nil {
		tb.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "bench", "bench.go"), []byte(src.String()), 0o666); err != nil {
		tb.Fatal(err)
	}
	return dir
}
