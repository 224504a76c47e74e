package llmhttp

import (
	"cmp"
	"encoding/json"
)

// openAIChat is POST …/chat/completions.
//
// https://platform.openai.com/docs/api-reference/chat
type openAIChat struct{}

func (openAIChat) request(r *request, body fields) bool {
	if !body.isList("messages") && !(r.truncated && body.isText("model")) {
		return false
	}
	r.operation, r.protocol = operationChat, "openai"
	r.model, r.stream, r.tools = body.text("model"), body.flag("stream"), body.value("tools")
	r.settings = body.settings("temperature", "top_p", "max_tokens", "max_completion_tokens", "frequency_penalty",
		"presence_penalty", "seed", "stop", "n", "tool_choice", "response_format", "reasoning_effort", "service_tier")
	for _, m := range body.objects("messages") {
		r.messages = append(r.messages, openAIMessage(m))
	}
	return true
}

func openAIMessage(m fields) message {
	out := message{role: m.text("role"), content: m.value("content"), toolID: m.text("tool_call_id"), refusal: []byte(m.text("refusal"))}
	for _, name := range []string{"reasoning_content", "reasoning"} {
		if s := m.text(name); s != "" {
			out.thinking = []byte(s)
			break
		}
	}
	for _, call := range m.objects("tool_calls") {
		out.calls = append(out.calls, openAICall(call))
	}
	if f := m.object("function_call"); f != nil {
		out.calls = append(out.calls, toolCall{name: f.text("name"), arguments: []byte(f.text("arguments"))})
	}
	return out
}

func openAICall(call fields) toolCall {
	f, arguments := call.object("function"), "arguments"
	if f == nil {
		f, arguments = call.object("custom"), "input"
	}
	return toolCall{id: call.text("id"), name: f.text("name"), arguments: []byte(f.text(arguments))}
}

func (openAIChat) response(a *answer, body fields) {
	a.id, a.model = body.text("id"), body.text("model")
	a.usage.openAI(body.object("usage"))
	for _, c := range body.objects("choices") {
		i, _ := c.number("index")
		if into := a.choice(i); into != nil {
			*into = choice{openAIMessage(c.object("message")), c.text("finish_reason")}
		}
	}
}

// chatChunk is an event of a stream. Most have a piece of text and nothing else.
type chatChunk struct {
	ID      string          `json:"id"`
	Model   string          `json:"model"`
	Usage   json.RawMessage `json:"usage"`
	Choices []struct {
		Index  int64  `json:"index"`
		Finish string `json:"finish_reason"`
		Delta  struct {
			Role             string          `json:"role"`
			Content          string          `json:"content"`
			Refusal          string          `json:"refusal"`
			ReasoningContent string          `json:"reasoning_content"`
			Reasoning        string          `json:"reasoning"`
			ToolCalls        json.RawMessage `json:"tool_calls"`
		} `json:"delta"`
	} `json:"choices"`
}

func (openAIChat) event(a *answer, data []byte) {
	var chunk chatChunk
	_ = json.Unmarshal(data, &chunk) // a member of another type is left out
	a.id, a.model = cmp.Or(a.id, chunk.ID), cmp.Or(a.model, chunk.Model)
	if len(chunk.Usage) > 0 {
		a.usage.openAI(fields{"usage": chunk.Usage}.object("usage"))
	}
	for _, c := range chunk.Choices {
		into := a.choice(c.Index)
		if into == nil {
			continue
		}
		if c.Finish != "" {
			into.finish, a.complete = c.Finish, true
		}
		into.role = cmp.Or(c.Delta.Role, into.role)
		a.add(&into.said, c.Delta.Content)
		a.add(&into.refusal, c.Delta.Refusal)
		a.add(&into.thinking, c.Delta.ReasoningContent)
		a.add(&into.thinking, c.Delta.Reasoning)
		if len(c.Delta.ToolCalls) > 0 {
			for _, piece := range (fields{"": c.Delta.ToolCalls}).objects("") {
				a.openAIPiece(into, piece)
			}
		}
	}
}

// openAIPiece adds a piece of a tool call to the call that it says it is of.
func (a *answer) openAIPiece(c *choice, piece fields) {
	i, ok := piece.number("index")
	if !ok { // some servers do not say it, and send calls whole
		i = int64(len(c.calls))
	}
	into := a.call(c, i)
	if into == nil {
		return
	}
	part := openAICall(piece)
	if part.id != "" {
		into.id = part.id
	}
	if part.name != "" {
		into.name = part.name
	}
	a.add(&into.arguments, string(part.arguments))
}

// openAI reads the usage of chat completions, responses and embeddings.
func (u *usage) openAI(f fields) {
	u.input.set(f, "prompt_tokens", "input_tokens")
	u.output.set(f, "completion_tokens", "output_tokens")
	u.total.set(f, "total_tokens")
	for _, name := range []string{"prompt_tokens_details", "input_tokens_details"} {
		u.cached.set(f.object(name), "cached_tokens")
	}
	for _, name := range []string{"completion_tokens_details", "output_tokens_details"} {
		u.reasoning.set(f.object(name), "reasoning_tokens")
	}
}

// openAIResponses is POST …/responses.
//
// https://platform.openai.com/docs/api-reference/responses
type openAIResponses struct{}

func (openAIResponses) request(r *request, body fields) bool {
	known := body.isText("model") || body.object("prompt") != nil
	if !known || !body.isText("input") && !body.isList("input") && body.object("prompt") == nil && !r.truncated {
		return false
	}
	r.operation, r.protocol = operationChat, "openai"
	r.model, r.stream, r.tools = body.text("model"), body.flag("stream"), body.value("tools")
	r.settings = body.settings("temperature", "top_p", "max_output_tokens", "tool_choice", "reasoning", "text", "truncation", "service_tier")
	r.conversation = body.text("conversation")
	if r.conversation == "" {
		r.conversation = body.object("conversation").text("id")
	}
	if s := body.text("instructions"); s != "" {
		r.messages = append(r.messages, message{role: "system", content: s})
	}
	if s := body.text("input"); s != "" {
		r.messages = append(r.messages, message{role: "user", content: s})
	}
	for _, item := range body.objects("input") {
		r.messages = append(r.messages, responsesItem(item))
	}
	return true
}

// responsesItem returns an item of an input or output as a message.
func responsesItem(item fields) message {
	switch kind := item.text("type"); kind {
	case "function_call", "custom_tool_call":
		arguments := item.text("arguments")
		if kind == "custom_tool_call" {
			arguments = item.text("input")
		}
		return message{role: "assistant", calls: []toolCall{{item.text("call_id"), item.text("name"), []byte(arguments)}}}
	case "function_call_output", "custom_tool_call_output":
		return message{role: "tool", toolID: item.text("call_id"), content: item.value("output")}
	case "reasoning":
		var thinking []byte
		for _, part := range item.objects("summary") {
			thinking = append(thinking, part.text("text")...)
		}
		return message{role: "assistant", thinking: thinking}
	}
	m := message{role: item.text("role"), content: item.value("content")}
	if texts, refusal, ok := plainParts(item.objects("content"), "output_text"); ok {
		m.content, m.refusal = texts, []byte(refusal)
	}
	return m
}

// plainParts returns the texts of a content whose parts are all of that type, or
// refusals.
func plainParts(parts []fields, kind string) (text, refusal string, ok bool) {
	for _, p := range parts {
		switch p.text("type") {
		case kind:
			text += p.text("text")
		case "refusal":
			refusal += p.text("refusal")
		default:
			return "", "", false
		}
	}
	return text, refusal, len(parts) > 0
}

func (openAIResponses) response(a *answer, body fields) {
	a.id, a.model = body.text("id"), body.text("model")
	a.usage.openAI(body.object("usage"))
	into := a.choice(0)
	into.message = message{role: "assistant"}
	for _, item := range body.objects("output") {
		m := responsesItem(item)
		into.calls = append(into.calls, m.calls...)
		into.thinking = append(into.thinking, m.thinking...)
		into.refusal = append(into.refusal, m.refusal...)
		switch s := m.content.(type) {
		case string:
			into.said = append(into.said, s...)
		case nil:
		default:
			into.content = m.content
		}
	}
	into.finish = body.text("status")
	if reason := body.object("incomplete_details").text("reason"); reason != "" {
		into.finish = reason
	}
}

func (p openAIResponses) event(a *answer, data []byte) {
	var piece struct{ Type, Delta string }
	_ = json.Unmarshal(data, &piece) // a member of another type is left out
	switch piece.Type {
	case "response.output_text.delta":
		a.add(&a.choice(0).said, piece.Delta)
		return
	case "response.refusal.delta":
		a.add(&a.choice(0).refusal, piece.Delta)
		return
	case "response.completed", "response.incomplete", "response.failed", "response.created", "response.output_item.done", "error":
	default:
		return // what it says comes again at the end
	}
	body, _ := fieldsOf(data)
	switch piece.Type {
	case "response.completed", "response.incomplete", "response.failed":
		// It repeats all that was said.
		p.response(a, body.object("response"))
		a.complete = true
		if message := errorMessage(body.object("response")); message != "" {
			a.err = providerError(message)
		}
	case "response.created":
		a.id, a.model = body.object("response").text("id"), body.object("response").text("model")
	case "response.output_item.done":
		if m := responsesItem(body.object("item")); len(m.calls) > 0 {
			c := a.choice(0)
			c.calls = append(c.calls, m.calls...)
		}
	case "error":
		a.err = providerError(cmp.Or(body.text("message"), "the provider reports an error"))
	}
}

// embeddings is POST …/embeddings.
//
// https://platform.openai.com/docs/api-reference/embeddings
type embeddings struct{}

func (embeddings) request(r *request, body fields) bool {
	if !body.isText("model") || !body.isText("input") && !body.isList("input") && !r.truncated {
		return false
	}
	r.operation, r.protocol, r.model = operationEmbeddings, "openai", body.text("model")
	r.input = body.value("input")
	r.settings = body.settings("dimensions", "encoding_format")
	return true
}

func (embeddings) response(a *answer, body fields) {
	a.model = body.text("model")
	a.usage.openAI(body.object("usage"))
}

func (embeddings) event(*answer, []byte) {}
