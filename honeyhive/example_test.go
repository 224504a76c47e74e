package honeyhive_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"go.opentelemetry.io/otel/propagation"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/honeyhiveai/hhvet/honeyhive"
)

// printing shows whose a span is.
type printing struct{}

func (printing) ExportSpans(_ context.Context, spans []sdktrace.ReadOnlySpan) error {
	for _, s := range spans {
		fmt.Print(s.Name())
		for _, kv := range s.Attributes() {
			if kv.Key == "honeyhive.project" || kv.Key == "honeyhive_metrics.score" || kv.Key == "honeyhive_error" {
				fmt.Printf(" %s=%s", kv.Key, kv.Value.String())
			}
		}
		fmt.Println()
	}
	return nil
}
func (printing) Shutdown(context.Context) error { return nil }

func newTracer(project string) *honeyhive.Tracer {
	tracer, err := honeyhive.New(context.Background(), honeyhive.WithProject(project), honeyhive.WithSpanExporter(printing{}))
	if err != nil {
		panic(err)
	}
	return tracer
}

// Two tenants share a context, and nothing else.
func Example() {
	ctx := context.Background()
	acme, globex := newTracer("acme"), newTracer("globex")

	ctx, outer := acme.Start(ctx, "answer")
	ctx, inner := globex.Start(ctx, "review")
	acme.EnrichSpan(ctx, honeyhive.Metrics{"score": 0.9})
	globex.EnrichSpan(ctx, honeyhive.Metrics{"score": 0.4})
	inner.End()
	outer.End()

	_ = acme.Shutdown(ctx)
	_ = globex.Shutdown(ctx)
	// Output:
	// answer honeyhive_metrics.score=0.9 honeyhive.project=acme
	// review honeyhive_metrics.score=0.4 honeyhive.project=globex
}

func ExampleTrace() {
	ctx := context.Background()
	tracer := newTracer("acme")
	_, err := honeyhive.Trace(ctx, tracer, "answer", func(context.Context) (string, error) {
		return "", errors.New("model unavailable")
	}, honeyhive.Inputs{"question": "why?"}, honeyhive.RecordOutput())
	fmt.Println(err)
	_ = tracer.Shutdown(ctx)
	// Output:
	// model unavailable
	// answer honeyhive_error=model unavailable honeyhive.project=acme
}

// A session belongs to the request that starts it.
func ExampleTracer_StartSession() {
	tracer := newTracer("acme")
	handle := func(ctx context.Context, request string) {
		ctx, err := tracer.StartSession(ctx, honeyhive.WithSessionID(request), honeyhive.WithSessionName("chat"))
		if err != nil {
			return
		}
		_, span := tracer.Start(ctx, request)
		defer span.End()
		fmt.Println(request, tracer.SessionID(ctx))
	}
	handle(context.Background(), "request-1")
	handle(context.Background(), "request-2")
	_ = tracer.Shutdown(context.Background())
	// Output:
	// request-1 34beb3f0-6ff2-5972-87c1-f7424dcc08f6
	// request-2 9e1160ef-c65b-53e7-a832-8fd7bf465aa2
	// request-1 honeyhive.project=acme
	// request-2 honeyhive.project=acme
}

// The next service continues the trace and the session.
func ExampleTracer_Inject() {
	ctx := context.Background()
	client, server := newTracer("acme"), newTracer("acme")
	ctx, span := client.Start(ctx, "call")
	header := http.Header{}
	client.Inject(ctx, propagation.HeaderCarrier(header))

	there := server.Extract(context.Background(), propagation.HeaderCarrier(header))
	fmt.Println(server.SessionID(there) == client.SessionID(ctx))
	span.End()
	_ = client.Shutdown(ctx)
	_ = server.Shutdown(ctx)
	// Output:
	// true
	// call honeyhive.project=acme
}
