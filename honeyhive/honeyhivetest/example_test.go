package honeyhivetest_test

import (
	"context"
	"fmt"
	"testing"

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

func ExampleBackend_Inject() {
	backend := honeyhivetest.NewBackend(t)
	tracer := backend.NewTracer()
	backend.Inject(honeyhivetest.Fault{Path: "/opentelemetry", Status: 503, Times: 1})
	answer(context.Background(), tracer, "why?")

	fmt.Println(len(backend.Spans()), "span arrived")
	for _, r := range backend.Requests() {
		fmt.Println(r.Path, r.Status)
	}
	_ = tracer.Shutdown(context.Background())
	// Output:
	// 1 span arrived
	// /opentelemetry/v1/traces 503
	// /opentelemetry/v1/traces 200
}

// exampleTB stands in for a *testing.T, which an example does not have.
type exampleTB struct{ testing.TB }

func (exampleTB) Helper()                   {}
func (exampleTB) Cleanup(func())            {}
func (exampleTB) Logf(string, ...any)       {}
func (exampleTB) Fatalf(f string, a ...any) { panic(fmt.Sprintf(f, a...)) }
