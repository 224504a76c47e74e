package globalbaggage

import (
	"cmp"
	_ "embed"
	"go/types"
	"slices"

	"golang.org/x/tools/go/analysis"

	"github.com/honeyhiveai/hhvet/internal/checkdoc"
	"github.com/honeyhiveai/hhvet/internal/directive"
	"github.com/honeyhiveai/hhvet/internal/sdkapi"
)

//go:embed doc.go
var doc string

// Analyzer is the analyzer with its settings taken from flags.
var Analyzer = New(Options{})

// New returns the analyzer with the given settings. Its flags change them.
// Settings that [Options.Validate] refuses are an error of every run.
func New(opts Options) *analysis.Analyzer {
	return newAnalyzer(&opts, false)
}

// newAnalyzer returns the analyzer. If always is set it goes through every
// package, which costs time and finds nothing more.
func newAnalyzer(o *Options, always bool) *analysis.Analyzer {
	return &analysis.Analyzer{
		Name:      "globalbaggage",
		Doc:       checkdoc.MustExtract(doc, "globalbaggage"),
		URL:       checkdoc.URL("globalbaggage"),
		Flags:     o.flags(),
		FactTypes: []analysis.Fact{new(wrapper), new(values), new(perTracer), new(reader), new(holder)},
		Run: func(pass *analysis.Pass) (any, error) {
			s, err := o.parse()
			if err != nil {
				return nil, err
			}
			directives := directive.NewSet(pass)
			if always || matters(pass, s) {
				run(pass, s, directives)
			}
			directives.ReportProblems()
			return nil, nil
		},
	}
}

// matters reports whether the package can have a finding or a fact.
func matters(pass *analysis.Pass, s *settings) bool {
	return mentions(pass.Files) || usesFacts(pass) || s.used(pass)
}

func run(pass *analysis.Pass, s *settings, directives *directive.Set) {
	if inTable(pass.Pkg) && !sdkapi.IsPackage(pass.Pkg) {
		return
	}
	c := newChecker(pass, s, directives)
	c.sources()
	c.settle()
	c.precedence()
	c.injections()
	if !inTable(pass.Pkg) {
		c.export()
	}
	c.report()
}

// usesFacts reports whether the package uses an object that carries a fact.
func usesFacts(pass *analysis.Pass) bool {
	carriers := make(map[types.Object]bool)
	for _, f := range pass.AllObjectFacts() {
		if f.Object.Pkg() != pass.Pkg {
			carriers[f.Object] = true
		}
	}
	if len(carriers) == 0 {
		return false
	}
	for _, obj := range pass.TypesInfo.Uses {
		switch o := obj.(type) {
		case *types.Func:
			obj = o.Origin()
		case *types.Var:
			obj = o.Origin()
		}
		if carriers[obj] {
			return true
		}
	}
	return false
}

// used reports whether the package calls one of the configured wrappers.
func (s *settings) used(pass *analysis.Pass) bool {
	if len(s.wrappers) == 0 {
		return false
	}
	for _, obj := range pass.TypesInfo.Uses {
		if fn, ok := obj.(*types.Func); ok && len(s.wrappers[qualified(fn)]) > 0 {
			return true
		}
	}
	return false
}

// qualified is a function's name as settings spell it: path.Func or
// path.Type.Method.
func qualified(fn *types.Func) string {
	if fn.Pkg() == nil {
		return ""
	}
	name := sdkapi.Unvendored(fn.Pkg().Path()) + "."
	if recv := recvName(fn.Signature()); recv != "" {
		name += recv + "."
	}
	return name + fn.Name()
}

// sources starts the analysis at every place where the package itself writes
// baggage, or uses something that is known to.
func (c *checker) sources() {
	for _, call := range c.calls {
		for _, s := range c.sinks(call) {
			if s.built != nil && c.unused(s.built) {
				continue
			}
			c.deliver(s, c.eval(s.expr, s.path))
		}
		c.known(call)
	}
	for _, lit := range c.literals {
		for _, s := range c.carrierLiteral(lit) {
			c.deliver(s, c.eval(s.expr, s.path))
		}
	}
	for _, assign := range c.assigns {
		for _, s := range c.carrierStore(assign) {
			c.deliver(s, c.eval(s.expr, s.path))
		}
	}
	var fields []*types.Var
	for f := range c.writes {
		if f.IsField() && f.Pkg() != c.pkg {
			fields = append(fields, f)
		}
	}
	slices.SortFunc(fields, func(a, b *types.Var) int { return cmp.Compare(a.Pos(), b.Pos()) })
	for _, f := range fields {
		for _, flow := range c.facts.wrapper(f.Origin()) {
			c.assigned(flow, c.writes[f])
		}
	}
}
