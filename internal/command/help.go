package command

import (
	"bytes"
	"flag"
	"fmt"
	"go/doc/comment"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/honeyhiveai/hhvet/internal/checkdoc"
)

const overview = `hhvet finds where the data of one HoneyHive tracer reaches another through
OpenTelemetry baggage, and calls that the SDK's next version does without.

Usage:

	hhvet [flags] [packages]          print findings
	hhvet -fix [flags] [packages]     fix what can be fixed, list the rest
	hhvet -diff [flags] [packages]    show what -fix would do
	hhvet help [NAME]                 this text, or that of an analyzer

	go vet -vettool=$(which hhvet) [flags] [packages]
	go fix -fixtool=$(which hhvet) [flags] [packages]

(or $(go tool -n hhvet), where hhvet is a tool of the module)

Packages are named as for the go command: ./..., import paths, or Go files;
where none is named, it is the one in the working directory.
Findings go to standard output, everything else to standard error.

Exit codes: 0 nothing found, or all of it fixed; 1 something could not be
analysed or written, or -diff has something to show; 3 there are findings, or
-fix left some for a person.

A finding is silenced with a comment behind it or alone above it:

	//hhvet:ignore NAME reason

What is known of dependencies is kept in the user's cache directory, or in the
one that HHVET_CACHE names; HHVET_CACHE=off keeps nothing.

Analyzers:

`

// help prints the overview, or what an analyzer has to say for itself.
func (c *command) help(fs *flag.FlagSet, args []string) int {
	if len(args) == 0 {
		fmt.Fprint(c.stdout, overview)
		for _, a := range c.analyzers {
			fmt.Fprintf(c.stdout, "\t%-18s %s\n", a.Name, checkdoc.Summary(a.Doc))
		}
		fmt.Fprintln(c.stdout, "\nFlags:")
		fmt.Fprintln(c.stdout)
		fs.VisitAll(func(f *flag.Flag) {
			if f.Name != "V" && f.Name != "flags" { // for the go command
				c.printFlag(f)
			}
		})
		return exitClean
	}
	for _, name := range args {
		i := slices.IndexFunc(c.analyzers, func(a *analysis.Analyzer) bool { return a.Name == name })
		if i < 0 {
			var names []string
			for _, a := range c.analyzers {
				names = append(names, a.Name)
			}
			fmt.Fprintf(c.stderr, "hhvet: there is no analyzer %q; known are %s\n", name, strings.Join(names, ", "))
			return exitFailure
		}
		a := c.analyzers[i]
		fmt.Fprintf(c.stdout, "%s: %s", a.Name, plainText(a.Doc, ""))
		if a.URL != "" {
			fmt.Fprintf(c.stdout, "\nMore: %s\n", a.URL)
		}
		fmt.Fprintf(c.stdout, "\nFlags:\n\n")
		fs.VisitAll(func(f *flag.Flag) {
			if f.Name == a.Name || strings.HasPrefix(f.Name, a.Name+".") {
				c.printFlag(f)
			}
		})
	}
	return exitClean
}

func (c *command) printFlag(f *flag.Flag) {
	value, usage := flag.UnquoteUsage(f)
	if value != "" {
		value = " " + value
	}
	if f.DefValue != "" && f.DefValue != "false" && !strings.Contains(usage, "=false") {
		usage += fmt.Sprintf(" (default %s)", f.DefValue)
	}
	fmt.Fprintf(c.stdout, "\t-%s%s\n%s", f.Name, value, plainText(usage, "\t\t"))
}

// plainText wraps text in the form of a doc comment for a terminal of 80
// columns.
func plainText(doc, indent string) string {
	pr := comment.Printer{TextPrefix: indent, TextWidth: 80 - 8*len(indent)}
	return string(bytes.TrimRight(pr.Text(checkdoc.Parse(doc)), "\n")) + "\n"
}
