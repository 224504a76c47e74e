// Package markdown reads the code blocks and the sentences of the project's
// documents, for tests that hold them to what they describe.
package markdown

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Block is a fenced code block.
type Block struct {
	Lang    string
	Nth     int    // among those of its language in the document, from 1
	Section string // the nearest heading above it
	Text    string
}

func (b Block) String() string { return fmt.Sprintf("```%s %d", b.Lang, b.Nth) }

// Lines returns the block's lines that are not empty.
func (b Block) Lines() []string {
	var out []string
	for line := range strings.Lines(b.Text) {
		if line = strings.TrimSpace(line); line != "" {
			out = append(out, line)
		}
	}
	return out
}

// Paragraph is a paragraph, a list item or a row of a table, on one line.
type Paragraph struct {
	Section string // the nearest heading above it
	Row     bool   // of a table
	Text    string
	ends    []int // of its sentences
}

var (
	heading  = regexp.MustCompile(`^#+ +(.*)$`)
	listItem = regexp.MustCompile(`^ *([-*]|\d+\.) +`)
	rule     = regexp.MustCompile(`^\|[-| :]+\|$`)
)

// Parse returns what is in a document. Headings, the heads of tables and HTML
// comments say nothing that could be wrong, and are left out.
func Parse(page string) (blocks []Block, paragraphs []Paragraph) {
	section, nth := "", make(map[string]int)
	var block *Block
	var text []string
	end := func() {
		if joined := strings.Join(strings.Fields(strings.Join(text, " ")), " "); joined != "" {
			paragraphs = append(paragraphs, Paragraph{section, false, joined, sentences(joined)})
		}
		text = nil
	}
	lines := strings.Split(page, "\n")
	for i, line := range lines {
		fence, isFence := strings.CutPrefix(strings.TrimSpace(line), "```")
		switch {
		case isFence && block == nil:
			end()
			nth[fence]++
			block = &Block{Lang: fence, Nth: nth[fence], Section: section}
		case isFence:
			blocks = append(blocks, *block)
			block = nil
		case block != nil:
			block.Text += line + "\n"
		case strings.TrimSpace(line) == "" || strings.HasPrefix(line, "<!--"):
			end()
		case strings.HasPrefix(line, "#"):
			end()
			section = heading.ReplaceAllString(line, "$1")
		case strings.HasPrefix(line, "|"):
			end()
			head := i+1 < len(lines) && rule.MatchString(lines[i+1])
			if row := strings.TrimSpace(line); !head && !rule.MatchString(row) {
				// A row is one statement, whatever stands in its cells.
				row = strings.TrimSpace(strings.Trim(row, "|"))
				paragraphs = append(paragraphs, Paragraph{section, true, row, []int{len(row)}})
			}
		case listItem.MatchString(line):
			end()
			text = append(text, listItem.ReplaceAllString(line, ""))
		default:
			text = append(text, line)
		}
	}
	end()
	return blocks, paragraphs
}

// sentences returns where the sentences of text end.
func sentences(text string) (ends []int) {
	for i := 0; i < len(text); i++ {
		if !strings.ContainsRune(".?!", rune(text[i])) {
			continue
		}
		// What closes behind the full stop belongs to the sentence.
		closed := i + 1
		for closed < len(text) && strings.ContainsRune(`*")`+"`", rune(text[closed])) {
			closed++
		}
		if closed == len(text) || text[closed] != ' ' {
			continue
		}
		next, _ := utf8.DecodeRuneInString(text[closed+1:])
		if unicode.IsUpper(next) || strings.ContainsRune("`*[(\"↔", next) {
			ends = append(ends, closed)
		}
	}
	if len(ends) == 0 || ends[len(ends)-1] != len(text) {
		ends = append(ends, len(text))
	}
	return ends
}

// Sentences returns the sentences of p.
func (p Paragraph) Sentences() []string {
	var out []string
	start := 0
	for _, end := range p.ends {
		out = append(out, strings.TrimSpace(p.Text[start:end]))
		start = end
	}
	return out
}

// Find returns the numbers of the first and the last sentence that a fragment
// of p touches. An ellipsis in the fragment stands for any text. It reports
// false where p does not have the fragment.
func (p Paragraph) Find(fragment string) (first, last int, ok bool) {
	from, to, long := strings.Cut(fragment, " … ")
	start := strings.Index(p.Text, from)
	if start < 0 {
		return 0, 0, false
	}
	end := start + len(from)
	if long {
		i := strings.Index(p.Text[end:], to)
		if i < 0 {
			return 0, 0, false
		}
		end += i + len(to)
	}
	return p.sentenceAt(start), p.sentenceAt(end - 1), true
}

func (p Paragraph) sentenceAt(offset int) int {
	for i, end := range p.ends {
		if offset < end {
			return i
		}
	}
	return len(p.ends) - 1
}
