package analyzer

import (
	"fmt"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/honeyhiveai/hhvet/internal/directive"
	"github.com/honeyhiveai/hhvet/passes/deprecatedenrich"
	"github.com/honeyhiveai/hhvet/passes/globalbaggage"
	"github.com/honeyhiveai/hhvet/passes/hhdirective"
)

// Options are the settings of the suite, for drivers that are configured by
// something else than flags.
type Options struct {
	GlobalBaggage    globalbaggage.Options    `json:"globalbaggage"`
	DeprecatedEnrich deprecatedenrich.Options `json:"deprecatedenrich"`

	// Disable names analyzers to leave out.
	Disable []string `json:"disable"`
}

// DefaultOptions returns the settings of [Suite].
func DefaultOptions() Options {
	return Options{DeprecatedEnrich: deprecatedenrich.DefaultOptions()}
}

// New returns the analyzers with the given settings, sorted by name. The
// error names the setting that makes no sense.
func New(opts Options) ([]*analysis.Analyzer, error) {
	if err := opts.GlobalBaggage.Validate(); err != nil {
		return nil, err
	}
	suite := []*analysis.Analyzer{
		deprecatedenrich.New(opts.DeprecatedEnrich),
		globalbaggage.New(opts.GlobalBaggage),
		hhdirective.Analyzer,
	}
	for _, name := range opts.Disable {
		i := slices.IndexFunc(suite, func(a *analysis.Analyzer) bool { return a.Name == name })
		if i < 0 {
			return nil, fmt.Errorf("disable: there is no analyzer %q, or it is named twice; known are %s", name, strings.Join(directive.Names, ", "))
		}
		suite = slices.Delete(suite, i, i+1)
	}
	return suite, nil
}
