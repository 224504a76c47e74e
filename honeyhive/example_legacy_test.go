package honeyhive_test

import (
	"context"
	"fmt"
	"log"

	"github.com/honeyhiveai/hhvet/honeyhive"
)

// What replaces EnrichSpan. The command hhvet -fix rewrites the calls.
func ExampleEnrichSpan() {
	ctx := context.Background()
	tracer, err := honeyhive.New(ctx, honeyhive.WithProject("checkout"))
	if err != nil {
		log.Fatal(err)
	}
	defer tracer.Shutdown(ctx)
	ctx, span := tracer.Start(ctx, "answer")
	defer span.End()

	// Before: honeyhive.EnrichSpan(ctx, honeyhive.Metadata{"plan": "pro"})
	fmt.Println(tracer.EnrichSpan(ctx, honeyhive.Metadata{"plan": "pro"}))

	// The same where no tracer is at hand.
	fmt.Println(honeyhive.TracerFromContext(ctx).EnrichSpan(ctx, honeyhive.Metadata{"plan": "pro"}))
	// Output:
	// true
	// true
}

// What replaces WithTracer: the tracer that it names.
func ExampleWithTracer() {
	ctx := context.Background()
	tracer, err := honeyhive.New(ctx, honeyhive.WithProject("checkout"))
	if err != nil {
		log.Fatal(err)
	}
	defer tracer.Shutdown(ctx)
	ctx, span := tracer.Start(ctx, "answer")
	defer span.End()

	// Before: honeyhive.EnrichSpan(ctx, honeyhive.WithTracer(tracer), honeyhive.Metrics{"score": 0.9})
	fmt.Println(tracer.EnrichSpan(ctx, honeyhive.Metrics{"score": 0.9}))
	// Output:
	// true
}
