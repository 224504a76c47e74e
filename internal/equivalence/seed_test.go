package equivalence_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/honeyhiveai/hhvet/internal/equivalence"
)

// A seed alone makes the program again that it made among others.
func TestSeed(t *testing.T) {
	const size = 50 // of the packages that TestGenerated runs
	for _, g := range equivalence.Groups {
		for _, seed := range []uint64{0, 77, 120, 699} {
			among := declarations(t, g, seed-seed%size, size, seed)
			alone := declarations(t, g, seed, 1, seed)
			if diff := cmp.Diff(among, alone); diff != "" || len(alone) == 0 {
				t.Errorf("%s/%d (-among others +alone):\n%s", g.Name, seed, diff)
			}
		}
	}
}

// declarations returns the source of those declarations of a generated package
// whose names have the program's number.
func declarations(t *testing.T, g equivalence.Group, first uint64, n int, seed uint64) []string {
	t.Helper()
	src, err := equivalence.Generate(g, "p", first, n)
	if err != nil {
		t.Fatal(err)
	}
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "p.go", src, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, decl := range file.Decls {
		if fn, ok := decl.(*ast.FuncDecl); ok && strings.HasSuffix(fn.Name.Name, fmt.Sprint("p", seed)) {
			out = append(out, string(src[fset.Position(fn.Pos()).Offset:fset.Position(fn.End()).Offset]))
		}
	}
	return out
}
