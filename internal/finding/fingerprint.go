package finding

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path/filepath"
	"strings"
)

// Mark identifies a finding by what is found and by the text of its line, so
// that it stays the same when lines are added or removed elsewhere.
type Mark struct {
	File string `json:"file"` // relative, with slashes
	Rule string `json:"rule"`
	Text string `json:"text"` // of the line, without indentation
}

// Mark returns f's mark, for files relative to dir. Source returns a file's
// content; where it fails the text is empty.
func (f *Finding) Mark(dir string, source func(name string) ([]byte, error)) Mark {
	m := Mark{File: filepath.ToSlash(f.Pos.Filename), Rule: f.Rule()}
	if rel, err := filepath.Rel(dir, f.Pos.Filename); err == nil {
		m.File = filepath.ToSlash(rel)
	}
	if src, err := source(f.Pos.Filename); err == nil {
		line, _ := Line(src, f.Pos.Line)
		m.Text = strings.Join(strings.Fields(string(line)), " ")
	}
	return m
}

// Fingerprint is a short form of the mark. Findings with equal marks are told
// apart by their number, from 1.
func (m Mark) Fingerprint(n int) string {
	sum := sha256.Sum256([]byte(m.File + "\x00" + m.Rule + "\x00" + m.Text))
	return fmt.Sprintf("%s:%d", hex.EncodeToString(sum[:8]), n)
}

// Line returns the nth line of src, from 1, without its end.
func Line(src []byte, n int) (line []byte, ok bool) {
	for ; n > 1; n-- {
		i := bytes.IndexByte(src, '\n')
		if i < 0 {
			return nil, false
		}
		src = src[i+1:]
	}
	line, _, _ = bytes.Cut(src, []byte("\n"))
	return bytes.TrimSuffix(line, []byte("\r")), n == 1
}
