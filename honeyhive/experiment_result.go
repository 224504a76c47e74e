package honeyhive

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"time"
)

// A Run is what [Evaluate] found.
type Run[In, Out any] struct {
	ID        string // joins the run when it is given as RunID
	Name      string
	DatasetID string
	// Cases are the finished cases, those of earlier processes included, in
	// the dataset's order. Of a shard they are the shard's.
	Cases []Case[In, Out]
	// Metrics summarize the scores of each evaluator, in the experiment's
	// order.
	Metrics []Metric
	// Overall are the judgements on the run as a whole.
	Overall []Judgement
	// Unfinished counts the cases that were begun and not finished, because
	// the run was cancelled.
	Unfinished int
	// Abandoned counts the tasks and evaluators that did not return at their
	// case's Timeout. Their goroutines may still run.
	Abandoned int
	Started   time.Time
	Duration  time.Duration

	origin origin
}

// origin is where a run was traced.
type origin struct{ project, source, sessionURL string }

// A Case is what came out for a datapoint.
type Case[In, Out any] struct {
	Datapoint Datapoint[In]
	ID        string // of the datapoint, as HoneyHive knows it
	Index     int    // place in the dataset, from 0
	SessionID string
	Output    Out
	// Err is the task's failure: its error, a [PanicError], or the context's
	// error where the case took longer than its Timeout.
	Err error
	// Scores are the evaluators' judgements in the experiment's order. There
	// are none where the task failed.
	Scores   []Judgement
	Duration time.Duration // of the task
	// Resumed says that the case was done by an earlier process.
	Resumed bool
}

// A Judgement is what one evaluator said.
type Judgement struct {
	Name string
	Score
	Err error // the evaluator's failure; the score is not set then
}

// Score returns the judgement of the evaluator with that name. It is not ok
// where there is none, or the evaluator failed.
func (c *Case[In, Out]) Score(name string) (s Score, ok bool) {
	for _, j := range c.Scores {
		if j.Name == name {
			return j.Score, j.Err == nil
		}
	}
	return Score{}, false
}

// Failure returns what went wrong in the task or the evaluators, or nil.
func (c *Case[In, Out]) Failure() error {
	if c.Err != nil {
		return c.Err
	}
	var errs []error
	for _, j := range c.Scores {
		if j.Err != nil {
			errs = append(errs, fmt.Errorf("evaluator %s: %w", j.Name, j.Err))
		}
	}
	return errors.Join(errs...)
}

// Passed reports that nothing went wrong and no evaluator's verdict is
// Failed.
func (c *Case[In, Out]) Passed() bool {
	return c.Err == nil && !slices.ContainsFunc(c.Scores, func(j Judgement) bool {
		return j.Err != nil || j.Verdict == Failed
	})
}

// PanicError is the failure of a task or evaluator that panicked.
type PanicError struct {
	Value any // what it panicked with
	Stack string
}

// Error returns the value as a text.
func (e *PanicError) Error() string {
	return "panic: " + safeText(func() string { return fmt.Sprint(e.Value) })
}

// Unwrap returns the value where it is an error.
func (e *PanicError) Unwrap() error {
	err, _ := e.Value.(error)
	return err
}

// stackOf returns the stack that err carries, or "".
func stackOf(err error) string {
	if p, ok := as[*PanicError](err); ok {
		return p.Stack
	}
	if r, ok := as[*recordedError](err); ok {
		return r.stack
	}
	return ""
}

// recordedError is the failure of a case in an earlier process.
type recordedError struct{ text, stack string }

func (e *recordedError) Error() string { return e.text }

func recorded(text, stack string) error {
	if text == "" {
		return nil
	}
	return &recordedError{text, stack}
}

// A Metric summarizes what one evaluator said about all cases.
type Metric struct {
	Name          string           `json:"name"`
	LowerIsBetter bool             `json:"lower_is_better,omitempty"`
	Scores        int              `json:"scores"` // how many there are
	Passed        int              `json:"passed"` // with that verdict
	Failed        int              `json:"failed"`
	Errors        int              `json:"errors"` // how often the evaluator failed
	Aggregates    []AggregateValue `json:"aggregates,omitempty"`
}

// An AggregateValue is what an [Aggregate] made of an evaluator's scores.
type AggregateValue struct {
	Name  string  `json:"name"`
	Value float64 `json:"value"`
}

// Aggregate returns the value of that name. It is not ok where there were no
// scores.
func (m Metric) Aggregate(name string) (value float64, ok bool) {
	for _, a := range m.Aggregates {
		if a.Name == name {
			return a.Value, true
		}
	}
	return 0, false
}

// Metric returns the summary of the evaluator with that name. It is the zero
// Metric where there is none.
func (r *Run[In, Out]) Metric(name string) Metric {
	for _, m := range r.Metrics {
		if m.Name == name {
			return m
		}
	}
	return Metric{}
}

// PassRate returns which part of the cases passed, or 0 where there are none.
func (r *Run[In, Out]) PassRate() float64 {
	passed := 0
	for i := range r.Cases {
		if r.Cases[i].Passed() {
			passed++
		}
	}
	return float64(passed) / float64(max(len(r.Cases), 1))
}

// summarize computes the metric of the i-th evaluator.
func summarize[In, Out any](e *Experiment[In, Out], i int, cases []Case[In, Out]) Metric {
	m := Metric{Name: e.Evaluators[i].Name, LowerIsBetter: e.Evaluators[i].LowerIsBetter}
	var values []float64
	for c := range cases {
		if i >= len(cases[c].Scores) {
			continue
		}
		j := &cases[c].Scores[i]
		if j.Err != nil {
			m.Errors++
			continue
		}
		values = append(values, j.Value)
		switch j.Verdict {
		case Passed:
			m.Passed++
		case Failed:
			m.Failed++
		}
	}
	if m.Scores = len(values); m.Scores == 0 {
		return m
	}
	slices.Sort(values)
	aggregates := e.Aggregates
	if len(aggregates) == 0 {
		aggregates = []Aggregate{Mean()}
	}
	for _, a := range aggregates {
		if x := a.apply(values); isFinite(x) {
			m.Aggregates = append(m.Aggregates, AggregateValue{a.Name, x})
		}
	}
	return m
}

func isFinite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }
