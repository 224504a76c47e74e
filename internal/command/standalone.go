package command

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/honeyhiveai/hhvet/internal/baseline"
	"github.com/honeyhiveai/hhvet/internal/driver"
	"github.com/honeyhiveai/hhvet/internal/load"
	"github.com/honeyhiveai/hhvet/internal/report"
)

// standalone analyses the packages that patterns name.
func (c *command) standalone(patterns []string) int {
	dir, err := c.workingDir()
	if err != nil {
		return c.fail(err)
	}
	config := load.Config{Dir: dir, Tests: c.options.tests}
	if c.options.tags != "" {
		config.BuildFlags = append(config.BuildFlags, "-tags="+c.options.tags)
	}
	stop := c.progress("listing packages")
	graph, err := load.List(c.ctx, config, patterns)
	stop()
	if err != nil {
		return c.fail(c.explain(err, patterns))
	}
	for _, w := range graph.Warnings {
		fmt.Fprintf(c.stderr, "hhvet: warning: %s\n", w)
	}
	seen := rootFiles(graph)
	session := driver.New(graph, c.config())
	stop = c.progress("analysing " + plural(len(graph.Packages), "package"))
	result, err := session.Analyze(c.ctx)
	stop()
	if err != nil {
		return c.fail(err)
	}
	c.printFailures(dir, result.Failures)
	if c.options.fix || c.options.diff {
		return c.fix(dir, graph, session, result)
	}
	if c.options.baseline != "" {
		done, err := c.baseline(dir, c.baselineRun(seen, session), result)
		if err != nil {
			return c.fail(err)
		}
		if done {
			return exitClean
		}
	}
	if err := c.printFindings(dir, session, result); err != nil {
		return c.fail(fmt.Errorf("write the findings: %w", err))
	}
	switch {
	case len(result.Failures) > 0:
		return exitFailure
	case len(result.Findings) > 0:
		return exitFindings
	}
	return exitClean
}

func (c *command) workingDir() (string, error) {
	dir, err := filepath.Abs(c.options.dir)
	if err != nil {
		return "", err
	}
	info, err := os.Stat(dir)
	if err != nil {
		return "", fmt.Errorf("-C: %w", err)
	}
	if !info.IsDir() {
		return "", fmt.Errorf("-C: %s is not a directory", dir)
	}
	return dir, nil
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
func (c *command) explain(err error, patterns []string) error {
	if errors.Is(err, load.ErrNoPackages) {
		return fmt.Errorf("%w %s; name packages as for the go command (%s)", load.ErrNoPackages, strings.Join(patterns, " "), fromHereDown)
	}
	return fmt.Errorf("%w%s", err, hint(err.Error()))
}

// rootFiles returns the files in which findings can be, by the names that they
// have before cgo.
func rootFiles(graph *load.Graph) map[string]bool {
	files := make(map[string]bool)
	for _, p := range graph.Packages {
		if p.Root {
			for _, file := range p.GoFiles {
				files[file] = true
			}
		}
	}
	return files
}

// baselineRun is what this run can know of the findings in files.
func (c *command) baselineRun(files map[string]bool, session *driver.Session) *baseline.Run {
	run := &baseline.Run{Files: files, Analyzers: make(map[string]bool), Source: session.Source}
	for _, a := range c.analyzers {
		run.Analyzers[a.Name] = true
	}
	return run
}

// baseline takes the recorded findings out of the result, or records them all
// (and is then done).
func (c *command) baseline(dir string, run *baseline.Run, result *driver.Result) (done bool, err error) {
	name := c.options.baseline
	if !filepath.IsAbs(name) {
		name = filepath.Join(dir, name)
	}
	name = spelledAs(dir, name)
	if c.options.write {
		if len(result.Failures) > 0 {
			return false, errors.New("nothing is recorded, as not all packages could be analysed")
		}
		if err := baseline.Write(name, result.Findings, run); err != nil {
			return false, err
		}
		fmt.Fprintf(c.stderr, "hhvet: recorded %s in %s\n", plural(len(result.Findings), "finding"), c.options.baseline)
		return true, nil
	}
	recorded, err := baseline.Read(name)
	if err != nil {
		return false, err
	}
	var gone int
	result.Findings, gone = recorded.New(result.Findings, run)
	if gone > 0 && len(result.Failures) == 0 {
		fmt.Fprintf(c.stderr, "hhvet: %s in %s no longer found; run with -write to forget them\n", plural(gone, "finding"), c.options.baseline)
	}
	return false, nil
}

// spelledAs returns another name of the file, relative to which files below dir
// have short names: symbolic links may lead to dir and to the file by different
// paths.
func spelledAs(dir, name string) string {
	parent := filepath.Dir(name)
	realDir, err1 := filepath.EvalSymlinks(dir)
	realParent, err2 := filepath.EvalSymlinks(parent)
	rel, err3 := filepath.Rel(realDir, realParent)
	if err1 != nil || err2 != nil || err3 != nil {
		return name
	}
	same := filepath.Join(dir, rel)
	x, err1 := os.Stat(parent)
	y, err2 := os.Stat(same)
	if err1 != nil || err2 != nil || !os.SameFile(x, y) {
		return name
	}
	return filepath.Join(same, filepath.Base(name))
}

// repository returns the directory to which GitHub takes file names to be
// relative, if dir is in it.
func repository(dir string) string {
	root := os.Getenv("GITHUB_WORKSPACE")
	if rel, err := filepath.Rel(root, dir); root != "" && err == nil && filepath.IsLocal(rel) {
		return root
	}
	return dir
}

func (c *command) printFindings(dir string, session *driver.Session, result *driver.Result) error {
	switch c.options.format {
	case "json":
		tree := make(report.Tree)
		for _, f := range result.Findings {
			tree.Add(f)
		}
		for _, f := range result.Failures {
			if f.Analyzer != "" {
				tree.AddError(f.Package, f.Analyzer, f.Errors[0].Message)
			}
		}
		return tree.Write(c.stdout)
	case "sarif":
		s := &report.Sarif{Dir: repository(dir), Version: version(), Analyzers: c.analyzers, Source: session.Source}
		for _, f := range result.Failures {
			s.Failures = append(s.Failures, describe(dir, f)...)
		}
		return s.Write(c.stdout, result.Findings)
	case "github":
		return report.GitHub(c.stdout, repository(dir), result.Findings)
	default:
		return c.text(dir, session.Source).Write(c.stdout, result.Findings)
	}
}

// text returns the printer of findings for people, who see the source in
// question as well when it is a terminal that they look at.
func (c *command) text(dir string, source func(string) ([]byte, error)) *report.Text {
	t := &report.Text{Dir: dir, Color: colored(c.stdout)}
	if isTerminal(c.stdout) {
		t.Source = source
	}
	return t
}

// printFailures says what could not be analysed, and why.
func (c *command) printFailures(dir string, failures []driver.Failure) {
	for _, f := range failures {
		for _, line := range describe(dir, f) {
			fmt.Fprintln(c.stderr, line)
		}
		if f.Detail != "" {
			fmt.Fprintln(c.stderr, f.Detail)
		}
	}
}

// describe returns a line for each error of f.
func describe(dir string, f driver.Failure) []string {
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
