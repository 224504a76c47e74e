package command

import (
	"archive/zip"
	"bytes"
	"context"
	"fmt"
	"io"
	"os"

	"github.com/honeyhiveai/hhvet/internal/check"
	"github.com/honeyhiveai/hhvet/internal/driver"
	"github.com/honeyhiveai/hhvet/internal/finding"
	"github.com/honeyhiveai/hhvet/internal/fix"
	"github.com/honeyhiveai/hhvet/internal/report"
)

// unit analyses the one package that the go command describes in a file, as
// its vet or fix tool.
func (c *command) unit(configFile string) int {
	config, err := driver.ReadUnitConfig(configFile)
	if err != nil {
		return c.fail(err)
	}
	u, err := driver.NewUnit(config, c.config())
	if err != nil {
		return c.fail(err)
	}
	result, errs := u.Analyze(c.ctx)
	if len(errs) > 0 {
		for _, err := range errs {
			if !config.VetxOnly {
				fmt.Fprintln(c.stderr, err)
			}
		}
		return exitFailure
	}
	if config.VetxOnly {
		return exitClean
	}
	out := new(bytes.Buffer)
	code := c.unitResults(out, config, u, result)
	if err := writeUnitOutput(c.stdout, config.Stdout, out.Bytes()); err != nil {
		return c.fail(err)
	}
	return code
}

func writeUnitOutput(stdout io.Writer, file string, data []byte) error {
	if file != "" {
		return os.WriteFile(file, data, 0o666)
	}
	_, err := stdout.Write(data)
	return err
}

func (c *command) unitResults(out *bytes.Buffer, config *driver.UnitConfig, u *driver.Unit, result *check.Result) int {
	switch {
	case c.options.fix:
		return c.unitFix(out, config, u, result)
	case c.options.json:
		tree := make(report.Tree)
		for _, f := range result.Findings {
			tree.Add(f)
		}
		for _, e := range result.Errors {
			tree.AddError(config.ID, e.Analyzer, e.Err.Error())
		}
		if err := tree.Write(out); err != nil {
			return c.fail(err)
		}
		return exitClean
	}
	for _, e := range result.Errors {
		fmt.Fprintf(c.stderr, "hhvet: %v\n", e)
	}
	finding.Sort(result.Findings)
	if err := new(report.Text).Write(c.stderr, result.Findings); err != nil {
		return c.fail(err)
	}
	if len(result.Errors)+len(result.Findings) > 0 {
		return exitFailure
	}
	return exitClean
}

// unitFix puts the fixed files into the archive from which the go command
// takes them, or prints them as a diff.
func (c *command) unitFix(out *bytes.Buffer, config *driver.UnitConfig, u *driver.Unit, result *check.Result) int {
	dir, err := os.Getwd()
	if err != nil {
		return c.fail(err)
	}
	fu := &fix.Unit{
		ID:       config.ID,
		Findings: result.Findings,
		Sources:  u.Sources(),
		Refuse:   func(file string) string { return refuse(config.Dir, file, u.Sources()[file]) },
		Check: func(_ context.Context, files map[string][]byte, _ bool) error {
			return relativeError(dir, u.Recheck(files))
		},
		Analyze: u.Reanalyze,
	}
	outcome, err := fu.Prepare(c.ctx)
	if err != nil {
		return c.fail(err)
	}
	for _, l := range outcome.Left {
		if l.Reason != "" {
			fmt.Fprintf(c.stderr, "%s: %s (%s)\n\tnot fixed: %s\n", l.Pos, l.Message, l.Analyzer, l.Reason)
		}
	}
	if c.options.diff {
		for _, f := range outcome.Files {
			out.Write(unified(dir, f))
		}
		return exitClean
	}
	if config.FixArchive == "" {
		if len(outcome.Files) > 0 {
			if err := fix.Write(outcome.Files); err != nil {
				return c.fail(err)
			}
		}
		return exitClean
	}
	if err := writeArchive(config, outcome.Files); err != nil {
		return c.fail(fmt.Errorf("write the archive of fixes: %w", err))
	}
	return exitClean
}

func writeArchive(config *driver.UnitConfig, files []fix.File) error {
	var buf bytes.Buffer
	zw := zip.NewWriter(&buf)
	if err := zw.SetComment(config.ID); err != nil {
		return err
	}
	for _, f := range files {
		w, err := zw.Create(f.Name)
		if err != nil {
			return err
		}
		if _, err := w.Write(f.New); err != nil {
			return err
		}
	}
	if err := zw.Close(); err != nil {
		return err
	}
	return os.WriteFile(config.FixArchive, buf.Bytes(), 0o666)
}
