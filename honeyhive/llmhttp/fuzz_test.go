package llmhttp_test

import (
	"testing"

	"github.com/honeyhiveai/hhvet/honeyhive"
	"github.com/honeyhiveai/hhvet/honeyhive/honeyhivetest"
	"github.com/honeyhiveai/hhvet/honeyhive/llmhttp"
)

// Whatever both sides say, the bytes are theirs, and there is a span at most.
func FuzzTransport(f *testing.F) {
	for _, e := range exchanges {
		for i := range 3 {
			f.Add(e.url, e.body[:len(e.body)*(3-i)/3], e.contentType, e.answer[:len(e.answer)*(i+1)/3], 200, false)
		}
		f.Add(e.url, e.body, "text/event-stream", e.answer, 200, true)
	}
	f.Add("https://x/chat/completions", `{"messages":[{"tool_calls":[{"index":-1}]}]}`, "text/event-stream",
		sse(`{"choices":[{"index":9223372036854775807,"delta":{"tool_calls":[{"index":-5}]}}]}`, `{"choices":[{"index":1e300}]}`), 200, true)
	f.Add("https://x/messages", `{"model":"m","messages":[null,1,{"content":[{}]}]}`, "", `{"content":[null],"usage":[]}`, 200, false)
	f.Fuzz(func(t *testing.T, url, body, contentType, answer string, status int, once bool) {
		req := newRequest(url, body, once)
		if req == nil || status < 200 || status > 599 {
			t.Skip()
		}
		backend := honeyhivetest.NewBackend(t)
		tracer := backend.NewTracer(honeyhive.WithProject("fuzz"))
		server := &answering{status: status, contentType: contentType, body: answer}
		got, err := send(llmhttp.NewTransport(oneByte{server}, llmhttp.WithTracer(tracer)), req)
		if err != nil || got != answer || server.sent[0] != body {
			t.Errorf("sent %q, got %q, %v", server.sent[0], got, err)
		}
		if n := len(backend.Spans()); n > 1 {
			t.Errorf("%d spans", n)
		}
	})
}
