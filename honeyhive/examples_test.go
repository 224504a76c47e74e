package honeyhive_test

import (
	"fmt"
	"go/ast"
	"go/doc"
	"go/token"
	"go/types"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"golang.org/x/tools/go/packages"
)

// documented are the packages whose users find an example of everything.
var documented = map[string]struct {
	// named has an example under its own name: it is what people look up
	// first.
	named []string
	// without says why there is no example.
	without map[string]string
}{
	"github.com/honeyhiveai/hhvet/honeyhive": {
		named: []string{
			"", "New", "Trace", "Evaluate",
			"Tracer.Start", "Tracer.EnrichSpan", "Tracer.EnrichSession", "Tracer.StartSession", "Tracer.JoinSession",
			"Tracer.Inject", "Tracer.Extract", "Tracer.ForceFlush", "Tracer.Shutdown", "Tracer.Stats", "Tracer.TracerProvider",
			"ContextTracerProvider", "TracerFromContext", "ContextWithTracer", "SetDefaultTracer", "ContextWithBaggage", "SafePropagationKeys",
			"WithFile", "WithSpanExporter", "WithRedactor", "WithSampler", "WithHTTPClient", "WithLogger", "WithOffline",
			"Evaluator", "Overall", "Aggregate", "Shard", "DatasetSeq", "DatasetByID", "GroundTruthAs",
			"Report", "Report.WriteTable", "Report.WriteHTML", "Report.Compare", "ReadReport",
		},
		without: map[string]string{
			"PanicError.Error":  "fmt calls it",
			"PanicError.Unwrap": "package errors calls it",
		},
	},
	"github.com/honeyhiveai/hhvet/honeyhive/honeyhivetest": {
		named: []string{
			"", "NewBackend", "Backend.Spans", "Backend.RequireSpan", "Backend.RequireSession", "Backend.Orphans",
			"Backend.Inject", "Backend.AddDataset", "Decode", "ReadFile",
		},
		without: map[string]string{
			"Backend.RoundTrip": "net/http calls it",
			"Backend.ServeHTTP": "net/http calls it",
		},
	},
}

// Every exported function, type and method is used by an example. Those that
// are deprecated have an example of what replaces them.
func TestEverythingHasAnExample(t *testing.T) {
	for path, p := range load(t) {
		t.Run(p.doc.Name, func(t *testing.T) {
			exported, without := p.exported(), documented[path].without
			for _, name := range slices.Sorted(maps.Keys(exported)) {
				_, excepted := without[name]
				switch deprecated := strings.Contains(exported[name], "\nDeprecated:"); {
				case deprecated && (p.examples[name] == nil || p.used[name]):
					t.Errorf("%s is deprecated: %s has to show what replaces it, and no example may use it", name, exampleOf(name))
				case !deprecated && !excepted && !p.used[name]:
					t.Errorf("no example uses %s", name)
				case excepted && p.used[name]:
					t.Errorf("%s is no exception: an example uses it", name)
				}
			}
			for name := range without {
				if _, ok := exported[name]; !ok {
					t.Errorf("%s is an exception and does not exist", name)
				}
			}
			for _, name := range documented[path].named {
				if p.examples[name] == nil {
					t.Errorf("there is no %s", exampleOf(name))
				}
			}
		})
	}
}

// An example is shown alone: it says what it shows, has all that it needs in
// its own file, and its output is checked.
func TestExamplesStandAlone(t *testing.T) {
	for _, p := range load(t) {
		for _, list := range p.examples {
			for _, e := range list {
				name := p.doc.Name + "." + exampleOf(e.Name)
				switch {
				case e.Doc == "":
					t.Errorf("%s does not say what it shows", name)
				case e.Play == nil:
					t.Errorf("%s uses what another file declares", name)
				case e.Output == "":
					t.Errorf("%s has no output", name)
				}
			}
		}
	}
}

// documentation is a package as its readers see it.
type documentation struct {
	doc      *doc.Package
	examples map[string][]*doc.Example // by what they are attached to: "Tracer.Start", or ""
	used     map[string]bool           // by examples, or a value of it is
}

// load returns the documented packages by their paths.
func load(t *testing.T) map[string]*documentation {
	t.Helper()
	all, err := loadOnce()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

var loadOnce = sync.OnceValues(func() (map[string]*documentation, error) {
	loaded, err := packages.Load(&packages.Config{
		Mode: packages.NeedName | packages.NeedFiles | packages.NeedCompiledGoFiles | packages.NeedImports |
			packages.NeedSyntax | packages.NeedTypes | packages.NeedTypesSizes | packages.NeedTypesInfo,
		Tests: true,
	}, slices.Collect(maps.Keys(documented))...)
	if err != nil {
		return nil, err
	}
	all := make(map[string]*documentation)
	for _, p := range loaded {
		if len(p.Errors) > 0 {
			return nil, p.Errors[0]
		}
		if _, ok := documented[p.PkgPath]; ok && p.ID == p.PkgPath {
			d, err := doc.NewFromFiles(p.Fset, p.Syntax, p.PkgPath)
			if err != nil {
				return nil, err
			}
			all[p.PkgPath] = &documentation{d, make(map[string][]*doc.Example), make(map[string]bool)}
		}
	}
	if len(all) != len(documented) {
		return nil, fmt.Errorf("found %d of %d packages", len(all), len(documented))
	}
	for _, p := range loaded {
		if path, ok := strings.CutSuffix(p.PkgPath, "_test"); ok {
			all[path].read(p)
		}
	}
	return all, nil
})

// read adds the examples of a test package.
func (d *documentation) read(p *packages.Package) {
	for _, e := range doc.Examples(p.Syntax...) {
		name := e.Name
		// A suffix begins with a small letter, as no exported name does.
		if i := strings.LastIndexByte(name, '_'); i >= 0 && !token.IsExported(name[i+1:]) {
			name = name[:i]
		}
		name = strings.ReplaceAll(name, "_", ".")
		d.examples[name] = append(d.examples[name], e)
		shown := e.Code
		if e.Play != nil {
			shown = e.Play // with what the example uses of its file
		}
		ast.Inspect(shown, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok {
				d.use(p.TypesInfo.Uses[id])
			}
			if x, ok := n.(ast.Expr); ok {
				d.useType(p.TypesInfo.TypeOf(x))
			}
			return true
		})
	}
}

func (d *documentation) use(obj types.Object) {
	if obj == nil || obj.Pkg() == nil || obj.Pkg().Path() != d.doc.ImportPath {
		return
	}
	if f, ok := obj.(*types.Func); ok && f.Signature().Recv() != nil {
		recv := f.Signature().Recv().Type()
		if p, ok := recv.(*types.Pointer); ok {
			recv = p.Elem()
		}
		if of, ok := recv.(*types.Named); ok {
			d.used[of.Obj().Name()+"."+f.Name()] = true
		}
		return
	}
	if obj.Parent() == obj.Pkg().Scope() { // no field, no parameter
		d.used[obj.Name()] = true
	}
}

// useType uses the types of which t says that there is a value: its own, its
// elements', or those that a function takes and returns.
func (d *documentation) useType(t types.Type) {
	switch t := t.(type) {
	case *types.Named:
		d.use(t.Obj())
	case *types.Alias:
		d.useType(types.Unalias(t))
	case *types.Pointer:
		d.useType(t.Elem())
	case *types.Slice:
		d.useType(t.Elem())
	case *types.Tuple:
		for v := range t.Variables() {
			d.useType(v.Type())
		}
	case *types.Signature:
		d.useType(t.Params())
		d.useType(t.Results())
	}
}

// exported returns the names of all that is exported, with its doc comments.
func (d *documentation) exported() map[string]string {
	names := make(map[string]string)
	functions := func(prefix string, list []*doc.Func) {
		for _, f := range list {
			names[prefix+f.Name] = f.Doc
		}
	}
	functions("", d.doc.Funcs)
	for _, t := range d.doc.Types {
		names[t.Name] = t.Doc
		functions("", t.Funcs)
		functions(t.Name+".", t.Methods)
	}
	return names
}

// exampleOf returns the name of an example of name's own.
func exampleOf(name string) string { return "Example" + strings.ReplaceAll(name, ".", "_") }
