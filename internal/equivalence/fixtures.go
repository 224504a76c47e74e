package equivalence

import (
	"fmt"
	"go/ast"
	"go/format"
	"go/types"
	"path/filepath"
	"slices"
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
	var args []string
	for v := range sig.Params().Variables() {
		args = append(args, w.value(v.Type(), 3))
	}
	call := callee + "(" + strings.Join(args, ", ")
	if sig.Variadic() {
		call += "..."
	}
	call += ")"
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
		switch t := sig.Results().At(i).Type(); under := t.Underlying().(type) {
		case *types.Basic:
			fmt.Fprintf(&b, "h.Note(%q, %s)\n", r, r)
		case *types.Signature:
			var args []string
			for v := range under.Params().Variables() {
				args = append(args, w.value(v.Type(), 2))
			}
			suffix := ""
			if under.Variadic() {
				suffix = "..."
			}
			call := fmt.Sprintf("%s(%s%s)", r, strings.Join(args, ", "), suffix)
			if under.Results().Len() == 1 {
				call = fmt.Sprintf("h.Note(%q, %s)", r, call)
			}
			b.WriteString(call + "\n")
		default:
			if types.Identical(t, types.Universe.Lookup("error").Type()) {
				fmt.Fprintf(&b, "h.Note(%q, %s)\n", r, r)
			} else {
				fmt.Fprintf(&b, "_ = %s\n", r)
			}
		}
	}
	return b.String()
}

func holdsTracers(t types.Type) bool {
	m, ok := t.Underlying().(*types.Map)
	return ok && sdkapi.IsTracerPointer(m.Elem())
}

// value returns an expression for some value of type t.
func (w *fixtureWriter) value(t types.Type, depth int) string {
	if sdkapi.IsTracerPointer(t) {
		w.tracers++
		return fmt.Sprintf("h.Quiet(%d)", w.tracers-1)
	}
	text := w.typeString(t)
	switch text {
	case "context.Context":
		return "ctx"
	case "error":
		return "error(nil)"
	case "honeyhive.Field":
		return text + `(honeyhive.Metadata{"field": 1})`
	case "*http.Request":
		return "func() *http.Request { r, _ := http.NewRequestWithContext(ctx, \"GET\", \"http://x.invalid\", nil); return r }()"
	case "trace.Span":
		return "outerSpan"
	case "interface{}", "any":
		return "any(" + w.value(w.tracerType(), depth-1) + ")"
	}
	if _, ok := types.Unalias(t).(*types.TypeParam); ok {
		return "1"
	}
	if depth == 0 {
		return "*new(" + text + ")"
	}
	switch u := t.Underlying().(type) {
	case *types.Basic:
		switch {
		case u.Info()&types.IsBoolean != 0:
			w.usesYes = true
			return fmt.Sprint(w.yes)
		case u.Info()&types.IsString != 0:
			return text + `("text")`
		case u.Info()&types.IsNumeric != 0:
			return text + "(2)"
		}
	case *types.Pointer:
		if _, ok := u.Elem().Underlying().(*types.Struct); ok {
			return "&" + w.value(u.Elem(), depth)
		}
		return fmt.Sprintf("func() %s { v := %s; return &v }()", text, w.value(u.Elem(), depth-1))
	case *types.Struct:
		var fields []string
		for f := range u.Fields() {
			if sdkapi.IsTracerPointer(f.Type()) || structType(f.Type()) != nil && f.Pkg() == w.pkg.Types {
				fields = append(fields, f.Name()+": "+w.value(f.Type(), depth-1))
			}
		}
		return text + "{" + strings.Join(fields, ", ") + "}"
	case *types.Slice:
		return text + "{" + w.value(u.Elem(), depth-1) + "}"
	case *types.Map:
		return text + "{" + w.value(u.Key(), depth-1) + ": " + w.value(u.Elem(), depth-1) + "}"
	case *types.Chan:
		elem := w.value(u.Elem(), depth-1)
		return fmt.Sprintf("func() %s { c := make(%[1]s, 9); for range 9 { c <- %s }; return c }()", text, elem)
	case *types.Signature:
		var params, results, values []string
		for v := range u.Params().Variables() {
			params = append(params, "_ "+w.typeString(v.Type()))
		}
		if u.Variadic() {
			last := u.Params().At(u.Params().Len() - 1).Type().(*types.Slice)
			params[len(params)-1] = "_ ..." + w.typeString(last.Elem())
		}
		for v := range u.Results().Variables() {
			results = append(results, w.typeString(v.Type()))
			values = append(values, w.value(v.Type(), depth-1))
		}
		ret := ""
		if values != nil {
			ret = "return " + strings.Join(values, ", ")
		}
		return fmt.Sprintf("func(%s) (%s) { %s }", strings.Join(params, ", "), strings.Join(results, ", "), ret)
	}
	return "*new(" + text + ")"
}

func structType(t types.Type) *types.Struct {
	if ptr, ok := t.Underlying().(*types.Pointer); ok {
		t = ptr.Elem()
	}
	s, _ := t.Underlying().(*types.Struct)
	return s
}

func (w *fixtureWriter) tracerType() types.Type {
	for path, dep := range w.pkg.Imports {
		if path == sdkapi.Path {
			return types.NewPointer(dep.Types.Scope().Lookup(sdkapi.Tracer).Type())
		}
	}
	return types.Typ[types.Int]
}

// typeString writes t for the package, with type parameters as int, and
// imports what that needs.
func (w *fixtureWriter) typeString(t types.Type) string {
	if named, ok := types.Unalias(t).(*types.Named); ok && named.TypeParams().Len() > 0 && named.TypeArgs().Len() == 0 || isGenericReceiver(t) {
		named, _ = types.Unalias(deref(t)).(*types.Named)
		args := slices.Repeat([]string{"int"}, named.TypeParams().Len())
		text := named.Obj().Name() + "[" + strings.Join(args, ", ") + "]"
		if _, ptr := types.Unalias(t).(*types.Pointer); ptr {
			text = "*" + text
		}
		return text
	}
	return types.TypeString(t, func(p *types.Package) string {
		if p == w.pkg.Types {
			return ""
		}
		w.imports[p.Path()] = p.Name()
		return p.Name()
	})
}

func deref(t types.Type) types.Type {
	if ptr, ok := types.Unalias(t).(*types.Pointer); ok {
		return ptr.Elem()
	}
	return t
}

// isGenericReceiver reports whether t is a generic type with its own
// parameters as arguments, or points to one.
func isGenericReceiver(t types.Type) bool {
	named, ok := types.Unalias(deref(t)).(*types.Named)
	if !ok || named.TypeArgs().Len() == 0 {
		return false
	}
	_, param := types.Unalias(named.TypeArgs().At(0)).(*types.TypeParam)
	return param
}
