package driver

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"go/build"
	"go/types"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/gcexportdata"

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

// hasExportData reports whether the go command says where to find the types of
// what the package imports. One that does not relies on the tool to keep them
// together with the facts, and so does a package without imports, which cannot
// tell.
func (c *UnitConfig) hasExportData() bool {
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
	tokens    []lexical.Token
	imported  facts.List
	types     map[string][]byte // export data by package path, where it is with the facts
	sources   map[string][]byte
}

// NewUnit reads the package's files and its imports' facts.
func NewUnit(c *UnitConfig, config Config) (*Unit, error) {
	facts.Register(config.Analyzers)
	u := &Unit{
		config:    c,
		analyzers: config.Analyzers,
		tokens:    config.Tokens,
		types:     make(map[string][]byte),
		sources:   make(map[string][]byte),
	}
	if c.VetxOnly {
		u.analyzers = withFacts(u.analyzers)
	}
	if c.standard() {
		// It knows nothing of tracing, and imports nothing that does.
		u.analyzers = nil
		if c.hasExportData() {
			return u, nil
		}
	}
	var lists []facts.List
	for path, file := range c.PackageVetx {
		data, err := os.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("facts of %s: %w", path, err)
		}
		var encoded []byte
		if u.types[path], encoded, err = splitVetx(data); err != nil {
			return nil, fmt.Errorf("facts of %s: %w", path, err)
		}
		list, err := facts.Decode(encoded)
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
	keepTypes := !u.config.hasExportData()
	matters := len(u.analyzers) > 0 && u.matters()
	result := &check.Result{Facts: u.imported}
	var export bytes.Buffer
	if matters || keepTypes {
		pkg, errs := u.load(nil)
		if len(errs) > 0 {
			return nil, errs
		}
		if matters {
			result = check.Run(ctx, pkg, u.analyzers, u.imported)
		}
		if keepTypes {
			if err := gcexportdata.Write(&export, pkg.Unit.Fset, pkg.Types); err != nil {
				return nil, []error{fmt.Errorf("keep the types of %s: %w", u.config.ImportPath, err)}
			}
		}
	}
	if u.config.VetxOutput == "" {
		return result, nil
	}
	encoded, err := result.Facts.Encode()
	if err == nil {
		err = os.WriteFile(u.config.VetxOutput, joinVetx(export.Bytes(), encoded), 0o666)
	}
	if err != nil {
		return nil, []error{err}
	}
	return result, nil
}

// A file that the go command keeps for the package's importers holds encoded
// facts or, behind this word and their length, types and then facts.
const typesMagic = "types"

func joinVetx(types, facts []byte) []byte {
	if len(types) == 0 {
		return facts
	}
	data := binary.LittleEndian.AppendUint32([]byte(typesMagic), uint32(len(types)))
	return append(append(data, types...), facts...)
}

func splitVetx(data []byte) (types, facts []byte, err error) {
	rest, ok := bytes.CutPrefix(data, []byte(typesMagic))
	if !ok {
		return nil, data, nil
	}
	if len(rest) < 4 {
		return nil, nil, errors.New("the file is cut off")
	}
	n, rest := binary.LittleEndian.Uint32(rest), rest[4:]
	if uint64(n) > uint64(len(rest)) {
		return nil, nil, errors.New("the file is cut off")
	}
	return rest[:n], rest[n:], nil
}

// matters decides by the text of the package's files. What the package imports
// indirectly is not known here, so all tokens count.
func (u *Unit) matters() bool {
	names, named := u.imported.Names()
	if len(u.tokens) == 0 || !named {
		return true
	}
	tokens := lexical.NewTokens(u.tokens)
	for _, src := range u.sources {
		if tokens.In(src) != 0 || lexical.Mentions(src, names) {
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
	pkg, errs := u.load(files)
	if len(errs) > 0 {
		return nil, buildError(errs[0])
	}
	result := check.Run(ctx, pkg, u.analyzers, u.imported)
	if len(result.Errors) > 0 {
		return nil, result.Errors[0]
	}
	return result.Findings, nil
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
		GOARCH:    build.Default.GOARCH, // the go command sets the variable
		Fset:      im.fset,
		Seen:      im.seen,
		Import: func(path string) (*types.Package, error) {
			actual, ok := c.ImportMap[path]
			if !ok {
				return nil, fmt.Errorf("the go command does not say what %q is", path)
			}
			if data := u.types[actual]; c.PackageFile[actual] == "" && len(data) > 0 {
				return im.read(actual, openBytes(data))
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
