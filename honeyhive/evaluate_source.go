package honeyhive

import (
	"context"
	"crypto/sha1"
	"fmt"
	"sync"

	"github.com/google/uuid"
)

// item is a case on its way to a worker.
type item[In any] struct {
	seq   int // place in the runner's cases
	index int // place in the dataset
	id    string
	dp    Datapoint[In]
	input any         // dp's
	prior *caseRecord // what an earlier process found, or nil
}

// source is the dataset as the workers share it.
type source[In any] struct {
	mu    sync.Mutex
	next  func() (Datapoint[In], error, bool)
	index int // of the next case
	ended bool
	seen  map[string]int // the caller's ids
	buf   []byte
}

// take returns the shard's next case. It is false where there is none, or the
// run shall end.
func (r *runner[In, Out]) take(ctx context.Context) (it item[In], ok bool) {
	src := &r.source
	src.mu.Lock()
	defer src.mu.Unlock()
	returned := false
	defer func() {
		if !returned {
			r.sourceFailed(failure(recover()))
		}
	}()
	for !src.ended && ctx.Err() == nil {
		dp, err, more := src.next()
		if !more {
			src.ended = true
			break
		}
		if err == nil {
			it, err = r.identify(dp)
		}
		if err != nil {
			r.sourceFailed(err)
			break
		}
		src.index++
		if r.begin(&it) {
			returned = true
			return it, true
		}
	}
	returned = true
	return item[In]{}, false
}

func (r *runner[In, Out]) sourceFailed(err error) {
	r.source.ended = true
	r.mu.Lock()
	defer r.mu.Unlock()
	r.err = fmt.Errorf("dataset, after %d cases: %w", r.source.index, err)
}

// identify gives the next case its id.
func (r *runner[In, Out]) identify(dp Datapoint[In]) (it item[In], err error) {
	src := &r.source
	it = item[In]{index: src.index, id: dp.ID, dp: dp, input: dp.Input}
	if !r.Dataset.remote {
		if it.id, src.buf, err = dp.externalID(it.input, it.index, src.buf); err != nil {
			return it, err
		}
	}
	if dp.ID != "" {
		if first, ok := src.seen[it.id]; ok {
			return it, fmt.Errorf("datapoints %d and %d have the same id %q", first, it.index, dp.ID)
		}
		if src.seen == nil {
			src.seen = make(map[string]int)
		}
		src.seen[it.id] = it.index
	}
	it.prior = r.done[it.id]
	return it, nil
}

// begin makes room for a case. It is false where the case is another shard's,
// or there already.
func (r *runner[In, Out]) begin(it *item[In]) bool {
	session := r.sessionOf(it.id)
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.returned {
		return false
	}
	if r.recorder != nil {
		r.all, r.allIDs = append(r.all, session), append(r.allIDs, it.id)
	}
	if !r.Shard.owns(it.index) {
		return false
	}
	it.seq = len(r.cases)
	c := Case[In, Out]{Datapoint: it.dp, ID: it.id, Index: it.index, SessionID: session}
	if r.tracer == &inert {
		c.SessionID = ""
	}
	finished := it.prior != nil && r.restore(&c, it.prior)
	r.cases = append(r.cases, c)
	r.finished = append(r.finished, finished)
	if finished {
		if r.recorder != nil && !r.remote[it.id] {
			r.recorder.begin(it.seq)
			r.recorder.finish(it.seq)
		}
		r.progress.add(c.Duration, c.Passed())
		return false
	}
	return true
}

// sessionOf is the session of a case: its UUIDv5 in the run's namespace. It is
// the same whenever and wherever the case is run, so that a repetition writes
// over what is there.
func (r *runner[In, Out]) sessionOf(datapoint string) string {
	r.hash = append(append(r.hash[:0], r.uuid[:]...), datapoint...)
	sum := sha1.Sum(r.hash)
	id := uuid.UUID(sum[:16])
	id[6] = id[6]&0x0f | 0x50
	id[8] = id[8]&0x3f | 0x80
	return id.String()
}
