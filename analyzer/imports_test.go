package analyzer_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/honeyhiveai/hhvet/internal/corpus"
	"github.com/honeyhiveai/hhvet/internal/exectest"
)

// Users of the SDK do not link the analyzers, nor users of the analyzers
// OpenTelemetry or the SDK.
func TestDependencies(t *testing.T) {
	const module = "github.com/honeyhiveai/hhvet/"
	tests := []struct {
		pkg       string
		forbidden []string
	}{
		{"./honeyhive", []string{"golang.org/x/tools/", module + "passes/", module + "analyzer"}},
		{"./cmd/hhvet", []string{"go.opentelemetry.io/", "google.golang.org/", module + "honeyhive"}},
		{"./golangci-plugin", []string{"go.opentelemetry.io/", "google.golang.org/", module + "honeyhive"}},
		{"./internal/tracekey", []string{"golang.org/", "go.opentelemetry.io/", "github.com/google/"}},
	}
	for _, tt := range tests {
		t.Run(tt.pkg, func(t *testing.T) {
			deps := strings.Fields(exectest.Run(t, corpus.Root(), 0, "go", "list", "-buildvcs=false", "-deps", tt.pkg).Stdout)
			if len(deps) < 2 {
				t.Fatalf("go list prints %q", deps)
			}
			for _, dep := range deps {
				if i := slices.IndexFunc(tt.forbidden, func(p string) bool { return strings.HasPrefix(dep, p) }); i >= 0 {
					t.Errorf("%s depends on %s", tt.pkg, dep)
				}
			}
		})
	}
}
