package globalbaggage

import (
	"go/types"
	"slices"
	"strings"

	"github.com/honeyhiveai/hhvet/internal/tracekey"
)

// keys decides which texts are keys that must not be in baggage.
type keys struct {
	*settings
	annotated map[string]bool // values of constants marked //hhvet:pertracer
}

// A verdict is what is wrong with a key.
type verdict struct {
	text   string // as it was found
	key    string // canonical
	secret bool
	own    bool // not a key of HoneyHive's, but of the user's settings
}

// everyKey is the text of a verdict on a filter that lets all keys through.
const everyKey = "*"

// judge returns what is wrong with a key, if anything is.
func (k *keys) judge(text string, object types.Object) (verdict, bool) {
	v := verdict{text: text}
	if k.annotated[text] || object != nil {
		v.key, v.own = text, true
		return v, true
	}
	for _, own := range k.keys {
		if tracekey.HasKey(text, own) {
			v.key, v.own = own, true
			return v, true
		}
	}
	if k.noTable {
		return v, false
	}
	canonical, kind := tracekey.Classify(text)
	if kind == tracekey.PerTracer && slices.Contains(k.without, canonical) {
		return v, false
	}
	if tracekey.IsSecret(text) {
		v.key, v.secret = text, true
		return v, true
	}
	v.key = canonical
	return v, kind == tracekey.PerTracer && !foreign(text)
}

// foreign reports whether a key belongs to another vendor's protocol, whose
// keys only look like ours.
func foreign(key string) bool {
	return strings.HasPrefix(strings.ToLower(key), "sentry-")
}

// remedies say what carries each key's value instead of baggage.
var remedies = map[string]string{
	tracekey.Project:     "give each tracer its project with honeyhive.WithProject",
	tracekey.Source:      "give each tracer its source with honeyhive.WithSource",
	tracekey.SessionID:   "start the session with tracer.StartSession, which keeps it on the context for that tracer alone",
	tracekey.SessionName: "name the session with honeyhive.WithSessionName",
	tracekey.ParentID:    "the traceparent header already carries the parent span",
	tracekey.SpanID:      "the traceparent header already carries the span",
	tracekey.APIKey:      "give the key to the tracer with honeyhive.WithAPIKey",
}

func (v verdict) remedy() string {
	switch {
	case v.own:
		return "set it as an attribute on the spans of its tracer"
	case v.secret:
		if canonical, _ := tracekey.Classify(v.text); canonical == tracekey.APIKey {
			return remedies[tracekey.APIKey]
		}
		return "send it only to the service that it is for"
	}
	return remedies[v.key]
}
