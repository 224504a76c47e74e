package honeyhive

import (
	"cmp"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/honeyhiveai/hhvet/internal/tracekey"
)

// view is an ended span as an exporter sees it: complete with whom it
// belongs to, redacted, and fit to be encoded. It is worked out when the
// exporter asks, once, and an exporter may keep it.
type view struct {
	sdktrace.ReadOnlySpan
	span *span

	once   sync.Once
	attrs  []attribute.KeyValue
	events []sdktrace.Event
	links  []sdktrace.Link
}

// views returns ended spans as an exporter sees them.
func views(batch []*span) []sdktrace.ReadOnlySpan {
	block := make([]view, len(batch))
	out := make([]sdktrace.ReadOnlySpan, len(batch))
	for i, s := range batch {
		block[i].ReadOnlySpan, block[i].span = s.Span.(sdktrace.ReadOnlySpan), s
		out[i] = &block[i]
	}
	return out
}

func (v *view) redact() Redactor { return v.span.tracer.redact }

func (v *view) Name() string { return v.redact().text("span.name", valid(v.ReadOnlySpan.Name())) }

func (v *view) Status() sdktrace.Status {
	status := v.ReadOnlySpan.Status()
	status.Description = v.redact().text("span.status", valid(status.Description))
	return status
}

func (v *view) Attributes() []attribute.KeyValue {
	v.once.Do(v.fill)
	return v.attrs
}

func (v *view) Events() []sdktrace.Event {
	v.once.Do(v.fill)
	return v.events
}

func (v *view) Links() []sdktrace.Link {
	v.once.Do(v.fill)
	return v.links
}

// maxAdded is how many attributes a span gets at most that it did not have.
const maxAdded = 9

func (v *view) fill() {
	own := v.ReadOnlySpan.Attributes()
	attrs := appendClean(make([]attribute.KeyValue, 0, len(own)+maxAdded), own, v.redact())
	attrs = v.span.beside.appendTo(attrs, v.redact())
	typed := slices.ContainsFunc(attrs, func(kv attribute.KeyValue) bool { return kv.Key == eventTypeKey })
	attrs = v.span.appendIdentity(attrs)
	if !typed {
		attrs = append(attrs, eventTypeKey.String(string(guessEventType(v.ReadOnlySpan.Name(), own))))
	}
	v.attrs, v.events, v.links = attrs, v.ReadOnlySpan.Events(), v.ReadOnlySpan.Links()
	for i := range v.events {
		e := &v.events[i]
		e.Name = v.redact().text("event.name", valid(e.Name))
		e.Attributes = appendClean(nil, e.Attributes, v.redact())
	}
	for i := range v.links {
		v.links[i].Attributes = appendClean(nil, v.links[i].Attributes, v.redact())
	}
}

// identity are the attributes that only the tracer may set.
var identity = map[attribute.Key]bool{
	projectKey: true, sourceKey: true, sessionIDKey: true, sessionKey: true, autoCreateKey: true,
}

// appendIdentity appends whom the span belongs to.
func (s *span) appendIdentity(attrs []attribute.KeyValue) []attribute.KeyValue {
	t, session := s.tracer, s.session.Load()
	if project := cmp.Or(t.project, s.ambientProject); project != "" {
		attrs = append(attrs, projectKey.String(valid(project)))
	}
	attrs = append(attrs, sourceKey.String(t.source), sessionIDKey.String(session.id))
	if session.autoCreate {
		attrs = append(attrs, autoCreateKey.Bool(true))
	}
	if name := t.redact.text(string(sessionKey), valid(session.name)); name != "" {
		attrs = append(attrs, sessionKey.String(name))
	}
	for _, id := range [...]struct{ key, value string }{
		{tracekey.RunID, s.experiment.runID},
		{tracekey.DatasetID, s.experiment.datasetID},
		{tracekey.DatapointID, s.experiment.datapointID},
	} {
		if id.value != "" {
			attrs = append(attrs, attribute.String(metadataPrefix+"."+id.key, valid(id.value)))
		}
	}
	return attrs
}

// appendClean appends attrs without those that are the tracer's to set, with
// what redact leaves of the values, and as valid UTF-8: an encoder refuses a
// whole batch for one invalid string.
func appendClean(to, attrs []attribute.KeyValue, redact Redactor) []attribute.KeyValue {
	for _, kv := range attrs {
		if identity[kv.Key] {
			continue
		}
		kv.Key = attribute.Key(valid(string(kv.Key)))
		kv.Value = validValue(kv.Value)
		v, ok := redact.value(string(kv.Key), kv.Value)
		if !ok {
			continue
		}
		to = append(to, attribute.KeyValue{Key: kv.Key, Value: v})
	}
	return to
}

func validValue(v attribute.Value) attribute.Value {
	switch v.Type() {
	case attribute.STRING:
		if s := v.AsString(); !utf8.ValidString(s) {
			return attribute.StringValue(valid(s))
		}
	case attribute.STRINGSLICE:
		list := v.AsStringSlice()
		for i := range list {
			list[i] = valid(list[i])
		}
		return attribute.StringSliceValue(list)
	case attribute.SLICE:
		list := v.AsSlice()
		for i := range list {
			list[i] = validValue(list[i])
		}
		return attribute.SliceValue(list...)
	case attribute.MAP:
		m := v.AsMap()
		for i := range m {
			m[i].Key = attribute.Key(valid(string(m[i].Key)))
			m[i].Value = validValue(m[i].Value)
		}
		return attribute.MapValue(m...)
	}
	return v
}

// cleanResource returns r as its spans may be encoded with it, redacted.
func cleanResource(r *resource.Resource, redact Redactor) *resource.Resource {
	return resource.NewWithAttributes(valid(r.SchemaURL()), appendClean(nil, r.Attributes(), redact)...)
}

// cleanScope does the same for an instrumentation library.
func cleanScope(name string, opts []trace.TracerOption, redact Redactor) (string, []trace.TracerOption) {
	cfg := trace.NewTracerConfig(withoutNil(opts)...)
	attrs := cfg.InstrumentationAttributes()
	return valid(name), []trace.TracerOption{
		trace.WithInstrumentationVersion(valid(cfg.InstrumentationVersion())),
		trace.WithSchemaURL(valid(cfg.SchemaURL())),
		trace.WithInstrumentationAttributes(appendClean(nil, attrs.ToSlice(), redact)...),
	}
}

// guessEventType works out what a span is that does not say so, as
// HoneyHive's SDKs do: by the conventions for generative AI, then by its name.
func guessEventType(name string, attrs []attribute.KeyValue) EventType {
	model := false
	for _, kv := range attrs {
		switch kv.Key {
		case "honeyhive.event_type", "honeyhive_event_type_raw":
			if s := kv.Value.AsString(); s != "" {
				return EventType(s)
			}
		case "gen_ai.operation.name":
			switch strings.ToLower(kv.Value.AsString()) {
			case "chat", "text_completion", "generate_content":
				return EventTypeModel
			case "invoke_agent", "create_agent":
				return EventTypeChain
			case "execute_tool":
				return EventTypeTool
			}
		case "openinference.span.kind":
			switch strings.ToUpper(kv.Value.AsString()) {
			case "LLM":
				return EventTypeModel
			case "CHAIN", "AGENT":
				return EventTypeChain
			}
			return EventTypeTool
		case "llm.request.model", "llm.response.model", "llm.model.name", "llm.model_name",
			"gen_ai.request.model", "gen_ai.response.model", "openai.model", "anthropic.model",
			"bedrock.model_id", "google.model", "model_name", "model_id", "model_type", "ai_model":
			model = true
		}
	}
	if model || namesModel(name) {
		return EventTypeModel
	}
	return EventTypeTool
}

// namesModel reports whether a name has a word that stands for a model call.
// "remodel" has none. It runs for every span and does not allocate.
func namesModel(name string) bool {
	var word [longestModelWord + 1]byte
	n := 0
	for i := 0; i <= len(name); i++ {
		var c byte
		if i < len(name) {
			c = name[i]
		}
		upper := 'A' <= c && c <= 'Z'
		letter := upper || 'a' <= c && c <= 'z' || c >= utf8.RuneSelf
		if !letter || upper && i > 0 && 'a' <= name[i-1] && name[i-1] <= 'z' {
			if modelWords[string(word[:n])] {
				return true
			}
			n = 0
		}
		if letter && n < len(word) {
			if upper {
				c += 'a' - 'A'
			}
			word[n] = c
			n++
		}
	}
	return false
}

const longestModelWord = len("generativeai")

var modelWords = map[string]bool{
	"llm": true, "model": true, "gpt": true, "claude": true, "llama": true, "gemini": true,
	"mistral": true, "palm": true, "chat": true, "completion": true, "completions": true,
	"generate": true, "inference": true, "openai": true, "anthropic": true, "bedrock": true,
	"generativeai": true,
}
