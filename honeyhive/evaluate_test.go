package honeyhive_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/otel/baggage"

	"github.com/honeyhiveai/hhvet/honeyhive"
	"github.com/honeyhiveai/hhvet/honeyhive/honeyhivetest"
)

type (
	point      = honeyhive.Datapoint[string]
	experiment = honeyhive.Experiment[string, string]
	evaluator  = honeyhive.Evaluator[string, string]
)

func exact(_ context.Context, output string, dp point) (honeyhive.Score, error) {
	want, err := honeyhive.GroundTruthAs[string](dp)
	return honeyhive.PassFail(strings.EqualFold(output, want), "wanted "+want), err
}

func capital(_ context.Context, dp point) (string, error) {
	return map[string]string{"France": "Paris", "Japan": "Kyoto", "Peru": "Lima"}[dp.Input], nil
}

var countries = []point{
	{Input: "France", GroundTruth: "Paris"},
	{Input: "Japan", GroundTruth: "Tokyo", ID: "jp"},
	{Input: "Peru", GroundTruth: "Lima"},
}

func same(_ context.Context, dp point) (string, error) { return dp.Input, nil }

func always(context.Context, string, point) (honeyhive.Score, error) {
	return honeyhive.PassFail(true, ""), nil
}

// numbered is a dataset of n cases.
func numbered(n int) []point {
	points := make([]point, n)
	for i := range points {
		points[i] = point{Input: fmt.Sprint(i)}
	}
	return points
}

// TestFifteenLines is the usual case, whole.
func TestFifteenLines(t *testing.T) {
	ctx, tracer, points := t.Context(), honeyhivetest.NewBackend(t).NewTracer(), countries

	run, err := honeyhive.Evaluate(ctx, tracer, honeyhive.Experiment[string, string]{
		Name:    "capitals",
		Dataset: honeyhive.DatasetOf(points...),
		Task: func(ctx context.Context, dp honeyhive.Datapoint[string]) (string, error) {
			return capital(ctx, dp)
		},
		Evaluators: []honeyhive.Evaluator[string, string]{{Name: "exact", Func: exact}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if accuracy, _ := run.Metric("exact").Aggregate("mean"); accuracy < 0.5 {
		t.Errorf("accuracy = %v", accuracy)
	}
}

func TestEvaluate(t *testing.T) {
	b := honeyhivetest.NewBackend(t)
	tracer := b.NewTracer(honeyhive.WithProject("geography"), honeyhive.WithSource("ci"))
	run, err := honeyhive.Evaluate(t.Context(), tracer, experiment{
		Name:       "capitals",
		Dataset:    honeyhive.DatasetOf(countries...),
		Task:       capital,
		Evaluators: []evaluator{{Name: "exact", Func: exact}, {Name: "length", Func: length, LowerIsBetter: true}},
		Overall: []honeyhive.Overall[string, string]{{Name: "distinct", Func: func(_ context.Context, cases []honeyhive.Case[string, string]) (honeyhive.Score, error) {
			outputs := make(map[string]bool)
			for _, c := range cases {
				outputs[c.Output] = true
			}
			return honeyhive.Score{Value: float64(len(outputs))}, nil
		}}},
		Aggregates: []honeyhive.Aggregate{honeyhive.Mean(), honeyhive.Max(), {Name: "first", Func: func(v []float64) float64 { return v[0] }}},
	})
	if err != nil {
		t.Fatal(err)
	}

	t.Run("results", func(t *testing.T) {
		type result struct {
			Input, Output string
			Exact         honeyhive.Verdict
			Length        float64
			Passed        bool
		}
		var got []result
		for _, c := range run.Cases {
			got = append(got, result{c.Datapoint.Input, c.Output, c.Scores[0].Verdict, c.Scores[1].Value, c.Passed()})
		}
		want := []result{
			{"France", "Paris", honeyhive.Passed, 5, true},
			{"Japan", "Kyoto", honeyhive.Failed, 5, false},
			{"Peru", "Lima", honeyhive.Passed, 4, true},
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("cases (-want +got):\n%s", diff)
		}
		wantMetrics := []honeyhive.Metric{
			{Name: "exact", Scores: 3, Passed: 2, Failed: 1, Aggregates: []honeyhive.AggregateValue{{"mean", 2.0 / 3}, {"max", 1}, {"first", 0}}},
			{Name: "length", LowerIsBetter: true, Scores: 3, Aggregates: []honeyhive.AggregateValue{{"mean", 14.0 / 3}, {"max", 5}, {"first", 4}}},
		}
		if diff := cmp.Diff(wantMetrics, run.Metrics); diff != "" {
			t.Errorf("metrics (-want +got):\n%s", diff)
		}
		if len(run.Overall) != 1 || run.Overall[0].Value != 3 {
			t.Errorf("overall = %+v", run.Overall)
		}
		if got := run.PassRate(); got < 0.66 || got > 0.67 {
			t.Errorf("pass rate = %v", got)
		}
	})

	t.Run("spans", func(t *testing.T) {
		spans := b.Spans()
		if len(spans) != 3 {
			t.Fatalf("%d spans", len(spans))
		}
		for _, s := range spans {
			if s.Attributes["honeyhive_inputs.input"] != "Japan" {
				continue
			}
			delete(s.Attributes, "honeyhive_duration_ms")
			want := object{
				"honeyhive.project": "geography", "honeyhive.source": "ci",
				"honeyhive.session_id": run.Cases[1].SessionID, "honeyhive.session_name": "capitals", "honeyhive.session_auto_create": true,
				"honeyhive_event_type": "chain", "honeyhive_event_name": "capital",
				"honeyhive_inputs.input": "Japan", "honeyhive_outputs.result": "Kyoto", "honeyhive_feedback.ground_truth": "Tokyo",
				"honeyhive_metadata.run_id": run.ID, "honeyhive_metadata.dataset_id": run.DatasetID, "honeyhive_metadata.datapoint_id": "EXT-jp",
				"honeyhive_metrics.exact": false, "honeyhive_metrics.exact_explanation": "wanted Tokyo", "honeyhive_metrics.length": 5.0,
			}
			if diff := cmp.Diff(want, s.Attributes); diff != "" {
				t.Errorf("attributes (-want +got):\n%s", diff)
			}
			if s.ParentID != "" || s.Name != "capital" {
				t.Errorf("span %q has the parent %q", s.Name, s.ParentID)
			}
		}
	})

	t.Run("sessions", func(t *testing.T) {
		s := b.RequireSession(run.Cases[1].SessionID)
		if s.Name != "capitals" || s.Project != "geography" || s.Source != "ci" || s.AutoCreated {
			t.Errorf("session = %+v", s)
		}
		delete(s.Metadata, "evaluation")
		for _, field := range []struct {
			name      string
			want, got object
		}{
			{"inputs", object{"input": "Japan"}, s.Inputs},
			{"outputs", object{"result": "Kyoto"}, s.Outputs},
			{"feedback", object{"ground_truth": "Tokyo"}, s.Feedback},
			{"metrics", object{"exact": false, "exact_explanation": "wanted Tokyo", "length": 5.0}, s.Metrics},
			{"metadata", object{"run_id": run.ID, "dataset_id": run.DatasetID, "datapoint_id": "EXT-jp"}, s.Metadata},
		} {
			if diff := cmp.Diff(field.want, field.got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", field.name, diff)
			}
		}
		if n := len(b.Orphans()); n > 0 {
			t.Errorf("%d spans belong to no session", n)
		}
	})

	t.Run("run", func(t *testing.T) {
		runs := b.Runs()
		if len(runs) != 1 {
			t.Fatalf("%d runs", len(runs))
		}
		r := runs[0]
		if r.ID != run.ID || r.Name != "capitals" || r.Status != "completed" {
			t.Errorf("run = %+v", r)
		}
		var sessions, points []any
		for _, c := range run.Cases {
			sessions, points = append(sessions, c.SessionID), append(points, c.ID)
		}
		if diff := cmp.Diff(sessions, r.Fields["event_ids"]); diff != "" {
			t.Errorf("event_ids (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(points, r.Fields["datapoint_ids"]); diff != "" {
			t.Errorf("datapoint_ids (-want +got):\n%s", diff)
		}
		want := object{"function": "capital", "evaluators": []any{"exact", "length", "distinct"}, "max_workers": 10.0}
		if diff := cmp.Diff(want, r.Fields["configuration"]); diff != "" {
			t.Errorf("configuration (-want +got):\n%s", diff)
		}
		metadata := r.Fields["metadata"].(object)
		if got := metadata["offline_dataset_id"]; got != run.DatasetID {
			t.Errorf("offline_dataset_id = %v", got)
		}
		if diff := cmp.Diff(object{"distinct": object{"value": 3.0}}, metadata["overall"]); diff != "" {
			t.Errorf("overall (-want +got):\n%s", diff)
		}
	})
}

func length(_ context.Context, output string, _ point) (honeyhive.Score, error) {
	return honeyhive.Score{Value: float64(len(output))}, nil
}

// Every span of a case belongs to the case, whatever else goes on in the
// process and however the task finds its tracer.
func TestIsolation(t *testing.T) {
	const cases = 100
	b := honeyhivetest.NewBackend(t)
	tracer := b.NewTracer(honeyhive.WithProject("experiment"), honeyhive.WithAPIKey("key-experiment"))
	other := b.NewTracer(honeyhive.WithProject("other"), honeyhive.WithAPIKey("key-other"))
	honeyhive.SetDefaultTracer(other)
	t.Cleanup(func() { honeyhive.SetDefaultTracer(nil) })

	// Somebody else's work, and the experiment is begun in the middle of it.
	ctx, err := other.StartSession(t.Context(), honeyhive.WithSessionName("outer"))
	if err != nil {
		t.Fatal(err)
	}
	ctx, err = tracer.StartSession(ctx, honeyhive.WithSessionName("the caller's own"))
	if err != nil {
		t.Fatal(err)
	}
	ctx, outer := other.Start(ctx, "outer")
	ctx, caller := tracer.Start(ctx, "caller")
	stop := make(chan struct{})
	var noise sync.WaitGroup
	for range 4 {
		noise.Go(func() {
			for {
				select {
				case <-stop:
					return
				case <-time.After(200 * time.Microsecond):
					ctx, span := other.Start(ctx, "noise")
					other.EnrichSpan(ctx, honeyhive.Metadata{"noise": true})
					span.End()
				}
			}
		})
	}

	run, err := honeyhive.Evaluate(ctx, tracer, experiment{
		Name: "isolation", Dataset: honeyhive.DatasetOf(numbered(cases)...), Concurrency: 16,
		Task: func(ctx context.Context, dp point) (string, error) {
			if got := honeyhive.TracerFromContext(ctx); got != tracer {
				t.Errorf("TracerFromContext found %s", got.ID())
			}
			honeyhive.EnrichSpan(ctx, honeyhive.Metadata{"legacy": dp.Input})
			if err := honeyhive.EnrichSession(ctx, "", map[string]any{"legacy": dp.Input}); err != nil {
				t.Error(err)
			}
			var wg sync.WaitGroup
			for i := range 3 {
				wg.Go(func() {
					ctx, span := tracer.Start(ctx, "inside")
					defer span.End()
					honeyhive.TracerFromContext(ctx).EnrichSpan(ctx, honeyhive.Metadata{"case": dp.Input})
					honeyhive.EnrichSpan(ctx, honeyhive.Metadata{"part": i})
					// The other tracer keeps its own session, and shares the ids.
					_, theirs := other.Start(ctx, "theirs")
					other.EnrichSpan(ctx, honeyhive.Metadata{"never": true})
					theirs.End()
				})
			}
			wg.Wait()
			return dp.Input, nil
		},
		Evaluators: []evaluator{{Name: "traced", Func: func(ctx context.Context, output string, dp point) (honeyhive.Score, error) {
			_, span := tracer.Start(ctx, "judge")
			span.End()
			return honeyhive.PassFail(output == dp.Input, ""), nil
		}}},
	})
	close(stop)
	noise.Wait()
	caller.End()
	outer.End()
	if err != nil {
		t.Fatal(err)
	}
	if tracer.SessionID(ctx) == run.Cases[0].SessionID {
		t.Error("the caller's session has become a case's")
	}

	sessions := make(map[string]honeyhive.Case[string, string])
	byID := make(map[string]honeyhive.Case[string, string])
	for i, c := range run.Cases {
		if c.Index != i || c.Output != fmt.Sprint(i) {
			t.Errorf("case %d is %+v", i, c)
		}
		sessions[c.SessionID], byID[c.ID] = c, c
	}
	if len(sessions) != cases || len(byID) != cases {
		t.Fatalf("%d sessions and %d datapoints for %d cases", len(sessions), len(byID), cases)
	}
	roots, counts := make(map[string]honeyhivetest.Span), make(map[string]int)
	spans := b.Spans()
	for _, s := range spans {
		counts[s.Name]++
		if s.Name == "task" {
			roots[s.SpanID] = s
		}
	}
	want := map[string]int{"task": cases, "inside": 3 * cases, "judge": cases, "theirs": 3 * cases, "caller": 1, "outer": 1}
	delete(counts, "noise")
	if diff := cmp.Diff(want, counts); diff != "" {
		t.Fatalf("spans (-want +got):\n%s", diff)
	}
	for _, s := range spans {
		datapoint, _ := s.Attributes["honeyhive_metadata.datapoint_id"].(string)
		c, known := sessions[s.SessionID()]
		switch s.Name {
		case "task", "inside", "judge":
			if s.Project() != "experiment" || s.APIKey != "key-experiment" {
				t.Errorf("%s has the project %q and the key %q", s.Name, s.Project(), s.APIKey)
			}
			if !known || datapoint != c.ID || s.Attributes["honeyhive_metadata.run_id"] != run.ID || s.Attributes["honeyhive_metadata.dataset_id"] != run.DatasetID {
				t.Errorf("%s: session %s, datapoint %s", s.Name, s.SessionID(), datapoint)
			}
			if in := s.Attributes["honeyhive_metadata.case"]; s.Name == "inside" && (in != c.Datapoint.Input || s.Attributes["honeyhive_metadata.part"] == nil) {
				t.Errorf("work of case %v is in the session of case %s: %v", in, c.Datapoint.Input, s.Attributes)
			}
			if root, ok := roots[s.ParentID]; s.Name == "task" && s.ParentID != "" || s.Name != "task" && (!ok || root.TraceID != s.TraceID || root.SessionID() != s.SessionID()) {
				t.Errorf("%s has the parent %q", s.Name, s.ParentID)
			}
			if in := s.Attributes["honeyhive_metadata.legacy"]; s.Name == "task" && in != c.Datapoint.Input {
				t.Errorf("legacy enrichment %v is in the span of case %s", in, c.Datapoint.Input)
			}
		case "theirs":
			if s.Project() != "other" || s.APIKey != "key-other" || known {
				t.Errorf("the other tracer's span: project %q, key %q, session %s", s.Project(), s.APIKey, s.SessionID())
			}
			if _, ok := byID[datapoint]; !ok || s.Attributes["honeyhive_metadata.run_id"] != run.ID {
				t.Errorf("the other tracer's span lacks the shared ids: %v", s.Attributes)
			}
		default:
			if known || datapoint != "" {
				t.Errorf("%s is in case %+v", s.Name, c)
			}
		}
	}
	for _, c := range run.Cases {
		if got := b.RequireSession(c.SessionID).Metadata["legacy"]; got != c.Datapoint.Input {
			t.Errorf("legacy session enrichment of case %s = %v", c.Datapoint.Input, got)
		}
	}
}

// Nothing of the tracer's enters the baggage of a task.
func TestTaskBaggage(t *testing.T) {
	b := honeyhivetest.NewBackend(t)
	tracer := b.NewTracer(honeyhive.WithProject("secret"))
	var keys []string
	run, err := honeyhive.Evaluate(t.Context(), tracer, experiment{
		Dataset: honeyhive.DatasetOf(point{ID: "a, \"b\" = ü"}),
		Task: func(ctx context.Context, dp point) (string, error) {
			for _, m := range baggage.FromContext(ctx).Members() {
				keys = append(keys, m.Key())
				if m.Key() == "datapoint_id" && m.Value() != "EXT-a, \"b\" = ü" {
					t.Errorf("datapoint_id = %q", m.Value())
				}
			}
			return "", nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range keys {
		if k != "run_id" && k != "dataset_id" && k != "datapoint_id" {
			t.Errorf("baggage has %q", k)
		}
	}
	if len(keys) != 3 {
		t.Errorf("baggage has %q", keys)
	}
	if got := b.RequireSpan("task").Attributes["honeyhive_metadata.datapoint_id"]; got != run.Cases[0].ID {
		t.Errorf("datapoint_id = %v", got)
	}
}

// A structured input is shown as the object that it is.
func TestStructuredInput(t *testing.T) {
	type question struct {
		Text  string `json:"text"`
		Limit int    `json:"limit"`
	}
	b := honeyhivetest.NewBackend(t)
	run, err := honeyhive.Evaluate(t.Context(), b.NewTracer(), honeyhive.Experiment[question, []string]{
		Dataset: honeyhive.DatasetOf(honeyhive.Datapoint[question]{Input: question{"why?", 3}, Metadata: honeyhive.Metadata{"topic": "life"}}),
		Task: func(_ context.Context, dp honeyhive.Datapoint[question]) ([]string, error) {
			return []string{"a", "b"}, nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	span := b.RequireSpan("task")
	for key, want := range map[string]any{
		"honeyhive_inputs.text": "why?", "honeyhive_inputs.limit": int64(3), "honeyhive_metadata.topic": "life",
		"honeyhive_outputs.result.0": "a", "honeyhive_outputs.result.1": "b",
	} {
		if got := span.Attributes[key]; got != want {
			t.Errorf("%s = %v, want %v", key, got, want)
		}
	}
	s := b.RequireSession(run.Cases[0].SessionID)
	if diff := cmp.Diff(object{"text": "why?", "limit": 3.0}, s.Inputs); diff != "" {
		t.Errorf("inputs (-want +got):\n%s", diff)
	}
	if s.Metadata["topic"] != "life" {
		t.Errorf("metadata = %v", s.Metadata)
	}
}

// A task may enrich its session at once, though sessions are created in the
// background.
func TestEnrichSessionInTask(t *testing.T) {
	b := honeyhivetest.NewBackend(t)
	b.Inject(honeyhivetest.Fault{Path: "/v1/sessions", Delay: 5 * time.Millisecond})
	tracer := b.NewTracer()
	run, err := honeyhive.Evaluate(t.Context(), tracer, experiment{
		Dataset: honeyhive.DatasetOf(numbered(30)...), Concurrency: 30,
		Task: func(ctx context.Context, dp point) (string, error) {
			return "", tracer.EnrichSession(ctx, honeyhive.Metadata{"mine": dp.Input})
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range run.Cases {
		if c.Err != nil {
			t.Error(c.Err)
		}
		if got := b.RequireSession(c.SessionID).Metadata["mine"]; got != c.Datapoint.Input {
			t.Errorf("session of case %s has %v", c.Datapoint.Input, got)
		}
	}
	if len(b.Events()) > 0 {
		t.Errorf("updates came before their sessions: %v", b.Events())
	}
}

func TestEvaluateRefuses(t *testing.T) {
	data := honeyhive.DatasetOf(countries...)
	for _, test := range []struct {
		name string
		e    experiment
		want string
	}{
		{"no task", experiment{Dataset: data}, "Task is nil"},
		{"concurrency", experiment{Dataset: data, Task: same, Concurrency: -1}, "Concurrency is -1"},
		{"shard", experiment{Dataset: data, Task: same, RunID: "r", Shard: honeyhive.Shard{Index: 2, Count: 2}}, "Shard is 2 of 2"},
		{"shard without a run", experiment{Dataset: data, Task: same, Shard: honeyhive.Shard{Index: 1, Count: 2}}, "RunID"},
		{"nameless evaluator", experiment{Dataset: data, Task: same, Evaluators: []evaluator{{Func: exact}}}, "has no name"},
		{"evaluator without Func", experiment{Dataset: data, Task: same, Evaluators: []evaluator{{Name: "x"}}}, `"x"`},
		{"two evaluators of a name", experiment{Dataset: data, Task: same, Evaluators: []evaluator{{Name: "x", Func: exact}, {Name: "x", Func: exact}}}, `two evaluators are named "x"`},
		{"timeout", experiment{Dataset: data, Task: same, Timeout: -1}, "Timeout"},
		{"journal", experiment{Dataset: data, Task: same, Journal: t.TempDir()}, "journal"},
		{"no JSON", experiment{Dataset: honeyhive.DatasetOf(point{GroundTruth: make(chan int)}), Task: same}, "datapoint 0: ground truth: chan int has no JSON"},
	} {
		run, err := honeyhive.Evaluate(t.Context(), nil, test.e)
		if run != nil || err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: run %v, error %v, want %q", test.name, run != nil, err, test.want)
		}
	}
}

func TestParseShard(t *testing.T) {
	for text, want := range map[string]honeyhive.Shard{
		"1/1": {Index: 0, Count: 1}, "2/5": {Index: 1, Count: 5}, " 5 / 5 ": {Index: 4, Count: 5},
	} {
		if got, err := honeyhive.ParseShard(text); err != nil || got != want {
			t.Errorf("%q: %v, %v, want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"", "1", "0/3", "4/3", "a/b", "-1/2", "1/0"} {
		if got, err := honeyhive.ParseShard(text); err == nil {
			t.Errorf("%q: %v, want an error", text, got)
		}
	}
}

func TestAggregates(t *testing.T) {
	values := []float64{1, 2, 3, 10}
	for _, test := range []struct {
		a    honeyhive.Aggregate
		name string
		want float64
	}{
		{honeyhive.Mean(), "mean", 4}, {honeyhive.Median(), "median", 2.5}, {honeyhive.Min(), "min", 1}, {honeyhive.Max(), "max", 10},
		{honeyhive.Sum(), "sum", 16}, {honeyhive.Percentile(0), "p0", 1}, {honeyhive.Percentile(100), "p100", 10},
		{honeyhive.Percentile(99.9), "p99.9", 9.979},
	} {
		if got := test.a.Func(values); test.a.Name != test.name || got < test.want-1e-9 || got > test.want+1e-9 {
			t.Errorf("%s = %v, want %s = %v", test.a.Name, got, test.name, test.want)
		}
	}
}
