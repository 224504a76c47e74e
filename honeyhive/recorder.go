package honeyhive

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/honeyhiveai/hhvet/honeyhive/internal/backend"
)

// recorder tells HoneyHive about cases, in the background and in any order
// but a session's creation first. It keeps trying while HoneyHive is merely
// unavailable. Of a case it holds its number only.
type recorder struct {
	recorderConfig
	life context.Context
	end  context.CancelFunc

	mu      sync.Mutex
	wake    *sync.Cond
	queue   []int // cases with something to send, each once
	active  map[int]*sending
	opened  bool
	closing bool
	sent    int // requests that succeeded
	lost    int
	cause   error
	workers sync.WaitGroup
}

type recorderConfig struct {
	timeout       time.Duration // of await
	open          func(ctx context.Context) error
	start, finish func(ctx context.Context, seq int) error
}

// sending is what is left to send of a case.
type sending struct {
	started  bool // the session exists
	finished bool // the result is there
	busy     bool // a worker has it
	lost     bool
	known    chan struct{} // closed when started, for those who wait for it
}

const recorderWorkers = 16

func newRecorder(ctx context.Context, cfg recorderConfig) *recorder {
	r := &recorder{recorderConfig: cfg, active: make(map[int]*sending)}
	r.wake = sync.NewCond(&r.mu)
	r.life, r.end = context.WithCancel(ctx)
	r.workers.Go(func() {
		if r.retry(func() error { return r.open(r.life) }) != nil {
			return
		}
		r.mu.Lock()
		r.opened = true
		r.mu.Unlock()
		for range recorderWorkers {
			r.workers.Go(r.work)
		}
	})
	return r
}

func (r *recorder) begin(seq int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closing {
		return
	}
	r.active[seq] = &sending{}
	r.enqueue(seq)
}

func (r *recorder) finish(seq int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := r.active[seq]
	if s == nil {
		return
	}
	s.finished = true
	if s.started && !s.busy {
		r.enqueue(seq)
	}
}

// awaiting returns a function that waits until a case's session exists, and
// makes it the next to be created.
func (r *recorder) awaiting(seq int) func(context.Context) error {
	return func(ctx context.Context) error {
		r.mu.Lock()
		s := r.active[seq]
		if s == nil || s.started {
			r.mu.Unlock()
			return nil
		}
		if s.known == nil {
			s.known = make(chan struct{})
		}
		if i := slices.Index(r.queue, seq); i > 0 {
			copy(r.queue[1:i+1], r.queue[:i])
			r.queue[0] = seq
		}
		r.mu.Unlock()
		ctx, cancel := context.WithTimeout(ctx, r.timeout)
		defer cancel()
		select {
		case <-s.known:
			return nil
		case <-ctx.Done():
			return cmp.Or(r.reason(), context.Cause(ctx))
		}
	}
}

// reason is why something could not be sent, if anything was.
func (r *recorder) reason() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.cause
}

func (r *recorder) enqueue(seq int) {
	r.queue = append(r.queue, seq)
	r.wake.Signal()
}

func (r *recorder) work() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for {
		for len(r.queue) == 0 && !r.closing {
			r.wake.Wait()
		}
		if len(r.queue) == 0 || r.life.Err() != nil {
			return
		}
		seq := r.queue[0]
		if r.queue = r.queue[1:]; len(r.queue) == 0 {
			r.queue = nil
		}
		s := r.active[seq]
		s.busy = true
		r.send(seq, s)
		s.busy = false
	}
}

// send does what there is to do for a case. It is called with mu held, and
// gives it up while it waits.
func (r *recorder) send(seq int, s *sending) {
	if !s.started {
		if !r.unlocked(func() error { return r.start(r.life, seq) }) {
			s.lost = true
		}
		s.started = true
		if s.known != nil {
			close(s.known)
		}
	}
	if !s.finished {
		return
	}
	if !s.lost && !r.unlocked(func() error { return r.recorderConfig.finish(r.life, seq) }) {
		s.lost = true
	}
	if s.lost {
		r.lost++
	}
	delete(r.active, seq)
}

func (r *recorder) unlocked(f func() error) bool {
	r.mu.Unlock()
	err := r.retry(f)
	r.mu.Lock()
	if err == nil {
		r.sent++
	}
	return err == nil
}

// recorderFaults is how often a case may make the server fail, on top of the
// client's own attempts. It must not keep a worker from the other cases.
const recorderFaults = 3

// retry calls f until it succeeds, is refused, or the recorder ends.
func (r *recorder) retry(f func() error) error {
	faults := 0
	for wait := firstPause; ; wait = min(2*wait, maxPause) {
		err := f()
		if err == nil {
			return nil
		}
		r.mu.Lock()
		r.cause = err
		r.mu.Unlock()
		if !backend.IsTemporary(err) {
			return err
		}
		pause := wait
		if temporary, ok := errors.AsType[*backend.TemporaryError](err); ok {
			if temporary.ServerFault {
				if faults++; faults == recorderFaults {
					return err
				}
			}
			pause = max(wait, temporary.RetryAfter)
		}
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
		case <-r.life.Done():
			timer.Stop()
			return err
		}
	}
}

var errTookNothing = errors.New("it took nothing while Evaluate waited (field Drain)")

// drain waits until everything has been sent, ctx is done, or HoneyHive takes
// nothing for as long as patience lasts.
func (r *recorder) drain(ctx context.Context, patience time.Duration) error {
	r.mu.Lock()
	// Cases that were begun and not finished have nothing more to come.
	r.closing = true
	sent := r.sent
	r.mu.Unlock()
	r.wake.Broadcast()
	done := make(chan struct{})
	go func() {
		r.workers.Wait()
		close(done)
	}()
	timer := time.NewTimer(patience)
	defer timer.Stop()
	for waiting := true; waiting; {
		select {
		case <-done:
			waiting = false
		case <-ctx.Done():
			waiting = false
		case <-timer.C:
			r.mu.Lock()
			waiting = r.sent > sent
			sent = r.sent
			r.mu.Unlock()
			timer.Reset(patience)
		}
	}
	r.end()
	r.wake.Broadcast()
	select {
	case <-done:
	case <-time.After(abandonGrace):
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	lost := r.lost
	for _, s := range r.active {
		if s.finished {
			lost++
		}
	}
	switch {
	case lost > 0:
		return fmt.Errorf("HoneyHive has no record of %d cases: %w", lost, cmp.Or(r.cause, context.Cause(ctx), errTookNothing))
	case !r.opened && r.cause != nil:
		return fmt.Errorf("HoneyHive has no record of the run: %w", r.cause)
	}
	return nil
}
