// Package fixtest applies the fixes of an analyzer in memory, for tests of
// what the fixes do.
package fixtest

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/checker"
	"golang.org/x/tools/go/packages"
)

// Load loads the packages of the module in dir that match patterns, with
// their tests. An error in one of them is an error.
func Load(dir string, patterns ...string) ([]*packages.Package, error) {
	pkgs, err := packages.Load(&packages.Config{
		Dir:   dir,
		Tests: true,
		Mode: packages.NeedName | packages.NeedFiles | packages.NeedCompiledGoFiles | packages.NeedImports | packages.NeedTypes |
			packages.NeedTypesSizes | packages.NeedSyntax | packages.NeedTypesInfo | packages.NeedModule | packages.NeedExportFile |
			packages.NeedForTest,
	}, patterns...)
	if err != nil {
		return nil, fmt.Errorf("load %s in %s: %w", strings.Join(patterns, " "), dir, err)
	}
	var errs []error
	for _, pkg := range pkgs {
		for _, err := range pkg.Errors {
			errs = append(errs, err)
		}
	}
	return pkgs, errors.Join(errs...)
}

// A Diagnostic is a diagnostic of one package.
type Diagnostic struct {
	analysis.Diagnostic
	Package *packages.Package
}

// Position returns where d is.
func (d Diagnostic) Position() token.Position { return d.Package.Fset.Position(d.Pos) }

// Analyze returns the diagnostics of a. Those that the variants of a package
// share come once, for the largest variant.
func Analyze(pkgs []*packages.Package, a *analysis.Analyzer) ([]Diagnostic, error) {
	graph, err := checker.Analyze([]*analysis.Analyzer{a}, pkgs, &checker.Options{Sequential: true})
	if err != nil {
		return nil, err
	}
	roots := slices.Clone(graph.Roots)
	slices.SortStableFunc(roots, func(a, b *checker.Action) int {
		return cmp.Compare(len(b.Package.CompiledGoFiles), len(a.Package.CompiledGoFiles))
	})
	var out []Diagnostic
	seen := make(map[string]bool)
	for _, act := range roots {
		if act.Err != nil {
			return nil, fmt.Errorf("analyze %s: %w", act.Package.ID, act.Err)
		}
		for _, d := range act.Diagnostics {
			d := Diagnostic{d, act.Package}
			if key := d.Position().String() + d.Message; !seen[key] {
				seen[key] = true
				out = append(out, d)
			}
		}
	}
	return out, nil
}

// Files is the changed content of files, by name.
type Files map[string][]byte

// Apply returns the files that the fixes of the diagnostics change.
func Apply(diagnostics ...Diagnostic) (Files, error) {
	type edit struct {
		pos, end int
		text     string
	}
	edits := make(map[string][]edit)
	for _, d := range diagnostics {
		if len(d.SuggestedFixes) == 0 {
			continue
		}
		for _, e := range d.SuggestedFixes[0].TextEdits {
			f := d.Package.Fset.File(e.Pos)
			edits[f.Name()] = append(edits[f.Name()], edit{f.Offset(e.Pos), f.Offset(e.End), string(e.NewText)})
		}
	}
	out := make(Files)
	for name, es := range edits {
		src, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		slices.SortFunc(es, func(a, b edit) int {
			return cmp.Or(cmp.Compare(a.pos, b.pos), cmp.Compare(a.end, b.end), cmp.Compare(a.text, b.text))
		})
		var b bytes.Buffer
		last := 0
		for _, e := range slices.Compact(es) {
			if e.pos < last {
				return nil, fmt.Errorf("%s: overlapping edit %q at offset %d", name, e.text, e.pos)
			}
			b.Write(src[last:e.pos])
			b.WriteString(e.text)
			last = e.end
		}
		b.Write(src[last:])
		out[name] = b.Bytes()
	}
	return out, nil
}

// WriteGoldens writes what all fixes of a together make of the packages that
// match patterns: beside each file that changes, as NAME.go.golden.
func WriteGoldens(dir string, a *analysis.Analyzer, patterns ...string) error {
	pkgs, err := Load(dir, patterns...)
	if err != nil {
		return err
	}
	diagnostics, err := Analyze(pkgs, a)
	if err != nil {
		return err
	}
	files, err := Apply(diagnostics...)
	if err != nil {
		return err
	}
	for name, text := range files {
		text, err := format.Source(text)
		if err != nil {
			return fmt.Errorf("%s after fixing: %w", name, err)
		}
		if err := os.WriteFile(name+".golden", text, 0o666); err != nil {
			return err
		}
	}
	return nil
}

// Check type-checks pkg with the changed files in place of its own.
func Check(pkg *packages.Package, files Files) error {
	fset := token.NewFileSet()
	var syntax []*ast.File
	for _, name := range pkg.CompiledGoFiles {
		var src any
		if text, ok := files[name]; ok {
			src = text
		}
		f, err := parser.ParseFile(fset, name, src, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		syntax = append(syntax, f)
	}
	conf := types.Config{Importer: importer{pkg}, GoVersion: "go1.26", Sizes: pkg.TypesSizes}
	_, err := conf.Check(pkg.PkgPath, fset, syntax, nil)
	return err
}

type importer struct{ pkg *packages.Package }

func (i importer) Import(path string) (*types.Package, error) {
	if path == "unsafe" {
		return types.Unsafe, nil
	}
	if dep := i.pkg.Imports[path]; dep != nil && dep.Types != nil {
		return dep.Types, nil
	}
	return nil, fmt.Errorf("%s does not import %s", i.pkg.ID, path)
}
