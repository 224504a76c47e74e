package globalbaggage

import (
	"go/ast"
	"go/constant"
	"go/types"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/honeyhiveai/hhvet/internal/sdkapi"
)

// respell lists functions whose result is another spelling of the same key.
// What they do to a text that is not known does not matter.
var respell = map[string]func(string) string{
	"strings.ToLower":                      strings.ToLower,
	"strings.ToUpper":                      strings.ToUpper,
	"strings.ToTitle":                      strings.ToTitle,
	"strings.TrimSpace":                    strings.TrimSpace,
	"strings.Clone":                        strings.Clone,
	"net/http.CanonicalHeaderKey":          http.CanonicalHeaderKey,
	"net/textproto.CanonicalMIMEHeaderKey": http.CanonicalHeaderKey,
	"net/url.QueryEscape":                  url.QueryEscape,
	"net/url.PathEscape":                   url.PathEscape,
}

// trims cut a namespace off, or characters around the key.
var trims = map[string]func(s, cut string) string{
	"strings.TrimPrefix": strings.TrimPrefix,
	"strings.TrimSuffix": strings.TrimSuffix,
	"strings.Trim":       strings.Trim,
	"strings.TrimLeft":   strings.TrimLeft,
	"strings.TrimRight":  strings.TrimRight,
}

// sorters move the elements of the list that is their first argument.
var sorters = map[string]bool{
	"slices.Sort": true, "slices.SortFunc": true, "slices.SortStableFunc": true, "slices.Reverse": true,
	"sort.Strings": true, "sort.Slice": true, "sort.SliceStable": true,
}

// library evaluates calls of functions that are known by name.
func (ev *evaluator) library(fn *types.Func, c *ast.CallExpr, result int, path accessPath) (set, bool) {
	if fn.Pkg() == nil {
		return unknown, true
	}
	name := sdkapi.Unvendored(fn.Pkg().Path()) + "." + fn.Name()
	if fn.Signature().Recv() != nil {
		return ev.libraryMethod(fn, c, path)
	}
	arg := func(i int, path ...step) set {
		if i >= len(c.Args) {
			return unknown
		}
		return ev.eval(c.Args[i], path)
	}
	if f, ok := respell[name]; ok && len(path) == 0 {
		return arg(0).mapText(f), true
	}
	if f, ok := trims[name]; ok && len(path) == 0 {
		cut, ok := single(arg(1))
		if !ok {
			return unknown, true
		}
		return arg(0).mapText(func(s string) string { return f(s, cut) }), true
	}
	switch name {
	case "strings.ReplaceAll", "strings.Replace":
		from, ok1 := single(arg(1))
		to, ok2 := single(arg(2))
		if len(path) > 0 || !ok1 || !ok2 {
			return unknown, true
		}
		s := arg(0).mapText(func(s string) string { return strings.ReplaceAll(s, from, to) })
		if strings.Trim(from+to, "._-/ :") != "" {
			// Letters change, so an unknown key may become another.
			s = s.onlyKnown()
		}
		return s, true
	case "strings.Join":
		if len(path) > 0 {
			return unknown, true
		}
		return ev.join(c), true
	case "strings.Split", "strings.SplitN", "strings.Fields", "strings.FieldsFunc":
		return ev.split(c, fn.Name(), path), true
	case "strings.Cut":
		if result > 1 || len(path) > 0 {
			return unknown, true
		}
		return ev.parts(c, 2, result), true
	case "fmt.Sprintf":
		if len(path) > 0 || len(c.Args) == 0 || c.Ellipsis.IsValid() {
			return unknown, true
		}
		return ev.sprintf(c), true
	case "fmt.Sprint":
		out := text("")
		for i := range c.Args {
			out = concat(out, ev.formatted(c.Args[i]))
		}
		return out, true
	case "cmp.Or":
		var out set
		for i := range c.Args {
			out.union(arg(i, path...))
		}
		return out, true
	case "slices.Clone", "slices.Compact", "slices.Sorted", "slices.Collect", "slices.Values",
		"maps.Clone", "maps.All", "maps.Collect", "slices.Clip", "slices.Grow":
		return arg(0, path...), true
	case "slices.Concat":
		var out set
		for i := range c.Args {
			out.union(arg(i, path...))
		}
		return out, true
	case "maps.Keys", "maps.Values":
		if len(path) == 0 || path[0] != stepElem {
			return unknown, true
		}
		step := stepKeys
		if fn.Name() == "Values" {
			step = stepElem
		}
		return arg(0, prepend(step, path[1:])...), true
	case "regexp.MustCompile", "regexp.Compile":
		if result == 0 && slices.Equal(path, accessPath{stepMatch}) {
			return ev.alternatives(c.Args[0]), true
		}
		return unknown, true
	}
	if attributePath == sdkapi.Unvendored(fn.Pkg().Path()) && slices.Equal(path, accessPath{stepField("Key")}) && len(c.Args) > 0 {
		return arg(0), true // attribute.String and its siblings
	}
	if path.last() == stepMatch {
		return unknown, true
	}
	return set{}, false
}

func (ev *evaluator) libraryMethod(fn *types.Func, c *ast.CallExpr, path accessPath) (set, bool) {
	sel, ok := ast.Unparen(c.Fun).(*ast.SelectorExpr)
	if !ok {
		return unknown, false
	}
	// attribute.Key("k").String(v).Key
	if sdkapi.Unvendored(fn.Pkg().Path()) == attributePath && slices.Equal(path, accessPath{stepField("Key")}) {
		return ev.eval(sel.X, nil), true
	}
	// baggage.Member.Key, of a member that NewMember made.
	if isMethod(fn, baggagePath, "Member", "Key") && len(path) == 0 {
		return unknown, true
	}
	return set{}, false
}

// single returns the text that s is, if it is one.
func single(s set) (string, bool) {
	if s.open || len(s.vals) != 1 {
		return "", false
	}
	return s.vals[0].known()
}

func (s set) onlyKnown() set {
	out := set{open: s.open}
	for _, v := range s.vals {
		if _, ok := v.known(); ok {
			out.add(v)
		} else {
			out.open = true
		}
	}
	return out
}

// join evaluates strings.Join. A list that is not written out in one place
// contributes each of its elements as a text of its own, which is the same to
// a reader of comma-separated items.
func (ev *evaluator) join(c *ast.CallExpr) set {
	if len(c.Args) != 2 {
		return unknown
	}
	sep, ok := single(ev.eval(c.Args[1], nil))
	if !ok {
		return unknown
	}
	list := ast.Unparen(c.Args[0])
	if v := ev.variable(list); v != nil && len(ev.writes[v]) == 0 && !ev.escaped[v] {
		if defs, entry := ev.reaching(v, list); !entry && len(defs) == 1 && defs[0].expr != nil {
			list = ast.Unparen(defs[0].expr)
		}
	}
	lit, ok := list.(*ast.CompositeLit)
	if !ok {
		if strings.TrimSpace(sep) != "," {
			return unknown
		}
		return ev.eval(c.Args[0], accessPath{stepElem})
	}
	out := text("")
	for i, elt := range lit.Elts {
		if i > 0 {
			out = concat(out, text(sep))
		}
		out = concat(out, ev.eval(elt, nil))
	}
	return out
}

// split evaluates the elements of a text that is split into a list, or the one
// that path asks for.
func (ev *evaluator) split(c *ast.CallExpr, name string, path accessPath) set {
	if len(path) != 1 || len(c.Args) == 0 {
		return unknown
	}
	at := -1
	switch path[0].Kind {
	case kindElem:
	case kindAt:
		at = path[0].N
	default:
		return unknown
	}
	switch name {
	case "Split":
		return ev.parts(c, -1, at)
	case "SplitN":
		if n, ok := intConstant(ev.info, c.Args[len(c.Args)-1]); ok {
			return ev.parts(c, n, at)
		}
	case "Fields":
		s := ev.eval(c.Args[0], nil)
		out := set{open: s.open}
		for _, v := range s.vals {
			t, ok := v.known()
			out.open = out.open || !ok
			for i, f := range strings.Fields(t) {
				if i == at || at < 0 {
					out.union(text(f))
				}
			}
		}
		return out
	}
	return unknown
}

// parts evaluates part number at, or all parts if at is negative, of the at
// most n into which the call's second argument splits its first. A part that
// is not known up to its end may be more than one.
func (ev *evaluator) parts(c *ast.CallExpr, n, at int) set {
	if len(c.Args) < 2 {
		return unknown
	}
	sep, ok := single(ev.eval(c.Args[1], nil))
	if !ok || sep == "" {
		return unknown
	}
	s := ev.eval(c.Args[0], nil)
	out := set{open: s.open}
	for _, v := range s.vals {
		known, whole := v.beginning()
		list := strings.SplitN(known, sep, n)
		if !whole && len(list) > 0 {
			list = list[:len(list)-1]
		}
		if at >= 0 && at < len(list) {
			v.segs = textSegs(list[at])
			out.add(v)
			continue
		}
		out.open = out.open || !whole
		if at < 0 {
			for _, part := range list {
				v.segs = textSegs(part)
				out.add(v)
			}
		}
	}
	return out
}

// beginning returns the text that v is known to begin with, and whether that
// is all of it.
func (v value) beginning() (string, bool) {
	if t, ok := v.known(); ok {
		return t, true
	}
	if v.segs[0].ref != nil {
		return "", false
	}
	return v.segs[0].text, false
}

// sprintf fills the verbs of a known format with what is known of the
// arguments.
func (ev *evaluator) sprintf(c *ast.CallExpr) set {
	format, ok := single(ev.eval(c.Args[0], nil))
	if !ok {
		return unknown
	}
	out := text("")
	arg := 1
	for format != "" {
		lit, rest, found := strings.Cut(format, "%")
		out = concat(out, text(lit))
		if !found {
			break
		}
		verb := strings.IndexFunc(rest, func(r rune) bool { return !strings.ContainsRune("+-# 0123456789.", r) })
		if verb < 0 || strings.ContainsAny(rest[:verb+1], "[*") {
			return concat(out, unknown) // indexed arguments
		}
		flags, letter := rest[:verb], rest[verb]
		format = rest[verb+1:]
		switch {
		case letter == '%':
			out = concat(out, text("%"))
			continue
		case (letter == 's' || letter == 'v') && flags == "" && arg < len(c.Args):
			out = concat(out, ev.formatted(c.Args[arg]))
		default:
			out = concat(out, unknown)
		}
		arg++
	}
	return out
}

// formatted is what fmt prints for a string; other types are not followed.
func (ev *evaluator) formatted(e ast.Expr) set {
	tv := ev.info.Types[e]
	if tv.Value != nil && tv.Value.Kind() != constant.String {
		return text(tv.Value.ExactString())
	}
	if !types.IsInterface(tv.Type) && !isStringType(tv.Type) {
		return unknown
	}
	if hasStringMethod(tv.Type) {
		return unknown
	}
	return ev.eval(e, nil)
}

// alternatives returns what a regular expression matches if it is a plain
// alternation of words: ^(?:run_id|dataset_id)$.
func (ev *evaluator) alternatives(e ast.Expr) set {
	pattern, ok := single(ev.eval(e, nil))
	if !ok {
		return unknown
	}
	p := strings.TrimPrefix(pattern, "(?i)")
	p = strings.TrimSuffix(strings.TrimPrefix(p, "^"), "$")
	if inner, ok := strings.CutPrefix(p, "("); ok {
		inner, ok = strings.CutSuffix(inner, ")")
		if !ok {
			return unknown
		}
		p = strings.TrimPrefix(inner, "?:")
	}
	if strings.ContainsAny(p, `()[]{}*+?^$`) {
		return unknown
	}
	var out set
	for _, alt := range strings.Split(p, "|") {
		word := strings.ReplaceAll(alt, `\.`, ".")
		if word == "" || strings.Contains(word, `\`) {
			return unknown
		}
		out.add(value{segs: textSegs(word), at: e, list: e})
	}
	return out
}
