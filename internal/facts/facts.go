// Package facts carries the facts of go/analysis from a package to those that
// import it.
//
// Unlike the standard drivers' it also says by which names a fact can be
// reached, so that a driver can leave a package alone whose source mentions
// none of them.
package facts

import (
	"bytes"
	"cmp"
	"encoding/gob"
	"fmt"
	"go/types"
	"reflect"
	"slices"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/types/objectpath"
)

// Fact is one fact, told independently of any type checker's objects.
type Fact struct {
	PkgPath string
	Object  objectpath.Path // "" for a fact about the package
	Name    string          // the object's name in source
	Fact    analysis.Fact
}

type key struct {
	pkgPath string
	object  objectpath.Path
	typ     reflect.Type
}

// List is the facts of a package and of all it imports, in no order and
// without duplicates. It is not changed once made.
type List []Fact

// Union returns the facts of several packages.
func Union(lists ...List) List {
	var nonempty []List
	for _, l := range lists {
		if len(l) > 0 {
			nonempty = append(nonempty, l)
		}
	}
	switch len(nonempty) {
	case 0:
		return nil
	case 1:
		return nonempty[0]
	}
	var all List
	seen := make(map[key]bool)
	for _, l := range nonempty {
		for _, f := range l {
			k := key{f.PkgPath, f.Object, reflect.TypeOf(f.Fact)}
			if !seen[k] {
				seen[k] = true
				all = append(all, f)
			}
		}
	}
	return all
}

// Names returns the names by which the objects with facts are known. It is
// incomplete (ok is false) where a fact can be reached without any name.
func (l List) Names() (names map[string]bool, ok bool) {
	names = make(map[string]bool)
	for _, f := range l {
		if f.Name == "" {
			return nil, false
		}
		names[f.Name] = true
	}
	return names, true
}

// Register makes the fact types of the analyzers, and of those they require,
// known to gob. It must be called before Encode and Decode.
func Register(analyzers []*analysis.Analyzer) {
	seen := make(map[*analysis.Analyzer]bool)
	var visit func(*analysis.Analyzer)
	visit = func(a *analysis.Analyzer) {
		if seen[a] {
			return
		}
		seen[a] = true
		for _, f := range a.FactTypes {
			gob.Register(f)
		}
		for _, req := range a.Requires {
			visit(req)
		}
	}
	for _, a := range analyzers {
		visit(a)
	}
}

// Encode returns the facts in the form of a file: nothing at all where there
// are none.
func (l List) Encode() ([]byte, error) {
	if len(l) == 0 {
		return nil, nil
	}
	sorted := slices.SortedFunc(slices.Values(l), func(x, y Fact) int {
		return cmp.Or(
			cmp.Compare(x.PkgPath, y.PkgPath),
			cmp.Compare(x.Object, y.Object),
			cmp.Compare(reflect.TypeOf(x.Fact).String(), reflect.TypeOf(y.Fact).String()),
		)
	})
	var buf bytes.Buffer
	if err := gob.NewEncoder(&buf).Encode(sorted); err != nil {
		return nil, fmt.Errorf("encode facts: %w", err)
	}
	return buf.Bytes(), nil
}

// Decode reads what Encode wrote.
func Decode(data []byte) (List, error) {
	if len(data) == 0 {
		return nil, nil
	}
	var l List
	if err := gob.NewDecoder(bytes.NewReader(data)).Decode(&l); err != nil {
		return nil, fmt.Errorf("decode facts: %w", err)
	}
	return l, nil
}

// Set is the facts that one pass over a package reads and writes. It is not
// safe for concurrent use.
type Set struct {
	pkg      *types.Package
	imported List
	objects  map[objectKey]analysis.Fact
	packages map[packageKey]analysis.Fact
	byPath   map[string]*types.Package
}

type objectKey struct {
	obj types.Object
	typ reflect.Type
}

type packageKey struct {
	path string
	typ  reflect.Type
}

// NewSet resolves imported facts among the packages that pkg's importer has
// seen, by import path. Facts about objects that it has not seen cannot
// concern pkg and are only passed on.
func NewSet(pkg *types.Package, seen map[string]*types.Package, imported List) *Set {
	s := &Set{
		pkg:      pkg,
		imported: imported,
		objects:  make(map[objectKey]analysis.Fact),
		packages: make(map[packageKey]analysis.Fact),
		byPath:   seen,
	}
	for _, f := range imported {
		typ := reflect.TypeOf(f.Fact)
		if f.Object == "" {
			s.packages[packageKey{f.PkgPath, typ}] = f.Fact
			continue
		}
		dep := seen[f.PkgPath]
		if dep == nil {
			continue
		}
		if obj, err := objectpath.Object(dep, f.Object); err == nil {
			s.objects[objectKey{obj, typ}] = f.Fact
		}
	}
	return s
}

// Connect makes pass read and write its facts here.
func (s *Set) Connect(pass *analysis.Pass) {
	filter := make(map[reflect.Type]bool)
	for _, f := range pass.Analyzer.FactTypes {
		filter[reflect.TypeOf(f)] = true
	}
	pass.ImportObjectFact = func(obj types.Object, ptr analysis.Fact) bool {
		f, ok := s.objects[objectKey{obj, reflect.TypeOf(ptr)}]
		return ok && assign(ptr, f)
	}
	pass.ExportObjectFact = func(obj types.Object, f analysis.Fact) {
		if obj.Pkg() != s.pkg {
			panic(fmt.Sprintf("fact %T about %v, which belongs to another package", f, obj))
		}
		s.objects[objectKey{obj, reflect.TypeOf(f)}] = f
	}
	pass.ImportPackageFact = func(pkg *types.Package, ptr analysis.Fact) bool {
		f, ok := s.packages[packageKey{pkg.Path(), reflect.TypeOf(ptr)}]
		return ok && assign(ptr, f)
	}
	pass.ExportPackageFact = func(f analysis.Fact) {
		s.packages[packageKey{s.pkg.Path(), reflect.TypeOf(f)}] = f
	}
	pass.AllObjectFacts = func() []analysis.ObjectFact {
		var all []analysis.ObjectFact
		for k, f := range s.objects {
			if filter[k.typ] {
				all = append(all, analysis.ObjectFact{Object: k.obj, Fact: f})
			}
		}
		return all
	}
	pass.AllPackageFacts = func() []analysis.PackageFact {
		var all []analysis.PackageFact
		for k, f := range s.packages {
			pkg := s.byPath[k.path]
			if k.path == s.pkg.Path() {
				pkg = s.pkg
			}
			if filter[k.typ] && pkg != nil {
				all = append(all, analysis.PackageFact{Package: pkg, Fact: f})
			}
		}
		return all
	}
}

func assign(ptr, f analysis.Fact) bool {
	reflect.ValueOf(ptr).Elem().Set(reflect.ValueOf(f).Elem())
	return true
}

// List returns the package's own facts together with those it imported.
// Facts about objects that other packages cannot name are left out.
func (s *Set) List() List {
	var encoder objectpath.Encoder
	var own List
	for k, f := range s.objects {
		if k.obj.Pkg() != s.pkg {
			continue
		}
		if path, err := encoder.For(k.obj); err == nil {
			own = append(own, Fact{PkgPath: s.pkg.Path(), Object: path, Name: k.obj.Name(), Fact: f})
		}
	}
	for k, f := range s.packages {
		if k.path == s.pkg.Path() {
			own = append(own, Fact{PkgPath: s.pkg.Path(), Fact: f})
		}
	}
	return Union(own, s.imported)
}
