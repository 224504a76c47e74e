// Package checkdoc turns the package comment of a pass into the analyzer's
// help text and the address of its page under docs/checks.
package checkdoc

import (
	"fmt"
	"go/doc/comment"
	"go/parser"
	"go/token"
	"strings"
)

const pages = "https://github.com/honeyhiveai/hhvet/blob/main/docs/checks/"

// URL is the address of the page about the analyzer of that name. Drivers
// append "#" and a diagnostic's category, so each category is a heading there.
func URL(name string) string { return pages + name + ".md" }

// MustExtract returns the text below the heading "# Analyzer NAME" in the
// package comment of the Go file content, which starts with a line of the
// form "NAME: summary". It panics where there is none, at initialisation.
func MustExtract(content, name string) string {
	text, err := extract(content, name)
	if err != nil {
		panic(fmt.Sprintf("checkdoc: %s: %v", name, err))
	}
	return text
}

func extract(content, name string) (string, error) {
	f, err := parser.ParseFile(token.NewFileSet(), "doc.go", content, parser.ParseComments|parser.PackageClauseOnly)
	if err != nil {
		return "", fmt.Errorf("parse doc.go: %w", err)
	}
	if f.Doc == nil {
		return "", fmt.Errorf("doc.go has no package comment")
	}
	_, text, ok := strings.Cut("\n"+f.Doc.Text(), "\n# Analyzer "+name+"\n")
	if !ok {
		return "", fmt.Errorf("no heading %q", "# Analyzer "+name)
	}
	text = strings.TrimSpace(text)
	rest, ok := strings.CutPrefix(text, name+": ")
	if !ok {
		return "", fmt.Errorf("the first line under the heading must start with %q", name+": ")
	}
	return rest, nil
}

// Parse returns an analyzer's help text, which has the form of a doc comment.
func Parse(text string) *comment.Doc {
	var p comment.Parser
	return p.Parse(text)
}

// Summary is the first paragraph of an analyzer's help text, on one line.
func Summary(text string) string {
	first, _, _ := strings.Cut(text, "\n\n")
	return strings.ReplaceAll(first, "\n", " ")
}

// Markdown renders a help text or a part of it, with its code as Go.
func Markdown(doc *comment.Doc) string {
	pr := comment.Printer{HeadingLevel: 2, HeadingID: func(*comment.Heading) string { return "" }}
	var b strings.Builder
	for i, block := range doc.Content {
		if i > 0 {
			b.WriteByte('\n')
		}
		if code, ok := block.(*comment.Code); ok {
			b.WriteString("```go\n" + code.Text + "```\n")
			continue
		}
		b.Write(pr.Markdown(&comment.Doc{Content: []comment.Block{block}, Links: doc.Links}))
	}
	return b.String()
}
