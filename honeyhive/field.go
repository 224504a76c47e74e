package honeyhive

import (
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
)

// A Field is something to record on a span, a session or an event. The map
// types name the namespace in which HoneyHive shows it, and a map literal is
// the whole syntax:
//
//	tracer.EnrichSpan(ctx, honeyhive.Metadata{"user": id}, honeyhive.Metrics{"score": 0.95})
//
// Nested maps, slices and structs become dotted paths ("user.address.0"). They
// are read before a call returns, and must not be changed while it lasts.
//
// Everything has its limits, so that no value can exhaust the process. A nested
// value of more than 256 attributes, or 32 levels, becomes one attribute, with
// JSON as its text, as do the values of a field that has more than 1,024. Of a
// text 256 KiB are recorded, of such a JSON 4 MiB, and of a field 65,536 nested
// values. A text that is cut says so at its end. Of what is beyond the span's
// own limit of attributes ([WithSpanLimits]) errors, outputs, metrics and the
// results of an experiment are kept all the same, up to 1,024 more. What is
// left out after all makes EnrichSpan return false and the span say so, in the
// attribute "honeyhive_truncated", and is counted in [Stats].
type Field interface{ field() }

type (
	// Metadata is free-form context of an event.
	Metadata map[string]any
	// Metrics are scores and measurements. HoneyHive compares numbers and
	// booleans between runs.
	Metrics map[string]any
	// Feedback is a user's or reviewer's judgement.
	Feedback map[string]any
	// Inputs are what the traced operation was given.
	Inputs map[string]any
	// Outputs are what it returned.
	Outputs map[string]any
	// Config is what it was configured with: model, temperature, template.
	Config map[string]any
	// UserProperties describe the user on whose behalf it ran.
	UserProperties map[string]any

	// SessionID makes EnrichSession update that session instead of the one
	// in the context. What is not a UUID is mapped to one, as in
	// [WithSessionID].
	SessionID string
	// EventID makes EnrichSpan update that event through the API instead of
	// the current span.
	EventID string
	// EventType says what a span is. Without one it is worked out from the
	// span's attributes and name; where they say nothing, it is a tool.
	EventType string
)

// The event types that HoneyHive knows.
const (
	EventTypeModel   EventType = "model"
	EventTypeTool    EventType = "tool"
	EventTypeChain   EventType = "chain"
	EventTypeSession EventType = "session"
)

// Error records err's text and type. On a span it sets the status, too. A nil
// err records nothing.
func Error(err error) Field { return errorField{err} }

type errorField struct{ err error }

func (Metadata) field()       {}
func (Metrics) field()        {}
func (Feedback) field()       {}
func (Inputs) field()         {}
func (Outputs) field()        {}
func (Config) field()         {}
func (UserProperties) field() {}
func (SessionID) field()      {}
func (EventID) field()        {}
func (EventType) field()      {}
func (errorField) field()     {}

// Attribute keys and key prefixes of the wire format.
const (
	metadataPrefix       = "honeyhive_metadata"
	metricsPrefix        = "honeyhive_metrics"
	feedbackPrefix       = "honeyhive_feedback"
	inputsPrefix         = "honeyhive_inputs"
	outputsPrefix        = "honeyhive_outputs"
	configPrefix         = "honeyhive_config"
	userPropertiesPrefix = "honeyhive_user_properties"

	errorKey      = attribute.Key("honeyhive_error")
	errorTypeKey  = attribute.Key("honeyhive_error_type")
	eventTypeKey  = attribute.Key("honeyhive_event_type")
	eventNameKey  = attribute.Key("honeyhive_event_name")
	durationKey   = attribute.Key("honeyhive_duration_ms")
	projectKey    = attribute.Key("honeyhive.project")
	sourceKey     = attribute.Key("honeyhive.source")
	sessionIDKey  = attribute.Key("honeyhive.session_id")
	sessionKey    = attribute.Key("honeyhive.session_name")
	autoCreateKey = attribute.Key("honeyhive.session_auto_create")
)

// namespace returns a field's attribute prefix and its values, or "" for a
// field that is not a map.
func namespace(f Field) (prefix string, values map[string]any) {
	switch f := f.(type) {
	case Metadata:
		return metadataPrefix, f
	case Metrics:
		return metricsPrefix, f
	case Feedback:
		return feedbackPrefix, f
	case Inputs:
		return inputsPrefix, f
	case Outputs:
		return outputsPrefix, f
	case Config:
		return configPrefix, f
	case UserProperties:
		return userPropertiesPrefix, f
	}
	return "", nil
}

// enrich sets fields on s and reports whether s took all of them.
func (s *span) enrich(fields []Field) bool {
	if !s.IsRecording() {
		return false
	}
	f := s.tracer.newFlattener()
	defer f.release()
	for _, field := range fields {
		f.field(field)
		if failure, ok := field.(errorField); ok && !isNil(failure.err) {
			s.SetStatus(codes.Error, errorText(failure.err))
		}
	}
	return s.record(f)
}

func eventOf(fields []Field) (id string, ok bool) {
	for _, f := range fields {
		if f, is := f.(EventID); is {
			id, ok = string(f), true
		}
	}
	return id, ok
}
