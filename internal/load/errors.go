package load

import (
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Error is one complaint of the go command or the compiler.
type Error struct {
	File      string // as the go command prints it, "" where there is no position
	Line, Col int
	Message   string
}

func (e Error) Error() string {
	if e.File == "" {
		return e.Message
	}
	s := e.File + ":"
	if e.Line > 0 {
		s += strconv.Itoa(e.Line) + ":"
	}
	if e.Col > 0 {
		s += strconv.Itoa(e.Col) + ":"
	}
	return s + " " + e.Message
}

var position = regexp.MustCompile(`^(.+?\.[A-Za-z]+):(\d+)(?::(\d+))?: (.*)$`)

// parseErrors splits what the go command says into messages with positions.
// The output of the compiler starts with a line "# package" and names files
// relative to the directory that the command ran in.
func (g *Graph) parseErrors(pos, text string) []Error {
	text = strings.TrimSpace(text)
	if pos != "" {
		e, ok := g.parseError(pos + ": ")
		if !ok {
			e.File = g.abs(pos)
		}
		e.Message = text
		return []Error{e}
	}
	var out []Error
	for line := range strings.SplitSeq(text, "\n") {
		if strings.HasPrefix(line, "# ") || strings.TrimSpace(line) == "" {
			continue
		}
		if e, ok := g.parseError(line); ok {
			out = append(out, e)
		} else if len(out) > 0 && strings.HasPrefix(line, "\t") {
			out[len(out)-1].Message += "\n" + line
		} else {
			out = append(out, Error{Message: line})
		}
	}
	if out == nil {
		out = []Error{{Message: text}}
	}
	return out
}

// parseError splits a line that begins with a position.
func (g *Graph) parseError(line string) (e Error, ok bool) {
	m := position.FindStringSubmatch(line)
	if m == nil {
		return Error{}, false
	}
	e = Error{File: g.abs(m[1]), Message: m[4]}
	e.Line, _ = strconv.Atoi(m[2])
	e.Col, _ = strconv.Atoi(m[3])
	return e, true
}

// cycle describes the import cycle that an error is about, "" if it is about
// something else. The stack ends with the package that closes the cycle.
func cycle(text string, stack []string) string {
	if !strings.HasPrefix(text, "import cycle") || len(stack) == 0 {
		return ""
	}
	first := slices.Index(stack, stack[len(stack)-1])
	return ": " + strings.Join(stack[first:], " imports ")
}

func (g *Graph) abs(file string) string {
	if filepath.IsAbs(file) {
		return file
	}
	if abs, err := filepath.Abs(filepath.Join(g.config.Dir, file)); err == nil {
		return abs
	}
	return file
}
