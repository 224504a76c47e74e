package honeyhivetest

import (
	"context"
	"io"
	"net/http"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Fault is something that goes wrong with requests.
type Fault struct {
	// Path is the beginning of the paths that fail: "/v1/sessions", or
	// "/opentelemetry" for spans. Empty means all.
	Path string
	// Times is how often it fails; 0 means until [Backend.Heal].
	Times int

	// Delay is added before anything else happens.
	Delay time.Duration
	// Hang never answers.
	Hang bool
	// Reset closes the connection without an answer.
	Reset bool
	// Status is answered instead of what was asked for, with Body and, unless
	// it is empty, Header.
	Status int
	Body   string
	Header http.Header
	// RetryAfter is sent with Status, in whole seconds.
	RetryAfter time.Duration
	// SlowBody answers, and then never ends the body.
	SlowBody bool
}

// Inject makes requests fail. Of several faults for a request the first one
// that is not used up takes effect.
func (b *Backend) Inject(faults ...Fault) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, f := range faults {
		if f.Times == 0 {
			f.Times = -1
		}
		b.faults = append(b.faults, &f)
	}
}

// Heal ends all faults. Requests that hang are reset.
func (b *Backend) Heal() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.faults = nil
	close(b.healed)
	b.healed = make(chan struct{})
}

// fault returns what is wrong with a request, and uses it up. The channel is
// closed when it heals.
func (b *Backend) fault(path string) (*Fault, <-chan struct{}) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, f := range b.faults {
		if f.Times != 0 && strings.HasPrefix(path, f.Path) {
			f.Times--
			return f, b.healed
		}
	}
	return nil, nil
}

// before does what a fault does ahead of an answer.
func (f *Fault) before(ctx context.Context, healed <-chan struct{}) error {
	delay := f.Delay
	if f.Hang {
		delay = time.Hour
	}
	if delay > 0 {
		timer := time.NewTimer(delay)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-ctx.Done():
			return ctx.Err()
		case <-healed:
			return syscall.ECONNRESET
		}
	}
	if f.Reset {
		return syscall.ECONNRESET
	}
	return nil
}

func (f *Fault) answer(w http.ResponseWriter) {
	for key, values := range f.Header {
		w.Header()[key] = values
	}
	if f.RetryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(f.RetryAfter/time.Second)))
	}
	w.WriteHeader(f.Status)
	_, _ = io.WriteString(w, f.Body) // into a recorder
}

// slowBody is a body of which nothing arrives.
type slowBody struct {
	ctx    context.Context
	healed <-chan struct{}
}

func (b slowBody) Read([]byte) (int, error) {
	select {
	case <-b.ctx.Done():
		return 0, b.ctx.Err()
	case <-b.healed:
		return 0, syscall.ECONNRESET
	}
}

func (slowBody) Close() error { return nil }
