package llmhttp_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/honeyhiveai/hhvet/honeyhive"
	"github.com/honeyhiveai/hhvet/honeyhive/honeyhivetest"
	"github.com/honeyhiveai/hhvet/honeyhive/llmhttp"
)

// One client serves all tenants. The tracer in the context of each request
// records the call.
func ExampleNewTransport() {
	model := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"model":"small","choices":[{"message":{"role":"assistant","content":"because"},"finish_reason":"stop"}],`+
			`"usage":{"prompt_tokens":9,"completion_tokens":1,"total_tokens":10}}`)
	}))
	defer model.Close()
	backend := honeyhivetest.NewBackend(new(testing.T))
	acme := backend.NewTracer(honeyhive.WithProject("acme"))
	defer acme.Shutdown(context.Background())

	// Give this client to the library that calls the model.
	client := &http.Client{Transport: llmhttp.NewTransport(nil)}
	defer client.CloseIdleConnections()

	ctx := honeyhive.ContextWithTracer(context.Background(), acme)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, model.URL+"/v1/chat/completions",
		strings.NewReader(`{"model":"small","messages":[{"role":"user","content":"why?"}]}`))
	if err != nil {
		panic(err)
	}
	res, err := client.Do(req)
	if err != nil {
		panic(err)
	}
	_, _ = io.Copy(io.Discard, res.Body)
	_ = res.Body.Close()

	span := backend.RequireSpan("chat small")
	fmt.Println(span.Project())
	fmt.Println(span.Attributes["honeyhive_inputs.chat_history.0.content"])
	fmt.Println(span.Attributes["honeyhive_outputs.content"])
	fmt.Println(span.Attributes["honeyhive_metadata.total_tokens"])
	// Output:
	// acme
	// why?
	// because
	// 10
}

// A tool that serves one project gives the tracer to the transport, and keeps
// what is said out of the record.
func ExampleWithoutContent() {
	tracer, err := honeyhive.New(context.Background(), honeyhive.WithProject("acme"), honeyhive.WithOffline())
	if err != nil {
		panic(err)
	}
	defer tracer.Shutdown(context.Background())
	client := &http.Client{Transport: llmhttp.NewTransport(http.DefaultTransport, llmhttp.WithTracer(tracer), llmhttp.WithoutContent())}
	fmt.Println(client.Transport != http.DefaultTransport)
	// Output: true
}
