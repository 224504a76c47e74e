package report_test

import (
	"bytes"
	"go/token"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif"
	"golang.org/x/tools/go/analysis"

	"github.com/honeyhiveai/hhvet/internal/finding"
	"github.com/honeyhiveai/hhvet/internal/report"
	"github.com/honeyhiveai/hhvet/internal/toy"
)

const source = `package a

func A() {
	print("𝄞", one) // ä
}
`

func TestSarif(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "a b.go")
	at := func(column int) token.Position {
		return token.Position{Filename: name, Line: 4, Column: column, Offset: 22 + column}
	}
	one := bytes.Index([]byte(source), []byte("one"))
	findings := []*finding.Finding{
		{
			Analyzer: "toy", Category: "fix", Message: "replace one", Pos: at(16), End: at(19),
			Fixes: []finding.Fix{{
				Message: "by two",
				Edits:   []finding.Edit{{File: name, Start: one, End: one + 3, New: "two"}},
			}},
			Related: []finding.Related{{Pos: at(2), End: at(7), Message: "printed here"}},
		},
		{Analyzer: "other", Message: "first", Pos: at(2), End: at(7)},
		{Analyzer: "other", Message: "second", Pos: at(2)},
		{Analyzer: "other", Message: "elsewhere", Pos: token.Position{Filename: filepath.Join(filepath.Dir(dir), "x.go"), Line: 1, Column: 1}},
	}
	s := &report.Sarif{
		Dir:       dir,
		Version:   "v1",
		Analyzers: []*analysis.Analyzer{toy.Analyzer},
		Source: func(file string) ([]byte, error) {
			if file != name {
				return nil, os.ErrNotExist
			}
			return []byte(source), nil
		},
		Failures: []string{"b.go:1:1: does not parse"},
	}
	var out bytes.Buffer
	if err := s.Write(&out, findings); err != nil {
		t.Fatal(err)
	}
	log, err := sarif.FromString(out.String())
	if err != nil {
		t.Fatal(err)
	}
	if err := log.Validate(); err != nil {
		t.Fatal(err)
	}

	run := log.Runs[0]
	type rule struct{ ID, Help, URI string }
	var rules []rule
	for _, r := range run.Tool.Driver.Rules {
		var got rule
		got.ID = *r.ID
		if r.Help != nil {
			got.Help = *r.Help.Text
		}
		if r.HelpURI != nil {
			got.URI = *r.HelpURI
		}
		rules = append(rules, got)
	}
	if diff := cmp.Diff([]rule{
		{"toy", "do what comments say\n\nThe toy analyzer is for tests of drivers.\n\n# fix\n\nReplace it.\n", "https://example.com/toy"},
		{"toy/fix", "Replace it.\n", "https://example.com/toy#fix"},
		{"other", "", ""},
	}, rules); diff != "" {
		t.Errorf("rules (-want +got):\n%s", diff)
	}

	type result struct {
		Rule, URI                        string
		Index                            int
		Line, Column, EndLine, EndColumn int
	}
	number := func(p *int) int {
		if p == nil {
			return 0
		}
		return *p
	}
	var results []result
	fingerprints := make(map[string]int)
	for _, r := range run.Results {
		place := r.Locations[0].PhysicalLocation
		region := place.Region
		results = append(results, result{
			*r.RuleID, *place.ArtifactLocation.URI, r.RuleIndex,
			number(region.StartLine), number(region.StartColumn), number(region.EndLine), number(region.EndColumn),
		})
		fingerprints[r.PartialFingerprints["primaryLocationLineHash"]]++
	}
	// The clef is four bytes in Go, and two UTF-16 units here.
	if diff := cmp.Diff([]result{
		{"toy/fix", "a%20b.go", 1, 4, 14, 4, 17},
		{"other", "a%20b.go", 2, 4, 2, 4, 7},
		{"other", "a%20b.go", 2, 4, 2, 0, 0},
		{"other", "file://" + filepath.Join(filepath.Dir(dir), "x.go"), 2, 1, 1, 0, 0},
	}, results); diff != "" {
		t.Errorf("results (-want +got):\n%s", diff)
	}
	if len(fingerprints) != len(findings) {
		t.Errorf("fingerprints do not tell findings apart: %v", fingerprints)
	}

	change := run.Results[0].Fixes[0].ArtifactChanges[0]
	deleted := change.Replacements[0].DeletedRegion
	if got := []int{*deleted.StartLine, *deleted.StartColumn, *deleted.EndLine, *deleted.EndColumn}; !cmp.Equal(got, []int{4, 14, 4, 17}) {
		t.Errorf("the fix replaces %v", got)
	}
	if got := *run.Results[0].RelatedLocations[0].Message.Text; got != "printed here" {
		t.Errorf("related location says %q", got)
	}
	if *run.Invocations[0].ExecutionSuccessful {
		t.Error("the run counts as successful in spite of a package that failed")
	}
}

// A log without findings is a log all the same.
func TestSarifEmpty(t *testing.T) {
	s := &report.Sarif{Dir: t.TempDir(), Version: "v1", Source: os.ReadFile}
	var out bytes.Buffer
	if err := s.Write(&out, nil); err != nil {
		t.Fatal(err)
	}
	log, err := sarif.FromString(out.String(), sarif.WithStrictValidation())
	if err != nil {
		t.Fatal(err)
	}
	if err := log.Validate(); err != nil {
		t.Fatal(err)
	}
	if log.Runs[0].Results == nil {
		t.Error("results are null; GitHub wants an empty list")
	}
}
