package equivalence

import (
	"fmt"
	"go/ast"
	"go/format"
	"go/types"
	"path/filepath"
	"strings"

	"golang.org/x/tools/go/packages"

	"github.com/honeyhiveai/hhvet/internal/sdkapi"
)

// AddFixtures makes a program of each function in the packages that no other
// function of its package uses, with arguments made up by type. Functions for
// which skip is true are left out, and so are packages without any.
func (m *Module) AddFixtures(pkgs []*packages.Package, tracers int, skip func(*packages.Package, *types.Func) bool) error {
	for _, pkg := range pkgs {
		if pkg.ForTest != "" || strings.HasSuffix(pkg.ID, ".test") || pkg.Name == "main" || strings.Contains(pkg.PkgPath, "/samename") {
			continue // samename calls nothing of the SDK
		}
		w := &fixtureWriter{pkg: pkg, imports: map[string]string{"context": "context", m.Path + "/record": "record"}}
		var programs strings.Builder
		for _, fn := range w.roots() {
			if skip(pkg, fn) {
				continue
			}
			for _, yes := range []bool{true, false} {
				w.yes, w.tracers, w.usesYes = yes, 0, false
				body := w.program(fn)
				if !yes && !w.usesYes {
					continue
				}
				fmt.Fprintf(&programs, "%q: func(h *record.H) {\n%s},\n", fmt.Sprintf("%s.%s/%v", pkg.PkgPath, name(fn), yes), body)
			}
		}
		if programs.Len() == 0 {
			continue
		}
		var imports strings.Builder
		for path, name := range w.imports {
			if strings.Contains(programs.String()+"record.H", name+".") {
				fmt.Fprintf(&imports, "%s %q\n", name, path)
			}
		}
		src := fmt.Sprintf("package %s\n\nimport (\n%s)\n\nvar Programs = map[string]func(*record.H){\n%s}\n", pkg.Name, imports.String(), programs.String())
		text, err := format.Source([]byte(src))
		if err != nil {
			return fmt.Errorf("programs of %s: %w\n%s", pkg.PkgPath, err, src)
		}
		rel, err := filepath.Rel(m.Dir, filepath.Dir(pkg.GoFiles[0]))
		if err != nil {
			return err
		}
		if err := m.write(map[string][]byte{filepath.Join(rel, "zz_programs.go"): text}); err != nil {
			return err
		}
		m.Programs = append(m.Programs, Program{pkg.PkgPath, tracers})
	}
	return nil
}

func name(fn *types.Func) string {
	if recv := fn.Signature().Recv(); recv != nil {
		return types.TypeString(recv.Type(), func(*types.Package) string { return "" }) + "." + fn.Name()
	}
	return fn.Name()
}

// MakesTracer reports whether fn or a function of its package that it uses
// calls honeyhive.New.
func MakesTracer(pkg *packages.Package, fn *types.Func) bool {
	return makesTracer(pkg, fn, make(map[*types.Func]bool))
}

func makesTracer(pkg *packages.Package, fn *types.Func, seen map[*types.Func]bool) bool {
	seen[fn] = true
	makes := false
	for _, file := range pkg.Syntax {
		for _, decl := range file.Decls {
			decl, ok := decl.(*ast.FuncDecl)
			if !ok || pkg.TypesInfo.Defs[decl.Name] != fn {
				continue
			}
			ast.Inspect(decl, func(n ast.Node) bool {
				if id, ok := n.(*ast.Ident); ok {
					if used, ok := pkg.TypesInfo.Uses[id].(*types.Func); ok {
						if sdkapi.IsPackage(used.Pkg()) && used.Name() == sdkapi.New {
							makes = true
						} else if used.Pkg() == pkg.Types && !seen[used.Origin()] {
							makes = makes || makesTracer(pkg, used.Origin(), seen)
						}
					}
				}
				return true
			})
		}
	}
	return makes
}

// fixtureWriter writes calls of the functions of one package.
type fixtureWriter struct {
	pkg     *packages.Package
	imports map[string]string // names by path
	yes     bool
	usesYes bool
	tracers int
}

// roots returns the package's functions and methods that nothing in it uses.
func (w *fixtureWriter) roots() []*types.Func {
	used := make(map[types.Object]bool)
	for _, obj := range w.pkg.TypesInfo.Uses {
		if fn, ok := obj.(*types.Func); ok {
			used[fn.Origin()] = true
		}
	}
	var out []*types.Func
	for _, file := range w.pkg.Syntax {
		for _, decl := range file.Decls {
			decl, ok := decl.(*ast.FuncDecl)
			if !ok || decl.Name.Name == "init" || decl.Name.Name == "main" || strings.HasPrefix(decl.Name.Name, "_") {
				continue
			}
			if fn := w.pkg.TypesInfo.Defs[decl.Name].(*types.Func); !used[fn] || fn.Exported() {
				out = append(out, fn)
			}
		}
	}
	return out
}

func (w *fixtureWriter) program(fn *types.Func) string {
	var b strings.Builder
	b.WriteString("ctx, outerSpan := h.Quiet(1).Start(context.Background(), \"outer\")\ndefer outerSpan.End()\n_ = ctx\n")
	scope := w.pkg.Types.Scope()
	for _, name := range scope.Names() {
		if v, ok := scope.Lookup(name).(*types.Var); ok && (sdkapi.IsTracerPointer(v.Type()) || holdsTracers(v.Type())) {
			fmt.Fprintf(&b, "%s = %s\n", name, w.value(v.Type(), 3))
		}
	}
	callee := fn.Name()
	sig := fn.Signature()
	if recv := sig.Recv(); recv != nil {
		callee = "(" + w.value(recv.Type(), 4) + ")." + callee
	}
	call := w.call(callee, sig, 3)
	b.WriteString("defer h.Wait()\n")
	var results []string
	for i := range sig.Results().Len() {
		results = append(results, fmt.Sprintf("r%d", i))
	}
	if results == nil {
		b.WriteString(call + "\n")
		return b.String()
	}
	fmt.Fprintf(&b, "%s := %s\n", strings.Join(results, ", "), call)
	for i, r := range results {
		b.WriteString(w.use(r, sig.Results().At(i).Type()) + "\n")
	}
	return b.String()
}

// call writes a call of function callee, with arguments made up to some depth.
func (w *fixtureWriter) call(callee string, sig *types.Signature, depth int) string {
	var args []string
	for v := range sig.Params().Variables() {
		args = append(args, w.value(v.Type(), depth))
	}
	suffix := ""
	if sig.Variadic() {
		suffix = "..."
	}
	return callee + "(" + strings.Join(args, ", ") + suffix + ")"
}

// use writes a statement with a result of type t: values are noted, functions
// called.
func (w *fixtureWriter) use(result string, t types.Type) string {
	note := func(expr string) string { return fmt.Sprintf("h.Note(%q, %s)", result, expr) }
	switch under := t.Underlying().(type) {
	case *types.Basic:
		return note(result)
	case *types.Signature:
		call := w.call(result, under, 2)
		if under.Results().Len() == 1 {
			return note(call)
		}
		return call
	}
	if types.Identical(t, types.Universe.Lookup("error").Type()) {
		return note(result)
	}
	return "_ = " + result
}
