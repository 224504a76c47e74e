// Package check type-checks one package from source and runs analyzers on it.
package check

import (
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"go/types"
	"runtime/debug"
	"slices"

	"golang.org/x/tools/go/analysis"

	"github.com/honeyhiveai/hhvet/internal/facts"
	"github.com/honeyhiveai/hhvet/internal/finding"
)

// Unit is one package to check.
type Unit struct {
	ID        string // such as "p [p.test]"
	PkgPath   string
	GoFiles   []string // as the compiler gets them, so after cgo
	NonGo     []string
	Ignored   []string
	GoVersion string // such as "go1.26.0", "" for the newest
	Module    *analysis.Module
	GOARCH    string // what the build is for

	// Import returns the package for an import path in the source, and is
	// asked for direct imports only.
	Import func(path string) (*types.Package, error)
	// Seen is what Import has come across so far, by package path, including
	// packages that were only mentioned.
	Seen map[string]*types.Package
	// ReadFile returns the content of a file among those above.
	ReadFile func(name string) ([]byte, error)

	Fset *token.FileSet
}

// Package is a unit that has been type-checked.
type Package struct {
	Unit  *Unit
	Files []*ast.File
	Types *types.Package
	Info  *types.Info
	sizes types.Sizes
}

// Load parses and type-checks u. All errors that it returns are of parsing
// and types: a [scanner.ErrorList], or as many [types.Error] as there are.
func Load(u *Unit) (*Package, []error) {
	p := &Package{Unit: u, sizes: types.SizesFor("gc", u.GOARCH)}
	for _, name := range u.GoFiles {
		src, err := u.ReadFile(name)
		if err != nil {
			return nil, []error{err}
		}
		f, err := parser.ParseFile(u.Fset, name, src, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return nil, []error{err}
		}
		p.Files = append(p.Files, f)
	}
	var errs []error
	config := &types.Config{
		Importer:  importerFunc(u.Import),
		Sizes:     p.sizes,
		GoVersion: u.GoVersion,
		Error:     func(err error) { errs = append(errs, err) },
	}
	p.Info = &types.Info{
		Types:        make(map[ast.Expr]types.TypeAndValue),
		Defs:         make(map[*ast.Ident]types.Object),
		Uses:         make(map[*ast.Ident]types.Object),
		Implicits:    make(map[ast.Node]types.Object),
		Instances:    make(map[*ast.Ident]types.Instance),
		Scopes:       make(map[ast.Node]*types.Scope),
		Selections:   make(map[*ast.SelectorExpr]*types.Selection),
		FileVersions: make(map[*ast.File]string),
	}
	var err error
	p.Types, err = config.Check(u.PkgPath, u.Fset, p.Files, p.Info)
	if err != nil {
		if len(errs) == 0 {
			errs = []error{err}
		}
		return nil, errs
	}
	return p, nil
}

type importerFunc func(path string) (*types.Package, error)

func (f importerFunc) Import(path string) (*types.Package, error) { return f(path) }

// Position returns where an error of [Load] is, if it says so, and its text.
func Position(err error) (token.Position, string) {
	var typeError types.Error
	if errors.As(err, &typeError) {
		return typeError.Fset.Position(typeError.Pos), typeError.Msg
	}
	var syntaxErrors scanner.ErrorList
	if errors.As(err, &syntaxErrors) && len(syntaxErrors) > 0 {
		return syntaxErrors[0].Pos, syntaxErrors[0].Msg
	}
	return token.Position{}, err.Error()
}

// Result is what the analyzers made of a package.
type Result struct {
	Findings []*finding.Finding // by analyzer, each one's by place
	Facts    facts.List         // the package's and those it imported
	Errors   []AnalyzerError
}

// AnalyzerError says that an analyzer did not get to its end.
type AnalyzerError struct {
	Analyzer string
	Err      error
	Stack    string // where it panicked, "" if it returned the error
}

func (e AnalyzerError) Error() string { return e.Analyzer + ": " + e.Err.Error() }

// Run runs the analyzers, and those they require, on p. An analyzer that
// panics fails alone. The context is looked at between analyzers.
func Run(ctx context.Context, p *Package, analyzers []*analysis.Analyzer, imported facts.List) *Result {
	set := facts.NewSet(p.Types, p.Unit.Seen, imported)
	r := &runner{ctx: ctx, pkg: p, set: set, actions: make(map[*analysis.Analyzer]*action)}
	result := new(Result)
	for _, a := range analyzers {
		act := r.run(a)
		if act.err != nil {
			result.Errors = append(result.Errors, *act.err)
			continue
		}
		result.Findings = append(result.Findings, act.findings...)
	}
	result.Facts = set.List()
	return result
}

type action struct {
	result   any
	findings []*finding.Finding
	err      *AnalyzerError
}

type runner struct {
	ctx     context.Context
	pkg     *Package
	set     *facts.Set
	actions map[*analysis.Analyzer]*action
}

func (r *runner) run(a *analysis.Analyzer) *action {
	if act, done := r.actions[a]; done {
		return act
	}
	act := new(action)
	r.actions[a] = act
	inputs := make(map[*analysis.Analyzer]any, len(a.Requires))
	for _, req := range a.Requires {
		reqAct := r.run(req)
		if reqAct.err != nil {
			act.err = &AnalyzerError{Analyzer: a.Name, Err: fmt.Errorf("needs %w", *reqAct.err), Stack: reqAct.err.Stack}
			return act
		}
		inputs[req] = reqAct.result
	}
	if err := r.ctx.Err(); err != nil {
		act.err = &AnalyzerError{Analyzer: a.Name, Err: err}
		return act
	}
	r.execute(a, act, inputs)
	return act
}

func (r *runner) execute(a *analysis.Analyzer, act *action, inputs map[*analysis.Analyzer]any) {
	u := r.pkg.Unit
	defer func() {
		if v := recover(); v != nil {
			act.err = &AnalyzerError{Analyzer: a.Name, Err: fmt.Errorf("panic: %v", v), Stack: string(debug.Stack())}
		}
	}()
	pass := &analysis.Pass{
		Analyzer:     a,
		Fset:         u.Fset,
		Files:        r.pkg.Files,
		OtherFiles:   u.NonGo,
		IgnoredFiles: u.Ignored,
		Pkg:          r.pkg.Types,
		TypesInfo:    r.pkg.Info,
		TypesSizes:   r.pkg.sizes,
		Module:       u.Module,
		ResultOf:     inputs,
		ReadFile: func(name string) ([]byte, error) {
			if !slices.Contains(u.GoFiles, name) && !slices.Contains(u.NonGo, name) && !slices.Contains(u.Ignored, name) {
				return nil, fmt.Errorf("%s is not a file of package %s", name, u.ID)
			}
			return u.ReadFile(name)
		},
		Report: func(d analysis.Diagnostic) {
			f, err := r.finding(a, d)
			if err != nil {
				act.err = &AnalyzerError{Analyzer: a.Name, Err: err}
				return
			}
			act.findings = append(act.findings, f)
		},
	}
	r.set.Connect(pass)
	result, err := a.Run(pass)
	if err != nil {
		act.err = &AnalyzerError{Analyzer: a.Name, Err: err}
	}
	act.result = result
	finding.Sort(act.findings)
}
