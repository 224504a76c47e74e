package llmhttp_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/honeyhiveai/hhvet/honeyhive"
	"github.com/honeyhiveai/hhvet/honeyhive/honeyhivetest"
	"github.com/honeyhiveai/hhvet/honeyhive/llmhttp"
)

func TestMain(m *testing.M) {
	for _, name := range os.Environ() {
		if strings.HasPrefix(name, "HH_") || strings.HasPrefix(name, "OTEL_") {
			name, _, _ = strings.Cut(name, "=")
			_ = os.Unsetenv(name)
		}
	}
	goleak.VerifyTestMain(m)
}

// answering is a model server in the process: every request gets one answer.
type answering struct {
	status      int
	contentType string
	header      http.Header
	body        string
	err         error // after the body, instead of its end
	sent        []string
	mu          sync.Mutex
}

func (a *answering) RoundTrip(req *http.Request) (*http.Response, error) {
	var sent []byte
	if req.Body != nil {
		sent, _ = io.ReadAll(req.Body)
		_ = req.Body.Close()
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.sent = append(a.sent, string(sent))
	res := &http.Response{StatusCode: a.status, Header: http.Header{"Content-Type": {a.contentType}}, Request: req, ProtoMajor: 1}
	if a.status == 0 {
		res.StatusCode = http.StatusOK
	}
	for name, values := range a.header {
		res.Header[name] = values
	}
	res.Body = io.NopCloser(io.MultiReader(strings.NewReader(a.body), failing{a.err}))
	return res, nil
}

// failing ends a body with an error, or with its end where that is nil.
type failing struct{ err error }

func (f failing) Read([]byte) (int, error) {
	if f.err != nil {
		return 0, f.err
	}
	return 0, io.EOF
}

// oneByte hands on a byte at a time.
type oneByte struct{ base http.RoundTripper }

func (o oneByte) RoundTrip(req *http.Request) (*http.Response, error) {
	res, err := o.base.RoundTrip(req)
	if err == nil {
		res.Body = struct {
			io.Reader
			io.Closer
		}{iotest{res.Body}, res.Body}
	}
	return res, err
}

type iotest struct{ r io.Reader }

func (r iotest) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	return r.r.Read(p[:1])
}

// ask sends a request and returns the bytes of the answer.
func ask(t testing.TB, rt http.RoundTripper, ctx context.Context, url, body string, change ...func(*http.Request)) (string, error) {
	t.Helper()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer secret-key")
	for _, c := range change {
		c(req)
	}
	return send(rt, req)
}

// exchange is a request and an answer in the form that a provider documents, and
// what of it is recorded.
type exchange struct {
	name, url, body     string
	contentType, answer string
	span                string
	want                map[string]any
}

func sse(events ...string) string {
	var b strings.Builder
	for _, e := range events {
		fmt.Fprintf(&b, "data: %s\n\n", e)
	}
	return b.String()
}

var exchanges = []exchange{
	{
		name: "chat completion", url: "https://api.openai.com/v1/chat/completions",
		body: `{"model":"gpt-5","temperature":0.5,"messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"why?"}]}`,
		answer: `{"id":"c1","model":"gpt-5-2026","choices":[{"index":0,"message":{"role":"assistant","content":"because"},"finish_reason":"stop"}],
			"usage":{"prompt_tokens":9,"completion_tokens":2,"total_tokens":11,"prompt_tokens_details":{"cached_tokens":4},"completion_tokens_details":{"reasoning_tokens":1}}}`,
		span: "chat gpt-5",
		want: map[string]any{
			"honeyhive_config.model": "gpt-5", "honeyhive_config.provider": "openai", "honeyhive_config.temperature": 0.5,
			"honeyhive_inputs.chat_history.0.role": "system", "honeyhive_inputs.chat_history.1.content": "why?",
			"honeyhive_outputs.role": "assistant", "honeyhive_outputs.content": "because",
			"honeyhive_metadata.prompt_tokens": int64(9), "honeyhive_metadata.completion_tokens": int64(2), "honeyhive_metadata.total_tokens": int64(11),
			"honeyhive_metadata.cached_tokens": int64(4), "honeyhive_metadata.reasoning_tokens": int64(1), "honeyhive_metadata.finish_reason": "stop",
			"gen_ai.operation.name": "chat", "gen_ai.provider.name": "openai", "gen_ai.request.model": "gpt-5", "gen_ai.response.model": "gpt-5-2026",
			"gen_ai.usage.input_tokens": int64(9), "gen_ai.usage.output_tokens": int64(2), "gen_ai.response.id": "c1", "gen_ai.request.temperature": 0.5,
			"honeyhive_event_type": "model",
		},
	},
	{
		name: "chat completion with tools, another server", url: "http://127.0.0.1:8000/v1/chat/completions",
		body:   `{"model":"qwen","messages":[{"role":"user","content":"rain?"},{"role":"assistant","tool_calls":[{"id":"t0","type":"function","function":{"name":"where","arguments":"{}"}}]},{"role":"tool","tool_call_id":"t0","content":"Oslo"}],"tools":[{"type":"function","function":{"name":"weather"}}]}`,
		answer: `{"id":"c2","model":"qwen","choices":[{"index":0,"message":{"role":"assistant","content":null,"tool_calls":[{"id":"t1","type":"function","function":{"name":"weather","arguments":"{\"city\":\"Oslo\"}"}}]},"finish_reason":"tool_calls"}]}`,
		span:   "chat qwen",
		want: map[string]any{
			"honeyhive_inputs.chat_history.1.tool_calls.0.name": "where", "honeyhive_inputs.chat_history.2.tool_call_id": "t0",
			"honeyhive_outputs.tool_calls.0.id": "t1", "honeyhive_outputs.tool_calls.0.name": "weather", "honeyhive_outputs.tool_calls.0.arguments.city": "Oslo",
			"honeyhive_metadata.finish_reason": "tool_calls", "server.address": "127.0.0.1", "server.port": int64(8000),
		},
	},
	{
		name: "chat completion stream", url: "https://acme.openai.azure.com/openai/deployments/d/chat/completions?api-version=1",
		body:        `{"model":"gpt-5","stream":true,"messages":[{"role":"user","content":"why?"}]}`,
		contentType: "text/event-stream; charset=utf-8",
		answer: sse(`{"id":"c3","model":"gpt-5","choices":[{"index":0,"delta":{"role":"assistant","content":""}}]}`,
			`{"choices":[{"index":0,"delta":{"content":"be"}}]}`, `{"choices":[{"index":0,"delta":{"content":"cause"}}]}`,
			`{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"t1","function":{"name":"weather","arguments":""}}]}}]}`,
			`{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\"city\":"}}]}}]}`,
			`{"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"\"Oslo\"}"}}]}}]}`,
			`{"choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}`,
			`{"choices":[],"usage":{"prompt_tokens":9,"completion_tokens":2,"total_tokens":11}}`, `[DONE]`),
		span: "chat gpt-5",
		want: map[string]any{
			"gen_ai.provider.name": "azure.ai.openai", "honeyhive_outputs.content": "because", "honeyhive_outputs.role": "assistant",
			"honeyhive_outputs.tool_calls.0.arguments.city": "Oslo", "honeyhive_outputs.tool_calls.0.name": "weather",
			"honeyhive_metadata.total_tokens": int64(11), "honeyhive_metadata.finish_reason": "tool_calls",
		},
	},
	{
		name: "response", url: "https://api.openai.com/v1/responses",
		body: `{"model":"gpt-5","instructions":"Be brief.","input":"why?","conversation":{"id":"conv_1"}}`,
		answer: `{"id":"r1","model":"gpt-5","status":"completed","error":null,"output":[{"type":"reasoning","summary":[{"type":"summary_text","text":"hm"}]},{"type":"message","role":"assistant","content":[{"type":"output_text","text":"because"}]},
			{"type":"function_call","call_id":"t1","name":"weather","arguments":"{\"city\":\"Oslo\"}"}],"usage":{"input_tokens":9,"output_tokens":2,"total_tokens":11,"output_tokens_details":{"reasoning_tokens":1}}}`,
		span: "chat gpt-5",
		want: map[string]any{
			"gen_ai.conversation.id": "conv_1", "honeyhive_inputs.chat_history.0.content": "Be brief.", "honeyhive_inputs.chat_history.1.role": "user",
			"honeyhive_outputs.content": "because", "honeyhive_outputs.reasoning": "hm", "honeyhive_outputs.tool_calls.0.arguments.city": "Oslo",
			"honeyhive_metadata.reasoning_tokens": int64(1), "honeyhive_metadata.finish_reason": "completed",
		},
	},
	{
		name: "response stream", url: "https://api.openai.com/v1/responses",
		body:        `{"model":"gpt-5","stream":true,"input":[{"role":"user","content":"why?"}]}`,
		contentType: "text/event-stream",
		answer: sse(`{"type":"response.created","response":{"id":"r2","model":"gpt-5","error":null}}`,
			`{"type":"response.output_text.delta","delta":"be"}`, `{"type":"response.output_text.delta","delta":"cause"}`,
			`{"type":"response.completed","response":{"id":"r2","model":"gpt-5","status":"completed","error":null,"output":[{"type":"message","role":"assistant","content":[{"type":"output_text","text":"because"}]}],"usage":{"input_tokens":9,"output_tokens":2,"total_tokens":11}}}`),
		span: "chat gpt-5",
		want: map[string]any{"honeyhive_outputs.content": "because", "honeyhive_metadata.total_tokens": int64(11), "gen_ai.response.id": "r2"},
	},
	{
		name: "embeddings", url: "https://api.openai.com/v1/embeddings",
		body:   `{"model":"text-embedding-3","input":["a","b"],"dimensions":256}`,
		answer: `{"object":"list","model":"text-embedding-3","data":[{"embedding":[0.1]},{"embedding":[0.2]}],"usage":{"prompt_tokens":2,"total_tokens":2}}`,
		span:   "embeddings text-embedding-3",
		want:   map[string]any{"honeyhive_inputs.input.1": "b", "honeyhive_metadata.prompt_tokens": int64(2), "gen_ai.operation.name": "embeddings", "honeyhive_config.dimensions": int64(256)},
	},
	{
		name: "messages", url: "https://api.anthropic.com/v1/messages",
		body: `{"model":"claude-5","max_tokens":100,"system":[{"type":"text","text":"Be brief."}],"messages":[{"role":"user","content":"why?"},{"role":"assistant","content":[{"type":"tool_use","id":"t0","name":"where","input":{"n":1}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"t0","content":"Oslo"}]}]}`,
		answer: `{"id":"m1","type":"message","role":"assistant","model":"claude-5","content":[{"type":"thinking","thinking":"hm"},{"type":"text","text":"because"},{"type":"tool_use","id":"t1","name":"weather","input":{"city":"Oslo"}}],"stop_reason":"tool_use",
			"usage":{"input_tokens":5,"cache_read_input_tokens":3,"cache_creation_input_tokens":1,"output_tokens":2}}`,
		span: "chat claude-5",
		want: map[string]any{
			"gen_ai.provider.name": "anthropic", "honeyhive_inputs.chat_history.0.content": "Be brief.", "honeyhive_inputs.chat_history.2.tool_calls.0.arguments.n": int64(1),
			"honeyhive_inputs.chat_history.3.role": "tool", "honeyhive_inputs.chat_history.3.content": "Oslo",
			"honeyhive_outputs.content": "because", "honeyhive_outputs.reasoning": "hm", "honeyhive_outputs.tool_calls.0.arguments.city": "Oslo",
			"honeyhive_metadata.prompt_tokens": int64(9), "honeyhive_metadata.total_tokens": int64(11), "honeyhive_metadata.cached_tokens": int64(3),
			"gen_ai.usage.cache_creation.input_tokens": int64(1), "honeyhive_metadata.finish_reason": "tool_use",
		},
	},
	{
		name: "message stream", url: "https://api.anthropic.com/v1/messages",
		body:        `{"model":"claude-5","max_tokens":100,"stream":true,"messages":[{"role":"user","content":"why?"}]}`,
		contentType: "text/event-stream",
		answer: "event: message_start\n" + sse(`{"type":"message_start","message":{"id":"m2","role":"assistant","model":"claude-5","content":[],"usage":{"input_tokens":9,"output_tokens":1}}}`,
			`{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}`, `{"type":"ping"}`,
			`{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"because"}}`, `{"type":"content_block_stop","index":0}`,
			`{"type":"content_block_start","index":1,"content_block":{"type":"tool_use","id":"t1","name":"weather","input":{}}}`,
			`{"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":"{\"city\":"}}`,
			`{"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":"\"Oslo\"}"}}`,
			`{"type":"message_delta","delta":{"stop_reason":"tool_use"},"usage":{"output_tokens":2}}`, `{"type":"message_stop"}`),
		span: "chat claude-5",
		want: map[string]any{
			"honeyhive_outputs.content": "because", "honeyhive_outputs.tool_calls.0.arguments.city": "Oslo", "honeyhive_outputs.tool_calls.0.id": "t1",
			"honeyhive_metadata.prompt_tokens": int64(9), "honeyhive_metadata.completion_tokens": int64(2), "honeyhive_metadata.finish_reason": "tool_use",
		},
	},
	{
		name: "generateContent", url: "https://generativelanguage.googleapis.com/v1beta/models/gemini-3:generateContent?key=secret-key",
		body:   `{"systemInstruction":{"parts":[{"text":"Be brief."}]},"contents":[{"role":"user","parts":[{"text":"why?"}]}],"generationConfig":{"temperature":0.5,"maxOutputTokens":100}}`,
		answer: `{"responseId":"g1","modelVersion":"gemini-3","candidates":[{"content":{"role":"model","parts":[{"text":"hm","thought":true},{"text":"because"},{"functionCall":{"name":"weather","args":{"city":"Oslo"}}}]},"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":9,"candidatesTokenCount":2,"thoughtsTokenCount":3,"totalTokenCount":14,"cachedContentTokenCount":4}}`,
		span:   "generate_content gemini-3",
		want: map[string]any{
			"gen_ai.provider.name": "gcp.gemini", "honeyhive_config.model": "gemini-3", "honeyhive_inputs.chat_history.0.role": "system", "honeyhive_inputs.chat_history.1.content": "why?",
			"honeyhive_outputs.content": "because", "honeyhive_outputs.reasoning": "hm", "honeyhive_outputs.tool_calls.0.arguments.city": "Oslo",
			"honeyhive_metadata.completion_tokens": int64(5), "honeyhive_metadata.reasoning_tokens": int64(3), "honeyhive_metadata.total_tokens": int64(14), "gen_ai.request.max_tokens": int64(100),
		},
	},
	{
		name: "streamGenerateContent as events", url: "https://us-central1-aiplatform.googleapis.com/v1/projects/p/locations/l/publishers/google/models/gemini-3:streamGenerateContent?alt=sse",
		body:        `{"contents":[{"role":"user","parts":[{"text":"why?"}]}]}`,
		contentType: "text/event-stream",
		answer: sse(`{"candidates":[{"content":{"role":"model","parts":[{"text":"be"}]}}],"usageMetadata":{"promptTokenCount":9}}`,
			`{"candidates":[{"content":{"role":"model","parts":[{"text":"cause"}]},"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":9,"candidatesTokenCount":2,"totalTokenCount":11}}`),
		span: "generate_content gemini-3",
		want: map[string]any{"gen_ai.provider.name": "gcp.vertex_ai", "honeyhive_outputs.content": "because", "honeyhive_metadata.total_tokens": int64(11), "honeyhive_metadata.finish_reason": "STOP"},
	},
	{
		name: "streamGenerateContent as a list", url: "https://generativelanguage.googleapis.com/v1beta/models/gemini-3:streamGenerateContent",
		body: `{"contents":[{"parts":[{"text":"why?"}]}]}`,
		answer: `[{"candidates":[{"content":{"role":"model","parts":[{"text":"be"}]}}]},
			{"candidates":[{"content":{"role":"model","parts":[{"text":"cause"}]},"finishReason":"STOP"}],"usageMetadata":{"totalTokenCount":11}}]`,
		span: "generate_content gemini-3",
		want: map[string]any{"honeyhive_outputs.content": "because", "honeyhive_metadata.total_tokens": int64(11)},
	},
}

// Each protocol is recorded the same however its bytes arrive and however the
// request's body can be read, and the bytes are those of the other side.
func TestExchanges(t *testing.T) {
	bodies := map[string]func(*http.Request){
		"body read again": func(*http.Request) {},
		"body read once":  func(req *http.Request) { req.GetBody, req.ContentLength = nil, -1 },
	}
	for _, e := range exchanges {
		for how, change := range bodies {
			for _, slow := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s/%s/slow=%t", e.name, how, slow), func(t *testing.T) {
					backend := honeyhivetest.NewBackend(t)
					tracer := backend.NewTracer()
					server := &answering{contentType: e.contentType, body: e.answer}
					var base http.RoundTripper = server
					if slow {
						base = oneByte{server}
					}
					ctx := honeyhive.ContextWithTracer(t.Context(), tracer)
					got, err := ask(t, llmhttp.NewTransport(base), ctx, e.url, e.body, change)
					if err != nil || got != e.answer {
						t.Errorf("the client got %q, %v", got, err)
					}
					if server.sent[0] != e.body {
						t.Errorf("the server got %q", server.sent[0])
					}
					span := backend.RequireSpan(e.span)
					for key, want := range e.want {
						if diff := cmp.Diff(want, span.Attributes[key]); diff != "" {
							t.Errorf("%s (-want +got):\n%s", key, diff)
						}
					}
					if span.Error || span.Kind != "client" {
						t.Errorf("error %t %q, kind %s", span.Error, span.StatusText, span.Kind)
					}
					for _, key := range []string{"honeyhive_metadata.truncated", "honeyhive_metadata.closed_early"} {
						if v, ok := span.Attributes[key]; ok {
							t.Errorf("%s = %v", key, v)
						}
					}
					if strings.Contains(fmt.Sprint(span), "secret-key") {
						t.Errorf("the API key is in the span: %v", span)
					}
				})
			}
		}
	}
}

// Without content neither side's words are recorded; structure and tokens are.
func TestWithoutContent(t *testing.T) {
	check := func(t *testing.T, opts ...llmhttp.Option) {
		for _, e := range exchanges {
			backend := honeyhivetest.NewBackend(t)
			tracer := backend.NewTracer()
			server := &answering{contentType: e.contentType, body: e.answer}
			if _, err := ask(t, llmhttp.NewTransport(server, append(opts, llmhttp.WithTracer(tracer))...), t.Context(), e.url, e.body); err != nil {
				t.Fatal(err)
			}
			span := backend.RequireSpan(e.span)
			for _, word := range []string{"why?", "because", "Be brief.", "Oslo", "hm"} {
				for key, v := range span.Attributes {
					if strings.Contains(fmt.Sprint(v), word) {
						t.Errorf("%s: %s has %v", e.name, key, v)
					}
				}
			}
			for key, want := range e.want {
				if strings.Contains(key, "metadata") || strings.Contains(key, "gen_ai") || strings.HasSuffix(key, ".role") || strings.HasSuffix(key, ".name") {
					if diff := cmp.Diff(want, span.Attributes[key]); diff != "" {
						t.Errorf("%s: %s (-want +got):\n%s", e.name, key, diff)
					}
				}
			}
		}
	}
	t.Run("option", func(t *testing.T) { check(t, llmhttp.WithoutContent()) })
	t.Run("environment", func(t *testing.T) {
		t.Setenv("OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT", "NO_CONTENT")
		check(t)
	})
}

// What is no call of a model passes, and leaves no span.
func TestUntouched(t *testing.T) {
	backend := honeyhivetest.NewBackend(t)
	tracer := backend.NewTracer()
	for _, tt := range []struct{ url, body string }{
		{"https://chat.example.com/channels/1/messages", `{"text":"hello"}`},
		{"https://chat.example.com/channels/1/messages", `{"messages":["hello"]}`},
		{"https://forms.example.com/responses", `{"answers":[1]}`},
		{"https://forms.example.com/responses", `not JSON`},
		{"https://search.example.com/embeddings", `{"vectors":[1]}`},
		{"https://api.openai.com/v1/chat/completions", `[]`},
		{"https://api.openai.com/v1/chat/completions", `{"messages":"no list"}`},
		{"https://api.openai.com/v1/files", `{"model":"gpt-5","messages":[]}`},
		{"https://example.com/models/m:generateContent", `null`},
	} {
		for _, change := range []func(*http.Request){func(*http.Request) {}, func(req *http.Request) { req.GetBody = nil }} {
			server := &answering{body: `{"ok":true}`}
			got, err := ask(t, llmhttp.NewTransport(server, llmhttp.WithTracer(tracer)), t.Context(), tt.url, tt.body, change)
			if err != nil || got != `{"ok":true}` || server.sent[0] != tt.body {
				t.Errorf("%s: sent %q, got %q, %v", tt.url, server.sent[0], got, err)
			}
		}
	}
	if spans := backend.Spans(); len(spans) > 0 {
		t.Errorf("spans: %v", spans)
	}
}

// Without a tracer a call is made and nothing recorded.
func TestNoTracer(t *testing.T) {
	server := &answering{body: exchanges[0].answer}
	got, err := ask(t, llmhttp.NewTransport(server), t.Context(), exchanges[0].url, exchanges[0].body)
	if err != nil || got != exchanges[0].answer {
		t.Errorf("%q, %v", got, err)
	}
}

// A failure is recorded with the provider's words, and each attempt is a span
// that says which one it is.
func TestFailures(t *testing.T) {
	const url, body = "https://api.openai.com/v1/chat/completions", `{"model":"m","messages":[]}`
	for _, tt := range []struct {
		name   string
		server *answering
		want   string // in the status
	}{
		{"status", &answering{status: 429, body: `{"error":{"message":"slow down","type":"rate_limit"}}`}, "slow down"},
		{"status, text", &answering{status: 400, body: `{"error":"bad model"}`}, "bad model"},
		{"status, a list", &answering{status: 400, body: `[{"error":{"message":"bad key"}}]`}, "bad key"},
		{"status, no JSON", &answering{status: 502, body: `<html>`}, "Bad Gateway"},
		{"status, empty", &answering{status: 503}, "Service Unavailable"},
		{"error in a stream", &answering{contentType: "text/event-stream", body: sse(`{"error":{"message":"overloaded"}}`)}, "overloaded"},
		{"error event", &answering{contentType: "text/event-stream", body: sse(`{"type":"error","error":{"type":"overloaded_error","message":"overloaded"}}`)}, "overloaded"},
		{"cut off", &answering{contentType: "text/event-stream", body: sse(`{"choices":[{"delta":{"content":"be"}}]}`), err: io.ErrUnexpectedEOF}, "cut off"},
		{"ended early", &answering{contentType: "text/event-stream", body: sse(`{"choices":[{"delta":{"content":"be"}}]}`)}, "before it was complete"},
		{"cut off, no stream", &answering{body: `{"choices":[`, err: io.ErrUnexpectedEOF}, "cut off"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			backend := honeyhivetest.NewBackend(t)
			tracer := backend.NewTracer()
			ctx, outer := tracer.Start(t.Context(), "outer")
			rt := llmhttp.NewTransport(tt.server)
			for range 2 {
				got, err := ask(t, rt, ctx, url, body)
				if got != tt.server.body || !errors.Is(err, tt.server.err) {
					t.Errorf("the client got %q, %v", got, err)
				}
			}
			outer.End()
			spans := backend.SpansNamed("chat m")
			for i, s := range spans {
				if !s.Error || !strings.Contains(s.StatusText, tt.want) || s.ParentID == "" {
					t.Errorf("error %t, status %q, want %q", s.Error, s.StatusText, tt.want)
				}
				if s.Attributes["honeyhive_metadata.attempt"] != int64(i+1) {
					t.Errorf("attempt %v, want %d", s.Attributes["honeyhive_metadata.attempt"], i+1)
				}
			}
			if len(spans) != 2 {
				t.Errorf("%d spans", len(spans))
			}
		})
	}
}

type refusing struct{ err error }

func (r refusing) RoundTrip(*http.Request) (*http.Response, error) { return nil, r.err }

// No answer at all is an error, without the URL and what may be in it.
func TestNoAnswer(t *testing.T) {
	backend := honeyhivetest.NewBackend(t)
	tracer := backend.NewTracer()
	e := exchanges[8]
	for _, err := range []error{errors.New("connection refused"), fmt.Errorf("Post %q: EOF", e.url)} {
		if _, got := ask(t, llmhttp.NewTransport(refusing{err}, llmhttp.WithTracer(tracer)), t.Context(), e.url, e.body); !errors.Is(got, err) {
			t.Errorf("the client got %v", got)
		}
	}
	for _, s := range backend.SpansNamed(e.span) {
		if !s.Error || strings.Contains(fmt.Sprint(s), "secret-key") {
			t.Errorf("%v", s)
		}
	}
}

// A reader that has enough may close a stream: no error, but it is said. After
// the last event there is nothing to say.
func TestClose(t *testing.T) {
	for name, tt := range map[string]struct {
		events []string
		early  any
	}{
		"early": {[]string{`{"choices":[{"delta":{"content":"be"}}]}`}, true},
		"late":  {[]string{`{"choices":[{"delta":{"content":"be"},"finish_reason":"stop"}]}`, `[DONE]`}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			backend := honeyhivetest.NewBackend(t)
			tracer := backend.NewTracer()
			text := sse(tt.events...)
			rt := llmhttp.NewTransport(&answering{contentType: "text/event-stream", body: text + "more"}, llmhttp.WithTracer(tracer))
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, exchanges[0].url, strings.NewReader(`{"model":"m","stream":true,"messages":[]}`))
			if err != nil {
				t.Fatal(err)
			}
			res, err := rt.RoundTrip(req)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := io.ReadFull(res.Body, make([]byte, len(text))); err != nil {
				t.Fatal(err)
			}
			if n := len(backend.Spans()); n != 0 {
				t.Errorf("%d spans ended before the stream", n)
			}
			_ = res.Body.Close()
			_ = res.Body.Close()
			span := backend.RequireSpan("chat m")
			if span.Error || span.Attributes["honeyhive_metadata.closed_early"] != tt.early || span.Attributes["honeyhive_outputs.content"] != "be" {
				t.Errorf("error %t, %v", span.Error, span.Attributes)
			}
		})
	}
}

// A compressed answer reaches the client as it is, and is read for the record.
func TestCompressed(t *testing.T) {
	for _, e := range exchanges {
		backend := honeyhivetest.NewBackend(t)
		tracer := backend.NewTracer()
		var packed bytes.Buffer
		z := gzip.NewWriter(&packed)
		_, _ = io.WriteString(z, e.answer)
		_ = z.Close()
		server := &answering{contentType: e.contentType, body: packed.String(), header: http.Header{"Content-Encoding": {"gzip"}}}
		got, err := ask(t, llmhttp.NewTransport(server, llmhttp.WithTracer(tracer)), t.Context(), e.url, e.body)
		if err != nil || got != packed.String() {
			t.Errorf("%s: the client got other bytes, %v", e.name, err)
		}
		span := backend.RequireSpan(e.span)
		if span.Error {
			t.Errorf("%s: %s", e.name, span.StatusText)
		}
		for key, want := range e.want {
			if diff := cmp.Diff(want, span.Attributes[key]); diff != "" {
				t.Errorf("%s: %s (-want +got):\n%s", e.name, key, diff)
			}
		}
	}
}

// What exceeds the bound passes, and the span says that it was cut.
func TestBounds(t *testing.T) {
	long := strings.Repeat("x", llmhttp.MaxRecorded)
	for name, tt := range map[string]struct{ body, answer, contentType, want string }{
		"request":  {`{"model":"m","messages":[{"role":"user","content":"why?"},{"role":"user","content":"` + long + `"}]}`, `{"choices":[]}`, "", "request"},
		"response": {`{"model":"m","messages":[]}`, `{"model":"m2","choices":[{"message":{"content":"` + long + `"}}]}`, "", "response"},
		"event":    {`{"model":"m","messages":[]}`, sse(`{"choices":[{"delta":{"content":"`+long+`"}}]}`, `{"choices":[{"delta":{"content":"be"},"finish_reason":"stop"}]}`, "[DONE]"), "text/event-stream", "response"},
		"stream":   {`{"model":"m","messages":[]}`, strings.Repeat(sse(`{"choices":[{"delta":{"content":"`+long[:1<<19]+`"}}]}`), 3) + sse("[DONE]"), "text/event-stream", "response"},
	} {
		t.Run(name, func(t *testing.T) {
			backend := honeyhivetest.NewBackend(t)
			tracer := backend.NewTracer()
			server := &answering{contentType: tt.contentType, body: tt.answer}
			got, err := ask(t, llmhttp.NewTransport(server, llmhttp.WithTracer(tracer)), t.Context(), exchanges[0].url, tt.body)
			if err != nil || got != tt.answer || server.sent[0] != tt.body {
				t.Errorf("the bytes are others, %v", err)
			}
			span := backend.RequireSpan("chat m")
			if span.Error || span.Attributes["honeyhive_metadata.truncated"] != tt.want {
				t.Errorf("error %q, truncated %v, want %s", span.StatusText, span.Attributes["honeyhive_metadata.truncated"], tt.want)
			}
			if name == "request" && span.Attributes["honeyhive_inputs.chat_history.0.content"] != "why?" {
				t.Error("the messages before the cut are lost")
			}
		})
	}
}

// A redactor sees all content.
func TestRedactor(t *testing.T) {
	for _, e := range exchanges {
		backend := honeyhivetest.NewBackend(t)
		tracer := backend.NewTracer(honeyhive.WithRedactor(func(_ string, v any) any {
			if s, ok := v.(string); ok {
				return strings.NewReplacer("why?", "…", "because", "…", "Oslo", "…").Replace(s)
			}
			return v
		}))
		server := &answering{contentType: e.contentType, body: e.answer}
		if _, err := ask(t, llmhttp.NewTransport(server, llmhttp.WithTracer(tracer)), t.Context(), e.url, e.body); err != nil {
			t.Fatal(err)
		}
		text := fmt.Sprint(backend.RequireSpan(e.span))
		for _, word := range []string{"why?", "because", "Oslo"} {
			if strings.Contains(text, word) {
				t.Errorf("%s: %q is in the span", e.name, word)
			}
		}
	}
}

// Over a real connection: tenants at once, streams and Expect: 100-continue.
// Every span is its tenant's.
func TestTenantsOverHTTP(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("Content-Type", "text/event-stream")
		who := strings.TrimSuffix(strings.SplitAfterN(string(body), `"content":"`, 2)[1], `"}]}`)
		for _, piece := range []string{"hello ", who} {
			_, _ = io.WriteString(w, sse(fmt.Sprintf(`{"choices":[{"delta":{"content":%q}}]}`, piece)))
			w.(http.Flusher).Flush()
		}
		_, _ = io.WriteString(w, sse(`{"choices":[{"delta":{},"finish_reason":"stop"}]}`, "[DONE]"))
	}))
	defer server.Close()
	base := server.Client().Transport
	client := &http.Client{Transport: llmhttp.NewTransport(base)}
	defer client.CloseIdleConnections()
	backend := honeyhivetest.NewBackend(t)
	var wg sync.WaitGroup
	const tenants, requests = 4, 25
	for i := range tenants {
		tracer := backend.NewTracer(honeyhive.WithProject(fmt.Sprint("tenant-", i)))
		for j := range requests {
			wg.Go(func() {
				ctx := tracer.JoinSession(context.Background(), fmt.Sprintf("%d-%d", i, j))
				body := fmt.Sprintf(`{"model":"m-%d-%d","stream":true,"messages":[{"role":"user","content":"tenant-%d"}]}`, i, j, i)
				req, err := http.NewRequestWithContext(ctx, http.MethodPost, server.URL+"/v1/chat/completions", strings.NewReader(body))
				if err != nil {
					t.Error(err)
					return
				}
				if j%2 == 0 {
					req.Header.Set("Expect", "100-continue")
				}
				if j%3 == 0 {
					req.GetBody = nil
				}
				res, err := client.Do(req)
				if err != nil {
					t.Error(err)
					return
				}
				defer res.Body.Close()
				_, _ = io.Copy(io.Discard, res.Body)
			})
		}
		defer func() {
			for j := range requests {
				span := backend.RequireSpan(fmt.Sprintf("chat m-%d-%d", i, j))
				who := fmt.Sprint("tenant-", i)
				want := tracer.SessionID(tracer.JoinSession(context.Background(), fmt.Sprintf("%d-%d", i, j)))
				if span.Project() != who || span.SessionID() != want || span.Attributes["honeyhive_outputs.content"] != "hello "+who {
					t.Errorf("%s has %s's span: %v", who, span.Project(), span.Attributes)
				}
				if _, ok := span.Attributes["honeyhive_metadata.time_to_first_token_ms"]; !ok {
					t.Error("no time to the first token")
				}
			}
		}()
	}
	wg.Wait()
}

// A provider that repeats the credentials of a request does not put them into
// the span.
func TestRepeatedCredentials(t *testing.T) {
	const body = `{"model":"m","messages":[]}`
	for name, tt := range map[string]struct {
		query  string
		header http.Header
	}{
		"Authorization": {"", http.Header{"Authorization": {"Bearer sekret-1234"}}},
		"X-Api-Key":     {"", http.Header{"X-Api-Key": {"sekret-1234"}}},
		"Api-Key":       {"", http.Header{"Api-Key": {"sekret-1234"}}},
		"Google's":      {"", http.Header{"X-Goog-Api-Key": {"sekret-1234"}}},
		"cookie":        {"", http.Header{"Cookie": {"a=b; session=sekret-1234"}}},
		"query":         {"?key=sekret-1234", nil},
		"signature":     {"?X-Amz-Signature=sekret-1234", nil},
	} {
		for how, server := range map[string]http.RoundTripper{
			"status":     &answering{status: 401, body: `{"id":"sekret-1234","error":{"message":"bad key sekret-1234 (Bearer sekret-1234, ?key=sekret-1234)"}}`},
			"stream":     &answering{contentType: "text/event-stream", body: sse(`{"error":{"message":"bad key sekret-1234"}}`)},
			"ids":        &answering{body: `{"id":"sekret-1234","model":"sekret-1234","choices":[]}`, header: http.Header{"X-Request-Id": {"sekret-1234"}}},
			"no answer":  refusing{fmt.Errorf("proxy says: bad key sekret-1234")},
			"broken off": &answering{body: `{`, err: errors.New("reset of sekret-1234")},
		} {
			t.Run(name+"/"+how, func(t *testing.T) {
				backend := honeyhivetest.NewBackend(t)
				tracer := backend.NewTracer()
				rt := llmhttp.NewTransport(server, llmhttp.WithTracer(tracer))
				_, _ = ask(t, rt, t.Context(), "https://api.openai.com/v1/chat/completions"+tt.query, body, func(req *http.Request) {
					for k, v := range tt.header {
						req.Header[k] = v
					}
				})
				if text := fmt.Sprint(backend.RequireSpan("chat m")); strings.Contains(text, "sekret") {
					t.Errorf("the credential is in the span: %s", text)
				}
			})
		}
	}
}

// Without content neither the caller's texts among the settings nor the
// provider's words about a failure are recorded.
func TestWithoutContentOfFailuresAndSettings(t *testing.T) {
	for url, body := range map[string]string{
		"https://x.test/chat/completions":         `{"model":"m","messages":[],"stop":["quoted"],"temperature":1,"reasoning_effort":"low","tool_choice":{"name":"quoted"},"response_format":{"schema":"quoted"}}`,
		"https://x.test/responses":                `{"model":"m","input":"quoted","text":{"format":"quoted"},"tool_choice":"quoted"}`,
		"https://x.test/messages":                 `{"model":"m","messages":[],"stop_sequences":["quoted"],"tool_choice":{"name":"quoted"}}`,
		"https://x.test/embeddings":               `{"model":"m","input":"quoted"}`,
		"https://x.test/models/m:generateContent": `{"contents":[],"generationConfig":{"stopSequences":["quoted"]}}`,
	} {
		for _, server := range []*answering{
			{status: 400, body: `{"error":{"message":"you said: quoted"}}`},
			{contentType: "text/event-stream", body: sse(`{"type":"error","error":{"message":"you said: quoted"}}`)},
		} {
			backend := honeyhivetest.NewBackend(t)
			tracer := backend.NewTracer()
			rt := llmhttp.NewTransport(server, llmhttp.WithTracer(tracer), llmhttp.WithoutContent())
			if _, err := ask(t, rt, t.Context(), url, body); err != nil {
				t.Fatal(err)
			}
			span := backend.Spans()[0]
			if !span.Error || strings.Contains(fmt.Sprint(span), "quoted") {
				t.Errorf("%s: error %t, %v", url, span.Error, span)
			}
			if strings.Contains(body, "low") && span.Attributes["honeyhive_config.reasoning_effort"] != "low" {
				t.Errorf("%s: %v", url, span.Attributes)
			}
		}
	}
}

// A call that fails before its body is read is recorded where its path says what
// it was.
func TestUnreadBody(t *testing.T) {
	for url, want := range map[string]int{
		"https://x.test/chat/completions":         1,
		"https://x.test/models/m:generateContent": 1,
		"https://x.test/messages":                 0,
	} {
		backend := honeyhivetest.NewBackend(t)
		tracer := backend.NewTracer()
		rt := llmhttp.NewTransport(refusing{errors.New("connection refused")}, llmhttp.WithTracer(tracer))
		_, _ = ask(t, rt, t.Context(), url, `{"model":"m"}`, func(req *http.Request) { req.GetBody = nil })
		spans := backend.Spans()
		if len(spans) != want || want == 1 && !spans[0].Error {
			t.Errorf("%s: %v", url, spans)
		}
	}
}
