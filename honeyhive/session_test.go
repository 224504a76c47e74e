package honeyhive_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/honeyhiveai/hhvet/honeyhive"
	"github.com/honeyhiveai/hhvet/honeyhive/honeyhivetest"
)

const otlp = "/opentelemetry"

func TestStartSession(t *testing.T) {
	backend := honeyhivetest.NewBackend(t)
	tracer := backend.NewTracer(honeyhive.WithProject("p"), honeyhive.WithSource("s"))
	outer, err := honeyhive.ContextWithBaggage(t.Context(), map[string]string{"run_id": "r"})
	if err != nil {
		t.Fatal(err)
	}
	before := tracer.SessionID(outer)
	ctx, err := tracer.StartSession(outer, honeyhive.WithSessionName("checkout"),
		honeyhive.Inputs{"q": "why", "nested": map[string]any{"list": []int{1, 2}}},
		honeyhive.Metadata{"m": 1}, honeyhive.UserProperties{"plan": "pro"})
	if err != nil {
		t.Fatal(err)
	}
	id := tracer.SessionID(ctx)
	if id == before || tracer.SessionID(outer) != before || tracer.SessionID(t.Context()) != before {
		t.Error("StartSession changed more than its context")
	}
	_, span := tracer.Start(ctx, "inside")
	span.End()
	_, span = tracer.Start(outer, "outside")
	span.End()

	want := honeyhivetest.Session{
		ID: id, Name: "checkout", Source: "s", Project: "p", APIKey: honeyhivetest.APIKey,
		Inputs:         map[string]any{"q": "why", "nested": map[string]any{"list": []any{1.0, 2.0}}},
		Metadata:       map[string]any{"m": 1.0, "run_id": "r"},
		UserProperties: map[string]any{"plan": "pro"},
	}
	if diff := cmp.Diff(want, backend.RequireSession(id)); diff != "" {
		t.Errorf("session (-want +got):\n%s", diff)
	}
	inside := backend.RequireSpan("inside")
	if inside.SessionID() != id || inside.Attributes["honeyhive.session_auto_create"] != nil {
		t.Errorf("inside: %v", inside.Attributes)
	}
	if got := backend.RequireSpan("outside").SessionID(); got != before {
		t.Errorf("outside is in session %s, want %s", got, before)
	}
	if orphans := backend.Orphans(); len(orphans) > 0 {
		t.Errorf("orphans: %v", orphans)
	}
}

func TestSessionIDs(t *testing.T) {
	const id = "6ba7b810-9dad-41d1-80b4-00c04fd430c8"
	mapped := uuid.NewSHA1(uuid.NameSpaceURL, []byte("request-42")).String()
	tests := []struct{ given, want string }{
		{id, id},
		{"6BA7B810-9DAD-41D1-80B4-00C04FD430C8", id},
		{"request-42", mapped},
		{"urn:uuid:" + id, uuid.NewSHA1(uuid.NameSpaceURL, []byte("urn:uuid:"+id)).String()},
	}
	one, other := honeyhivetest.NewBackend(t).NewTracer(), honeyhivetest.NewBackend(t).NewTracer()
	for _, tt := range tests {
		for _, tracer := range []*honeyhive.Tracer{one, other} {
			ctx, err := tracer.StartSession(t.Context(), honeyhive.WithSessionID(tt.given))
			if err != nil {
				t.Fatal(err)
			}
			if got := tracer.SessionID(ctx); got != tt.want {
				t.Errorf("StartSession(%q): session %s, want %s", tt.given, got, tt.want)
			}
			if got := tracer.SessionID(tracer.JoinSession(t.Context(), tt.given)); got != tt.want {
				t.Errorf("JoinSession(%q): session %s, want %s", tt.given, got, tt.want)
			}
		}
	}
}

// A session that HoneyHive did not hear of is created by its spans.
func TestSessionSurvivesAnOutage(t *testing.T) {
	faults := map[string]honeyhivetest.Fault{
		"500":          {Path: "/v1/sessions", Status: 500},
		"503":          {Path: "/v1/sessions", Status: 503},
		"429 for long": {Path: "/v1/sessions", Status: 429, RetryAfter: time.Hour},
		"401":          {Path: "/v1/sessions", Status: 401},
		"hang":         {Path: "/v1/sessions", Hang: true},
		"reset":        {Path: "/v1/sessions", Reset: true},
	}
	for name, fault := range faults {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				backend := honeyhivetest.NewBackend(t)
				backend.Inject(fault)
				tracer := backend.NewTracer(honeyhive.WithAPITimeout(100*time.Millisecond), honeyhive.WithLogger(discard()))
				previous := tracer.SessionID(t.Context())
				begun := time.Now()
				ctx, err := tracer.StartSession(t.Context(), honeyhive.WithSessionName("checkout"))
				if err != nil {
					t.Fatal(err)
				}
				if d := time.Since(begun); d > 100*time.Millisecond {
					t.Errorf("took %v", d)
				}
				id := tracer.SessionID(ctx)
				if id == previous || id == "" {
					t.Fatalf("session = %q; before it was %q", id, previous)
				}
				_, span := tracer.Start(ctx, "span")
				span.End()
				s := backend.RequireSession(id)
				if !s.AutoCreated || s.Name != "checkout" {
					t.Errorf("session = %+v", s)
				}
				if orphans := backend.Orphans(); len(orphans) > 0 {
					t.Errorf("orphans: %v", orphans)
				}
			})
		})
	}
}

func TestSessionIsRetried(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		backend := honeyhivetest.NewBackend(t)
		backend.Inject(honeyhivetest.Fault{Path: "/v1/sessions", Status: 503, Times: 1}, honeyhivetest.Fault{Path: "/v1/sessions", Reset: true, Times: 1})
		tracer := backend.NewTracer()
		ctx, err := tracer.StartSession(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if s := backend.RequireSession(tracer.SessionID(ctx)); s.AutoCreated {
			t.Errorf("session = %+v", s)
		}
		if got := len(backend.Requests()); got != 3 {
			t.Errorf("%d requests, want 3", got)
		}
	})
}

// A call ends with its context.
func TestSessionCallsHonourTheirContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		backend := honeyhivetest.NewBackend(t)
		backend.Inject(honeyhivetest.Fault{Path: "/v1", Hang: true})
		tracer := backend.NewTracer(honeyhive.WithAPITimeout(time.Hour), honeyhive.WithLogger(discard()))
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		begun := time.Now()
		if _, err := tracer.StartSession(ctx); err != nil {
			t.Errorf("StartSession: %v", err)
		}
		if err := tracer.EnrichSession(ctx, honeyhive.Metadata{"k": "v"}); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("EnrichSession: %v", err)
		}
		if tracer.EnrichSpan(ctx, honeyhive.EventID("e"), honeyhive.Metadata{"k": "v"}) {
			t.Error("EnrichSpan: true")
		}
		if d := time.Since(begun); d != 50*time.Millisecond {
			t.Errorf("took %v", d)
		}
	})
}

// Concurrent requests, some of which the backend refuses, on goroutines that
// are used again and again.
func TestSessionsOfConcurrentRequests(t *testing.T) {
	backend := honeyhivetest.NewBackend(t)
	backend.Inject(honeyhivetest.Fault{Path: "/v1/sessions", Status: 400, Times: 40})
	tracer := backend.NewTracer(honeyhive.WithLogger(discard()))
	requests := make(chan int)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for n := range requests {
				ctx, err := tracer.StartSession(t.Context(), honeyhive.WithSessionID(fmt.Sprint("request-", n)))
				if err != nil {
					t.Error(err)
				}
				ctx, span := tracer.Start(ctx, fmt.Sprint("request-", n))
				_, child := tracer.Start(ctx, fmt.Sprint("request-", n))
				child.End()
				span.End()
			}
		})
	}
	const n = 100
	for i := range n {
		requests <- i
	}
	close(requests)
	wg.Wait()
	spans := backend.Spans()
	if len(spans) != 2*n {
		t.Fatalf("%d spans, want %d", len(spans), 2*n)
	}
	for _, s := range spans {
		if want := uuid.NewSHA1(uuid.NameSpaceURL, []byte(s.Name)).String(); s.SessionID() != want {
			t.Errorf("%s is in session %s", s.Name, s.SessionID())
		}
	}
	if orphans := backend.Orphans(); len(orphans) > 0 {
		t.Errorf("%d orphans", len(orphans))
	}
}

// Only the id of the answer matters, and even that may be missing.
func TestSessionAnswers(t *testing.T) {
	const given, other = "11111111-0000-4000-8000-000000000000", "22222222-0000-4000-8000-000000000000"
	for body, want := range map[string]string{
		`{"session_id":"` + other + `"}`: other,
		`{}`:                             given,
		`not json`:                       given,
		``:                               given,
		`{"session_id":"not a uuid"}`:    given,
		`{"session_id":17}`:              given,
	} {
		backend := honeyhivetest.NewBackend(t)
		backend.Inject(honeyhivetest.Fault{Path: "/v1/sessions", Status: 200, Body: body})
		tracer := backend.NewTracer()
		ctx, err := tracer.StartSession(t.Context(), honeyhive.WithSessionID(given))
		if err != nil {
			t.Fatal(err)
		}
		if got := tracer.SessionID(ctx); got != want {
			t.Errorf("answer %q: session %s, want %s", body, got, want)
		}
		_, span := tracer.Start(ctx, "span")
		span.End()
		if backend.RequireSpan("span").Attributes["honeyhive.session_auto_create"] != nil {
			t.Errorf("answer %q: the session is to be created again", body)
		}
	}
}

// Servers without the /v1 paths are asked at the older ones.
func TestOlderServers(t *testing.T) {
	backend := honeyhivetest.NewBackend(t)
	backend.Inject(honeyhivetest.Fault{Path: "/v1/", Status: 404})
	tracer := backend.NewTracer()
	ctx, err := tracer.StartSession(t.Context(), honeyhive.WithSessionName("old"))
	if err != nil {
		t.Fatal(err)
	}
	if err := tracer.EnrichSession(ctx, honeyhive.Metadata{"k": "v"}); err != nil {
		t.Fatal(err)
	}
	if _, err := tracer.StartSession(ctx); err != nil {
		t.Fatal(err)
	}
	s := backend.RequireSession(tracer.SessionID(ctx))
	if s.Name != "old" || s.Metadata["k"] != "v" || s.AutoCreated {
		t.Errorf("session = %+v", s)
	}
	var paths []string
	for _, r := range backend.Requests() {
		paths = append(paths, r.Path)
	}
	if diff := cmp.Diff([]string{"/v1/sessions", "/session/start", "/events", "/session/start"}, paths); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}

func TestEnrichSession(t *testing.T) {
	backend := honeyhivetest.NewBackend(t)
	tracer := backend.NewTracer()
	ctx, err := tracer.StartSession(t.Context(), honeyhive.Metadata{"kept": true})
	if err != nil {
		t.Fatal(err)
	}
	other, err := tracer.StartSession(t.Context(), honeyhive.WithSessionID("request-42"))
	if err != nil {
		t.Fatal(err)
	}
	all := []honeyhive.Field{
		honeyhive.Metadata{"a": 1}, honeyhive.Inputs{"i": 1}, honeyhive.Outputs{"o": []any{1, nil, "x"}},
		honeyhive.Feedback{"f": 1}, honeyhive.Metrics{"m": 2}, honeyhive.Config{"c": 1},
		honeyhive.UserProperties{"u": 1}, honeyhive.Error(errors.New("boom")),
	}
	if err := tracer.EnrichSession(ctx, all...); err != nil {
		t.Fatal(err)
	}
	// An explicit session, even where the context has none.
	if err := tracer.EnrichSession(t.Context(), honeyhive.SessionID("request-42"), honeyhive.Metadata{"explicit": true}); err != nil {
		t.Fatal(err)
	}
	n := len(backend.Requests())
	if err := tracer.EnrichSession(ctx); err != nil {
		t.Fatal(err)
	}
	if err := tracer.EnrichSession(ctx, honeyhive.Metadata(nil), honeyhive.Error(nil)); err != nil {
		t.Fatal(err)
	}
	if len(backend.Requests()) != n {
		t.Error("nothing to say was sent")
	}
	got := backend.RequireSession(tracer.SessionID(ctx))
	want := honeyhivetest.Session{
		ID: got.ID, Source: "dev", APIKey: honeyhivetest.APIKey,
		Metadata: map[string]any{"kept": true, "a": 1.0, "inputs": map[string]any{"i": 1.0}, "error": "boom"},
		Outputs:  map[string]any{"o": []any{1.0, nil, "x"}},
		Feedback: map[string]any{"f": 1.0}, Metrics: map[string]any{"m": 2.0}, Config: map[string]any{"c": 1.0},
		UserProperties: map[string]any{"u": 1.0},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("session (-want +got):\n%s", diff)
	}
	if s := backend.RequireSession(tracer.SessionID(other)); s.Metadata["explicit"] != true {
		t.Errorf("explicit session = %+v", s)
	}
	backend.Inject(honeyhivetest.Fault{Path: "/", Status: 401})
	if err := tracer.EnrichSession(ctx, honeyhive.Metadata{"a": 1}); err == nil {
		t.Error("no error")
	}
}

// EventID updates an event through the API, with all that it was given.
func TestEnrichSpanByEventID(t *testing.T) {
	backend := honeyhivetest.NewBackend(t)
	tracer := backend.NewTracer(honeyhive.WithLogger(discard()))
	ctx, span := tracer.Start(t.Context(), "span")
	ok := tracer.EnrichSpan(ctx, honeyhive.EventID("event-1"), honeyhive.Inputs{"i": 1},
		honeyhive.Metrics{"m": 1}, honeyhive.Error(errors.New("boom")))
	span.End()
	if !ok {
		t.Error("false")
	}
	events := backend.Events()
	want := []honeyhivetest.Event{{ID: "event-1", APIKey: honeyhivetest.APIKey, Updates: []map[string]any{{
		"metrics":  map[string]any{"m": 1.0},
		"metadata": map[string]any{"inputs": map[string]any{"i": 1.0}, "error": "boom"},
	}}}}
	if diff := cmp.Diff(want, events); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
	if got := backend.RequireSpan("span").Attributes["honeyhive_metrics.m"]; got != nil {
		t.Error("the span was enriched too")
	}
	backend.Inject(honeyhivetest.Fault{Path: "/", Status: http.StatusBadRequest})
	if tracer.EnrichSpan(ctx, honeyhive.EventID("event-1"), honeyhive.Metrics{"m": 1}) {
		t.Error("true for an update that was refused")
	}
}
