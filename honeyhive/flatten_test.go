package honeyhive

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// flat returns what a value becomes on a span, under the key "v".
func flat(v any) map[string]any {
	f := newFlattener(new(keyCache))
	defer f.release()
	f.field(Metadata{"v": v})
	out := map[string]any{}
	for _, kv := range f.attrs {
		out[strings.TrimPrefix(string(kv.Key), "honeyhive_metadata.")] = kv.Value.AsInterface()
	}
	return out
}

type (
	named  string
	count  uint8
	tagged struct{ A, B int }
	outer  struct {
		Inner
		*Deep
		Name   string `json:"name"`
		Empty  string `json:"empty,omitempty"`
		Hidden string `json:"-"`
		Ptr    *int
		any    any // must not be touched
	}
	Inner struct{ In int }
	Deep  struct{ D int }

	marshals  struct{}
	texts     struct{}
	fails     struct{}
	panics    struct{}
	panicsErr struct{}
	node      struct {
		Name string
		Next *node
	}
)

func (marshals) MarshalJSON() ([]byte, error) {
	return []byte(`{"a":[1,2.5,"x",null],"big":12345678901234567890}`), nil
}
func (texts) MarshalText() ([]byte, error)  { return []byte("text"), nil }
func (fails) MarshalJSON() ([]byte, error)  { return nil, errors.New("no") }
func (panics) MarshalJSON() ([]byte, error) { panic("boom") }
func (panicsErr) Error() string             { panic("boom") }

func TestFlatten(t *testing.T) {
	n := 7
	pn := &n
	ring := &node{Name: "a"}
	ring.Next = &node{Name: "b", Next: ring}
	selfMap := map[string]any{"k": 1}
	selfMap["self"] = selfMap
	selfSlice := []any{1, nil}
	selfSlice[1] = selfSlice
	var self any
	self = &self
	var nilErr *json.SyntaxError
	when := time.Date(2026, 11, 22, 8, 0, 0, 5, time.UTC)
	tests := []struct {
		name string
		v    any
		want map[string]any
	}{
		{"nil", nil, map[string]any{}},
		{"string", "s", map[string]any{"v": "s"}},
		{"empty string", "", map[string]any{"v": ""}},
		{"bool", true, map[string]any{"v": true}},
		{"int", -3, map[string]any{"v": int64(-3)}},
		{"int64", int64(math.MaxInt64), map[string]any{"v": int64(math.MaxInt64)}},
		{"uint64", uint64(math.MaxUint64), map[string]any{"v": "18446744073709551615"}},
		{"float", 0.5, map[string]any{"v": 0.5}},
		{"float32", float32(0.1), map[string]any{"v": 0.1}},
		{"nan", math.NaN(), map[string]any{"v": "nan"}},
		{"inf", math.Inf(1), map[string]any{"v": "inf"}},
		{"-inf", float32(math.Inf(-1)), map[string]any{"v": "-inf"}},
		{"complex", 1 + 2i, map[string]any{"v": "(1+2i)"}},
		{"named", named("x"), map[string]any{"v": "x"}},
		{"small", count(9), map[string]any{"v": int64(9)}},
		{"pointer", &pn, map[string]any{"v": int64(7)}},
		{"nil pointer", (*int)(nil), map[string]any{}},
		{"nil map", map[string]any(nil), map[string]any{}},
		{"nil error", nilErr, map[string]any{}},
		{"func", func() {}, map[string]any{"v": "func()"}},
		{"chan", make(chan int), map[string]any{"v": "chan int"}},
		{"time", when, map[string]any{"v": "2026-11-22T08:00:00.000000005Z"}},
		{"duration", 1500 * time.Millisecond, map[string]any{"v": "1.5s"}},
		{"bytes", []byte("text"), map[string]any{"v": "text"}},
		{"binary", []byte{0xff, 0}, map[string]any{"v": "/wA="}},
		{"nil bytes", []byte(nil), map[string]any{}},
		{"raw json", json.RawMessage(`{"a":1}`), map[string]any{"v.a": int64(1)}},
		{"bad raw json", json.RawMessage(`{`), map[string]any{"v": "{"}},
		{"number", json.Number("12"), map[string]any{"v": int64(12)}},
		{"error", fmt.Errorf("outer: %w", errors.New("inner")), map[string]any{"v": "outer: inner"}},
		{"list", []any{1, nil, "x"}, map[string]any{"v.0": int64(1), "v.2": "x"}},
		{"array", [2]bool{true, false}, map[string]any{"v.0": true, "v.1": false}},
		{"empty", []any{map[string]any{}, []int{}}, map[string]any{}},
		{"nested", map[string]any{"a": map[string]int{"b": 1}}, map[string]any{"v.a.b": int64(1)}},
		{"int keys", map[int]string{1: "x"}, map[string]any{"v.1": "x"}},
		{"text keys", map[time.Month]int{time.May: 5}, map[string]any{"v.May": int64(5)}},
		{"struct", tagged{1, 2}, map[string]any{"v.A": int64(1), "v.B": int64(2)}},
		{"tags", outer{Inner: Inner{3}, Name: "n", Hidden: "h", any: "x"}, map[string]any{"v.In": int64(3), "v.name": "n"}},
		{"embedded pointer", outer{Deep: &Deep{4}}, map[string]any{"v.In": int64(0), "v.D": int64(4), "v.name": ""}},
		{"json.Marshaler", marshals{}, map[string]any{"v.a.0": int64(1), "v.a.1": 2.5, "v.a.2": "x", "v.big": "12345678901234567890"}},
		{"encoding.TextMarshaler", texts{}, map[string]any{"v": "text"}},
		{"failing Marshaler", fails{}, map[string]any{"v": "!(no)"}},
		{"panicking Marshaler", panics{}, map[string]any{"v": "!(panic)"}},
		{"panicking error", panicsErr{}, map[string]any{"v": "!(panic)"}},
		{"ring", ring, map[string]any{"v.Name": "a", "v.Next.Name": "b", "v.Next.Next": "(cycle)"}},
		{"map in itself", selfMap, map[string]any{"v.k": int64(1), "v.self": "(cycle)"}},
		{"slice in itself", selfSlice, map[string]any{"v.0": int64(1), "v.1": "(cycle)"}},
		{"pointer to itself", self, map[string]any{"v": "(cycle)"}},
		{"invalid UTF-8", map[string]any{"k\xff": "v\xff"}, map[string]any{"v.k�": "v�"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, flat(tt.v)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestFlattenIsBounded(t *testing.T) {
	deep := any("bottom")
	for range 10_000 {
		deep = []any{deep}
	}
	for key, v := range flat(deep) {
		if s, _ := v.(string); !strings.Contains(s, "(nested too deeply)") || len(key) > 3*maxDepth {
			t.Errorf("%s = %v", key, v)
		}
	}
	wide := map[string]any{}
	for i := range 50_000 {
		wide[fmt.Sprint(i)] = i
	}
	// Too many for attributes: one text with all of them.
	if got := flat(wide); len(got) != 1 || strings.Count(got["v"].(string), ":") != len(wide) {
		t.Errorf("%d values", len(got))
	}
	long := strings.Repeat("ä", maxText)
	got := flat(long)["v"].(string)
	if len(got) > maxText+50 || !utf8.ValidString(got) || !strings.HasSuffix(got, "bytes more)") {
		t.Errorf("%d bytes: …%s", len(got), got[len(got)-50:])
	}
	many := map[string]any{}
	for i := range 100 {
		many[fmt.Sprint(i)] = long
	}
	total := 0
	for _, v := range flat(many) {
		total += len(v.(string))
	}
	if total > maxTotal+100*50 {
		t.Errorf("%d bytes in all", total)
	}
	for key := range flat(map[string]any{strings.Repeat("k", 10_000): 1}) {
		if len(key) > maxKey {
			t.Errorf("a key of %d bytes", len(key))
		}
	}
	for name, b := range map[string][]byte{"text": []byte(long), "no text": bytes.Repeat([]byte{0xff, 0xfe}, maxText)} {
		got := flat(b)["v"].(string)
		if len(got) > maxText || strings.Count(got, "bytes more)") != 1 || strings.HasPrefix(got, "ä") != (name == "text") {
			t.Errorf("%s: %d bytes: %.10s…%s", name, len(got), got, got[len(got)-50:])
		}
	}
}

// A value whose parts are the same few may be larger than any memory, and
// hold nothing.
func TestFlattenEndsWithoutAValue(t *testing.T) {
	shared := []any{}
	for range maxDepth - 2 {
		shared = []any{shared, shared}
	}
	for name, v := range map[string]any{"shared": shared, "sizeless": make([]struct{}, 1<<40)} {
		f := newFlattener(new(keyCache))
		f.value("v", v)
		if f.visits > maxVisits+maxDepth {
			t.Errorf("%s: %d elements were looked at", name, f.visits)
		}
		f.release()
		if got := inert.tree("v", map[string]any{"v": v}); len(got) != 1 {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// The key cache changes nothing but the cost, and stops growing.
func TestKeyCache(t *testing.T) {
	var c keyCache
	for i := range 3 * keyCacheSize {
		want := fmt.Sprint("key.", i)
		for range 2 {
			if got := c.key([]byte(want)); string(got) != want {
				t.Fatalf("key(%q) = %q", want, got)
			}
		}
	}
	if n := len(*c.known.Load()); n != keyCacheSize {
		t.Errorf("%d keys are kept, want %d", n, keyCacheSize)
	}
}

// What goes to the API is the same values in their own shape.
func TestTree(t *testing.T) {
	tracer := benchTracer(t, WithRedactor(func(key string, v any) any {
		if key == "honeyhive_metadata.user.email" {
			return "[email]"
		}
		if key == "honeyhive_metadata.secret" {
			return nil
		}
		return v
	}))
	ring := map[string]any{"k": 1}
	ring["self"] = ring
	got := tracer.tree("honeyhive_metadata", map[string]any{
		"user":   map[string]any{"email": "a@example.com", "tags": []any{"x", nil, 2}},
		"secret": "s", "nan": math.NaN(), "struct": tagged{1, 2}, "none": nil, "empty": map[string]any{}, "list": []int{},
		"ring": ring,
	})
	want := map[string]any{
		"user": map[string]any{"email": "[email]", "tags": []any{"x", nil, int64(2)}},
		"nan":  "nan", "struct": map[string]any{"A": int64(1), "B": int64(2)}, "empty": map[string]any{}, "list": []any{},
		"ring": map[string]any{"k": int64(1), "self": "(cycle)"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if _, err := json.Marshal(got); err != nil {
		t.Error(err)
	}
}

func FuzzFlatten(f *testing.F) {
	for _, seed := range []string{
		`{"a":[1,2.5,"x",null,{"b":true}]}`, `[]`, `"text"`, `{"":{"":""}}`, `[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]`,
		`{"k.k":1,"k":{"k":2}}`, "\"\\ud800\"", `1e400`, `-0`,
	} {
		f.Add([]byte(seed))
	}
	tracer := benchTracer(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		var v any
		if json.Unmarshal(data, &v) != nil {
			v = string(data)
		}
		for _, v := range []any{v, json.RawMessage(data), data, &v} {
			for key, value := range flat(v) {
				if !utf8.ValidString(key) || len(key) > maxKey+3 {
					t.Errorf("key %q", key)
				}
				if s, ok := value.(string); ok && (!utf8.ValidString(s) || len(s) > maxText+50) {
					t.Errorf("%s = %q", key, s)
				}
				if x, ok := value.(float64); ok && (math.IsNaN(x) || math.IsInf(x, 0)) {
					t.Errorf("%s = %v", key, x)
				}
			}
			if _, err := json.Marshal(tracer.tree("p", map[string]any{"v": v})); err != nil {
				t.Error(err)
			}
		}
	})
}
