// Package honeyhivetest is a HoneyHive in the test's own process.
//
// A [Backend] answers what the SDK asks of HoneyHive (sessions, events, OTLP
// spans, runs and datasets) without a port, a network or an account, and
// keeps what it received. Reading it flushes the tracers that it made, so
// that a test never sleeps or polls:
//
//	backend := honeyhivetest.NewBackend(t)
//	tracer := backend.NewTracer(honeyhive.WithProject("checkout"))
//	answer(ctx, tracer, "why?")
//	span := backend.RequireSpan("answer")
//	if span.Project() != "checkout" {
//		t.Errorf("project = %q", span.Project())
//	}
//
// [Backend.Inject] makes it fail as real backends do.
package honeyhivetest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/honeyhiveai/hhvet/honeyhive"
)

// URL is the backend's address for tracers that use its client.
const URL = "http://honeyhive.test"

// APIKey is the key of the tracers that NewTracer makes, unless they are
// given another.
const APIKey = "honeyhivetest-key"

// Backend is a HoneyHive in the process. It is an [http.Handler], for
// httptest.NewServer, and an [http.RoundTripper]. Its methods may be called
// concurrently.
type Backend struct {
	tb  testing.TB
	mux *http.ServeMux

	mu       sync.Mutex
	tracers  []*honeyhive.Tracer
	requests []Request
	faults   []*Fault
	spans    []Span
	sessions []*Session
	events   []*Event
	runs     []*Run
	datasets []Dataset
	healed   chan struct{} // closed by Heal, to let go of what hangs
}

// NewBackend returns a backend that lives as long as the test.
func NewBackend(tb testing.TB) *Backend {
	b := &Backend{tb: tb, mux: http.NewServeMux(), healed: make(chan struct{})}
	b.routes()
	tb.Cleanup(b.Heal)
	return b
}

// NewTracer returns a tracer that sends to b and is shut down when the test
// ends. It fails the test where the options are wrong.
func (b *Backend) NewTracer(opts ...honeyhive.Option) *honeyhive.Tracer {
	b.tb.Helper()
	t, err := honeyhive.New(context.Background(), append(b.Options(), opts...)...)
	if err != nil {
		b.tb.Fatalf("honeyhivetest: %v", err)
	}
	b.Watch(t)
	b.tb.Cleanup(func() {
		b.Heal()
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := t.Shutdown(ctx); err != nil {
			b.tb.Logf("honeyhivetest: %v", err)
		}
	})
	return t
}

// Options are those that make a tracer send to b, for code that calls
// honeyhive.New itself. See [Backend.Watch].
func (b *Backend) Options() []honeyhive.Option {
	return []honeyhive.Option{
		honeyhive.WithServerURL(URL),
		honeyhive.WithAPIKey(APIKey),
		honeyhive.WithHTTPClient(b.Client()),
	}
}

// Watch makes b flush a tracer before it is read, as it does with those of
// NewTracer.
func (b *Backend) Watch(t *honeyhive.Tracer) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.tracers = append(b.tracers, t)
}

// Client returns a client whose requests all reach b.
func (b *Backend) Client() *http.Client { return &http.Client{Transport: b} }

// flushTimeout bounds what a backend that is made to hang costs a test.
const flushTimeout = 10 * time.Second

// flush makes what the watched tracers hold visible.
func (b *Backend) flush() {
	b.tb.Helper()
	b.mu.Lock()
	tracers := slices.Clone(b.tracers)
	b.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), flushTimeout)
	defer cancel()
	for _, t := range tracers {
		if err := t.ForceFlush(ctx); err != nil {
			b.tb.Logf("honeyhivetest: %v", err)
		}
	}
}

// RoundTrip implements [http.RoundTripper].
func (b *Backend) RoundTrip(req *http.Request) (*http.Response, error) {
	if err := req.Context().Err(); err != nil {
		return nil, err
	}
	body, err := readAll(req.Body)
	if err != nil {
		return nil, err
	}
	fault, healed := b.fault(req.URL.Path)
	if fault != nil {
		if err := fault.before(req.Context(), healed); err != nil {
			b.record(req, body, 0)
			return nil, err
		}
	}
	in := req.Clone(req.Context())
	in.Body = io.NopCloser(bytes.NewReader(body))
	in.RequestURI = req.URL.RequestURI()
	rec := httptest.NewRecorder()
	if fault != nil && fault.Status != 0 {
		fault.answer(rec)
	} else {
		b.mux.ServeHTTP(rec, in)
	}
	b.record(req, body, rec.Code)
	resp := rec.Result()
	resp.Request = req
	if fault != nil && fault.SlowBody {
		resp.Body = slowBody{req.Context(), healed}
	}
	return resp, nil
}

// ServeHTTP implements [http.Handler].
func (b *Backend) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	resp, err := b.RoundTrip(r)
	if err != nil {
		// The handler's way to reset the connection.
		panic(http.ErrAbortHandler)
	}
	defer resp.Body.Close()
	maps.Copy(w.Header(), resp.Header)
	w.WriteHeader(resp.StatusCode)
	if f, ok := w.(http.Flusher); ok {
		f.Flush()
	}
	_, _ = io.Copy(w, resp.Body) // the client may have gone
}

func readAll(body io.ReadCloser) ([]byte, error) {
	if body == nil {
		return nil, nil
	}
	defer body.Close()
	return io.ReadAll(body)
}

// Request is a request that reached the backend.
type Request struct {
	Method, Path string
	Header       http.Header
	Body         []byte
	Status       int // 0 where the connection was reset
}

func (b *Backend) record(req *http.Request, body []byte, status int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.requests = append(b.requests, Request{req.Method, req.URL.Path, req.Header.Clone(), body, status})
}

// Requests returns all requests so far, in the order of their answers.
func (b *Backend) Requests() []Request {
	b.tb.Helper()
	b.flush()
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.requests)
}

// Session is a session that HoneyHive knows.
type Session struct {
	ID, Name, Source, Project                                            string
	Inputs, Outputs, Config, Metadata, Metrics, Feedback, UserProperties map[string]any
	// APIKey is the key that created it.
	APIKey string
	// AutoCreated says that spans created it rather than a call.
	AutoCreated bool
}

// Sessions returns the sessions in the order of their creation, with all
// updates. Spans that ask for it create their session, as in HoneyHive.
func (b *Backend) Sessions() []Session {
	b.tb.Helper()
	b.flush()
	b.mu.Lock()
	defer b.mu.Unlock()
	out := make([]Session, len(b.sessions))
	for i, s := range b.sessions {
		out[i] = *s
	}
	return out
}

// RequireSession returns the session with that id, and ends the test where
// there is none.
func (b *Backend) RequireSession(id string) Session {
	b.tb.Helper()
	for _, s := range b.Sessions() {
		if s.ID == id {
			return s
		}
	}
	b.tb.Fatalf("honeyhivetest: no session %s", id)
	return Session{}
}

func (b *Backend) session(id string) *Session {
	for _, s := range b.sessions {
		if s.ID == id {
			return s
		}
	}
	return nil
}

// Event is an event that the API created or updated, other than a session.
type Event struct {
	ID      string
	Created map[string]any // the body that created it, or nil
	Updates []map[string]any
	APIKey  string
}

// Events returns the events of the API in the order of their first mention.
func (b *Backend) Events() []Event {
	b.mu.Lock()
	defer b.mu.Unlock()
	out := make([]Event, len(b.events))
	for i, e := range b.events {
		out[i] = *e
		out[i].Updates = slices.Clone(e.Updates)
	}
	return out
}

func (b *Backend) event(id, key string) *Event {
	for _, e := range b.events {
		if e.ID == id {
			return e
		}
	}
	e := &Event{ID: id, APIKey: key}
	b.events = append(b.events, e)
	return e
}

// Run is an experiment run.
type Run struct {
	ID     string
	Name   string
	Status string
	// Fields is the run as HoneyHive would return it: the body that created
	// it with all updates.
	Fields map[string]any
}

// Runs returns the runs in the order of their creation.
func (b *Backend) Runs() []Run {
	b.mu.Lock()
	defer b.mu.Unlock()
	out := make([]Run, len(b.runs))
	for i, r := range b.runs {
		out[i] = *r
		out[i].Fields = maps.Clone(r.Fields)
	}
	return out
}

// Dataset is a dataset that the backend serves.
type Dataset struct {
	ID, Name   string
	Datapoints []Datapoint
}

// Datapoint is one case of a dataset.
type Datapoint struct {
	ID          string
	Inputs      map[string]any
	GroundTruth any
}

// AddDataset makes the backend serve a dataset. Missing ids are made up. It
// returns the dataset as it is served.
func (b *Backend) AddDataset(d Dataset) Dataset {
	d.Datapoints = slices.Clone(d.Datapoints)
	if d.ID == "" {
		d.ID = uuid.NewString()
	}
	for i := range d.Datapoints {
		if d.Datapoints[i].ID == "" {
			d.Datapoints[i].ID = uuid.NewString()
		}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.datasets = append(b.datasets, d)
	return d
}

// Reset forgets all that was received, and all faults, but no dataset.
func (b *Backend) Reset() {
	b.tb.Helper()
	b.Heal()
	b.flush()
	b.mu.Lock()
	defer b.mu.Unlock()
	b.requests, b.spans, b.sessions, b.events, b.runs = nil, nil, nil, nil, nil
}

func keyOf(r *http.Request) string {
	key, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	return key
}

func reply(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // into a recorder
}

func refuse(w http.ResponseWriter, status int, format string, args ...any) {
	reply(w, status, map[string]any{"error": fmt.Sprintf(format, args...)})
}
