package llmhttp_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/honeyhiveai/hhvet/honeyhive"
	"github.com/honeyhiveai/hhvet/honeyhive/llmhttp"
)

// newRequest returns a request whose body can be read once only or again, or nil
// for a bad URL.
func newRequest(url, body string, once bool) *http.Request {
	req, err := http.NewRequest(http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		return nil
	}
	if once {
		req.GetBody = nil
	}
	return req
}

// send returns the bytes of the answer.
func send(rt http.RoundTripper, req *http.Request) (string, error) {
	res, err := rt.RoundTrip(req)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	got, err := io.ReadAll(res.Body)
	return string(got), err
}

// BenchmarkTransport compares calls with the transport and without: a short
// exchange, and a stream of 2,000 events.
func BenchmarkTransport(b *testing.B) {
	padding := strings.Repeat("x", 1000)
	stream := strings.Repeat(sse(`{"choices":[{"index":0,"delta":{"content":"word "}}]}`), 2000) + sse("[DONE]")
	for name, server := range map[string]*answering{
		"exchange": {body: `{"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"` + padding + `"},"finish_reason":"stop"}]}`},
		"stream":   {contentType: "text/event-stream", body: stream},
	} {
		tracer, err := honeyhive.New(b.Context(), honeyhive.WithSpanExporter(tracetest.NewNoopExporter()), honeyhive.WithSampler(sdktrace.AlwaysSample()), honeyhive.WithOffline())
		if err != nil {
			b.Fatal(err)
		}
		body := `{"model":"m","messages":[{"role":"user","content":"` + padding + `"}]}`
		for how, rt := range map[string]http.RoundTripper{"bare": server, "traced": llmhttp.NewTransport(server, llmhttp.WithTracer(tracer))} {
			b.Run(name+"/"+how, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					server.sent = server.sent[:0]
					if _, err := send(rt, newRequest("https://api.openai.com/v1/chat/completions", body, false)); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
		_ = tracer.Shutdown(b.Context())
	}
}
