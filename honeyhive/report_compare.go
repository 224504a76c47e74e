package honeyhive

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
)

// A Comparison says what changed from an earlier run to this one. Cases are
// the same where their ids are.
type Comparison struct {
	OldRun, NewRun   string // names
	OldRunID, RunID  string
	Common           int      // cases in both
	OnlyOld, OnlyNew []string // ids of the others
	// Succeeded compares whether the tasks returned without an error. The
	// metrics only compare cases that have a score in both runs.
	Succeeded MetricChange
	// Metrics are those of both runs, in this run's order.
	Metrics []MetricChange
}

// A MetricChange compares one metric case by case.
type MetricChange struct {
	Name          string
	LowerIsBetter bool
	// Old and New are the means over the cases that have a score in both.
	Old, New float64
	// Improved, Degraded and Same are ids of datapoints.
	Improved, Degraded, Same []string
}

// sameScore is the largest difference that is none.
const sameScore = 1e-9

func (m *MetricChange) add(id string, before, now float64) {
	m.Old += before
	m.New += now
	better := now - before
	if m.LowerIsBetter {
		better = -better
	}
	switch {
	case math.Abs(better) <= sameScore*math.Max(1, math.Abs(before)):
		m.Same = append(m.Same, id)
	case better > 0:
		m.Improved = append(m.Improved, id)
	default:
		m.Degraded = append(m.Degraded, id)
	}
}

// compared is how many cases are compared.
func (m *MetricChange) compared() int { return len(m.Improved) + len(m.Degraded) + len(m.Same) }

func (m *MetricChange) average() {
	if n := m.compared(); n > 0 {
		m.Old /= float64(n)
		m.New /= float64(n)
	}
}

// Compare compares r with an earlier run of the same dataset. A nil one has no
// cases.
func (r *Report) Compare(earlier *Report) Comparison {
	if earlier == nil {
		earlier = new(Report)
	}
	c := Comparison{
		OldRun: earlier.Name, OldRunID: earlier.RunID, NewRun: r.Name, RunID: r.RunID,
		Succeeded: MetricChange{Name: "succeeded"},
	}
	for _, m := range r.Metrics {
		if slices.ContainsFunc(earlier.Metrics, func(old Metric) bool { return old.Name == m.Name }) {
			c.Metrics = append(c.Metrics, MetricChange{Name: m.Name, LowerIsBetter: m.LowerIsBetter})
		}
	}
	before := make(map[string]*ReportCase, len(earlier.Cases))
	for i := range earlier.Cases {
		before[earlier.Cases[i].ID] = &earlier.Cases[i]
	}
	for i := range r.Cases {
		now := &r.Cases[i]
		old := before[now.ID]
		if old == nil {
			c.OnlyNew = append(c.OnlyNew, now.ID)
			continue
		}
		delete(before, now.ID)
		c.Common++
		c.Succeeded.add(now.ID, yes(old.Error == ""), yes(now.Error == ""))
		for k := range c.Metrics {
			m := &c.Metrics[k]
			a, ok1 := old.score(m.Name)
			b, ok2 := now.score(m.Name)
			if ok1 && ok2 {
				m.add(now.ID, a.Value, b.Value)
			}
		}
	}
	for i := range earlier.Cases {
		if before[earlier.Cases[i].ID] != nil {
			c.OnlyOld = append(c.OnlyOld, earlier.Cases[i].ID)
		}
	}
	c.Succeeded.average()
	for k := range c.Metrics {
		c.Metrics[k].average()
	}
	return c
}

func yes(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// Metric returns the change of the metric with that name. It is the zero
// MetricChange where one of the runs has no such metric.
func (c Comparison) Metric(name string) MetricChange {
	for _, m := range c.Metrics {
		if m.Name == name {
			return m
		}
	}
	return MetricChange{}
}

// rows are the lines of a comparison's table.
func (c *Comparison) rows() []MetricChange {
	rows := c.Metrics
	if c.Succeeded.Old < 1 || c.Succeeded.New < 1 {
		rows = append([]MetricChange{c.Succeeded}, rows...)
	}
	return rows
}

// WriteTable writes the comparison as a text for a terminal. The error is w's.
func (c Comparison) WriteTable(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s compared with %s: %d common cases", oneLine(c.NewRun, 60), oneLine(c.OldRun, 60), c.Common)
	if n := len(c.OnlyNew); n > 0 {
		fmt.Fprintf(&b, ", %d new", n)
	}
	if n := len(c.OnlyOld); n > 0 {
		fmt.Fprintf(&b, ", %d gone", n)
	}
	b.WriteString("\n\n")
	t := textTable{{"METRIC", "BEFORE", "NOW", "CHANGE", "IMPROVED", "DEGRADED", "SAME"}}
	for _, m := range c.rows() {
		t = append(t, []string{
			oneLine(m.Name, 40), number(m.Old), number(m.New), signed(m.New - m.Old),
			fmt.Sprint(len(m.Improved)), fmt.Sprint(len(m.Degraded)), fmt.Sprint(len(m.Same)),
		})
	}
	t.write(&b)
	_, err := io.WriteString(w, b.String())
	return err
}
