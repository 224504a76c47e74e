package honeyhive_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/honeyhiveai/hhvet/honeyhive"
	"github.com/honeyhiveai/hhvet/honeyhive/honeyhivetest"
)

// The functions of an experiment with something of everything. shift makes
// some cases better and others worse.
func taskOf(shift int) func(context.Context, honeyhive.Datapoint[int]) (string, error) {
	return func(_ context.Context, dp honeyhive.Datapoint[int]) (string, error) {
		switch {
		case dp.Input == 5+shift:
			return "", errors.New("no answer " + evil)
		case dp.Input == 30:
			panic("out of tokens")
		}
		return fmt.Sprintf("answer %d, %s", dp.Input, evil), nil
	}
}

func rightOf(shift int) func(context.Context, string, honeyhive.Datapoint[int]) (honeyhive.Score, error) {
	return func(_ context.Context, _ string, dp honeyhive.Datapoint[int]) (honeyhive.Score, error) {
		if dp.Input == 11 {
			return honeyhive.Score{}, errors.New("the judge is silent")
		}
		return honeyhive.PassFail((dp.Input+shift)%5 != 4, fmt.Sprintf("explanation %d", dp.Input)), nil
	}
}

func evilScore(shift int) func(context.Context, string, honeyhive.Datapoint[int]) (honeyhive.Score, error) {
	return func(_ context.Context, _ string, dp honeyhive.Datapoint[int]) (honeyhive.Score, error) {
		return honeyhive.Score{Value: float64((dp.Input+shift)%10) / 10, Explanation: evil}, nil
	}
}

func costOf(shift int) func(context.Context, string, honeyhive.Datapoint[int]) (honeyhive.Score, error) {
	return func(_ context.Context, _ string, dp honeyhive.Datapoint[int]) (honeyhive.Score, error) {
		return honeyhive.Score{Value: float64(dp.Input*7%12 + shift)}, nil
	}
}

// small is a report that fits a page.
func small(t *testing.T) *honeyhive.Report {
	t.Helper()
	run, err := honeyhive.Evaluate(t.Context(), nil, experiment{
		Name: "capitals", Concurrency: 1,
		Dataset: honeyhive.DatasetOf(append(countries,
			point{Input: "a\x1b[31m\nlong\tquestion " + strings.Repeat("that goes on ", 10), GroundTruth: "yes"},
			point{Input: "broken"})...),
		Task: func(ctx context.Context, dp point) (string, error) {
			if dp.Input == "broken" {
				return "", errors.New("no such country\r\nat all")
			}
			return capital(ctx, dp)
		},
		Evaluators: []evaluator{{Name: "exact", Func: exact}, {Name: "length", Func: length}},
		Aggregates: []honeyhive.Aggregate{honeyhive.Mean(), honeyhive.Max()},
		Overall: []honeyhive.Overall[string, string]{{Name: "spread", Func: func(context.Context, []honeyhive.Case[string, string]) (honeyhive.Score, error) {
			return honeyhive.Score{Value: 0.25, Explanation: "of lengths"}, nil
		}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return run.Report()
}

func TestTable(t *testing.T) {
	r := small(t)
	r.Duration = 1234 * time.Millisecond
	var b strings.Builder
	if err := r.WriteTable(&b); err != nil {
		t.Fatal(err)
	}
	want := `capitals: 5 cases, 2 passed, 2 did not pass, 1 failed (1.23s)

METRIC  MEAN  MAX  PASSED  ERRORS  DISTRIBUTION
exact    0.5    1     2/4       0  0 │█        █│ 1
length   3.5    5       -       0  0 │▄       ▄█│ 5
spread over all cases: 0.25  of lengths

Worst cases
#  INPUT                                     OUTPUT  WANTED  WHY
5  broken                                                    no such country at all
4  a[31m long question that goes on that g…          yes     exact: wanted yes
2  Japan                                     Kyoto   Tokyo   exact: wanted Tokyo
`
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Errorf("table (-want +got):\n%s", diff)
	}
}

func TestCompare(t *testing.T) {
	score := func(name string, v float64) honeyhive.ReportScore {
		return honeyhive.ReportScore{Name: name, Score: honeyhive.Score{Value: v}}
	}
	metrics := []honeyhive.Metric{{Name: "quality"}, {Name: "cost", LowerIsBetter: true}, {Name: "new"}}
	before := &honeyhive.Report{RunID: "1", Name: "before", Metrics: metrics[:2], Cases: []honeyhive.ReportCase{
		{ID: "a", Scores: []honeyhive.ReportScore{score("quality", 0.5), score("cost", 10)}},
		{ID: "b", Scores: []honeyhive.ReportScore{score("quality", 0.5), score("cost", 10)}},
		{ID: "c", Scores: []honeyhive.ReportScore{score("quality", 0.1+0.2), score("cost", 10)}},
		{ID: "d", Scores: []honeyhive.ReportScore{score("quality", 1), score("cost", 1)}},
		{ID: "gone"},
	}}
	now := &honeyhive.Report{RunID: "2", Name: "now", Metrics: metrics, Cases: []honeyhive.ReportCase{
		{ID: "a", Scores: []honeyhive.ReportScore{score("quality", 0.9), score("cost", 20), score("new", 1)}},
		{ID: "b", Scores: []honeyhive.ReportScore{score("quality", 0.1), score("cost", 5)}},
		{ID: "c", Scores: []honeyhive.ReportScore{score("quality", 0.3), score("cost", 10)}},
		{ID: "d", Error: "no answer"},
		{ID: "e"},
	}}
	got := now.Compare(before)
	want := honeyhive.Comparison{
		OldRun: "before", OldRunID: "1", NewRun: "now", RunID: "2", Common: 4,
		OnlyOld: []string{"gone"}, OnlyNew: []string{"e"},
		// A case that no longer has a score is not lost from sight.
		Succeeded: honeyhive.MetricChange{Name: "succeeded", Old: 1, New: 0.75, Degraded: []string{"d"}, Same: []string{"a", "b", "c"}},
		Metrics: []honeyhive.MetricChange{
			{Name: "quality", Old: 1.3 / 3, New: 1.3 / 3, Improved: []string{"a"}, Degraded: []string{"b"}, Same: []string{"c"}},
			{Name: "cost", LowerIsBetter: true, Old: 10, New: 35.0 / 3, Improved: []string{"b"}, Degraded: []string{"a"}, Same: []string{"c"}},
		},
	}
	if diff := cmp.Diff(want, got, cmp.Comparer(func(a, b float64) bool { return a-b < 1e-9 && b-a < 1e-9 })); diff != "" {
		t.Errorf("comparison (-want +got):\n%s", diff)
	}
	var b strings.Builder
	if err := got.WriteTable(&b); err != nil {
		t.Fatal(err)
	}
	wantTable := `now compared with before: 4 common cases, 1 new, 1 gone

METRIC     BEFORE     NOW  CHANGE  IMPROVED  DEGRADED  SAME
succeeded       1    0.75   -0.25         0         1     3
quality     0.433   0.433       0         1         1     1
cost           10  11.667  +1.667         1         1     1
`
	if diff := cmp.Diff(wantTable, b.String()); diff != "" {
		t.Errorf("table (-want +got):\n%s", diff)
	}
}

// A report that was kept is the same when it is read.
func TestReportAsJSON(t *testing.T) {
	now, _ := browserReports(t)
	text, err := json.Marshal(now)
	if err != nil {
		t.Fatal(err)
	}
	var back honeyhive.Report
	if err := json.Unmarshal(text, &back); err != nil {
		t.Fatal(err)
	}
	now.Started = now.Started.Round(0) // without the monotonic clock
	if diff := cmp.Diff(*now, back); diff != "" {
		t.Errorf("report (-kept +read):\n%s", diff)
	}
	if c := now.Compare(nil); c.Common != 0 || len(c.OnlyNew) != len(now.Cases) {
		t.Errorf("with nothing: %+v", c)
	}
	if c := now.Compare(&back); c.Common != 40 || len(c.Metric("cost").Same) != 38 {
		t.Errorf("compared with itself: %+v", c)
	}
}

// A page loads nothing, and shows text as text.
func TestPage(t *testing.T) {
	now, before := browserReports(t)
	now.SessionURL = "javascript:alert(1)//{session}"
	for i := range now.Cases {
		now.Cases[i].SessionID = evil
	}
	var b bytes.Buffer
	if err := now.WriteHTML(&b, before); err != nil {
		t.Fatal(err)
	}
	page := b.String()
	for _, bad := range []string{"<script>alert", "<img", `" onmouseover`, "javascript:", "@import", "url("} {
		if strings.Contains(page, bad) {
			t.Errorf("the page contains %q", bad)
		}
	}
	for _, want := range []string{"&lt;script&gt;alert(1)", "out of tokens", "goroutine", "the judge is silent", "lower is better", "Since prompt 1"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
}

func TestPageOfNothing(t *testing.T) {
	for name, r := range map[string]*honeyhive.Report{
		"no cases":      {Name: "empty"},
		"no evaluators": {Name: "bare", Cases: []honeyhive.ReportCase{{ID: "a", Output: "x"}}},
		"huge values": {Name: "huge", Metrics: []honeyhive.Metric{{Name: "m", Scores: 2}}, Cases: []honeyhive.ReportCase{
			{ID: "a", Scores: []honeyhive.ReportScore{{Name: "m", Score: honeyhive.Score{Value: 1.7e308}}}},
			{ID: "b", Scores: []honeyhive.ReportScore{{Name: "m", Score: honeyhive.Score{Value: -1.7e308}}}},
		}},
	} {
		var page, table bytes.Buffer
		if err := r.WriteHTML(&page); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if err := r.WriteTable(&table); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		_, body, _ := strings.Cut(page.String(), "</style>")
		body, _, _ = strings.Cut(body, "<script>")
		for _, text := range []string{body, table.String()} {
			if strings.Contains(text, "NaN") || strings.Contains(text, "Inf") {
				t.Errorf("%s: NaN or Inf in\n%s", name, text)
			}
		}
	}
}

// A page of very many cases stays one that a browser can open.
func TestPageIsBounded(t *testing.T) {
	r := &honeyhive.Report{Name: "many", Cases: make([]honeyhive.ReportCase, 5000)}
	for i := range r.Cases {
		r.Cases[i] = honeyhive.ReportCase{ID: fmt.Sprint(i), Index: i}
	}
	r.Cases[4321].Error = "the one that matters"
	var b bytes.Buffer
	if err := r.WriteHTML(&b); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(b.String(), "<details"); n != 2000 {
		t.Errorf("%d cases on the page", n)
	}
	if !strings.Contains(b.String(), "The 2000 worst of 5000 cases") || !strings.Contains(b.String(), "the one that matters") {
		t.Error("the worst case is missing, or the page does not say what is")
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left") }

func TestReportCannotBeWritten(t *testing.T) {
	r := small(t)
	for name, err := range map[string]error{"HTML": r.WriteHTML(full{}), "table": r.WriteTable(full{}), "comparison": r.Compare(r).WriteTable(full{})} {
		if err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// terminal is a writer that claims to be one.
type terminal struct{ locked }

func (*terminal) IsTerminal() bool { return true }

func TestProgress(t *testing.T) {
	run := func(progress interface{ Write([]byte) (int, error) }) {
		_, err := honeyhive.Evaluate(t.Context(), nil, experiment{
			Name: "capitals", Dataset: honeyhive.DatasetOf(countries...), Task: capital, Concurrency: 1, Progress: progress,
			Evaluators: []evaluator{{Name: "exact", Func: exact}},
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	var screen terminal
	run(&screen)
	text := screen.String()
	if !strings.Contains(text, "\rcapitals  ") || !strings.Contains(text, "3/3, 1 not passed") {
		t.Errorf("a terminal shows %q", text)
	}
	if strings.Contains(text, "\n") || !strings.HasSuffix(text, " \r") {
		t.Errorf("the line is not cleared at the end: %q", text)
	}
	var plain locked
	run(&plain)
	file, err := os.Create(t.TempDir() + "/log")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	run(file)
	info, err := file.Stat()
	if err != nil || plain.Len() > 0 || info.Size() > 0 {
		t.Errorf("what is no terminal got %q and %d bytes", plain.String(), info.Size())
	}
}

// Cases link to their sessions where HoneyHive's address is known.
func TestSessionLinks(t *testing.T) {
	b := honeyhivetest.NewBackend(t)
	hosted := honeyhive.WithServerURL("https://api.dp1.us.honeyhive.ai")
	for _, test := range []struct {
		name string
		opts []honeyhive.Option
		want string
	}{
		{"hosted", []honeyhive.Option{hosted, honeyhive.WithProject("a b/c")}, "https://app.honeyhive.ai/projects/a%20b%2Fc/sessions/{session}"},
		{"without a project", []honeyhive.Option{hosted}, ""},
		{"a server of one's own", []honeyhive.Option{honeyhive.WithServerURL("https://honeyhive.example.com"), honeyhive.WithProject("p")}, ""},
		{"offline", []honeyhive.Option{hosted, honeyhive.WithProject("p"), honeyhive.WithOffline()}, ""},
	} {
		run, err := honeyhive.Evaluate(t.Context(), b.NewTracer(test.opts...), experiment{Dataset: honeyhive.DatasetOf(countries...), Task: capital})
		if err != nil {
			t.Fatal(err)
		}
		r := run.Report()
		if r.SessionURL != test.want {
			t.Errorf("%s: %q, want %q", test.name, r.SessionURL, test.want)
		}
		var page strings.Builder
		if err := r.WriteHTML(&page); err != nil {
			t.Fatal(err)
		}
		link := strings.ReplaceAll(test.want, "{session}", run.Cases[0].SessionID)
		if linked := strings.Contains(page.String(), `href="`+link+`"`); linked != (test.want != "") {
			t.Errorf("%s: linked = %v", test.name, linked)
		}
	}
}
