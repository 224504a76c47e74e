package llmhttp

import "encoding/json"

// anthropic is POST …/messages.
//
// https://docs.anthropic.com/en/api/messages
type anthropic struct{}

func (anthropic) request(r *request, body fields) bool {
	if !body.isText("model") || !body.isList("messages") && !r.truncated {
		return false // many services have a resource of that name
	}
	r.operation, r.protocol = operationChat, "anthropic"
	r.model, r.stream, r.tools = body.text("model"), body.flag("stream"), body.value("tools")
	r.settings = body.settings("max_tokens", "temperature", "top_p", "top_k", "stop_sequences", "tool_choice", "thinking", "service_tier")
	if body.has("system") {
		r.messages = append(r.messages, anthropicMessage("system", body, "system"))
	}
	for _, m := range body.objects("messages") {
		r.messages = append(r.messages, anthropicMessage(m.text("role"), m, "content"))
	}
	return true
}

// anthropicMessage returns a content as a message: a text where it is one, or
// parts, from which calls of tools are taken out.
func anthropicMessage(role string, f fields, name string) message {
	m := message{role: role, content: f.value(name)}
	parts := f.objects(name)
	if len(parts) == 0 {
		return m
	}
	text, plain := "", true
	var other []any
	for _, p := range parts {
		switch p.text("type") {
		case "text":
			text += p.text("text")
			other = append(other, map[string]any{"type": "text", "text": p.text("text")})
		case "tool_use", "server_tool_use":
			m.calls = append(m.calls, toolCall{p.text("id"), p.text("name"), []byte(p["input"])})
		case "thinking":
			m.thinking = append(m.thinking, p.text("thinking")...)
		case "tool_result":
			m.toolID = p.text("tool_use_id")
			if len(parts) == 1 {
				m.role, m.content = "tool", p.value("content")
				return m
			}
			fallthrough
		default:
			plain = false
			other = append(other, p.values())
		}
	}
	m.content = contentOf(text, plain, other)
	return m
}

func (anthropic) response(a *answer, body fields) {
	a.id, a.model = body.text("id"), body.text("model")
	a.usage.anthropic(body.object("usage"))
	*a.choice(0) = choice{anthropicMessage(body.text("role"), body, "content"), body.text("stop_reason")}
}

func (anthropic) event(a *answer, data []byte) {
	var piece struct {
		Type  string `json:"type"`
		Delta struct {
			Text     string `json:"text"`
			Thinking string `json:"thinking"`
			JSON     string `json:"partial_json"`
		} `json:"delta"`
	}
	_ = json.Unmarshal(data, &piece) // a member of another type is left out
	c := a.choice(0)
	if piece.Type == "content_block_delta" {
		a.add(&c.said, piece.Delta.Text)
		a.add(&c.thinking, piece.Delta.Thinking)
		// Blocks come one after the other.
		if piece.Delta.JSON != "" && len(c.calls) > 0 {
			a.add(&c.calls[len(c.calls)-1].arguments, piece.Delta.JSON)
		}
		return
	}
	body, _ := fieldsOf(data)
	switch piece.Type {
	case "message_start":
		m := body.object("message")
		a.id, a.model, c.role = m.text("id"), m.text("model"), m.text("role")
		a.usage.anthropic(m.object("usage"))
	case "content_block_start":
		block := body.object("content_block")
		a.add(&c.said, block.text("text"))
		a.add(&c.thinking, block.text("thinking"))
		switch block.text("type") {
		case "tool_use", "server_tool_use":
			if into := a.call(c, int64(len(c.calls))); into != nil {
				into.id, into.name = block.text("id"), block.text("name")
			}
		}
	case "message_delta":
		if reason := body.object("delta").text("stop_reason"); reason != "" {
			c.finish = reason
		}
		a.usage.anthropic(body.object("usage"))
	case "message_stop":
		a.complete = true
	}
}

// anthropic reads a usage. The API counts tokens that come from its cache or go
// into it apart from the other input.
func (u *usage) anthropic(f fields) {
	if f == nil {
		return
	}
	var fresh count
	fresh.set(f, "input_tokens")
	u.cached.set(f, "cache_read_input_tokens")
	u.cacheWrites.set(f, "cache_creation_input_tokens")
	if fresh.said {
		u.input = count{fresh.n + u.cached.n + u.cacheWrites.n, true}
	}
	u.output.set(f, "output_tokens")
}
