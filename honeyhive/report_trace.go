package honeyhive

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// ReadReport returns the report of a run from the trace files that it wrote
// ([WithFile]), which may be joined and hold other runs and traces too. It is
// the run of that id, as Experiment.RunID takes it, or where the id is empty
// the one that began last.
//
// Spans say less than a [Run]: cases are in the order in which they began,
// every metric of a case's span counts, with its mean, and which metrics are
// better when lower is not known. It is an error where there is no such run, or
// a line is no trace; one that was cut short is left out.
func ReadReport(r io.Reader, runID string) (*Report, error) {
	if runID != "" {
		runID = uuidOf(strings.TrimSpace(runID))
	}
	runs := make(map[string][]*tracedCase)
	in := newLineReader(r, maxTraceLine)
	for {
		line, err := in.next()
		if errors.Is(err, errLongLine) || err != nil && !errors.Is(err, io.EOF) {
			return nil, fmt.Errorf("honeyhive: trace file: line %d: %w", in.number, err)
		}
		last := err != nil
		if len(line) > 0 {
			if err := readTraces(line, runID, runs); err != nil && !isTruncated(line, err) {
				return nil, fmt.Errorf("honeyhive: trace file: line %d: %w", in.number, err)
			}
		}
		if last {
			break
		}
	}
	if runID == "" {
		for id, cases := range runs {
			if runID == "" || latest(cases).After(latest(runs[runID])) {
				runID = id
			}
		}
	}
	if len(runs[runID]) == 0 {
		return nil, fmt.Errorf("honeyhive: trace file: no cases of run %q", runID)
	}
	return reportOf(runID, runs[runID]), nil
}

// maxTraceLine bounds a request of a trace file, in bytes: a batch of spans that
// are as large as a span may be.
const maxTraceLine = 1 << 30

// isTruncated reports whether the end of a line is missing: its process was
// killed.
func isTruncated(line []byte, err error) bool {
	syntax, ok := errors.AsType[*json.SyntaxError](err)
	return ok && syntax.Offset >= int64(len(line))
}

func latest(cases []*tracedCase) (t time.Time) {
	for _, c := range cases {
		if c.begun.After(t) {
			t = c.begun
		}
	}
	return t
}

// The parts of OTLP's JSON that a report needs.
type (
	otlpTraces struct {
		ResourceSpans []struct {
			ScopeSpans []struct{ Spans []otlpSpan }
		}
	}
	otlpSpan struct {
		ParentSpanID      string `json:"parentSpanId"`
		StartTimeUnixNano otlpNumber
		EndTimeUnixNano   otlpNumber
		Attributes        []otlpAttribute
		Events            []struct {
			Name       string
			Attributes []otlpAttribute
		}
	}
	otlpAttribute struct {
		Key   string
		Value otlpValue
	}
	otlpValue struct {
		StringValue *string
		BoolValue   *bool
		IntValue    otlpNumber
		DoubleValue otlpNumber
		ArrayValue  *struct{ Values []otlpValue }
	}
)

// otlpNumber is a number as OTLP's JSON writes it: bare, or as a text, in which
// there may be a NaN or an infinity.
type otlpNumber string

// UnmarshalJSON takes whatever is there: an attribute that cannot be read is
// no reason to do without the others.
func (n *otlpNumber) UnmarshalJSON(text []byte) error {
	*n = ""
	if s := strings.Trim(string(text), `"`); s != "null" {
		*n = otlpNumber(s)
	}
	return nil
}

func (n otlpNumber) value() any {
	x, err := strconv.ParseFloat(string(n), 64)
	switch {
	case math.IsNaN(x) || math.IsInf(x, 0):
		return strings.TrimPrefix(strings.ToLower(strconv.FormatFloat(x, 'g', -1, 64)), "+")
	case err != nil:
		return string(n)
	}
	return json.Number(n)
}

func (v otlpValue) value() any {
	switch {
	case v.StringValue != nil:
		return *v.StringValue
	case v.BoolValue != nil:
		return *v.BoolValue
	case v.IntValue != "":
		return v.IntValue.value()
	case v.DoubleValue != "":
		return v.DoubleValue.value()
	case v.ArrayValue != nil:
		list := make([]any, len(v.ArrayValue.Values))
		for i, e := range v.ArrayValue.Values {
			list[i] = e.value()
		}
		return list
	}
	return nil
}

// tracedCase is a case's root span.
type tracedCase struct {
	ReportCase
	begun, ended           time.Time
	name, project, source  string
	record                 *spanRecord
	datasetID              string
	inputs, outputs, truth attributeTree
}

func readTraces(line []byte, runID string, runs map[string][]*tracedCase) error {
	var traces otlpTraces
	if err := json.Unmarshal(line, &traces); err != nil {
		return err
	}
	for _, rs := range traces.ResourceSpans {
		for _, ss := range rs.ScopeSpans {
			for i := range ss.Spans {
				if s := &ss.Spans[i]; s.ParentSpanID == "" {
					if id, c := readCase(s); c != nil && (runID == "" || id == runID) {
						runs[id] = append(runs[id], c)
					}
				}
			}
		}
	}
	return nil
}

// readCase returns the case of a root span and its run, or nil where it is
// none or was not finished.
func readCase(s *otlpSpan) (runID string, c *tracedCase) {
	c = &tracedCase{begun: unixNano(s.StartTimeUnixNano), ended: unixNano(s.EndTimeUnixNano)}
	metrics := make(map[string]any)
	var names []string
	chain := false
	var rec *spanRecord
	for _, a := range s.Attributes {
		v := a.Value.value()
		text, _ := v.(string)
		switch a.Key {
		case metadataPrefix + ".run_id":
			runID = text
		case metadataPrefix + ".dataset_id":
			c.datasetID = text
		case metadataPrefix + ".datapoint_id":
			c.ID = text
		case spanRecordKey:
			rec = readSpanRecord(text)
		case metadataPrefix + ".interrupted":
			return "", nil
		case string(eventTypeKey):
			chain = text == string(EventTypeChain)
		case string(sessionIDKey):
			c.SessionID = text
		case string(sessionKey):
			c.name = text
		case string(projectKey):
			c.project = text
		case string(sourceKey):
			c.source = text
		case string(errorKey):
			c.Error = cut(text)
		case string(durationKey):
			if ms, ok := toFloat(v); ok {
				c.Duration = time.Duration(ms * float64(time.Millisecond))
			}
		default:
			if rest, ok := strings.CutPrefix(a.Key, inputsPrefix+"."); ok {
				c.inputs.add(rest, v)
			} else if rest, ok := strings.CutPrefix(a.Key, outputsPrefix+".result"); ok {
				c.outputs.add(strings.TrimPrefix(rest, "."), v)
			} else if rest, ok := strings.CutPrefix(a.Key, feedbackPrefix+".ground_truth"); ok {
				c.truth.add(strings.TrimPrefix(rest, "."), v)
			} else if rest, ok := strings.CutPrefix(a.Key, metricsPrefix+"."); ok {
				metrics[rest] = v
				names = append(names, rest)
			} else if rest, ok := strings.CutPrefix(a.Key, metadataPrefix+".evaluator_errors."); ok {
				c.Scores = append(c.Scores, ReportScore{Name: rest, Error: cut(text)})
			}
		}
	}
	if runID == "" || c.ID == "" || !chain {
		return "", nil
	}
	// What baggage says of somebody else's span does not make it a case.
	if rec == nil && c.SessionID != caseSession(runID, c.ID) {
		return "", nil
	}
	for _, name := range names {
		if s, ok := readScore(name, metrics); ok {
			c.Scores = append(c.Scores, s)
		}
	}
	if v, ok := c.inputs["input"]; ok && len(c.inputs) == 1 {
		c.Input = displayText(v)
	} else {
		c.Input = c.inputs.text()
	}
	c.Output, c.GroundTruth = c.outputs.text(), c.truth.text()
	if rec != nil {
		rec.restore(c)
	}
	c.readStacks(s)
	return runID, c
}

// readScore returns the score of that name, unless it belongs to another's.
func readScore(name string, metrics map[string]any) (s ReportScore, ok bool) {
	for _, suffix := range []string{"_explanation", "_passed"} {
		if base, found := strings.CutSuffix(name, suffix); found && metrics[base] != nil {
			return s, false
		}
	}
	s.Name = name
	if pass, binary := metrics[name].(bool); binary {
		s.Score = PassFail(pass, "")
	} else if s.Value, ok = toFloat(metrics[name]); !ok {
		return s, false
	}
	if pass, judged := metrics[name+"_passed"].(bool); judged {
		s.Verdict = Failed
		if pass {
			s.Verdict = Passed
		}
	}
	s.Explanation, _ = metrics[name+"_explanation"].(string)
	s.Explanation = cut(s.Explanation)
	return s, true
}

// readStacks finds the stacks of a case's errors among the span's events.
func (c *tracedCase) readStacks(s *otlpSpan) {
	for _, e := range s.Events {
		var message, stack string
		for _, a := range e.Attributes {
			text, _ := a.Value.value().(string)
			switch a.Key {
			case "exception.message":
				message = text
			case "exception.stacktrace":
				stack = cut(text)
			}
		}
		if c.Error != "" && cut(message) == c.Error {
			c.Stack = stack
		}
		for i := range c.Scores {
			if c.Scores[i].Error != "" && cut(message) == c.Scores[i].Error {
				c.Scores[i].Stack = stack
			}
		}
	}
}

func toFloat(v any) (float64, bool) {
	n, ok := v.(json.Number)
	if !ok {
		return 0, false
	}
	x, err := n.Float64()
	return x, err == nil && isFinite(x)
}

func unixNano(text otlpNumber) time.Time {
	n, err := strconv.ParseInt(string(text), 10, 64)
	if err != nil {
		return time.Time{}
	}
	return time.Unix(0, n)
}

// attributeTree puts flattened attributes together again. The value under ""
// is the whole.
type attributeTree map[string]any

// maxTreeDepth is how many elements of a path are taken apart: more than the
// values have that this package writes.
const maxTreeDepth = 2 * maxDepth

func (t *attributeTree) add(path string, v any) {
	if *t == nil {
		*t = make(attributeTree)
	}
	node := *t
	for depth := 0; ; depth++ {
		key, rest, more := strings.Cut(path, ".")
		if depth == maxTreeDepth {
			key, more = path, false
		}
		if !more {
			node[key] = v
			return
		}
		next, ok := node[key].(attributeTree)
		if !ok {
			next = make(attributeTree)
			node[key] = next
		}
		node, path = next, rest
	}
}

func (t attributeTree) text() string {
	if t == nil {
		return ""
	}
	if v, ok := t[""]; ok {
		return displayText(v)
	}
	return displayText(t.lists())
}

// lists returns t with what was a list as a list.
func (t attributeTree) lists() any {
	for key, v := range t {
		if node, ok := v.(attributeTree); ok {
			t[key] = node.lists()
		}
	}
	list := make([]any, len(t))
	for i := range list {
		v, ok := t[strconv.Itoa(i)]
		if !ok {
			return map[string]any(t)
		}
		list[i] = v
	}
	return list
}

// reportOf puts the cases of a run together. Of a case that was repeated the
// last repetition counts.
func reportOf(runID string, cases []*tracedCase) *Report {
	slices.SortStableFunc(cases, func(a, b *tracedCase) int { return a.begun.Compare(b.begun) })
	last := make(map[string]*tracedCase, len(cases))
	for _, c := range cases {
		last[c.ID] = c
	}
	first := cases[0]
	r := &Report{RunID: runID, Name: first.name, Project: first.project, Source: first.source, DatasetID: first.datasetID, Started: first.begun}
	end := first.ended
	var metrics []string
	for _, c := range cases {
		if c.ended.After(end) {
			end = c.ended
		}
		if last[c.ID] != c {
			continue
		}
		if c.record == nil {
			c.Index = len(r.Cases)
		}
		r.Cases = append(r.Cases, c.ReportCase)
		for _, s := range c.Scores {
			if !slices.Contains(metrics, s.Name) {
				metrics = append(metrics, s.Name)
			}
		}
	}
	slices.SortStableFunc(r.Cases, func(a, b ReportCase) int { return cmp.Compare(a.Index, b.Index) })
	r.Duration = end.Sub(r.Started)
	r.Name = cmp.Or(r.Name, "experiment-"+runID[:min(8, len(runID))])
	for _, name := range metrics {
		m := r.summarize(name)
		m.LowerIsBetter = slices.ContainsFunc(cases, func(c *tracedCase) bool {
			return c.record != nil && slices.Contains(c.record.LowerIsBetter, name)
		})
		r.Metrics = append(r.Metrics, m)
	}
	return r
}

// summarize computes a metric from the cases, as far as they show it.
func (r *Report) summarize(name string) Metric {
	m := Metric{Name: name}
	for i := range r.Cases {
		for _, s := range r.Cases[i].Scores {
			switch {
			case s.Name != name:
			case s.Error != "":
				m.Errors++
			case s.Verdict == Passed:
				m.Passed++
			case s.Verdict == Failed:
				m.Failed++
			}
		}
	}
	values := r.values(name)
	if m.Scores = len(values); m.Scores > 0 {
		m.Aggregates = []AggregateValue{{"mean", Mean().apply(values)}}
	}
	return m
}
