package honeyhive

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/baggage"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/honeyhiveai/hhvet/internal/tracekey"
)

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
		c.Output, c.Err = within(r, caseCtx, func() (Out, error) { return r.runTask(caseCtx, c.Datapoint) })
		c.Duration = time.Since(started)
	}
	if c.Err == nil {
		r.score(caseCtx, &c)
	}
}

// timeoutGrace is how long a task has to return its own error once its Timeout
// is over.
const timeoutGrace = 100 * time.Millisecond

// within calls f, and waits no longer for it than the Timeout of the case whose
// context ctx is. The goroutine of a function that does not look at its context
// goes on, and is counted.
func within[In, Out, T any](r *runner[In, Out], ctx context.Context, f func() (T, error)) (T, error) {
	if r.Timeout <= 0 {
		return guarded(f)
	}
	type result struct {
		v   T
		err error
	}
	results := make(chan result, 1)
	go func() {
		res := result{err: errGoexit}
		defer func() { results <- res }()
		res.v, res.err = guarded(f)
	}()
	select {
	case res := <-results:
		return res.v, res.err
	case <-ctx.Done():
	}
	timer := time.NewTimer(timeoutGrace)
	defer timer.Stop()
	select {
	case res := <-results:
		return res.v, res.err
	case <-timer.C:
	}
	r.abandoned.Add(1)
	var none T
	err := ctx.Err()
	if cause := context.Cause(ctx); !errors.Is(err, cause) {
		err = fmt.Errorf("%w: %w", err, cause)
	}
	return none, err
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
	ctx = &scopeContext{Context: ctx, scope: scope{tracer: r.tracer, session: own, seen: trace.SpanFromContext(ctx)}}
	ctx, s := r.tracer.Start(ctx, r.task, caseStart...)
	sp, _ := s.(*span)
	if sp == nil || !sp.IsRecording() {
		return ctx, sp
	}
	f := r.tracer.newFlattener()
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
	sp.record(f)
	return ctx, sp
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
		output, dp := c.Output, c.Datapoint // an evaluator may outlive the case
		scores[i].Score, scores[i].Err = within(r, ctx, func() (Score, error) {
			return checked(r.Evaluators[i].Func(ctx, output, dp))
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
		f := r.tracer.newFlattener()
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
		sp.record(f)
		f.release()
		sp.beside.setCase(r.spanRecord(c))
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
