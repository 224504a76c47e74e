// Package report writes findings in the forms that people and tools read.
package report

import (
	"bytes"
	"fmt"
	"go/token"
	"io"
	"path/filepath"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/width"

	"github.com/honeyhiveai/hhvet/internal/finding"
)

// Text prints findings as lines of the form
//
//	file:line:col: message (analyzer)
//
// with related places below them, indented.
type Text struct {
	Dir   string // file names are relative to it
	Color bool
	// Source returns a file's content, from which the offending line is
	// shown below its finding. Without it no source is shown.
	Source func(name string) ([]byte, error)
}

const (
	bold  = "\x1b[1m"
	dim   = "\x1b[2m"
	red   = "\x1b[31m"
	reset = "\x1b[0m"
)

// Write prints the findings in their order.
func (t *Text) Write(w io.Writer, findings []*finding.Finding) error {
	var buf bytes.Buffer
	for _, f := range findings {
		t.finding(&buf, f)
	}
	_, err := w.Write(buf.Bytes())
	return err
}

func (t *Text) finding(buf *bytes.Buffer, f *finding.Finding) {
	place := Place(t.Dir, f.Pos)
	if t.Color {
		fmt.Fprintf(buf, "%s%s:%s %s %s(%s)%s\n", bold, place, reset, f.Message, dim, f.Analyzer, reset)
	} else {
		fmt.Fprintf(buf, "%s: %s (%s)\n", place, f.Message, f.Analyzer)
	}
	t.excerpt(buf, f.Pos, f.End)
	for _, r := range f.Related {
		fmt.Fprintf(buf, "\t%s: %s\n", Place(t.Dir, r.Pos), r.Message)
	}
}

// excerpt shows the line at pos, underlined up to end or the end of the line.
func (t *Text) excerpt(buf *bytes.Buffer, pos, end token.Position) {
	if t.Source == nil {
		return
	}
	src, err := t.Source(pos.Filename)
	if err != nil {
		return
	}
	line, ok := finding.Line(src, pos.Line)
	if !ok || pos.Column < 1 || pos.Column > len(line)+1 || !presentable(line) {
		return
	}
	from, to := pos.Column-1, len(line)
	if end.Line == pos.Line && end.Column-1 >= from && end.Column-1 <= len(line) {
		to = end.Column - 1
	}
	number := fmt.Sprintf("%5d | ", pos.Line)
	margin := strings.Repeat(" ", len(number)-2) + "| "
	indent := below(line[:from], " ")
	mark := strings.ReplaceAll(below(line[from:to], "^"), "\t", "^")
	if mark == "" {
		mark = "^"
	}
	if t.Color {
		number, margin, mark = dim+number+reset, dim+margin+reset, red+mark+reset
	}
	fmt.Fprintf(buf, "%s%s\n%s%s%s\n", number, line, margin, indent, mark)
}

// longest is the most bytes of a line that still help somebody.
const longest = 500

// presentable reports whether a line can be shown on a terminal as it is.
func presentable(line []byte) bool {
	control := func(r rune) bool { return unicode.IsControl(r) && r != '\t' }
	return len(line) <= longest && utf8.Valid(line) && !bytes.ContainsFunc(line, control)
}

// below returns as many marks as a terminal needs columns for text. Tabs stay
// tabs, so that it is below the text at any tab width.
func below(text []byte, mark string) string {
	var b strings.Builder
	for _, r := range string(text) {
		switch kind := width.LookupRune(r).Kind(); {
		case r == '\t':
			b.WriteRune(r)
		case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
			// is drawn into the character before it
		case kind == width.EastAsianWide || kind == width.EastAsianFullwidth:
			b.WriteString(mark + mark)
		default:
			b.WriteString(mark)
		}
	}
	return b.String()
}

// Place formats a position with its file relative to dir.
func Place(dir string, pos token.Position) string {
	pos.Filename = Relative(dir, pos.Filename)
	return pos.String()
}

// Relative returns the shorter of name's absolute and relative forms.
func Relative(dir, name string) string {
	if rel, err := filepath.Rel(dir, name); err == nil && len(rel) < len(name) {
		return rel
	}
	return name
}
