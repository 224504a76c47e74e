package driver

import (
	"context"
	"encoding/json"
	"fmt"
	"go/types"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/honeyhiveai/hhvet/internal/check"
	"github.com/honeyhiveai/hhvet/internal/facts"
	"github.com/honeyhiveai/hhvet/internal/finding"
	"github.com/honeyhiveai/hhvet/internal/lexical"
)

// UnitConfig is the description of one package that go vet and go fix hand to
// their tool, in a JSON file whose name ends in .cfg.
type UnitConfig struct {
	ID            string
	ImportPath    string
	Dir           string
	GoVersion     string
	GoFiles       []string
	NonGoFiles    []string
	IgnoredFiles  []string
	ModulePath    string
	ModuleVersion string
	Module        *analysis.Module
	ImportMap     map[string]string // import path in the source to package path
	PackageFile   map[string]string // package path to file of export data
	PackageVetx   map[string]string // package path to file of facts
	VetxOnly      bool              // only facts are asked for
	VetxOutput    string            // file to write the facts to
	Stdout        string            // file to write standard output to, if any
	FixArchive    string            // zip file to write fixed files to, if any
}

// ReadUnitConfig reads such a file.
func ReadUnitConfig(name string) (*UnitConfig, error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	c := new(UnitConfig)
	if err := json.Unmarshal(data, c); err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	if len(c.GoFiles) == 0 {
		return nil, fmt.Errorf("package %s has no Go files", c.ImportPath)
	}
	return c, nil
}

// HasExportData reports whether the go command says where to find the types
// of what the package imports. A go command that does not relies on the tool
// to keep types in its facts files.
func (c *UnitConfig) HasExportData() bool {
	for _, path := range c.ImportMap {
		if path != "unsafe" && path != "C" && c.PackageFile[path] == "" {
			return false
		}
	}
	return len(c.PackageFile) > 0
}

// standard reports whether the package belongs to the standard library and is
// a dependency only, so that nobody will ask for anything in it.
func (c *UnitConfig) standard() bool {
	goroot := os.Getenv("GOROOT") // the go command sets it
	return c.VetxOnly && c.ModulePath == "" && c.Module == nil && goroot != "" &&
		strings.HasPrefix(c.Dir, filepath.Join(goroot, "src")+string(filepath.Separator))
}

// Unit is a package as go vet has it analysed: alone, with the types and facts
// of its imports in files.
type Unit struct {
	config    *UnitConfig
	analyzers []*analysis.Analyzer
	tokens    []string
	imported  facts.List
	sources   map[string][]byte
}

// NewUnit reads the package's files and its imports' facts.
func NewUnit(c *UnitConfig, config Config) (*Unit, error) {
	facts.Register(config.Analyzers)
	u := &Unit{
		config:    c,
		analyzers: config.Analyzers,
		tokens:    config.Tokens,
		sources:   make(map[string][]byte),
	}
	if c.VetxOnly {
		u.analyzers = withFacts(u.analyzers)
	}
	if c.standard() {
		// It knows nothing of tracing, and imports nothing that does.
		u.analyzers = nil
		return u, nil
	}
	var lists []facts.List
	for path, file := range c.PackageVetx {
		data, err := os.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("facts of %s: %w", path, err)
		}
		list, err := facts.Decode(data)
		if err != nil {
			return nil, fmt.Errorf("facts of %s: %w", path, err)
		}
		lists = append(lists, list)
	}
	u.imported = facts.Union(lists...)
	for _, name := range c.GoFiles {
		src, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		u.sources[name] = src
	}
	return u, nil
}

// Analyze analyses the package and writes its facts. Where nothing can matter
// it does so without parsing a file. The errors are those of parsing and
// type-checking.
func (u *Unit) Analyze(ctx context.Context) (*check.Result, []error) {
	result := &check.Result{Facts: u.imported}
	if len(u.analyzers) > 0 && u.matters() {
		var errs []error
		if result, errs = u.run(ctx, nil); len(errs) > 0 {
			return nil, errs
		}
	}
	if u.config.VetxOutput != "" {
		data, err := result.Facts.Encode()
		if err != nil {
			return nil, []error{err}
		}
		if err := os.WriteFile(u.config.VetxOutput, data, 0o666); err != nil {
			return nil, []error{err}
		}
	}
	return result, nil
}

// matters decides by the text of the package's files.
func (u *Unit) matters() bool {
	names, named := u.imported.Names()
	if len(u.tokens) == 0 || !named {
		return true
	}
	tokens := lexical.NewTokens(u.tokens)
	for _, src := range u.sources {
		if tokens.In(src) || lexical.Mentions(src, names) {
			return true
		}
	}
	return false
}

// Sources returns the content of the package's files.
func (u *Unit) Sources() map[string][]byte { return u.sources }

// Recheck type-checks the package with some files replaced.
func (u *Unit) Recheck(files map[string][]byte) error {
	if _, errs := u.load(files); len(errs) > 0 {
		return buildError(errs[0])
	}
	return nil
}

// Reanalyze returns the findings in the package with some files replaced.
func (u *Unit) Reanalyze(ctx context.Context, files map[string][]byte) ([]*finding.Finding, error) {
	result, errs := u.run(ctx, files)
	if len(errs) > 0 {
		return nil, buildError(errs[0])
	}
	if len(result.Errors) > 0 {
		return nil, result.Errors[0]
	}
	return result.Findings, nil
}

func (u *Unit) run(ctx context.Context, overlay map[string][]byte) (*check.Result, []error) {
	pkg, errs := u.load(overlay)
	if len(errs) > 0 {
		return nil, errs
	}
	return check.Run(ctx, pkg, u.analyzers, u.imported), nil
}

func (u *Unit) load(overlay map[string][]byte) (*check.Package, []error) {
	c := u.config
	im := newImporter()
	unit := &check.Unit{
		ID:        c.ID,
		PkgPath:   c.ImportPath,
		GoFiles:   c.GoFiles,
		NonGo:     c.NonGoFiles,
		Ignored:   c.IgnoredFiles,
		GoVersion: c.GoVersion,
		Module:    c.Module,
		Fset:      im.fset,
		Seen:      im.seen,
		Import: func(path string) (*types.Package, error) {
			actual, ok := c.ImportMap[path]
			if !ok {
				return nil, fmt.Errorf("the go command does not say what %q is", path)
			}
			return im.read(actual, openFile(c.PackageFile[actual]))
		},
		ReadFile: func(name string) ([]byte, error) {
			if src, ok := overlay[name]; ok {
				return src, nil
			}
			if src, ok := u.sources[name]; ok {
				return src, nil
			}
			return os.ReadFile(name)
		},
	}
	if unit.Module == nil && c.ModulePath != "" {
		unit.Module = &analysis.Module{Path: c.ModulePath, Version: c.ModuleVersion, GoVersion: c.GoVersion}
	}
	return check.Load(unit)
}
