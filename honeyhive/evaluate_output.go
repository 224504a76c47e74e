package honeyhive

import (
	"bytes"
	"encoding"
	"encoding/gob"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"

	"go.opentelemetry.io/otel/attribute"

	"github.com/honeyhiveai/hhvet/honeyhive/internal/pyjson"
)

// maxSentOutput bounds the exact output that is kept in a session, in bytes:
// HoneyHive takes 5 MB at once. A case with a larger one is run again.
const maxSentOutput = 4 << 20

// setOutput keeps output in rec, so that the same value is read back.
func setOutput[Out any](rec *caseRecord, output Out) error {
	text, err := outputJSON(output)
	if err == nil {
		rec.Output = text
		return nil
	}
	// What JSON has no text for, such as a NaN.
	encoded, gobErr := guarded(func() ([]byte, error) {
		var b bytes.Buffer
		err := gob.NewEncoder(&b).Encode(&output)
		return b.Bytes(), err
	})
	if gobErr != nil {
		return err
	}
	rec.OutputGob = encoded
	return nil
}

// output returns the output that rec keeps.
func output[Out any](rec *caseRecord) (out Out, err error) {
	switch {
	case rec.OutputOmitted:
		return out, errors.New("the output was too large to be kept")
	case rec.OutputGob != nil:
		return guarded(func() (out Out, err error) {
			err = gob.NewDecoder(bytes.NewReader(rec.OutputGob)).Decode(&out)
			return out, err
		})
	case !dynamic(reflect.TypeFor[Out]()):
		return out, unmarshalJSON(rec.Output, &out)
	}
	dec := json.NewDecoder(bytes.NewReader(rec.Output))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		return out, err
	}
	out, _ = numbers(v).(Out)
	return out, nil
}

// dynamic reports whether the types of a t's parts are known from its values
// alone.
func dynamic(t reflect.Type) bool {
	return t == reflect.TypeFor[any]() || t == reflect.TypeFor[map[string]any]() || t == reflect.TypeFor[[]any]()
}

// outputJSON is the JSON of a value. In one without a static type 7.0 stays
// apart from 7.
func outputJSON[Out any](v Out) (json.RawMessage, error) {
	if dynamic(reflect.TypeFor[Out]()) {
		if text, err := pyjson.Append(nil, v); err == nil && json.Valid(text) {
			return text, nil
		}
	}
	return marshalJSON(v)
}

// numbers makes the numbers of decoded JSON ints and float64s, as they were
// before outputJSON.
func numbers(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k, e := range v {
			v[k] = numbers(e)
		}
	case []any:
		for i, e := range v {
			v[i] = numbers(e)
		}
	case json.Number:
		if i, err := v.Int64(); err == nil && i >= math.MinInt && i <= math.MaxInt {
			return int(i)
		}
		if x, err := v.Float64(); err == nil {
			return x
		}
	}
	return v
}

// sentOutput puts into the record of a session's metadata the output as it is:
// outputs show it in the form that is made for display. What a Redactor leaves
// of it is kept.
func (r *runner[In, Out]) sentOutput(record map[string]any, c *Case[In, Out]) {
	if record == nil || c.Err != nil {
		return
	}
	var rec caseRecord
	err := setOutput(&rec, c.Output)
	if rec.Output != nil && r.tracer.redact != nil {
		rec.Output, err = r.tracer.redact.json(outputsPrefix+".result", rec.Output)
	}
	switch {
	case err != nil, len(rec.Output) > maxSentOutput, len(rec.OutputGob) > maxSentOutput/2, rec.OutputGob != nil && r.tracer.redact != nil:
		record["output_omitted"] = true
	case rec.OutputGob != nil:
		record["output_gob"] = rec.OutputGob
	default:
		record["output_json"] = valid(string(rec.Output))
	}
}

// json returns what r leaves of the values in a JSON text.
func (r Redactor) json(key string, text json.RawMessage) (json.RawMessage, error) {
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		return nil, err
	}
	return marshalJSON(r.decoded(key, v))
}

func (r Redactor) decoded(key string, v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k, e := range v {
			v[k] = r.decoded(key+"."+k, e)
		}
		return v
	case []any:
		for i, e := range v {
			v[i] = r.decoded(fmt.Sprintf("%s.%d", key, i), e)
		}
		return v
	case nil:
		return nil
	}
	f := newFlattener(new(keyCache))
	defer f.release()
	f.value("", v)
	before := f.attrs[0].Value
	if s, ok := v.(string); ok {
		before = attribute.StringValue(s) // of any length
	}
	after, ok := r.value(key, before)
	switch {
	case !ok:
		return nil
	case after.AsInterface() == before.AsInterface():
		return v
	}
	return after.AsInterface()
}

// keepsAll returns an error where values of type t lose something when they
// are read back from JSON.
func keepsAll(t reflect.Type) error { return keeps(t, nil) }

func keeps(t reflect.Type, open []reflect.Type) error {
	if slices.Contains(open, t) {
		return nil
	}
	for _, i := range []reflect.Type{reflect.TypeFor[json.Marshaler](), reflect.TypeFor[encoding.TextMarshaler]()} {
		if t.Implements(i) || reflect.PointerTo(t).Implements(i) {
			return nil
		}
	}
	open = append(open, t)
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map:
		return keeps(t.Elem(), open)
	case reflect.Struct:
		for i := range t.NumField() {
			f := t.Field(i)
			if f.Tag.Get("json") == "-" || f.Name == "_" {
				continue
			}
			embedded := f.Anonymous && f.Type.Kind() == reflect.Struct
			if !f.IsExported() && !embedded {
				return fmt.Errorf("field %s of %s is not exported, so it would be missing from an output that is read back: export it, tag it with `json:\"-\"`, or give %s the methods MarshalJSON and UnmarshalJSON", f.Name, strings.TrimPrefix(t.String(), "*"), t)
			}
			if err := keeps(f.Type, open); err != nil {
				return err
			}
		}
	}
	return nil
}
