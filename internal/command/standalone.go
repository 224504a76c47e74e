package command

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/honeyhiveai/hhvet/internal/driver"
	"github.com/honeyhiveai/hhvet/internal/finding"
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
	graph, err := load.List(c.ctx, config, patterns)
	if err != nil {
		return c.fail(c.explain(err, patterns))
	}
	session := driver.New(graph, c.config())
	result, err := session.Analyze(c.ctx)
	if err != nil {
		return c.fail(err)
	}
	c.printFailures(dir, result.Failures)
	if c.options.fix || c.options.diff {
		return c.fix(dir, graph, session, result)
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

// explain adds to an error of the listing what can be done about it.
func (c *command) explain(err error, patterns []string) error {
	if errors.Is(err, load.ErrNoPackages) {
		return fmt.Errorf("%w %s; name packages as for the go command, such as ./...", load.ErrNoPackages, strings.Join(patterns, " "))
	}
	return err
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
	default:
		return c.text(dir, session.Source).Write(c.stdout, result.Findings)
	}
}

func (c *command) text(dir string, source func(string) ([]byte, error)) *report.Text {
	return &report.Text{Dir: dir}
}

// printFailures says what could not be analysed, and why.
func (c *command) printFailures(dir string, failures []driver.Failure) {
	for _, f := range failures {
		for _, e := range f.Errors {
			e.File = report.Relative(dir, e.File)
			if f.Analyzer != "" {
				fmt.Fprintf(c.stderr, "hhvet: %s: %s failed: %s\n", f.Package, f.Analyzer, e.Message)
			} else if e.File == "" {
				fmt.Fprintf(c.stderr, "hhvet: %s: %s\n", f.Package, e.Message)
			} else {
				fmt.Fprintln(c.stderr, e)
			}
		}
		if f.Detail != "" {
			fmt.Fprintf(c.stderr, "%s\n", f.Detail)
		}
	}
}

// counts lists how many findings there are of each rule.
func counts(fs []*finding.Finding) map[string]int {
	m := make(map[string]int)
	for _, f := range fs {
		m[f.Rule()]++
	}
	return m
}
