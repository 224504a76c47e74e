// Package toy has analyzers that do what comments in the analysed source say,
// so that tests of drivers can stage any case in a few lines.
//
//	//toy:report MESSAGE            report the next line
//	//toy:fix OLD => NEW            report OLD if the next line has it; the fix replaces it
//	//toy:fix@FILE OLD => NEW       the same, and the fix replaces OLD in FILE of the package too
//	//toy:fixall OLD => NEW         the same, and the fix replaces OLD in the whole package
//	//toy:fact                      the function below carries a fact; its calls are reported
//	//toy:panic, //toy:error TEXT   fail
//	//toy:append FILE               put a line behind FILE of the package, on disk
//	//toy:await FILE TEXT           wait until FILE, on disk, has TEXT
//	//toy:sleep DURATION            take that long
//	//toy:interrupt TEXT            interrupt the process if the next line has TEXT
package toy

import (
	"bytes"
	"errors"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/passes/inspect"
	"golang.org/x/tools/go/ast/inspector"
	"golang.org/x/tools/go/types/typeutil"

	"github.com/honeyhiveai/hhvet/internal/lexical"
)

// Tokens are words of which one occurs in every package with findings or
// facts of its own.
var Tokens = []lexical.Token{{Text: "toy:"}}

// Analyzer does what //toy: comments say.
var Analyzer = &analysis.Analyzer{
	Name:      "toy",
	Doc:       "do what comments say\n\nThe toy analyzer is for tests of drivers.\n\n# fix\n\nReplace it.",
	URL:       "https://example.com/toy",
	Requires:  []*analysis.Analyzer{inspect.Analyzer},
	FactTypes: []analysis.Fact{new(carries)},
	Run:       run,
}

var shout, log string

func init() {
	Analyzer.Flags.StringVar(&log, "log", "", "`file` to which the names of analysed packages are appended")
	Analyzer.Flags.StringVar(&shout, "shout", "", "`text` to put behind every message")
}

// Other reports lines below //toy:other comments. It makes no facts.
var Other = &analysis.Analyzer{
	Name: "other",
	Doc:  "report lines below comments\n\nIt knows no facts.",
	Run: func(pass *analysis.Pass) (any, error) {
		for _, f := range pass.Files {
			for _, d := range directives(pass, f) {
				if d.verb == "other" {
					pass.Report(analysis.Diagnostic{Pos: d.line, End: d.lineEnd, Message: d.args})
				}
			}
		}
		return nil, nil
	},
}

// carries marks functions whose calls are reported.
type carries struct{ Via string }

func (*carries) AFact() {}

func (c *carries) String() string { return "carries " + c.Via }

// directive is one comment with the line below it.
type directive struct {
	verb, args    string
	line, lineEnd token.Pos
	text          string
}

func directives(pass *analysis.Pass, f *ast.File) []directive {
	tf := pass.Fset.File(f.FileStart)
	src, err := pass.ReadFile(tf.Name())
	if err != nil {
		return nil
	}
	var out []directive
	for _, group := range f.Comments {
		for _, c := range group.List {
			text, ok := strings.CutPrefix(strings.TrimSpace(c.Text), "//toy:")
			if !ok {
				continue
			}
			verb, args, _ := strings.Cut(text, " ")
			n := tf.PositionFor(c.Pos(), false).Line + 1
			if n > tf.LineCount() {
				continue
			}
			start := tf.Offset(tf.LineStart(n))
			line, _, _ := bytes.Cut(src[start:], []byte("\n"))
			line = bytes.TrimSuffix(line, []byte("\r"))
			indent := len(line) - len(bytes.TrimLeft(line, "\t "))
			out = append(out, directive{
				verb:    verb,
				args:    args,
				line:    tf.Pos(start + indent),
				lineEnd: tf.Pos(start + len(line)),
				text:    string(line[indent:]),
			})
		}
	}
	return out
}

func run(pass *analysis.Pass) (any, error) {
	if err := appendLine(log, pass.Pkg.Path()); err != nil {
		return nil, err
	}
	var failure error
	for _, f := range pass.Files {
		for _, d := range directives(pass, f) {
			verb, file, _ := strings.Cut(d.verb, "@")
			switch verb {
			case "report":
				pass.Report(analysis.Diagnostic{
					Pos: d.line, End: d.lineEnd, Category: "report", Message: d.args + shout,
					Related: []analysis.RelatedInformation{{Pos: f.Name.Pos(), End: f.Name.End(), Message: "in package " + f.Name.Name}},
				})
			case "fix", "fixall":
				old, replacement, _ := strings.Cut(d.args, " => ")
				if diag, ok := fixing(pass, d, verb == "fixall", file, old, unescape(replacement)); ok {
					pass.Report(diag)
				}
			case "append":
				failure = appendLine(beside(pass, f, d.args), "// edited meanwhile")
			case "await":
				name, text, _ := strings.Cut(d.args, " ")
				if err := await(beside(pass, f, name), text); err != nil {
					return nil, err
				}
			case "interrupt":
				if strings.Contains(d.text, d.args) {
					if err := interrupt(); err != nil {
						return nil, err
					}
				}
			case "sleep":
				duration, err := time.ParseDuration(d.args)
				if err != nil {
					return nil, err
				}
				time.Sleep(duration)
			case "panic":
				panic("as told")
			case "error":
				failure = errors.New(d.args)
			}
		}
		for _, decl := range f.Decls {
			fn, ok := decl.(*ast.FuncDecl)
			if ok && fn.Doc != nil && strings.HasPrefix(fn.Doc.List[len(fn.Doc.List)-1].Text, "//toy:fact") {
				pass.ExportObjectFact(pass.TypesInfo.Defs[fn.Name], &carries{pass.Pkg.Name()})
			}
		}
	}
	reportCalls(pass)
	return nil, failure
}

// reportCalls reports calls of functions with the fact. A function that only
// returns such a call carries the fact in turn.
func reportCalls(pass *analysis.Pass) {
	inspect := pass.ResultOf[inspect.Analyzer].(*inspector.Inspector)
	for c := range inspect.Root().Preorder((*ast.CallExpr)(nil)) {
		call := c.Node().(*ast.CallExpr)
		fn, ok := typeutil.Callee(pass.TypesInfo, call).(*types.Func)
		var fact carries
		if !ok || !pass.ImportObjectFact(fn.Origin(), &fact) {
			continue
		}
		if decl := forwarder(c.Parent().Parent().Parent().Node(), call); decl != nil {
			pass.ExportObjectFact(pass.TypesInfo.Defs[decl.Name], &carries{fact.Via})
			continue
		}
		pass.Report(analysis.Diagnostic{
			Pos: call.Pos(), End: call.End(), Category: "call",
			Message: fmt.Sprintf("call of %s, which %s", fn.Name(), &fact),
		})
	}
}

func forwarder(n ast.Node, call *ast.CallExpr) *ast.FuncDecl {
	decl, ok := n.(*ast.FuncDecl)
	if !ok || len(decl.Body.List) != 1 {
		return nil
	}
	ret, ok := decl.Body.List[0].(*ast.ReturnStmt)
	if !ok || len(ret.Results) != 1 || ret.Results[0] != call {
		return nil
	}
	return decl
}

func appendLine(name, line string) error {
	if name == "" {
		return nil
	}
	f, err := os.OpenFile(name, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = f.WriteString(line + "\n")
	return errors.Join(err, f.Close())
}

// beside returns the path of a file in the directory of f.
func beside(pass *analysis.Pass, f *ast.File, name string) string {
	return filepath.Join(filepath.Dir(pass.Fset.File(f.FileStart).Name()), name)
}

func await(name, text string) error {
	for {
		data, err := os.ReadFile(name)
		if err != nil || bytes.Contains(data, []byte(text)) {
			return err
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// interrupt returns when everybody in the process knows.
func interrupt() error {
	arrived := make(chan os.Signal, 1)
	signal.Notify(arrived, os.Interrupt)
	defer signal.Stop(arrived)
	self, err := os.FindProcess(os.Getpid())
	if err != nil {
		return err
	}
	if err := self.Signal(os.Interrupt); err != nil {
		return err
	}
	<-arrived
	time.Sleep(100 * time.Millisecond) // others that wait for it are runnable now
	return nil
}

func unescape(s string) string { return strings.NewReplacer(`\n`, "\n", `\t`, "\t").Replace(s) }

func fixing(pass *analysis.Pass, d directive, all bool, file, old, replacement string) (diag analysis.Diagnostic, ok bool) {
	diag = analysis.Diagnostic{Pos: d.line, End: d.lineEnd, Category: "fix", Message: "replace " + old + shout}
	if at := strings.Index(d.text, old); at >= 0 {
		diag.Pos = d.line + token.Pos(at)
		diag.End = diag.Pos + token.Pos(len(old))
	} else {
		return diag, false
	}
	fix := analysis.SuggestedFix{Message: "replace " + old + " by " + replacement}
	for _, f := range pass.Files {
		tf := pass.Fset.File(f.FileStart)
		if !all && filepath.Base(tf.Name()) != file {
			continue
		}
		src, err := pass.ReadFile(tf.Name())
		if err != nil {
			continue
		}
		for from := 0; ; {
			i := strings.Index(string(src[from:]), old)
			if i < 0 {
				break
			}
			from += i
			if !bytes.Contains(src[bytes.LastIndexByte(src[:from], '\n')+1:from], []byte("//toy:")) {
				fix.TextEdits = append(fix.TextEdits, analysis.TextEdit{
					Pos: tf.Pos(from), End: tf.Pos(from + len(old)), NewText: []byte(replacement),
				})
			}
			from += len(old)
		}
	}
	if !all {
		fix.TextEdits = append(fix.TextEdits, analysis.TextEdit{Pos: diag.Pos, End: diag.End, NewText: []byte(replacement)})
	}
	diag.SuggestedFixes = []analysis.SuggestedFix{fix}
	return diag, true
}
