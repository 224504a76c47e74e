package command

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/diff"

	"github.com/honeyhiveai/hhvet/internal/driver"
	"github.com/honeyhiveai/hhvet/internal/finding"
	"github.com/honeyhiveai/hhvet/internal/fix"
	"github.com/honeyhiveai/hhvet/internal/load"
	"github.com/honeyhiveai/hhvet/internal/report"
)

// fix makes the fixes of result's findings, package by package, or shows them
// as a diff.
func (c *command) fix(dir string, graph *load.Graph, session *driver.Session, result *driver.Result) int {
	byUnit := make(map[string][]*finding.Finding)
	for _, f := range result.Findings {
		byUnit[f.Package] = append(byUnit[f.Package], f)
	}
	var outcomes []*fix.Outcome
	failed := len(result.Failures) > 0
	for _, p := range graph.Packages { // dependencies first
		findings := byUnit[p.ID]
		if !p.Root || len(findings) == 0 {
			continue
		}
		outcome, err := c.fixUnit(dir, p, session, findings).Prepare(c.ctx)
		if c.ctx.Err() != nil {
			if c.options.fix {
				_ = c.reportFixes(dir, outcomes, leftBy(outcomes))
			}
			return c.fail(context.Cause(c.ctx))
		}
		if err != nil {
			fmt.Fprintf(c.stderr, "hhvet: %s: %v\n", p.ID, err)
			failed = true
			continue
		}
		if c.options.fix && len(outcome.Files) > 0 {
			if err := relativeError(dir, fix.Write(outcome.Files)); err != nil {
				fmt.Fprintf(c.stderr, "hhvet: %v\n", err)
				outcome.Withdraw("not written: " + err.Error())
				failed = true
			}
		}
		changed := make(map[string][]byte)
		for _, f := range outcome.Files {
			changed[f.Name] = f.New
		}
		session.Accept(changed)
		outcomes = append(outcomes, outcome)
	}
	if c.options.diff {
		return c.showDiff(dir, outcomes, failed)
	}
	left := c.stillLeft(graph, session, result, outcomes)
	if err := c.reportFixes(dir, outcomes, left); err != nil {
		return c.fail(fmt.Errorf("write what is left: %w", err))
	}
	switch {
	case c.ctx.Err() != nil:
		return c.fail(context.Cause(c.ctx))
	case failed:
		return exitFailure
	case len(left) > 0:
		return exitFindings
	}
	return exitClean
}

// leftBy returns what each outcome leaves for a person.
func leftBy(outcomes []*fix.Outcome) []fix.Left {
	var left []fix.Left
	for _, o := range outcomes {
		left = append(left, o.Left...)
	}
	slices.SortStableFunc(left, func(x, y fix.Left) int { return finding.Compare(x.Finding, y.Finding) })
	return left
}

// stillLeft returns what the outcomes leave for a person, all together: a fix
// that changes facts may settle what was found in another package, or make an
// ignore there useless.
func (c *command) stillLeft(graph *load.Graph, session *driver.Session, before *driver.Result, outcomes []*fix.Outcome) []fix.Left {
	left := leftBy(outcomes)
	if !session.FactsChanged() {
		return left
	}
	after, err := driver.New(graph, c.config()).Analyze(c.ctx)
	if err != nil || len(after.Failures) > len(before.Failures) {
		return left
	}
	still := make([]fix.Left, 0, len(after.Findings))
	for _, f := range after.Findings {
		l := fix.Left{Finding: f}
		i := slices.IndexFunc(left, func(l fix.Left) bool { return finding.Compare(l.Finding, f) == 0 })
		switch {
		case i >= 0:
			l.Reason = left[i].Reason
		case len(f.Fixes) > 0:
			l.Reason = fix.ByOthers
		}
		still = append(still, l)
	}
	return still
}

func (c *command) fixUnit(dir string, p *load.Package, session *driver.Session, findings []*finding.Finding) *fix.Unit {
	sources := session.Sources(p)
	return &fix.Unit{
		ID:       p.ID,
		Findings: findings,
		Sources:  sources,
		Refuse: func(file string) string {
			if p.Module != nil && !p.Module.Main {
				return "the package is not in the main module"
			}
			return refuse(p.Dir, file, sources[file])
		},
		Check: func(ctx context.Context, files map[string][]byte, bodies bool) error {
			return relativeError(dir, session.Recheck(ctx, p, files, bodies))
		},
		Analyze: func(ctx context.Context, files map[string][]byte) ([]*finding.Finding, error) {
			return session.Reanalyze(ctx, p, files)
		},
	}
}

// relativeError shortens the name of the file that an error is about.
func relativeError(dir string, err error) error {
	var compile load.Error
	var write *fix.FileError
	switch {
	case errors.As(err, &compile):
		compile.File = report.Relative(dir, compile.File)
		return compile
	case errors.As(err, &write):
		return &fix.FileError{File: report.Relative(dir, write.File), Err: write.Err}
	}
	return err
}

// refuse says why a file must not be changed by a machine, "" where it may.
func refuse(pkgDir, file string, src []byte) string {
	if filepath.Dir(file) != pkgDir {
		return "the file is what cgo makes of another one"
	}
	f, err := parser.ParseFile(token.NewFileSet(), "", src, parser.PackageClauseOnly|parser.ParseComments)
	if err == nil && ast.IsGenerated(f) {
		return "the file is generated"
	}
	return ""
}

func (c *command) showDiff(dir string, outcomes []*fix.Outcome, failed bool) int {
	var buf bytes.Buffer
	for _, o := range outcomes {
		for _, f := range o.Files {
			buf.Write(unified(dir, f))
		}
	}
	if _, err := c.stdout.Write(buf.Bytes()); err != nil {
		return c.fail(err)
	}
	if failed || buf.Len() > 0 {
		return exitFailure
	}
	return exitClean
}

// unified returns a diff that git apply and patch -p1 understand.
func unified(dir string, f fix.File) []byte {
	name := filepath.ToSlash(report.Relative(dir, f.Name))
	if strings.Contains(name, " ") {
		name += "\t" // for patch, where the name ends, as git has it
	}
	return diff.Diff("a/"+name, f.Old, "b/"+name, f.New)
}

// reportFixes says what was changed and what is left.
func (c *command) reportFixes(dir string, outcomes []*fix.Outcome, left []fix.Left) error {
	var fixed []*finding.Finding
	var files []string
	for _, o := range outcomes {
		fixed = append(fixed, o.Fixed...)
		for _, f := range o.Files {
			files = append(files, f.Name)
		}
	}
	if c.options.format == "json" {
		return c.reportFixesJSON(fixed, left, files)
	}
	if len(fixed) > 0 {
		byRule := tally(fixed)
		fmt.Fprintf(c.stderr, "hhvet: fixed %s in %s: %s\n", plural(len(fixed), "finding"), plural(len(files), "file"), byRule)
		if byPackage := tallies(fixed); len(byPackage) > 1 {
			for _, path := range slices.Sorted(maps.Keys(byPackage)) {
				fmt.Fprintf(c.stderr, "\t%s: %s\n", path, byPackage[path])
			}
		}
		for _, rule := range slices.Sorted(maps.Keys(byRule)) {
			if meaning := c.meaning(rule); meaning != "" {
				fmt.Fprintf(c.stderr, "\t%s: %s\n", rule, meaning)
			}
		}
	}
	if len(left) > 0 {
		fmt.Fprintf(c.stderr, "hhvet: %s for a person:\n", plural(len(left), "finding"))
		var out bytes.Buffer
		for _, l := range left {
			_ = (&report.Text{Dir: dir, Color: colored(c.stdout)}).Write(&out, []*finding.Finding{l.Finding})
			if l.Reason != "" {
				fmt.Fprintf(&out, "\tnot fixed: %s\n", l.Reason)
			}
		}
		if _, err := c.stdout.Write(out.Bytes()); err != nil {
			return err
		}
	}
	return nil
}

// meaning says on what grounds findings of a rule were fixed.
func (c *command) meaning(rule string) string {
	name, category, _ := strings.Cut(rule, "/")
	for _, a := range c.analyzers {
		if a.Name == name {
			return report.Meaning(a, category)
		}
	}
	return ""
}

// rules counts findings by rule.
type rules map[string]int

func tally(fs []*finding.Finding) rules {
	r := make(rules)
	for _, f := range fs {
		r[f.Rule()]++
	}
	return r
}

// tallies counts findings by the import path of their package, and by rule.
func tallies(fs []*finding.Finding) map[string]rules {
	byPackage := make(map[string][]*finding.Finding)
	for _, f := range fs {
		path, _, _ := strings.Cut(f.Package, " [")
		byPackage[path] = append(byPackage[path], f)
	}
	out := make(map[string]rules)
	for path, own := range byPackage {
		out[path] = tally(own)
	}
	return out
}

func (r rules) String() string {
	var parts []string
	for _, rule := range slices.Sorted(maps.Keys(r)) {
		parts = append(parts, fmt.Sprintf("%d %s", r[rule], rule))
	}
	return strings.Join(parts, ", ")
}

// fixReport is what -fix -format json prints.
type fixReport struct {
	Fixed []fixedRule   `json:"fixed"`
	Files []string      `json:"files"`
	Left  []leftFinding `json:"left"`
}

type fixedRule struct {
	Package  string `json:"package"`
	Analyzer string `json:"analyzer"`
	Category string `json:"category,omitempty"`
	Count    int    `json:"count"`
}

type leftFinding struct {
	Analyzer string `json:"analyzer"`
	Category string `json:"category,omitempty"`
	Posn     string `json:"posn"`
	Message  string `json:"message"`
	Reason   string `json:"reason,omitempty"`
}

func (c *command) reportFixesJSON(fixed []*finding.Finding, left []fix.Left, files []string) error {
	r := fixReport{Fixed: []fixedRule{}, Files: files, Left: []leftFinding{}}
	if files == nil {
		r.Files = []string{}
	}
	byPackage := tallies(fixed)
	for _, path := range slices.Sorted(maps.Keys(byPackage)) {
		byRule := byPackage[path]
		for _, rule := range slices.Sorted(maps.Keys(byRule)) {
			name, category, _ := strings.Cut(rule, "/")
			r.Fixed = append(r.Fixed, fixedRule{path, name, category, byRule[rule]})
		}
	}
	for _, l := range left {
		r.Left = append(r.Left, leftFinding{l.Analyzer, l.Category, l.Pos.String(), l.Message, l.Reason})
	}
	return report.WriteJSON(c.stdout, r)
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
