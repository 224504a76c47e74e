package interop

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel/propagation"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/honeyhiveai/hhvet/honeyhive"
	"github.com/honeyhiveai/hhvet/honeyhive/honeyhivetest"
)

// service is an HTTP service of one tenant, instrumented with otelhttp through
// the tenant's tracer, and a client for it.
type service struct {
	tracer *honeyhive.Tracer
	server *httptest.Server
	client *http.Client
}

func newService(t *testing.T, backend *honeyhivetest.Backend, project string, handle func(context.Context, *honeyhive.Tracer)) service {
	t.Helper()
	tracer := backend.NewTracer(honeyhive.WithProject(project), honeyhive.WithAPIKey("key-"+project))
	opts := []otelhttp.Option{otelhttp.WithTracerProvider(tracer.TracerProvider()), otelhttp.WithPropagators(tracer.Propagator())}
	server := httptest.NewServer(otelhttp.NewHandler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		handle(r.Context(), tracer)
	}), project+".server", opts...))
	t.Cleanup(server.Close)
	return service{tracer, server, &http.Client{Transport: otelhttp.NewTransport(http.DefaultTransport, opts...)}}
}

func (s service) call(ctx context.Context, t *testing.T) {
	t.Helper()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.server.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := s.client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, resp.Body)
}

// Two tenants whose clients and servers share a process, one context and
// otelhttp: every span is the right tenant's, in the right session, under the
// right parent.
func TestOtelHTTPWithTwoTracers(t *testing.T) {
	for _, first := range []string{"a", "b"} {
		t.Run(first+" first", func(t *testing.T) {
			backend := honeyhivetest.NewBackend(t)
			work := func(ctx context.Context, tracer *honeyhive.Tracer) {
				_, span := tracer.Start(ctx, "work")
				span.End()
			}
			services := map[string]service{}
			for _, project := range []string{first, map[string]string{"a": "b", "b": "a"}[first]} {
				services[project] = newService(t, backend, project, work)
			}
			a, b := services["a"], services["b"]
			ctx, err := a.tracer.StartSession(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if ctx, err = b.tracer.StartSession(ctx); err != nil {
				t.Fatal(err)
			}
			ctx, rootA := a.tracer.Start(ctx, "root")
			ctx, rootB := b.tracer.Start(ctx, "root")
			a.call(ctx, t) // under b's span
			b.call(ctx, t)
			rootB.End()
			rootA.End()
			// Handlers end their spans after the answer is sent.
			a.server.Close()
			b.server.Close()

			for project, want := range map[string]struct {
				tracer *honeyhive.Tracer
				root   trace.Span
			}{"a": {a.tracer, rootA}, "b": {b.tracer, rootB}} {
				byName := map[string]honeyhivetest.Span{}
				for _, s := range backend.Spans() {
					if s.APIKey != "key-"+project {
						continue
					}
					if s.Project() != project || s.SessionID() != want.tracer.SessionID(ctx) {
						t.Errorf("%s of %s: project %s, session %s", s.Name, project, s.Project(), s.SessionID())
					}
					byName[s.Kind+" "+s.Scope] = s
				}
				const otel, own = "go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp", "github.com/honeyhiveai/hhvet/honeyhive"
				client, server, work := byName["client "+otel], byName["server "+otel], honeyhivetest.Span{}
				for _, s := range backend.Spans() {
					if s.APIKey == "key-"+project && s.Name == "work" && s.Scope == own {
						work = s
					}
				}
				if client.ParentID != want.root.SpanContext().SpanID().String() || server.ParentID != client.SpanID ||
					work.ParentID != server.SpanID || server.SpanID == "" {
					t.Errorf("%s: root %s, client %s under %s, server %s under %s, work under %s", project, want.root.SpanContext().SpanID(),
						client.SpanID, client.ParentID, server.SpanID, server.ParentID, work.ParentID)
				}
			}
			if orphans := backend.Orphans(); len(orphans) > 0 {
				t.Errorf("orphans: %v", orphans)
			}
		})
	}
}

// The application's own telemetry, on a provider of its own and with
// OpenTelemetry's propagators, neither captures a tenant's spans nor is
// captured.
func TestBesideTheApplicationsTelemetry(t *testing.T) {
	backend := honeyhivetest.NewBackend(t)
	tracer := backend.NewTracer(honeyhive.WithProject("a"))
	application := sdktrace.NewTracerProvider()
	opts := []otelhttp.Option{otelhttp.WithTracerProvider(application), otelhttp.WithPropagators(
		propagation.NewCompositeTextMapPropagator(propagation.TraceContext{}, propagation.Baggage{}))}
	server := httptest.NewServer(otelhttp.NewHandler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		ctx, span := tracer.Start(tracer.Extract(r.Context(), headers(r.Header)), "answer")
		defer span.End()
		tracer.EnrichSpan(ctx, honeyhive.Metadata{"k": "v"})
	}), "server", opts...))
	client := &http.Client{Transport: otelhttp.NewTransport(http.DefaultTransport, opts...)}
	ctx, root := tracer.Start(t.Context(), "root")
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, server.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	tracer.Inject(ctx, headers(req.Header))
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	root.End()
	server.Close()
	answer, top := backend.RequireSpan("answer"), backend.RequireSpan("root")
	if n := len(backend.Spans()); n != 2 {
		t.Errorf("%d spans arrived, want the tenant's two", n)
	}
	if answer.ParentID != top.SpanID || answer.TraceID != top.TraceID || answer.SessionID() != top.SessionID() || answer.Attributes["honeyhive_metadata.k"] != "v" {
		t.Errorf("answer = %+v", answer)
	}
}

type headers http.Header

func (h headers) Get(key string) string { return http.Header(h).Get(key) }
func (h headers) Set(key, value string) { http.Header(h).Set(key, value) }
func (h headers) Keys() []string        { return nil }
