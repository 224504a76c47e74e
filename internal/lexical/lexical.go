// Package lexical decides from a file's bytes alone whether an analyzer could
// have anything to say about it. It errs on the side of yes.
package lexical

import (
	"bytes"
	"unicode"
	"unicode/utf8"
)

// Token is a text that must occur in the source of a package for it to be of
// interest. Case does not count, and it may be part of a longer word.
type Token struct {
	Text string
	// Import, if set, is the path of a package without which the text means
	// nothing: only packages that import it count, directly or not, and it
	// itself.
	Import string
}

// Tokens finds tokens in files.
type Tokens struct {
	lower [][]byte
}

// NewTokens returns a matcher.
func NewTokens(tokens []Token) *Tokens {
	t := new(Tokens)
	for _, token := range tokens {
		t.lower = append(t.lower, bytes.ToLower([]byte(token.Text)))
	}
	return t
}

// Set is a set of tokens.
type Set uint64

// Of returns the set of the token with index i. The tokens beyond the first 63
// are told apart from those alone.
func Of(i int) Set { return 1 << min(i, 63) }

// In returns the tokens that occur in src.
func (t *Tokens) In(src []byte) Set {
	lower := bytes.ToLower(src)
	var found Set
	for i, token := range t.lower {
		if bytes.Contains(lower, token) {
			found |= Of(i)
		}
	}
	return found
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
