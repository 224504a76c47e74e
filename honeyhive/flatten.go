package honeyhive

import (
	"bytes"
	"encoding"
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"go.opentelemetry.io/otel/attribute"
)

// Limits of what one field records. They bound the time and memory that a
// value costs, not what is reasonable to record. See Field.
const (
	maxDepth     = 32        // nested maps, slices, structs and pointers
	maxTextDepth = 512       // the same within one text
	maxValues    = 1024      // attributes of a field
	maxSpread    = 256       // attributes of one nested value
	maxVisits    = 64 << 10  // elements that are looked at, whether or not they hold a value
	maxKey       = 512       // bytes of a path
	maxText      = 256 << 10 // bytes of a string
	maxTotal     = 4 << 20   // bytes of all strings of a field
)

// A flattener turns Go values into span attributes with dotted keys. It never
// panics and always ends, whatever it is given.
type flattener struct {
	attrs []attribute.KeyValue
	path  []byte
	keys  *keyCache
	text  int // bytes of strings recorded so far
	// visits counts elements: values that share their parts may have more of
	// them than there is time for, and no attribute to show for it.
	visits int
	// open holds the pointers, maps and slices that are being visited.
	open []visit
	// tree, where set, collects nested values instead of attributes.
	tree *treeBuilder
	// level counts the containers around the current value, a field's own map
	// included.
	level int
	// limit is how long attrs may become.
	limit int
	// over says that something did not fit into attributes. truncated counts
	// the texts that were cut, leftOut the values that are not complete.
	over      bool
	truncated int
	leftOut   int
	redact    Redactor // of what is put together in one text
}

type visit struct {
	ptr uintptr
	len int
	typ reflect.Type
}

var flatteners = sync.Pool{New: func() any { return new(flattener) }}

func newFlattener(keys *keyCache) *flattener {
	f := flatteners.Get().(*flattener)
	f.keys, f.limit = keys, maxValues
	return f
}

// newFlattener returns a flattener for t's spans.
func (t *Tracer) newFlattener() *flattener {
	f := newFlattener(&t.keys)
	f.redact = t.redact
	return f
}

// start gives the next field or value the room that each has.
func (f *flattener) start(level int) {
	f.level = level
	f.limit = len(f.attrs) + maxValues
	f.text, f.visits, f.over = 0, 0, false
}

// release returns f for reuse. Nobody may hold on to f.attrs.
func (f *flattener) release() {
	clear(f.attrs)
	*f = flattener{attrs: f.attrs[:0], path: f.path[:0], open: f.open[:0]}
	if cap(f.attrs) <= 2*maxValues {
		flatteners.Put(f)
	}
}

// field adds the attributes of a field.
func (f *flattener) field(field Field) {
	switch field := field.(type) {
	case errorField:
		if !isNil(field.err) {
			f.error(field.err)
		}
	case EventType:
		if field != "" {
			f.add(eventTypeKey, f.str(string(field)))
		}
	default:
		prefix, values := namespace(field)
		if prefix != "" {
			f.path = append(f.path[:0], prefix...)
			f.start(0)
			f.spread(reflect.ValueOf(values), func() { f.stringMap(values) })
		}
	}
}

func (f *flattener) error(err error) {
	f.add(errorKey, f.str(errorText(err)))
	f.add(errorTypeKey, f.str(typeName(err)))
}

// value adds v under the path prefix.
func (f *flattener) value(prefix string, v any) {
	f.path = append(f.path[:0], prefix...)
	f.start(1)
	f.any(v)
}

func (f *flattener) add(key attribute.Key, v attribute.Value) {
	f.attrs = append(f.attrs, attribute.KeyValue{Key: key, Value: v})
}

// leaf adds v under the current path.
func (f *flattener) leaf(v attribute.Value) {
	if f.tree != nil {
		f.tree.leaf(string(f.path), v)
		return
	}
	f.add(f.keys.key(f.path), v)
}

// full reports that nothing more can be recorded.
func (f *flattener) full() bool {
	full := f.text >= maxTotal || f.visits >= maxVisits
	if f.tree != nil {
		full = full || f.tree.leaves >= f.tree.limit
	} else {
		full = full || len(f.attrs) >= f.limit
	}
	if full {
		f.over = true
	}
	return full
}

// spread lets walk add the elements of v under the current path. Where that
// takes more attributes than a value may have, v becomes one, with its JSON as
// the text.
func (f *flattener) spread(v reflect.Value, walk func()) {
	if f.tree != nil {
		walk()
		return
	}
	limit, mark, text, visits, truncated := f.limit, len(f.attrs), f.text, f.visits, f.truncated
	if f.level > 0 {
		f.limit = min(limit, mark+maxSpread)
	}
	f.level++
	walk()
	f.level--
	f.limit = limit
	if !f.over || f.level > 1 {
		return // the outermost value is the one that becomes a text
	}
	clear(f.attrs[mark:])
	f.attrs, f.text, f.visits, f.truncated, f.over = f.attrs[:mark], text, visits, truncated, false
	f.asJSON(v)
}

// asJSON adds v as one text under the current path.
func (f *flattener) asJSON(v reflect.Value) {
	whole := f.tree
	path, open, text := len(f.path), f.open, f.text
	f.tree, f.open = &treeBuilder{redact: f.redact, limit: maxVisits}, nil
	f.tree.push("")
	f.any(v.Interface())
	tree, cut := f.tree.stack[0].value(), f.over
	f.tree, f.open, f.path, f.text, f.over = whole, open, f.path[:path], text, false
	encoded, err := marshalJSON(tree)
	if err != nil {
		encoded = []byte("!(" + err.Error() + ")")
	}
	s := valid(string(encoded))
	if len(s) > maxTotal {
		s, cut = truncated(s, maxTotal), true
	}
	if cut {
		f.leftOut++
	}
	f.text += len(s)
	f.add(f.keys.key(f.path), attribute.StringValue(s))
}

// enter appends a path element and returns the path's length before it, for
// leave.
func (f *flattener) enter(key string) (mark int) {
	f.visits++
	if f.tree != nil {
		f.tree.push(key)
	}
	mark = len(f.path)
	f.path = append(f.path, '.')
	f.path = append(f.path, key...)
	if len(f.path) > maxKey {
		f.path = f.path[:maxKey]
	}
	return mark
}

func (f *flattener) leave(mark int) {
	f.path = f.path[:mark]
	if f.tree != nil {
		f.tree.pop()
	}
}

func (f *flattener) stringMap(m map[string]any) {
	for k, v := range m {
		if f.full() {
			return
		}
		mark := f.enter(k)
		f.any(v)
		f.leave(mark)
	}
}

func (f *flattener) any(v any) {
	switch v := v.(type) {
	case nil:
	case string:
		f.leaf(f.str(v))
	case bool:
		f.leaf(attribute.BoolValue(v))
	case int:
		f.leaf(attribute.IntValue(v))
	case int64:
		f.leaf(attribute.Int64Value(v))
	case float64:
		f.leaf(floatValue(v))
	case float32:
		f.leaf(floatValue(widen(v)))
	case map[string]any:
		f.container(reflect.ValueOf(v))
	case []byte:
		if v != nil {
			f.leaf(f.str(bytesText(v)))
		}
	case time.Time:
		f.leaf(attribute.StringValue(v.Format(time.RFC3339Nano)))
	case time.Duration:
		f.leaf(attribute.StringValue(v.String()))
	default:
		f.reflected(v)
	}
}

// reflected handles what has no case in any. Methods win over structure, as
// in encoding/json.
func (f *flattener) reflected(v any) {
	if isNil(v) {
		return
	}
	switch v := v.(type) {
	case json.Number:
		f.number(v)
		return
	case json.Marshaler:
		f.json(v)
		return
	case error:
		f.leaf(f.str(safeText(v.Error)))
		return
	case encoding.TextMarshaler:
		f.leaf(f.str(safeText(func() string {
			text, err := v.MarshalText()
			if err != nil {
				return "!(" + err.Error() + ")"
			}
			return string(text)
		})))
		return
	}
	rv := reflect.ValueOf(v)
	switch rv.Kind() {
	case reflect.Map, reflect.Slice, reflect.Array, reflect.Struct:
		f.container(rv)
	case reflect.Pointer:
		// A pointer may point to itself through an interface.
		if f.begin(visit{rv.Pointer(), 1, rv.Type()}) {
			if e := rv.Elem(); e.CanInterface() {
				f.any(e.Interface())
			}
			f.end()
		}
	case reflect.Bool:
		f.leaf(attribute.BoolValue(rv.Bool()))
	case reflect.String:
		f.leaf(f.str(rv.String()))
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		f.leaf(attribute.Int64Value(rv.Int()))
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		if u := rv.Uint(); u <= math.MaxInt64 {
			f.leaf(attribute.Int64Value(int64(u)))
		} else {
			f.leaf(attribute.StringValue(strconv.FormatUint(u, 10)))
		}
	case reflect.Float32, reflect.Float64:
		f.leaf(floatValue(rv.Float()))
	case reflect.Complex64, reflect.Complex128:
		f.leaf(attribute.StringValue(strconv.FormatComplex(rv.Complex(), 'g', -1, 128)))
	default: // channels, functions, unsafe pointers
		f.leaf(attribute.StringValue(rv.Type().String()))
	}
}

func (f *flattener) number(n json.Number) {
	if i, err := n.Int64(); err == nil {
		f.leaf(attribute.Int64Value(i))
	} else if x, err := n.Float64(); err == nil && strings.ContainsAny(string(n), ".eE") {
		f.leaf(floatValue(x))
	} else {
		f.leaf(f.str(string(n)))
	}
}

// json adds what a json.Marshaler makes of itself.
func (f *flattener) json(v json.Marshaler) {
	var (
		decoded any
		text    []byte
	)
	problem := safeText(func() string {
		var err error
		if text, err = v.MarshalJSON(); err != nil {
			return "!(" + err.Error() + ")"
		}
		return ""
	})
	if problem != "" {
		f.leaf(f.str(problem))
		return
	}
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	if len(text) > maxTotal || dec.Decode(&decoded) != nil {
		f.leaf(f.str(string(text[:min(len(text), maxText)])))
		return
	}
	f.any(decoded)
}

// container adds the elements of a map, slice, array or struct.
func (f *flattener) container(rv reflect.Value) {
	v := visit{typ: rv.Type()}
	switch rv.Kind() {
	case reflect.Map:
		v.ptr = rv.Pointer()
	case reflect.Slice:
		v.ptr, v.len = rv.Pointer(), rv.Len()
	}
	if rv.Kind() == reflect.Slice && rv.Type().Elem().Kind() == reflect.Uint8 {
		f.leaf(f.str(bytesText(rv.Bytes())))
		return
	}
	if !f.begin(v) {
		return
	}
	defer f.end()
	if f.tree != nil {
		f.tree.container(rv.Kind() == reflect.Slice || rv.Kind() == reflect.Array)
	}
	f.spread(rv, func() { f.elements(rv) })
}

func (f *flattener) elements(rv reflect.Value) {
	switch rv.Kind() {
	case reflect.Map:
		if m, ok := rv.Interface().(map[string]any); ok {
			f.stringMap(m)
			return
		}
		for it := rv.MapRange(); it.Next() && !f.full(); {
			f.element(mapKey(it.Key()), it.Value())
		}
	case reflect.Slice, reflect.Array:
		for i := 0; i < rv.Len() && !f.full(); i++ {
			f.element(strconv.Itoa(i), rv.Index(i))
		}
	case reflect.Struct:
		f.structure(rv)
	}
}

func (f *flattener) element(key string, v reflect.Value) {
	if !v.CanInterface() {
		return
	}
	mark := f.enter(key)
	f.any(v.Interface())
	f.leave(mark)
}

// structure adds exported fields under their JSON names.
func (f *flattener) structure(rv reflect.Value) {
	for _, sf := range structFields(rv.Type()) {
		if f.full() {
			return
		}
		v, err := rv.FieldByIndexErr(sf.index)
		if err != nil || sf.omitEmpty && v.IsZero() {
			continue
		}
		f.element(sf.name, v)
	}
}

// begin notes that v is being visited. It is false where v is being visited
// already, or nested too deeply, and then there is no end to call.
func (f *flattener) begin(v visit) bool {
	if len(f.open) >= maxDepth {
		if f.tree == nil {
			f.over = true // a text may hold more levels
			return false
		}
		if len(f.open) >= maxTextDepth {
			f.leftOut++
			f.leaf(attribute.StringValue("(nested too deeply)"))
			return false
		}
	}
	if v.ptr != 0 && slices.Contains(f.open, v) {
		f.leaf(attribute.StringValue("(cycle)"))
		return false
	}
	f.open = append(f.open, v)
	return true
}

func (f *flattener) end() { f.open = f.open[:len(f.open)-1] }

// str returns s as a value, within the limits and as valid UTF-8: a single
// invalid string would cost the whole batch when it is encoded.
func (f *flattener) str(s string) attribute.Value {
	limit := min(maxText, maxTotal-f.text)
	if len(s) > limit {
		s = truncated(s, max(limit, 0))
		f.truncated++
	}
	f.text += len(s)
	return attribute.StringValue(valid(s))
}

func floatValue(x float64) attribute.Value {
	switch {
	case math.IsNaN(x):
		return attribute.StringValue("nan")
	case math.IsInf(x, 1):
		return attribute.StringValue("inf")
	case math.IsInf(x, -1):
		return attribute.StringValue("-inf")
	}
	return attribute.Float64Value(x)
}

// widen turns a float32 into the float64 that is written the same: 0.1, not
// 0.10000000149011612.
func widen(x float32) float64 {
	w, err := strconv.ParseFloat(strconv.FormatFloat(float64(x), 'g', -1, 32), 64)
	if err != nil {
		return float64(x)
	}
	return w
}

func mapKey(k reflect.Value) string {
	if k.Kind() == reflect.String {
		return k.String()
	}
	if !k.CanInterface() {
		return "?"
	}
	return safeText(func() string {
		if tm, ok := k.Interface().(encoding.TextMarshaler); ok {
			if text, err := tm.MarshalText(); err == nil {
				return string(text)
			}
		}
		return fmt.Sprint(k.Interface())
	})
}

type structField struct {
	name      string
	index     []int
	omitEmpty bool
}

var structFieldsOf sync.Map // reflect.Type to []structField

// structFields returns a struct's exported fields, those of embedded structs
// included, by their JSON names.
func structFields(t reflect.Type) []structField {
	if cached, ok := structFieldsOf.Load(t); ok {
		return cached.([]structField)
	}
	var fields []structField
	for _, sf := range reflect.VisibleFields(t) {
		if !sf.IsExported() {
			continue
		}
		tag := sf.Tag.Get("json")
		name, opts, _ := strings.Cut(tag, ",")
		if tag == "-" || sf.Anonymous && name == "" && isStruct(sf.Type) {
			continue
		}
		if name == "" {
			name = sf.Name
		}
		omit := strings.Contains(opts, "omitempty") || strings.Contains(opts, "omitzero")
		fields = append(fields, structField{name, sf.Index, omit})
	}
	structFieldsOf.Store(t, fields)
	return fields
}

func isStruct(t reflect.Type) bool {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t.Kind() == reflect.Struct
}
