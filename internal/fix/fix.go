// Package fix turns suggested fixes into files that are known to compile, and
// writes them so that a reader finds each file either as it was or as it is
// to be.
package fix

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"slices"

	"github.com/honeyhiveai/hhvet/internal/finding"
)

// Unit is a package whose findings are to be fixed.
type Unit struct {
	ID       string
	Findings []*finding.Finding
	Sources  map[string][]byte // content of its files when they were analysed

	// Refuse says why a file must not be changed, "" where it may.
	Refuse func(file string) string
	// Check type-checks the unit and what depends on it, with some files
	// replaced. With bodies set, nothing but function bodies and imports of
	// these files has changed, so that importers cannot be affected.
	Check func(ctx context.Context, files map[string][]byte, bodies bool) error
	// Analyze returns the unit's findings with some files replaced.
	Analyze func(ctx context.Context, files map[string][]byte) ([]*finding.Finding, error)
}

// Outcome is what can be done for a unit.
type Outcome struct {
	Unit  *Unit
	Files []File // in the order in which they are to be written
	Fixed []*finding.Finding
	Left  []Left // positions are those after the fix
}

// File is a file to be changed.
type File struct {
	Name     string
	Old, New []byte
}

// Left is a finding that needs a person.
type Left struct {
	*finding.Finding
	Reason string // why its fix was not made, "" where it has none
}

// ByOthers is the reason why a fix was not made that was not there before.
const ByOthers = "it came up by fixing others; run hhvet -fix again"

// candidate is a finding with a fix that may be made.
type candidate struct {
	*finding.Finding
	edits []finding.Edit
}

// Prepare works out the new files in memory and checks them. Fixes that would
// not compile are withdrawn, if possible alone. An error means that the
// unchanged package could not be judged.
func (u *Unit) Prepare(ctx context.Context) (*Outcome, error) {
	p := &preparation{unit: u, reasons: make(map[*finding.Finding]string)}
	var todo []candidate
	for _, f := range u.Findings {
		if len(f.Fixes) == 0 {
			continue
		}
		if why := p.refused(f.Fixes[0].Edits); why != "" {
			p.reasons[f] = why
			continue
		}
		todo = append(todo, candidate{f, f.Fixes[0].Edits})
	}
	if len(todo) == 0 {
		return u.untouched(p.reasons), nil
	}

	// Later candidates that overlap accepted ones are left for another run.
	p.accept(ctx, todo)
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	files := p.edits.apply(u.Sources)
	maps.DeleteFunc(files, func(name string, src []byte) bool { return bytes.Equal(src, u.Sources[name]) })
	order, err := p.writeOrder(ctx, files)
	if err != nil {
		for _, c := range p.accepted {
			p.reasons[c.Finding] = err.Error()
		}
		return u.untouched(p.reasons), nil
	}
	if len(order) == 0 {
		return u.untouched(p.reasons), nil
	}
	after, err := u.Analyze(ctx, files)
	if err != nil {
		return nil, err
	}
	out := &Outcome{Unit: u}
	for _, name := range order {
		out.Files = append(out.Files, File{Name: name, Old: u.Sources[name], New: files[name]})
	}
	for _, c := range p.accepted {
		out.Fixed = append(out.Fixed, c.Finding)
	}
	for _, f := range after {
		out.Left = append(out.Left, Left{Finding: f, Reason: p.reason(f)})
	}
	return out, nil
}

// untouched is the outcome of a unit of which nothing can be changed.
func (u *Unit) untouched(reasons map[*finding.Finding]string) *Outcome {
	out := &Outcome{Unit: u}
	for _, f := range u.Findings {
		out.Left = append(out.Left, Left{Finding: f, Reason: reasons[f]})
	}
	return out
}

// Withdraw turns the outcome into that of a unit that is left as it was.
func (o *Outcome) Withdraw(reason string) {
	reasons := make(map[*finding.Finding]string)
	for _, f := range o.Fixed {
		reasons[f] = reason
	}
	// What was left already keeps its reason, at its place before the fix.
	for _, l := range o.Left {
		for _, f := range o.Unit.Findings {
			if reasons[f] == "" && l.Reason != "" && sameMessage(f, l.Finding) {
				reasons[f] = l.Reason
			}
		}
	}
	*o = *o.Unit.untouched(reasons)
}

type preparation struct {
	unit     *Unit
	accepted []candidate
	edits    edits // of the accepted
	reasons  map[*finding.Finding]string
}

func (p *preparation) refused(list []finding.Edit) string {
	for _, e := range list {
		if why := p.unit.Refuse(e.File); why != "" {
			return why
		}
		src, ok := p.unit.Sources[e.File]
		if !ok {
			return "the fix reaches into a file of another package"
		}
		if e.End > len(src) {
			return "the fix does not match the file"
		}
	}
	return ""
}

// accept adds as many of the candidates as compile together with those
// already accepted: all of them as a rule, otherwise what halving finds.
func (p *preparation) accept(ctx context.Context, todo []candidate) {
	if len(todo) == 0 || ctx.Err() != nil {
		return
	}
	merged := p.edits
	fitting := todo[:0:0]
	for _, c := range todo {
		next, fits := merged.with(c.edits)
		if !fits {
			p.reasons[c.Finding] = "its fix overlaps another one; run hhvet -fix again"
			continue
		}
		merged, fitting = next, append(fitting, c)
	}
	err := p.check(ctx, merged)
	switch {
	case err == nil:
		p.edits = merged
		p.accepted = append(p.accepted, fitting...)
	case len(fitting) == 1:
		p.reasons[fitting[0].Finding] = "its fix was withdrawn, as the package would not compile: " + err.Error()
	default:
		half := len(fitting) / 2
		p.accept(ctx, fitting[:half])
		p.accept(ctx, fitting[half:])
	}
}

func (p *preparation) check(ctx context.Context, e edits) error {
	return p.unit.Check(ctx, e.apply(p.unit.Sources), e.local(p.unit.Sources))
}

// writeOrder returns an order in which the files can be written one at a time
// with a package that compiles after each.
func (p *preparation) writeOrder(ctx context.Context, files map[string][]byte) ([]string, error) {
	order := slices.Sorted(maps.Keys(files))
	if len(order) < 2 || p.edits.local(p.unit.Sources) {
		return order, nil
	}
	for range 2 {
		if p.compilesStepwise(ctx, order, files) {
			return order, nil
		}
		slices.Reverse(order)
	}
	return nil, errors.New("its fix was withdrawn, as the package would not compile between the changes of two files")
}

func (p *preparation) compilesStepwise(ctx context.Context, order []string, files map[string][]byte) bool {
	step := make(map[string][]byte)
	for _, name := range order[:len(order)-1] {
		step[name] = files[name]
		if p.unit.Check(ctx, step, false) != nil {
			return false
		}
	}
	return true
}

// reason finds out why the fix of f, a finding after the fix, was not made.
func (p *preparation) reason(f *finding.Finding) string {
	if len(f.Fixes) == 0 {
		return ""
	}
	best, distance := "", -1
	for before, why := range p.reasons {
		if !sameMessage(before, f) {
			continue
		}
		d := before.Pos.Line - f.Pos.Line
		d = max(d, -d)
		if distance < 0 || d < distance {
			best, distance = why, d
		}
	}
	if distance < 0 {
		return ByOthers
	}
	return best
}

func sameMessage(x, y *finding.Finding) bool {
	return x.Analyzer == y.Analyzer && x.Category == y.Category && x.Message == y.Message && x.Pos.Filename == y.Pos.Filename
}
