package globalbaggage

import (
	"go/ast"
	"go/constant"
	"go/types"

	"github.com/honeyhiveai/hhvet/internal/sdkapi"
)

// isNamed reports whether t, or what it points to, is the named type.
func isNamed(t types.Type, pkg, name string) bool {
	t = types.Unalias(t)
	if p, ok := t.(*types.Pointer); ok {
		t = types.Unalias(p.Elem())
	}
	n, ok := t.(*types.Named)
	return ok && n.Obj().Name() == name && n.Obj().Pkg() != nil && sdkapi.Unvendored(n.Obj().Pkg().Path()) == pkg
}

func isFunc(fn *types.Func, pkg, name string) bool {
	return fn != nil && isMethod(fn, pkg, "", name)
}

func isMethod(fn *types.Func, pkg, recv, name string) bool {
	return fn.Name() == name && fn.Pkg() != nil && sdkapi.Unvendored(fn.Pkg().Path()) == pkg && recvName(fn.Signature()) == recv
}

func recvName(sig *types.Signature) string {
	if sig.Recv() == nil {
		return ""
	}
	t := types.Unalias(sig.Recv().Type())
	if p, ok := t.(*types.Pointer); ok {
		t = types.Unalias(p.Elem())
	}
	if n, ok := t.(*types.Named); ok {
		return n.Obj().Name()
	}
	return ""
}

func recvType(fn *types.Func) types.Type {
	if recv := fn.Signature().Recv(); recv != nil {
		return recv.Type()
	}
	return types.Typ[types.Invalid]
}

func isContext(t types.Type) bool { return isNamed(t, "context", "Context") }

// returns reports whether one of the results is of such a type.
func returns(sig *types.Signature, is func(types.Type) bool) bool {
	for r := range sig.Results().Variables() {
		if is(r.Type()) {
			return true
		}
	}
	return false
}

func isStringType(t types.Type) bool {
	if t == nil {
		return false
	}
	b, ok := coreType(t).(*types.Basic)
	return ok && b.Info()&types.IsString != 0
}

func hasStringMethod(t types.Type) bool {
	for _, name := range []string{"String", "Error", "Format"} {
		if obj, _, _ := types.LookupFieldOrMethod(t, true, nil, name); obj != nil {
			return true
		}
	}
	return false
}

func isPointer(t types.Type) bool {
	_, ok := t.Underlying().(*types.Pointer)
	return ok
}

func structOf(t types.Type) (*types.Struct, bool) {
	if t == nil {
		return nil, false
	}
	u := coreType(t)
	if p, ok := u.(*types.Pointer); ok {
		u = p.Elem().Underlying()
	}
	st, ok := u.(*types.Struct)
	return st, ok
}

// coreType is the underlying type of t, or of the only term of its constraint.
func coreType(t types.Type) types.Type {
	if tp, ok := types.Unalias(t).(*types.TypeParam); ok {
		iface, ok := tp.Constraint().Underlying().(*types.Interface)
		if !ok || iface.NumEmbeddeds() != 1 {
			return tp.Underlying()
		}
		if u, ok := iface.EmbeddedType(0).(*types.Union); ok && u.Len() == 1 {
			return u.Term(0).Type().Underlying()
		}
		return iface.EmbeddedType(0).Underlying()
	}
	return t.Underlying()
}

func isTrue(info *types.Info, e ast.Expr) bool {
	v := info.Types[e].Value
	return v != nil && v.Kind() == constant.Bool && constant.BoolVal(v)
}

func isFalse(info *types.Info, e ast.Expr) bool {
	if e == nil {
		return false
	}
	v := info.Types[e].Value
	return v != nil && v.Kind() == constant.Bool && !constant.BoolVal(v)
}

func isInt(info *types.Info, e ast.Expr, want int) bool {
	n, ok := intConstant(info, e)
	return ok && n == want
}

// intConstant returns the value of e, if it is a constant integer.
func intConstant(info *types.Info, e ast.Expr) (int, bool) {
	if e == nil {
		return 0, false
	}
	v := info.Types[e].Value
	if v == nil || v.Kind() != constant.Int {
		return 0, false
	}
	n, exact := constant.Int64Val(v)
	return int(n), exact
}
