package llmhttp

import "bytes"

// eventScanner takes apart a stream of server-sent events as it comes. It keeps
// the event that is not complete yet, and no more of it than MaxRecorded bytes.
//
// https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream
type eventScanner struct {
	line    []byte // not complete yet
	data    []byte // of the event that is not complete yet
	hasData bool
	afterCR bool // a line feed that follows belongs to the line before
	cut     bool // something was too long
	begun   bool
}

// feed takes the next bytes and calls event for each event that they complete.
// The data is valid during the call.
func (s *eventScanner) feed(p []byte, event func(data []byte)) {
	for len(p) > 0 {
		if s.afterCR && p[0] == '\n' {
			p = p[1:]
		}
		s.afterCR = false
		i := bytes.IndexAny(p, "\r\n")
		if i < 0 {
			s.keep(p)
			return
		}
		if len(s.line) == 0 && !s.cut && i <= MaxRecorded {
			s.endLine(p[:i], event)
		} else {
			s.keep(p[:i])
			s.endLine(s.line, event)
			s.line = s.line[:0]
		}
		s.afterCR = p[i] == '\r'
		p = p[i+1:]
	}
}

func (s *eventScanner) keep(p []byte) {
	before := len(s.line)
	s.line = appendBounded(s.line, p, MaxRecorded)
	s.cut = s.cut || len(s.line)-before < len(p)
}

// end takes an event that no empty line follows.
func (s *eventScanner) end(event func(data []byte)) {
	if len(s.line) > 0 {
		s.endLine(s.line, event)
		s.line = nil
	}
	s.dispatch(event)
}

func (s *eventScanner) endLine(line []byte, event func(data []byte)) {
	if !s.begun {
		line = bytes.TrimPrefix(line, []byte("\ufeff"))
		s.begun = true
	}
	if len(line) == 0 {
		s.dispatch(event)
		return
	}
	field, value, _ := bytes.Cut(line, []byte(":"))
	if string(field) != "data" {
		return
	}
	value = bytes.TrimPrefix(value, []byte(" "))
	if s.hasData {
		s.data = appendBounded(s.data, []byte("\n"), MaxRecorded)
	}
	before := len(s.data)
	s.data = appendBounded(s.data, value, MaxRecorded)
	s.cut = s.cut || len(s.data)-before < len(value)
	s.hasData = true
}

func (s *eventScanner) dispatch(event func(data []byte)) {
	if s.hasData && len(s.data) > 0 {
		event(s.data)
	}
	s.data, s.hasData = s.data[:0], false
}
