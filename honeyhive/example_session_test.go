package honeyhive_test

import (
	"context"
	"fmt"
	"log"
	"testing"

	"github.com/honeyhiveai/hhvet/honeyhive"
	"github.com/honeyhiveai/hhvet/honeyhive/honeyhivetest"
)

// exampleTB stands in for a *testing.T, which an example does not have.
type exampleTB struct{ testing.TB }

func (exampleTB) Helper()                   {}
func (exampleTB) Cleanup(func())            {}
func (exampleTB) Logf(string, ...any)       {}
func (exampleTB) Fatalf(f string, a ...any) { panic(fmt.Sprintf(f, a...)) }

// A session belongs to the context that StartSession returns. Another
// conversation of the same tracer has its own.
func ExampleTracer_StartSession() {
	backend := honeyhivetest.NewBackend(exampleTB{}) // stands in for HoneyHive
	tracer := backend.NewTracer(honeyhive.WithProject("support"))
	defer tracer.Shutdown(context.Background())

	handle := func(ctx context.Context, conversation string) error {
		ctx, err := tracer.StartSession(ctx,
			honeyhive.WithSessionID(conversation),
			honeyhive.WithSessionName("chat"),
			honeyhive.Inputs{"channel": "web"},
			honeyhive.UserProperties{"plan": "pro"})
		if err != nil {
			return err
		}
		_, span := tracer.Start(ctx, "answer")
		defer span.End()
		return nil
	}
	for _, conversation := range []string{"conversation-1", "conversation-2"} {
		if err := handle(context.Background(), conversation); err != nil {
			log.Fatal(err)
		}
	}

	for _, session := range backend.Sessions() {
		fmt.Println(session.ID, session.Name, session.Inputs, session.UserProperties)
	}
	for _, span := range backend.Spans() {
		fmt.Println(span.SessionID(), span.Name)
	}
	// Output:
	// 71b2ddd8-44d4-5470-bf3c-f6e30ee9c9e0 chat map[channel:web] map[plan:pro]
	// d11e6680-aa52-5f58-90f0-db6da324c389 chat map[channel:web] map[plan:pro]
	// 71b2ddd8-44d4-5470-bf3c-f6e30ee9c9e0 answer
	// d11e6680-aa52-5f58-90f0-db6da324c389 answer
}

// Services that are given the same correlation id agree on the session.
func ExampleWithSessionID() {
	ctx := context.Background()
	for _, service := range []string{"gateway", "worker"} {
		tracer, err := honeyhive.New(ctx, honeyhive.WithProject("support"), honeyhive.WithSource(service))
		if err != nil {
			log.Fatal(err)
		}
		defer tracer.Shutdown(ctx)
		ctx, err := tracer.StartSession(ctx, honeyhive.WithSessionID("ticket A-7"))
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(service, tracer.SessionID(ctx))
	}
	// Output:
	// gateway 9bf3c17b-fcc0-596a-a7fe-ab53c1a73251
	// worker 9bf3c17b-fcc0-596a-a7fe-ab53c1a73251
}

// The consumer of a queue works in the session of the producer, who started
// it.
func ExampleTracer_JoinSession() {
	ctx := context.Background()
	tracer, err := honeyhive.New(ctx, honeyhive.WithProject("support"))
	if err != nil {
		log.Fatal(err)
	}
	defer tracer.Shutdown(ctx)

	message := struct{ Session, Text string }{"6ba7b810-9dad-41d1-80b4-00c04fd430c8", "Where is my parcel?"}
	ctx = tracer.JoinSession(ctx, message.Session)
	ctx, span := tracer.Start(ctx, "consume")
	defer span.End()
	tracer.EnrichSpan(ctx, honeyhive.Inputs{"text": message.Text})
	fmt.Println(tracer.SessionID(ctx))
	// Output:
	// 6ba7b810-9dad-41d1-80b4-00c04fd430c8
}

// What is known only at the end is added to the session of the context.
func ExampleTracer_EnrichSession() {
	backend := honeyhivetest.NewBackend(exampleTB{}) // stands in for HoneyHive
	tracer := backend.NewTracer(honeyhive.WithProject("support"))
	ctx := context.Background()
	defer tracer.Shutdown(ctx)

	ctx, err := tracer.StartSession(ctx, honeyhive.WithSessionName("chat"))
	if err != nil {
		log.Fatal(err)
	}
	// The conversation, and then:
	if err := tracer.EnrichSession(ctx, honeyhive.Outputs{"solved": true}, honeyhive.Metrics{"turns": 4}); err != nil {
		log.Fatal(err)
	}

	session := backend.RequireSession(tracer.SessionID(ctx))
	fmt.Println(session.Name, session.Outputs, session.Metrics)
	// Output:
	// chat map[solved:true] map[turns:4]
}

// A user's rating comes with a request of its own, and with the session's id,
// which was handed to the user's browser.
func ExampleSessionID() {
	backend := honeyhivetest.NewBackend(exampleTB{}) // stands in for HoneyHive
	tracer := backend.NewTracer(honeyhive.WithProject("support"))
	ctx := context.Background()
	defer tracer.Shutdown(ctx)

	conversation, err := tracer.StartSession(ctx, honeyhive.WithSessionName("chat"))
	if err != nil {
		log.Fatal(err)
	}
	id := tracer.SessionID(conversation)

	// Later, in another request:
	if err := tracer.EnrichSession(ctx, honeyhive.SessionID(id), honeyhive.Feedback{"rating": 5}); err != nil {
		log.Fatal(err)
	}
	fmt.Println(backend.RequireSession(id).Feedback)
	// Output:
	// map[rating:5]
}

// An event that HoneyHive has already is updated through its API. Without an
// EventID the fields go to the current span.
func ExampleEventID() {
	backend := honeyhivetest.NewBackend(exampleTB{}) // stands in for HoneyHive
	tracer := backend.NewTracer(honeyhive.WithProject("support"))
	ctx := context.Background()
	defer tracer.Shutdown(ctx)

	const event = honeyhive.EventID("0b7a3c52-8f43-4d0c-9a51-3b1c2c0f6a1e")
	fmt.Println(tracer.EnrichSpan(ctx, event, honeyhive.Feedback{"helpful": true}))
	fmt.Println(backend.Events()[0].Updates[0]["feedback"])
	// Output:
	// true
	// map[helpful:true]
}

// What replaces the function EnrichSession. An empty session id and nil
// metadata fall away.
func ExampleEnrichSession() {
	backend := honeyhivetest.NewBackend(exampleTB{}) // stands in for HoneyHive
	tracer := backend.NewTracer(honeyhive.WithProject("support"))
	ctx := context.Background()
	defer tracer.Shutdown(ctx)
	ctx, err := tracer.StartSession(ctx)
	if err != nil {
		log.Fatal(err)
	}
	id := tracer.SessionID(ctx)

	// Before: honeyhive.EnrichSession(ctx, id, map[string]any{"plan": "pro"})
	err = tracer.EnrichSession(ctx, honeyhive.SessionID(id), honeyhive.Metadata{"plan": "pro"})
	fmt.Println(err, backend.RequireSession(id).Metadata)
	// Output:
	// <nil> map[plan:pro]
}

// A dataset of HoneyHive is fetched as the experiment begins. Its inputs are
// decoded as JSON into the type that the task wants.
func ExampleDatasetByID() {
	backend := honeyhivetest.NewBackend(exampleTB{}) // stands in for HoneyHive
	backend.AddDataset(honeyhivetest.Dataset{ID: "geography", Datapoints: []honeyhivetest.Datapoint{
		{Inputs: map[string]any{"country": "France"}, GroundTruth: "Paris"},
		{Inputs: map[string]any{"country": "Peru"}, GroundTruth: "Lima"},
	}})
	tracer := backend.NewTracer(honeyhive.WithProject("geography"))
	ctx := context.Background()
	defer tracer.Shutdown(ctx)

	type Question struct {
		Country string `json:"country"`
	}
	run, err := honeyhive.Evaluate(ctx, tracer, honeyhive.Experiment[Question, string]{
		Dataset: honeyhive.DatasetByID[Question]("geography"),
		Task: func(_ context.Context, dp honeyhive.Datapoint[Question]) (string, error) {
			return "The capital of " + dp.Input.Country, nil
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	for _, c := range run.Cases {
		fmt.Println(c.Output, "is", c.Datapoint.GroundTruth)
	}
	// Output:
	// The capital of France is Paris
	// The capital of Peru is Lima
}

// A user's judgement of an answer comes when the answer's span has ended.
func ExampleTracer_EventID() {
	ctx := context.Background()
	tracer, err := honeyhive.New(ctx, honeyhive.WithProject("checkout"), honeyhive.WithOffline())
	if err != nil {
		log.Fatal(err)
	}
	defer tracer.Shutdown(ctx)

	answering, span := tracer.Start(ctx, "answer")
	id := tracer.EventID(answering) // goes to the page with the answer
	span.End()

	// Later, from the page:
	tracer.EnrichSpan(ctx, honeyhive.EventID(id), honeyhive.Feedback{"helpful": true})
	fmt.Println(id != "")
	// Output: true
}
