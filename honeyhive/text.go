package honeyhive

import (
	"encoding/base64"
	"strconv"
	"strings"
	"unicode/utf8"
)

// valid returns s with a mark in place of what is not UTF-8.
func valid(s string) string { return strings.ToValidUTF8(s, "\uFFFD") }

// truncated cuts s to n bytes at a rune's boundary and says so.
func truncated(s string, n int) string {
	cut := runeBefore(s, n)
	return s[:cut] + missing(len(s)-cut)
}

// runeBefore returns where the last rune of text begins that begins at n or
// before.
func runeBefore[T string | []byte](text T, n int) int {
	for n > 0 && !utf8.RuneStart(text[n]) {
		n--
	}
	return n
}

// missing says that n bytes were left out.
func missing(n int) string { return "… (" + strconv.Itoa(n) + " bytes more)" }

// bytesText returns b as a text, or in base64 where it is none, short enough
// for str.
func bytesText(b []byte) string {
	const room = 64 // for the note
	n := len(b)
	if n > maxText {
		n = runeBefore(b, maxText-room)
	}
	text := string(b[:n])
	if !utf8.ValidString(text) {
		n = min(len(b), (maxText-room)/4*3)
		text = base64.StdEncoding.EncodeToString(b[:n])
	}
	if n < len(b) {
		text += missing(len(b) - n)
	}
	return text
}

// safeText returns what f returns, or a note where f panics.
func safeText(f func() string) (s string) {
	defer func() {
		if r := recover(); r != nil {
			s = "!(panic)"
		}
	}()
	return f()
}
