// Package driver runs analyzers over the packages of a build.
//
// It parses and type-checks only the packages whose text shows that they can
// hold a finding or a fact. Everything else is export data or not looked at,
// so that the cost of a run grows with what it is about.
package driver

import (
	"context"
	"runtime"
	"strings"
	"sync"

	"golang.org/x/tools/go/analysis"

	"github.com/honeyhiveai/hhvet/internal/check"
	"github.com/honeyhiveai/hhvet/internal/facts"
	"github.com/honeyhiveai/hhvet/internal/finding"
	"github.com/honeyhiveai/hhvet/internal/lexical"
	"github.com/honeyhiveai/hhvet/internal/load"
)

// Config says what to run.
type Config struct {
	Analyzers []*analysis.Analyzer
	// Tokens are texts of which one must occur in a package's source for it
	// to have a finding or fact of its own. Without any, every package is
	// analysed.
	Tokens []lexical.Token
	// CacheDir is where facts about dependencies are kept from run to run, ""
	// for nowhere.
	CacheDir string
}

// Session analyses the packages of one graph.
type Session struct {
	graph  *load.Graph
	config Config
	tokens *lexical.Tokens
	// anywhere is the set of the tokens that count in any package.
	anywhere lexical.Set

	importers chan *importer // one for each package analysed at a time

	snapshot *snapshot
	imported map[string]facts.List // by ID, what the root packages import
	known    map[string]facts.List // by ID, what importers of the root packages get to know
	changed  bool                  // whether one of those would get to know something else
	accepted map[string][]byte     // files that count as changed
	wide     *Session              // over all of the main modules, once needed
}

// New returns a session for graph.
func New(graph *load.Graph, config Config) *Session {
	facts.Register(config.Analyzers)
	s := &Session{
		graph:     graph,
		config:    config,
		tokens:    lexical.NewTokens(config.Tokens),
		importers: make(chan *importer, runtime.GOMAXPROCS(0)),
		snapshot:  &snapshot{files: make(map[string][]byte)},
		imported:  make(map[string]facts.List),
		known:     make(map[string]facts.List),
		accepted:  make(map[string][]byte),
	}
	for i, token := range config.Tokens {
		if token.Import == "" {
			s.anywhere |= lexical.Of(i)
		}
	}
	if len(config.Tokens) == 0 {
		s.anywhere = everything
	}
	for range cap(s.importers) {
		s.importers <- newImporter()
	}
	return s
}

// Result is the outcome of a session.
type Result struct {
	Findings []*finding.Finding // sorted
	Failures []Failure          // packages that could not be analysed
}

// Failure is a package that could not be analysed, or not by every analyzer.
type Failure struct {
	Package  string
	Analyzer string // "" where the package itself is at fault
	Errors   []load.Error
	Detail   string // a stack trace, for a panic
}

// Analyze analyses the graph's root packages, after what they depend on.
// Packages that fail are in the result; an error means the run as a whole was
// given up.
func (s *Session) Analyze(ctx context.Context) (*Result, error) {
	settled := s.settle()
	found, err := s.scan(ctx, settled)
	if err != nil {
		return nil, err
	}
	nodes := s.nodes(found, settled)
	if err := s.compileCgo(ctx, nodes); err != nil {
		return nil, err
	}
	var wg sync.WaitGroup
	for _, n := range nodes {
		wg.Go(func() {
			defer close(n.done)
			for _, dep := range n.deps {
				<-dep.done
			}
			if ctx.Err() == nil {
				s.visit(ctx, n)
			}
		})
	}
	wg.Wait()
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	settled.keep(nodes, s.graph.Began)
	for _, n := range nodes {
		if n.analysed && n.pkg.Root {
			s.imported[n.pkg.ID], s.known[n.pkg.ID] = n.imports, n.facts
		}
	}
	return collect(nodes), nil
}

// node is a package on its way through the analysis.
type node struct {
	pkg       *load.Package
	deps      []*node
	hasTokens bool
	reaches   lexical.Set // tokens whose package it imports, directly or not
	settled   bool        // its own facts are known, and in facts
	imported  bool        // some other package needs its facts
	done      chan struct{}

	// Once done:
	imports  facts.List // of what it imports
	facts    facts.List // and its own
	analysed bool
	broken   bool // it, or something it depends on, does not compile
	findings []*finding.Finding
	failures []Failure
}

func (s *Session) nodes(found map[string]lexical.Set, settled *settled) []*node {
	byID := make(map[string]*node, len(s.graph.Packages))
	var nodes []*node
	for _, p := range s.graph.Packages {
		n := &node{pkg: p, done: make(chan struct{})}
		if settled.facts != nil && settled.ids[p.ID] {
			n.settled = true
			n.facts = settled.facts[p.ID]
		}
		for i, token := range s.config.Tokens {
			if p.PkgPath == token.Import {
				n.reaches |= lexical.Of(i)
			}
		}
		for _, id := range p.Imports {
			if dep := byID[id]; dep != nil {
				dep.imported = true
				n.deps = append(n.deps, dep)
				n.reaches |= dep.reaches
			}
		}
		var tokens lexical.Set
		for _, file := range p.GoFiles {
			tokens |= found[file]
		}
		n.hasTokens = tokens&(s.anywhere|n.reaches) != 0
		byID[p.ID] = n
		nodes = append(nodes, n)
	}
	return nodes
}

// compileCgo has cgo's output listed where it may be needed: for the packages
// that matter by themselves and, as that is not known yet, for those that may
// come to matter by what they import.
func (s *Session) compileCgo(ctx context.Context, nodes []*node) error {
	var ps []*load.Package
	reach := make(map[*node]bool) // nodes with tokens or facts below them
	for _, n := range nodes {
		reach[n] = n.hasTokens || len(n.facts) > 0
		for _, dep := range n.deps {
			reach[n] = reach[n] || reach[dep]
		}
		if reach[n] && n.pkg.Cgo && n.wanted() && len(n.pkg.Errors) == 0 {
			ps = append(ps, n.pkg)
		}
	}
	return s.graph.CompileCgo(ctx, ps)
}

// wanted reports whether anybody asks for the package's findings or facts.
func (n *node) wanted() bool {
	return n.pkg.Root || n.imported && !n.pkg.Standard
}

func (s *Session) visit(ctx context.Context, n *node) {
	p := n.pkg
	if len(p.Errors) > 0 {
		n.broken = true
		n.failures = append(n.failures, Failure{Package: p.ID, Errors: p.Errors})
	}
	var lists []facts.List
	for _, dep := range n.deps {
		lists = append(lists, dep.facts)
		if dep.broken && !n.broken {
			n.broken = true
			if p.Root && n.hasTokens {
				n.failures = append(n.failures, Failure{
					Package: p.ID,
					Errors:  []load.Error{{Message: "not analysed, as it needs " + dep.pkg.ID}},
				})
			}
		}
	}
	n.imports = facts.Union(lists...)
	n.facts = facts.Union(n.facts, n.imports)
	if n.settled {
		return
	}
	if n.broken || !n.wanted() || !s.matters(n) {
		return
	}
	analyzers := s.config.Analyzers
	if !p.Root {
		analyzers = withFacts(analyzers)
	}
	if len(analyzers) == 0 {
		return
	}
	n.analysed = true
	result, errs := s.analyse(ctx, p, analyzers, n.facts, nil)
	if len(errs) > 0 {
		n.broken = true
		n.failures = append(n.failures, typeFailure(p, errs))
		return
	}
	n.facts = result.Facts
	for _, e := range result.Errors {
		n.failures = append(n.failures, Failure{
			Package:  p.ID,
			Analyzer: e.Analyzer,
			Errors:   []load.Error{{Message: e.Err.Error()}},
			Detail:   e.Stack,
		})
	}
	if p.Root {
		n.findings = result.Findings
	}
}

func typeFailure(p *load.Package, errs []error) Failure {
	f := Failure{Package: p.ID}
	for _, err := range errs {
		f.Errors = append(f.Errors, buildError(err))
	}
	return f
}

// buildError puts an error of the parser or the type checker in the form of
// the go command's.
func buildError(err error) load.Error {
	pos, message := check.Position(err)
	return load.Error{File: pos.Filename, Line: pos.Line, Col: pos.Column, Message: strings.TrimSpace(message)}
}

func collect(nodes []*node) *Result {
	r := new(Result)
	type complaint struct {
		analyzer, text string
	}
	seen := make(map[complaint]bool)
	for _, n := range nodes {
		r.Findings = append(r.Findings, n.findings...)
		for _, f := range n.failures {
			// A package and the same with its tests fail for the same reasons.
			var fresh []load.Error
			for _, e := range f.Errors {
				if k := (complaint{f.Analyzer, e.Error()}); !seen[k] {
					seen[k] = true
					fresh = append(fresh, e)
				}
			}
			if len(fresh) > 0 {
				f.Errors = fresh
				r.Failures = append(r.Failures, f)
			}
		}
	}
	finding.Sort(r.Findings)
	return r
}
