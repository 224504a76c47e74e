package honeyhive_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/honeyhiveai/hhvet/honeyhive"
	"github.com/honeyhiveai/hhvet/honeyhive/honeyhivetest"
)

type object = map[string]any

// ids evaluates a dataset that does nothing and returns its id and those of
// its cases.
func ids[In any](t *testing.T, dataset honeyhive.Dataset[In]) (datasetID string, datapointIDs []string) {
	t.Helper()
	run, err := honeyhive.Evaluate(t.Context(), nil, honeyhive.Experiment[In, int]{
		Name:    "ids",
		Dataset: dataset,
		Task:    func(context.Context, honeyhive.Datapoint[In]) (int, error) { return 0, nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range run.Cases {
		datapointIDs = append(datapointIDs, c.ID)
	}
	return run.DatasetID, datapointIDs
}

// The ids are those that HoneyHive's Python SDK gives the same data.
func TestExternalIDs(t *testing.T) {
	q := func(text string) object { return object{"q": text} }
	type question struct {
		Q string `json:"q"`
	}
	type special struct {
		T bool    `json:"t"`
		Q string  `json:"q"`
		N *int    `json:"n"`
		F float64 `json:"f"`
	}
	type dp = honeyhive.Datapoint[object]
	for _, test := range []struct {
		name           string
		dataset        func(t *testing.T) (string, []string)
		wantDataset    string
		wantDatapoints []string
	}{
		{"maps", func(t *testing.T) (string, []string) {
			return ids(t, honeyhive.DatasetOf(dp{Input: q("one"), GroundTruth: object{"a": 1}}, dp{ID: "dp2", Input: q("bad")}))
		}, "EXT-9b873678b02ca792", []string{"EXT-86e97a8aad7e953f", "EXT-dp2"}},
		{"structs", func(t *testing.T) (string, []string) {
			return ids(t, honeyhive.DatasetOf(
				honeyhive.Datapoint[question]{Input: question{"one"}, GroundTruth: map[string]int{"a": 1}},
				honeyhive.Datapoint[question]{ID: "dp2", Input: question{"bad"}}))
		}, "EXT-9b873678b02ca792", []string{"EXT-86e97a8aad7e953f", "EXT-dp2"}},
		{"the same object at index 1", func(t *testing.T) (string, []string) {
			_, points := ids(t, honeyhive.DatasetOf(dp{ID: "first"}, dp{Input: q("one"), GroundTruth: object{"a": 1}}))
			return "", points
		}, "", []string{"EXT-first", "EXT-ae1f370495de4fef"}},
		{"beyond ASCII, floats, null", func(t *testing.T) (string, []string) {
			return ids(t, honeyhive.DatasetOf(dp{Input: object{"q": "hé <&> \u2028", "f": 1.0, "n": nil, "t": true}}))
		}, "EXT-c3f44c925e511d9c", []string{"EXT-8ba92f989e3b2346"}},
		{"beyond ASCII, floats, null, as a struct", func(t *testing.T) (string, []string) {
			return ids(t, honeyhive.DatasetOf(honeyhive.Datapoint[special]{Input: special{T: true, Q: "hé <&> \u2028", F: 1}}))
		}, "EXT-c3f44c925e511d9c", []string{"EXT-8ba92f989e3b2346"}},
		{"ids of the caller's", func(t *testing.T) (string, []string) {
			return ids(t, honeyhive.DatasetOf(dp{ID: "EXT-x"}, dp{ID: "y"}).WithID("mine"))
		}, "EXT-mine", []string{"EXT-x", "EXT-y"}},
		{"a sequence has the same ids as a slice", func(t *testing.T) (string, []string) {
			_, points := ids(t, honeyhive.DatasetSeq(func(yield func(dp, error) bool) {
				_ = yield(dp{Input: q("one"), GroundTruth: object{"a": 1}}, nil) && yield(dp{ID: "dp2", Input: q("bad")}, nil)
			}))
			return "", points
		}, "", []string{"EXT-86e97a8aad7e953f", "EXT-dp2"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			dataset, points := test.dataset(t)
			if dataset != test.wantDataset {
				t.Errorf("dataset = %q, want %q", dataset, test.wantDataset)
			}
			if diff := cmp.Diff(test.wantDatapoints, points); diff != "" {
				t.Errorf("datapoints (-want +got):\n%s", diff)
			}
		})
	}
}

// A dataset that is read while it is evaluated has no hash yet. Its id must
// still be the same in every run and shard.
func TestSequenceID(t *testing.T) {
	seq := honeyhive.DatasetSeq(func(func(point, error) bool) {})
	first, _ := ids(t, seq)
	again, _ := ids(t, seq)
	if first != again || !strings.HasPrefix(first, "EXT-") {
		t.Errorf("ids %q and %q", first, again)
	}
}

func TestDatasetByID(t *testing.T) {
	b := honeyhivetest.NewBackend(t)
	d := b.AddDataset(honeyhivetest.Dataset{Name: "capitals", Datapoints: []honeyhivetest.Datapoint{
		{Inputs: object{"country": "France", "year": 2026}, GroundTruth: object{"capital": "Paris"}},
		{Inputs: object{"country": "Japan", "year": 2025}, GroundTruth: object{"capital": "Tokyo"}},
	}})
	type question struct {
		Country string
		Year    int
	}
	type answer struct{ Capital string }
	tracer := b.NewTracer()
	run, err := honeyhive.Evaluate(t.Context(), tracer, honeyhive.Experiment[question, string]{
		Dataset: honeyhive.DatasetByID[question](d.ID),
		Task: func(_ context.Context, dp honeyhive.Datapoint[question]) (string, error) {
			want, err := honeyhive.GroundTruthAs[answer](dp)
			return fmt.Sprint(dp.Input.Country, dp.Input.Year, want.Capital), err
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for i, c := range run.Cases {
		got = append(got, c.Output)
		if c.ID != d.Datapoints[i].ID {
			t.Errorf("case %d has id %q, want HoneyHive's %q", i, c.ID, d.Datapoints[i].ID)
		}
	}
	if diff := cmp.Diff([]string{"France2026Paris", "Japan2025Tokyo"}, got); diff != "" {
		t.Errorf("outputs (-want +got):\n%s", diff)
	}
	if r := b.Runs()[0]; r.Fields["dataset_id"] != d.ID {
		t.Errorf("dataset_id of the run = %v, want %s", r.Fields["dataset_id"], d.ID)
	}
	for _, s := range b.Spans() {
		if got := s.Attributes["honeyhive_metadata.dataset_id"]; got != d.ID {
			t.Errorf("dataset_id of a span = %v, want %s", got, d.ID)
		}
	}
}

// An input that Evaluate wrapped for HoneyHive is unwrapped when it returns.
func TestDatasetByIDOfText(t *testing.T) {
	b := honeyhivetest.NewBackend(t)
	d := b.AddDataset(honeyhivetest.Dataset{Datapoints: []honeyhivetest.Datapoint{{Inputs: object{"input": "France"}}}})
	run, err := honeyhive.Evaluate(t.Context(), b.NewTracer(), honeyhive.Experiment[string, string]{
		Dataset: honeyhive.DatasetByID[string](d.ID),
		Task:    same,
	})
	if err != nil || run.Cases[0].Output != "France" {
		t.Errorf("run = %+v, %v", run, err)
	}
}

func TestDatasetByIDErrors(t *testing.T) {
	b := honeyhivetest.NewBackend(t)
	tracer := b.NewTracer()
	wrong := b.AddDataset(honeyhivetest.Dataset{Datapoints: []honeyhivetest.Datapoint{{ID: "odd", Inputs: object{"a": 1}}}})
	empty := b.AddDataset(honeyhivetest.Dataset{})
	offline, err := honeyhive.New(t.Context(), honeyhive.WithOffline(), honeyhive.WithAPIKey(""))
	if err != nil {
		t.Fatal(err)
	}
	defer offline.Shutdown(t.Context())
	for _, test := range []struct {
		name   string
		tracer *honeyhive.Tracer
		id     string
		want   string
	}{
		{"unknown", tracer, "no-such", "dataset no-such: there is no such dataset"},
		{"empty", tracer, empty.ID, "the dataset is empty"},
		{"another type", tracer, wrong.ID, "datapoint odd: inputs:"},
		{"no id", tracer, "", "the id is empty"},
		{"no account", offline, "x", "HH_API_KEY"},
	} {
		called := false
		run, err := honeyhive.Evaluate(t.Context(), test.tracer, honeyhive.Experiment[string, string]{
			Dataset: honeyhive.DatasetByID[string](test.id),
			Task:    func(context.Context, point) (string, error) { called = true; return "", nil },
		})
		if run != nil || err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: error %v, want %q", test.name, err, test.want)
		}
		if called {
			t.Errorf("%s: the task was called", test.name)
		}
	}
}

func TestDatasetIsUnavailable(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := honeyhivetest.NewBackend(t)
		d := b.AddDataset(honeyhivetest.Dataset{Datapoints: []honeyhivetest.Datapoint{{Inputs: object{"input": "x"}}}})
		b.Inject(honeyhivetest.Fault{Path: "/v1/datapoints", Hang: true})
		_, err := honeyhive.Evaluate(t.Context(), b.NewTracer(honeyhive.WithAPITimeout(50*time.Millisecond)), honeyhive.Experiment[string, string]{
			Dataset: honeyhive.DatasetByID[string](d.ID), Task: same,
		})
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error = %v, want the API's timeout", err)
		}
	})
}

func TestGroundTruthAs(t *testing.T) {
	type answer struct{ City string }
	if got, err := honeyhive.GroundTruthAs[answer](point{GroundTruth: answer{"Paris"}}); err != nil || got.City != "Paris" {
		t.Errorf("its own type: %v, %v", got, err)
	}
	if got, err := honeyhive.GroundTruthAs[answer](point{GroundTruth: object{"city": "Paris"}}); err != nil || got.City != "Paris" {
		t.Errorf("from JSON: %v, %v", got, err)
	}
	if _, err := honeyhive.GroundTruthAs[int](point{GroundTruth: "Paris"}); err == nil {
		t.Error("a string became an int")
	}
	if _, err := honeyhive.GroundTruthAs[string](point{}); err == nil {
		t.Error("a missing ground truth became a string")
	}
}

func TestSameIDTwice(t *testing.T) {
	_, err := honeyhive.Evaluate(t.Context(), nil, honeyhive.Experiment[string, string]{
		Dataset: honeyhive.DatasetOf(point{ID: "a"}, point{ID: "b"}, point{ID: "a"}), Task: same, Concurrency: 1,
	})
	if err == nil || !strings.Contains(err.Error(), `datapoints 0 and 2 have the same id "a"`) {
		t.Errorf("error = %v", err)
	}
}
