package llmhttp

import (
	"encoding/json"
	"strings"
)

// google is POST …/models/MODEL:generateContent and :streamGenerateContent, of
// the Gemini API and of Vertex AI.
//
// https://ai.google.dev/api/generate-content
type google struct{}

func (google) request(r *request, body fields) bool {
	if !body.isList("contents") && body.object("contents") == nil && !r.truncated {
		return false
	}
	last := r.path[strings.LastIndexByte(r.path, '/')+1:]
	model, method, _ := strings.Cut(last, ":")
	r.operation, r.protocol, r.model = operationGenerate, "gcp.gemini", model
	r.stream = method == "streamGenerateContent"
	r.tools = body.value("tools")
	r.settings = body.either("generationConfig", "generation_config").settings("temperature", "topP", "topK", "maxOutputTokens",
		"candidateCount", "stopSequences", "seed", "responseMimeType", "presencePenalty", "frequencyPenalty", "thinkingConfig")
	if system := body.either("systemInstruction", "system_instruction"); system != nil {
		m := googleMessage(system)
		m.role = "system"
		r.messages = append(r.messages, m)
	}
	contents := body.objects("contents")
	if one := body.object("contents"); one != nil {
		contents = []fields{one}
	}
	for _, content := range contents {
		m := googleMessage(content)
		if m.role == "" {
			m.role = "user"
		}
		r.messages = append(r.messages, m)
	}
	return true
}

// googleMessage returns a content as a message: a text where all its parts are.
func googleMessage(content fields) message {
	m := message{role: content.text("role")}
	if m.role == "model" {
		m.role = "assistant"
	}
	text, plain := "", true
	var other []any
	for _, p := range content.objects("parts") {
		call, result := p.either("functionCall", "function_call"), p.either("functionResponse", "function_response")
		switch {
		case p.flag("thought"):
			m.thinking = append(m.thinking, p.text("text")...)
		case call != nil:
			m.calls = append(m.calls, toolCall{call.text("id"), call.text("name"), []byte(call["args"])})
		case result != nil:
			m.role, m.toolID, plain = "tool", result.text("id"), false
			other = append(other, result.values())
		case p.has("text"):
			text += p.text("text")
			other = append(other, map[string]any{"text": p.text("text")})
		default:
			plain = false
			other = append(other, p.values())
		}
	}
	m.content = contentOf(text, plain, other)
	return m
}

func (p google) event(a *answer, data []byte) {
	if body, ok := fieldsOf(data); ok {
		p.response(a, body)
	}
}

func (google) response(a *answer, body fields) {
	if s := body.text("responseId"); s != "" {
		a.id = s
	}
	if s := body.text("modelVersion"); s != "" {
		a.model = s
	}
	if u := body.object("usageMetadata"); u != nil {
		a.usage.google(u)
	}
	if reason := body.object("promptFeedback").text("blockReason"); reason != "" {
		a.choice(0).finish, a.complete = reason, true
	}
	for _, candidate := range body.objects("candidates") {
		i, _ := candidate.number("index")
		into := a.choice(i)
		if into == nil {
			continue
		}
		m := googleMessage(candidate.object("content"))
		if m.role != "" {
			into.role = m.role
		}
		switch content := m.content.(type) {
		case string:
			a.add(&into.said, content)
		case nil:
		default:
			into.content = content
		}
		a.add(&into.thinking, string(m.thinking))
		for _, call := range m.calls {
			if next := a.call(into, int64(len(into.calls))); next != nil {
				*next = call
			}
		}
		if reason := candidate.text("finishReason"); reason != "" {
			into.finish, a.complete = reason, true
		}
	}
}

func (u *usage) google(f fields) {
	u.input.set(f, "promptTokenCount")
	u.cached.set(f, "cachedContentTokenCount")
	u.reasoning.set(f, "thoughtsTokenCount")
	u.total.set(f, "totalTokenCount")
	var said count
	if said.set(f, "candidatesTokenCount"); said.said || u.reasoning.said {
		// The API counts thoughts apart from the rest of the output.
		u.output = count{said.n + u.reasoning.n, true}
	}
}

// either returns a member that is an object under one of two names: the API
// takes both spellings.
func (f fields) either(name, other string) fields {
	if o := f.object(name); o != nil {
		return o
	}
	return f.object(other)
}

// values returns all members as Go has them.
func (f fields) values() map[string]any {
	out := make(map[string]any, len(f))
	for name := range f {
		out[name] = f.value(name)
	}
	return out
}

// settings returns those of the named members that are there.
func (f fields) settings(names ...string) map[string]any {
	out := make(map[string]any)
	for _, name := range names {
		if v := f.value(name); v != nil {
			out[name] = v
		}
	}
	return out
}

// parsed returns JSON as Go has it, and any other text as it is.
func parsed(text []byte) any {
	if len(text) == 0 {
		return nil
	}
	if v := (fields{"": json.RawMessage(text)}).value(""); v != nil {
		return v
	}
	return string(text)
}
