package deprecatedenrich

import (
	"cmp"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/passes/inspect"
	"golang.org/x/tools/go/ast/edge"
	"golang.org/x/tools/go/ast/inspector"
	"golang.org/x/tools/go/types/typeutil"

	"github.com/honeyhiveai/hhvet/internal/astedit"
	"github.com/honeyhiveai/hhvet/internal/directive"
	"github.com/honeyhiveai/hhvet/internal/flow"
	"github.com/honeyhiveai/hhvet/internal/sdkapi"
)

// Categories of diagnostics. Each is a heading of the documentation.
const (
	explicit   = "explicit"   // WithTracer names the tracer
	byContext  = "context"    // the context carries the tracer
	assumed    = "assumed"    // the only tracer in reach
	discovery  = "discovery"  // honeyhive.TracerFromContext
	manual     = "manual"     // a person must decide
	forwarder  = "forwarder"  // a call of a deprecated forwarder
	withTracer = "withtracer" // WithTracer outside of a legacy call
)

// checker is one run over one package. Its maps are filled when first needed:
// most packages with legacy calls need few of them.
type checker struct {
	pass      *analysis.Pass
	info      *types.Info
	opts      Options
	inspector *inspector.Inspector
	graphs    *flow.Graphs

	uses         map[types.Object][]inspector.Cursor
	definitions  map[*types.Var]*definitions
	functions    map[ast.Node]*function
	declarations map[*types.Func]*ast.FuncDecl
	variables    []*types.Var
	structs      []inspector.Cursor
	initialisers map[*types.Func]bool
	byMethod     map[string][]*types.Interface
	sources      map[*ast.File]*astedit.Source
	against      map[bool]string // what speaks against assuming, by whether tests count
}

// A finding is a diagnostic with the edits of its fix, if it has one.
type finding struct {
	analysis.Diagnostic
	file  *ast.File
	title string // of the fix
	edits []analysis.TextEdit
	// needsSDK says that the edits bring in names of the SDK's package.
	needsSDK bool
}

func run(pass *analysis.Pass, opts Options) {
	set := directive.NewSet(pass)
	defer set.ReportProblems()

	// The SDK and its own tests need what they define.
	if strings.TrimSuffix(sdkapi.Unvendored(pass.Pkg.Path()), "_test") == sdkapi.Path {
		return
	}
	if !importsSDK(pass.Pkg) && len(pass.AllObjectFacts()) == 0 {
		return
	}
	c := &checker{
		pass:        pass,
		info:        pass.TypesInfo,
		opts:        opts,
		inspector:   pass.ResultOf[inspect.Analyzer].(*inspector.Inspector),
		graphs:      flow.NewGraphs(pass.TypesInfo),
		definitions: make(map[*types.Var]*definitions),
		functions:   make(map[ast.Node]*function),
		sources:     make(map[*ast.File]*astedit.Source),
		against:     make(map[bool]string),
	}
	report(c, set, c.find(set))
}

func importsSDK(pkg *types.Package) bool {
	for _, imp := range pkg.Imports() {
		if sdkapi.IsPackage(imp) {
			return true
		}
	}
	return false
}

// find returns the findings of the package in the order of the source.
func (c *checker) find(set *directive.Set) []*finding {
	forwarders := c.findForwarders()
	var out []*finding
	for cur := range c.inspector.Root().Preorder((*ast.Ident)(nil)) {
		id := cur.Node().(*ast.Ident)
		fn, ok := c.info.Uses[id].(*types.Func)
		if !ok {
			continue // most identifiers
		}
		m := c.migrationOf(fn)
		fact, forwards := c.forwarder(fn)
		isWithTracer := isWithTracer(fn)
		if m == nil && !forwards && !isWithTracer {
			continue // something else's function
		}
		if set.Generated(id.Pos()) {
			continue // its generator is to be fixed
		}
		if inDeclaration(cur, forwarders) {
			continue // a deprecated forwarder is left alone
		}
		callee := calleeExpr(cur)
		at := site{file: c.fileOf(id.Pos()), fn: c.functionAt(cur), pos: id.Pos()}
		switch {
		case isWithTracer:
			if c.selectsTracer(callee) {
				continue // part of a legacy call, which is a finding
			}
			out = append(out, c.strayTracer(callee, at))
		case forwards:
			out = append(out, c.forwarded(callee, fn, fact, at))
		case callee.ParentEdgeKind() == edge.CallExpr_Fun:
			out = append(out, c.call(m, callee, at))
		default:
			out = append(out, c.value(m, callee, at))
		}
	}
	return out
}

// migrationOf returns the table's entry for fn, or nil.
func (c *checker) migrationOf(fn *types.Func) *migration {
	if !sdkapi.IsPackage(fn.Pkg()) || fn.Signature().Recv() != nil {
		return nil
	}
	for i := range migrations {
		if migrations[i].function == fn.Name() {
			return &migrations[i]
		}
	}
	return nil
}

func isWithTracer(fn *types.Func) bool {
	return fn.Name() == sdkapi.WithTracer && sdkapi.IsPackage(fn.Pkg()) && fn.Signature().Recv() == nil
}

func inDeclaration(cur inspector.Cursor, decls map[*ast.FuncDecl]bool) bool {
	if len(decls) == 0 {
		return false
	}
	for f := range cur.Enclosing((*ast.FuncDecl)(nil)) {
		return decls[f.Node().(*ast.FuncDecl)]
	}
	return false
}

// selectsTracer reports whether callee, an expression that denotes
// WithTracer, is called as an argument of a legacy call.
func (c *checker) selectsTracer(callee inspector.Cursor) bool {
	if callee.ParentEdgeKind() != edge.CallExpr_Fun {
		return false
	}
	arg := unparen(callee.Parent())
	if arg.ParentEdgeKind() != edge.CallExpr_Args {
		return false
	}
	return c.legacyCallee(arg.Parent().Node().(*ast.CallExpr)) != nil
}

// newFinding returns a finding about the expression e.
func newFinding(e ast.Node, at site, category, message string) *finding {
	return &finding{
		Diagnostic: analysis.Diagnostic{Pos: e.Pos(), End: e.End(), Category: category, Message: message},
		file:       at.file,
	}
}

// report passes the findings on. Where the fixes of a file together remove the
// last use of an import, each carries all of them and the import's deletion,
// so that any one of them compiles alone, and all of them as one.
func report(c *checker, set *directive.Set, findings []*finding) {
	type change struct {
		edits    []analysis.TextEdit
		needsSDK bool
		whole    bool
	}
	changes := make(map[*ast.File]*change)
	for _, f := range findings {
		if f.edits != nil && set.Silenced(f.Pos) {
			f.edits = nil
		}
		if f.edits == nil {
			continue
		}
		ch := changes[f.file]
		if ch == nil {
			ch = new(change)
			changes[f.file] = ch
		}
		ch.edits = append(ch.edits, f.edits...)
		ch.needsSDK = ch.needsSDK || f.needsSDK
	}
	for file, ch := range changes {
		if ch.needsSDK {
			continue
		}
		for _, spec := range file.Imports {
			name := c.info.PkgNameOf(spec)
			if name == nil || !sdkapi.IsPackage(name.Imported()) || !c.unusedAfter(file, name, ch.edits) {
				continue
			}
			ch.edits = append(ch.edits, c.source(file).DeleteImport(spec)...)
			ch.whole = true
		}
	}
	for _, ch := range changes {
		if ch.whole {
			ch.edits = astedit.Join(ch.edits)
		}
	}
	for _, f := range findings {
		if f.edits != nil {
			edits := changes[f.file].edits
			if !changes[f.file].whole {
				edits = astedit.Join(f.edits)
			}
			f.SuggestedFixes = []analysis.SuggestedFix{{Message: f.title, TextEdits: edits}}
		}
		set.Report(f.Diagnostic)
	}
}

// unusedAfter reports whether edits remove every use in file of the SDK's
// import under that name.
func (c *checker) unusedAfter(file *ast.File, name *types.PkgName, edits []analysis.TextEdit) bool {
	if name.Name() == "_" {
		return false
	}
	edits = slices.Clone(edits)
	slices.SortFunc(edits, func(a, b analysis.TextEdit) int { return cmp.Compare(a.End, b.End) })
	removed := func(id *ast.Ident) bool {
		// Deletions do not overlap, so the first one that ends behind id is the
		// one that may cover it.
		i, _ := slices.BinarySearchFunc(edits, id.End(), func(e analysis.TextEdit, end token.Pos) int { return cmp.Compare(e.End, end) })
		for ; i < len(edits) && edits[i].Pos <= id.Pos(); i++ {
			if edits[i].Pos < edits[i].End {
				return true
			}
		}
		return false
	}
	selected := make(map[*ast.Ident]bool)
	used := false
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			selected[n.Sel] = true
		case *ast.Ident:
			obj := c.info.Uses[n]
			uses := obj == name
			if name.Name() == "." {
				uses = obj != nil && !selected[n] && sdkapi.IsPackage(obj.Pkg()) && obj.Parent() == obj.Pkg().Scope()
			}
			used = used || uses && !removed(n)
		}
		return !used
	})
	return !used
}

// source returns file's text, or nil where it cannot be edited.
func (c *checker) source(file *ast.File) *astedit.Source {
	if _, ok := c.sources[file]; !ok {
		c.sources[file] = astedit.NewSource(c.pass, file)
	}
	return c.sources[file]
}

// legacyCallee returns the table's entry for the function that call calls.
func (c *checker) legacyCallee(call *ast.CallExpr) *migration {
	fn, ok := typeutil.Callee(c.info, call).(*types.Func)
	if !ok {
		return nil
	}
	return c.migrationOf(fn)
}
