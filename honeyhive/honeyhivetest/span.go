package honeyhivetest

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	coltracepb "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
)

// Span is a span as HoneyHive received it.
type Span struct {
	Name                      string
	TraceID, SpanID, ParentID string // lower-case hexadecimal; a root has no parent
	Kind                      string // "internal", "server", "client", "producer" or "consumer"
	Start, End                time.Time
	// Attributes hold strings, bools, int64s, float64s, []any and
	// map[string]any.
	Attributes map[string]any
	Resource   map[string]any
	Scope      string
	Events     []SpanEvent
	Links      []Link
	// Error says that the status is an error, or that one was recorded as
	// HoneyHive's SDKs do.
	Error      bool
	StatusText string
	// APIKey is the key that it arrived with.
	APIKey string
}

// SpanEvent is an event of a span.
type SpanEvent struct {
	Name       string
	Attributes map[string]any
}

// Link is a link from a span to another.
type Link struct {
	TraceID, SpanID string
	Attributes      map[string]any
}

// Project returns honeyhive.project.
func (s Span) Project() string { return s.text("honeyhive.project") }

// Source returns honeyhive.source.
func (s Span) Source() string { return s.text("honeyhive.source") }

// SessionID returns honeyhive.session_id.
func (s Span) SessionID() string { return s.text("honeyhive.session_id") }

func (s Span) text(key string) string {
	v, _ := s.Attributes[key].(string)
	return v
}

// Spans returns the spans in the order of their arrival.
func (b *Backend) Spans() []Span {
	b.tb.Helper()
	b.flush()
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.spans)
}

// RequireSpan returns the only span of that name. It ends the test where
// there is none or more than one.
func (b *Backend) RequireSpan(name string) Span {
	b.tb.Helper()
	var found []Span
	var names []string
	for _, s := range b.Spans() {
		names = append(names, s.Name)
		if s.Name == name {
			found = append(found, s)
		}
	}
	if len(found) != 1 {
		b.tb.Fatalf("honeyhivetest: %d spans are named %q; there are %q", len(found), name, names)
	}
	return found[0]
}

// SpansNamed returns the spans of that name that have arrived, in the order in
// which they started.
func (b *Backend) SpansNamed(name string) []Span {
	spans := slices.DeleteFunc(b.Spans(), func(s Span) bool { return s.Name != name })
	slices.SortStableFunc(spans, func(x, y Span) int { return x.Start.Compare(y.Start) })
	return spans
}

// Orphans returns the spans that HoneyHive would accept but show nowhere:
// those without a session, and those of a session that was never created.
func (b *Backend) Orphans() []Span {
	b.tb.Helper()
	spans := b.Spans()
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.DeleteFunc(spans, func(s Span) bool { return b.session(s.SessionID()) != nil })
}

func (b *Backend) receiveSpans(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		refuse(w, http.StatusBadRequest, "%v", err)
		return
	}
	var req coltracepb.ExportTraceServiceRequest
	contentType := r.Header.Get("Content-Type")
	switch contentType {
	case "application/x-protobuf":
		err = proto.Unmarshal(body, &req)
	case "application/json":
		err = unmarshalJSON(body, &req)
	default:
		refuse(w, http.StatusUnsupportedMediaType, "%q", contentType)
		return
	}
	if err != nil {
		refuse(w, http.StatusBadRequest, "not OTLP: %v", err)
		return
	}
	b.mu.Lock()
	for _, s := range Decode(&req) {
		s.APIKey = keyOf(r)
		b.spans = append(b.spans, s)
		b.autoCreate(s)
	}
	b.mu.Unlock()
	w.Header().Set("Content-Type", contentType)
	if contentType == "application/json" {
		_, _ = io.WriteString(w, "{}") // into a recorder
	}
}

// autoCreate creates the session of a span that asks for it.
func (b *Backend) autoCreate(s Span) {
	if create, _ := s.Attributes["honeyhive.session_auto_create"].(bool); !create || b.session(s.SessionID()) != nil {
		return
	}
	name := s.text("honeyhive.session_name")
	if name == "" {
		name = "Session"
	}
	b.sessions = append(b.sessions, &Session{
		ID: s.SessionID(), Name: name, Source: s.Source(), Project: s.Project(), APIKey: s.APIKey, AutoCreated: true,
	})
}

// idsInJSON finds the ids that OTLP writes in hexadecimal where protobuf's
// JSON has base64.
var idsInJSON = regexp.MustCompile(`"(traceId|spanId|parentSpanId)":\s*"([0-9A-Fa-f]*)"`)

func unmarshalJSON(body []byte, req *coltracepb.ExportTraceServiceRequest) error {
	body = idsInJSON.ReplaceAllFunc(body, func(match []byte) []byte {
		parts := idsInJSON.FindSubmatch(match)
		id := make([]byte, hex.DecodedLen(len(parts[2])))
		if _, err := hex.Decode(id, parts[2]); err != nil {
			return match
		}
		return []byte(`"` + string(parts[1]) + `":"` + base64.StdEncoding.EncodeToString(id) + `"`)
	})
	return protojson.UnmarshalOptions{DiscardUnknown: true}.Unmarshal(body, req)
}

// ReadFile returns the spans of a file that honeyhive.WithFile or the
// Collector's file exporter wrote. Where a line cannot be read, such as one
// that a full disk cut short, it returns those before it and an error.
func ReadFile(content []byte) ([]Span, error) {
	var spans []Span
	number := 0
	for line := range bytes.Lines(content) {
		number++
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		var req coltracepb.ExportTraceServiceRequest
		if err := unmarshalJSON(line, &req); err != nil {
			return spans, fmt.Errorf("honeyhivetest: trace file: line %d: %w", number, err)
		}
		spans = append(spans, Decode(&req)...)
	}
	return spans, nil
}

// Decode returns the spans of an OTLP request.
func Decode(req *coltracepb.ExportTraceServiceRequest) []Span {
	var spans []Span
	for _, rs := range req.ResourceSpans {
		resource := attributes(rs.GetResource().GetAttributes())
		for _, ss := range rs.ScopeSpans {
			for _, s := range ss.Spans {
				spans = append(spans, decodeSpan(s, resource, ss.GetScope().GetName()))
			}
		}
	}
	return spans
}

func decodeSpan(s *tracepb.Span, resource map[string]any, scope string) Span {
	out := Span{
		Name:       s.Name,
		TraceID:    hex.EncodeToString(s.TraceId),
		SpanID:     hex.EncodeToString(s.SpanId),
		ParentID:   hex.EncodeToString(s.ParentSpanId),
		Kind:       strings.ToLower(strings.TrimPrefix(s.Kind.String(), "SPAN_KIND_")),
		Start:      time.Unix(0, int64(s.StartTimeUnixNano)),
		End:        time.Unix(0, int64(s.EndTimeUnixNano)),
		Attributes: attributes(s.Attributes),
		Resource:   resource,
		Scope:      scope,
		Error:      s.GetStatus().GetCode() == tracepb.Status_STATUS_CODE_ERROR,
		StatusText: s.GetStatus().GetMessage(),
	}
	if recorded, _ := out.Attributes["honeyhive_error"].(string); recorded != "" {
		out.Error = true
	}
	for _, e := range s.Events {
		out.Events = append(out.Events, SpanEvent{e.Name, attributes(e.Attributes)})
	}
	for _, l := range s.Links {
		out.Links = append(out.Links, Link{hex.EncodeToString(l.TraceId), hex.EncodeToString(l.SpanId), attributes(l.Attributes)})
	}
	return out
}

func attributes(kvs []*commonpb.KeyValue) map[string]any {
	m := make(map[string]any, len(kvs))
	for _, kv := range kvs {
		m[kv.Key] = value(kv.Value)
	}
	return m
}

func value(v *commonpb.AnyValue) any {
	switch v := v.GetValue().(type) {
	case *commonpb.AnyValue_StringValue:
		return v.StringValue
	case *commonpb.AnyValue_BoolValue:
		return v.BoolValue
	case *commonpb.AnyValue_IntValue:
		return v.IntValue
	case *commonpb.AnyValue_DoubleValue:
		return v.DoubleValue
	case *commonpb.AnyValue_BytesValue:
		return v.BytesValue
	case *commonpb.AnyValue_ArrayValue:
		list := make([]any, len(v.ArrayValue.GetValues()))
		for i, e := range v.ArrayValue.GetValues() {
			list[i] = value(e)
		}
		return list
	case *commonpb.AnyValue_KvlistValue:
		return attributes(v.KvlistValue.GetValues())
	}
	return nil
}
