package honeyhive

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"reflect"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/baggage"

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

	abandoned atomic.Int64 // goroutines that outlived their case's Timeout
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
			passed:      attribute.Key(metricsPrefix + "." + valid(r.suffixed(ev.Name, "_passed"))),
			explanation: attribute.Key(metricsPrefix + "." + valid(r.suffixed(ev.Name, "_explanation"))),
			err:         attribute.Key(metadataPrefix + ".evaluator_errors." + valid(ev.Name)),
		})
	}
	if e.Journal != "" || e.RunID != "" {
		if err := keepsAll(reflect.TypeFor[Out]()); err != nil {
			return nil, fmt.Errorf("a run that can be resumed: %w", err)
		}
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

// collect ends the bookkeeping and returns what there is.
func (r *runner[In, Out]) collect() (*Run[In, Out], error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.returned = true
	run := &Run[In, Out]{
		ID: r.id, Name: r.name, DatasetID: r.experiment.datasetID, Started: r.begun,
		Cases:     make([]Case[In, Out], 0, len(r.cases)),
		Abandoned: int(r.abandoned.Load()),
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
