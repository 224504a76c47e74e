package honeyhivetest_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/honeyhiveai/hhvet/honeyhive"
	"github.com/honeyhiveai/hhvet/honeyhive/honeyhivetest"
)

// answer is the code under test.
func answer(ctx context.Context, tracer *honeyhive.Tracer, question string) string {
	ctx, span := tracer.Start(ctx, "answer")
	defer span.End()
	tracer.EnrichSpan(ctx, honeyhive.Inputs{"question": question}, honeyhive.Metrics{"confidence": 0.5})
	return "because"
}

// In a test this is the test's own *testing.T.
var t testing.TB = exampleTB{}

// A test reads what the code under test sent.
func Example() {
	backend := honeyhivetest.NewBackend(t)
	tracer := backend.NewTracer(honeyhive.WithProject("checkout"))
	answer(context.Background(), tracer, "why?")

	span := backend.RequireSpan("answer")
	fmt.Println(span.Project(), span.Attributes["honeyhive_inputs.question"], span.Attributes["honeyhive_metrics.confidence"])
	fmt.Println(len(backend.Orphans()), "spans without a session")
	_ = tracer.Shutdown(context.Background())
	// Output:
	// checkout why? 0.5
	// 0 spans without a session
}

// Code that makes its tracer itself is given options, and the tracer is
// watched, so that the backend is complete when it is read.
func ExampleNewBackend() {
	backend := honeyhivetest.NewBackend(t)
	tracer, err := honeyhive.New(context.Background(),
		append(backend.Options(), honeyhive.WithProject("checkout"))...)
	if err != nil {
		t.Fatal(err)
	}
	defer tracer.Shutdown(context.Background())
	backend.Watch(tracer)

	answer(context.Background(), tracer, "why?")
	fmt.Println(len(backend.Spans()), "span")
	// Output:
	// 1 span
}

// Two tenants in one process: each span is where it belongs.
func ExampleBackend_Spans() {
	backend := honeyhivetest.NewBackend(t)
	acme := backend.NewTracer(honeyhive.WithProject("acme"), honeyhive.WithSource("web"))
	defer acme.Shutdown(context.Background())
	globex := backend.NewTracer(honeyhive.WithProject("globex"), honeyhive.WithSource("batch"))
	defer globex.Shutdown(context.Background())
	answer(context.Background(), acme, "why?")
	answer(context.Background(), globex, "how?")

	for _, span := range backend.Spans() {
		fmt.Println(span.Project(), span.Source(), span.Attributes["honeyhive_inputs.question"])
	}
	// Output:
	// acme web why?
	// globex batch how?
}

// Within another tenant's span a span has no parent, but a link and a session
// of its own.
func ExampleBackend_RequireSpan() {
	backend := honeyhivetest.NewBackend(t)
	acme := backend.NewTracer(honeyhive.WithProject("acme"))
	defer acme.Shutdown(context.Background())
	globex := backend.NewTracer(honeyhive.WithProject("globex"))
	defer globex.Shutdown(context.Background())

	ctx, outer := acme.Start(context.Background(), "request")
	answer(ctx, globex, "why?")
	outer.End()

	request, inner := backend.RequireSpan("request"), backend.RequireSpan("answer")
	fmt.Printf("parent: %q\n", inner.ParentID)
	fmt.Println("linked:", inner.Links[0].SpanID == request.SpanID)
	fmt.Println("same session:", inner.SessionID() == request.SessionID())
	// Output:
	// parent: ""
	// linked: true
	// same session: false
}

// A session has what it was started with and what was added since.
func ExampleBackend_RequireSession() {
	backend := honeyhivetest.NewBackend(t)
	tracer := backend.NewTracer(honeyhive.WithProject("checkout"))
	ctx := context.Background()
	defer tracer.Shutdown(ctx)

	ctx, err := tracer.StartSession(ctx, honeyhive.WithSessionName("chat"))
	if err != nil {
		t.Fatal(err)
	}
	if err := tracer.EnrichSession(ctx, honeyhive.Feedback{"rating": 5}); err != nil {
		t.Fatal(err)
	}

	session := backend.RequireSession(tracer.SessionID(ctx))
	fmt.Println(session.Name, session.Project, session.Feedback)
	// Output:
	// chat checkout map[rating:5]
}

// Spans that no StartSession covers create the tracer's own session.
func ExampleBackend_Sessions() {
	backend := honeyhivetest.NewBackend(t)
	tracer := backend.NewTracer(honeyhive.WithSessionName("background"))
	defer tracer.Shutdown(context.Background())
	answer(context.Background(), tracer, "why?")

	for _, session := range backend.Sessions() {
		fmt.Println(session.Name, session.AutoCreated)
	}
	// Output:
	// background true
}

// A span of a session that nobody created is accepted, and shown nowhere.
func ExampleBackend_Orphans() {
	backend := honeyhivetest.NewBackend(t)
	tracer := backend.NewTracer()
	ctx := context.Background()
	defer tracer.Shutdown(ctx)

	ctx = tracer.JoinSession(ctx, "a conversation that was never started")
	answer(ctx, tracer, "why?")
	for _, span := range backend.Orphans() {
		fmt.Println(span.Name)
	}
	// Output:
	// answer
}

// What was sent about an event that exists already.
func ExampleBackend_Events() {
	backend := honeyhivetest.NewBackend(t)
	tracer := backend.NewTracer()
	ctx := context.Background()
	defer tracer.Shutdown(ctx)

	tracer.EnrichSpan(ctx, honeyhive.EventID("event-1"), honeyhive.Feedback{"helpful": true})
	for _, event := range backend.Events() {
		fmt.Println(event.ID, event.Updates[0]["feedback"])
	}
	// Output:
	// event-1 map[helpful:true]
}

// An experiment over a dataset of HoneyHive, and the run that comes of it.
func ExampleBackend_AddDataset() {
	backend := honeyhivetest.NewBackend(t)
	dataset := backend.AddDataset(honeyhivetest.Dataset{Name: "questions", Datapoints: []honeyhivetest.Datapoint{
		{Inputs: map[string]any{"question": "why?"}, GroundTruth: "because"},
	}})
	tracer := backend.NewTracer()
	ctx := context.Background()
	defer tracer.Shutdown(ctx)

	type Question struct{ Question string }
	run, err := honeyhive.Evaluate(ctx, tracer, honeyhive.Experiment[Question, string]{
		Name:    "nightly",
		Dataset: honeyhive.DatasetByID[Question](dataset.ID),
		Task: func(ctx context.Context, dp honeyhive.Datapoint[Question]) (string, error) {
			return answer(ctx, tracer, dp.Input.Question), nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	fmt.Println(run.Cases[0].Output == run.Cases[0].Datapoint.GroundTruth)
	for _, run := range backend.Runs() {
		fmt.Println(run.Name, run.Status, run.Fields["dataset_id"] == dataset.ID)
	}
	// Output:
	// true
	// nightly completed true
}

// A short outage costs no span.
func ExampleBackend_Inject() {
	backend := honeyhivetest.NewBackend(t)
	tracer := backend.NewTracer()
	defer tracer.Shutdown(context.Background())
	backend.Inject(honeyhivetest.Fault{Path: "/opentelemetry", Status: http.StatusServiceUnavailable, Times: 1})
	answer(context.Background(), tracer, "why?")

	fmt.Println(len(backend.Spans()), "span arrived")
	for _, r := range backend.Requests() {
		fmt.Println(r.Path, r.Status)
	}
	// Output:
	// 1 span arrived
	// /opentelemetry/v1/traces 503
	// /opentelemetry/v1/traces 200
}

// While HoneyHive hangs the application goes on. Afterwards it gets what it
// missed.
func ExampleBackend_Heal() {
	backend := honeyhivetest.NewBackend(t)
	tracer := backend.NewTracer(honeyhive.WithImmediateExport())
	defer tracer.Shutdown(context.Background())

	backend.Inject(honeyhivetest.Fault{Hang: true})
	fmt.Println(answer(context.Background(), tracer, "why?"))
	backend.Heal()
	fmt.Println(len(backend.Spans()), "span arrived")
	// Output:
	// because
	// 1 span arrived
}

// The requests tell who was asked for what, with which key.
func ExampleBackend_Requests() {
	backend := honeyhivetest.NewBackend(t)
	tracer := backend.NewTracer(honeyhive.WithAPIKey("hh_1f0c3b"))
	ctx := context.Background()
	defer tracer.Shutdown(ctx)
	if _, err := tracer.StartSession(ctx); err != nil {
		t.Fatal(err)
	}

	for _, r := range backend.Requests() {
		fmt.Println(r.Method, r.Path, r.Header.Get("Authorization"), r.Status)
	}
	// Output:
	// POST /v1/sessions Bearer hh_1f0c3b 200
}

// The parts of a test begin with an empty backend and the same tracer.
func ExampleBackend_Reset() {
	backend := honeyhivetest.NewBackend(t)
	tracer := backend.NewTracer()
	defer tracer.Shutdown(context.Background())

	for _, question := range []string{"why?", "how?"} {
		answer(context.Background(), tracer, question)
		fmt.Println(backend.RequireSpan("answer").Attributes["honeyhive_inputs.question"])
		backend.Reset()
	}
	// Output:
	// why?
	// how?
}

// A server of its own, for another process.
func ExampleBackend() {
	backend := honeyhivetest.NewBackend(t)
	server := httptest.NewServer(backend)
	defer server.Close()

	// The other process, which has HH_API_URL and HH_API_KEY from the test.
	tracer, err := honeyhive.New(context.Background(),
		honeyhive.WithServerURL(server.URL), honeyhive.WithAPIKey(honeyhivetest.APIKey))
	if err != nil {
		t.Fatal(err)
	}
	answer(context.Background(), tracer, "why?")
	_ = tracer.Shutdown(context.Background())

	fmt.Println(backend.RequireSpan("answer").APIKey)
	// Output:
	// honeyhivetest-key
}

// A client for code that calls HoneyHive's API itself.
func ExampleBackend_Client() {
	backend := honeyhivetest.NewBackend(t)
	response, err := backend.Client().Get(honeyhivetest.URL + "/v1/datasets")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	fmt.Println(response.StatusCode) // there was no key
	// Output:
	// 401
}

// A program that wrote its spans to a file is tested by what is in there.
func ExampleReadFile() {
	dir, err := os.MkdirTemp("", "traces") // in a test t.TempDir()
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "traces.jsonl")
	tracer, err := honeyhive.New(context.Background(), honeyhive.WithFile(file))
	if err != nil {
		t.Fatal(err)
	}
	answer(context.Background(), tracer, "why?")
	_ = tracer.Shutdown(context.Background())

	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	spans, err := honeyhivetest.ReadFile(content)
	if err != nil {
		t.Fatal(err)
	}
	for _, span := range spans {
		fmt.Println(span.Name, span.End.Sub(span.Start) < time.Minute)
	}
	// Output:
	// answer true
}

// exampleTB stands in for a *testing.T, which an example does not have.
type exampleTB struct{ testing.TB }

func (exampleTB) Helper()                   {}
func (exampleTB) Cleanup(func())            {}
func (exampleTB) Logf(string, ...any)       {}
func (exampleTB) Fatal(a ...any)            { panic(fmt.Sprint(a...)) }
func (exampleTB) Fatalf(f string, a ...any) { panic(fmt.Sprintf(f, a...)) }

// Several spans of one name come in the order in which they started.
func ExampleBackend_SpansNamed() {
	backend := honeyhivetest.NewBackend(t)
	tracer := backend.NewTracer()
	defer tracer.Shutdown(context.Background())

	for _, question := range []string{"why?", "how?"} {
		answer(context.Background(), tracer, question)
	}

	for _, span := range backend.SpansNamed("answer") {
		fmt.Println(span.Attributes["honeyhive_inputs.question"])
	}
	// Output:
	// why?
	// how?
}
