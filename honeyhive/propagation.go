package honeyhive

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"go.opentelemetry.io/otel/baggage"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"github.com/honeyhiveai/hhvet/internal/tracekey"
)

// contextHeader carries every injecting tracer's session and span under the
// tracer's realm:
//
//	honeyhive-context: 4a5e1e4baab89f3a:<session>:<trace>-<span>-01,…
//
// traceparent and baggage, which carry them too, hold one span and one
// session only, and any instrumentation on the way may overwrite them.
const contextHeader = "honeyhive-context"

const (
	baggageHeader = "baggage"
	// maxEntries bounds how many tracers a request carries.
	maxEntries = 8
)

var traceContext propagation.TraceContext

// propagator carries one tracer's context between services.
type propagator struct{ tracer *Tracer }

// Propagator returns t as an OpenTelemetry propagator, for instrumentation
// libraries that take one.
func (t *Tracer) Propagator() propagation.TextMapPropagator { return propagator{t} }

// Inject writes what the next service needs to continue this tracer's trace
// and session: the W3C headers traceparent, tracestate and baggage, which
// HoneyHive's other SDKs read too, and honeyhive-context. Of ctx's baggage it
// passes on what no single tracer owns. Several tracers may inject into one
// carrier.
func (t *Tracer) Inject(ctx context.Context, carrier propagation.TextMapCarrier) {
	t.Propagator().Inject(ctx, carrier)
}

// Extract returns ctx with the remote parent and the session that a carrier
// holds for this tracer: those of a tracer with the same project, or where
// neither has a project with the same API key. From a service that does not
// say whose they are, such as one with HoneyHive's Python SDK, it takes the
// traceparent and the session in baggage.
//
// A carrier is input from outside. It can make spans join a session; it
// cannot choose their project, source or API key.
func (t *Tracer) Extract(ctx context.Context, carrier propagation.TextMapCarrier) context.Context {
	return t.Propagator().Extract(ctx, carrier)
}

// Fields returns the headers that Inject writes.
func (propagator) Fields() []string {
	return append(traceContext.Fields(), baggageHeader, contextHeader)
}

func (p propagator) Inject(ctx context.Context, carrier propagation.TextMapCarrier) {
	t := p.tracer
	if !t.enabled() || ctx == nil || isNil(carrier) {
		return
	}
	own := t.place(ctx)
	e := entry{realm: t.realm, session: t.sessionIn(own).id}
	if own.near != nil {
		// Where another tracer's span is current the next service still has
		// to find its parent in this tracer's project.
		e.parent = own.near.SpanContext()
		traceContext.Inject(trace.ContextWithSpan(ctx, own.near), carrier)
	} else {
		if sc := trace.SpanContextFromContext(ctx); sc.IsRemote() {
			e.parent = sc
		}
		traceContext.Inject(ctx, carrier)
	}
	carrier.Set(contextHeader, addEntry(headerOf(carrier, contextHeader), e))
	if header := outgoingBaggage(headerOf(carrier, baggageHeader), baggage.FromContext(ctx), e.session); header != "" {
		carrier.Set(baggageHeader, header)
	}
}

// headerOf returns a header as one list: a proxy may have made several of it.
func headerOf(carrier propagation.TextMapCarrier, name string) string {
	if c, ok := carrier.(propagation.ValuesGetter); ok {
		return strings.Join(c.Values(name), ",")
	}
	return carrier.Get(name)
}

// outgoingBaggage adds to a baggage header what of bag no tracer owns, and
// the session under the name that HoneyHive's other SDKs read.
func outgoingBaggage(header string, bag baggage.Baggage, session string) string {
	out, _ := baggage.Parse(header) // of a malformed one what is left of it
	out, _ = addShared(out, bag)
	//hhvet:ignore globalbaggage a header of this request alone, where HoneyHive's other SDKs look for the session
	if m, err := baggage.NewMemberRaw(tracekey.SessionID, session); err == nil {
		if with, err := out.SetMember(m); err == nil {
			out = with
		}
	}
	return out.String()
}

// addShared adds to bag what of another no tracer owns, and no other service
// finds a tracer by. It reports whether there was anything.
func addShared(bag, other baggage.Baggage) (_ baggage.Baggage, changed bool) {
	for _, m := range other.Members() {
		if _, kind := tracekey.Classify(m.Key()); kind == tracekey.PerTracer || kind == tracekey.Discovery {
			continue
		}
		if with, err := bag.SetMember(m); err == nil {
			bag, changed = with, true
		}
	}
	return bag, changed
}

func (p propagator) Extract(ctx context.Context, carrier propagation.TextMapCarrier) context.Context {
	t := p.tracer
	if ctx == nil {
		ctx = context.Background()
	}
	if !t.enabled() || isNil(carrier) {
		return ctx
	}
	// Parsed apart from ctx: what OpenTelemetry's propagators find must not
	// reach it as it is.
	remote := trace.SpanContextFromContext(traceContext.Extract(context.Background(), carrier))
	bag, _ := baggage.Parse(headerOf(carrier, baggageHeader)) // of a malformed one what is left of it
	entries := parseEntries(headerOf(carrier, contextHeader))

	c := &scopeContext{scope: t.place(ctx)}
	if outer := t.sessionIn(c.scope); outer != t.session {
		// It outlasts the span that has it, which the sender's replaces.
		c.scope.session = outer
	}
	before := c.scope.near
	inherited, _ := t.experimentOf(before)
	owner := t
	if len(entries) > 0 {
		// The sender says whose its spans are: not this tracer's, unless it
		// says so.
		owner = nil
	}
	for _, e := range entries {
		if e.realm != t.realm {
			continue
		}
		c.scope.session = &session{id: e.session}
		if e.parent.IsValid() {
			near := remoteParent(e.parent, t)
			c.scope.near = near
			if !remote.IsValid() || remote.SpanID() == e.parent.SpanID() {
				remote, owner = near.SpanContext().WithTraceState(remote.TraceState()), t
			}
		}
	}
	if len(entries) == 0 {
		if id := sessionInBaggage(bag); id != "" {
			c.scope.session = &session{id: uuidOf(id)}
		}
	}
	if remote.IsValid() {
		current := remoteParent(remote, owner)
		if owner == t {
			c.scope.near = current
		}
		if !t.insideStranger(ctx) {
			ctx = trace.ContextWithSpan(ctx, current)
		}
	}
	c.Context = withIncomingBaggage(ctx, bag)
	c.scope.seen = trace.SpanFromContext(c.Context)
	if near, ok := c.scope.near.(*remoteSpan); ok && c.scope.near != before {
		near.session, near.experiment = c.scope.session, inherited
		near.experiment = t.experimentIn(c, c.scope)
	}
	return c
}

// remoteParent returns sc as a remote parent that belongs to owner, or to nobody
// here where that is nil.
func remoteParent(sc trace.SpanContext, owner *Tracer) *remoteSpan {
	return &remoteSpan{Span: trace.SpanFromContext(trace.ContextWithRemoteSpanContext(context.Background(), sc)), tracer: owner}
}

// insideStranger reports whether the current span of ctx is somebody else's
// and made in this process: then it stays current, for its owner's sake.
func (t *Tracer) insideStranger(ctx context.Context) bool {
	switch current := trace.SpanFromContext(ctx).(type) {
	case *span:
		return current.tracer != t
	case *remoteSpan:
		return false
	default:
		sc := current.SpanContext()
		return sc.IsValid() && !sc.IsRemote()
	}
}

// withIncomingBaggage adds to ctx what a bag from outside may say: nothing
// about a tracer, not even which one to find.
func withIncomingBaggage(ctx context.Context, incoming baggage.Baggage) context.Context {
	bag, changed := addShared(baggage.FromContext(ctx), incoming)
	if !changed {
		return ctx
	}
	return baggage.ContextWithBaggage(ctx, bag)
}

// entry is what contextHeader holds of one tracer.
type entry struct {
	realm   string
	session string
	parent  trace.SpanContext // invalid where the sender had no span
}

// realm names who may continue a tracer's context in another service without
// telling anybody else: a digest of the project, or of the key that stands
// for one.
func realm(project, key string) string {
	sum := sha256.Sum256([]byte("honeyhive realm\x00" + project))
	if project == "" {
		sum = sha256.Sum256([]byte("honeyhive realm of key\x00" + key))
	}
	return hex.EncodeToString(sum[:8])
}

func (e entry) String() string {
	s := e.realm + ":" + e.session + ":"
	if !e.parent.IsValid() {
		return s
	}
	return s + e.parent.TraceID().String() + "-" + e.parent.SpanID().String() + "-" + e.parent.TraceFlags().String()
}

// addEntry adds e to a header, in place of the entry that its realm has.
func addEntry(header string, e entry) string {
	parts := []string{e.String()}
	for _, other := range parseEntries(header) {
		if other.realm != e.realm && len(parts) < maxEntries {
			parts = append(parts, other.String())
		}
	}
	return strings.Join(parts, ",")
}

// parseEntries returns the well-formed entries of a header.
func parseEntries(header string) []entry {
	if len(header) > maxEntries*256 {
		return nil
	}
	var entries []entry
	for part := range strings.SplitSeq(header, ",") {
		fields := strings.Split(strings.TrimSpace(part), ":")
		if len(fields) != 3 || len(fields[0]) != 16 || !isHex(fields[0]) {
			continue
		}
		e := entry{realm: fields[0]}
		var ok bool
		if e.session, ok = parseUUID(fields[1]); !ok {
			continue
		}
		e.parent = parseParent(fields[2])
		entries = append(entries, e)
	}
	return entries
}

func isHex(s string) bool {
	return strings.Trim(s, "0123456789abcdef") == ""
}

// parseParent parses trace-span-flags. What it does not understand is no
// parent.
func parseParent(s string) trace.SpanContext {
	parts := strings.Split(s, "-")
	if len(parts) != 3 || len(parts[2]) != 2 {
		return trace.SpanContext{}
	}
	traceID, err1 := trace.TraceIDFromHex(parts[0])
	spanID, err2 := trace.SpanIDFromHex(parts[1])
	flags, err3 := hex.DecodeString(parts[2])
	if err1 != nil || err2 != nil || err3 != nil {
		return trace.SpanContext{}
	}
	return trace.NewSpanContext(trace.SpanContextConfig{
		TraceID: traceID, SpanID: spanID, TraceFlags: trace.TraceFlags(flags[0]) & trace.FlagsSampled, Remote: true,
	})
}
