package report

import (
	"bytes"
	"fmt"
	"go/doc/comment"
	"go/token"
	"io"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif"
	"golang.org/x/tools/go/analysis"

	"github.com/honeyhiveai/hhvet/internal/checkdoc"
	"github.com/honeyhiveai/hhvet/internal/finding"
)

// Sarif prints findings as a SARIF 2.1.0 log with one run.
type Sarif struct {
	Dir       string // file names are relative to it
	Version   string // of the tool
	Analyzers []*analysis.Analyzer
	Source    func(name string) ([]byte, error)
	Failures  []string // what could not be analysed
}

const (
	informationURI = "https://github.com/honeyhiveai/hhvet"
	sourceRoot     = "%SRCROOT%"
)

// Write prints the findings in their order.
func (s *Sarif) Write(w io.Writer, findings []*finding.Finding) error {
	run := sarif.NewRunWithInformationURI("hhvet", informationURI)
	run.Tool.Driver.WithVersion(s.Version)
	run.WithColumnKind("utf16CodeUnits")
	run.OriginalUriBaseIds = map[string]sarif.ArtifactLocation{
		sourceRoot: *sarif.NewArtifactLocation().WithURI(fileURI(s.Dir) + "/"),
	}
	for _, a := range s.Analyzers {
		addRules(run, a)
	}
	invocation := sarif.NewInvocation().WithExecutionSuccessful(len(s.Failures) == 0)
	for _, text := range s.Failures {
		invocation.AddToolExecutionNotification(sarif.NewNotification().
			WithLevel("error").WithMessage(sarif.NewTextMessage(text)))
	}
	run.AddInvocation(invocation)

	seen := make(map[finding.Mark]int)
	for _, f := range findings {
		mark := f.Mark(s.Dir, s.Source)
		seen[mark]++
		result := run.CreateResultForRule(f.Rule()).
			WithLevel(level).
			WithMessage(sarif.NewTextMessage(f.Message)).
			WithLocations([]*sarif.Location{s.location(f.Pos, f.End)}).
			WithPartialFingerprints(map[string]string{"primaryLocationLineHash": mark.Fingerprint(seen[mark])})
		for i, r := range f.Related {
			result.AddRelatedLocation(s.location(r.Pos, r.End).WithID(i).WithMessage(sarif.NewTextMessage(r.Message)))
		}
		for _, fix := range f.Fixes {
			result.AddFixe(s.fix(fix))
		}
	}
	// Rules that are not documented come into being with their first result.
	for _, r := range run.Results {
		if r.RuleIndex < 0 {
			run.AddRule(*r.RuleID)
			r.RuleIndex = run.GetRuleIndex(*r.RuleID)
		}
	}

	report := sarif.NewReport()
	report.AddRun(run)
	var buf bytes.Buffer
	if err := report.PrettyWrite(&buf); err != nil {
		return fmt.Errorf("write SARIF: %w", err)
	}
	buf.WriteByte('\n')
	_, err := w.Write(buf.Bytes())
	return err
}

// A finding fails the run, and so the check that shows it.
const level = "error"

// addRules describes an analyzer and each of its categories.
func addRules(run *sarif.Run, a *analysis.Analyzer) {
	add := func(id, link string, doc *comment.Doc) {
		help := sarif.NewMultiformatMessageString().
			WithText(string(new(comment.Printer).Text(doc))).
			WithMarkdown(checkdoc.Markdown(doc))
		rule := run.AddRule(id).
			WithName(id).
			WithShortDescription(sarif.NewMultiformatMessageString().WithText(checkdoc.Summary(a.Doc))).
			WithHelp(help).
			WithDefaultConfiguration(sarif.NewReportingConfiguration().WithLevel(level))
		if link != "" {
			rule.WithHelpURI(link)
		}
	}
	doc, sections := parseDoc(a)
	add(a.Name, a.URL, doc)
	for _, section := range sections {
		link := ""
		if a.URL != "" {
			link = a.URL + "#" + section.category
		}
		add(a.Name+"/"+section.category, link, section.doc)
	}
}

func (s *Sarif) location(pos, end token.Position) *sarif.Location {
	region := sarif.NewRegion().WithStartLine(pos.Line).WithStartColumn(s.column(pos))
	if end.Line >= pos.Line && end.Filename == pos.Filename {
		region.WithEndLine(end.Line).WithEndColumn(s.column(end))
	}
	return sarif.NewLocation().WithPhysicalLocation(sarif.NewPhysicalLocation().
		WithArtifactLocation(s.artifact(pos.Filename)).
		WithRegion(region))
}

// column converts a column in bytes to one in UTF-16 code units.
func (s *Sarif) column(pos token.Position) int {
	src, err := s.Source(pos.Filename)
	if err != nil {
		return max(1, pos.Column)
	}
	line, ok := finding.Line(src, pos.Line)
	if !ok || pos.Column < 1 || pos.Column > len(line)+1 {
		return max(1, pos.Column)
	}
	return utf16Length(line[:pos.Column-1]) + 1
}

func utf16Length(text []byte) int {
	n := 0
	for len(text) > 0 {
		r, size := utf8.DecodeRune(text)
		n += utf16.RuneLen(r)
		text = text[size:]
	}
	return n
}

func (s *Sarif) artifact(name string) *sarif.ArtifactLocation {
	if rel, err := filepath.Rel(s.Dir, name); err == nil && filepath.IsLocal(rel) {
		u := url.URL{Path: filepath.ToSlash(rel)}
		return sarif.NewArtifactLocation().WithURI(u.String()).WithURIBaseID(sourceRoot)
	}
	return sarif.NewArtifactLocation().WithURI(fileURI(name))
}

func fileURI(name string) string {
	path := filepath.ToSlash(name)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path // a drive letter
	}
	u := url.URL{Scheme: "file", Path: path}
	return u.String()
}

func (s *Sarif) fix(fix finding.Fix) *sarif.Fix {
	out := sarif.NewFix().WithDescription(sarif.NewTextMessage(fix.Message))
	for edits := fix.Edits; len(edits) > 0; {
		file := edits[0].File
		n := slices.IndexFunc(edits, func(e finding.Edit) bool { return e.File != file })
		if n < 0 {
			n = len(edits)
		}
		change := sarif.NewArtifactChange().WithArtifactLocation(s.artifact(file))
		for _, e := range edits[:n] {
			change.AddReplacement(sarif.NewReplacement().
				WithDeletedRegion(s.deleted(e)).
				WithInsertedContent(sarif.NewArtifactContent().WithText(e.New)))
		}
		out.AddArtifactChange(change)
		edits = edits[n:]
	}
	return out
}

func (s *Sarif) deleted(e finding.Edit) *sarif.Region {
	src, err := s.Source(e.File)
	if err != nil || e.End > len(src) {
		return sarif.NewRegion().WithByteOffset(e.Start).WithByteLength(e.End - e.Start)
	}
	place := func(offset int) (line, column int) {
		before := src[:offset]
		start := bytes.LastIndexByte(before, '\n') + 1
		return bytes.Count(before, []byte("\n")) + 1, utf16Length(before[start:]) + 1
	}
	region := sarif.NewRegion()
	line, column := place(e.Start)
	region.WithStartLine(line).WithStartColumn(column)
	line, column = place(e.End)
	return region.WithEndLine(line).WithEndColumn(column)
}
