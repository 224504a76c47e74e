package deprecatedenrich

import (
	_ "embed"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/passes/inspect"

	"github.com/honeyhiveai/hhvet/internal/checkdoc"
)

//go:embed doc.go
var doc string

// Options are the analyzer's settings. The flags of a driver and the settings
// of golangci-lint set the same ones.
type Options struct {
	// Assume that the only tracer in reach of a legacy call is the one that
	// the call finds at run time, where nothing in the package speaks against
	// it. Without it a call whose tracer cannot be proved asks the context, and
	// a fix never changes what is recorded. The default is false.
	Assume bool `json:"assume"`
}

// DefaultOptions returns the settings of [Analyzer].
func DefaultOptions() Options { return Options{} }

// Analyzer reports and migrates the SDK's legacy enrichment calls.
var Analyzer = New(DefaultOptions())

// New returns an analyzer whose flags have the values of opts as defaults.
func New(opts Options) *analysis.Analyzer {
	a := &analysis.Analyzer{
		Name:      "deprecatedenrich",
		Doc:       checkdoc.MustExtract(doc, "deprecatedenrich"),
		URL:       checkdoc.URL("deprecatedenrich"),
		Requires:  []*analysis.Analyzer{inspect.Analyzer},
		FactTypes: []analysis.Fact{new(forwarderFact)},
	}
	a.Flags.BoolVar(&opts.Assume, "assume", opts.Assume,
		"take the only tracer in reach for the one that a legacy call finds at run time")
	a.Run = func(pass *analysis.Pass) (any, error) {
		run(pass, opts)
		return nil, nil
	}
	return a
}
