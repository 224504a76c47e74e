// Package golangciplugin makes hhvet a module plugin of golangci-lint v2.
//
// The linter's name is hhvet; //nolint:hhvet silences it.
package golangciplugin

import (
	"github.com/golangci/plugin-module-register/register"
	"golang.org/x/tools/go/analysis"

	"github.com/honeyhiveai/hhvet/analyzer"
)

// Name is the linter's name in .golangci.yml.
const Name = "hhvet"

func init() { register.Plugin(Name, New) }

// New makes the plugin from the settings under linters.settings.custom.hhvet.
func New(settings any) (register.LinterPlugin, error) {
	return plugin{analyzer.Suite()}, nil
}

type plugin struct{ suite []*analysis.Analyzer }

func (p plugin) BuildAnalyzers() ([]*analysis.Analyzer, error) { return p.suite, nil }

func (p plugin) GetLoadMode() string { return register.LoadModeTypesInfo }
