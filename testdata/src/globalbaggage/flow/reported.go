// Package flow has a case for each way in which a key comes to the API.
package flow

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/honeyhiveai/hhvet/honeyhive"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/baggage"
)

func put(ctx context.Context, m baggage.Member, err error) context.Context {
	if err != nil {
		return ctx
	}
	b, err := baggage.FromContext(ctx).SetMember(m)
	if err != nil {
		return ctx
	}
	return baggage.ContextWithBaggage(ctx, b)
}

// Reported: a local variable.
func localVariable(ctx context.Context, v string) context.Context {
	k := "project"
	m, err := baggage.NewMember(k, v) // want `per-tracer key "project"`
	return put(ctx, m, err)
}

var projectKey = "honeyhive.project"

// Reported: a package variable.
func packageVariable(ctx context.Context, v string) context.Context {
	m, err := baggage.NewMember(projectKey, v) // want `per-tracer key "honeyhive.project"`
	return put(ctx, m, err)
}

// Reported: a variable with several values, one of them per-tracer.
func oneOfSeveral(ctx context.Context, v string, nested bool) context.Context {
	k := "run_id"
	if nested {
		k = "session_id"
	}
	m, err := baggage.NewMember(k, v) // want `per-tracer key "session_id"`
	return put(ctx, m, err)
}

// Reported: a parameter with a per-tracer default. There is no fix, since it may
// be another key.
func byDefault(ctx context.Context, k, v string) context.Context {
	if k == "" {
		k = "project"
	}
	m, _ := baggage.NewMember(k, v) // want `per-tracer key "project"`
	b, _ := baggage.New(m)
	return baggage.ContextWithBaggage(ctx, b)
}

// Reported: a variable with several values, two of them per-tracer.
func twoOfSeveral(ctx context.Context, v string, n int) context.Context {
	var k string
	switch n {
	case 0:
		k = "project"
	case 1:
		k = "source"
	default:
		k = "run_id"
	}
	m, err := baggage.NewMember(k, v) // want `per-tracer key "project" or "source" enters baggage.* Give each tracer its project with honeyhive.WithProject, give each tracer its source with honeyhive.WithSource`
	return put(ctx, m, err)
}

// Reported: a key that is only assigned on the way.
func assignedLater(ctx context.Context, v string) context.Context {
	var k string
	k = "session_id"
	m, err := baggage.NewMember(k, v) // want `per-tracer key "session_id"`
	return put(ctx, m, err)
}

// Reported: a loop that sets the key for its next iteration.
func nextIteration(ctx context.Context, vs []string) context.Context {
	k := "run_id"
	for _, v := range vs {
		m, err := baggage.NewMember(k, v) // want `per-tracer key "parent_id"`
		ctx = put(ctx, m, err)
		k = "parent_id"
	}
	return ctx
}

// Reported: fmt.Sprintf of known values.
func sprintf(ctx context.Context, v string) context.Context {
	m, err := baggage.NewMember(fmt.Sprintf("%s.%s", "honeyhive", "project"), v) // want `per-tracer key "honeyhive.project"`
	return put(ctx, m, err)
}

// Reported: an unknown namespace in front of a known key.
func unknownNamespace(ctx context.Context, ns, v string) context.Context {
	m, err := baggage.NewMember(ns+".session_id", v) // want `per-tracer key "\*.session_id"`
	return put(ctx, m, err)
}

// Reported: functions of package strings on known values.
func stringFunctions(ctx context.Context, v string) context.Context {
	m, err := baggage.NewMember(strings.ToLower("PROJECT"), v) // want `per-tracer key "project"`
	ctx = put(ctx, m, err)
	m, err = baggage.NewMember(strings.ReplaceAll("session-id", "-", "_"), v) // want `per-tracer key "session_id"`
	ctx = put(ctx, m, err)
	m, err = baggage.NewMember(strings.TrimPrefix("x-baggage-project", "x-baggage-"), v) // want `per-tracer key "project"`
	ctx = put(ctx, m, err)
	m, err = baggage.NewMember(strings.Join([]string{"session", "name"}, "."), v) // want `per-tracer key "session.name"`
	return put(ctx, m, err)
}

// Reported: the parts of a string.
func splitString(ctx context.Context, v string) context.Context {
	for _, k := range strings.Split("run_id,project", ",") {
		m, err := baggage.NewMember(k, v) // want `per-tracer key "project"`
		ctx = put(ctx, m, err)
	}
	return ctx
}

// Reported: the part of a string in front of a separator.
func cutString(ctx context.Context, p string) context.Context {
	for _, kv := range []string{"tier=project", "project=" + p} { // want `per-tracer key "project"`
		k, v, _ := strings.Cut(kv, "=")
		m, err := baggage.NewMember(k, v)
		ctx = put(ctx, m, err)
	}
	return ctx
}

// Reported: one of the parts of a string, by its index.
func splitPart(ctx context.Context) context.Context {
	for _, s := range []string{"tier=project", "session_id=tier"} { // want `per-tracer key "session_id"`
		kv := strings.SplitN(s, "=", 2)
		m, err := baggage.NewMember(kv[0], kv[1])
		ctx = put(ctx, m, err)
	}
	return ctx
}

func pointer[T any](v T) *T { return &v }

// Reported: a pointer to a key.
func pointers(ctx context.Context, v string) context.Context {
	m, err := baggage.NewMember(*pointer("project"), v) // want `per-tracer key "project"`
	ctx = put(ctx, m, err)
	k := new("session_id")
	m, err = baggage.NewMember(*k, v) // want `per-tracer key "session_id"`
	return put(ctx, m, err)
}

// Reported: the keys of a map literal, each at its entry.
func rangeMap(ctx context.Context, p, run string) context.Context {
	for k, v := range map[string]string{
		"run_id":  run,
		"project": p, // want `per-tracer key "project"`
	} {
		m, err := baggage.NewMember(k, v)
		ctx = put(ctx, m, err)
	}
	return ctx
}

// Reported: the keys of a map that is filled step by step.
func rangeFilledMap(ctx context.Context, p, run string) context.Context {
	items := map[string]string{"run_id": run}
	if p != "" {
		items["project"] = p
	}
	for k, v := range items {
		m, err := baggage.NewMember(k, v) // want `per-tracer key "project"`
		ctx = put(ctx, m, err)
	}
	return ctx
}

// Reported: the sorted keys of a map.
func sortedKeys(ctx context.Context, p string) context.Context {
	items := map[string]string{
		"session_id": p, // want `per-tracer key "session_id"`
	}
	for _, k := range slices.Sorted(maps.Keys(items)) {
		m, err := baggage.NewMember(k, items[k])
		ctx = put(ctx, m, err)
	}
	return ctx
}

// Reported: the elements of a slice literal.
func rangeSlice(ctx context.Context, attrs map[string]string) context.Context {
	for _, k := range []string{
		"run_id",
		"source", // want `per-tracer key "source"`
	} {
		m, err := baggage.NewMember(k, attrs[k])
		ctx = put(ctx, m, err)
	}
	return ctx
}

// Reported: the elements of an array.
func rangeArray(ctx context.Context, attrs map[string]string) context.Context {
	for _, k := range [...]string{"run_id", "session_id"} { // want `per-tracer key "session_id"`
		m, err := baggage.NewMember(k, attrs[k])
		ctx = put(ctx, m, err)
	}
	return ctx
}

// Reported: appended elements.
func appended(ctx context.Context, attrs map[string]string, verbose bool) context.Context {
	ks := []string{"run_id"}
	if verbose {
		ks = append(ks, "session_name") // want `per-tracer key "session_name"`
	}
	for _, k := range ks {
		m, err := baggage.NewMember(k, attrs[k])
		ctx = put(ctx, m, err)
	}
	return ctx
}

// Reported: an element by its index.
func indexed(ctx context.Context, v string) context.Context {
	ks := []string{"run_id", "project"} // want `per-tracer key "project"`
	m, err := baggage.NewMember(ks[1], v)
	return put(ctx, m, err)
}

// Reported: an element of the rest of a list.
func rest(ctx context.Context, v string) context.Context {
	ks := []string{"run_id", "dataset_id", "project"}[1:] // want `per-tracer key "project"`
	m, err := baggage.NewMember(ks[1], v)
	return put(ctx, m, err)
}

// Reported: the pairs that follow the first.
func restOfPairs(ctx context.Context, p string) context.Context {
	kv := []string{"run_id", "r", "project", p} // want `per-tracer key "project"`
	kv = kv[2:]
	for i := 0; i < len(kv); i += 2 {
		m, err := baggage.NewMember(kv[i], kv[i+1])
		ctx = put(ctx, m, err)
	}
	return ctx
}

// Reported: an element of a list that is sorted first, whichever it is.
func sorted(ctx context.Context, v string) context.Context {
	ks := []string{"session_id", "run_id"} // want `per-tracer key "session_id"`
	slices.Sort(ks)
	m, err := baggage.NewMember(ks[1], v)
	return put(ctx, m, err)
}

// Reported: an element that is assigned by its index.
func assignedElement(ctx context.Context, v string) context.Context {
	ks := make([]string, 1)
	ks[0] = "project"
	m, err := baggage.NewMember(ks[0], v) // want `per-tracer key "project"`
	return put(ctx, m, err)
}

// Reported: an element whose index is not known. Without one of the elements
// the others have another index, so there is no fix.
func anyElement(ctx context.Context, i int, v string) context.Context {
	m, err := baggage.NewMember([]string{"project", "run_id"}[i], v) // want `per-tracer key "project"`
	return put(ctx, m, err)
}

// Reported: a table of structs.
func rangeTable(ctx context.Context, p, run string) context.Context {
	for _, item := range []struct{ key, value string }{
		{"run_id", run},
		{"project", p}, // want `per-tracer key "project"`
	} {
		m, err := baggage.NewMember(item.key, item.value)
		ctx = put(ctx, m, err)
	}
	return ctx
}

type item struct {
	Key, Value string
}

// Reported: a table of a named type, by pointers.
func rangePointers(ctx context.Context, p string) context.Context {
	table := []*item{
		{Key: "session_id", Value: p}, // want `per-tracer key "session_id"`
	}
	for _, it := range table {
		m, err := baggage.NewMember(it.Key, it.Value)
		ctx = put(ctx, m, err)
	}
	return ctx
}

// Reported: a struct's field.
func structField(ctx context.Context, p string) context.Context {
	it := item{Key: "project", Value: p}
	m, err := baggage.NewMember(it.Key, it.Value) // want `per-tracer key "project"`
	return put(ctx, m, err)
}

// Reported: a struct's field that is set afterwards.
func structFieldSet(ctx context.Context, p string) context.Context {
	var it item
	it.Key, it.Value = "project", p
	m, err := baggage.NewMember(it.Key, it.Value) // want `per-tracer key "project"`
	return put(ctx, m, err)
}

// Reported: the values of a map from headers to keys.
var headerToKey = map[string]string{
	"X-Run":     "run_id",
	"X-Project": "project", // want `per-tracer key "project"`
}

func mapValues(ctx context.Context, header map[string]string) context.Context {
	for h, k := range headerToKey {
		m, err := baggage.NewMember(k, header[h])
		ctx = put(ctx, m, err)
	}
	return ctx
}

func sessionKey() string { return "session_id" }

// Reported: the result of a function.
func functionResult(ctx context.Context, v string) context.Context {
	m, err := baggage.NewMember(sessionKey(), v) // want `per-tracer key "session_id"`
	return put(ctx, m, err)
}

func namespaced(ns, k string) (key string) {
	key = ns + "." + k
	return
}

// Reported: the named result of a function of known arguments.
func namedResult(ctx context.Context, v string) context.Context {
	m, err := baggage.NewMember(namespaced("hh", "source"), v) // want `per-tracer key "hh.source"`
	return put(ctx, m, err)
}

type field string

func (f field) Key() string { return "honeyhive." + string(f) }

// Reported: the result of a method on a constant.
func methodResult(ctx context.Context, v string) context.Context {
	m, err := baggage.NewMember(field("project").Key(), v) // want `per-tracer key "honeyhive.project"`
	return put(ctx, m, err)
}

// Reported: the key of an attribute.
func attributeKey(ctx context.Context, p string) context.Context {
	for _, kv := range []attribute.KeyValue{
		attribute.String("project", p), // want `per-tracer key "project"`
	} {
		m, err := baggage.NewMember(string(kv.Key), kv.Value.AsString())
		ctx = put(ctx, m, err)
	}
	return ctx
}

// Reported: a map variable given to honeyhive.ContextWithBaggage.
func mapVariable(ctx context.Context, p, run string) (context.Context, error) {
	items := map[string]string{"run_id": run}
	items["project"] = p
	return honeyhive.ContextWithBaggage(ctx, items) // want `per-tracer key "project"`
}

// Reported: a map that a function returns.
func defaults(p string) map[string]string {
	return map[string]string{
		"project": p, // want `per-tracer key "project"`
	}
}

func mapResult(ctx context.Context, p string) (context.Context, error) {
	return honeyhive.ContextWithBaggage(ctx, defaults(p))
}

// Reported: a map that another is copied into.
func mapCopied(ctx context.Context, p string) (context.Context, error) {
	items := make(map[string]string)
	maps.Copy(items, map[string]string{"session_id": p}) // want `per-tracer key "session_id"`
	return honeyhive.ContextWithBaggage(ctx, items)
}

func first[T any](v T, _ error) T { return v }

// Reported: the result of a generic function.
func generic(ctx context.Context, v string) context.Context {
	m := first(baggage.NewMember(first("project", nil), v)) // want `per-tracer key "project"`
	return put(ctx, m, nil)
}

// Reported: a closure's captured variable.
func captured(ctx context.Context, v string) context.Context {
	k := "project"
	add := func() context.Context {
		m, err := baggage.NewMember(k, v) // want `per-tracer key "project"`
		return put(ctx, m, err)
	}
	return add()
}
