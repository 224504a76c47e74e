package facts_test

import (
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/types/objectpath"

	"github.com/honeyhiveai/hhvet/internal/facts"
)

type colour struct{ Name string }

func (*colour) AFact() {}

type size struct{ Width int }

func (*size) AFact() {}

var analyzer = &analysis.Analyzer{
	Name:      "painter",
	Doc:       "paint",
	FactTypes: []analysis.Fact{new(colour), new(size)},
	Run:       func(*analysis.Pass) (any, error) { return nil, nil },
}

func init() { facts.Register([]*analysis.Analyzer{analyzer}) }

// Facts cross from a package to its importers through their encoded form, for
// every kind of object that others can name.
func TestRoundTrip(t *testing.T) {
	const src = `package a
func F() {}
func (T) Method() {}
type T struct{ Field int }
var V int
const C = 1
func local() { var x int; _ = x }
`
	pkg := check(t, "example.com/a", src)
	scope := pkg.Scope()
	named := scope.Lookup("T").Type().(*types.Named)
	local := scope.Lookup("local").(*types.Func).Scope().Lookup("x")

	set := facts.NewSet(pkg, nil, nil)
	pass := &analysis.Pass{Analyzer: analyzer}
	set.Connect(pass)
	for name, obj := range map[string]types.Object{
		"f": scope.Lookup("F"), "m": named.Method(0), "t": scope.Lookup("T"),
		"field": named.Underlying().(*types.Struct).Field(0), "v": scope.Lookup("V"), "c": scope.Lookup("C"),
		"local": local,
	} {
		if obj != nil {
			pass.ExportObjectFact(obj, &colour{name})
		}
	}
	pass.ExportObjectFact(scope.Lookup("F"), &size{3})
	data, err := set.List().Encode()
	if err != nil {
		t.Fatal(err)
	}
	list, err := facts.Decode(data)
	if err != nil {
		t.Fatal(err)
	}
	names, ok := list.Names()
	if diff := cmp.Diff(map[string]bool{"F": true, "Method": true, "T": true, "Field": true, "V": true, "C": true}, names); diff != "" || !ok {
		t.Errorf("names (-want +got), complete %t:\n%s", ok, diff)
	}

	// The importer's objects are others than those above.
	seen := check(t, "example.com/a", src)
	importing := facts.NewSet(types.NewPackage("example.com/b", "b"), map[string]*types.Package{"example.com/a": seen}, list)
	importing.Connect(pass)
	obj, err := objectpath.Object(seen, "T.M0")
	if err != nil {
		t.Fatal(err)
	}
	var c colour
	if !pass.ImportObjectFact(obj, &c) || c.Name != "m" {
		t.Errorf("the method's fact is %q", c.Name)
	}
	var s size
	if !pass.ImportObjectFact(seen.Scope().Lookup("F"), &s) || s.Width != 3 {
		t.Errorf("the function's second fact is %d", s.Width)
	}
	if pass.ImportObjectFact(seen.Scope().Lookup("V"), &s) {
		t.Error("a variable has a fact that nobody exported")
	}
	if got := len(pass.AllObjectFacts()); got != 7 {
		t.Errorf("%d facts in all, want 7", got)
	}
	// They go on to the importers of the importer.
	if diff := cmp.Diff(len(list), len(importing.List())); diff != "" {
		t.Errorf("facts passed on (-want +got):\n%s", diff)
	}
}

// A fact about a package has no name by which its importers could be told.
func TestPackageFact(t *testing.T) {
	set := facts.NewSet(types.NewPackage("example.com/a", "a"), nil, nil)
	pass := &analysis.Pass{Analyzer: analyzer}
	set.Connect(pass)
	pass.ExportPackageFact(&colour{"red"})
	list := set.List()
	if _, ok := list.Names(); ok {
		t.Error("the names count as complete")
	}
	var c colour
	a := types.NewPackage("example.com/a", "a")
	importing := facts.NewSet(types.NewPackage("example.com/b", "b"), map[string]*types.Package{"example.com/a": a}, list)
	importing.Connect(pass)
	if !pass.ImportPackageFact(a, &c) || c.Name != "red" {
		t.Errorf("the package's fact is %q", c.Name)
	}
}

func TestUnion(t *testing.T) {
	one := facts.List{{PkgPath: "a", Object: "F", Name: "F", Fact: &colour{"red"}}}
	two := facts.List{{PkgPath: "a", Object: "F", Name: "F", Fact: &colour{"red"}}, {PkgPath: "b", Object: "F", Name: "F", Fact: &colour{"red"}}}
	if got := len(facts.Union(one, nil, two)); got != 2 {
		t.Errorf("%d facts, want 2", got)
	}
	if facts.Union(nil, nil) != nil {
		t.Error("no facts are something")
	}
}

func TestDecode(t *testing.T) {
	if l, err := facts.Decode(nil); l != nil || err != nil {
		t.Errorf("an empty file: %v, %v", l, err)
	}
	if _, err := facts.Decode([]byte("garbage")); err == nil {
		t.Error("garbage decodes")
	}
	if data, err := facts.List(nil).Encode(); len(data) > 0 || err != nil {
		t.Errorf("no facts: %q, %v", data, err)
	}
}

func check(t *testing.T, path, src string) *types.Package {
	t.Helper()
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, "a.go", src, 0)
	if err != nil {
		t.Fatal(err)
	}
	pkg, err := (&types.Config{Importer: importer.Default()}).Check(path, fset, []*ast.File{f}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return pkg
}
