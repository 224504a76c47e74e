package report

import (
	"bytes"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/honeyhiveai/hhvet/internal/finding"
)

// GitHub prints findings as workflow commands, which GitHub Actions shows as
// annotations of the changed files. File names are relative to dir, which
// should be the root of the repository.
func GitHub(w io.Writer, dir string, findings []*finding.Finding) error {
	var buf bytes.Buffer
	for _, f := range findings {
		properties := fmt.Sprintf("file=%s,line=%d", githubProperty(filepath.ToSlash(Relative(dir, f.Pos.Filename))), f.Pos.Line)
		if f.End.Line > 0 {
			properties += fmt.Sprintf(",endLine=%d", f.End.Line)
		}
		properties += fmt.Sprintf(",col=%d", f.Pos.Column)
		if f.End.Line == f.Pos.Line && f.End.Column > 0 {
			properties += fmt.Sprintf(",endColumn=%d", f.End.Column)
		}
		message := f.Message
		for _, r := range f.Related {
			message += "\n" + Place(dir, r.Pos) + ": " + r.Message
		}
		fmt.Fprintf(&buf, "::error %s,title=%s::%s\n", properties, githubProperty(f.Rule()), githubData(message))
	}
	_, err := w.Write(buf.Bytes())
	return err
}

var (
	githubDataEscapes     = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	githubPropertyEscapes = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)

func githubData(s string) string     { return githubDataEscapes.Replace(s) }
func githubProperty(s string) string { return githubPropertyEscapes.Replace(s) }
