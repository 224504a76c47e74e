// Package finding is what an analyzer has to say about a file, in terms of
// names and offsets alone: it needs no syntax tree and can be kept, compared
// and written out.
package finding

import (
	"cmp"
	"go/token"
	"slices"
)

// Finding is one diagnostic of one analyzer.
type Finding struct {
	Package  string // ID of the unit it was found in, such as "p [p.test]"
	Analyzer string
	Category string // the rule within the analyzer, "" where it has only one
	Message  string
	URL      string
	Pos, End token.Position // as //line comments have it
	Related  []Related
	Fixes    []Fix // alternatives, of which drivers apply the first
}

// Related is a further place that the finding is about.
type Related struct {
	Pos, End token.Position
	Message  string
}

// Fix is one suggestion, made as a whole or not at all.
type Fix struct {
	Message string
	Edits   []Edit // sorted, without overlap
}

// Edit replaces the bytes from Start up to End of a file.
type Edit struct {
	File       string
	Start, End int
	New        string
}

// Rule names what was found: the analyzer, and its category if it has one.
func (f *Finding) Rule() string {
	if f.Category == "" {
		return f.Analyzer
	}
	return f.Analyzer + "/" + f.Category
}

// Compare orders findings by place.
func Compare(x, y *Finding) int {
	return cmp.Or(
		cmp.Compare(x.Pos.Filename, y.Pos.Filename),
		cmp.Compare(x.Pos.Line, y.Pos.Line),
		cmp.Compare(x.Pos.Column, y.Pos.Column),
		cmp.Compare(x.Analyzer, y.Analyzer),
		cmp.Compare(x.Message, y.Message),
	)
}

// Sort orders findings by place.
func Sort(fs []*Finding) { slices.SortStableFunc(fs, Compare) }
