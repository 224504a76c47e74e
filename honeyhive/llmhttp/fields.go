package llmhttp

import (
	"bytes"
	"encoding/json"
)

// fields are the members of a JSON object.
type fields map[string]json.RawMessage

// fieldsOf returns the members of a JSON object, and whether it is whole. Of one
// that was cut off it returns those before the cut.
func fieldsOf(text []byte) (_ fields, whole bool) {
	var f fields
	if json.Unmarshal(text, &f) == nil {
		return f, f != nil
	}
	dec := json.NewDecoder(bytes.NewReader(text))
	if first, err := dec.Token(); err != nil || first != json.Delim('{') {
		return nil, false
	}
	f = make(fields)
	for dec.More() {
		name, err := dec.Token()
		if err != nil {
			break
		}
		key, ok := name.(string)
		if !ok {
			break
		}
		var value json.RawMessage
		from := dec.InputOffset()
		if dec.Decode(&value) != nil {
			if rest := elementsBeforeCut(text[from:]); rest != nil {
				f[key] = rest
			}
			break
		}
		f[key] = value
	}
	return f, false
}

// elementsBeforeCut returns the whole elements of a list that was cut off, after
// the name that it is the value of.
func elementsBeforeCut(text []byte) json.RawMessage {
	text = bytes.TrimLeft(text, ": \t\r\n")
	dec := json.NewDecoder(bytes.NewReader(text))
	if first, err := dec.Token(); err != nil || first != json.Delim('[') {
		return nil
	}
	var elements []json.RawMessage
	for dec.More() {
		var e json.RawMessage
		if dec.Decode(&e) != nil {
			break
		}
		elements = append(elements, e)
	}
	list, err := json.Marshal(elements)
	if err != nil || elements == nil {
		return nil
	}
	return list
}

// object returns a member that is an object, or nil.
func (f fields) object(name string) fields {
	var o fields
	if json.Unmarshal(f[name], &o) != nil {
		return nil
	}
	return o
}

// objects returns the objects of a member that is a list.
func (f fields) objects(name string) []fields {
	var list []json.RawMessage
	if json.Unmarshal(f[name], &list) != nil {
		return nil
	}
	var out []fields
	for _, element := range list {
		var o fields
		if json.Unmarshal(element, &o) == nil && o != nil {
			out = append(out, o)
		}
	}
	return out
}

// text returns a member that is a string, or "".
func (f fields) text(name string) string {
	var s string
	if json.Unmarshal(f[name], &s) != nil {
		return ""
	}
	return s
}

func (f fields) flag(name string) bool { return string(f[name]) == "true" }

// number returns a member that is a whole number.
func (f fields) number(name string) (int64, bool) {
	var n *int64
	if json.Unmarshal(f[name], &n) == nil && n != nil {
		return *n, true
	}
	var x *float64
	if json.Unmarshal(f[name], &x) == nil && x != nil && *x >= 0 && *x < 1<<53 {
		return int64(*x), true
	}
	return 0, false
}

// has reports whether a member is there and not null.
func (f fields) has(name string) bool {
	return len(f[name]) > 0 && string(f[name]) != "null"
}

// isList reports whether a member is a list.
func (f fields) isList(name string) bool { return bytes.HasPrefix(f[name], []byte("[")) }

// isText reports whether a member is a string.
func (f fields) isText(name string) bool { return bytes.HasPrefix(f[name], []byte(`"`)) }

// value returns a member as Go has it, without losing digits, or nil.
func (f fields) value(name string) any {
	if !f.has(name) {
		return nil
	}
	dec := json.NewDecoder(bytes.NewReader(f[name]))
	dec.UseNumber()
	var v any
	if dec.Decode(&v) != nil {
		return nil
	}
	return numbers(v)
}

// numbers turns each json.Number into an int64 or float64.
func numbers(v any) any {
	switch v := v.(type) {
	case json.Number:
		if n, err := v.Int64(); err == nil {
			return n
		}
		if x, err := v.Float64(); err == nil {
			return x
		}
		return v.String()
	case map[string]any:
		for k := range v {
			v[k] = numbers(v[k])
		}
	case []any:
		for i := range v {
			v[i] = numbers(v[i])
		}
	}
	return v
}

// errorMessage returns what a provider says of a failure, in one of the forms
// {"error": {"message": …}}, {"error": "…"} and, from proxies and frameworks,
// {"detail": "…"} and {"message": "…"} beside an object "error" or type "error".
func errorMessage(f fields) string {
	if !f.has("error") {
		if f.text("type") == "error" {
			return f.text("message")
		}
		return ""
	}
	if s := f.text("error"); s != "" {
		return s
	}
	e := f.object("error")
	for _, name := range []string{"message", "status", "type", "code"} {
		if s := e.text(name); s != "" {
			return s
		}
	}
	return "the provider reports an error"
}
