package llmhttp

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/honeyhiveai/hhvet/honeyhive"
)

// providerError is what a provider says of a failure.
type providerError string

func (e providerError) Error() string { return string(e) }

// start makes the span, with the time at which the call began.
func (c *call) start() {
	r := &c.request
	provider := r.provider()
	attrs := []attribute.KeyValue{
		attribute.String("gen_ai.operation.name", r.operation),
		attribute.String("gen_ai.provider.name", provider),
		attribute.String("server.address", r.host),
	}
	if r.model != "" {
		attrs = append(attrs, attribute.String("gen_ai.request.model", r.model))
	}
	if r.conversation != "" {
		attrs = append(attrs, attribute.String("gen_ai.conversation.id", r.conversation))
	}
	if port, err := strconv.Atoi(r.port); err == nil {
		attrs = append(attrs, attribute.Int("server.port", port))
	}
	if r.stream {
		attrs = append(attrs, attribute.Bool("gen_ai.request.stream", true))
	}
	attrs = append(attrs, conventionalSettings(r.settings)...)
	if c.attempt > 1 {
		attrs = append(attrs, attribute.Int("http.request.resend_count", c.attempt-1))
	}
	c.ctx, c.span = c.tracer.Start(c.ctx, strings.TrimSpace(r.operation+" "+r.model),
		trace.WithTimestamp(c.started), trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(attrs...))
	config := honeyhive.Config{"provider": provider}
	if r.model != "" {
		config["model"] = r.model
	}
	if r.stream {
		config["stream"] = true
	}
	for name, value := range r.settings {
		if c.transport.content || isPlain(name, value) {
			config[name] = value
		}
	}
	metadata := honeyhive.Metadata{"attempt": c.attempt}
	if r.conversation != "" {
		metadata["conversation_id"] = r.conversation
	}
	if r.truncated {
		metadata["truncated"] = "request"
	}
	c.enrich(config, metadata, c.inputs(), eventType(r.operation))
}

func eventType(operation string) honeyhive.Field {
	if operation == operationEmbeddings {
		return honeyhive.EventTypeTool
	}
	return honeyhive.EventTypeModel
}

// enrich records fields on the call's own span, whatever has become current.
func (c *call) enrich(all ...honeyhive.Field) {
	c.tracer.EnrichSpan(c.ctx, all...)
}

// provider is the name that the semantic conventions have for who answers. The
// protocol alone does not say it: many speak OpenAI's.
func (r *request) provider() string {
	for _, known := range [...]struct{ domain, name string }{
		{"openai.azure.com", "azure.ai.openai"},
		{"services.ai.azure.com", "azure.ai.inference"},
		{"openai.com", "openai"},
		{"anthropic.com", "anthropic"},
		{"aiplatform.googleapis.com", "gcp.vertex_ai"},
		{"generativelanguage.googleapis.com", "gcp.gemini"},
		{"amazonaws.com", "aws.bedrock"},
		{"x.ai", "x_ai"},
		{"deepseek.com", "deepseek"},
		{"groq.com", "groq"},
		{"mistral.ai", "mistral_ai"},
		{"perplexity.ai", "perplexity"},
		{"cohere.com", "cohere"},
		{"cohere.ai", "cohere"},
		{"openrouter.ai", "openrouter"},
		{"together.xyz", "together_ai"},
		{"fireworks.ai", "fireworks_ai"},
	} {
		if r.host == known.domain || strings.HasSuffix(r.host, "."+known.domain) ||
			known.name == "gcp.vertex_ai" && strings.HasSuffix(r.host, "-"+known.domain) {
			return known.name
		}
	}
	return r.protocol
}

// isPlain reports whether a setting says nothing in the caller's words.
func isPlain(name string, value any) bool {
	switch value.(type) {
	case bool, int64, float64:
		return true
	case string:
		switch name {
		case "reasoning_effort", "service_tier", "truncation", "encoding_format", "responseMimeType":
			return true
		}
	}
	return false
}

// conventionalSettings are the settings for which the conventions have a key.
func conventionalSettings(settings map[string]any) (attrs []attribute.KeyValue) {
	for _, s := range [...]struct{ key, names string }{
		{"gen_ai.request.temperature", "temperature"},
		{"gen_ai.request.top_p", "top_p topP"},
		{"gen_ai.request.top_k", "top_k topK"},
		{"gen_ai.request.max_tokens", "max_tokens max_completion_tokens max_output_tokens maxOutputTokens"},
		{"gen_ai.request.frequency_penalty", "frequency_penalty frequencyPenalty"},
		{"gen_ai.request.presence_penalty", "presence_penalty presencePenalty"},
		{"gen_ai.request.seed", "seed"},
		{"gen_ai.request.choice.count", "n candidateCount"},
	} {
		for name := range strings.FieldsSeq(s.names) {
			switch v := settings[name].(type) {
			case int64:
				if s.key == "gen_ai.request.temperature" || s.key == "gen_ai.request.top_p" {
					attrs = append(attrs, attribute.Float64(s.key, float64(v)))
				} else {
					attrs = append(attrs, attribute.Int64(s.key, v))
				}
			case float64:
				attrs = append(attrs, attribute.Float64(s.key, v))
			}
		}
	}
	return attrs
}

// inputs returns the conversation as HoneyHive shows it.
func (c *call) inputs() honeyhive.Inputs {
	r := &c.request
	inputs := honeyhive.Inputs{}
	if len(r.messages) > 0 {
		history := make([]any, len(r.messages))
		for i, m := range r.messages {
			history[i] = c.shown(m)
		}
		inputs["chat_history"] = history
	}
	if c.transport.content {
		if r.input != nil {
			inputs["input"] = r.input
		}
		if r.tools != nil {
			inputs["tools"] = r.tools
		}
	}
	return inputs
}

// shown returns a message as HoneyHive shows it, without its content where that
// is not wanted.
func (c *call) shown(m message) map[string]any {
	out := map[string]any{"role": m.role}
	if m.toolID != "" {
		out["tool_call_id"] = m.toolID
	}
	if len(m.calls) > 0 {
		calls := make([]any, len(m.calls))
		for i, call := range m.calls {
			shown := map[string]any{"name": call.name}
			if call.id != "" {
				shown["id"] = call.id
			}
			if c.transport.content {
				shown["arguments"] = parsed(call.arguments)
			}
			calls[i] = shown
		}
		out["tool_calls"] = calls
	}
	if !c.transport.content {
		return out
	}
	switch {
	case len(m.said) > 0:
		out["content"] = string(m.said)
	case m.content != nil:
		out["content"] = m.content
	}
	if len(m.refusal) > 0 {
		out["refusal"] = string(m.refusal)
	}
	if len(m.thinking) > 0 {
		out["reasoning"] = string(m.thinking)
	}
	return out
}

// end records the answer and ends the span.
func (c *call) end(a *answer) {
	defer c.span.End()
	c.transport.attempts.end(c.key, c.attempt, a.err != nil)
	var finish []string
	for _, choice := range a.choices {
		if choice.finish != "" {
			finish = append(finish, choice.finish)
		}
	}
	metadata := a.usage.metadata()
	c.setAttributes(a, finish)
	if len(finish) > 0 {
		metadata["finish_reason"] = finish[0]
	}
	if a.model != "" {
		metadata["response_model"] = c.secrets.mask(a.model)
	}
	if a.requestID != "" {
		metadata["request_id"] = c.secrets.mask(a.requestID)
	}
	if a.status != 0 {
		metadata["status_code"] = a.status
	}
	if a.firstToken > 0 {
		metadata["time_to_first_token_ms"] = float64(a.firstToken.Microseconds()) / 1000
	}
	if a.closedEarly {
		metadata["closed_early"] = true
	}
	if cut := c.cut(a); cut != "" {
		metadata["truncated"] = cut
	}
	all := []honeyhive.Field{metadata}
	if outputs := c.outputs(a); len(outputs) > 0 {
		all = append(all, outputs)
	}
	if a.err != nil {
		all = append(all, honeyhive.Error(c.failure(a)))
	}
	c.enrich(all...)
}

func (c *call) setAttributes(a *answer, finish []string) {
	attrs := a.usage.attributes()
	if a.model != "" {
		attrs = append(attrs, attribute.String("gen_ai.response.model", c.secrets.mask(a.model)))
	}
	if a.id != "" {
		attrs = append(attrs, attribute.String("gen_ai.response.id", c.secrets.mask(a.id)))
	}
	if len(finish) > 0 {
		attrs = append(attrs, attribute.StringSlice("gen_ai.response.finish_reasons", finish))
	}
	if a.status != 0 {
		attrs = append(attrs, attribute.Int("http.response.status_code", a.status))
	}
	if a.err != nil {
		attrs = append(attrs, attribute.String("error.type", errorType(a)))
	}
	c.span.SetAttributes(attrs...)
}

// cut says which sides of the record are not whole.
func (c *call) cut(a *answer) string {
	switch {
	case c.request.truncated && a.truncated:
		return "request and response"
	case c.request.truncated:
		return "request"
	case a.truncated:
		return "response"
	}
	return ""
}

// outputs returns the first choice where HoneyHive shows it, and the others
// beside it.
func (c *call) outputs(a *answer) honeyhive.Outputs {
	outputs := honeyhive.Outputs{}
	if len(a.choices) == 0 {
		return outputs
	}
	for name, value := range c.shown(a.choices[0].message) {
		outputs[name] = value
	}
	if outputs["role"] == "" {
		outputs["role"] = "assistant"
	}
	if len(a.choices) > 1 {
		all := make([]any, len(a.choices))
		for i, choice := range a.choices {
			all[i] = c.shown(choice.message)
		}
		outputs["choices"] = all
	}
	return outputs
}

func (u usage) metadata() honeyhive.Metadata {
	m := honeyhive.Metadata{}
	if !u.total.said && u.input.said && u.output.said {
		u.total = count{u.input.n + u.output.n, true}
	}
	for name, c := range map[string]count{
		"prompt_tokens": u.input, "completion_tokens": u.output, "total_tokens": u.total,
		"cached_tokens": u.cached, "cache_creation_tokens": u.cacheWrites, "reasoning_tokens": u.reasoning,
	} {
		if c.said {
			m[name] = c.n
		}
	}
	return m
}

func (u usage) attributes() (attrs []attribute.KeyValue) {
	for _, c := range [...]struct {
		key string
		count
	}{
		{"gen_ai.usage.input_tokens", u.input},
		{"gen_ai.usage.output_tokens", u.output},
		{"gen_ai.usage.cache_read.input_tokens", u.cached},
		{"gen_ai.usage.cache_creation.input_tokens", u.cacheWrites},
		{"gen_ai.usage.reasoning.output_tokens", u.reasoning},
	} {
		if c.said {
			attrs = append(attrs, attribute.Int64(c.key, c.n))
		}
	}
	return attrs
}

// failure is the error as it is recorded: without the URL, which may hold a key,
// without the request's credentials, and without the provider's words where
// content is not wanted.
func (c *call) failure(a *answer) error {
	err := a.err
	var said providerError
	switch {
	case c.ctx.Err() != nil:
		return context.Cause(c.ctx)
	case errors.As(err, &said) && !c.transport.content:
		if a.status < 400 {
			return errors.New("the provider reports an error")
		}
		return fmt.Errorf("%d %s", a.status, http.StatusText(a.status))
	case a.status == 0:
		err = noURL(err)
	}
	if text := err.Error(); c.secrets.mask(text) != text {
		return errors.New(c.secrets.mask(text))
	}
	return err
}

func noURL(err error) error {
	var op *net.OpError
	var dns *net.DNSError
	switch {
	case errors.As(err, &dns):
		return fmt.Errorf("no answer: %w", dns)
	case errors.As(err, &op):
		return fmt.Errorf("no answer: %w", op)
	}
	if text := err.Error(); !strings.Contains(text, "://") {
		return err
	}
	return fmt.Errorf("no answer: %T", errors.Unwrap(err))
}

func errorType(a *answer) string {
	if a.status >= 400 {
		return strconv.Itoa(a.status)
	}
	switch {
	case errors.Is(a.err, context.Canceled):
		return "canceled"
	case errors.Is(a.err, context.DeadlineExceeded):
		return "timeout"
	}
	return "_OTHER"
}
