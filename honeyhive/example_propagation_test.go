package honeyhive_test

import (
	"context"
	"fmt"
	"log"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"

	"go.opentelemetry.io/otel/baggage"
	"go.opentelemetry.io/otel/propagation"

	"github.com/honeyhiveai/hhvet/honeyhive"
)

// A request takes the trace and the session along, but not the project's name.
func ExampleTracer_Inject() {
	ctx := context.Background()
	tracer, err := honeyhive.New(ctx, honeyhive.WithProject("checkout"))
	if err != nil {
		log.Fatal(err)
	}
	defer tracer.Shutdown(ctx)
	ctx, span := tracer.Start(ctx, "ask the worker")
	defer span.End()

	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://worker.internal/answer", nil)
	if err != nil {
		log.Fatal(err)
	}
	tracer.Inject(ctx, propagation.HeaderCarrier(request.Header))
	fmt.Println(slices.Sorted(maps.Keys(request.Header)))
	// Output:
	// [Baggage Honeyhive-Context Traceparent]
}

// The next service continues the trace and the session.
func ExampleTracer_Extract() {
	ctx := context.Background()
	gateway, err := honeyhive.New(ctx, honeyhive.WithProject("checkout"))
	if err != nil {
		log.Fatal(err)
	}
	defer gateway.Shutdown(ctx)
	worker, err := honeyhive.New(ctx, honeyhive.WithProject("checkout"))
	if err != nil {
		log.Fatal(err)
	}
	defer worker.Shutdown(ctx)

	ctx, outer := gateway.Start(ctx, "ask the worker")
	defer outer.End()
	handler := func(_ http.ResponseWriter, r *http.Request) {
		there := worker.Extract(r.Context(), propagation.HeaderCarrier(r.Header))
		there, inner := worker.Start(there, "answer")
		defer inner.End()
		fmt.Println("same trace:", inner.SpanContext().TraceID() == outer.SpanContext().TraceID())
		fmt.Println("same session:", worker.SessionID(there) == gateway.SessionID(ctx))
	}

	request := httptest.NewRequest(http.MethodGet, "/answer", nil)
	gateway.Inject(ctx, propagation.HeaderCarrier(request.Header))
	handler(httptest.NewRecorder(), request)
	// Output:
	// same trace: true
	// same session: true
}

// For libraries that take a propagator, such as otelhttp with its option
// WithPropagators.
func ExampleTracer_Propagator() {
	ctx := context.Background()
	tracer, err := honeyhive.New(ctx, honeyhive.WithProject("checkout"))
	if err != nil {
		log.Fatal(err)
	}
	defer tracer.Shutdown(ctx)

	propagator := tracer.Propagator()
	message := propagation.MapCarrier{} // the headers of a queue's message
	propagator.Inject(ctx, message)
	received := propagator.Extract(context.Background(), message)
	fmt.Println(tracer.SessionID(received) == tracer.SessionID(ctx))
	fmt.Println(propagator.Fields())
	// Output:
	// true
	// [traceparent tracestate baggage honeyhive-context]
}

// The ids of an experiment are shared, so that the spans of every tracer and
// every service belong to its case.
func ExampleContextWithBaggage() {
	ctx, err := honeyhive.ContextWithBaggage(context.Background(), map[string]string{
		"run_id":       "7d3c6f0a-52c4-4bd1-9d0e-0a6f7a1c0f55",
		"datapoint_id": "EXT-capital-of-france",
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(baggage.FromContext(ctx).Member("datapoint_id").Value())
	// Output:
	// EXT-capital-of-france
}

// What belongs to one tracer is refused, in any spelling, and hhvet reports it
// beforehand. So are misspelt keys, and those that are not HoneyHive's.
func ExampleContextWithBaggage_refused() {
	//hhvet:ignore globalbaggage an example of what is refused
	for _, key := range []string{"project", "honeyhive.sessionId", "RUN_ID", "locale"} {
		_, err := honeyhive.ContextWithBaggage(context.Background(), map[string]string{key: "value"})
		fmt.Println(err)
	}
	// Output:
	// honeyhive: baggage key "project": project belongs to one tracer and must not be shared: give it to New or StartSession
	// honeyhive: baggage key "honeyhive.sessionId": session_id belongs to one tracer and must not be shared: give it to New or StartSession
	// honeyhive: baggage key "RUN_ID": spell it "run_id"
	// honeyhive: baggage key "locale" is not one of ["run_id" "dataset_id" "datapoint_id" "honeyhive_tracer_id"]: use OpenTelemetry's baggage package for the application's own keys
}

// The four keys that may travel in baggage.
func ExampleSafePropagationKeys() {
	for _, key := range honeyhive.SafePropagationKeys() {
		fmt.Println(key)
	}
	// Output:
	// run_id
	// dataset_id
	// datapoint_id
	// honeyhive_tracer_id
}
