// Package header sets the baggage header by hand.
package header

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"go.opentelemetry.io/otel/baggage"
	"go.opentelemetry.io/otel/propagation"
	"google.golang.org/grpc/metadata"
)

// Reported: http.Header.Set.
func headerSet(r *http.Request, p string) {
	r.Header.Set("baggage", "project="+p) // want `per-tracer key "project" is sent in the baggage header`
}

// Reported: http.Header.Add with the name in another letter case.
func headerAdd(r *http.Request, p string) {
	r.Header.Add("Baggage", "run_id=1, session_id="+p) // want `per-tracer key "session_id"`
}

// Reported: an entry of an http.Header literal.
func headerLiteral(p string) http.Header {
	return http.Header{
		"Accept":  {"application/json"},
		"Baggage": {"honeyhive.project=" + p}, // want `per-tracer key "honeyhive.project"`
	}
}

// Reported: an assignment to an entry of an http.Header.
func headerAssign(h http.Header, p string) {
	h["Baggage"] = []string{"project=" + p} // want `per-tracer key "project"`
}

// Reported: metadata.Pairs.
func grpcPairs(ctx context.Context, p string) context.Context {
	return metadata.NewOutgoingContext(ctx, metadata.Pairs("x-request", "1", "baggage", "project="+p)) // want `per-tracer key "project"`
}

// Reported: metadata.New of a map.
func grpcNew(p string) metadata.MD {
	return metadata.New(map[string]string{"baggage": "project=" + p}) // want `per-tracer key "project"`
}

// Reported: metadata.AppendToOutgoingContext.
func grpcAppend(ctx context.Context, p string) context.Context {
	return metadata.AppendToOutgoingContext(ctx, "baggage", "session_id="+p) // want `per-tracer key "session_id"`
}

// Reported: metadata.MD.Set and Append.
func grpcSet(md metadata.MD, p string) {
	md.Set("baggage", "session_id="+p) // want `per-tracer key "session_id"`
	md.Append("BAGGAGE", "project="+p) // want `per-tracer key "project"`
}

// Reported: a metadata.MD literal.
func grpcLiteral(p string) metadata.MD {
	return metadata.MD{"baggage": {"project=" + p}} // want `per-tracer key "project"`
}

// Reported: a propagation.MapCarrier literal.
func mapCarrier(p string) propagation.MapCarrier {
	return propagation.MapCarrier{"baggage": "project=" + p} // want `per-tracer key "project"`
}

// Reported: MapCarrier.Set and an assignment.
func mapCarrierSet(c propagation.MapCarrier, p string) {
	c.Set("baggage", "project="+p)   // want `per-tracer key "project"`
	c["baggage"] = "session_id=" + p // want `per-tracer key "session_id"`
}

// Reported: HeaderCarrier.Set.
func headerCarrierSet(h http.Header, p string) {
	propagation.HeaderCarrier(h).Set("baggage", "project="+p) // want `per-tracer key "project"`
}

// Reported: Set of any propagation.TextMapCarrier.
func textMapCarrierSet(c propagation.TextMapCarrier, p string) {
	c.Set("baggage", "project="+p) // want `per-tracer key "project"`
}

// Reported: a map that becomes a carrier.
func mapBecomesCarrier(p string) propagation.TextMapCarrier {
	m := map[string]string{"baggage": "project=" + p} // want `per-tracer key "project"`
	return propagation.MapCarrier(m)
}

const name = "baggage"

// Reported: the header's name and value in variables.
func headerVariables(h http.Header, p string) {
	value := fmt.Sprintf("project=%s;env=prod", p)
	h.Set(name, value) // want `per-tracer key "project"`
}

// Reported: the header's members joined from a list.
func headerJoin(h http.Header, p, run string) {
	h.Set("baggage", strings.Join([]string{"run_id=" + run, "project=" + p}, ",")) // want `per-tracer key "project"`
}

// Reported: baggage.Parse of a concatenation.
func parseConcat(ctx context.Context, p string) (context.Context, error) {
	b, err := baggage.Parse("project=" + p) // want `per-tracer key "project" enters baggage`
	return baggage.ContextWithBaggage(ctx, b), err
}

// Reported: baggage.Parse of fmt.Sprintf.
func parseSprintf(ctx context.Context, p string, n int) context.Context {
	b, _ := baggage.Parse(fmt.Sprintf("attempt=%d,project=%s", n, p)) // want `per-tracer key "project"`
	return baggage.ContextWithBaggage(ctx, b)
}

// Reported: baggage.Parse of text that += builds.
func parseAppended(ctx context.Context, p, run string) context.Context {
	list := "run_id=" + run
	if p != "" {
		list += ",project=" + p
	}
	b, _ := baggage.Parse(list) // want `per-tracer key "project"`
	return baggage.ContextWithBaggage(ctx, b)
}

func setHeader(r *http.Request, name, value string) { r.Header.Set(name, value) }

// Reported: a function that sets any header.
func anyHeader(r *http.Request, p string) {
	setHeader(r, "X-Project", "project="+p)
	setHeader(r, "baggage", "project="+p) // want `per-tracer key "project" enters baggage through setHeader`
}

type grpcCarrier metadata.MD

func (c grpcCarrier) Set(name, value string) { metadata.MD(c).Set(strings.ToLower(name), value) }

// Reported: a carrier of one's own.
func ownCarrier(md metadata.MD, p string) {
	grpcCarrier(md).Set("tracestate", "project="+p)
	grpcCarrier(md).Set("Baggage", "session_id="+p) // want `per-tracer key "session_id" enters baggage through grpcCarrier.Set`
}

// Reported: a map of headers that a loop sets.
func headerMap(r *http.Request, p string) {
	for name, value := range map[string]string{
		"x-options": "project=" + p,
		"baggage":   "session_id=" + p, // want `per-tracer key "session_id" is sent in the baggage header`
	} {
		r.Header.Set(name, value)
	}
}

type transport struct{ headers map[string]string }

func (t transport) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	for name, value := range t.headers {
		setHeader(r, name, value)
	}
	return http.DefaultTransport.RoundTrip(r)
}

// Reported: a transport's map of headers.
func transportHeaders(p string) http.RoundTripper {
	return transport{headers: map[string]string{
		"x-options": "session_id=" + p,
		"baggage":   "project=" + p, // want `per-tracer key "project" enters baggage through setHeader`
	}}
}

// Reported: members that are appended one by one, each where it is made.
func headerAppended(h http.Header, p, run string) {
	members := []string{"run_id=" + run}
	if p != "" {
		members = append(members, fmt.Sprintf("project=%s", p)) // want `per-tracer key "project" is sent in the baggage header`
	}
	h.Set("baggage", strings.Join(members, ","))
}
