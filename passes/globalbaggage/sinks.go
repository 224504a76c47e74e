package globalbaggage

import (
	"go/ast"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/types/typeutil"

	"github.com/honeyhiveai/hhvet/internal/sdkapi"
)

const (
	baggagePath   = "go.opentelemetry.io/otel/baggage"
	attributePath = "go.opentelemetry.io/otel/attribute"
	propagation   = "go.opentelemetry.io/otel/propagation"
	grpcMetadata  = "google.golang.org/grpc/metadata"
	baggageCopy   = "go.opentelemetry.io/contrib/processors/baggagecopy"
)

// An api is a function or method through which a key enters baggage.
type api struct {
	pkg  string
	recv string // the receiver's type, "" for a function
	name string
	arg  int        // the argument that is or has the key
	path accessPath // from the argument to the key
	// text means that the argument is in the form of a baggage header.
	text bool
	// header is the argument with the header's name plus one, where the API
	// sets any header: only that of baggage counts.
	header int
	// built means that the result matters: nothing has happened yet.
	built bool
}

// apis is the table of what writes baggage. SetBaggageItem, which many types
// have, is matched by setBaggageItem.
var apis = []api{
	{pkg: baggagePath, name: "NewMember", built: true},
	{pkg: baggagePath, name: "NewMemberRaw", built: true},
	{pkg: baggagePath, name: "Parse", text: true, built: true},
	{pkg: baggagePath, name: "New", path: accessPath{stepElem, stepMember}, built: true},
	{pkg: baggagePath, recv: "Baggage", name: "SetMember", path: accessPath{stepMember}, built: true},

	{pkg: sdkapi.Path, name: sdkapi.ContextWithBaggage, arg: 1, path: accessPath{stepKeys}},

	{pkg: "github.com/DataDog/dd-trace-go/v2/ddtrace/baggage", name: "Set", arg: 1},
	{pkg: "github.com/DataDog/dd-trace-go/v2/ddtrace/baggage", name: "SetAll", arg: 1, path: accessPath{stepKeys}},
	{pkg: "gopkg.in/DataDog/dd-trace-go.v1/ddtrace/baggage", name: "Set", arg: 1},
	{pkg: "gopkg.in/DataDog/dd-trace-go.v1/ddtrace/baggage", name: "SetAll", arg: 1, path: accessPath{stepKeys}},

	{pkg: "net/http", recv: "Header", name: "Set", arg: 1, text: true, header: 1},
	{pkg: "net/http", recv: "Header", name: "Add", arg: 1, text: true, header: 1},
	{pkg: "net/textproto", recv: "MIMEHeader", name: "Set", arg: 1, text: true, header: 1},
	{pkg: "net/textproto", recv: "MIMEHeader", name: "Add", arg: 1, text: true, header: 1},
	{pkg: propagation, recv: "MapCarrier", name: "Set", arg: 1, text: true, header: 1},
	{pkg: propagation, recv: "HeaderCarrier", name: "Set", arg: 1, text: true, header: 1},
	{pkg: propagation, recv: "TextMapCarrier", name: "Set", arg: 1, text: true, header: 1},
	{pkg: grpcMetadata, recv: "MD", name: "Set", arg: 1, path: accessPath{stepElem}, text: true, header: 1},
	{pkg: grpcMetadata, recv: "MD", name: "Append", arg: 1, path: accessPath{stepElem}, text: true, header: 1},
	{pkg: grpcMetadata, name: "New", path: accessPath{stepEntry}, text: true},

	{pkg: baggageCopy, name: "NewSpanProcessor", path: accessPath{stepAccepted(0)}},
	{pkg: baggageCopy, name: "NewLogProcessor", path: accessPath{stepAccepted(0)}},
}

// pairs are functions of alternating names and values of headers; the number
// is the argument with the first name.
var pairs = []api{
	{pkg: grpcMetadata, name: "Pairs", arg: 0},
	{pkg: grpcMetadata, name: "AppendToOutgoingContext", arg: 1},
}

// A carrier is a map type whose entry "baggage" is sent as the header.
type carrier struct {
	pkg, name string
	path      accessPath // from the map to the header's text
}

var carriers = []carrier{
	{"net/http", "Header", accessPath{stepEntry, stepElem}},
	{"net/textproto", "MIMEHeader", accessPath{stepEntry, stepElem}},
	{propagation, "HeaderCarrier", accessPath{stepEntry, stepElem}},
	{propagation, "MapCarrier", accessPath{stepEntry}},
	{grpcMetadata, "MD", accessPath{stepEntry, stepElem}},
}

// sink is where e, from which path leads to a header's text, is put into k.
func (k carrier) sink(e ast.Expr, path accessPath, at ast.Node) sink {
	return sink{
		flow:     flow{API: display(k.pkg, k.name), Text: true, Kind: header},
		argument: argument{e, path},
		call:     at,
	}
}

// openTracing are the packages whose types' SetBaggageItem writes to what
// travels with the trace, by prefix.
var openTracing = []string{
	"github.com/opentracing/opentracing-go",
	"github.com/DataDog/dd-trace-go/v2",
	"gopkg.in/DataDog/dd-trace-go.v1",
	"github.com/uber/jaeger-client-go",
	"go.opentelemetry.io/otel/bridge/opentracing",
}

// inTable reports whether a package's functions are in the table, so that
// what they do inside says nothing more.
func inTable(pkg *types.Package) bool {
	path := sdkapi.Unvendored(pkg.Path())
	return slices.ContainsFunc(apis, func(a api) bool { return a.pkg == path })
}

func (a api) display() string {
	if a.recv != "" {
		return display(a.pkg, a.recv+"."+a.name)
	}
	return display(a.pkg, a.name)
}

// display is what a package's object is called in messages.
func display(pkg, name string) string { return pkg[strings.LastIndex(pkg, "/")+1:] + "." + name }

// A sink is a place where an expression reaches baggage.
type sink struct {
	flow
	argument
	call ast.Node
	// header is the parameter that decides whether the argument is the text of
	// the header, where one does.
	header *types.Var
	// built is the call whose result decides whether anything is written.
	built *ast.CallExpr
	// mixed means that the argument may also be a key that may be there.
	mixed bool
	// way leads on from the call, where it is in a wrapper.
	way []analysis.RelatedInformation
}

// sinks returns where the arguments of c reach baggage.
func (ev *evaluator) sinks(c *ast.CallExpr) []sink {
	fn, ok := typeutil.Callee(ev.info, c).(*types.Func)
	if !ok || fn.Pkg() == nil {
		return ev.conversion(c)
	}
	fn = fn.Origin()
	pkg := sdkapi.Unvendored(fn.Pkg().Path())
	sig := fn.Signature()
	var out []sink
	add := func(a api, path accessPath) {
		s := sink{flow: flow{API: a.display(), Text: a.text}, call: c}
		if a.text && a.header > 0 || a.text && a.name != "Parse" {
			s.Kind = header
		}
		if a.built {
			s.built = c
		}
		if a.pkg == baggageCopy {
			s.Kind = copied
		}
		for _, arg := range ev.passed(sig, c, a.arg, path) {
			s.argument = arg
			if a.header == 0 {
				out = append(out, s)
				continue
			}
			for _, name := range ev.passed(sig, c, a.header-1, nil) {
				if s, ok := ev.inHeader(s, name.expr); ok {
					out = append(out, s)
				}
			}
		}
	}
	for _, a := range apis {
		if a.name != fn.Name() || a.pkg != pkg || a.recv != recvName(sig) {
			continue
		}
		add(a, a.path)
	}
	for _, a := range pairs {
		if a.name != fn.Name() || a.pkg != pkg || recvName(sig) != "" || c.Ellipsis.IsValid() {
			continue
		}
		for i := a.arg; i+1 < len(c.Args); i += 2 {
			s := sink{
				flow:     flow{API: a.display(), Text: true, Kind: header},
				argument: argument{c.Args[i+1], nil},
				call:     c,
			}
			if s, ok := ev.inHeader(s, c.Args[i]); ok {
				out = append(out, s)
			}
		}
	}
	if setBaggageItem(ev.info, c, fn) {
		add(api{pkg: fn.Pkg().Name(), name: "SetBaggageItem"}, nil)
	}
	return out
}

// inHeader returns s as far as it is about the header of baggage, for a sink of
// the text of any header and the expression that names it.
func (ev *evaluator) inHeader(s sink, name ast.Expr) (sink, bool) {
	if m := ev.entryOf(name, s.expr); m != nil && len(s.path) == 0 {
		s.argument = argument{m, accessPath{stepEntry}}
		return s, true
	}
	if ev.mayBeHeader(name) {
		return s, true
	}
	subj, ok := ev.subject(name)
	if _, isParam := ev.params[subj.root]; ok && isParam && subj.whole() && len(ev.defs[subj.root]) == 0 && !ev.escaped[subj.root] {
		s.header = subj.root
		return s, true
	}
	return s, false
}

// entryOf returns the map of which key and value are the variables of a loop.
func (ev *evaluator) entryOf(key, value ast.Expr) ast.Expr {
	k, v := ev.variable(key), ev.variable(value)
	if k == nil || v == nil || len(ev.defs[k]) != 1 || len(ev.defs[v]) != 1 || ev.defs[k][0].node != ev.defs[v][0].node {
		return nil
	}
	loop, ok := ev.defs[k][0].node.(*ast.RangeStmt)
	if !ok || ev.variable(loop.Key) != k {
		return nil
	}
	if _, ok := coreType(ev.info.TypeOf(loop.X)).(*types.Map); !ok {
		return nil
	}
	return loop.X
}

// conversion finds propagation.MapCarrier(m) of a map that sets the header.
func (ev *evaluator) conversion(c *ast.CallExpr) []sink {
	tv, ok := ev.info.Types[c.Fun]
	if !ok || !tv.IsType() || len(c.Args) != 1 {
		return nil
	}
	for _, k := range carriers {
		from := ev.info.TypeOf(c.Args[0])
		if _, named := types.Unalias(from).(*types.Named); isNamed(tv.Type, k.pkg, k.name) && !named {
			return []sink{k.sink(c.Args[0], k.path, c)}
		}
	}
	return nil
}

// carrierLiteral finds http.Header{"Baggage": {text}} and its like.
func (ev *evaluator) carrierLiteral(lit *ast.CompositeLit) []sink {
	t := ev.info.TypeOf(lit)
	for _, k := range carriers {
		if t == nil || !isNamed(t, k.pkg, k.name) {
			continue
		}
		var out []sink
		for _, elt := range lit.Elts {
			kv, ok := elt.(*ast.KeyValueExpr)
			if ok && ev.mayBeHeader(kv.Key) {
				out = append(out, k.sink(kv.Value, k.path[1:], lit))
			}
		}
		return out
	}
	return nil
}

// carrierStore finds header["Baggage"] = []string{text} and its like.
func (ev *evaluator) carrierStore(assign *ast.AssignStmt) []sink {
	if len(assign.Lhs) != len(assign.Rhs) {
		return nil
	}
	var out []sink
	for i, lhs := range assign.Lhs {
		index, ok := ast.Unparen(lhs).(*ast.IndexExpr)
		if !ok {
			continue
		}
		for _, k := range carriers {
			if t := ev.info.TypeOf(index.X); t != nil && isNamed(t, k.pkg, k.name) && ev.mayBeHeader(index.Index) {
				out = append(out, k.sink(assign.Rhs[i], k.path[1:], assign))
			}
		}
	}
	return out
}

// setBaggageItem reports whether fn is a SetBaggageItem(string, string) of
// OpenTracing's or Datadog's spans, or of an interface that such spans can
// satisfy.
func setBaggageItem(info *types.Info, c *ast.CallExpr, fn *types.Func) bool {
	sig := fn.Signature()
	if fn.Name() != "SetBaggageItem" || sig.Recv() == nil || sig.Params().Len() != 2 || sig.Variadic() {
		return false
	}
	for i := range 2 {
		if b, ok := sig.Params().At(i).Type().Underlying().(*types.Basic); !ok || b.Kind() != types.String {
			return false
		}
	}
	if types.IsInterface(sig.Recv().Type()) {
		return true
	}
	pkg := sdkapi.Unvendored(fn.Pkg().Path())
	return slices.ContainsFunc(openTracing, func(p string) bool {
		return pkg == p || strings.HasPrefix(pkg, p+"/")
	})
}
