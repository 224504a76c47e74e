package report

import (
	"encoding/json"
	"io"
	"strings"

	"github.com/honeyhiveai/hhvet/internal/finding"
)

// Tree is what go vet -json prints, by package and analyzer.
type Tree map[string]map[string]any

type jsonDiagnostic struct {
	Category       string        `json:"category,omitempty"`
	Posn           string        `json:"posn"`
	End            string        `json:"end"`
	Message        string        `json:"message"`
	SuggestedFixes []jsonFix     `json:"suggested_fixes,omitempty"`
	Related        []jsonRelated `json:"related,omitempty"`
}

type jsonFix struct {
	Message string     `json:"message"`
	Edits   []jsonEdit `json:"edits"`
}

type jsonEdit struct {
	Filename string `json:"filename"`
	Start    int    `json:"start"` // in bytes, from 0
	End      int    `json:"end"`
	New      string `json:"new"`
}

type jsonRelated struct {
	Posn    string `json:"posn"`
	End     string `json:"end"`
	Message string `json:"message"`
}

type jsonError struct {
	Error string `json:"error"`
}

// Add puts a finding into the tree.
func (t Tree) Add(f *finding.Finding) {
	d := jsonDiagnostic{
		Category: f.Category,
		Posn:     f.Pos.String(),
		End:      f.End.String(),
		Message:  f.Message,
	}
	for _, fix := range f.Fixes {
		jf := jsonFix{Message: fix.Message}
		for _, e := range fix.Edits {
			jf.Edits = append(jf.Edits, jsonEdit{Filename: e.File, Start: e.Start, End: e.End, New: e.New})
		}
		d.SuggestedFixes = append(d.SuggestedFixes, jf)
	}
	for _, r := range f.Related {
		d.Related = append(d.Related, jsonRelated{Posn: r.Pos.String(), End: r.End.String(), Message: r.Message})
	}
	units := t.unit(f.Package)
	list, _ := units[f.Analyzer].([]jsonDiagnostic)
	units[f.Analyzer] = append(list, d)
}

// AddError says that an analyzer failed on a package, in place of what it may
// have found there.
func (t Tree) AddError(pkg, analyzer, message string) {
	t.unit(pkg)[analyzer] = jsonError{message}
}

// unit returns the results of a package. Like the go command it does not tell
// apart what a package is built for: no file is in two units.
func (t Tree) unit(id string) map[string]any {
	pkg, _, _ := strings.Cut(id, " ")
	if t[pkg] == nil {
		t[pkg] = make(map[string]any)
	}
	return t[pkg]
}

// Write prints the tree as one document.
func (t Tree) Write(w io.Writer) error {
	return WriteJSON(w, t)
}

// WriteJSON prints v for tools that people may read along with.
func WriteJSON(w io.Writer, v any) error {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "\t")
	return encoder.Encode(v)
}
