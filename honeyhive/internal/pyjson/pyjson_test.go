package pyjson_test

import (
	"encoding/json"
	"math"
	"testing"
	"time"

	"github.com/honeyhiveai/hhvet/honeyhive/internal/pyjson"
)

type inner struct {
	Z int     `json:"z"`
	A float64 `json:"a,omitempty"`
}

type outer struct {
	inner
	Name   string            `json:"name"`
	Tags   map[string]string `json:"tags,omitempty"`
	Next   *outer            `json:"next"`
	Count  int64             `json:"count,string"`
	When   time.Time         `json:"when,omitzero"`
	Hidden string            `json:"-"`
	Raw    json.RawMessage   `json:"raw,omitempty"`
	secret string
}

// TestAppend holds against what json.dumps(v, sort_keys=True) of Python 3
// printed.
func TestAppend(t *testing.T) {
	for _, test := range []struct {
		name string
		v    any
		want string
	}{
		{"null", nil, "null"},
		{"nil map", map[string]any(nil), "null"},
		{"nested", map[string]any{"b": []any{1, 2.0, nil}, "a": map[string]any{"z": "é", "y": map[string]any{}}, "e": []any{}},
			`{"a": {"y": {}, "z": "\u00e9"}, "b": [1, 2.0, null], "e": []}`},
		{"floats", []float64{1e16, 9999999999999998.0, 1e-4, 0.00001234, math.Copysign(0, -1), 1e22, math.NaN(), math.Inf(1), math.Inf(-1), 123456789.125},
			`[1e+16, 9999999999999998.0, 0.0001, 1.234e-05, -0.0, 1e+22, NaN, Infinity, -Infinity, 123456789.125]`},
		{"smallest and largest", []float64{5e-324, math.MaxFloat64}, `[5e-324, 1.7976931348623157e+308]`},
		{"float32", float32(0.1), "0.1"},
		{"escapes", "\"\\/\b\f\n\r\t\x00\x1f\x7f<>&\u2028😀\ud7ff",
			`"\"\\/\b\f\n\r\t\u0000\u001f\u007f<>&\u2028\ud83d\ude00\ud7ff"`},
		{"invalid UTF-8", "a\xffb", `"a\ufffdb"`},
		{"numbers as they were read", []any{json.Number("1"), json.Number("1.0"), json.Number("1e3"), json.Number("12345678901234567890123"), json.Number("-0")},
			`[1, 1.0, 1000.0, 12345678901234567890123, 0]`},
		{"integers", []any{int8(-1), uint64(math.MaxUint64), int64(math.MinInt64)}, `[-1, 18446744073709551615, -9223372036854775808]`},
		{"map of ints", map[int]string{2: "b", 10: "a"}, `{"10": "a", "2": "b"}`},
		{"bytes", []byte("hi"), `"aGk="`},
		{"struct", outer{inner: inner{Z: 3}, Name: "n", Count: 7, Raw: json.RawMessage(`{"y":1.50,"x":[]}`), secret: "s"},
			`{"count": "7", "name": "n", "next": null, "raw": {"x": [], "y": 1.5}, "z": 3}`},
		{"time", time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), `"2026-01-02T03:04:05Z"`},
	} {
		got, err := pyjson.Append(nil, test.v)
		if err != nil || string(got) != test.want {
			t.Errorf("%s: %s, %v, want %s", test.name, got, err, test.want)
		}
	}
}

func TestAppendRefuses(t *testing.T) {
	cycle := make(map[string]any)
	cycle["self"] = cycle
	for name, v := range map[string]any{
		"a channel":           make(chan int),
		"a function":          func() {},
		"a cycle":             cycle,
		"a key of JSON's not": map[float64]int{1: 1},
		"a broken Marshaler":  json.RawMessage("{"),
		"no number":           json.Number("one"),
	} {
		if got, err := pyjson.Append(nil, v); err == nil {
			t.Errorf("%s: %.60s, want an error", name, got)
		}
	}
}

// FuzzString checks that what is written can be read again.
func FuzzString(f *testing.F) {
	f.Add("hé <&> \u2028 \x7f 😀\x00")
	f.Fuzz(func(t *testing.T, s string) {
		text, err := pyjson.Append(nil, []any{s, map[string]any{s: s}})
		if err != nil {
			t.Fatal(err)
		}
		var back []any
		if err := json.Unmarshal(text, &back); err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		for _, c := range text {
			if c < ' ' || c > '~' {
				t.Fatalf("%q is not printable ASCII", text)
			}
		}
		want, _ := json.Marshal(s)
		got, _ := json.Marshal(back[0])
		if string(got) != string(want) {
			t.Errorf("%q became %q", want, got)
		}
	})
}
