package llmhttp

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"io"
	"strings"
	"sync"
)

// watchedBody keeps the beginning of a request's body as it is sent. A transport
// may still be reading it when it has an answer.
type watchedBody struct {
	io.ReadCloser
	mu   sync.Mutex
	seen []byte
}

func (b *watchedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if n > 0 {
		b.mu.Lock()
		b.seen = appendBounded(b.seen, p[:n], MaxRecorded+1)
		b.mu.Unlock()
	}
	return n, err
}

func (b *watchedBody) bytes() []byte {
	b.mu.Lock()
	defer b.mu.Unlock()
	return bytes.Clone(b.seen)
}

// appendBounded appends what of p fits below limit.
func appendBounded(to, p []byte, limit int) []byte {
	return append(to, p[:min(len(p), limit-len(to))]...)
}

// decoded returns the text of a body that a client or server has compressed, as
// far as it goes, or nothing for an encoding that is not known here.
func decoded(encoding string, body []byte) []byte {
	var r io.Reader
	var err error
	switch strings.ToLower(strings.TrimSpace(encoding)) {
	case "", "identity":
		return body
	case "gzip", "x-gzip":
		r, err = gzip.NewReader(bytes.NewReader(body))
	case "deflate":
		r, err = zlib.NewReader(bytes.NewReader(body))
	default:
		return nil
	}
	if err != nil {
		return nil
	}
	text, _ := io.ReadAll(io.LimitReader(r, MaxRecorded)) // of a broken one, its beginning
	return text
}
