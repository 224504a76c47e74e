package driver

import (
	"context"
	"fmt"
	"go/types"
	"os"
	"slices"
	"strings"
	"sync"

	"golang.org/x/tools/go/analysis"

	"github.com/honeyhiveai/hhvet/internal/check"
	"github.com/honeyhiveai/hhvet/internal/facts"
	"github.com/honeyhiveai/hhvet/internal/load"
)

// changes are files and packages that differ from what is on disk.
type changes struct {
	files   map[string][]byte
	exports map[string][]byte // export data by package ID
}

// analyse type-checks p and runs the analyzers on it.
func (s *Session) analyse(ctx context.Context, p *load.Package, analyzers []*analysis.Analyzer, imported facts.List, ch *changes) (*check.Result, []error) {
	im := s.borrow(p, ch)
	defer s.giveBack(im)
	if ctx.Err() != nil {
		return nil, []error{context.Cause(ctx)}
	}
	pkg, errs := check.Load(s.unit(p, im, ch))
	if len(errs) > 0 {
		return nil, errs
	}
	result := check.Run(ctx, pkg, analyzers, imported)
	for _, f := range result.Findings {
		for i := range f.Related { // which may be in other packages
			r := &f.Related[i]
			r.Pos.Filename, r.End.Filename = s.graph.Locate(r.Pos.Filename), s.graph.Locate(r.End.Filename)
		}
	}
	return result, nil
}

// borrowed is an importer for the time of one package.
type borrowed struct {
	*importer
	pooled *importer
}

// borrow waits for a free importer. Where paths mean something else than
// elsewhere, in packages that import others as rebuilt for a test or as
// changed, types are read afresh; the place in the pool is taken all the same.
func (s *Session) borrow(p *load.Package, ch *changes) *borrowed {
	b := &borrowed{pooled: <-s.importers}
	b.importer = b.pooled
	importsVariant := slices.ContainsFunc(p.Imports, func(id string) bool { return strings.Contains(id, " ") })
	if importsVariant || ch != nil && len(ch.exports) > 0 {
		b.importer = newImporter()
	}
	return b
}

func (s *Session) giveBack(b *borrowed) { s.importers <- b.pooled }

func (s *Session) unit(p *load.Package, im *borrowed, ch *changes) *check.Unit {
	u := &check.Unit{
		ID:        p.ID,
		PkgPath:   p.PkgPath,
		GoFiles:   p.GoFiles,
		NonGo:     p.NonGo,
		Ignored:   p.Ignored,
		GoVersion: p.GoVersion,
		GOARCH:    s.graph.GOARCH,
		Seen:      im.seen,
		Fset:      im.fset,
		Import: func(path string) (*types.Package, error) {
			if path == "unsafe" {
				return types.Unsafe, nil
			}
			dep := s.graph.Import(p, path)
			if dep == nil {
				return nil, fmt.Errorf("package %s is not in the build", path)
			}
			open := openFile(dep.Export)
			if ch != nil {
				if data, ok := ch.exports[dep.ID]; ok {
					open = openBytes(data)
				}
			}
			return im.read(dep.PkgPath, open)
		},
		ReadFile: func(name string) ([]byte, error) {
			if ch != nil {
				if src, ok := ch.files[name]; ok {
					return src, nil
				}
			}
			return s.Source(name)
		},
	}
	if m := p.Module; m != nil {
		u.Module = &analysis.Module{Path: m.Path, Version: m.Version, GoVersion: m.GoVersion}
	}
	return u
}

// snapshot holds files as they were when they were first read, so that a fix
// and the analysis that it comes from speak of the same bytes.
type snapshot struct {
	mu    sync.Mutex
	files map[string][]byte
}

func (s *snapshot) read(name string) ([]byte, error) {
	s.mu.Lock()
	src, ok := s.files[name]
	s.mu.Unlock()
	if ok {
		return src, nil
	}
	src, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if first, ok := s.files[name]; ok {
		return first, nil
	}
	s.files[name] = src
	return src, nil
}
