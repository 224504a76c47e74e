package honeyhive

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"go.opentelemetry.io/otel/baggage"

	"github.com/honeyhiveai/hhvet/honeyhive/internal/backend"
	"github.com/honeyhiveai/hhvet/internal/tracekey"
)

// session is immutable, so that contexts can share it.
type session struct {
	id   string
	name string
	// autoCreate asks HoneyHive to create the session from its first span,
	// because nobody else is known to have done so.
	autoCreate bool
	// await, where set, waits until HoneyHive knows a session that is created
	// in the background.
	await func(context.Context) error
}

// A SessionOption configures StartSession. The map fields are session options
// too: they become the session's inputs, metadata and so on.
type SessionOption interface{ applySession(*sessionConfig) }

type sessionConfig struct {
	id, name string
	fields   []Field
}

func (f Metadata) applySession(c *sessionConfig)       { c.fields = append(c.fields, f) }
func (f Metrics) applySession(c *sessionConfig)        { c.fields = append(c.fields, f) }
func (f Feedback) applySession(c *sessionConfig)       { c.fields = append(c.fields, f) }
func (f Inputs) applySession(c *sessionConfig)         { c.fields = append(c.fields, f) }
func (f Outputs) applySession(c *sessionConfig)        { c.fields = append(c.fields, f) }
func (f Config) applySession(c *sessionConfig)         { c.fields = append(c.fields, f) }
func (f UserProperties) applySession(c *sessionConfig) { c.fields = append(c.fields, f) }

// StartSession creates a session and returns a context in which this
// tracer's spans belong to it. Spans of this tracer that are open in ctx and
// have no session but the tracer's own, such as the server's span of a request,
// join it. Nothing else changes: other contexts, other tracers and the tracer
// itself stay as they are.
//
// The call to HoneyHive ends with ctx, and after the API timeout at the
// latest. Where HoneyHive cannot be reached that is logged, not returned: the
// session keeps its id, and HoneyHive creates it from its first span. The
// error is about the options, and the context is usable even then.
func (t *Tracer) StartSession(ctx context.Context, opts ...SessionOption) (context.Context, error) {
	if ctx == nil {
		ctx = context.Background()
	}
	if !t.enabled() {
		return ctx, nil
	}
	var cfg sessionConfig
	for _, opt := range opts {
		if opt == nil {
			return ctx, errors.New("honeyhive: StartSession: nil option")
		}
		opt.applySession(&cfg)
	}
	s := &session{id: uuidOf(cfg.id), name: cfg.name, autoCreate: true}
	if t.backend != nil {
		id, err := t.backend.StartSession(ctx, t.sessionBody(ctx, s, cfg.fields))
		if err != nil {
			warn(t.logger, "HoneyHive session could not be created; its first span will create it",
				"session_id", s.id, "error", err)
		} else {
			s.autoCreate = false
			if id, err := uuid.Parse(id); err == nil {
				s.id = id.String()
			}
		}
	}
	return t.enter(ctx, s), nil
}

// JoinSession returns a context in which this tracer's spans belong to the
// session id, which somebody else creates. Spans that are open in ctx join it as
// in [Tracer.StartSession]. Nothing is sent. What is not a
// UUID is mapped to one, as in [WithSessionID].
func (t *Tracer) JoinSession(ctx context.Context, id string) context.Context {
	if ctx == nil {
		ctx = context.Background()
	}
	if !t.enabled() || id == "" {
		return ctx
	}
	return t.enter(ctx, &session{id: uuidOf(id)})
}

// SessionID returns the id of the session to which a span belongs that t
// starts in ctx.
func (t *Tracer) SessionID(ctx context.Context) string {
	if !t.enabled() {
		return ""
	}
	if ctx == nil {
		return t.session.id
	}
	return t.sessionIn(t.place(ctx)).id
}

// sessionSpellings are the baggage keys under which HoneyHive's SDKs send a
// session to the next service.
var sessionSpellings = [...]string{tracekey.SessionID, "honeyhive.session_id", "honeyhive_session_id"}

func sessionInBaggage(bag baggage.Baggage) string {
	for _, key := range sessionSpellings {
		if id := bag.Member(key).Value(); id != "" {
			return id
		}
	}
	return ""
}

// uuidOf returns id as a UUID in its canonical spelling. An empty id is a new
// one. Any other string is mapped to its UUIDv5 in the URL namespace, so that
// services which share a correlation id share a session.
func uuidOf(id string) string {
	if id == "" {
		return uuid.NewString()
	}
	if u, ok := parseUUID(id); ok {
		return u
	}
	return uuid.NewSHA1(uuid.NameSpaceURL, []byte(id)).String()
}

// parseUUID returns id in lower case where it is a UUID in the usual form of
// 36 characters.
func parseUUID(id string) (string, bool) {
	if len(id) != 36 {
		return "", false
	}
	u, err := uuid.Parse(id)
	if err != nil {
		return "", false
	}
	return u.String(), true
}

func (t *Tracer) sessionBody(ctx context.Context, s *session, fields []Field) backend.Session {
	name := t.redact.text(string(sessionKey), valid(s.name))
	body := backend.Session{
		SessionID:   s.id,
		SessionName: name,
		EventName:   name,
		Source:      t.source,
		Project:     t.project,
	}
	event := t.eventBody(fields)
	body.Inputs, body.Outputs, body.Config = event.inputs, event.Outputs, event.Config
	body.Metadata, body.Metrics, body.Feedback = event.Metadata, event.Metrics, event.Feedback
	body.UserProperties = event.UserProperties
	if e := t.experimentIn(ctx, t.place(ctx)); e != (experiment{}) {
		body.Metadata = e.into(body.Metadata)
	}
	return body
}

// into returns m with the experiment's ids added.
func (e experiment) into(m map[string]any) map[string]any {
	if m == nil {
		m = make(map[string]any)
	}
	for key, value := range map[string]string{
		tracekey.RunID: e.runID, tracekey.DatasetID: e.datasetID, tracekey.DatapointID: e.datapointID,
	} {
		if value != "" {
			m[key] = value
		}
	}
	return m
}

// EnrichSession adds fields to this tracer's session in ctx, or to the one
// that a [SessionID] among them names. HoneyHive merges them into what the
// session has. Inputs of a session are fixed when it starts: later ones go to
// its metadata, under "inputs".
//
// The call ends with ctx, and after the API timeout at the latest. The error
// says why HoneyHive did not take the fields. Without fields, or where the
// tracer sends nothing, EnrichSession does nothing.
func (t *Tracer) EnrichSession(ctx context.Context, fields ...Field) error {
	if other, ok := explicitTracer(fields); ok {
		t = other
	}
	if !t.enabled() || t.backend == nil {
		return nil
	}
	id := t.SessionID(ctx)
	for _, f := range fields {
		if given, ok := f.(SessionID); ok && given != "" {
			id = uuidOf(string(given))
		}
	}
	body := t.eventBody(fields)
	if body.empty() {
		return nil
	}
	if ctx == nil {
		ctx = context.Background()
	}
	if s := t.sessionIn(t.place(ctx)); s.id == id && s.await != nil {
		if err := s.await(ctx); err != nil {
			return fmt.Errorf("honeyhive: enrich session %s: %w", id, err)
		}
	}
	if err := t.backend.UpdateEvent(ctx, id, body.update()); err != nil {
		return fmt.Errorf("honeyhive: enrich session %s: %w", id, err)
	}
	return nil
}

// enrichEvent updates an event through the API.
func (t *Tracer) enrichEvent(ctx context.Context, id string, fields []Field) bool {
	body := t.eventBody(fields)
	if t.backend == nil || id == "" || body.empty() {
		return false
	}
	if err := t.backend.UpdateEvent(ctx, id, body.update()); err != nil {
		warn(t.logger, "HoneyHive event could not be updated", "event_id", id, "error", err)
		return false
	}
	return true
}

// eventBody is an update of an event as the API takes it, and what the API
// takes under another name.
type eventBody struct {
	backend.EventUpdate
	inputs map[string]any
	err    string
}

func (t *Tracer) eventBody(fields []Field) eventBody {
	var b eventBody
	for _, f := range fields {
		prefix, values := namespace(f)
		var into *map[string]any
		switch f := f.(type) {
		case Metadata:
			into = &b.Metadata
		case Metrics:
			into = &b.Metrics
		case Feedback:
			into = &b.Feedback
		case Inputs:
			into = &b.inputs
		case Outputs:
			into = &b.Outputs
		case Config:
			into = &b.Config
		case UserProperties:
			into = &b.UserProperties
		case errorField:
			if !isNil(f.err) {
				b.err = t.redact.text(string(errorKey), errorText(f.err))
			}
			continue
		default:
			continue
		}
		for k, v := range t.tree(prefix, values) {
			if *into == nil {
				*into = make(map[string]any)
			}
			(*into)[k] = v
		}
	}
	return b
}

func (b eventBody) empty() bool {
	return b.err == "" && len(b.inputs)+len(b.Metadata)+len(b.Metrics)+len(b.Feedback)+
		len(b.Outputs)+len(b.Config)+len(b.UserProperties) == 0
}

// update returns the body with inputs and error in the metadata: an update
// cannot change the event's own.
func (b eventBody) update() backend.EventUpdate {
	u := b.EventUpdate
	if len(b.inputs) == 0 && b.err == "" {
		return u
	}
	if u.Metadata == nil {
		u.Metadata = make(map[string]any)
	}
	if len(b.inputs) > 0 {
		u.Metadata["inputs"] = b.inputs
	}
	if b.err != "" {
		u.Metadata["error"] = b.err
	}
	return u
}
