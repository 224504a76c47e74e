// Package pyjson writes JSON as Python's json.dumps(v, sort_keys=True) does,
// byte for byte, so that hashes of it agree with those that HoneyHive's
// Python SDK computes.
package pyjson

import (
	"bytes"
	"cmp"
	"encoding"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode/utf16"
	"unicode/utf8"
)

// maxDigits is Python's limit of an integer's digits.
const maxDigits = 4300

// maxDepth ends the walk of values that contain themselves.
const maxDepth = 1000

// Append appends v to dst. Go values become what encoding/json makes of them,
// but floats stay floats: 1.0, not 1. The error is about a value that has no
// JSON.
func Append(dst []byte, v any) (out []byte, err error) {
	defer func() {
		// A method of a value's may panic.
		if r := recover(); r != nil {
			out, err = dst, fmt.Errorf("JSON of %T: panic: %v", v, r)
		}
	}()
	return appendAny(dst, v, 0)
}

func appendAny(dst []byte, v any, depth int) ([]byte, error) {
	if depth > maxDepth {
		return dst, fmt.Errorf("nested more than %d deep, or contains itself", maxDepth)
	}
	switch v := v.(type) {
	case nil:
		return append(dst, "null"...), nil
	case string:
		return appendString(dst, v), nil
	case bool:
		return appendBool(dst, v), nil
	case int:
		return strconv.AppendInt(dst, int64(v), 10), nil
	case float64:
		return appendFloat(dst, v), nil
	case json.Number:
		return appendNumber(dst, v)
	case map[string]any:
		return appendObject(dst, v, depth)
	case []any:
		dst = append(dst, '[')
		for i, e := range v {
			if i > 0 {
				dst = append(dst, ", "...)
			}
			var err error
			if dst, err = appendAny(dst, e, depth+1); err != nil {
				return dst, err
			}
		}
		return append(dst, ']'), nil
	}
	return appendValue(dst, reflect.ValueOf(v), depth)
}

// appendObject has the usual map to itself, which saves the reflection.
func appendObject(dst []byte, m map[string]any, depth int) ([]byte, error) {
	if m == nil {
		return append(dst, "null"...), nil
	}
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	dst = append(dst, '{')
	for i, k := range keys {
		if i > 0 {
			dst = append(dst, ", "...)
		}
		dst = appendString(dst, k)
		dst = append(dst, ": "...)
		var err error
		if dst, err = appendAny(dst, m[k], depth+1); err != nil {
			return dst, err
		}
	}
	return append(dst, '}'), nil
}

func appendValue(dst []byte, v reflect.Value, depth int) ([]byte, error) {
	switch v.Kind() {
	case reflect.Invalid:
		return append(dst, "null"...), nil
	case reflect.Pointer, reflect.Interface, reflect.Map, reflect.Slice:
		if v.IsNil() {
			return append(dst, "null"...), nil
		}
	}
	if v.CanInterface() {
		switch m := v.Interface().(type) {
		case json.Number:
			return appendNumber(dst, m)
		case json.Marshaler:
			return appendMarshaler(dst, m, depth)
		case encoding.TextMarshaler:
			text, err := m.MarshalText()
			if err != nil {
				return dst, err
			}
			return appendString(dst, string(text)), nil
		}
	}
	switch v.Kind() {
	case reflect.String:
		return appendString(dst, v.String()), nil
	case reflect.Bool:
		return appendBool(dst, v.Bool()), nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return strconv.AppendInt(dst, v.Int(), 10), nil
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return strconv.AppendUint(dst, v.Uint(), 10), nil
	case reflect.Float64:
		return appendFloat(dst, v.Float()), nil
	case reflect.Float32:
		// As it is written, not as it widens: 0.1.
		x, err := strconv.ParseFloat(strconv.FormatFloat(v.Float(), 'g', -1, 32), 64)
		if err != nil {
			return dst, err
		}
		return appendFloat(dst, x), nil
	case reflect.Pointer, reflect.Interface:
		return appendAny(dst, v.Elem().Interface(), depth+1)
	case reflect.Slice, reflect.Array:
		if v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.Uint8 {
			return appendString(dst, base64.StdEncoding.EncodeToString(v.Bytes())), nil
		}
		dst = append(dst, '[')
		for i := range v.Len() {
			if i > 0 {
				dst = append(dst, ", "...)
			}
			var err error
			if dst, err = appendAny(dst, v.Index(i).Interface(), depth+1); err != nil {
				return dst, err
			}
		}
		return append(dst, ']'), nil
	case reflect.Map:
		m := make(map[string]any, v.Len())
		for it := v.MapRange(); it.Next(); {
			key, err := mapKey(it.Key())
			if err != nil {
				return dst, err
			}
			m[key] = it.Value().Interface()
		}
		return appendObject(dst, m, depth)
	case reflect.Struct:
		return appendStruct(dst, v, depth)
	}
	return dst, fmt.Errorf("%s has no JSON", v.Type())
}

func appendBool(dst []byte, b bool) []byte {
	if b {
		return append(dst, "true"...)
	}
	return append(dst, "false"...)
}

func mapKey(k reflect.Value) (string, error) {
	if k.Kind() == reflect.String {
		return k.String(), nil
	}
	if m, ok := k.Interface().(encoding.TextMarshaler); ok {
		text, err := m.MarshalText()
		return string(text), err
	}
	switch {
	case k.CanInt():
		return strconv.FormatInt(k.Int(), 10), nil
	case k.CanUint():
		return strconv.FormatUint(k.Uint(), 10), nil
	}
	return "", fmt.Errorf("%s is no key of a JSON object", k.Type())
}

func appendMarshaler(dst []byte, m json.Marshaler, depth int) ([]byte, error) {
	text, err := m.MarshalJSON()
	if err != nil {
		return dst, err
	}
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		return dst, fmt.Errorf("%T: %w", m, err)
	}
	return appendAny(dst, v, depth+1)
}

// appendNumber writes a JSON number as Python would after reading it.
func appendNumber(dst []byte, n json.Number) ([]byte, error) {
	text := cmp.Or(string(n), "0")
	if !strings.ContainsAny(text, ".eE") {
		// Python refuses to read longer integers, which take quadratic time.
		if len(text) > maxDigits {
			return dst, fmt.Errorf("an integer of %d digits, more than %d", len(text), maxDigits)
		}
		i, ok := new(big.Int).SetString(text, 10)
		if !ok {
			return dst, fmt.Errorf("%q is not a number", text)
		}
		return i.Append(dst, 10), nil
	}
	x, err := strconv.ParseFloat(text, 64)
	if err != nil && !math.IsInf(x, 0) {
		return dst, fmt.Errorf("%q is not a number", text)
	}
	return appendFloat(dst, x), nil
}

// appendFloat appends x as Python's repr writes it.
func appendFloat(dst []byte, x float64) []byte {
	switch {
	case math.IsNaN(x):
		return append(dst, "NaN"...)
	case math.IsInf(x, 1):
		return append(dst, "Infinity"...)
	case math.IsInf(x, -1):
		return append(dst, "-Infinity"...)
	}
	// Python changes to an exponent below 1e-4 and from 1e16 on.
	if abs := math.Abs(x); abs != 0 && (abs < 1e-4 || abs >= 1e16) {
		return strconv.AppendFloat(dst, x, 'e', -1, 64)
	}
	from := len(dst)
	dst = strconv.AppendFloat(dst, x, 'f', -1, 64)
	if !bytes.ContainsRune(dst[from:], '.') {
		dst = append(dst, ".0"...)
	}
	return dst
}

const hexDigits = "0123456789abcdef"

// appendString escapes all but printable ASCII, beyond the Basic Multilingual
// Plane as surrogate pairs.
func appendString(dst []byte, s string) []byte {
	dst = append(dst, '"')
	for i := 0; i < len(s); {
		if c := s[i]; c < utf8.RuneSelf {
			i++
			switch {
			case c == '"' || c == '\\':
				dst = append(dst, '\\', c)
			case c >= ' ' && c <= '~':
				dst = append(dst, c)
			case c == '\n':
				dst = append(dst, `\n`...)
			case c == '\r':
				dst = append(dst, `\r`...)
			case c == '\t':
				dst = append(dst, `\t`...)
			case c == '\b':
				dst = append(dst, `\b`...)
			case c == '\f':
				dst = append(dst, `\f`...)
			default:
				dst = appendEscape(dst, rune(c))
			}
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		i += size
		if r < 0x10000 {
			dst = appendEscape(dst, r)
			continue
		}
		high, low := utf16.EncodeRune(r)
		dst = appendEscape(appendEscape(dst, high), low)
	}
	return append(dst, '"')
}

func appendEscape(dst []byte, r rune) []byte {
	return append(dst, '\\', 'u', hexDigits[r>>12&0xf], hexDigits[r>>8&0xf], hexDigits[r>>4&0xf], hexDigits[r&0xf])
}

type field struct {
	name string
	// lead is what stands before the value: the escaped name and a colon.
	lead      string
	index     []int
	omitEmpty bool
	omitZero  bool
	quoted    bool
}

var fieldsOf sync.Map // reflect.Type to []field

// fields returns a struct's fields by their JSON names, sorted.
func fields(t reflect.Type) []field {
	if cached, ok := fieldsOf.Load(t); ok {
		return cached.([]field)
	}
	var out []field
	for _, sf := range reflect.VisibleFields(t) {
		if !sf.IsExported() {
			continue
		}
		name, opts, _ := strings.Cut(sf.Tag.Get("json"), ",")
		if name == "-" && opts == "" || sf.Anonymous && name == "" && isStruct(sf.Type) {
			continue
		}
		name = cmp.Or(name, sf.Name)
		options := strings.Split(opts, ",")
		out = append(out, field{
			name:      name,
			lead:      string(appendString(nil, name)) + ": ",
			index:     sf.Index,
			omitEmpty: slices.Contains(options, "omitempty"),
			omitZero:  slices.Contains(options, "omitzero"),
			quoted:    slices.Contains(options, "string"),
		})
	}
	slices.SortStableFunc(out, func(a, b field) int { return cmp.Compare(a.name, b.name) })
	fieldsOf.Store(t, out)
	return out
}

func isStruct(t reflect.Type) bool {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t.Kind() == reflect.Struct
}

func appendStruct(dst []byte, v reflect.Value, depth int) ([]byte, error) {
	dst = append(dst, '{')
	first := true
	for _, f := range fields(v.Type()) {
		fv, err := v.FieldByIndexErr(f.index)
		if err != nil || f.omitEmpty && isEmpty(fv) || f.omitZero && fv.IsZero() {
			continue
		}
		if !first {
			dst = append(dst, ", "...)
		}
		first = false
		dst = append(dst, f.lead...)
		if f.quoted && (fv.CanInt() || fv.CanUint() || fv.CanFloat() || fv.Kind() == reflect.Bool) {
			dst = append(dst, '"')
		}
		if dst, err = appendAny(dst, fv.Interface(), depth+1); err != nil {
			return dst, fmt.Errorf("%s: %w", f.name, err)
		}
		if f.quoted && (fv.CanInt() || fv.CanUint() || fv.CanFloat() || fv.Kind() == reflect.Bool) {
			dst = append(dst, '"')
		}
	}
	return append(dst, '}'), nil
}

// isEmpty is encoding/json's notion of empty.
func isEmpty(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Array, reflect.Map, reflect.Slice, reflect.String:
		return v.Len() == 0
	case reflect.Struct:
		return false
	}
	return v.IsZero()
}
