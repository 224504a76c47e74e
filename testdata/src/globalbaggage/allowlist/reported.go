// Package allowlist has a case for each form of a list that decides what
// enters baggage.
package allowlist

import (
	"context"
	"regexp"
	"slices"
	"strings"

	"github.com/honeyhiveai/hhvet/honeyhive"
	"go.opentelemetry.io/otel/baggage"

	"example.com/corpus/globalbaggage/allowlist/keys"
)

func put(ctx context.Context, k, v string) context.Context {
	m, err := baggage.NewMember(k, v)
	if err != nil {
		return ctx
	}
	b, err := baggage.FromContext(ctx).SetMember(m)
	if err != nil {
		return ctx
	}
	return baggage.ContextWithBaggage(ctx, b)
}

// Reported: a set of empty structs, asked with comma-ok.
var structSet = map[string]struct{}{
	"run_id":  {},
	"project": {}, // want `per-tracer key "project" is let into baggage by this list`
}

func askStructSet(ctx context.Context, items map[string]string) context.Context {
	for k, v := range items {
		if _, ok := structSet[k]; ok {
			ctx = put(ctx, k, v)
		}
	}
	return ctx
}

// Reported: a slice, asked with slices.Contains.
var slice = []string{
	"run_id",
	"session_id", // want `per-tracer key "session_id" is let into baggage by this list`
}

func askSlice(ctx context.Context, items map[string]string) context.Context {
	for k, v := range items {
		if !slices.Contains(slice, k) {
			continue
		}
		ctx = put(ctx, k, v)
	}
	return ctx
}

// Reported: a slice in one line whose last entries are per-tracer.
var oneLine = []string{"run_id", "project", "source"} // want `"project" is let into baggage` `"source" is let into baggage`

func askOneLine(ctx context.Context, k, v string) context.Context {
	if slices.Index(oneLine, k) >= 0 {
		return put(ctx, k, v)
	}
	return ctx
}

// Reported: a slice in one line whose first entries are per-tracer.
var oneLineFirst = []string{"project", "source", "run_id"} // want `"project" is let into baggage` `"source" is let into baggage`

func askOneLineFirst(ctx context.Context, k, v string) context.Context {
	if slices.Index(oneLineFirst, k) == -1 {
		return ctx
	}
	return put(ctx, k, v)
}

// Reported: a slice that a loop looks through.
func loop(ctx context.Context, items map[string]string) context.Context {
	for k, v := range items {
		for _, allowed := range []string{"dataset_id", "project"} { // want `per-tracer key "project"`
			if k == allowed {
				ctx = put(ctx, k, v)
			}
		}
	}
	return ctx
}

// Reported: a loop that finds out with a flag.
func loopWithFlag(ctx context.Context, k, v string) context.Context {
	found := false
	for _, allowed := range []string{
		"run_id",
		"source", // want `per-tracer key "source" is let into baggage`
	} {
		if allowed == k {
			found = true
			break
		}
	}
	if found {
		ctx = put(ctx, k, v)
	}
	return ctx
}

// Reported: a switch.
func switched(ctx context.Context, items map[string]string) context.Context {
	for k, v := range items {
		switch k {
		case "run_id", "project": // want `per-tracer key "project" is let into baggage`
			ctx = put(ctx, k, v)
		}
	}
	return ctx
}

// Reported: a switch whose default leaves.
func switchedDefault(ctx context.Context, items map[string]string) context.Context {
	for k, v := range items {
		switch k {
		case "dataset_id":
		case "session_id": // want `per-tracer key "session_id" is let into baggage`
		default:
			continue
		}
		ctx = put(ctx, k, v)
	}
	return ctx
}

// Reported: comparisons.
func compared(ctx context.Context, k, v string) context.Context {
	if k == "run_id" || k == "session_id" { // want `per-tracer key "session_id" is let into baggage`
		return put(ctx, k, v)
	}
	return ctx
}

// Reported: a comparison without regard to letter case.
func foldCompared(ctx context.Context, k, v string) context.Context {
	if strings.EqualFold(k, "project") { // want `per-tracer key "project" is let into baggage`
		return put(ctx, k, v)
	}
	return ctx
}

// Reported: a function that returns bool.
func isShared(key string) bool {
	switch key {
	case "run_id", "dataset_id":
		return true
	case "source": // want `per-tracer key "source" is let into baggage`
		return true
	}
	return false
}

func predicate(ctx context.Context, items map[string]string) context.Context {
	for k, v := range items {
		if isShared(k) {
			ctx = put(ctx, k, v)
		}
	}
	return ctx
}

func contains(list []string, s string) bool {
	for _, e := range list {
		if e == s {
			return true
		}
	}
	return false
}

// Reported: a function that looks through the list that it is given.
var given = []string{
	"run_id",
	"project", // want `per-tracer key "project" is let into baggage`
}

func askGiven(ctx context.Context, items map[string]string) context.Context {
	for k, v := range items {
		if contains(given, k) {
			ctx = put(ctx, k, v)
		}
	}
	return ctx
}

// Reported: a regular expression that is a plain alternation.
var pattern = regexp.MustCompile(`^(run_id|project)$`) // want `per-tracer key "project" is let into baggage`

func askPattern(ctx context.Context, items map[string]string) context.Context {
	for k, v := range items {
		if pattern.MatchString(k) {
			ctx = put(ctx, k, v)
		}
	}
	return ctx
}

// Reported: a list that lets inbound members through.
var inboundKeys = map[string]bool{
	"run_id":     true,
	"session_id": true, // want `per-tracer key "session_id" is let into baggage`
}

func filterInbound(ctx context.Context, in baggage.Baggage) (context.Context, error) {
	out := baggage.FromContext(ctx)
	for _, m := range in.Members() {
		if !inboundKeys[m.Key()] {
			continue
		}
		var err error
		if out, err = out.SetMember(m); err != nil {
			return ctx, err
		}
	}
	return baggage.ContextWithBaggage(ctx, out), nil
}

// Reported: members that a switch on their key collects.
func collectInbound(in baggage.Baggage) (baggage.Baggage, error) {
	var keep []baggage.Member
	for _, m := range in.Members() {
		switch key := m.Key(); key {
		case "run_id", "source": // want `per-tracer key "source" is let into baggage`
			keep = append(keep, m)
		}
	}
	return baggage.New(keep...)
}

// Reported: a list that filters a map on its way into baggage.
var mapFilter = map[string]bool{
	"datapoint_id": true,
	"project":      true, // want `per-tracer key "project" is let into baggage`
}

func filterMap(ctx context.Context, items map[string]string) (context.Context, error) {
	safe := make(map[string]string)
	for k, v := range items {
		if mapFilter[strings.ToLower(k)] {
			safe[k] = v
		}
	}
	return honeyhive.ContextWithBaggage(ctx, safe)
}

// Reported: a slice of keys to copy from a request.
var copiedHeaders = []string{
	"run_id",
	"session_id", // want `per-tracer key "session_id" enters baggage`
}

func copyHeaders(ctx context.Context, header func(string) string) context.Context {
	for _, k := range copiedHeaders {
		if v := header(k); v != "" {
			ctx = put(ctx, k, v)
		}
	}
	return ctx
}

type policy struct {
	allowed map[string]bool
}

// Reported: a set in a struct's field.
var defaultPolicy = policy{
	allowed: map[string]bool{
		"run_id":  true,
		"project": true, // want `per-tracer key "project" is let into baggage`
	},
}

func (p policy) apply(ctx context.Context, items map[string]string) context.Context {
	for k, v := range items {
		if p.allowed[k] {
			ctx = put(ctx, k, v)
		}
	}
	return ctx
}

func (p policy) admits(k string) bool { return p.allowed[k] }

// Reported: a constructor's arguments become the set.
var argumentPolicy = newPolicy("dataset_id", "source") // want `per-tracer key "source" is let into baggage`

func newPolicy(keys ...string) *setPolicy {
	p := &setPolicy{set: make(map[string]struct{})}
	for _, k := range keys {
		p.set[k] = struct{}{}
	}
	return p
}

type setPolicy struct {
	set map[string]struct{}
}

func (p *setPolicy) apply(ctx context.Context, items map[string]string) context.Context {
	for k, v := range items {
		if _, ok := p.set[k]; !ok {
			continue
		}
		ctx = put(ctx, k, v)
	}
	return ctx
}

func putIf(ctx context.Context, items map[string]string, keep func(string) bool) context.Context {
	for k, v := range items {
		if keep(k) {
			ctx = put(ctx, k, v)
		}
	}
	return ctx
}

// Reported: a function literal given to a filtering function.
func literalPredicate(ctx context.Context, items map[string]string) context.Context {
	return putIf(ctx, items, func(k string) bool {
		return k == "run_id" || k == "project" // want `per-tracer key "project" is let into baggage`
	})
}

func putAllowed(ctx context.Context, items map[string]string, allowed map[string]bool) context.Context {
	for k, v := range items {
		if allowed[k] {
			ctx = put(ctx, k, v)
		}
	}
	return ctx
}

// Reported: a set given to a filtering function.
func givenSet(ctx context.Context, items map[string]string) context.Context {
	return putAllowed(ctx, items, map[string]bool{
		"run_id":     true,
		"project_id": true, // want `per-tracer key "project_id" is let into baggage`
	})
}

// Reported: another package's slice.
func importedSlice(ctx context.Context, items map[string]string) context.Context {
	for k, v := range items {
		if slices.Contains(keys.Propagated, k) { // want `per-tracer key "project" is let into baggage`
			ctx = put(ctx, k, v)
		}
	}
	return ctx
}

// Reported: another package's map.
func importedMap(ctx context.Context, items map[string]string) context.Context {
	for k, v := range items {
		if keys.Safe[k] { // want `per-tracer key "session_id" is let into baggage`
			ctx = put(ctx, k, v)
		}
	}
	return ctx
}

// Reported: another package's function.
func importedPredicate(ctx context.Context, items map[string]string) context.Context {
	for k, v := range items {
		if keys.IsSafe(k) { // want `per-tracer key "source" is let into baggage`
			ctx = put(ctx, k, v)
		}
	}
	return ctx
}

// Reported: a list that another package's function returns.
func importedResult(ctx context.Context, items map[string]string) context.Context {
	for _, k := range keys.List() { // want `per-tracer key "session_name"`
		ctx = put(ctx, k, items[k])
	}
	return ctx
}

// Reported: slices.ContainsFunc without regard to letter case.
func containsFunc(ctx context.Context, items map[string]string) context.Context {
	for k, v := range items {
		if slices.ContainsFunc([]string{"run_id", "project"}, func(a string) bool { return strings.EqualFold(a, k) }) { // want `per-tracer key "project" is let into baggage`
			ctx = put(ctx, k, v)
		}
	}
	return ctx
}

// Reported: a sorted slice, asked with slices.BinarySearch.
func binarySearch(ctx context.Context, items map[string]string) context.Context {
	sorted := []string{"project", "run_id"} // want `per-tracer key "project" is let into baggage`
	for k, v := range items {
		if _, ok := slices.BinarySearch(sorted, k); ok {
			ctx = put(ctx, k, v)
		}
	}
	return ctx
}

// Reported: a switch without a tag.
func switchedConditions(ctx context.Context, items map[string]string) context.Context {
	for k, v := range items {
		switch {
		case v == "":
			continue
		case k == "session_id": // want `per-tracer key "session_id" is let into baggage`
			ctx = put(ctx, k, v)
		}
	}
	return ctx
}

// Reported: a condition in an expression.
func shortCircuit(ctx context.Context, k, v string, set func(context.Context, string) bool) bool {
	return slices.Contains([]string{"run_id", "source"}, k) && set(put(ctx, k, v), v) // want `per-tracer key "source" is let into baggage`
}

// Reported: a set in a map of sets.
var nested = map[string]map[string]bool{
	"outbound": {"run_id": true, "project": true}, // want `per-tracer key "project" is let into baggage`
}

// Reported: keys of a list that functions of package slices make.
func concatenated(ctx context.Context, items map[string]string) context.Context {
	for _, k := range slices.Concat([]string{"run_id"}, []string{"project"}) { // want `per-tracer key "project"`
		ctx = put(ctx, k, items[k])
	}
	for k, v := range items {
		if nested["outbound"][k] {
			ctx = put(ctx, k, v)
		}
	}
	return ctx
}
