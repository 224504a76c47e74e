package fix

import (
	"bytes"
	"cmp"
	"go/format"
	"slices"
	"strings"

	"github.com/honeyhiveai/hhvet/internal/finding"
)

// edits collects the edits of several fixes to the same original files.
type edits map[string][]finding.Edit // by file, sorted, without overlap

// with returns e and the edits of one more fix, or false where they overlap
// with those of another. Equal edits are one: fixes that need the same import
// each bring it along.
func (e edits) with(more []finding.Edit) (edits, bool) {
	merged := make(edits, len(e)+1)
	for file, list := range e {
		merged[file] = list
	}
	for _, edit := range more {
		list := merged[edit.File]
		if slices.Contains(list, edit) {
			continue
		}
		for _, other := range list {
			if overlap(edit, other) {
				return nil, false
			}
		}
		list = append(slices.Clone(list), edit)
		slices.SortStableFunc(list, func(x, y finding.Edit) int {
			return cmp.Or(cmp.Compare(x.Start, y.Start), cmp.Compare(x.End, y.End))
		})
		merged[edit.File] = list
	}
	return merged, true
}

// overlap reports whether one edit changes what the other replaces. Two
// insertions at one place follow each other.
func overlap(x, y finding.Edit) bool {
	return x.Start < y.End && y.Start < x.End
}

// apply returns the content of each edited file, formatted as far as the
// original was.
func (e edits) apply(sources map[string][]byte) map[string][]byte {
	out := make(map[string][]byte, len(e))
	for file, list := range e {
		out[file] = rewrite(sources[file], list)
	}
	return out
}

var bom = []byte("\xef\xbb\xbf")

// rewrite applies sorted edits to src. Line ends and the byte order mark stay
// what they were. Where src was as gofmt has it the result is too; otherwise
// nothing but the edits changes.
func rewrite(src []byte, list []finding.Edit) []byte {
	crlf := bytes.Contains(src, []byte("\r\n")) &&
		bytes.Count(src, []byte("\r\n")) == bytes.Count(src, []byte("\n"))
	var out bytes.Buffer
	last := 0
	for _, e := range list {
		out.Write(src[last:e.Start])
		if crlf {
			out.WriteString(strings.ReplaceAll(strings.ReplaceAll(e.New, "\r\n", "\n"), "\n", "\r\n"))
		} else {
			out.WriteString(e.New)
		}
		last = e.End
	}
	out.Write(src[last:])

	plain := func(text []byte) []byte {
		text = bytes.TrimPrefix(text, bom)
		if crlf {
			text = bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n"))
		}
		return text
	}
	before := plain(src)
	if formatted, err := format.Source(before); err != nil || !bytes.Equal(formatted, before) {
		return out.Bytes()
	}
	formatted, err := format.Source(plain(out.Bytes()))
	if err != nil {
		return out.Bytes() // it will not type-check either
	}
	if crlf {
		formatted = bytes.ReplaceAll(formatted, []byte("\n"), []byte("\r\n"))
	}
	if bytes.HasPrefix(src, bom) {
		formatted = append(slices.Clone(bom), formatted...)
	}
	return formatted
}
