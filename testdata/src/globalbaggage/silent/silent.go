// Package silent has a case for each thing that looks like a leak and is none.
package silent

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"slices"
	"strings"

	ddbaggage "github.com/DataDog/dd-trace-go/v2/ddtrace/baggage"
	"github.com/honeyhiveai/hhvet/honeyhive"
	"go.opentelemetry.io/otel/attribute"
	otelbaggage "go.opentelemetry.io/otel/baggage"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	"go.opentelemetry.io/otel/trace"
	"google.golang.org/grpc/metadata"

	"example.com/corpus/globalbaggage/silent/baggage"
)

func put(ctx context.Context, key, value string) context.Context {
	m, err := otelbaggage.NewMember(key, value)
	if err != nil {
		return ctx
	}
	b, err := otelbaggage.FromContext(ctx).SetMember(m)
	if err != nil {
		return ctx
	}
	return otelbaggage.ContextWithBaggage(ctx, b)
}

// Silent: reading a member.
func read(ctx context.Context) string {
	return otelbaggage.FromContext(ctx).Member("project").Value()
}

// Silent: a reader that returns a member.
func readMember(ctx context.Context) otelbaggage.Member {
	return otelbaggage.FromContext(ctx).Member("session_id")
}

// Silent: deleting a member.
func withoutProject(ctx context.Context) context.Context {
	return otelbaggage.ContextWithBaggage(ctx, otelbaggage.FromContext(ctx).DeleteMember("project"))
}

// Silent: deleting every per-tracer member.
func withoutAll(ctx context.Context) context.Context {
	b := otelbaggage.FromContext(ctx)
	for _, k := range []string{"project", "source", "session_id"} {
		b = b.DeleteMember(k)
	}
	return otelbaggage.ContextWithBaggage(ctx, b)
}

var denied = map[string]bool{"project": true, "session_id": true, "authorization": true}

// Silent: a sanitizer that keeps the members of a deny-list out.
func sanitize(ctx context.Context) context.Context {
	var keep []otelbaggage.Member
	for _, m := range otelbaggage.FromContext(ctx).Members() {
		if denied[m.Key()] {
			continue
		}
		keep = append(keep, m)
	}
	b, _ := otelbaggage.New(keep...)
	return otelbaggage.ContextWithBaggage(ctx, b)
}

// Silent: a deny-list as a slice.
func denySlice(ctx context.Context, items map[string]string) context.Context {
	for k, v := range items {
		if !slices.Contains([]string{"project", "source"}, k) {
			ctx = put(ctx, k, v)
		}
	}
	return ctx
}

// Silent: a deny-list as a switch.
func denySwitch(ctx context.Context, items map[string]string) context.Context {
	for k, v := range items {
		switch strings.ToLower(k) {
		case "project", "session_id":
			continue
		}
		ctx = put(ctx, k, v)
	}
	return ctx
}

// Silent: a deny-list as a switch with a default.
func denyDefault(ctx context.Context, items map[string]string) context.Context {
	for k, v := range items {
		switch k {
		case "project", "session_id":
			slog.Warn("dropped", "key", k)
		default:
			ctx = put(ctx, k, v)
		}
	}
	return ctx
}

// Silent: a deny-list as comparisons.
func denyCompare(ctx context.Context, k, v string) context.Context {
	if k != "project" && k != "session_id" {
		return put(ctx, k, v)
	}
	return ctx
}

func forbidden(k string) bool {
	switch k {
	case "project", "source", "session_id":
		return true
	}
	return false
}

// Silent: a deny-list as a function.
func denyFunction(ctx context.Context, items map[string]string) context.Context {
	for k, v := range items {
		if forbidden(k) {
			continue
		}
		ctx = put(ctx, k, v)
	}
	return ctx
}

// Silent: a deny-list that keeps out a key of a known map.
func denyKnown(ctx context.Context, p, run string) context.Context {
	for k, v := range map[string]string{"project": p, "run_id": run} {
		if k == "project" {
			continue
		}
		ctx = put(ctx, k, v)
	}
	return ctx
}

func acceptable(k string) bool { return !denied[k] }

// Silent: a function that accepts what a deny-list does not have.
func acceptKnown(ctx context.Context, p, run string) context.Context {
	for k, v := range map[string]string{"project": p, "run_id": run} {
		if acceptable(k) {
			ctx = put(ctx, k, v)
		}
	}
	return ctx
}

// Silent: a set whose per-tracer entries are false.
func falseEntries(ctx context.Context, items map[string]string) context.Context {
	admitted := map[string]bool{"run_id": true, "project": false}
	for k, v := range items {
		if admitted[k] {
			ctx = put(ctx, k, v)
		}
	}
	return ctx
}

// Silent: a list that guards a log field.
func guardsLog(items map[string]string) {
	logged := map[string]bool{"project": true, "session_id": true}
	for k, v := range items {
		if logged[k] {
			slog.Info("item", k, v)
		}
	}
}

// Silent: a list that guards span attributes, next to one for baggage.
func guardsSpan(ctx context.Context, span trace.Span, items map[string]string) context.Context {
	for k, v := range items {
		switch k {
		case "project", "session_id":
			span.SetAttributes(attribute.String(k, v))
		case "run_id":
			ctx = put(ctx, k, v)
		}
	}
	return ctx
}

// Silent: a key that is deleted from the map before it is used.
func deletedFromMap(ctx context.Context, p, run string) (context.Context, error) {
	items := map[string]string{"run_id": run, "project": p}
	slog.Info("start", "items", len(items))
	delete(items, "project")
	return honeyhive.ContextWithBaggage(ctx, items)
}

// Silent: a key that enters the map after it was used.
func addedAfterwards(ctx context.Context, p, run string) (context.Context, map[string]string, error) {
	items := map[string]string{"run_id": run}
	ctx, err := honeyhive.ContextWithBaggage(ctx, items)
	items["project"] = p
	return ctx, items, err
}

// Silent: a variable that no longer has the key.
func reassigned(ctx context.Context, v string) context.Context {
	k := "project"
	slog.Info("tracing", k, v)
	k = "run_id"
	return put(ctx, k, v)
}

// Silent: a branch that leaves.
func branchLeaves(ctx context.Context, v string, own bool) context.Context {
	k := "run_id"
	if own {
		k = "project"
		slog.Info("tracing", k, v)
		return ctx
	}
	return put(ctx, k, v)
}

// Silent: shared keys and keys of others.
func sharedKeys(ctx context.Context, v string) context.Context {
	for _, k := range []string{"run_id", "dataset_id", "datapoint_id", "honeyhive_tracer_id", "region", "correlation_id"} {
		ctx = put(ctx, k, v)
	}
	return ctx
}

// Silent: words that contain a key's name.
func similarWords(ctx context.Context, v string) context.Context {
	for _, k := range []string{"projection", "projects", "obsession_id", "resource", "data_source", "traffic.source", "project_count"} {
		ctx = put(ctx, k, v)
	}
	return ctx
}

// Silent: "project" as a value.
func keyAsValue(ctx context.Context) context.Context {
	return put(ctx, "scope", "project")
}

// Silent: a property's key.
func propertyKey(ctx context.Context, run, p string) context.Context {
	prop, _ := otelbaggage.NewKeyValueProperty("project", p)
	m, _ := otelbaggage.NewMember("run_id", run, prop)
	b, _ := otelbaggage.New(m)
	return otelbaggage.ContextWithBaggage(ctx, b)
}

// Silent: a property in a header's text.
func propertyInText(ctx context.Context, run, p string) context.Context {
	b, _ := otelbaggage.Parse("run_id=" + run + ";project=" + p)
	return otelbaggage.ContextWithBaggage(ctx, b)
}

// Silent: a member that is made to see whether it can be.
func validates(v string) bool {
	_, err := otelbaggage.NewMember("project", v)
	return err == nil
}

// Silent: a member that is only compared.
func compares(ctx context.Context, v string) bool {
	m, err := otelbaggage.NewMember("project", v)
	return err == nil && otelbaggage.FromContext(ctx).Member("project").Value() == m.Value()
}

// Silent: a member that is only printed.
func prints(v string) {
	m, _ := otelbaggage.NewMember("session_id", v)
	fmt.Println(m.String())
}

// Silent: the result of SetMember is dropped.
func droppedBaggage(ctx context.Context, v string) context.Context {
	m, _ := otelbaggage.NewMember("project", v)
	otelbaggage.FromContext(ctx).SetMember(m)
	return ctx
}

// Silent: the context with the member is dropped.
func droppedContext(ctx context.Context, v string) {
	m, _ := otelbaggage.NewMember("project", v)
	b, _ := otelbaggage.New(m)
	_ = otelbaggage.ContextWithBaggage(ctx, b)
}

// Silent: baggage.Parse to validate.
func parseValidates(header string) error {
	if _, err := otelbaggage.Parse("project=x"); err != nil {
		return errors.New("the parser is broken")
	}
	_, err := otelbaggage.Parse(header)
	return err
}

// Silent: baggage.Parse as a parser of lists.
func parseList() (map[string]string, error) {
	b, err := otelbaggage.Parse(os.Getenv("APP_HEADERS"))
	if err != nil {
		return nil, err
	}
	out := make(map[string]string)
	for _, m := range b.Members() {
		out[m.Key()] = m.Value()
	}
	return out, nil
}

// Silent: inbound baggage that is forwarded.
func forwards(ctx context.Context, r *http.Request) context.Context {
	b, err := otelbaggage.Parse(r.Header.Get("baggage"))
	if err != nil {
		return ctx
	}
	return otelbaggage.ContextWithBaggage(ctx, b)
}

// Silent: inbound members that are copied one by one.
func copiesMembers(ctx context.Context, in otelbaggage.Baggage) context.Context {
	out := otelbaggage.FromContext(ctx)
	for _, m := range in.Members() {
		out, _ = out.SetMember(m)
	}
	return otelbaggage.ContextWithBaggage(ctx, out)
}

// Silent: members that are made again from inbound ones.
func remakesMembers(ctx context.Context, in otelbaggage.Baggage) context.Context {
	for _, m := range in.Members() {
		ctx = put(ctx, m.Key(), strings.TrimSpace(m.Value()))
	}
	return ctx
}

// Silent: a propagator that extracts and injects.
func propagates(ctx context.Context, in, out http.Header) {
	p := propagation.Baggage{}
	p.Inject(p.Extract(ctx, propagation.HeaderCarrier(in)), propagation.HeaderCarrier(out))
}

// Silent: the header of a request that is handed on.
func handsOn(in, out *http.Request) {
	out.Header.Set("Baggage", in.Header.Get("Baggage"))
}

// Silent: the text of the context's own baggage.
func writesOwn(ctx context.Context, r *http.Request) {
	r.Header.Set("baggage", otelbaggage.FromContext(ctx).String())
}

// Silent: another vendor's members, with user names in their values.
func sentryHeader(r *http.Request) {
	r.Header.Set("baggage", "sentry-environment=prod,sentry-transaction=GET%20%2Fproject,sentry-trace_id=1,sentry-sample_rate=1")
}

// Silent: another vendor's keys.
func sentryKeys(ctx context.Context, v string) context.Context {
	ctx = put(ctx, "sentry-public_project", v)
	return put(ctx, "sentry-project", v)
}

// Silent: another header with such a key.
func otherHeader(r *http.Request, p string) {
	r.Header.Set("x-context", "project="+p)
	r.Header.Set("project", p)
}

// Silent: other gRPC metadata.
func otherMetadata(ctx context.Context, p string) context.Context {
	return metadata.AppendToOutgoingContext(ctx, "project", p, "x-session-id", "baggage")
}

// Silent: a carrier with other entries.
func otherCarrier(p string) propagation.MapCarrier {
	return propagation.MapCarrier{"project": p, "traceparent": "00-1-2-01"}
}

// Silent: a map with a key "baggage" that is no carrier.
func plainMap(p string) map[string]string {
	return map[string]string{"baggage": "project=" + p}
}

// Silent: a package of the same name.
func sameName(ctx context.Context, v string) context.Context {
	m, _ := baggage.NewMember("project", v)
	_ = m
	return baggage.Set(ctx, "session_id", v)
}

// Silent: a method SetBaggageItem of a type that is no span.
func sameMethod(v string) {
	var s baggage.Span
	s.SetBaggageItem("project", v)
}

type shadow struct{}

func (shadow) NewMember(key, value string) (string, error) { return key + value, nil }

// Silent: a variable that shadows the package.
func shadowed(v string) string {
	otelbaggage := shadow{}
	s, _ := otelbaggage.NewMember("project", v)
	return s
}

// Silent: Datadog's reading and removing.
func datadogReads(ctx context.Context) context.Context {
	if _, ok := ddbaggage.Get(ctx, "project"); ok {
		ctx = ddbaggage.Remove(ctx, "project")
	}
	return ctx
}

// Silent: span attributes.
func spanAttributes(span trace.Span, p string) {
	span.SetAttributes(attribute.String("project", p), attribute.String("honeyhive.session_id", p))
}

// Silent: resource attributes.
func resourceAttributes(p string) *resource.Resource {
	return resource.NewSchemaless(attribute.String("project", p))
}

// Silent: labels of a metric.
func metricLabels(ctx context.Context, c metric.Int64Counter, p string) {
	c.Add(ctx, 1, metric.WithAttributes(attribute.String("project", p), attribute.String("session_id", p)))
}

// Silent: log fields.
func logFields(ctx context.Context, p string) {
	slog.InfoContext(ctx, "call", "project", p, "session_id", p)
}

type contextKey string

// Silent: a value on the context that is not baggage.
func contextValue(ctx context.Context, p string) context.Context {
	return context.WithValue(ctx, contextKey("project"), p)
}

// Silent: what the tracer is given directly.
func tracerOptions(ctx context.Context, p, s string) (*honeyhive.Tracer, error) {
	return honeyhive.New(ctx, honeyhive.WithProject(p), honeyhive.WithSource(s))
}

// Silent: metadata of a span that is called project.
func enriches(ctx context.Context, t *honeyhive.Tracer, p string) bool {
	return t.EnrichSpan(ctx, honeyhive.Metadata{"project": p, "session_id": p})
}

// Silent: a key from a request.
func unknownKey(ctx context.Context, r *http.Request) context.Context {
	return put(ctx, r.FormValue("key"), r.FormValue("value"))
}

// Silent: a key from the environment.
func environmentKey(ctx context.Context, v string) context.Context {
	return put(ctx, os.Getenv("BAGGAGE_KEY"), v)
}

// Silent: a key of which only the beginning is known.
func unknownEnd(ctx context.Context, id, v string) context.Context {
	return put(ctx, "project."+id, v)
}

// Silent: the keys of a map that a caller gives.
func unknownMap(ctx context.Context, items map[string]string) (context.Context, error) {
	return honeyhive.ContextWithBaggage(ctx, items)
}

// Silent: a table whose other column has the word.
func otherColumn(ctx context.Context) context.Context {
	for _, item := range []struct{ key, value string }{{"run_id", "project"}, {"dataset_id", "session_id"}} {
		ctx = put(ctx, item.key, item.value)
	}
	return ctx
}

// Silent: the values of a map whose keys are per-tracer.
func otherSideOfMap(ctx context.Context, v string) context.Context {
	for _, k := range map[string]string{"project": "run_id", "session": "dataset_id"} {
		ctx = put(ctx, k, v)
	}
	return ctx
}

// Silent: an element of the rest of a list, behind the one that is per-tracer.
func restWithout(ctx context.Context, v string) context.Context {
	ks := []string{"project", "run_id", "dataset_id"}[1:]
	return put(ctx, ks[0], v)
}

// Silent: a map with such keys that is only looked at.
func looksUp(ctx context.Context, k, v string) context.Context {
	names := map[string]string{"project": "Project", "source": "Source"}
	slog.Info("set", "name", names[k])
	return put(ctx, "run_id", v)
}

// Silent: a switch without a tag that lets other keys through.
func switchedOthers(ctx context.Context, items map[string]string) context.Context {
	for k, v := range items {
		switch {
		case k == "project", k == "session_id":
			continue
		case k == "run_id":
			ctx = put(ctx, k, v)
		}
	}
	return ctx
}

// Silent: bytes and runes that become strings.
func conversions(ctx context.Context, raw []byte, r rune, v string) context.Context {
	ctx = put(ctx, string(raw), v)
	return put(ctx, string(r), v)
}

// Silent: a replacement that makes another word of the key.
func replaced(ctx context.Context, k, v string) context.Context {
	return put(ctx, strings.ReplaceAll("project", "project", "region"), v)
}
