package honeyhive

import (
	"encoding/json"
	"time"

	"github.com/google/uuid"
)

// spanRecordKey is where the root span of a case holds its record.
const spanRecordKey = metadataPrefix + ".evaluation"

// A spanRecord is a case as [Run.Report] shows it, on the case's root span: from
// attributes alone not everything can be told, such as an empty list from
// none, or the evaluators "x_passed" and "x".
type spanRecord struct {
	Index         int           `json:"index"`
	DurationNS    int64         `json:"duration_ns"`
	Shown         bool          `json:"shown"` // the texts are here
	Input         string        `json:"input,omitempty"`
	Output        string        `json:"output,omitempty"`
	GroundTruth   string        `json:"ground_truth,omitempty"`
	Scores        []ReportScore `json:"scores,omitempty"`
	LowerIsBetter []string      `json:"lower_is_better,omitempty"` // names
}

// spanRecord returns the record of a case as a text, redacted.
func (r *runner[In, Out]) spanRecord(c *Case[In, Out]) string {
	redact := r.tracer.redact
	rec := spanRecord{Index: c.Index, DurationNS: int64(c.Duration), Scores: reportScores(c.Scores)}
	for i := range rec.Scores {
		s := &rec.Scores[i]
		s.Explanation = redact.text(string(r.keys[i].explanation), s.Explanation)
		s.Error = redact.text(string(r.keys[i].err), s.Error)
		s.Stack = "" // an event of the span has it
		if r.Evaluators[i].LowerIsBetter {
			rec.LowerIsBetter = append(rec.LowerIsBetter, s.Name)
		}
	}
	// A Redactor sees values one by one, and not the text that they are in.
	if rec.Shown = redact == nil; rec.Shown {
		rec.Input = displayText(c.Datapoint.Input)
		if c.Datapoint.GroundTruth != nil {
			rec.GroundTruth = displayText(c.Datapoint.GroundTruth)
		}
		if c.Err == nil {
			rec.Output = displayText(c.Output)
		}
	}
	text, err := marshalJSON(rec)
	if err != nil {
		return ""
	}
	return string(text)
}

func readSpanRecord(text string) *spanRecord {
	var rec spanRecord
	if json.Unmarshal([]byte(text), &rec) != nil {
		return nil
	}
	return &rec
}

// restore completes a case that was read from its span's attributes.
func (rec *spanRecord) restore(c *tracedCase) {
	c.record = rec
	c.Index, c.Duration = rec.Index, time.Duration(rec.DurationNS)
	c.Scores = rec.Scores
	if rec.Shown {
		c.Input, c.Output, c.GroundTruth = rec.Input, rec.Output, rec.GroundTruth
	}
}

// caseSession is the session of a run's case.
func caseSession(run, datapoint string) string {
	id, err := uuid.Parse(run)
	if err != nil {
		return ""
	}
	return uuid.NewSHA1(id, []byte(datapoint)).String()
}

// suffixed returns the name of an attribute that belongs to an evaluator, and
// is not another evaluator's.
func (r *runner[In, Out]) suffixed(name, suffix string) string {
	for key := name + suffix; ; key += "_" {
		taken := false
		for _, ev := range r.Evaluators {
			taken = taken || ev.Name == key
		}
		if !taken {
			return key
		}
	}
}
