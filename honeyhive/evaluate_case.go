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
	ctx = &scopeContext{Context: ctx, scope: scope{tracer: r.tracer, session: own, seen: trace.SpanFromContext(ctx)}}
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
