// Package load lists the packages that a pattern names and all they depend on,
// without parsing or type-checking any of them. The go command is asked once.
package load

import (
	"context"
	"errors"
	"fmt"
	"path"
	"path/filepath"
	"strings"
	"time"
)

// Config says where and how to list.
type Config struct {
	Dir        string   // directory in which patterns are meant, "" for the current one
	BuildFlags []string // such as -tags=integration
	Tests      bool     // whether test files are part of their packages
}

// Package is one compilation unit: a package, the package together with its
// tests, or an external test package.
type Package struct {
	ID        string // import path, with " [p.test]" behind it where built for p's tests
	PkgPath   string // import path
	Dir       string
	Export    string            // file with its export data, "" where it does not compile
	GoFiles   []string          // absolute names; cgo's input rather than its output
	Cgo       bool              // GoFiles need [Graph.CompileCgo] to type-check
	NonGo     []string          // absolute names of its assembly, C and other files
	Ignored   []string          // absolute names of files that the build constraints exclude
	Imports   []string          // IDs
	ImportMap map[string]string // import path in the source to ID, where they differ
	Module    *Module
	Standard  bool
	Root      bool    // a pattern names it, and findings in it are reported
	Errors    []Error // why it cannot be built; errors of its imports are theirs
	GoVersion string  // language version for the type checker, such as "go1.26.0"
}

// Module is what the go command says of a package's module.
type Module struct {
	Path      string
	Version   string
	Main      bool
	GoVersion string
}

// Graph is the closure of the named packages under import.
type Graph struct {
	Packages []*Package // dependencies before their importers
	Began    time.Time  // when the go command had not read a file yet
	GOARCH   string     // what the packages are built for
	Warnings []string   // of the go command, such as of patterns that match nothing

	config   Config
	patterns []string
	byID     map[string]*Package
}

// ErrNoPackages says that the patterns name nothing.
var ErrNoPackages = errors.New("no packages match")

// List asks the go command for the packages that patterns name. Of a package
// with tests it takes the same units as go vet does: the one that includes
// the test files, and the external tests, so that no file is seen twice.
//
// Packages that do not compile are in the graph, with their errors. An error
// means that nothing could be listed at all.
func List(ctx context.Context, config Config, patterns []string) (*Graph, error) {
	began := time.Now()
	environment := make(chan settings, 1)
	go func() { environment <- goEnv(ctx, config) }()
	units, warnings, err := goList(ctx, config, patterns, "-json="+fields)
	if err != nil {
		return nil, err
	}

	env := <-environment
	if strings.Contains(env.GOFLAGS, "-overlay=") {
		warnings = append(warnings, "GOFLAGS has an -overlay, and files are analysed as they are without it; go vet -vettool knows it")
	}
	g := &Graph{Began: began, GOARCH: env.GOARCH, Warnings: warnings, byID: make(map[string]*Package, len(units)), config: config, patterns: patterns}
	withTests := make(map[string]bool) // import paths of packages that also exist with their tests
	for _, u := range units {
		if path, _, _ := strings.Cut(u.ImportPath, " "); u.ForTest != "" && u.ForTest == path {
			withTests[path] = true
		}
	}
	for _, u := range units {
		if u.Name == "main" && strings.HasSuffix(u.ImportPath, ".test") && len(u.GoFiles) == 1 && filepath.IsAbs(u.GoFiles[0]) {
			continue // the generated main package of a test
		}
		p := newPackage(u)
		// Further variants are dependencies of some test, rebuilt for it.
		ownTest := u.ForTest == "" || u.ForTest == p.PkgPath || p.PkgPath == u.ForTest+"_test"
		p.Root = !u.DepOnly && ownTest && !(u.ForTest == "" && withTests[p.PkgPath])
		if u.Error != nil {
			p.Errors = g.parseErrors(u.Error.Pos, u.Error.Err+cycle(u.Error.Err, u.Error.ImportStack))
		}
		g.byID[p.ID] = p
		g.Packages = append(g.Packages, p)
	}
	g.sort()
	return g, nil
}

func newPackage(u *listed) *Package {
	path, _, _ := strings.Cut(u.ImportPath, " ")
	p := &Package{
		ID:        u.ImportPath,
		PkgPath:   path,
		Dir:       u.Dir,
		Export:    u.Export,
		GoFiles:   absolute(u.Dir, u.GoFiles, u.CgoFiles),
		Cgo:       len(u.CgoFiles)+len(u.SwigFiles)+len(u.SwigCXXFiles) > 0,
		NonGo:     absolute(u.Dir, u.CFiles, u.CXXFiles, u.MFiles, u.HFiles, u.FFiles, u.SFiles, u.SwigFiles, u.SwigCXXFiles, u.SysoFiles),
		Ignored:   absolute(u.Dir, u.IgnoredGoFiles, u.IgnoredOtherFiles),
		Imports:   u.Imports,
		ImportMap: u.ImportMap,
		Standard:  u.Standard,
	}
	if m := u.Module; m != nil {
		p.Module = &Module{Path: m.Path, Version: m.Version, Main: m.Main, GoVersion: m.GoVersion}
		// The language version that a go.mod without a go line means.
		p.GoVersion = "go1.16"
		if m.GoVersion != "" {
			p.GoVersion = "go" + m.GoVersion
		}
	}
	return p
}

func absolute(dir string, lists ...[]string) []string {
	var out []string
	for _, list := range lists {
		for _, name := range list {
			if !filepath.IsAbs(name) {
				name = filepath.Join(dir, name)
			}
			out = append(out, name)
		}
	}
	return out
}

// sort puts dependencies first. go list already does so, except for the units
// that are built for a test.
func (g *Graph) sort() {
	sorted := make([]*Package, 0, len(g.Packages))
	visited := make(map[*Package]bool, len(g.Packages))
	var visit func(p *Package)
	visit = func(p *Package) {
		if visited[p] {
			return
		}
		visited[p] = true
		for _, id := range p.Imports {
			if dep := g.byID[id]; dep != nil {
				visit(dep)
			}
		}
		sorted = append(sorted, p)
	}
	for _, p := range g.Packages {
		visit(p)
	}
	g.Packages = sorted
}

// Import returns the package that p means by an import path, or nil.
func (g *Graph) Import(p *Package, path string) *Package {
	if id, ok := p.ImportMap[path]; ok {
		path = id
	}
	return g.byID[path]
}

// Locate returns the name on disk of a file that export data may name as
// -trimpath has it: below its module's path and version.
func (g *Graph) Locate(name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	dir, base := path.Split(name)
	for _, p := range g.Packages {
		trimmed := p.PkgPath
		if m := p.Module; m != nil && m.Version != "" {
			trimmed = m.Path + "@" + m.Version + strings.TrimPrefix(p.PkgPath, m.Path)
		}
		if trimmed+"/" == dir {
			return filepath.Join(p.Dir, base)
		}
	}
	return name
}

// MainModules lists all packages of the main module, or of all modules of the
// workspace, with their tests, as the graph was listed otherwise.
func (g *Graph) MainModules(ctx context.Context) (*Graph, error) {
	out, err := goOutput(ctx, g.config, "list", "-m", "-f", "{{if .Main}}{{.Path}}/...{{end}}")
	if err != nil {
		return nil, fmt.Errorf("go list -m: %w", err)
	}
	config := g.config
	config.Tests = true
	return List(ctx, config, strings.Fields(string(out)))
}
