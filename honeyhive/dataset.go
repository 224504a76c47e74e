package honeyhive

import (
	"context"
	"crypto/sha256"
	"encoding"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"reflect"
	"strconv"
	"strings"

	"github.com/honeyhiveai/hhvet/honeyhive/internal/pyjson"
)

// A Datapoint is one case of a [Dataset]: what the task is given, and what
// evaluators hold its output against.
type Datapoint[In any] struct {
	// ID identifies the case between runs. One that HoneyHive did not assign
	// is sent with the prefix "EXT-". Where it is empty the case gets an id
	// made of its content and its place in the dataset, the same one as
	// HoneyHive's Python SDK makes of the same JSON.
	ID string
	// Input is what the task works on. HoneyHive shows an object: a struct or
	// map as it is, any other value under the name "input".
	Input In
	// GroundTruth is the answer that is known to be right, if there is one.
	// See [GroundTruthAs].
	GroundTruth any
	// Metadata is recorded with the case. It is not part of its id.
	Metadata Metadata
}

// GroundTruthAs returns a datapoint's ground truth as a T. One of another
// type, such as the map[string]any of a dataset that was fetched from
// HoneyHive, is converted through JSON. It is an error where that fails, or
// there is no ground truth.
func GroundTruthAs[T, In any](dp Datapoint[In]) (T, error) {
	if t, ok := dp.GroundTruth.(T); ok {
		return t, nil
	}
	var t T
	if dp.GroundTruth == nil {
		return t, errors.New("honeyhive: the datapoint has no ground truth")
	}
	text, err := marshalJSON(dp.GroundTruth)
	if err == nil {
		err = unmarshalJSON(text, &t)
	}
	if err != nil {
		return t, fmt.Errorf("honeyhive: ground truth %T as %T: %w", dp.GroundTruth, t, err)
	}
	return t, nil
}

// A Dataset is where the cases of an experiment come from. [DatasetOf],
// [DatasetSeq] and [DatasetByID] make one.
type Dataset[In any] struct {
	// id is HoneyHive's where remote is set, else the caller's or "".
	id     string
	remote bool
	points []Datapoint[In]
	seq    iter.Seq2[Datapoint[In], error]
}

// DatasetOf returns the dataset of points, in that order.
func DatasetOf[In any](points ...Datapoint[In]) Dataset[In] {
	return Dataset[In]{points: points}
}

// DatasetSeq returns a dataset that is read while the experiment runs, by one
// goroutine at a time. An error ends the run: it is no case's failure.
func DatasetSeq[In any](seq iter.Seq2[Datapoint[In], error]) Dataset[In] {
	return Dataset[In]{seq: seq}
}

// DatasetByID returns a dataset of HoneyHive, which Evaluate fetches. Inputs
// are decoded from their JSON; where In is not a struct or a map and the
// input is an object with nothing but "input", from that.
func DatasetByID[In any](id string) Dataset[In] {
	return Dataset[In]{id: id, remote: true}
}

// WithID returns d with an id of the caller's, to be found again under it.
// Without one a dataset's id is made of its content, or for a DatasetSeq of
// the experiment's name.
func (d Dataset[In]) WithID(id string) Dataset[In] {
	d.id = id
	return d
}

// Exported ids that HoneyHive did not assign start with this.
const externalPrefix = "EXT-"

func externalID(id string) string {
	// What is not valid UTF-8 could not travel as baggage.
	id = valid(id)
	if strings.HasPrefix(id, externalPrefix) {
		return id
	}
	return externalPrefix + id
}

// contentID is the id of what has that canonical JSON.
func contentID(text []byte) string {
	sum := sha256.Sum256(text)
	var id [len(externalPrefix) + 16]byte
	copy(id[:], externalPrefix)
	hex.Encode(id[len(externalPrefix):], sum[:8])
	return string(id[:])
}

// appendJSON appends the canonical JSON of a datapoint with that input.
func (dp *Datapoint[In]) appendJSON(dst []byte, input any) ([]byte, error) {
	var err error
	dst = append(dst, '{')
	if dp.GroundTruth != nil {
		dst = append(dst, `"ground_truth": `...)
		if dst, err = pyjson.Append(dst, dp.GroundTruth); err != nil {
			return dst, fmt.Errorf("ground truth: %w", err)
		}
		dst = append(dst, ", "...)
	}
	if dp.ID != "" {
		dst = append(dst, `"id": `...)
		if dst, err = pyjson.Append(dst, dp.ID); err != nil {
			return dst, err
		}
		dst = append(dst, ", "...)
	}
	dst = append(dst, `"inputs": `...)
	object := isObject(input)
	if !object {
		dst = append(dst, `{"input": `...)
	}
	if dst, err = pyjson.Append(dst, input); err != nil {
		return dst, fmt.Errorf("input: %w", err)
	}
	if !object {
		dst = append(dst, '}')
	}
	return append(dst, '}'), nil
}

// externalID returns the id of a datapoint with that input at that place of a
// local dataset. It uses buf, which it returns for the next call.
func (dp *Datapoint[In]) externalID(input any, index int, buf []byte) (string, []byte, error) {
	if dp.ID != "" {
		return externalID(dp.ID), buf, nil
	}
	buf, err := dp.appendJSON(buf[:0], input)
	if err != nil {
		return "", buf, fmt.Errorf("datapoint %d: %w", index, err)
	}
	buf = strconv.AppendInt(buf, int64(index), 10)
	return contentID(buf), buf, nil
}

// datasetID returns the id of a local dataset, which an experiment of that
// name evaluates.
func (d *Dataset[In]) datasetID(experiment string) (string, error) {
	switch {
	case d.remote:
		return d.id, nil
	case d.id != "":
		return externalID(d.id), nil
	case d.seq != nil:
		return contentID([]byte(experiment)), nil
	}
	// Hashed piece by piece: the whole may be large.
	h := sha256.New()
	buf := []byte{'['}
	for i := range d.points {
		if i > 0 {
			buf = append(buf, ", "...)
		}
		var err error
		if buf, err = d.points[i].appendJSON(buf, d.points[i].Input); err != nil {
			return "", fmt.Errorf("datapoint %d: %w", i, err)
		}
		h.Write(buf)
		buf = buf[:0]
	}
	h.Write(append(buf, ']'))
	sum := h.Sum(nil)
	return externalPrefix + hex.EncodeToString(sum[:8]), nil
}

// pull returns a function that returns the dataset's cases one by one.
func (d *Dataset[In]) pull() (next func() (Datapoint[In], error, bool), stop func()) {
	if d.seq != nil {
		return iter.Pull2(d.seq)
	}
	i := 0
	return func() (dp Datapoint[In], err error, ok bool) {
		if i == len(d.points) {
			return dp, nil, false
		}
		i++
		return d.points[i-1], nil, true
	}, func() {}
}

// size returns how many cases a shard has, or -1 where that is not known.
func (d *Dataset[In]) size(s Shard) int {
	n := len(d.points)
	switch {
	case d.seq != nil:
		return -1
	case s.whole():
		return n
	}
	return (n + s.Count - 1 - s.Index) / s.Count
}

// fetchDataset reads a dataset from HoneyHive.
func fetchDataset[In any](ctx context.Context, t *Tracer, id string) ([]Datapoint[In], error) {
	if t.backend == nil {
		return nil, errors.New("this tracer has no API key to fetch it with: set WithAPIKey or HH_API_KEY")
	}
	fetched, err := t.backend.Dataset(ctx, id)
	if err != nil {
		return nil, err
	}
	points := make([]Datapoint[In], 0, len(fetched))
	for _, p := range fetched {
		in, err := decodeInputs[In](p.Inputs)
		if err != nil {
			return nil, fmt.Errorf("datapoint %s: inputs: %w", p.ID, err)
		}
		dp := Datapoint[In]{ID: p.ID, Input: in}
		if text := strings.TrimSpace(string(p.GroundTruth)); text != "" && text != "null" {
			if err := json.Unmarshal(p.GroundTruth, &dp.GroundTruth); err != nil {
				return nil, fmt.Errorf("datapoint %s: ground truth: %w", p.ID, err)
			}
		}
		points = append(points, dp)
	}
	return points, nil
}

// isObject reports whether v's JSON is an object.
func isObject(v any) bool {
	switch v := v.(type) {
	case nil, string:
		return false
	case map[string]any:
		return v != nil
	case json.Marshaler:
		text, err := marshalJSON(v)
		return err == nil && strings.HasPrefix(strings.TrimSpace(string(text)), "{")
	}
	rv := reflect.ValueOf(v)
	// A pointer type may point to itself.
	for range maxDepth {
		if rv.Kind() != reflect.Pointer || rv.IsNil() {
			break
		}
		rv = rv.Elem()
	}
	switch rv.Kind() {
	case reflect.Map:
		return !rv.IsNil()
	case reflect.Struct:
		return !isText(rv)
	}
	return false
}

// isText reports whether v is one of the structs whose JSON is a string, such
// as time.Time.
func isText(v reflect.Value) bool {
	if !v.CanInterface() {
		return false
	}
	_, ok := v.Interface().(encoding.TextMarshaler)
	return ok
}

// inputsObject returns a task's input as the object that HoneyHive shows.
func inputsObject(v any) map[string]any {
	if m, ok := v.(map[string]any); ok && m != nil {
		return m
	}
	if isObject(v) {
		// A struct's own fields become the object's.
		var m map[string]any
		if text, err := marshalJSON(v); err == nil && json.Unmarshal(text, &m) == nil {
			return m
		}
	}
	return map[string]any{"input": v}
}

// decodeInputs is the reverse of inputsObject, from JSON.
func decodeInputs[In any](text json.RawMessage) (In, error) {
	var in In
	err := unmarshalJSON(text, &in)
	if err == nil {
		return in, nil
	}
	var wrapped map[string]json.RawMessage
	if json.Unmarshal(text, &wrapped) == nil && len(wrapped) == 1 && wrapped["input"] != nil {
		return in, unmarshalJSON(wrapped["input"], &in)
	}
	return in, err
}
