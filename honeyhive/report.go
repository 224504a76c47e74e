package honeyhive

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"
)

// A Report is a [Run] without the types of its inputs and outputs: to show,
// to keep as JSON, and to compare with a later run.
//
// It is made for people. Texts are as the task saw them, unredacted, and cut
// where they are very long.
type Report struct {
	RunID      string        `json:"run_id"`
	Name       string        `json:"name"`
	Project    string        `json:"project,omitempty"`
	Source     string        `json:"source,omitempty"`
	DatasetID  string        `json:"dataset_id"`
	Started    time.Time     `json:"started"`
	Duration   time.Duration `json:"duration_ns"`
	Metrics    []Metric      `json:"metrics"`
	Overall    []ReportScore `json:"overall,omitempty"`
	Cases      []ReportCase  `json:"cases"` // in the dataset's order
	Unfinished int           `json:"unfinished,omitempty"`
	// SessionURL is where a session is shown, with {session} in place of its
	// id. It is empty where sessions were not sent to HoneyHive.
	SessionURL string `json:"session_url,omitempty"`
}

// A ReportCase is a case as a report shows it.
type ReportCase struct {
	ID          string        `json:"id"`
	Index       int           `json:"index"`
	SessionID   string        `json:"session_id,omitempty"`
	Input       string        `json:"input"`
	Output      string        `json:"output,omitempty"`
	GroundTruth string        `json:"ground_truth,omitempty"`
	Error       string        `json:"error,omitempty"`
	Stack       string        `json:"stack,omitempty"`
	Scores      []ReportScore `json:"scores,omitempty"`
	Duration    time.Duration `json:"duration_ns"`
}

// A ReportScore is a [Judgement] as a report shows it.
type ReportScore struct {
	Name string `json:"name"`
	Score
	Error string `json:"error,omitempty"`
	Stack string `json:"stack,omitempty"`
}

// Report returns the run as a report.
func (r *Run[In, Out]) Report() *Report {
	rep := &Report{
		RunID: r.ID, Name: r.Name, DatasetID: r.DatasetID, Started: r.Started, Duration: r.Duration,
		Project: r.origin.project, Source: r.origin.source, SessionURL: r.origin.sessionURL,
		Metrics: r.Metrics, Overall: reportScores(r.Overall), Unfinished: r.Unfinished,
		Cases: make([]ReportCase, 0, len(r.Cases)),
	}
	for i := range r.Cases {
		c := &r.Cases[i]
		rc := ReportCase{
			ID: c.ID, Index: c.Index, SessionID: c.SessionID,
			Input: displayText(c.Datapoint.Input), Scores: reportScores(c.Scores), Duration: c.Duration,
		}
		if c.Datapoint.GroundTruth != nil {
			rc.GroundTruth = displayText(c.Datapoint.GroundTruth)
		}
		if c.Err != nil {
			rc.Error, rc.Stack = cut(errorText(c.Err)), cut(stackOf(c.Err))
		} else {
			rc.Output = displayText(c.Output)
		}
		rep.Cases = append(rep.Cases, rc)
	}
	return rep
}

func reportScores(judgements []Judgement) []ReportScore {
	var out []ReportScore
	for _, j := range judgements {
		s := ReportScore{Name: j.Name, Score: j.Score}
		s.Explanation = cut(s.Explanation)
		if j.Err != nil {
			s.Error, s.Stack = cut(errorText(j.Err)), cut(stackOf(j.Err))
		}
		out = append(out, s)
	}
	return out
}

// displayText is v for a reader: a text as it is, anything else as JSON.
func displayText(v any) string {
	if s, ok := v.(string); ok {
		return cut(s)
	}
	return cut(safeText(func() string {
		var b strings.Builder
		enc := json.NewEncoder(&b)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", "  ")
		if enc.Encode(v) != nil {
			// A part has no JSON, or contains itself.
			b.Reset()
			bounded := inert.tree("", map[string]any{"": v})[""]
			if s, ok := bounded.(string); ok {
				return s
			}
			if enc.Encode(bounded) != nil {
				return fmt.Sprintf("%T", v)
			}
		}
		text := strings.TrimSpace(b.String())
		if flat := strings.Join(strings.Fields(text), " "); len(flat) <= 80 && !strings.Contains(text, `"`) {
			return flat
		}
		return text
	}))
}

// maxDisplay bounds each text of a report, in bytes.
const maxDisplay = 8 << 10

func cut(s string) string {
	s = valid(s)
	if len(s) <= maxDisplay {
		return s
	}
	return s[:runeBefore(s, maxDisplay)] + " …"
}

// failed reports that the task or an evaluator did not work.
func (c *ReportCase) failed() bool {
	return c.Error != "" || slices.ContainsFunc(c.Scores, func(s ReportScore) bool { return s.Error != "" })
}

// passed is [Case.Passed].
func (c *ReportCase) passed() bool {
	return !c.failed() && !slices.ContainsFunc(c.Scores, func(s ReportScore) bool { return s.Verdict == Failed })
}

func (c *ReportCase) score(name string) (s ReportScore, ok bool) {
	for _, s := range c.Scores {
		if s.Name == name {
			return s, s.Error == ""
		}
	}
	return ReportScore{}, false
}

func (r *Report) count() (passed, notPassed, failed int) {
	for i := range r.Cases {
		switch c := &r.Cases[i]; {
		case c.failed():
			failed++
		case c.passed():
			passed++
		default:
			notPassed++
		}
	}
	return passed, notPassed, failed
}

// values are the scores of a metric, ascending.
func (r *Report) values(metric string) []float64 {
	var values []float64
	for i := range r.Cases {
		if s, ok := r.Cases[i].score(metric); ok {
			values = append(values, s.Value)
		}
	}
	slices.Sort(values)
	return values
}

// durations are those of all tasks, ascending, in seconds.
func (r *Report) durations() []float64 {
	values := make([]float64, 0, len(r.Cases))
	for i := range r.Cases {
		values = append(values, r.Cases[i].Duration.Seconds())
	}
	slices.Sort(values)
	return values
}

// worst returns the cases from the worst to the best: those whose task
// failed, those that an evaluator failed on, those with the most verdicts
// against them, and of these the ones with the lowest scores.
func (r *Report) worst() []*ReportCase {
	type rank struct {
		*ReportCase
		errors, against int
		quality         float64 // 0 to 1
	}
	type scale struct{ worst, best float64 }
	scales := make(map[string]scale)
	for _, m := range r.Metrics {
		if values := r.values(m.Name); len(values) > 0 {
			s := scale{values[0], values[len(values)-1]}
			if m.LowerIsBetter {
				s.worst, s.best = s.best, s.worst
			}
			scales[m.Name] = s
		}
	}
	ranks := make([]rank, len(r.Cases))
	for i := range r.Cases {
		c := &r.Cases[i]
		k := rank{ReportCase: c}
		if c.Error != "" {
			k.errors = 1000
		}
		n := 0
		for _, s := range c.Scores {
			switch {
			case s.Error != "":
				k.errors++
				continue
			case s.Verdict == Failed:
				k.against++
			}
			// Metrics count alike, whatever their scale.
			if sc := scales[s.Name]; sc.best != sc.worst {
				k.quality += (s.Value - sc.worst) / (sc.best - sc.worst)
				n++
			}
		}
		k.quality /= float64(max(n, 1))
		ranks[i] = k
	}
	slices.SortStableFunc(ranks, func(a, b rank) int {
		return cmp.Or(-cmp.Compare(a.errors, b.errors), -cmp.Compare(a.against, b.against), cmp.Compare(a.quality, b.quality))
	})
	out := make([]*ReportCase, len(ranks))
	for i, k := range ranks {
		out[i] = k.ReportCase
	}
	return out
}

// sessionURL returns where a case's session is shown, or "".
func (r *Report) sessionURL(c *ReportCase) string {
	if r.SessionURL == "" || c.SessionID == "" {
		return ""
	}
	link := strings.ReplaceAll(r.SessionURL, "{session}", url.PathEscape(c.SessionID))
	// A report may come from a file: nothing but a web page is linked.
	if u, err := url.Parse(link); err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
		return ""
	}
	return link
}
