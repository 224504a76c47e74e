package report

import (
	"go/doc/comment"
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/honeyhiveai/hhvet/internal/checkdoc"
)

// section is what an analyzer's documentation says about one category.
type section struct {
	category string
	doc      *comment.Doc
}

// parseDoc returns an analyzer's documentation and the sections in it whose
// headings are the names of categories.
func parseDoc(a *analysis.Analyzer) (*comment.Doc, []section) {
	doc := checkdoc.Parse(a.Doc)
	var sections []section
	for i, block := range doc.Content {
		heading, ok := block.(*comment.Heading)
		if !ok {
			continue
		}
		category := plain(heading.Text)
		if strings.ContainsAny(category, " \t") {
			continue // a heading in prose
		}
		end := i + 1
		for end < len(doc.Content) {
			if _, next := doc.Content[end].(*comment.Heading); next {
				break
			}
			end++
		}
		sections = append(sections, section{category, &comment.Doc{Content: doc.Content[i+1 : end], Links: doc.Links}})
	}
	return doc, sections
}

func plain(text []comment.Text) string {
	var b strings.Builder
	for _, t := range text {
		if p, ok := t.(comment.Plain); ok {
			b.WriteString(string(p))
		}
	}
	return b.String()
}

// Meaning returns the first sentence of what an analyzer's documentation says
// about a category, "" if it says nothing.
func Meaning(a *analysis.Analyzer, category string) string {
	_, sections := parseDoc(a)
	for _, s := range sections {
		if s.category != category || len(s.doc.Content) == 0 {
			continue
		}
		pr := comment.Printer{TextWidth: -1}
		text, _, _ := strings.Cut(string(pr.Text(&comment.Doc{Content: s.doc.Content[:1]})), "\n")
		if sentence, _, more := strings.Cut(text, ". "); more {
			return sentence + "."
		}
		return text
	}
	return ""
}
