package honeyhive

import (
	"go.opentelemetry.io/otel/attribute"
)

// A Redactor sees every value before it leaves the process and returns what
// leaves in its place; nil drops the value. key is the span attribute's key
// ("honeyhive_inputs.question"), which values sent through the API have too,
// or one of "span.name", "span.status", "event.name" and, for their
// attributes, the attribute's own key. value is a string, bool, int64 or
// float64; the elements of a list are seen one by one.
//
// Redactors run outside the application's goroutines for spans, and must be
// safe for concurrent use. The value of a Redactor that panics is dropped.
// The ids that tie a span to its tracer and session are not shown.
type Redactor func(key string, value any) any

// redactedText stands for a text that must not be empty.
const redactedText = "[redacted]"

// value returns what r leaves of v; not ok means nothing.
func (r Redactor) value(key string, v attribute.Value) (_ attribute.Value, ok bool) {
	if r == nil {
		return v, true
	}
	defer func() {
		if recover() != nil {
			ok = false
		}
	}()
	switch v.Type() {
	case attribute.BOOLSLICE:
		return elements(r, key, v.AsBoolSlice(), attribute.BoolValue), true
	case attribute.INT64SLICE:
		return elements(r, key, v.AsInt64Slice(), attribute.Int64Value), true
	case attribute.FLOAT64SLICE:
		return elements(r, key, v.AsFloat64Slice(), attribute.Float64Value), true
	case attribute.STRINGSLICE:
		return elements(r, key, v.AsStringSlice(), attribute.StringValue), true
	case attribute.SLICE:
		return elements(r, key, v.AsSlice(), func(e attribute.Value) attribute.Value { return e }), true
	case attribute.MAP:
		var kept []attribute.KeyValue
		for _, kv := range v.AsMap() {
			if v, ok := r.value(key+"."+string(kv.Key), kv.Value); ok {
				kept = append(kept, attribute.KeyValue{Key: kv.Key, Value: v})
			}
		}
		return attribute.MapValue(kept...), true
	case attribute.EMPTY:
		return v, true
	}
	return scalar(r(key, v.AsInterface()))
}

// elements shows the elements of a list to r one by one.
func elements[T any](r Redactor, key string, list []T, of func(T) attribute.Value) attribute.Value {
	kept := make([]attribute.Value, 0, len(list))
	for _, e := range list {
		if v, ok := r.value(key, of(e)); ok {
			kept = append(kept, v)
		}
	}
	return attribute.SliceValue(kept...)
}

// scalar returns what a Redactor returned as an attribute value.
func scalar(v any) (_ attribute.Value, ok bool) {
	if v == nil {
		return attribute.Value{}, false
	}
	f := newFlattener(new(keyCache))
	defer f.release()
	f.value("", v)
	if len(f.attrs) != 1 || len(f.attrs[0].Key) != 0 {
		return attribute.StringValue(redactedText), true
	}
	return f.attrs[0].Value, true
}

// text returns what r leaves of a text that has to be there.
func (r Redactor) text(key, s string) string {
	if r == nil || s == "" {
		return s
	}
	v, ok := r.value(key, attribute.StringValue(s))
	if !ok {
		return redactedText
	}
	return v.String()
}
