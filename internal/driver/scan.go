package driver

import (
	"context"
	"os"
	"sync"

	"golang.org/x/tools/go/analysis"

	"github.com/honeyhiveai/hhvet/internal/lexical"
)

// everything is the set of all tokens, for files that must be looked at.
const everything = ^lexical.Set(0)

// scan finds the tokens in each file. Settled dependencies are not read and
// neither is, unless asked for, the standard library: it knows nothing of
// tracing.
func (s *Session) scan(ctx context.Context, settled *settled) (map[string]lexical.Set, error) {
	var files []string
	sets := make(map[string]lexical.Set)
	for _, p := range s.graph.Packages {
		if p.Standard && !p.Root || settled.facts != nil && settled.ids[p.ID] {
			continue
		}
		for _, file := range p.GoFiles {
			if _, ok := sets[file]; !ok {
				sets[file] = 0
				files = append(files, file)
			}
		}
	}
	found := make([]lexical.Set, len(files))
	var wg sync.WaitGroup
	workers := cap(s.importers)
	for w := range workers {
		wg.Go(func() {
			for i := w; i < len(files) && ctx.Err() == nil; i += workers {
				// What cannot be read is looked at closely, and fails there.
				found[i] = everything
				if src, err := os.ReadFile(files[i]); err == nil && len(s.config.Tokens) > 0 {
					found[i] = s.tokens.In(src)
				}
			}
		})
	}
	wg.Wait()
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	for i, file := range files {
		sets[file] = found[i]
	}
	return sets, nil
}

// matters reports whether analysing n could find anything.
func (s *Session) matters(n *node) bool {
	if n.hasTokens {
		return true
	}
	if len(n.facts) == 0 {
		return false
	}
	names, ok := n.facts.Names()
	if !ok {
		return true
	}
	for _, file := range n.pkg.GoFiles {
		src, err := os.ReadFile(file)
		if err != nil || lexical.Mentions(src, names) {
			return true
		}
	}
	return false
}

// withFacts returns the analyzers that make facts: all that a dependency is
// analysed for.
func withFacts(analyzers []*analysis.Analyzer) []*analysis.Analyzer {
	var makesFacts func(a *analysis.Analyzer) bool
	makesFacts = func(a *analysis.Analyzer) bool {
		if len(a.FactTypes) > 0 {
			return true
		}
		for _, req := range a.Requires {
			if makesFacts(req) {
				return true
			}
		}
		return false
	}
	var out []*analysis.Analyzer
	for _, a := range analyzers {
		if makesFacts(a) {
			out = append(out, a)
		}
	}
	return out
}
