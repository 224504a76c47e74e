package honeyhive_test

import (
	"context"
	"fmt"
	"testing"

	"go.opentelemetry.io/otel/trace"

	"github.com/honeyhiveai/hhvet/honeyhive"
	"github.com/honeyhiveai/hhvet/honeyhive/honeyhivetest"
)

// One provider serves a library for all tenants: each span is made by the tracer
// of its context. A span whose context has none is counted instead of guessed.
func ExampleContextTracerProvider() {
	backend := honeyhivetest.NewBackend(new(testing.T))
	acme := backend.NewTracer(honeyhive.WithProject("acme"))
	globex := backend.NewTracer(honeyhive.WithProject("globex"))
	defer acme.Shutdown(context.Background())
	defer globex.Shutdown(context.Background())

	library := newLibrary(honeyhive.ContextTracerProvider(nil))
	library.handle(acme.JoinSession(context.Background(), "request-1"))
	library.handle(globex.JoinSession(context.Background(), "request-2"))
	before := honeyhive.UnattributedSpans()
	library.handle(context.Background())

	for _, span := range backend.SpansNamed("handle") {
		fmt.Println(span.Project())
	}
	fmt.Println("not recorded:", honeyhive.UnattributedSpans()-before)
	// Output:
	// acme
	// globex
	// not recorded: 1
}

// library takes a provider once, as frameworks do.
type library struct{ tracer trace.Tracer }

func newLibrary(provider trace.TracerProvider) library {
	return library{provider.Tracer("example.com/library")}
}

func (l library) handle(ctx context.Context) {
	_, span := l.tracer.Start(ctx, "handle")
	defer span.End()
}
