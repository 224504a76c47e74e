package analyzer_test

import (
	"flag"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/go/analysis"

	"github.com/honeyhiveai/hhvet/analyzer"
	"github.com/honeyhiveai/hhvet/internal/directive"
	"github.com/honeyhiveai/hhvet/passes/globalbaggage"
)

func names(analyzers []*analysis.Analyzer) []string {
	var out []string
	for _, a := range analyzers {
		out = append(out, a.Name)
	}
	return out
}

func TestSuite(t *testing.T) {
	suite := analyzer.Suite()
	if err := analysis.Validate(suite); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(directive.Names, names(suite)); diff != "" {
		t.Errorf("names that //hhvet:ignore accepts differ from the suite's (-directive +suite):\n%s", diff)
	}
}

// By default New makes the same analyzers as Suite, with the same flags.
func TestNew(t *testing.T) {
	made, err := analyzer.New(analyzer.DefaultOptions())
	if err != nil {
		t.Fatal(err)
	}
	suite := analyzer.Suite()
	if diff := cmp.Diff(names(suite), names(made)); diff != "" {
		t.Fatalf("New differs from Suite (-suite +new):\n%s", diff)
	}
	for i, a := range made {
		if diff := cmp.Diff(flags(suite[i]), flags(a)); diff != "" {
			t.Errorf("%s: flags differ (-suite +new):\n%s", a.Name, diff)
		}
	}
}

func flags(a *analysis.Analyzer) map[string]string {
	values := make(map[string]string)
	a.Flags.VisitAll(func(f *flag.Flag) { values[f.Name] = f.Value.String() })
	return values
}

func TestNewOptions(t *testing.T) {
	tests := []struct {
		name string
		set  func(*analyzer.Options)
		want []string
		err  string
	}{
		{"disable", func(o *analyzer.Options) { o.Disable = []string{"deprecatedenrich"} }, []string{"globalbaggage", "hhdirective"}, ""},
		{"disable unknown", func(o *analyzer.Options) { o.Disable = []string{"enrich"} }, nil, `no analyzer "enrich"`},
		{"bad wrapper", func(o *analyzer.Options) { o.GlobalBaggage = globalbaggage.Options{Wrappers: []string{"f"}} }, nil, `wrappers: "f"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			opts := analyzer.DefaultOptions()
			tt.set(&opts)
			got, err := analyzer.New(opts)
			if tt.err == "" && err != nil || tt.err != "" && (err == nil || !strings.Contains(err.Error(), tt.err)) {
				t.Errorf("error %v, want %q in it", err, tt.err)
			}
			if diff := cmp.Diff(tt.want, names(got)); diff != "" {
				t.Errorf("analyzers (-want +got):\n%s", diff)
			}
		})
	}
}
