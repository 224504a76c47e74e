package command

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/honeyhiveai/hhvet/internal/report"
)

// options are the values of hhvet's own flags.
type options struct {
	fix, diff bool
	format    string
	json      bool
	dir       string
	tags      string
	tests     bool

	baseline string
	write    bool

	version   bool
	describe  string
	listFlags bool
}

var formats = []string{"text", "json", "sarif", "github"}

func (o *options) validate() error {
	if o.json {
		if o.format != "text" && o.format != "json" {
			return fmt.Errorf("-json is short for -format json; leave out one of the two formats")
		}
		o.format = "json"
	}
	switch {
	case !slices.Contains(formats, o.format):
		return fmt.Errorf("-format %s is unknown; choose one of %s", o.format, strings.Join(formats, ", "))
	case o.fix && o.diff:
		return errors.New("-fix writes files and -diff only shows what it would write; leave out one of them")
	case o.diff && o.format != "text":
		return fmt.Errorf("-diff prints a diff and knows no -format %s; leave out one of them", o.format)
	case o.fix && o.format != "text" && o.format != "json":
		return fmt.Errorf("-fix reports as text or json, not %s", o.format)
	case o.write && o.baseline == "":
		return errors.New("-write writes the file that -baseline names; add -baseline FILE")
	case o.baseline != "" && (o.fix || o.diff):
		return errors.New("-fix and -diff take no -baseline: what can be fixed need not be recorded")
	}
	return nil
}

// newFlagSet defines hhvet's flags and those of its analyzers. The returned
// map says which analyzers were switched on or off.
func (c *command) newFlagSet() (*flag.FlagSet, map[*analysis.Analyzer]*toggle) {
	o := &c.options
	fs := flag.NewFlagSet("hhvet", flag.ContinueOnError)
	fs.SetOutput(io.Discard) // errors are reported by the caller
	fs.BoolVar(&o.fix, "fix", false, "apply the fixes that keep the packages compiling, and list what is left")
	fs.BoolVar(&o.diff, "diff", false, "print what -fix would change as a unified diff; change nothing")
	fs.StringVar(&o.format, "format", "text", "print findings as `text`, json, sarif or github (workflow annotations)")
	fs.BoolVar(&o.json, "json", false, "short for -format json")
	fs.StringVar(&o.dir, "C", "", "work as if started in `dir`")
	fs.StringVar(&o.tags, "tags", "", "comma-separated `list` of build tags")
	fs.BoolVar(&o.tests, "test", true, "analyse test files too")
	fs.StringVar(&o.baseline, "baseline", "", "report only findings that are not recorded in `file`")
	fs.BoolVar(&o.write, "write", false, "record the findings of today in the file that -baseline names")
	fs.BoolVar(&o.version, "version", false, "print hhvet's version")
	fs.StringVar(&o.describe, "V", "", "print what the go command wants to know of the executable")
	fs.BoolVar(&o.listFlags, "flags", false, "print the flags that go vet passes on, as JSON")

	enable := make(map[*analysis.Analyzer]*toggle)
	for _, a := range c.analyzers {
		enable[a] = new(toggle)
		fs.Var(enable[a], a.Name, fmt.Sprintf("run %s; with =false run all but it", a.Name))
		a.Flags.VisitAll(func(f *flag.Flag) { fs.Var(f.Value, a.Name+"."+f.Name, f.Usage) })
	}
	return fs, enable
}

// selected returns the analyzers that the flags ask for: those switched on if
// any is, else all that are not switched off.
func selected(suite []*analysis.Analyzer, enable map[*analysis.Analyzer]*toggle) []*analysis.Analyzer {
	anyOn := slices.ContainsFunc(suite, func(a *analysis.Analyzer) bool { return *enable[a] == on })
	var out []*analysis.Analyzer
	for _, a := range suite {
		if state := *enable[a]; state == on || state == unset && !anyOn {
			out = append(out, a)
		}
	}
	return out
}

// toggle is a boolean flag that knows whether it was given.
type toggle int

const (
	unset toggle = iota
	on
	off
)

func (t *toggle) IsBoolFlag() bool { return true }
func (t *toggle) String() string   { return strconv.FormatBool(*t != off) }
func (t *toggle) Set(s string) error {
	b, err := strconv.ParseBool(s)
	if err != nil {
		return errors.New("want true or false")
	}
	*t = off
	if b {
		*t = on
	}
	return nil
}

// printFlags tells the go command which flags it may pass on: those of the
// analyzers, and -json and -diff, which it understands itself as well.
func (c *command) printFlags(fs *flag.FlagSet) int {
	type jsonFlag struct {
		Name  string
		Bool  bool
		Usage string
	}
	names := map[string]bool{"json": true, "diff": true, "V": true, "flags": true}
	for _, a := range c.analyzers {
		names[a.Name] = true
		a.Flags.VisitAll(func(f *flag.Flag) { names[a.Name+"."+f.Name] = true })
	}
	var list []jsonFlag
	fs.VisitAll(func(f *flag.Flag) {
		if names[f.Name] {
			b, ok := f.Value.(interface{ IsBoolFlag() bool })
			list = append(list, jsonFlag{f.Name, ok && b.IsBoolFlag(), f.Usage})
		}
	})
	if err := report.WriteJSON(c.stdout, list); err != nil {
		return c.fail(err)
	}
	return exitClean
}
