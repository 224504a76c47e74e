package honeyhivetest_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/honeyhiveai/hhvet/honeyhive"
	"github.com/honeyhiveai/hhvet/honeyhive/honeyhivetest"
)

func TestMain(m *testing.M) {
	// The developer's own account is not part of the tests.
	for _, v := range os.Environ() {
		if name, _, _ := strings.Cut(v, "="); strings.HasPrefix(name, "HH_") || strings.HasPrefix(name, "OTEL_") {
			os.Unsetenv(name)
		}
	}
	goleak.VerifyTestMain(m)
}

func call(t *testing.T, b *honeyhivetest.Backend, method, path string, body any) (int, map[string]any) {
	t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), method, honeyhivetest.URL+path, bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer key")
	resp, err := b.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err = io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	var answer map[string]any
	if err := json.Unmarshal(text, &answer); err != nil && resp.StatusCode == http.StatusOK {
		t.Fatalf("%s %s: %q: %v", method, path, text, err)
	}
	return resp.StatusCode, answer
}

func TestRuns(t *testing.T) {
	b := honeyhivetest.NewBackend(t)
	const id = "6ba7b810-9dad-41d1-80b4-00c04fd430c8"
	call(t, b, "POST", "/v1/runs", map[string]any{"run_id": id, "name": "n", "status": "pending", "event_ids": []string{}})
	call(t, b, "PUT", "/v1/runs/"+id, map[string]any{"status": "completed", "event_ids": []string{"e"}})
	status, got := call(t, b, "GET", "/v1/runs/"+id, nil)
	want := map[string]any{"run_id": id, "evaluation": map[string]any{
		"id": id, "run_id": id, "name": "n", "status": "completed", "event_ids": []any{"e"},
	}}
	if diff := cmp.Diff(want, got); status != 200 || diff != "" {
		t.Errorf("%d (-want +got):\n%s", status, diff)
	}
	if status, got := call(t, b, "GET", "/v1/runs/"+id+"/summary?aggregate_function=average", nil); status != 200 || got["status"] != "completed" {
		t.Errorf("summary: %d %v", status, got)
	}
	if runs := b.Runs(); len(runs) != 1 || runs[0].Status != "completed" || runs[0].Name != "n" {
		t.Errorf("runs = %+v", runs)
	}
	call(t, b, "DELETE", "/v1/runs/"+id, nil)
	if status, _ := call(t, b, "GET", "/v1/runs/"+id, nil); status != 404 || len(b.Runs()) != 0 {
		t.Errorf("after deletion: %d", status)
	}
}

func TestDatasets(t *testing.T) {
	b := honeyhivetest.NewBackend(t)
	d := b.AddDataset(honeyhivetest.Dataset{Name: "questions", Datapoints: []honeyhivetest.Datapoint{
		{Inputs: map[string]any{"q": "one"}, GroundTruth: "1"}, {ID: "two", Inputs: map[string]any{"q": "two"}},
	}})
	_, got := call(t, b, "GET", "/v1/datasets?dataset_id="+d.ID, nil)
	want := map[string]any{"datasets": []any{map[string]any{
		"id": d.ID, "name": "questions", "datapoints": []any{d.Datapoints[0].ID, "two"},
	}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("dataset (-want +got):\n%s", diff)
	}
	_, got = call(t, b, "GET", "/v1/datapoints/"+d.Datapoints[0].ID, nil)
	want = map[string]any{"datapoint": []any{map[string]any{
		"id": d.Datapoints[0].ID, "inputs": map[string]any{"q": "one"}, "ground_truth": "1",
	}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("datapoint (-want +got):\n%s", diff)
	}
	if status, _ := call(t, b, "GET", "/v1/datapoints/none", nil); status != 404 {
		t.Errorf("unknown datapoint: %d", status)
	}
	if _, got := call(t, b, "GET", "/v1/datasets?dataset_id=none", nil); len(got["datasets"].([]any)) != 0 {
		t.Errorf("unknown dataset: %v", got)
	}
}

func TestSessionsAndEvents(t *testing.T) {
	b := honeyhivetest.NewBackend(t)
	_, made := call(t, b, "POST", "/session/start", map[string]any{"session": map[string]any{"session_id": "no uuid", "session_name": "s"}})
	id, _ := made["session_id"].(string)
	call(t, b, "POST", "/v1/sessions", map[string]any{"session_id": id, "metadata": map[string]any{"a": 1}})
	call(t, b, "PUT", "/events", map[string]any{"event_id": id, "metadata": map[string]any{"b": 2}})
	want := honeyhivetest.Session{ID: id, Name: "s", APIKey: "key", Metadata: map[string]any{"a": 1.0, "b": 2.0}}
	if diff := cmp.Diff(want, b.RequireSession(id)); diff != "" || len(b.Sessions()) != 1 {
		t.Errorf("session (-want +got):\n%s", diff)
	}
	_, event := call(t, b, "POST", "/events", map[string]any{"event": map[string]any{"event_name": "e"}})
	eventID, _ := event["event_id"].(string)
	call(t, b, "PUT", "/v1/events/"+eventID, map[string]any{"feedback": map[string]any{"f": 1}})
	if events := b.Events(); len(events) != 1 || events[0].Created["event_name"] != "e" || len(events[0].Updates) != 1 {
		t.Errorf("events = %+v", events)
	}
	if status, _ := call(t, b, "PUT", "/events", map[string]any{}); status != 400 {
		t.Errorf("without an id: %d", status)
	}
	if status, _ := call(t, b, "POST", "/v1/sessions", "text"); status != 400 {
		t.Errorf("no object: %d", status)
	}
}

func TestWithoutKey(t *testing.T) {
	b := honeyhivetest.NewBackend(t)
	resp, err := b.Client().Post(honeyhivetest.URL+"/v1/sessions", "application/json", bytes.NewReader([]byte("{}")))
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusUnauthorized || len(b.Sessions()) != 0 {
		t.Errorf("status %d", resp.StatusCode)
	}
}

// Faults strike as often as they are told, in their order, on their paths.
func TestFaults(t *testing.T) {
	b := honeyhivetest.NewBackend(t)
	b.Inject(
		honeyhivetest.Fault{Path: "/v1/runs", Status: 503, Times: 2, RetryAfter: 3 * time.Second},
		honeyhivetest.Fault{Path: "/v1", Reset: true, Times: 1},
	)
	status := func(path string) int {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, honeyhivetest.URL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer key")
		resp, err := b.Client().Do(req)
		if err != nil {
			return 0
		}
		defer resp.Body.Close()
		if resp.StatusCode == 503 && resp.Header.Get("Retry-After") != "3" {
			t.Errorf("Retry-After = %q", resp.Header.Get("Retry-After"))
		}
		return resp.StatusCode
	}
	got := []int{status("/v1/runs/x"), status("/v1/datasets"), status("/v1/runs/x"), status("/v1/runs/x"), status("/elsewhere")}
	if diff := cmp.Diff([]int{503, 0, 503, 404, 404}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestHealLetsGoOfWhatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := honeyhivetest.NewBackend(t)
		b.Inject(honeyhivetest.Fault{Hang: true})
		errs := make(chan error, 1)
		go func() {
			resp, err := b.Client().Get(honeyhivetest.URL + "/v1/datasets")
			if err == nil {
				resp.Body.Close()
			}
			errs <- err
		}()
		synctest.Wait() // until it hangs
		b.Heal()
		synctest.Wait()
		if len(errs) != 1 || <-errs == nil {
			t.Error("the request hangs on, or was answered")
		}
	})
}

// As a server of its own, resets included.
func TestAsServer(t *testing.T) {
	b := honeyhivetest.NewBackend(t)
	server := httptest.NewServer(b)
	defer server.Close()
	b.Inject(honeyhivetest.Fault{Path: "/opentelemetry", Reset: true, Times: 1}, honeyhivetest.Fault{Path: "/opentelemetry", SlowBody: true, Status: 503, Times: 1})
	tracer, err := honeyhive.New(t.Context(), honeyhive.WithServerURL(server.URL), honeyhive.WithAPIKey("key"), honeyhive.WithExportTimeout(time.Second))
	if err != nil {
		t.Fatal(err)
	}
	_, span := tracer.Start(t.Context(), "span")
	span.End()
	if err := tracer.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := b.RequireSpan("span"); got.APIKey != "key" {
		t.Errorf("%+v", got)
	}
}

func TestReadFileNamesTheLine(t *testing.T) {
	spans, err := honeyhivetest.ReadFile([]byte(`{"resourceSpans":[{"scopeSpans":[{"spans":[{"name":"a"}]}]}]}` + "\n\n{\"torn"))
	if len(spans) != 1 || err == nil || !strings.Contains(err.Error(), "line 3") {
		t.Errorf("%d spans, %v", len(spans), err)
	}
}
