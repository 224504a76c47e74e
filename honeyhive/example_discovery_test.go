package honeyhive_test

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"

	"go.opentelemetry.io/otel/baggage"

	"github.com/honeyhiveai/hhvet/honeyhive"
)

// A function that is given no tracer asks the context, and need not know
// whether there is one.
func ExampleTracerFromContext() {
	ctx := context.Background()
	tracer, err := honeyhive.New(ctx, honeyhive.WithProject("checkout"))
	if err != nil {
		log.Fatal(err)
	}
	defer tracer.Shutdown(ctx)

	rank := func(ctx context.Context) bool {
		return honeyhive.TracerFromContext(ctx).EnrichSpan(ctx, honeyhive.Metrics{"candidates": 12})
	}
	fmt.Println(rank(ctx)) // no tracer here: a tracer that does nothing

	ctx, span := tracer.Start(ctx, "search")
	defer span.End()
	fmt.Println(rank(ctx))
	// Output:
	// false
	// true
}

// A middleware chooses the tenant's tracer for the handlers behind it.
func ExampleContextWithTracer() {
	ctx := context.Background()
	tracers := make(map[string]*honeyhive.Tracer)
	for _, tenant := range []string{"acme", "globex"} {
		tracer, err := honeyhive.New(ctx, honeyhive.WithProject(tenant))
		if err != nil {
			log.Fatal(err)
		}
		defer tracer.Shutdown(ctx)
		tracers[tenant] = tracer
	}

	handler := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		tracer := honeyhive.TracerFromContext(r.Context())
		ctx, span := tracer.Start(r.Context(), "answer")
		defer span.End()
		tracer.EnrichSpan(ctx, honeyhive.Inputs{"path": r.URL.Path})
		fmt.Println(tracer == tracers["acme"], tracer == tracers["globex"])
	})
	middleware := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		tracer := tracers[r.Header.Get("X-Tenant")]
		handler.ServeHTTP(w, r.WithContext(honeyhive.ContextWithTracer(r.Context(), tracer)))
	})

	request := httptest.NewRequest(http.MethodGet, "/parcels", nil)
	request.Header.Set("X-Tenant", "globex")
	middleware.ServeHTTP(httptest.NewRecorder(), request)
	// Output:
	// false true
}

// A program with one tracer can make it the one that is found where a context
// names none.
func ExampleSetDefaultTracer() {
	ctx := context.Background()
	tracer, err := honeyhive.New(ctx, honeyhive.WithProject("checkout"))
	if err != nil {
		log.Fatal(err)
	}
	honeyhive.SetDefaultTracer(tracer)
	fmt.Println(honeyhive.TracerFromContext(ctx) == tracer)

	_ = tracer.Shutdown(ctx) // takes it out of discovery
	fmt.Println(honeyhive.DefaultTracer() == nil)
	// Output:
	// true
	// true
}

// The id finds a tracer where only baggage gets through. It says nothing about
// the project, and means nothing in other processes.
func ExampleTracer_ID() {
	ctx := context.Background()
	tracer, err := honeyhive.New(ctx, honeyhive.WithProject("checkout"))
	if err != nil {
		log.Fatal(err)
	}
	defer tracer.Shutdown(ctx)

	ctx, err = honeyhive.ContextWithBaggage(ctx, map[string]string{"honeyhive_tracer_id": tracer.ID()})
	if err != nil {
		log.Fatal(err)
	}
	elsewhere := baggage.ContextWithBaggage(context.Background(), baggage.FromContext(ctx))
	fmt.Println(honeyhive.TracerFromContext(elsewhere) == tracer)
	// Output:
	// true
}
