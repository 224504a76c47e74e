package main_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/honeyhiveai/hhvet/internal/corpus"
	"github.com/honeyhiveai/hhvet/internal/exectest"
	"github.com/honeyhiveai/hhvet/internal/published"
)

// Migrating 1,000 calls in 400 packages, checked and written, takes at most
// three times as long as reporting them.
func BenchmarkMigration(b *testing.B) {
	const packages, calls = 400, 1000
	exe := exectest.Build(b, corpus.Root(), "./cmd/hhvet")
	dir := b.TempDir()
	sources := make(map[string]string)
	for i := range packages {
		name := fmt.Sprintf("p%03d", i)
		var src strings.Builder
		fmt.Fprintf(&src, "package %s\n\nimport (\n\t\"context\"\n\n\t\"github.com/honeyhiveai/hhvet/honeyhive\"\n)\n", name)
		for j := i; j < calls; j += packages {
			fmt.Fprintf(&src, `
func f%d(ctx context.Context, tracer *honeyhive.Tracer, n int) {
	ctx, span := tracer.Start(ctx, "f")
	defer span.End()
	honeyhive.EnrichSpan(ctx, honeyhive.Metadata{"n": n})
}
`, j)
		}
		sources[filepath.Join(dir, name, name+".go")] = src.String()
	}
	write := func() {
		for name, src := range sources {
			if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
				b.Fatal(err)
			}
			if err := os.WriteFile(name, []byte(src), 0o666); err != nil {
				b.Fatal(err)
			}
		}
	}
	mod := fmt.Sprintf("module example.com/m\n\ngo 1.26.0\n\nrequire %s v0.0.0\n\nreplace %s => %s\n", published.Path, published.Path, corpus.Root())
	if err := os.WriteFile(filepath.Join(dir, "go.mod"), []byte(mod), 0o666); err != nil {
		b.Fatal(err)
	}
	write()
	exectest.Run(b, dir, 0, "go", "mod", "tidy")
	exectest.Run(b, dir, 0, "go", "build", "./...")

	var reporting, fixing time.Duration
	for b.Loop() {
		begun := time.Now()
		exectest.Run(b, dir, 3, exe, "./...")
		reported := time.Now()
		exectest.Run(b, dir, 0, exe, "-fix", "./...")
		reporting, fixing = reporting+reported.Sub(begun), fixing+time.Since(reported)
		b.StopTimer()
		write()
		exectest.Run(b, dir, 0, "go", "build", "./...")
		b.StartTimer()
	}
	b.ReportMetric(fixing.Seconds()/reporting.Seconds(), "fix/report")
}
