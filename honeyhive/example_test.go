package honeyhive_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"strings"

	"go.opentelemetry.io/otel/attribute"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"github.com/honeyhiveai/hhvet/honeyhive"
)

// printer is an exporter that shows whose a span is and what was recorded.
type printer struct{}

func (printer) ExportSpans(_ context.Context, spans []sdktrace.ReadOnlySpan) error {
	for _, span := range spans {
		fmt.Println(span.Name())
		attributes := attribute.NewSet(span.Attributes()...)
		for _, kv := range attributes.ToSlice() {
			recorded := strings.HasPrefix(string(kv.Key), "honeyhive_") && kv.Key != "honeyhive_duration_ms"
			if recorded || kv.Key == "honeyhive.project" {
				fmt.Printf("  %s = %v\n", kv.Key, kv.Value)
			}
		}
	}
	return nil
}

func (printer) Shutdown(context.Context) error { return nil }

// Two tenants share a context, and nothing else.
func Example() {
	ctx := context.Background()
	acme, err := honeyhive.New(ctx, honeyhive.WithProject("acme"), honeyhive.WithSpanExporter(printer{}))
	if err != nil {
		log.Fatal(err)
	}
	globex, err := honeyhive.New(ctx, honeyhive.WithProject("globex"), honeyhive.WithSpanExporter(printer{}))
	if err != nil {
		log.Fatal(err)
	}

	ctx, outer := acme.Start(ctx, "answer")
	ctx, inner := globex.Start(ctx, "review")
	acme.EnrichSpan(ctx, honeyhive.Metrics{"score": 0.9})
	globex.EnrichSpan(ctx, honeyhive.Metrics{"score": 0.4})
	inner.End()
	outer.End()

	_ = acme.Shutdown(ctx)
	_ = globex.Shutdown(ctx)
	// Output:
	// answer
	//   honeyhive.project = acme
	//   honeyhive_event_type = tool
	//   honeyhive_metrics.score = 0.9
	// review
	//   honeyhive.project = globex
	//   honeyhive_event_type = tool
	//   honeyhive_metrics.score = 0.4
}

// What an option does not say comes from its environment variable.
func ExampleNew() {
	ctx := context.Background()
	tracer, err := honeyhive.New(ctx,
		honeyhive.WithAPIKey("hh_1f0c3b"),       // HH_API_KEY
		honeyhive.WithProject("checkout"),       // HH_PROJECT
		honeyhive.WithSource("production"),      // HH_SOURCE
		honeyhive.WithSessionName("background"), // HH_SESSION_NAME
		honeyhive.WithOffline(),                 // HH_TEST_MODE: an example sends nothing
	)
	if err != nil {
		log.Fatal(err) // a wrong option; HoneyHive is not asked
	}
	defer tracer.Shutdown(ctx) // exports what is queued

	ctx, span := tracer.Start(ctx, "answer")
	defer span.End()
	fmt.Println(tracer.EnrichSpan(ctx, honeyhive.Metadata{"items": 3}))
	// Output:
	// true
}

// An error names the option, and the variable that stands in for it.
func ExampleNew_error() {
	for _, option := range []honeyhive.Option{
		honeyhive.WithServerURL("honeyhive.example.com"),
		honeyhive.WithSessionID("cart-17"),
		honeyhive.WithBatchSize(5000),
	} {
		_, err := honeyhive.New(context.Background(), option)
		fmt.Println(err)
	}
	// Output:
	// honeyhive: WithServerURL (HH_API_URL): "honeyhive.example.com" is not an absolute http or https URL
	// honeyhive: WithSessionID: "cart-17" is not a UUID; StartSession takes other ids
	// honeyhive: WithBatchSize (HH_BATCH_SIZE): 5000 exceeds WithQueueSize (HH_MAX_QUEUE_SIZE), which is 2048
}

// A span's parent is the nearest span of its own tracer. To another tracer's
// span it has a link.
func ExampleTracer_Start() {
	ctx := context.Background()
	exporter := tracetest.NewInMemoryExporter()
	acme, err := honeyhive.New(ctx, honeyhive.WithProject("acme"), honeyhive.WithSpanExporter(exporter))
	if err != nil {
		log.Fatal(err)
	}
	defer acme.Shutdown(ctx)
	globex, err := honeyhive.New(ctx, honeyhive.WithProject("globex"))
	if err != nil {
		log.Fatal(err)
	}
	defer globex.Shutdown(ctx)

	ctx, answer := acme.Start(ctx, "answer")
	ctx, review := globex.Start(ctx, "review")
	_, search := acme.Start(ctx, "search")
	search.End()
	review.End()
	answer.End()

	_ = acme.ForceFlush(ctx)
	found := exporter.GetSpans()[0]
	fmt.Println(found.Name)
	fmt.Println("below answer:", found.Parent.SpanID() == answer.SpanContext().SpanID())
	fmt.Println("linked to review:", found.Links[0].SpanContext.SpanID() == review.SpanContext().SpanID())
	// Output:
	// search
	// below answer: true
	// linked to review: true
}

// Every kind of field has its place in HoneyHive. Values may be nested.
func ExampleTracer_EnrichSpan() {
	ctx := context.Background()
	tracer, err := honeyhive.New(ctx, honeyhive.WithProject("checkout"), honeyhive.WithSpanExporter(printer{}))
	if err != nil {
		log.Fatal(err)
	}
	defer tracer.Shutdown(ctx)

	ctx, span := tracer.Start(ctx, "answer")
	recorded := tracer.EnrichSpan(ctx,
		honeyhive.EventTypeModel,
		honeyhive.Inputs{"question": "Where is my parcel?"},
		honeyhive.Outputs{"answer": "In Ghent."},
		honeyhive.Config{"model": "parrot-1", "temperature": 0.2},
		honeyhive.Metrics{"relevance": 0.95, "cited": true},
		honeyhive.Metadata{"order": map[string]any{"id": 1729, "items": []string{"pen", "ink"}}},
		honeyhive.Feedback{"rating": 5},
		honeyhive.UserProperties{"plan": "pro"},
	)
	span.End()
	fmt.Println(recorded)
	fmt.Println(tracer.EnrichSpan(ctx, honeyhive.Metadata{"late": true})) // the span has ended
	// Output:
	// true
	// false
	// answer
	//   honeyhive.project = checkout
	//   honeyhive_config.model = parrot-1
	//   honeyhive_config.temperature = 0.2
	//   honeyhive_event_type = model
	//   honeyhive_feedback.rating = 5
	//   honeyhive_inputs.question = Where is my parcel?
	//   honeyhive_metadata.order.id = 1729
	//   honeyhive_metadata.order.items.0 = pen
	//   honeyhive_metadata.order.items.1 = ink
	//   honeyhive_metrics.cited = true
	//   honeyhive_metrics.relevance = 0.95
	//   honeyhive_outputs.answer = In Ghent.
	//   honeyhive_user_properties.plan = pro
}

// An error can be recorded without a look at whether there is one.
func ExampleError() {
	ctx := context.Background()
	tracer, err := honeyhive.New(ctx, honeyhive.WithProject("checkout"), honeyhive.WithSpanExporter(printer{}))
	if err != nil {
		log.Fatal(err)
	}
	defer tracer.Shutdown(ctx)

	for _, err := range []error{nil, context.DeadlineExceeded} {
		ctx, span := tracer.Start(ctx, "answer")
		tracer.EnrichSpan(ctx, honeyhive.Error(err))
		span.End()
	}
	// Output:
	// answer
	//   honeyhive.project = checkout
	//   honeyhive_event_type = tool
	// answer
	//   honeyhive.project = checkout
	//   honeyhive_error = context deadline exceeded
	//   honeyhive_error_type = context.deadlineExceededError
	//   honeyhive_event_type = tool
}

// A function that fails leaves its error on the span.
func ExampleTrace() {
	ctx := context.Background()
	tracer, err := honeyhive.New(ctx, honeyhive.WithProject("checkout"), honeyhive.WithSpanExporter(printer{}))
	if err != nil {
		log.Fatal(err)
	}
	defer tracer.Shutdown(ctx)

	answer, err := honeyhive.Trace(ctx, tracer, "answer", func(ctx context.Context) (string, error) {
		return "", errors.New("model unavailable")
	}, honeyhive.Inputs{"question": "Where is my parcel?"})
	fmt.Printf("%q, %v\n", answer, err)
	// Output:
	// "", model unavailable
	// answer
	//   honeyhive.project = checkout
	//   honeyhive_error = model unavailable
	//   honeyhive_error_type = *errors.errorString
	//   honeyhive_event_name = answer
	//   honeyhive_event_type = tool
	//   honeyhive_inputs.question = Where is my parcel?
}

// Structs are recorded under their JSON names.
func ExampleRecordOutput() {
	ctx := context.Background()
	tracer, err := honeyhive.New(ctx, honeyhive.WithProject("checkout"), honeyhive.WithSpanExporter(printer{}))
	if err != nil {
		log.Fatal(err)
	}
	defer tracer.Shutdown(ctx)

	type Parcel struct {
		City string `json:"city"`
		Days int    `json:"days"`
	}
	_, _ = honeyhive.Trace(ctx, tracer, "locate", func(ctx context.Context) (Parcel, error) {
		return Parcel{City: "Ghent", Days: 2}, nil
	}, honeyhive.EventTypeTool, honeyhive.RecordOutput())
	// Output:
	// locate
	//   honeyhive.project = checkout
	//   honeyhive_event_name = locate
	//   honeyhive_event_type = tool
	//   honeyhive_outputs.result.city = Ghent
	//   honeyhive_outputs.result.days = 2
}

// Trace's span takes OpenTelemetry's options, too.
func ExampleWithSpanOptions() {
	ctx := context.Background()
	exporter := tracetest.NewInMemoryExporter()
	tracer, err := honeyhive.New(ctx, honeyhive.WithSpanExporter(exporter))
	if err != nil {
		log.Fatal(err)
	}
	defer tracer.Shutdown(ctx)

	_, _ = honeyhive.Trace(ctx, tracer, "ask", func(ctx context.Context) (string, error) {
		return "In Ghent.", nil
	}, honeyhive.WithSpanOptions(trace.WithSpanKind(trace.SpanKindClient)))

	_ = tracer.ForceFlush(ctx)
	fmt.Println(exporter.GetSpans()[0].SpanKind)
	// Output:
	// client
}

// The span of an instrumentation library is one of the tracer's.
func ExampleTracer_TracerProvider() {
	ctx := context.Background()
	tracer, err := honeyhive.New(ctx, honeyhive.WithProject("checkout"), honeyhive.WithSpanExporter(printer{}))
	if err != nil {
		log.Fatal(err)
	}
	defer tracer.Shutdown(ctx)

	// What a library does with the provider that it is given.
	library := tracer.TracerProvider().Tracer("example.com/database")
	ctx, span := library.Start(ctx, "SELECT parcels")

	tracer.EnrichSpan(ctx, honeyhive.Metadata{"rows": 3})
	span.End()
	// Output:
	// SELECT parcels
	//   honeyhive.project = checkout
	//   honeyhive_event_type = tool
	//   honeyhive_metadata.rows = 3
}
