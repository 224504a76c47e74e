package analyzer

import (
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/honeyhiveai/hhvet/internal/lexical"
	"github.com/honeyhiveai/hhvet/passes/deprecatedenrich"
	"github.com/honeyhiveai/hhvet/passes/globalbaggage"
	"github.com/honeyhiveai/hhvet/passes/hhdirective"
)

// tokens says by which words a driver can tell that a package is of interest
// to an analyzer of the suite.
var tokens = map[*analysis.Analyzer][]string{
	deprecatedenrich.Analyzer: deprecatedenrich.Tokens,
	globalbaggage.Analyzer:    globalbaggage.Tokens,
	hhdirective.Analyzer:      hhdirective.Tokens,
}

// needed are the packages without which a word means nothing to an analyzer:
// nobody hands anything to a propagator whose package they do not build.
var needed = map[string]string{
	"propagat": "go.opentelemetry.io/otel/propagation",
}

// Token is a word to look for in source, and a package without which it does
// not count, if any.
type Token = lexical.Token

// Tokens returns words that decide, without parsing it, whether a package can
// matter to the analyzers as they are now configured by their flags.
//
// A package has no finding and no fact of its own unless one of the words
// occurs in the bytes of one of its Go files, in any letter case and be it as
// part of a longer word; or unless one of its files mentions the name of an
// object about which a package that it imports, directly or not, has exported
// a fact. A driver may leave all other packages alone.
//
// For analyzers outside the suite nothing is known and Tokens returns nil:
// every package can matter.
func Tokens(analyzers []*analysis.Analyzer) []Token {
	// Any analyzer reports the directives that name it and have no effect.
	words := []string{"hhvet:"}
	for _, a := range analyzers {
		own, known := tokens[a]
		if !known {
			return nil
		}
		words = append(append(words, own...), wrapperNames(a)...)
	}
	var out []Token
	for _, w := range words {
		out = append(out, Token{Text: w, Import: needed[w]})
	}
	return out
}

// wrapperNames returns the names of the functions that the user declared to be
// wrappers, as import/path.Func:0 or import/path.Type.Method:0. Their callers
// need not contain any other token.
func wrapperNames(a *analysis.Analyzer) []string {
	f := a.Flags.Lookup("wrappers")
	if f == nil {
		return nil
	}
	var names []string
	for item := range strings.SplitSeq(f.Value.String(), ",") {
		name, _, _ := strings.Cut(item, ":")
		if name = name[strings.LastIndexByte(name, '.')+1:]; name != "" {
			names = append(names, name)
		}
	}
	return names
}
