package markdown_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/honeyhiveai/hhvet/internal/markdown"
)

const page = "# Title\n" + `
It runs ` + "`go vet ./...`" + `. *Then it
stops.* See v1.0 for (the rest.) "Why?" Because!

## Part

| head | cell |
| --- | --- |
| one. Two | three |
- an item:
  its second line
1. a step

` + "```sh\nfirst\n```\n\n```go\nx := 1\n\n```\n\n```sh\nsecond\nthird\n```\n" + `<!-- nothing -->
`

func TestParse(t *testing.T) {
	blocks, paragraphs := markdown.Parse(page)
	wantBlocks := []markdown.Block{
		{Lang: "sh", Nth: 1, Section: "Part", Text: "first\n"},
		{Lang: "go", Nth: 1, Section: "Part", Text: "x := 1\n\n"},
		{Lang: "sh", Nth: 2, Section: "Part", Text: "second\nthird\n"},
	}
	if diff := cmp.Diff(wantBlocks, blocks); diff != "" {
		t.Errorf("blocks (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"second", "third"}, blocks[2].Lines()); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
	}
	var got [][]string
	for _, p := range paragraphs {
		got = append(got, p.Sentences())
	}
	want := [][]string{
		{"It runs `go vet ./...`.", "*Then it stops.*", "See v1.0 for (the rest.)", `"Why?"`, "Because!"},
		{"one. Two | three"},
		{"an item: its second line"},
		{"a step"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("sentences (-want +got):\n%s", diff)
	}
}

func TestFind(t *testing.T) {
	_, paragraphs := markdown.Parse(page)
	for _, tt := range []struct {
		fragment    string
		first, last int
		ok          bool
	}{
		{"It runs", 0, 0, true},
		{"it stops", 1, 1, true},
		{"it stops.* See", 1, 2, true},
		{"It runs … the rest", 0, 2, true},
		{"Because", 4, 4, true},
		{"the rest … It runs", 0, 0, false},
		{"nowhere", 0, 0, false},
	} {
		first, last, ok := paragraphs[0].Find(tt.fragment)
		if first != tt.first || last != tt.last || ok != tt.ok {
			t.Errorf("%q: %d, %d, %t, want %d, %d, %t", tt.fragment, first, last, ok, tt.first, tt.last, tt.ok)
		}
	}
}
