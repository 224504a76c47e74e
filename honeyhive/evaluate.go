package honeyhive

import (
	"cmp"
	"context"
	"crypto/sha1"
	"errors"
	"fmt"
	"iter"
	"reflect"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/baggage"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/honeyhiveai/hhvet/internal/tracekey"
)

// Evaluate runs an experiment and returns what it found. Every case has a
// session of t's own, and a root span that carries its input, output and
// scores.
//
//	run, err := honeyhive.Evaluate(ctx, tracer, honeyhive.Experiment[string, string]{
//		Dataset: honeyhive.DatasetOf(points...),
//		Task: func(ctx context.Context, dp honeyhive.Datapoint[string]) (string, error) {
//			return model.Ask(ctx, dp.Input)
//		},
//		Evaluators: []honeyhive.Evaluator[string, string]{{Name: "exact", Func: exact}},
//	})
//
// A task that fails is a failed case, not an error. The error says why cases
// are missing from the run or from HoneyHive: ctx was done, the dataset
// failed, or HoneyHive refused or did not take what was recorded. The run
// holds what was done even then; it is nil only where the experiment could
// not begin.
//
// When ctx is done no further case begins, and Evaluate returns as soon as
// the tasks that run have noticed, or after a second without those that do
// not. HoneyHive is told in the background: Evaluate waits for it at the end
// only.
//
// Where t is nil or sends nothing the experiment runs all the same.
func Evaluate[In, Out any](ctx context.Context, t *Tracer, e Experiment[In, Out]) (*Run[In, Out], error) {
	if ctx == nil {
		ctx = context.Background()
	}
	r, err := newRunner(ctx, t, &e)
	if err != nil {
		return nil, fmt.Errorf("honeyhive: Evaluate: %w", err)
	}
	run, err := r.run(ctx)
	if err != nil {
		return run, fmt.Errorf("honeyhive: Evaluate: %w", err)
	}
	return run, nil
}

// runner is an Evaluate in progress.
type runner[In, Out any] struct {
	*Experiment[In, Out]
	tracer     *Tracer
	id         string
	uuid       uuid.UUID // of the run
	name       string
	task       string
	experiment experiment
	bag        baggage.Baggage // the context's, with the run's ids
	keys       []metricKeys
	begun      time.Time

	journal  *journal
	recorder *recorder
	progress *progress
	room     room

	// done is what the run has already, by the datapoint's id, and remote
	// what of it HoneyHive has.
	done   map[string]*caseRecord
	remote map[string]bool

	source source[In]
	hash   []byte // guarded by source.mu

	mu  sync.Mutex
	err error // of the dataset
	// cases are those of this shard in the dataset's order, from where the
	// dataset has been read to on. A case is in its place once it has begun.
	cases    []Case[In, Out]
	finished []bool   // which of cases are done
	all      []string // the sessions of all cases, other shards' too
	allIDs   []string // their datapoints
	returned bool     // Evaluate has returned: nothing may change any more
}

// metricKeys are the attributes of an evaluator's score.
type metricKeys struct{ value, passed, explanation, err attribute.Key }

func newRunner[In, Out any](ctx context.Context, t *Tracer, e *Experiment[In, Out]) (*runner[In, Out], error) {
	if err := e.validate(); err != nil {
		return nil, err
	}
	if !t.enabled() {
		t = &inert
	}
	e.RunID = strings.TrimSpace(e.RunID)
	e.Concurrency = cmp.Or(e.Concurrency, defaultConcurrency)
	e.Drain = cmp.Or(e.Drain, defaultDrainTimeout)
	r := &runner[In, Out]{Experiment: e, tracer: t, begun: time.Now()}
	r.id = uuidOf(e.RunID)
	r.uuid = uuid.MustParse(r.id)
	r.name = cmp.Or(strings.TrimSpace(e.Name), "experiment-"+r.id[:8])
	r.task = functionName(e.Task)
	if err := r.resolveDataset(ctx); err != nil {
		return nil, err
	}
	r.experiment = experiment{runID: r.id, datasetID: r.experiment.datasetID}
	base, err := ContextWithBaggage(ctx, map[string]string{
		tracekey.RunID: r.id, tracekey.DatasetID: r.experiment.datasetID,
	})
	if err != nil {
		return nil, err
	}
	r.bag = baggage.FromContext(base)
	for _, ev := range e.Evaluators {
		key := metricsPrefix + "." + valid(ev.Name)
		r.keys = append(r.keys, metricKeys{
			value:       attribute.Key(key),
			passed:      attribute.Key(key + "_passed"),
			explanation: attribute.Key(key + "_explanation"),
			err:         attribute.Key(metadataPrefix + ".evaluator_errors." + valid(ev.Name)),
		})
	}
	if e.Journal != "" {
		if r.journal, err = openJournal(e.Journal); err != nil {
			return nil, fmt.Errorf("journal: %w", err)
		}
	}
	if err := r.resume(ctx); err != nil {
		return nil, errors.Join(err, r.journal.close())
	}
	if n := len(e.Dataset.points); n > 0 {
		r.cases = make([]Case[In, Out], 0, n/max(e.Shard.Count, 1)+1)
		r.finished = make([]bool, 0, cap(r.cases))
	}
	return r, nil
}

// functionName is the name of a function that has one, else "task".
func functionName(f any) string {
	fn := runtime.FuncForPC(reflect.ValueOf(f).Pointer())
	if fn == nil {
		return "task"
	}
	name := fn.Name()
	name = name[strings.LastIndexByte(name, '/')+1:]
	name = strings.TrimSuffix(name, "-fm") // a method value
	if i := strings.IndexByte(name, '['); i >= 0 {
		name = name[:i]
	}
	name = name[strings.LastIndexByte(name, '.')+1:]
	// A literal is called func1, or with a loop's number after a dash.
	if digits := strings.TrimPrefix(name, "func"); name == "" || strings.Trim(digits, "0123456789-") == "" {
		return "task"
	}
	return name
}

func (r *runner[In, Out]) resolveDataset(ctx context.Context) error {
	if r.Dataset.remote {
		points, err := fetchDataset[In](ctx, r.tracer, r.Dataset.id)
		if err != nil {
			return fmt.Errorf("dataset %s: %w", r.Dataset.id, err)
		}
		r.Dataset.points = points
	}
	id, err := r.Dataset.datasetID(r.name)
	if err != nil {
		return err
	}
	r.experiment.datasetID = id
	return nil
}

// cancelGrace is how long tasks have to notice that their context is done.
const cancelGrace = time.Second

// item is a case on its way to a worker.
type item[In any] struct {
	seq   int // place in the runner's cases
	index int // place in the dataset
	id    string
	dp    Datapoint[In]
	input any         // dp's
	prior *caseRecord // what an earlier process found, or nil
}

func (r *runner[In, Out]) run(ctx context.Context) (*Run[In, Out], error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	r.record(ctx, cancel)
	r.progress = newProgress(r.Progress, r.name, r.Dataset.size(r.Shard))

	next, stop := r.Dataset.pull()
	r.source.next = next
	var workers sync.WaitGroup
	for range r.workers() {
		workers.Add(1)
		go r.work(ctx, &workers)
	}
	idle := make(chan struct{})
	go func() {
		defer close(idle)
		workers.Wait()
		// What the dataset does when it is left early may panic, too.
		defer func() {
			if p := recover(); p != nil {
				r.sourceFailed(failure(p))
			}
		}()
		stop()
	}()

	await(ctx, idle)
	run, err := r.collect()
	if ctx.Err() != nil {
		err = errors.Join(err, context.Cause(ctx))
	}
	r.progress.finish()
	status := "completed"
	switch {
	case ctx.Err() != nil:
		status = "cancelled"
	case err != nil:
		status = "failed"
	default:
		r.judge(ctx, run)
	}
	run.Duration = time.Since(r.begun)
	err = errors.Join(err, r.conclude(ctx, run, status))
	return run, errors.Join(err, r.journal.close())
}

// workers is how many cases run at once. There is always one, to read the
// dataset: a shard without cases still has to know those of the others.
func (r *runner[In, Out]) workers() int {
	if n := r.Dataset.size(r.Shard); n >= 0 {
		return min(r.Concurrency, max(n, 1))
	}
	return r.Concurrency
}

// pull returns a function that returns the dataset's cases one by one.
func (d *Dataset[In]) pull() (next func() (Datapoint[In], error, bool), stop func()) {
	if d.seq != nil {
		return iter.Pull2(d.seq)
	}
	i := 0
	return func() (dp Datapoint[In], err error, ok bool) {
		if i == len(d.points) {
			return dp, nil, false
		}
		i++
		return d.points[i-1], nil, true
	}, func() {}
}

// size returns how many cases a shard has, or -1 where that is not known.
func (d *Dataset[In]) size(s Shard) int {
	n := len(d.points)
	switch {
	case d.seq != nil:
		return -1
	case s.whole():
		return n
	}
	return (n + s.Count - 1 - s.Index) / s.Count
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

// work runs cases until there are no more.
func (r *runner[In, Out]) work(ctx context.Context, wg *sync.WaitGroup) {
	returned := false
	defer func() {
		if returned {
			wg.Done()
		} else {
			// A task has ended the goroutine. The next one takes its place.
			go r.work(ctx, wg)
		}
	}()
	for {
		it, ok := r.take(ctx)
		if !ok {
			break
		}
		r.runCase(ctx, &it)
	}
	returned = true
}

var errGoexit = errors.New("the goroutine was ended (runtime.Goexit, or FailNow of a test)")

// failure returns what a recovered panic is, where nil means that there was
// none.
func failure(recovered any) error {
	if recovered == nil {
		return errGoexit
	}
	return &PanicError{Value: recovered, Stack: string(debug.Stack())}
}

var caseStart = []trace.SpanStartOption{trace.WithNewRoot()}

// runCase runs one case from its session to its record.
func (r *runner[In, Out]) runCase(ctx context.Context, it *item[In]) {
	r.mu.Lock()
	if r.returned {
		r.mu.Unlock()
		return
	}
	c := r.cases[it.seq]
	r.mu.Unlock()

	r.room.make(ctx, r.tracer)
	if r.recorder != nil {
		r.recorder.begin(it.seq)
	}
	ctx, sp := r.startCase(ctx, it, &c)
	caseCtx := ctx
	if r.Timeout > 0 {
		var cancel context.CancelFunc
		caseCtx, cancel = context.WithTimeoutCause(ctx, r.Timeout, timeoutError(r.Timeout))
		defer cancel()
	}
	// Deferred for a task that ends its goroutine.
	defer r.finishCase(ctx, it.seq, &c, sp)
	if it.prior == nil {
		started := time.Now()
		c.Err = errGoexit
		c.Output, c.Err = guarded(func() (Out, error) { return r.runTask(caseCtx, c.Datapoint) })
		c.Duration = time.Since(started)
	}
	if c.Err == nil {
		r.score(caseCtx, &c)
	}
}

// timeoutError is why the context of a case is done that takes too long.
type timeoutError time.Duration

func (e timeoutError) Error() string {
	return fmt.Sprintf("longer than the Timeout of %v", time.Duration(e))
}

func (timeoutError) Unwrap() error { return context.DeadlineExceeded }

// startCase returns the context of a case and its root span, which is nil
// where nothing is traced.
func (r *runner[In, Out]) startCase(ctx context.Context, it *item[In], c *Case[In, Out]) (context.Context, *span) {
	bag := r.bag
	if m, err := baggage.NewMemberRaw(tracekey.DatapointID, c.ID); err == nil {
		if with, err := bag.SetMember(m); err == nil {
			bag = with
		}
	}
	ctx = baggage.ContextWithBaggage(ctx, bag)
	if !r.tracer.enabled() {
		return ctx, nil
	}
	// Not within the session and span of whoever called Evaluate: a case
	// stands for itself.
	own := &session{id: c.SessionID, name: r.name, autoCreate: true}
	if r.recorder != nil {
		own.await = r.recorder.awaiting(it.seq)
	}
	ctx = &scopeContext{Context: ctx, scope: scope{tracer: r.tracer, session: own}}
	ctx, s := r.tracer.Start(ctx, r.task, caseStart...)
	sp, _ := s.(*span)
	if sp == nil || !sp.IsRecording() {
		return ctx, sp
	}
	f := newFlattener(&r.tracer.keys)
	defer f.release()
	f.add(eventTypeKey, attribute.StringValue(string(EventTypeChain)))
	f.add(eventNameKey, attribute.StringValue(r.task))
	prefix := inputsPrefix
	if !isObject(it.input) {
		prefix += ".input"
	}
	f.value(prefix, it.input)
	if c.Datapoint.GroundTruth != nil {
		f.value(feedbackPrefix+".ground_truth", c.Datapoint.GroundTruth)
	}
	if len(c.Datapoint.Metadata) > 0 {
		f.field(c.Datapoint.Metadata)
	}
	sp.SetAttributes(f.attrs...)
	return ctx, sp
}

// guarded calls f, whose panic is its error.
func guarded[T any](f func() (T, error)) (v T, err error) {
	defer func() {
		if p := recover(); p != nil {
			var none T
			v, err = none, failure(p)
		}
	}()
	return f()
}

// await waits for done, but for no longer than cancelGrace once ctx is done. It
// reports whether done came.
func await(ctx context.Context, done <-chan struct{}) bool {
	select {
	case <-done:
		return true
	case <-ctx.Done():
	}
	timer := time.NewTimer(cancelGrace)
	defer timer.Stop()
	select {
	case <-done:
		return true
	case <-timer.C:
		return false
	}
}

func (r *runner[In, Out]) runTask(ctx context.Context, dp Datapoint[In]) (Out, error) {
	out, err := r.Task(ctx, dp)
	err = sound(err)
	if err != nil && ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		// The cause says more, such as which Timeout it was.
		if cause := context.Cause(ctx); !errors.Is(err, cause) {
			err = fmt.Errorf("%w: %w", err, cause)
		}
	}
	if late, ok := as[timeoutError](context.Cause(ctx)); ok && err == nil {
		// A task need not look at its context to be late.
		err = fmt.Errorf("%w: %w", ctx.Err(), late)
	}
	return out, err
}

// score lets the evaluators judge that have not yet done so.
func (r *runner[In, Out]) score(ctx context.Context, c *Case[In, Out]) {
	if len(r.Evaluators) == 0 {
		return
	}
	scores := make([]Judgement, len(r.Evaluators))
	for i := range r.Evaluators {
		// What is left of an evaluator that ends its goroutine.
		scores[i] = Judgement{Name: r.Evaluators[i].Name, Err: errGoexit}
	}
	had := c.Scores
	c.Scores = scores
	for i := range r.Evaluators {
		if k := slices.IndexFunc(had, func(j Judgement) bool { return j.Name == scores[i].Name }); k >= 0 && had[k].Err == nil {
			scores[i] = had[k]
			continue
		}
		scores[i].Score, scores[i].Err = guarded(func() (Score, error) {
			return checked(r.Evaluators[i].Func(ctx, c.Output, c.Datapoint))
		})
	}
}

// checked refuses scores that cannot be compared or encoded.
func checked(s Score, err error) (Score, error) {
	switch {
	case err != nil:
		return Score{}, sound(err)
	case !isFinite(s.Value):
		return Score{}, fmt.Errorf("the score is %v", s.Value)
	case s.Verdict != "" && s.Verdict != Passed && s.Verdict != Failed:
		return Score{}, fmt.Errorf("the verdict is %q, not %q, %q or empty", s.Verdict, Passed, Failed)
	}
	return s, nil
}

// finishCase records how a case went.
func (r *runner[In, Out]) finishCase(ctx context.Context, seq int, c *Case[In, Out], sp *span) {
	// What the end of the run did to a case says nothing about the case.
	interrupted := ctx.Err() != nil && c.Failure() != nil
	if sp != nil {
		r.endSpan(sp, c, interrupted)
	}
	r.mu.Lock()
	if r.returned || interrupted {
		r.mu.Unlock()
		return
	}
	r.cases[seq], r.finished[seq] = *c, true
	r.mu.Unlock()
	r.journal.append(r.toRecord(c))
	if r.recorder != nil {
		r.recorder.finish(seq)
	}
	r.progress.add(c.Duration, c.Passed())
}

func (r *runner[In, Out]) endSpan(sp *span, c *Case[In, Out], interrupted bool) {
	if sp.IsRecording() {
		f := newFlattener(&r.tracer.keys)
		f.add(durationKey, attribute.Float64Value(float64(c.Duration)/float64(time.Millisecond)))
		if c.Err == nil {
			f.value(outputsPrefix+".result", c.Output)
		} else {
			f.error(c.Err)
		}
		for i := range c.Scores {
			f.judgement(&r.keys[i], &c.Scores[i])
		}
		if interrupted {
			f.add(metadataPrefix+".interrupted", attribute.BoolValue(true))
		}
		sp.SetAttributes(f.attrs...)
		f.release()
		if err := c.Failure(); err != nil {
			sp.SetStatus(codes.Error, errorText(err))
			sp.exception(c.Err)
			for i := range c.Scores {
				sp.exception(c.Scores[i].Err)
			}
		}
	}
	sp.End()
}

func (f *flattener) judgement(keys *metricKeys, j *Judgement) {
	switch {
	case j.Err != nil:
		f.add(keys.err, f.str(errorText(j.Err)))
		return
	case j.Binary:
		f.add(keys.value, attribute.BoolValue(j.Verdict == Passed))
	default:
		f.add(keys.value, attribute.Float64Value(j.Value))
		if j.Verdict != "" {
			f.add(keys.passed, attribute.BoolValue(j.Verdict == Passed))
		}
	}
	if j.Explanation != "" {
		f.add(keys.explanation, f.str(j.Explanation))
	}
}

// exception records err as OpenTelemetry's event, with the stack it carries.
func (s *span) exception(err error) {
	if err == nil {
		return
	}
	kind := typeName(err)
	if p, ok := as[*PanicError](err); ok && p.Value != nil {
		kind = typeName(p.Value)
	}
	attrs := []attribute.KeyValue{
		attribute.String("exception.type", kind),
		attribute.String("exception.message", errorText(err)),
	}
	if stack := stackOf(err); stack != "" {
		attrs = append(attrs, attribute.String("exception.stacktrace", stack))
	}
	s.AddEvent("exception", trace.WithAttributes(attrs...))
}

// collect ends the bookkeeping and returns what there is.
func (r *runner[In, Out]) collect() (*Run[In, Out], error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.returned = true
	run := &Run[In, Out]{
		ID: r.id, Name: r.name, DatasetID: r.experiment.datasetID, Started: r.begun,
		Cases: make([]Case[In, Out], 0, len(r.cases)),
	}
	for i := range r.cases {
		if r.finished[i] {
			run.Cases = append(run.Cases, r.cases[i])
		} else {
			run.Unfinished++
		}
	}
	for i := range r.Evaluators {
		run.Metrics = append(run.Metrics, summarize(r.Experiment, i, run.Cases))
	}
	return run, r.err
}

// judge runs the evaluators of the whole.
func (r *runner[In, Out]) judge(ctx context.Context, run *Run[In, Out]) {
	for _, o := range r.Overall {
		j := Judgement{Name: o.Name}
		// Of its own, which it may sort.
		j.Score, j.Err = callOverall(ctx, o.Func, slices.Clone(run.Cases))
		run.Overall = append(run.Overall, j)
	}
}

// callOverall calls f in a goroutine, which f may end, and waits no longer for
// it than for a task.
func callOverall[In, Out any](ctx context.Context, f func(context.Context, []Case[In, Out]) (Score, error), cases []Case[In, Out]) (Score, error) {
	var s Score
	err := errGoexit
	done := make(chan struct{})
	go func() {
		defer close(done)
		s, err = guarded(func() (Score, error) { return checked(f(ctx, cases)) })
	}()
	if !await(ctx, done) {
		return Score{}, context.Cause(ctx)
	}
	return s, err
}
