package honeyhive

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/honeyhiveai/hhvet/honeyhive/internal/backend"
)

// pipeline carries ended spans to one exporter. Its queue is bounded and
// never makes the application wait. A single worker exports, and keeps
// trying while the destination is merely unavailable: a batch is given up
// only when the exporter refuses it, when spans are waiting for more room
// than the queue has, or at shutdown.
//
// The worker holds the pipeline and nothing that leads to the tracer.
type pipeline struct {
	pipelineConfig

	// The worker does not wait at the queue, and so is not woken for every
	// span; nor does a sender ever wait for the worker.
	queue chan *span
	woken atomic.Bool // wake holds a signal that a batch is full
	ended atomic.Bool // no span may enter any more
	gone  atomic.Bool // nobody will look into the queue any more

	// added and settled count spans since the beginning: those that ended,
	// and those of them whose fate is known.
	added, settled atomic.Uint64

	exported, dropped, failed atomic.Uint64

	wake     chan struct{} // a batch is full, or a flush waits
	pressure chan struct{} // the queue is full

	mu      sync.Mutex
	flushes []flush // guarded by mu

	closing chan struct{} // closed when the worker shall drain and end
	done    chan struct{} // closed when it has ended
	// life ends when the worker shall stop trying.
	life context.Context
	end  context.CancelFunc
	once sync.Once
	loss lossReport
}

type pipelineConfig struct {
	exporter      sdktrace.SpanExporter
	queueSize     int
	batchSize     int
	flushInterval time.Duration
	exportTimeout time.Duration
	logger        *slog.Logger
}

// flush waits until target spans have left the queue.
type flush struct {
	target uint64
	done   chan struct{}
}

func newPipeline(cfg pipelineConfig) *pipeline {
	p := &pipeline{
		pipelineConfig: cfg,
		queue:          make(chan *span, cfg.queueSize),
		wake:           make(chan struct{}, 1),
		pressure:       make(chan struct{}, 1),
		closing:        make(chan struct{}),
		done:           make(chan struct{}),
		loss:           lossReport{logger: cfg.logger},
	}
	p.life, p.end = context.WithCancel(context.Background())
	go p.work()
	return p
}

// enqueue takes a span that has ended, or drops it where there is no room.
func (p *pipeline) enqueue(s *span) {
	// Counted before it is in the queue, so that a flush which starts now
	// waits for every span that a flush has to wait for.
	p.added.Add(1)
	if p.ended.Load() {
		p.drop()
		return
	}
	select {
	case p.queue <- s:
	default:
		p.drop()
		signal(p.pressure)
		return
	}
	if p.waiting() >= p.batchSize && p.woken.CompareAndSwap(false, true) {
		signal(p.wake)
	}
	if p.gone.Load() {
		p.discard()
	}
}

func (p *pipeline) drop() {
	p.dropped.Add(1)
	p.settled.Add(1)
}

// discard drops what entered the queue while it was being closed.
func (p *pipeline) discard() {
	for {
		select {
		case <-p.queue:
			p.drop()
		default:
			return
		}
	}
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// take moves up to a batch of spans out of the queue.
func (p *pipeline) take(batch []*span) []*span {
	batch = batch[:0]
	for len(batch) < p.batchSize {
		select {
		case s := <-p.queue:
			batch = append(batch, s)
		default:
			return batch
		}
	}
	return batch
}

func (p *pipeline) work() {
	ended := false
	defer func() {
		if ended {
			close(p.done)
			return
		}
		// The exporter has ended the goroutine. The next one takes its place.
		signal(p.wake)
		go p.work()
	}()
	tick := time.NewTicker(p.flushInterval)
	defer tick.Stop()
	var batch []*span
	for closing := false; !closing; {
		// Below a full batch only time, a flush or the end starts an export.
		select {
		case <-p.wake:
		case <-tick.C:
		case <-p.closing:
			closing = true
		}
		p.woken.Store(false)
		for {
			if batch = p.take(batch); len(batch) == 0 {
				break
			}
			p.export(batch)
			p.answerFlushes()
			if !closing && p.waiting() < p.batchSize && !p.flushing() {
				break
			}
		}
		p.answerFlushes()
		p.loss.report(p.dropped.Load(), p.failed.Load(), closing)
	}
	p.gone.Store(true)
	p.discard()
	ended = true
	p.closeExporter()
}

// waiting is how many spans are in the queue.
func (p *pipeline) waiting() int { return len(p.queue) }

func (p *pipeline) flushing() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.flushes) > 0
}

func (p *pipeline) answerFlushes() {
	p.mu.Lock()
	defer p.mu.Unlock()
	kept := p.flushes[:0]
	for _, f := range p.flushes {
		if f.target <= p.settled.Load() {
			close(f.done)
		} else {
			kept = append(kept, f)
		}
	}
	clear(p.flushes[len(kept):])
	p.flushes = kept
}

// export sends a batch, and forgets it.
func (p *pipeline) export(batch []*span) {
	before := p.exported.Load() + p.failed.Load()
	defer func() {
		// Some are left where the exporter has ended the goroutine.
		if left := uint64(len(batch)) - (p.exported.Load() + p.failed.Load() - before); left > 0 {
			p.fail(left, errGoexit)
		}
		p.settled.Add(uint64(len(batch)))
		clear(batch)
	}()
	p.send(views(batch))
}

// send exports views, again and again where that can help, and in halves
// where the server finds them too large.
func (p *pipeline) send(views []sdktrace.ReadOnlySpan) {
	for attempt := 0; ; attempt++ {
		err := p.try(views)
		if err == nil {
			p.exported.Add(uint64(len(views)))
			return
		}
		if partial, ok := as[*backend.PartialSuccessError](err); ok {
			rejected := min(uint64(max(partial.Rejected, 0)), uint64(len(views)))
			p.exported.Add(uint64(len(views)) - rejected)
			p.fail(rejected, err)
			return
		}
		if status, ok := as[*backend.StatusError](err); ok && status.Code == http.StatusRequestEntityTooLarge && len(views) > 1 {
			p.send(views[:len(views)/2])
			p.send(views[len(views)/2:])
			return
		}
		if temporary, ok := as[*backend.TemporaryError](err); !ok || !p.pause(attempt, temporary) {
			p.fail(uint64(len(views)), err)
			return
		}
	}
}

// try exports once.
func (p *pipeline) try(views []sdktrace.ReadOnlySpan) (err error) {
	ctx, cancel := context.WithTimeout(p.life, p.exportTimeout)
	defer cancel()
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("exporter panicked: %v", r)
		}
	}()
	return sound(p.exporter.ExportSpans(ctx, views))
}

const (
	firstPause = 200 * time.Millisecond
	maxPause   = 30 * time.Second
	// serverErrors is how often a batch may make the server fail. Other
	// temporary errors say nothing about the batch.
	serverErrors = 5
)

// pause waits before the next attempt. It is false where there shall be none.
func (p *pipeline) pause(attempt int, cause *backend.TemporaryError) bool {
	if cause.ServerFault && attempt+1 >= serverErrors {
		return false
	}
	wait := min(firstPause<<min(attempt, 10), maxPause)
	// Half of it is random, so that processes do not return all at once.
	wait = wait/2 + rand.N(wait/2+1)
	wait = max(wait, cause.RetryAfter)
	p.loss.trouble(cause)
	timer := time.NewTimer(wait)
	defer timer.Stop()
	for {
		select {
		case <-timer.C:
			return true
		case <-p.life.Done():
			return false
		case <-p.pressure:
			p.loss.report(p.dropped.Load(), p.failed.Load(), false)
			// Something has to go, and this batch has had its chance.
			if attempt > 0 && p.waiting() >= p.queueSize {
				return false
			}
		}
	}
}

func (p *pipeline) fail(n uint64, err error) {
	p.failed.Add(n)
	p.loss.last(err)
}

// flush waits until the spans that are queued now have been exported.
func (p *pipeline) flush(ctx context.Context) error {
	failed := p.failed.Load()
	f := flush{target: p.added.Load(), done: make(chan struct{})}
	if p.settled.Load() >= f.target {
		return nil
	}
	p.mu.Lock()
	p.flushes = append(p.flushes, f)
	p.mu.Unlock()
	signal(p.wake)
	select {
	case <-f.done:
	case <-p.done:
	case <-ctx.Done():
		p.mu.Lock()
		p.flushes = slices.DeleteFunc(p.flushes, func(other flush) bool { return other.done == f.done })
		p.mu.Unlock()
		return fmt.Errorf("%s still queued: %w", plural(int(p.stats().Queued), "span"), context.Cause(ctx))
	}
	if n := p.failed.Load() - failed; n > 0 {
		return fmt.Errorf("%s could not be exported: %w", plural(int(n), "span"), p.loss.cause())
	}
	return nil
}

// close lets the worker drain the queue and end, without waiting for it.
func (p *pipeline) close() {
	p.once.Do(func() {
		p.ended.Store(true)
		close(p.closing)
	})
}

// abandonGrace is how long shutdown waits for an exporter to notice that its
// context has ended.
const abandonGrace = time.Second

// shutdown drains the queue and ends the worker.
func (p *pipeline) shutdown(ctx context.Context) error {
	before := p.failed.Load()
	p.close()
	var err error
	select {
	case <-p.done:
	case <-ctx.Done():
		err = context.Cause(ctx)
		p.end()
		select {
		case <-p.done:
		case <-time.After(abandonGrace):
			return fmt.Errorf("exporter %T ignores its context: %w", p.exporter, err)
		}
	}
	p.end()
	if n := p.failed.Load() - before; n > 0 {
		return fmt.Errorf("%s could not be exported: %w", plural(int(n), "span"), errors.Join(err, p.loss.cause()))
	}
	return err
}

func (p *pipeline) closeExporter() {
	defer func() {
		if r := recover(); r != nil {
			warn(p.logger, "HoneyHive exporter panicked", "panic", r)
		}
	}()
	ctx, cancel := context.WithTimeout(p.life, p.exportTimeout)
	defer cancel()
	if err := p.exporter.Shutdown(ctx); err != nil && p.life.Err() == nil {
		warn(p.logger, "HoneyHive exporter could not be closed", "error", err)
	}
}

func (p *pipeline) stats() Stats {
	added := p.added.Load()
	s := Stats{
		Exported: p.exported.Load(),
		Dropped:  p.dropped.Load(),
		Failed:   p.failed.Load(),
	}
	if out := s.Exported + s.Failed + s.Dropped; added > out {
		s.Queued = added - out
	}
	return s
}

// lossEvery bounds how often losses are logged.
const lossEvery = 30 * time.Second

// lossReport logs how many spans were lost, once in a while.
type lossReport struct {
	logger *slog.Logger

	mu  sync.Mutex
	err error

	// The rest is the worker's.
	reported, troubled time.Time
	dropped, failed    uint64
}

func (l *lossReport) last(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.err = err
}

func (l *lossReport) cause() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.err
}

// report logs what was lost since the last report, unless that was too
// recent.
func (l *lossReport) report(dropped, failed uint64, final bool) {
	newDropped, newFailed := dropped-l.dropped, failed-l.failed
	if newDropped+newFailed == 0 || !final && time.Since(l.reported) < lossEvery {
		return
	}
	l.reported, l.dropped, l.failed = time.Now(), dropped, failed
	args := []any{"dropped", newDropped, "failed", newFailed}
	if err := l.cause(); err != nil {
		args = append(args, "error", err)
	}
	warn(l.logger, "HoneyHive spans were lost", args...)
}

// trouble logs that an export has to be repeated.
func (l *lossReport) trouble(err error) {
	if time.Since(l.troubled) < lossEvery {
		return
	}
	l.troubled = time.Now()
	warn(l.logger, "HoneyHive cannot be reached; spans are kept and sent again", "error", err)
}

// warn logs through a logger of the application's, which must not end it.
func warn(logger *slog.Logger, msg string, args ...any) {
	defer func() { _ = recover() }()
	logger.Warn(msg, args...)
}
