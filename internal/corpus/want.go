package corpus

import (
	"fmt"
	"go/build"
	"go/scanner"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	textscanner "text/scanner"
)

// expectations returns the want comments of the files that this platform
// builds, in the module at dir.
func expectations(dir string) (map[place][]*regexp.Regexp, error) {
	wants := make(map[place][]*regexp.Regexp)
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if _, err := os.Stat(filepath.Join(path, "go.mod")); err == nil && path != dir {
				return filepath.SkipDir
			}
			return nil
		}
		if filepath.Ext(path) != ".go" {
			return nil
		}
		if match, err := build.Default.MatchFile(filepath.Dir(path), d.Name()); err != nil || !match {
			return err
		}
		rel, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		return expectationsOf(path, filepath.ToSlash(rel), wants)
	})
	return wants, err
}

func expectationsOf(path, rel string, wants map[place][]*regexp.Regexp) error {
	src, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	file := token.NewFileSet().AddFile(path, -1, len(src))
	var s scanner.Scanner
	s.Init(file, src, nil, scanner.ScanComments)
	for {
		pos, tok, lit := s.Scan()
		if tok == token.EOF {
			return nil
		}
		if tok != token.COMMENT {
			continue
		}
		text := strings.TrimSuffix(strings.TrimLeft(lit, "/*"), "*/")
		if i := strings.Index(lit, "// want"); i >= 0 {
			text = lit[i+len("// "):]
		}
		text, ok := strings.CutPrefix(strings.TrimSpace(text), "want")
		if !ok {
			continue
		}
		delta, rxs, err := parse(text)
		if err != nil {
			return fmt.Errorf("%s:%d: %w", rel, file.Line(pos), err)
		}
		at := place{rel, file.Line(pos) + delta}
		wants[at] = append(wants[at], rxs...)
	}
}

// parse reads what follows "want": an optional line offset and regular
// expressions. Those with a name in front expect facts, which only
// analysistest can see.
func parse(text string) (delta int, rxs []*regexp.Regexp, err error) {
	var s textscanner.Scanner
	s.Init(strings.NewReader(text))
	s.Mode = textscanner.ScanIdents | textscanner.ScanStrings | textscanner.ScanRawStrings | textscanner.ScanInts
	s.Error = func(_ *textscanner.Scanner, msg string) { err = fmt.Errorf("in a want comment: %s", msg) }
	fact := false
	for tok := s.Scan(); tok != textscanner.EOF && err == nil; tok = s.Scan() {
		switch tok {
		case '+':
			s.Scan()
			if delta, err = strconv.Atoi(s.TokenText()); err != nil {
				return 0, nil, fmt.Errorf("in a want comment: line offset: %w", err)
			}
		case textscanner.Ident:
			fact = true
		case ':':
		case textscanner.String, textscanner.RawString:
			pattern, err := strconv.Unquote(s.TokenText())
			if err != nil {
				return 0, nil, fmt.Errorf("in a want comment: %w", err)
			}
			rx, err := regexp.Compile(pattern)
			if err != nil {
				return 0, nil, fmt.Errorf("in a want comment: %w", err)
			}
			if !fact {
				rxs = append(rxs, rx)
			}
			fact = false
		default:
			return delta, rxs, err
		}
	}
	return delta, rxs, err
}
