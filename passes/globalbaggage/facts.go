package globalbaggage

import (
	"fmt"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
)

// A wrapper is the fact that what is given to a function, stored in a
// variable of function type, or assigned to a field, reaches baggage.
type wrapper struct {
	Flows []flow
}

// A flow says which part of what is given reaches baggage, and how.
type flow struct {
	Param  int        // the parameter's index, receiver, or itself for a field
	Path   accessPath // from the parameter to the key
	Prefix string     // text that is put in front of the key
	Suffix string
	Text   bool     // the parameter is text in the form of a baggage header
	Header int      // the index plus one of the parameter that has to name that header, if any
	Guards bool     // the parameter is a list that admits keys from elsewhere
	Except []string // keys that are kept out
	API    string   // where it ends up
	Via    []string // the functions in between, outermost first
	Kind   kind
}

// itself is the index of a flow from all of an object.
const itself = -2

func (*wrapper) AFact() {}

func (w *wrapper) String() string {
	var parts []string
	for _, f := range w.Flows {
		parts = append(parts, fmt.Sprintf("%d%s to %s", f.Param, f.Path, f.API))
	}
	return "wrapper(" + strings.Join(parts, ", ") + ")"
}

func (f flow) equal(g flow) bool {
	return f.Param == g.Param && f.Prefix == g.Prefix && f.Suffix == g.Suffix && f.Text == g.Text && f.Header == g.Header && slices.Equal(f.Path, g.Path)
}

// values is the fact of which texts a variable, a function's result or a
// predicate stands for.
type values struct {
	Paths []pathValues
}

type pathValues struct {
	Path   accessPath
	Values []factValue
	Open   bool
	All    bool
}

type factValue struct {
	Segs []factSeg
}

func (v factValue) String() string {
	var b strings.Builder
	for _, s := range v.Segs {
		switch {
		case s.Ref != nil:
			fmt.Fprintf(&b, "{%d%s}", s.Ref.Param, s.Ref.Path)
		case s.Text == "":
			b.WriteString("{}")
		default:
			b.WriteString(s.Text)
		}
	}
	return b.String()
}

type factSeg struct {
	Text string
	Ref  *factRef
}

// factRef refers to a parameter of the function that the fact is about.
type factRef struct {
	Param int
	Path  accessPath
}

func (*values) AFact() {}

func (v *values) String() string {
	var parts []string
	for _, p := range v.Paths {
		for _, val := range p.Values {
			parts = append(parts, fmt.Sprintf("%s%q", p.Path, val))
		}
	}
	return "values(" + strings.Join(parts, ", ") + ")"
}

// perTracer is the fact that an object is annotated with //hhvet:pertracer.
type perTracer struct {
	Value string // of a constant
}

func (*perTracer) AFact() {}

func (p *perTracer) String() string { return fmt.Sprintf("pertracer(%q)", p.Value) }

// facts looks facts up and keeps those of the package under analysis.
type facts struct {
	pass      *analysis.Pass
	annotated map[types.Object]bool
}

func (f *facts) perTracer(obj types.Object) bool {
	if obj == nil || obj.Pkg() == nil {
		return false
	}
	if obj.Pkg() == f.pass.Pkg {
		return f.annotated[obj]
	}
	return f.pass.ImportObjectFact(obj, new(perTracer))
}

func (f *facts) wrapper(obj types.Object) []flow {
	var w wrapper
	if obj == nil || obj.Pkg() == nil || obj.Pkg() == f.pass.Pkg || !f.pass.ImportObjectFact(obj, &w) {
		return nil
	}
	return w.Flows
}

// value returns what an imported object's fact says about path.
func (f *facts) value(obj types.Object, path accessPath) set {
	return f.lookup(obj, path, func(factRef) set { return unknown })
}

// result returns what an imported function's fact says about a result, with
// the references in it resolved by argument.
func (f *facts) result(fn *types.Func, result int, path accessPath, argument func(factRef) set) set {
	return f.lookup(fn, prepend(stepResult(result), path), argument)
}

func (f *facts) lookup(obj types.Object, path accessPath, argument func(factRef) set) set {
	var fact values
	if obj.Pkg() == nil || obj.Pkg() == f.pass.Pkg || !f.pass.ImportObjectFact(obj, &fact) {
		return unknown
	}
	for _, p := range fact.Paths {
		if !slices.Equal(p.Path, path) {
			continue
		}
		out := set{open: p.Open, all: p.All}
		for _, v := range p.Values {
			s := text("")
			for _, sg := range v.Segs {
				switch {
				case sg.Ref != nil && len(v.Segs) == 1:
					s = argument(*sg.Ref)
				case sg.Ref != nil:
					s = concat(s, argument(*sg.Ref))
				case sg.Text == "":
					s = concat(s, unknown)
				default:
					s = concat(s, text(sg.Text))
				}
			}
			out.union(s)
		}
		return out
	}
	return unknown
}
