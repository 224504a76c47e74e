package check

import (
	"cmp"
	"errors"
	"fmt"
	"go/token"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/honeyhiveai/hhvet/internal/finding"
)

// finding resolves a diagnostic's positions. An error is a mistake of the
// analyzer's.
func (r *runner) finding(a *analysis.Analyzer, d analysis.Diagnostic) (*finding.Finding, error) {
	fset := r.pkg.Unit.Fset
	f := &finding.Finding{
		Package:  r.pkg.Unit.ID,
		Analyzer: a.Name,
		Category: d.Category,
		Message:  d.Message,
		Pos:      fset.Position(d.Pos),
		End:      fset.Position(cmp.Or(d.End, d.Pos)),
	}
	link, err := resolveURL(a, d)
	if err != nil {
		return nil, err
	}
	f.URL = link
	for _, rel := range d.Related {
		f.Related = append(f.Related, finding.Related{
			Pos:     fset.Position(rel.Pos),
			End:     fset.Position(cmp.Or(rel.End, rel.Pos)),
			Message: rel.Message,
		})
	}
	for _, fix := range d.SuggestedFixes {
		edits, err := resolveEdits(fset, fix.TextEdits)
		if err != nil {
			return nil, fmt.Errorf("invalid fix %q at %v: %w", fix.Message, f.Pos, err)
		}
		f.Fixes = append(f.Fixes, finding.Fix{Message: fix.Message, Edits: edits})
	}
	return f, nil
}

// resolveURL applies the rule that a diagnostic's category is a fragment of
// its analyzer's page unless it brings an address of its own.
func resolveURL(a *analysis.Analyzer, d analysis.Diagnostic) (string, error) {
	ref := d.URL
	if ref == "" && d.Category != "" {
		ref = "#" + d.Category
	}
	if ref == "" && a.URL == "" {
		return "", nil
	}
	base, err := url.Parse(a.URL)
	if err != nil {
		return "", fmt.Errorf("invalid URL of the analyzer: %w", err)
	}
	rel, err := url.Parse(ref)
	if err != nil {
		return "", fmt.Errorf("invalid URL of a diagnostic: %w", err)
	}
	return base.ResolveReference(rel).String(), nil
}

func resolveEdits(fset *token.FileSet, edits []analysis.TextEdit) ([]finding.Edit, error) {
	var out []finding.Edit
	for _, e := range edits {
		file := fset.File(e.Pos)
		if file == nil {
			return nil, errors.New("an edit is in no file")
		}
		end := cmp.Or(e.End, e.Pos)
		// Ends that are computed rather than scanned may lie just beyond the
		// last byte; a position in the next file is far beyond it.
		if limit := token.Pos(file.Base() + file.Size()); end > limit && end < limit+10 {
			end = limit
		}
		if end < e.Pos || fset.File(end) != file {
			return nil, errors.New("an edit ends before its start or in another file")
		}
		out = append(out, finding.Edit{
			File:  file.Name(),
			Start: file.Offset(e.Pos),
			End:   file.Offset(end),
			New:   string(e.NewText),
		})
	}
	slices.SortStableFunc(out, func(x, y finding.Edit) int {
		return cmp.Or(strings.Compare(x.File, y.File), cmp.Compare(x.Start, y.Start), cmp.Compare(x.End, y.End))
	})
	for i := 1; i < len(out); i++ {
		if out[i].File == out[i-1].File && out[i].Start < out[i-1].End {
			return nil, errors.New("two of its edits overlap")
		}
	}
	return out, nil
}
