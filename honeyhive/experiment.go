package honeyhive

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// An Experiment is what [Evaluate] runs: a task over the cases of a dataset,
// and evaluators over what it returns. Dataset and Task are required; the
// zero value of every other field is a sound default.
type Experiment[In, Out any] struct {
	// Name is shown in HoneyHive. The default is made of the run's id.
	Name string
	// RunID joins the run of that id, or starts it: cases that it has
	// already are not run again. What is not a UUID is mapped to one, as in
	// WithSessionID, so that a build number will do. The default is a new run.
	RunID string

	// Dataset holds the cases.
	Dataset Dataset[In]
	// Task is what is evaluated. It is called concurrently, each time with a
	// context of its own: whatever is traced under that context, in other
	// goroutines too, belongs to the case's session. A panic is the case's
	// failure. What dp refers to is recorded in the background, so Task must
	// not change it.
	Task func(ctx context.Context, dp Datapoint[In]) (Out, error)
	// Evaluators judge every output that Task returns without an error, one
	// after the other.
	Evaluators []Evaluator[In, Out]
	// Overall judges the run as a whole once its cases are done.
	Overall []Overall[In, Out]
	// Aggregates summarize each evaluator's scores. The default is [Mean].
	Aggregates []Aggregate

	// Concurrency is how many cases run at once, 10,000 at most. The default
	// is 10.
	Concurrency int
	// Timeout bounds each case: after that its context is done, and a task
	// that has not returned a moment later has failed; the run goes on without
	// it. 0 is no bound.
	Timeout time.Duration
	// Shard makes this process do a part of the run. Processes that are given
	// the same RunID and dataset, and one shard each, do the whole together.
	Shard Shard
	// RetryFailed runs again those cases of a joined run that failed.
	RetryFailed bool

	// Journal is a file to which every finished case is appended, so that a
	// run can be resumed and read without HoneyHive. Processes may share it.
	// It holds outputs as they are, unredacted.
	Journal string
	// Progress receives a line on how far the run is, if it is a terminal.
	Progress io.Writer
	// Drain is how long Evaluate waits at its end while HoneyHive takes
	// nothing of what was recorded. The default is 30 seconds.
	Drain time.Duration
}

// An Evaluator judges a task's output. Its context is that of the task: what
// it traces belongs to the case. An error or a panic is the case's failure.
type Evaluator[In, Out any] struct {
	// Name is the metric's name in HoneyHive.
	Name string
	// Func is called concurrently, for different cases.
	Func func(ctx context.Context, output Out, dp Datapoint[In]) (Score, error)
	// LowerIsBetter says that a lower score is an improvement.
	LowerIsBetter bool
}

// An Overall judges all cases of a run together, where an average over them
// would not do: precision, recall, rank correlation.
type Overall[In, Out any] struct {
	Name string
	// Func may sort cases, and must not change what they refer to. An error or
	// a panic is the Err of its Judgement.
	Func          func(ctx context.Context, cases []Case[In, Out]) (Score, error)
	LowerIsBetter bool
}

// A Score is an evaluator's judgement.
type Score struct {
	Value       float64 `json:"value"`
	Verdict     Verdict `json:"verdict,omitempty"`
	Explanation string  `json:"explanation,omitempty"`
	// Binary says that the score is nothing but a verdict. HoneyHive then
	// gets a boolean.
	Binary bool `json:"binary,omitempty"`
}

// A Verdict is pass, fail, or neither.
type Verdict string

// The verdicts. The zero value is none: the score speaks for itself.
const (
	Passed Verdict = "pass"
	Failed Verdict = "fail"
)

// PassFail returns the score of a yes-or-no question: 1 or 0.
func PassFail(ok bool, explanation string) Score {
	if ok {
		return Score{Value: 1, Verdict: Passed, Explanation: explanation, Binary: true}
	}
	return Score{Verdict: Failed, Explanation: explanation, Binary: true}
}

// AtLeast returns the score value, which passes from threshold on.
func AtLeast(threshold, value float64, explanation string) Score {
	s := Score{Value: value, Verdict: Failed, Explanation: explanation}
	if value >= threshold {
		s.Verdict = Passed
	}
	return s
}

// An Aggregate summarizes the scores of one evaluator.
type Aggregate struct {
	Name string
	// Func may change values, which are in ascending order and never empty.
	// What it makes of them is left out where it is no finite number.
	Func func(values []float64) float64
}

// Mean is the arithmetic mean.
func Mean() Aggregate {
	return Aggregate{"mean", func(values []float64) float64 { return sum(values) / float64(len(values)) }}
}

// Median is the value in the middle.
func Median() Aggregate {
	return Aggregate{"median", func(v []float64) float64 { return quantile(v, 0.5) }}
}

// Percentile is the value that p percent of the values do not exceed, with
// linear interpolation between neighbours. p is from 0 to 100.
func Percentile(p float64) Aggregate {
	name := "p" + strconv.FormatFloat(p, 'g', -1, 64)
	return Aggregate{name, func(v []float64) float64 { return quantile(v, p/100) }}
}

// Min is the lowest value.
func Min() Aggregate { return Aggregate{"min", func(v []float64) float64 { return v[0] }} }

// Max is the highest value.
func Max() Aggregate { return Aggregate{"max", func(v []float64) float64 { return v[len(v)-1] }} }

// Sum is the sum.
func Sum() Aggregate { return Aggregate{"sum", sum} }

func sum(values []float64) (s float64) {
	for _, v := range values {
		s += v
	}
	return s
}

// quantile expects sorted values.
func quantile(values []float64, q float64) float64 {
	at := min(max(q, 0), 1) * float64(len(values)-1)
	low := int(at)
	high := min(low+1, len(values)-1)
	return values[low] + (values[high]-values[low])*(at-float64(low))
}

// A Shard is one of Count parts of a dataset: every Count-th case, from the
// one at Index on. The zero value is the whole.
type Shard struct {
	Index int // from 0
	Count int
}

// ParseShard parses "2/5", the second of five parts. Anything else is an error.
func ParseShard(s string) (Shard, error) {
	number, count, ok := strings.Cut(s, "/")
	n, err1 := strconv.Atoi(strings.TrimSpace(number))
	c, err2 := strconv.Atoi(strings.TrimSpace(count))
	if !ok || err1 != nil || err2 != nil || n < 1 || n > c {
		return Shard{}, fmt.Errorf("honeyhive: shard %q: write 1/4 for the first of four parts", s)
	}
	return Shard{Index: n - 1, Count: c}, nil
}

func (s Shard) owns(index int) bool { return s.Count <= 1 || index%s.Count == s.Index }

// whole reports that there are no other shards.
func (s Shard) whole() bool { return s.Count <= 1 }

const (
	defaultConcurrency = 10
	maxConcurrency     = 10_000
)

func (e *Experiment[In, Out]) validate() error {
	switch {
	case e.Task == nil:
		return errors.New("field Task is nil")
	case e.Dataset.remote && e.Dataset.id == "":
		return errors.New("DatasetByID: the id is empty")
	case e.Concurrency < 0 || e.Concurrency > maxConcurrency:
		return fmt.Errorf("field Concurrency is %d, not 1 to %d", e.Concurrency, maxConcurrency)
	case e.Timeout < 0:
		return fmt.Errorf("field Timeout is %v", e.Timeout)
	case e.Drain < 0:
		return fmt.Errorf("field Drain is %v", e.Drain)
	case e.Shard.Count < 0 || e.Shard.Index < 0 || e.Shard.Index >= max(e.Shard.Count, 1):
		return fmt.Errorf("field Shard is %d of %d; Index runs from 0 to Count-1", e.Shard.Index, e.Shard.Count)
	case e.Shard.Count > 1 && strings.TrimSpace(e.RunID) == "":
		return errors.New("field Shard needs a RunID that all shards share")
	}
	var names []string
	for i, ev := range e.Evaluators {
		if ev.Func == nil {
			return fmt.Errorf("evaluator %d (%q) has no Func", i, ev.Name)
		}
		names = append(names, ev.Name)
	}
	for i, o := range e.Overall {
		if o.Func == nil {
			return fmt.Errorf("overall evaluator %d (%q) has no Func", i, o.Name)
		}
		names = append(names, o.Name)
	}
	for i, name := range names {
		if strings.TrimSpace(name) == "" {
			return fmt.Errorf("evaluator %d has no name", i)
		}
		if slices.Contains(names[:i], name) {
			return fmt.Errorf("two evaluators are named %q", name)
		}
	}
	names = nil
	for _, a := range e.Aggregates {
		if a.Name == "" || a.Func == nil {
			return errors.New("an aggregate needs a Name and a Func")
		}
		if slices.Contains(names, a.Name) {
			return fmt.Errorf("two aggregates are named %q", a.Name)
		}
		names = append(names, a.Name)
	}
	return nil
}

// apply returns what a makes of sorted values. A panic shows as NaN.
func (a Aggregate) apply(values []float64) (x float64) {
	defer func() {
		if recover() != nil {
			x = math.NaN()
		}
	}()
	return a.Func(slices.Clone(values))
}
