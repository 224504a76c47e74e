// Package astedit builds the text edits of suggested fixes: as small as can
// be, never over a comment, and complete without a formatter or an import
// clean-up behind them, since not every driver has those.
package astedit

import (
	"bytes"
	"cmp"
	"go/ast"
	"go/scanner"
	"go/token"
	"slices"

	"golang.org/x/tools/go/analysis"
)

// Source is a file with its text.
type Source struct {
	File *ast.File
	tok  *token.File
	text []byte
}

// NewSource reads the text of file, or returns nil where it cannot be read
// back as it was parsed.
func NewSource(pass *analysis.Pass, file *ast.File) *Source {
	tok := pass.Fset.File(file.FileStart)
	text, err := pass.ReadFile(tok.Name())
	if err != nil || len(text) != tok.Size() {
		return nil
	}
	return &Source{File: file, tok: tok, text: text}
}

// Text returns the source between pos and end.
func (s *Source) Text(pos, end token.Pos) string {
	return string(s.text[s.tok.Offset(pos):s.tok.Offset(end)])
}

// HasComment reports whether a comment lies between pos and end.
func (s *Source) HasComment(pos, end token.Pos) bool {
	return slices.ContainsFunc(s.File.Comments, func(g *ast.CommentGroup) bool {
		return g.Pos() < end && pos < g.End()
	})
}

// Insert returns an edit that inserts text at pos.
func Insert(pos token.Pos, text string) analysis.TextEdit {
	return analysis.TextEdit{Pos: pos, End: pos, NewText: []byte(text)}
}

// Replace returns an edit that puts text in the place of what lies between
// pos and end.
func Replace(pos, end token.Pos, text string) analysis.TextEdit {
	return analysis.TextEdit{Pos: pos, End: end, NewText: []byte(text)}
}

// Join sorts edits and makes one of those that touch: an insertion next to a
// deletion is applied in one order only.
func Join(edits []analysis.TextEdit) []analysis.TextEdit {
	slices.SortStableFunc(edits, func(a, b analysis.TextEdit) int {
		return cmp.Or(cmp.Compare(a.Pos, b.Pos), cmp.Compare(a.End, b.End))
	})
	var out []analysis.TextEdit
	for _, e := range edits {
		if last := len(out) - 1; last >= 0 && out[last].End == e.Pos {
			out[last].End = e.End
			out[last].NewText = slices.Concat(out[last].NewText, e.NewText)
			continue
		}
		out = append(out, e)
	}
	return out
}

// DeleteArgument returns the edits that delete argument i > 0 of call with
// the comma that goes with it. Comments around it stay; ok is false where one
// lies inside.
func (s *Source) DeleteArgument(call *ast.CallExpr, i int) (edits []analysis.TextEdit, ok bool) {
	arg, before := call.Args[i], call.Args[i-1]
	if s.HasComment(arg.Pos(), arg.End()) {
		return nil, false
	}
	if !s.HasComment(before.End(), arg.Pos()) {
		// f(a, b, c)
		//    ---
		return []analysis.TextEdit{Replace(before.End(), arg.End(), "")}, true
	}
	start := s.lineStart(arg.Pos())
	if comma := s.token(arg.End(), call.Rparen, token.COMMA); comma.IsValid() && !s.HasComment(arg.End(), comma) {
		end := comma + 1
		if !start.IsValid() {
			// f(a, /* why */ b, c)
			//                ---
			return []analysis.TextEdit{Replace(arg.Pos(), s.skipBlanks(end), "")}, true
		}
		// f(a, // why
		// 	b, // this one
		// --
		return []analysis.TextEdit{Replace(start, end, "")}, true
	}
	comma := s.token(before.End(), arg.Pos(), token.COMMA)
	if !comma.IsValid() {
		return nil, false
	}
	// f(a, /* why */ b)
	//    -           -
	return []analysis.TextEdit{Replace(comma, comma+1, ""), Replace(arg.Pos(), arg.End(), "")}, true
}

// DeleteImport returns the edits that delete spec, with its line, its own
// comments, and the declaration around it where nothing else is in there.
func (s *Source) DeleteImport(spec *ast.ImportSpec) []analysis.TextEdit {
	for _, decl := range s.File.Decls {
		decl, ok := decl.(*ast.GenDecl)
		if !ok || decl.Tok != token.IMPORT || !slices.Contains(decl.Specs, ast.Spec(spec)) {
			continue
		}
		var node ast.Node = spec
		doc, comment := spec.Doc, spec.Comment
		if len(decl.Specs) == 1 {
			node = decl
			if decl.Doc != nil {
				doc = decl.Doc
			}
			// Other comments in the parentheses would be cut off.
			if decl.Lparen.IsValid() && s.otherComments(decl, spec) {
				node = spec
				doc = spec.Doc
			}
		}
		pos, end := node.Pos(), node.End()
		if doc != nil {
			pos = doc.Pos()
		}
		if comment != nil && comment.End() > end {
			end = comment.End()
		}
		return []analysis.TextEdit{Replace(s.wholeLines(pos, end, node == decl))}
	}
	return nil
}

// otherComments reports whether decl contains comments that are not spec's.
func (s *Source) otherComments(decl *ast.GenDecl, spec *ast.ImportSpec) bool {
	return slices.ContainsFunc(s.File.Comments, func(g *ast.CommentGroup) bool {
		return decl.Lparen < g.Pos() && g.Pos() < decl.Rparen && g != spec.Doc && g != spec.Comment
	})
}

// wholeLines widens the range to the lines it fills, and by the blank line
// that would be left doubled or dangling.
func (s *Source) wholeLines(pos, end token.Pos, isDecl bool) (token.Pos, token.Pos, string) {
	from, to := s.tok.Offset(pos), s.tok.Offset(end)
	lineFrom := from
	for lineFrom > 0 && (s.text[lineFrom-1] == ' ' || s.text[lineFrom-1] == '\t') {
		lineFrom--
	}
	lineTo := to
	for lineTo < len(s.text) && bytes.IndexByte([]byte(" \t\r;"), s.text[lineTo]) >= 0 {
		lineTo++
	}
	if lineFrom > 0 && s.text[lineFrom-1] != '\n' || lineTo < len(s.text) && s.text[lineTo] != '\n' {
		return pos, end, "" // it shares its lines
	}
	if lineTo < len(s.text) {
		lineTo++
	}
	blankBefore := blankLineBefore(s.text, lineFrom)
	next, blankAfter := blankLineAfter(s.text, lineTo)
	closes := !isDecl && bytes.HasPrefix(bytes.TrimLeft(s.text[next:], " \t"), []byte(")"))
	opens := !isDecl && bytes.HasSuffix(bytes.TrimRight(s.text[:lineFrom], " \t\r\n"), []byte("("))
	switch {
	case blankAfter && (blankBefore < lineFrom || opens):
		lineTo = next
	case closes && blankBefore < lineFrom:
		lineFrom = blankBefore
	}
	return s.tok.Pos(lineFrom), s.tok.Pos(lineTo), ""
}

func blankLineBefore(text []byte, at int) int {
	if rest := bytes.TrimSuffix(bytes.TrimSuffix(text[:at], []byte("\n")), []byte("\r")); bytes.HasSuffix(rest, []byte("\n")) {
		return len(rest)
	}
	return at
}

func blankLineAfter(text []byte, at int) (next int, blank bool) {
	for i := at; i < len(text); i++ {
		switch text[i] {
		case ' ', '\t', '\r':
		case '\n':
			return i + 1, true
		default:
			return at, false
		}
	}
	return at, false
}

// lineStart returns the position of the line break before pos, if only blanks
// lie between.
func (s *Source) lineStart(pos token.Pos) token.Pos {
	for i := s.tok.Offset(pos) - 1; i >= 0; i-- {
		switch s.text[i] {
		case ' ', '\t':
		case '\n':
			if i > 0 && s.text[i-1] == '\r' {
				i--
			}
			return s.tok.Pos(i)
		default:
			return token.NoPos
		}
	}
	return token.NoPos
}

func (s *Source) skipBlanks(pos token.Pos) token.Pos {
	i := s.tok.Offset(pos)
	for i < len(s.text) && (s.text[i] == ' ' || s.text[i] == '\t') {
		i++
	}
	return s.tok.Pos(i)
}

// token returns the position of the first token between pos and end, if it
// is tok.
func (s *Source) token(pos, end token.Pos, tok token.Token) token.Pos {
	text := s.text[s.tok.Offset(pos):s.tok.Offset(end)]
	file := token.NewFileSet().AddFile("", -1, len(text))
	var sc scanner.Scanner
	sc.Init(file, text, nil, 0)
	if at, first, _ := sc.Scan(); first == tok {
		return pos + token.Pos(file.Offset(at))
	}
	return token.NoPos
}
