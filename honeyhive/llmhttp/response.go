package llmhttp

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"sync"
	"time"
)

// answered watches the body of an answer. The span ends with the body.
func (c *call) answered(res *http.Response, err error) (*http.Response, error) {
	if err != nil {
		c.end(&answer{err: fmt.Errorf("no answer: %w", err)})
		return res, err
	}
	r := &recorder{call: c, body: res.Body, status: res.StatusCode, encoding: res.Header.Get("Content-Encoding")}
	r.answer.requestID = firstHeader(res.Header, "X-Request-Id", "Request-Id", "X-Goog-Request-Id")
	media, _, _ := mime.ParseMediaType(res.Header.Get("Content-Type"))
	if media == "text/event-stream" && res.StatusCode < 300 {
		r.answer.stream = true
		if r.encoding == "" || r.encoding == "identity" {
			r.events = &eventScanner{}
		}
	}
	if res.Body == nil || res.Body == http.NoBody {
		r.finish(io.EOF)
		return res, nil
	}
	res.Body = r
	return res, nil
}

func firstHeader(h http.Header, names ...string) string {
	for _, name := range names {
		if v := h.Get(name); v != "" {
			return v
		}
	}
	return ""
}

// recorder passes an answer on, and reads it for the span on the way.
type recorder struct {
	call     *call
	body     io.ReadCloser
	status   int
	encoding string

	// A reader and a Close may come from different goroutines.
	mu     sync.Mutex
	ended  bool
	seen   []byte        // of an answer that is no stream of plain events
	cut    bool          // there was more
	events *eventScanner // of one that is, or nil
	answer answer
}

func (r *recorder) Read(p []byte) (int, error) {
	n, err := r.body.Read(p)
	if n > 0 || err != nil {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.feed(p[:max(n, 0)])
		if err != nil {
			r.finish(err)
		}
	}
	return n, err
}

func (r *recorder) Close() error {
	r.mu.Lock()
	r.finish(nil)
	r.mu.Unlock()
	return r.body.Close()
}

func (r *recorder) feed(p []byte) {
	if r.ended || len(p) == 0 {
		return
	}
	if r.events != nil {
		r.events.feed(p, r.event)
		return
	}
	before := len(r.seen)
	r.seen = appendBounded(r.seen, p, MaxRecorded)
	r.cut = r.cut || len(r.seen)-before < len(p)
}

// event takes the data of one event of a stream.
func (r *recorder) event(data []byte) {
	if string(data) == "[DONE]" {
		r.answer.complete = true
		return
	}
	if bytes.Contains(data, errorName) {
		if fields, _ := fieldsOf(data); fields != nil {
			if message := errorMessage(fields); message != "" {
				r.answer.err = providerError(message)
				return
			}
		}
	}
	r.call.api.event(&r.answer, data)
	if r.answer.firstToken == 0 && r.answer.spoken() {
		r.answer.firstToken = time.Since(r.call.started)
	}
}

// errorName is in every event that reports an error.
var errorName = []byte(`error"`)

// finish ends the span. Cause is what ended the body: io.EOF, an error, or nil
// where the reader has closed it.
func (r *recorder) finish(cause error) {
	if r.ended {
		return
	}
	r.ended = true
	a := &r.answer
	a.status = r.status
	if r.events != nil {
		r.events.end(r.event)
		a.truncated = a.truncated || r.events.cut
	} else {
		a.truncated = a.truncated || r.cut
		r.whole(decoded(r.encoding, r.seen))
	}
	switch {
	case a.err != nil:
	case r.status >= 400:
		a.err = errors.New(http.StatusText(r.status))
	case cause != nil && !errors.Is(cause, io.EOF):
		a.err = fmt.Errorf("the answer was cut off: %w", cause)
	case a.stream && !a.complete && cause != nil && !a.truncated && (r.events != nil || len(r.seen) == 0):
		a.err = errors.New("the stream ended before it was complete")
	case !a.complete && cause == nil:
		a.closedEarly = true
	}
	r.call.end(a)
}

// whole reads an answer that has been kept.
func (r *recorder) whole(text []byte) {
	if r.answer.stream { // of compressed events
		var s eventScanner
		s.feed(text, r.event)
		s.end(r.event)
		return
	}
	var list []json.RawMessage
	if json.Unmarshal(text, &list) == nil && len(list) > 0 { // Google's stream without events
		for _, element := range list {
			r.event(element)
		}
		r.answer.complete = true
		return
	}
	fields, ok := fieldsOf(text)
	if message := errorMessage(fields); message != "" {
		r.answer.err = providerError(fmt.Sprintf("%d %s: %s", r.status, http.StatusText(r.status), message))
		r.answer.complete = true
		return
	}
	if len(fields) > 0 && r.status < 400 {
		r.call.api.response(&r.answer, fields)
	}
	r.answer.complete = ok
}
