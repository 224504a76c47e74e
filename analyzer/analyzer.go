// Package analyzer is the suite of hhvet's analyzers, for use in drivers.
package analyzer

import (
	"golang.org/x/tools/go/analysis"

	"github.com/honeyhiveai/hhvet/passes/deprecatedenrich"
	"github.com/honeyhiveai/hhvet/passes/globalbaggage"
	"github.com/honeyhiveai/hhvet/passes/hhdirective"
)

// Suite returns the analyzers that hhvet runs by default, sorted by name.
func Suite() []*analysis.Analyzer {
	return []*analysis.Analyzer{
		deprecatedenrich.Analyzer,
		globalbaggage.Analyzer,
		hhdirective.Analyzer,
	}
}
