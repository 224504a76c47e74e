// Package golangciplugin makes hhvet a module plugin of golangci-lint v2.
//
// The linter's name is hhvet; //nolint:hhvet silences it. Its settings are
// those of [analyzer.Options]:
//
//	linters:
//	  enable: [hhvet]
//	  settings:
//	    custom:
//	      hhvet:
//	        type: module
//	        settings:
//	          globalbaggage:
//	            keys: [tenant_id]
//	          deprecatedenrich:
//	            assume: true
package golangciplugin

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/golangci/plugin-module-register/register"
	"golang.org/x/tools/go/analysis"

	"github.com/honeyhiveai/hhvet/analyzer"
)

// Name is the linter's name in .golangci.yml.
const Name = "hhvet"

func init() { register.Plugin(Name, New) }

// New makes the plugin from the settings under linters.settings.custom.hhvet.
// An unknown setting or one of the wrong type is an error that names it.
func New(raw any) (register.LinterPlugin, error) {
	s, err := register.DecodeSettings[settings](raw)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", Name, err)
	}
	suite, err := analyzer.New(analyzer.Options(s))
	if err != nil {
		return nil, fmt.Errorf("%s: settings: %w", Name, err)
	}
	for i, a := range suite {
		suite[i] = withoutRelated(a)
	}
	return plugin{suite}, nil
}

// withoutRelated returns a as one that reports no related information, of
// which golangci-lint would make issues of their own.
func withoutRelated(a *analysis.Analyzer) *analysis.Analyzer {
	silent := *a
	silent.Run = func(pass *analysis.Pass) (any, error) {
		p := *pass
		p.Report = func(d analysis.Diagnostic) {
			d.Related = nil
			pass.Report(d)
		}
		return a.Run(&p)
	}
	return &silent
}

type settings analyzer.Options

// UnmarshalJSON keeps the default of every setting that data does not have.
func (s *settings) UnmarshalJSON(data []byte) error {
	opts := analyzer.DefaultOptions()
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&opts); err != nil {
		return err
	}
	*s = settings(opts)
	return nil
}

type plugin struct{ suite []*analysis.Analyzer }

func (p plugin) BuildAnalyzers() ([]*analysis.Analyzer, error) { return p.suite, nil }

func (p plugin) GetLoadMode() string { return register.LoadModeTypesInfo }
