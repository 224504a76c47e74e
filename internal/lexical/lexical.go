// Package lexical decides from a file's bytes alone whether an analyzer could
// have anything to say about it. It errs on the side of yes.
package lexical

import (
	"bytes"
	"unicode"
	"unicode/utf8"
)

// Tokens are texts of which one must occur in a package's source for the
// package to have a finding or a fact of its own. Case does not count, and a
// token may be part of a longer word.
type Tokens struct {
	lower [][]byte
}

// NewTokens returns a matcher for words.
func NewTokens(words []string) *Tokens {
	t := new(Tokens)
	for _, w := range words {
		t.lower = append(t.lower, bytes.ToLower([]byte(w)))
	}
	return t
}

// In reports whether src contains one of the tokens.
func (t *Tokens) In(src []byte) bool {
	lower := bytes.ToLower(src)
	for _, token := range t.lower {
		if bytes.Contains(lower, token) {
			return true
		}
	}
	return false
}

// Mentions reports whether src contains one of the names as a whole
// identifier, anywhere: comments and strings count too.
func Mentions(src []byte, names map[string]bool) bool {
	for name := range names {
		if mentions(src, []byte(name)) {
			return true
		}
	}
	return false
}

func mentions(src, name []byte) bool {
	for start := 0; ; start++ {
		i := bytes.Index(src[start:], name)
		if i < 0 {
			return false
		}
		start += i
		before, _ := utf8.DecodeLastRune(src[:start])
		after, _ := utf8.DecodeRune(src[start+len(name):])
		if !inIdentifier(before) && !inIdentifier(after) {
			return true
		}
	}
}

func inIdentifier(r rune) bool {
	return r != utf8.RuneError && (r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r))
}
