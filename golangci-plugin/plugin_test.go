package golangciplugin_test

import (
	"strings"
	"testing"

	"github.com/golangci/plugin-module-register/register"
	"golang.org/x/tools/go/analysis"

	golangciplugin "github.com/honeyhiveai/hhvet/golangci-plugin"
)

type m = map[string]any

func TestNew(t *testing.T) {
	newPlugin, err := register.GetPlugin(golangciplugin.Name)
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name     string
		settings any
		flags    map[string]string // analyzer.flag -> value
		err      string
	}{
		{"none", nil, map[string]string{"deprecatedenrich.assume": "false", "globalbaggage.keys": ""}, ""},
		{"empty", m{}, map[string]string{"deprecatedenrich.assume": "false"}, ""},
		{"some", m{"globalbaggage": m{"keys": []any{"tenant_id", "user"}}},
			map[string]string{"deprecatedenrich.assume": "false", "globalbaggage.keys": "tenant_id,user"}, ""},
		{"assume", m{"deprecatedenrich": m{"assume": true}}, map[string]string{"deprecatedenrich.assume": "true"}, ""},
		{"unknown analyzer", m{"globalbagage": m{}}, nil, `unknown field "globalbagage"`},
		{"unknown setting", m{"globalbaggage": m{"key": "x"}}, nil, `unknown field "key"`},
		{"wrong type", m{"globalbaggage": m{"keys": "tenant_id"}}, nil, "globalbaggage.keys"},
		{"wrong type of all", "tenant_id", nil, "cannot unmarshal string"},
		{"wrong value", m{"globalbaggage": m{"wrappers": []any{"f"}}}, nil, `wrappers: "f"`},
		{"disable unknown", m{"disable": []any{"x"}}, nil, `no analyzer "x"`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p, err := newPlugin(tt.settings)
			if tt.err != "" {
				if err == nil || !strings.Contains(err.Error(), tt.err) {
					t.Fatalf("error %v, want %q in it", err, tt.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got := p.GetLoadMode(); got != register.LoadModeTypesInfo {
				t.Errorf("load mode %q", got)
			}
			suite, err := p.BuildAnalyzers()
			if err != nil {
				t.Fatal(err)
			}
			if err := analysis.Validate(suite); err != nil {
				t.Error(err)
			}
			for name, want := range tt.flags {
				if got := flagValue(suite, name); got != want {
					t.Errorf("%s = %q, want %q", name, got, want)
				}
			}
		})
	}
}

func flagValue(suite []*analysis.Analyzer, name string) string {
	analyzer, flag, _ := strings.Cut(name, ".")
	for _, a := range suite {
		if f := a.Flags.Lookup(flag); a.Name == analyzer && f != nil {
			return f.Value.String()
		}
	}
	return "there is no such flag"
}
