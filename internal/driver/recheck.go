package driver

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"slices"

	"golang.org/x/tools/go/gcexportdata"

	"github.com/honeyhiveai/hhvet/internal/check"
	"github.com/honeyhiveai/hhvet/internal/finding"
	"github.com/honeyhiveai/hhvet/internal/load"
)

// Sources returns the content of p's files as they were analysed.
func (s *Session) Sources(p *load.Package) map[string][]byte {
	sources := make(map[string][]byte)
	for _, name := range p.GoFiles {
		if src, err := s.Source(name); err == nil {
			sources[name] = src
		}
	}
	return sources
}

// Source returns the content of a file as it was analysed.
func (s *Session) Source(name string) ([]byte, error) { return s.snapshot.read(name) }

// Accept makes files count as changed in all further checks.
func (s *Session) Accept(files map[string][]byte) {
	maps.Copy(s.accepted, files)
}

func (s *Session) changes(files map[string][]byte) *changes {
	ch := &changes{files: maps.Clone(s.accepted), exports: make(map[string][]byte)}
	maps.Copy(ch.files, files)
	return ch
}

// Reanalyze returns the findings in a root package of which some files have
// changed.
func (s *Session) Reanalyze(ctx context.Context, p *load.Package, files map[string][]byte) ([]*finding.Finding, error) {
	result, errs := s.analyse(ctx, p, s.config.Analyzers, s.imported[p.ID], s.changes(files))
	if len(errs) > 0 {
		return nil, buildError(errs[0])
	}
	if len(result.Errors) > 0 {
		return nil, result.Errors[0]
	}
	before, err := s.known[p.ID].Encode()
	if err != nil {
		return nil, err
	}
	after, err := result.Facts.Encode()
	if err != nil {
		return nil, err
	}
	s.changed = s.changed || !bytes.Equal(before, after)
	return result.Findings, nil
}

// FactsChanged reports whether a package had other facts when reanalysed.
func (s *Session) FactsChanged() bool { return s.changed }

// Recheck type-checks p with some files changed, and every package that the
// change could reach: p without its tests and, unless only function bodies
// and imports have changed, whatever in the main modules imports it. The error
// of a package that does not compile is a [load.Error].
func (s *Session) Recheck(ctx context.Context, p *load.Package, files map[string][]byte, bodies bool) error {
	ch := s.changes(files)
	if bodies {
		for _, q := range s.graph.Packages {
			if q.PkgPath == p.PkgPath && (q == p || q.ID == q.PkgPath) {
				if _, err := s.typecheck(ctx, q, ch); err != nil {
					return err
				}
			}
		}
		return nil
	}
	wide, err := s.mainModules(ctx)
	if err != nil {
		return err
	}
	affected := make(map[string]bool)
	for _, q := range wide.graph.Packages {
		if len(q.Errors) > 0 {
			continue // it did not compile before either
		}
		affected[q.ID] = slices.ContainsFunc(q.GoFiles, func(name string) bool { return ch.files[name] != nil }) ||
			slices.ContainsFunc(q.Imports, func(id string) bool { return affected[id] })
		if !affected[q.ID] {
			continue
		}
		pkg, err := wide.typecheck(ctx, q, ch)
		if err != nil {
			return err
		}
		var export bytes.Buffer
		if err := gcexportdata.Write(&export, pkg.Unit.Fset, pkg.Types); err != nil {
			return fmt.Errorf("keep the types of %s: %w", q.ID, err)
		}
		ch.exports[q.ID] = export.Bytes()
	}
	return nil
}

func (s *Session) typecheck(ctx context.Context, p *load.Package, ch *changes) (*check.Package, error) {
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	if err := s.graph.CompileCgo(ctx, []*load.Package{p}); err != nil {
		return nil, err
	}
	im := s.borrow(p, ch)
	defer s.giveBack(im)
	pkg, errs := check.Load(s.unit(p, im, ch))
	if len(errs) > 0 {
		return nil, buildError(errs[0])
	}
	return pkg, nil
}

// mainModules returns a session over all packages of the main modules, of
// which this one may know a part only.
func (s *Session) mainModules(ctx context.Context) (*Session, error) {
	if s.wide != nil {
		return s.wide, nil
	}
	graph, err := s.graph.MainModules(ctx)
	if err != nil {
		return nil, fmt.Errorf("list the importers: %w", err)
	}
	s.wide = New(graph, s.config)
	s.wide.snapshot = s.snapshot
	return s.wide, nil
}
