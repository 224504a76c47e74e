package honeyhive

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"
)

// A lineFile is a file to which several goroutines and processes append lines.
type lineFile struct {
	io.Writer
	io.Closer

	mu   sync.Mutex
	torn bool // the last line may lack its end
	buf  []byte
}

func openLines(path string) (*lineFile, error) {
	// Opening a pipe would wait for its reader.
	if info, err := os.Stat(path); err == nil && info.Mode()&(os.ModeNamedPipe|os.ModeSocket|os.ModeIrregular) != 0 {
		return nil, fmt.Errorf("open %s: it is a pipe or a socket, not a file", path)
	}
	// What is recorded is nobody else's to read.
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	return &lineFile{Writer: file, Closer: file, torn: isTorn(path)}, nil
}

// tornFor is how long a line without an end must stay as it is to be torn, and
// not one that somebody is writing: under load a write can stop half way.
const tornFor = 200 * time.Millisecond

// isTorn reports whether a file ends within a line, as one does that belonged
// to a process which was killed.
func isTorn(path string) bool {
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() || info.Size() == 0 {
		return false
	}
	file, err := os.Open(path)
	if err != nil {
		return false // it need not be readable
	}
	defer file.Close()
	var last [1]byte
	if _, err = file.ReadAt(last[:], info.Size()-1); err != nil || last[0] == '\n' {
		return false
	}
	for since := time.Now(); time.Since(since) < tornFor; time.Sleep(tornFor / 40) {
		if now, err := file.Stat(); err != nil || now.Size() != info.Size() {
			return false
		}
	}
	return true
}

// append writes a line with one call, which the system keeps in one piece. What
// a full disk left of an earlier line does not become part of it.
func (l *lineFile) append(line []byte) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.buf = l.buf[:0]
	if l.torn {
		l.buf = append(l.buf, '\n')
	}
	l.buf = append(append(l.buf, line...), '\n')
	n, err := l.Write(l.buf)
	if err == nil {
		l.torn = false
	} else if n > 0 {
		l.torn = true
	}
	return err
}

// errLongLine is that of a line beyond the limit. The line has been passed over.
var errLongLine = errors.New("the line is too long")

// lineReader reads the lines of a file that people may have edited: with a byte
// order mark, and any line ends.
type lineReader struct {
	in     *bufio.Reader
	limit  int // bytes of a line
	number int // of the line that was read last
}

func newLineReader(r io.Reader, limit int) *lineReader {
	return &lineReader{in: bufio.NewReaderSize(r, 64<<10), limit: limit}
}

// next returns a line without the space around it; it is valid until the next
// call. At the end the error is io.EOF, which may come with the last line.
func (l *lineReader) next() (line []byte, err error) {
	l.number++
	long := false
	for {
		part, err := l.in.ReadSlice('\n')
		if long = long || len(line)+len(part) > l.limit; long {
			line = nil
		} else if line == nil && err == nil {
			line = part // the whole line, which needs no copy
		} else {
			line = append(line, part...)
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		if l.number == 1 {
			line = bytes.TrimPrefix(line, []byte("\xef\xbb\xbf"))
		}
		if long && (err == nil || errors.Is(err, io.EOF)) {
			return nil, errors.Join(errLongLine, err)
		}
		return bytes.TrimSpace(line), err
	}
}
