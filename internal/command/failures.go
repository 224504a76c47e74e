package command

import (
	"errors"
	"fmt"
	"strings"

	"github.com/honeyhiveai/hhvet/internal/driver"
	"github.com/honeyhiveai/hhvet/internal/load"
	"github.com/honeyhiveai/hhvet/internal/report"
)

// printFailures says what could not be analysed, and why.
func (c *command) printFailures(dir string, failures []driver.Failure) {
	for _, f := range failures {
		for _, line := range errorLines(dir, f) {
			fmt.Fprintln(c.stderr, line)
		}
		if f.Detail != "" {
			fmt.Fprintln(c.stderr, f.Detail)
		}
	}
}

// errorLines returns a line for each error of f.
func errorLines(dir string, f driver.Failure) []string {
	var lines []string
	for _, e := range f.Errors {
		e.File = report.Relative(dir, e.File)
		if e.File == "" {
			e.Message += hint(e.Message)
		}
		switch {
		case f.Analyzer != "":
			lines = append(lines, fmt.Sprintf("hhvet: %s: %s failed: %s", f.Package, f.Analyzer, e.Message))
		case e.File == "" && f.Package == "":
			lines = append(lines, "hhvet: "+e.Message)
		case e.File == "":
			lines = append(lines, fmt.Sprintf("hhvet: %s: %s", f.Package, e.Message))
		default:
			lines = append(lines, e.Error())
		}
	}
	return lines
}

const (
	fromHereDown = "./... is all from here down"
	inModule     = "start in a module, or name its directory with -C"
)

// hints say what can be done about complaints of the go command, by words that
// it uses.
var hints = []struct{ words, hint string }{
	{"no Go files in ", fromHereDown},
	{"go.mod file not found", inModule},
	{"does not contain main module", inModule},
	{"outside main module", inModule},
	{"modules listed in go.work", "the pattern work is all modules of the workspace"},
	{"is not in std", "a directory is named as ./NAME, a flag as -NAME"},
}

// hint returns what is to be added to a complaint about a pattern, if anything
// can be done about it.
func hint(complaint string) string {
	for _, h := range hints {
		if strings.Contains(complaint, h.words) {
			return "; " + h.hint
		}
	}
	return ""
}

// explain adds to an error of the listing what can be done about it.
func explain(err error, patterns []string) error {
	if errors.Is(err, load.ErrNoPackages) {
		return fmt.Errorf("%w %s; name packages as for the go command (%s)", load.ErrNoPackages, strings.Join(patterns, " "), fromHereDown)
	}
	return fmt.Errorf("%w%s", err, hint(err.Error()))
}
