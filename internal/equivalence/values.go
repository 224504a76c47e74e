package equivalence

import (
	"fmt"
	"go/types"
	"slices"
	"strings"

	"github.com/honeyhiveai/hhvet/internal/sdkapi"
)

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
	if sdk := w.pkg.Imports[sdkapi.Path]; sdk != nil {
		return types.NewPointer(sdk.Types.Scope().Lookup(sdkapi.Tracer).Type())
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
