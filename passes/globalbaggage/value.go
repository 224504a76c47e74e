package globalbaggage

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// A set is what is known of the strings that an expression can be.
type set struct {
	vals []value
	// open means that it can also be something that is not known.
	open bool
	// all means, of the keys that a predicate accepts, that it accepts any.
	all bool
	// but are keys that a predicate which is not known otherwise refuses.
	but []string
}

// A value is one possible string: known text, holes that stand for unknown
// text, and references to parameters or fields that callers decide about.
type value struct {
	segs []seg
	// at is where the text stands, if in a list of this package: the element
	// of a composite literal, the expression of a case, an operand of ==.
	at ast.Expr
	// list is the composite literal, case clause, or call of append that has
	// elem as an element, and at is elem or the key in it.
	list ast.Node
	elem ast.Expr
	// born is where a constant text was written down or declared.
	born token.Pos
	// guarded means that the list admits keys which come from elsewhere.
	guarded bool
	// object is an object annotated with //hhvet:pertracer that holds the
	// value, or one of another package that the list is the value of.
	object types.Object
	// except are texts that a deny-list on the way keeps out.
	except []string
}

// A seg is text, or a reference if ref is not nil, or a hole if neither.
type seg struct {
	text string
	ref  *ref
}

// A ref is the part of a parameter, a receiver, or any instance's field that
// a path leads to.
type ref struct {
	root *types.Var
	path accessPath
}

// maxValues bounds a set: what has more is treated as unknown.
const maxValues = 256

func (s *set) add(vals ...value) {
	for _, v := range vals {
		if len(s.vals) >= maxValues {
			s.open = true
			return
		}
		if !s.has(v) {
			s.vals = append(s.vals, v)
		}
	}
}

func (s *set) has(v value) bool {
	for _, w := range s.vals {
		if w.at == v.at && w.object == v.object && w.id() == v.id() {
			return true
		}
	}
	return false
}

func (s *set) union(o set) {
	s.add(o.vals...)
	s.open = s.open || o.open
	s.all = s.all || o.all
}

var unknown = set{open: true}

func text(s string) set { return set{vals: []value{{segs: textSegs(s)}}} }

// textSegs has no segment for the empty text, which would be a hole.
func textSegs(s string) []seg {
	if s == "" {
		return nil
	}
	return []seg{{text: s}}
}

func reference(root *types.Var, path accessPath) set {
	return set{vals: []value{{segs: []seg{{ref: &ref{root, path}}}}}}
}

// known returns v's text if all of it is known.
func (v value) known() (string, bool) {
	var b strings.Builder
	for _, s := range v.segs {
		if s.ref != nil || s.text == "" {
			return "", false
		}
		b.WriteString(s.text)
	}
	return b.String(), true
}

// hasText reports whether a part of v's text is known.
func (v value) hasText() bool {
	return slices.ContainsFunc(v.segs, func(s seg) bool { return s.text != "" })
}

// id distinguishes values.
func (v value) id() string {
	var b strings.Builder
	for _, s := range v.segs {
		switch {
		case s.ref != nil:
			fmt.Fprintf(&b, "\x00ref %p%s", s.ref.root, s.ref.path)
		case s.text == "":
			b.WriteString("\x00hole")
		default:
			b.WriteString(s.text)
		}
	}
	return b.String()
}

// concat joins every value of a with every value of b.
func concat(a, b set) set {
	hole := value{segs: []seg{{}}}
	left, right := a.vals, b.vals
	if a.open {
		left = append(left[:len(left):len(left)], hole)
	}
	if b.open {
		right = append(right[:len(right):len(right)], hole)
	}
	var out set
	for _, l := range left {
		for _, r := range right {
			out.add(value{segs: joinSegs(l.segs, r.segs)})
		}
	}
	return out
}

func joinSegs(a, b []seg) []seg {
	out := append([]seg(nil), a...)
	for _, s := range b {
		// Known neighbours become one, so that equal texts look equal.
		if n := len(out); n > 0 && s.ref == nil && out[n-1].ref == nil && s.text != "" && out[n-1].text != "" {
			out[n-1].text += s.text
			continue
		}
		out = append(out, s)
	}
	return out
}

// mapText applies f to known text and leaves references as they are, for
// functions that do not change which key a string is a spelling of.
func (s set) mapText(f func(string) string) set {
	out := set{open: s.open}
	for _, v := range s.vals {
		if t, ok := v.known(); ok {
			v.segs = textSegs(f(t))
		}
		out.add(v)
	}
	return out
}

// standingAt gives values that are in a list elsewhere a place here.
func (s set) standingAt(e ast.Expr) set {
	out := set{open: s.open, all: s.all}
	for _, v := range s.vals {
		if v.at == nil {
			v.at = e
		}
		out.vals = append(out.vals, v)
	}
	return out
}
