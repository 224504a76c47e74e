package llmhttp

import (
	"context"
	"hash/maphash"
	"net/http"
	"strconv"
	"sync"

	"go.opentelemetry.io/otel/trace"
)

// attempts numbers the requests by which a client repeats one that failed. Many
// clients say the number in a header. For the others the same bytes to the same
// address below the same span, after an attempt that failed, are the next one.
type attempts struct {
	mu     sync.Mutex
	failed map[attemptKey]int // the number of the last attempt
}

// maxFailed bounds how many failed calls are remembered. Beyond it a repetition
// may count as a first attempt.
const maxFailed = 1024

type attemptKey struct {
	parent  trace.SpanID
	request uint64
}

var attemptSeed = maphash.MakeSeed()

// retryHeader is how the clients that Stainless generates count repetitions,
// from 0. OpenAI's and Anthropic's are among them.
const retryHeader = "X-Stainless-Retry-Count"

func (a *attempts) begin(ctx context.Context, req *http.Request, sent []byte) (attempt int, _ attemptKey) {
	if n, err := strconv.Atoi(req.Header.Get(retryHeader)); err == nil && n >= 0 && n < 1000 {
		return n + 1, attemptKey{}
	}
	parent := trace.SpanContextFromContext(ctx).SpanID()
	if !parent.IsValid() {
		return 1, attemptKey{}
	}
	var h maphash.Hash
	h.SetSeed(attemptSeed)
	_, _ = h.WriteString(req.URL.Host + req.URL.Path + "\x00")
	_, _ = h.Write(sent)
	key := attemptKey{parent, h.Sum64()}
	a.mu.Lock()
	defer a.mu.Unlock()
	attempt = a.failed[key] + 1
	delete(a.failed, key)
	return attempt, key
}

// end remembers an attempt that a client may repeat.
func (a *attempts) end(key attemptKey, attempt int, failed bool) {
	if !failed || key == (attemptKey{}) {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.failed == nil || len(a.failed) >= maxFailed {
		a.failed = make(map[attemptKey]int)
	}
	a.failed[key] = attempt
}
