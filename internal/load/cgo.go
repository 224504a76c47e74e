package load

import (
	"context"
	"slices"
	"strings"
)

// namedFiles is the path of a package that was named by its files.
const namedFiles = "command-line-arguments"

// CompileCgo replaces the GoFiles of the cgo packages among ps by what cgo
// makes of them, which can be type-checked. It asks the go command once for
// all of them, so few runs need it at all.
func (g *Graph) CompileCgo(ctx context.Context, ps []*Package) error {
	var patterns []string
	want := make(map[string]*Package)
	for _, p := range ps {
		if p.Cgo {
			path := p.PkgPath
			if _, forTest, ok := strings.Cut(p.ID, " ["); ok {
				path = strings.TrimSuffix(strings.TrimSuffix(forTest, "]"), ".test")
			}
			patterns = append(patterns, path)
			want[p.ID] = p
		}
	}
	if len(want) == 0 {
		return nil
	}
	if slices.Contains(patterns, namedFiles) {
		patterns = g.patterns // which cannot be combined with others
	}
	units, _, err := goList(ctx, g.config, patterns, "-compiled", "-json=ImportPath,Dir,CompiledGoFiles")
	if err != nil {
		return err
	}
	for _, u := range units {
		if p := want[u.ImportPath]; p != nil && len(u.CompiledGoFiles) > 0 {
			p.GoFiles = absolute(u.Dir, u.CompiledGoFiles)
			p.Cgo = false
		}
	}
	return nil
}
