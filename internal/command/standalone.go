package command

import (
	"fmt"
	"os"
	"path/filepath"

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
		return c.fail(explain(err, patterns))
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
			s.Failures = append(s.Failures, errorLines(dir, f)...)
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
