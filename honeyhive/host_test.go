package honeyhive_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	coltracepb "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	"google.golang.org/protobuf/proto"

	"github.com/honeyhiveai/hhvet/honeyhive"
	"github.com/honeyhiveai/hhvet/honeyhive/honeyhivetest"
)

func spans(t testing.TB, tracer *honeyhive.Tracer, n int) {
	t.Helper()
	for i := range n {
		_, span := tracer.Start(t.Context(), fmt.Sprint("span ", i))
		span.End()
	}
}

func bounded(t testing.TB, d time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), d)
	t.Cleanup(cancel)
	return ctx
}

// wantStats waits for nothing: it is for after a flush or Shutdown.
func wantStats(t testing.TB, tracer *honeyhive.Tracer, want honeyhive.Stats) {
	t.Helper()
	if diff := cmp.Diff(want, tracer.Stats()); diff != "" {
		t.Errorf("stats (-want +got):\n%s", diff)
	}
}

// A backend that fails and recovers costs no span and duplicates none:
// guarantee 8.
func TestNothingIsLostWhileTheBackendRecovers(t *testing.T) {
	const n = 1000
	partly := func(f honeyhivetest.Fault) []honeyhivetest.Fault {
		f.Path, f.Times = otlp, 2
		return []honeyhivetest.Fault{f}
	}
	for name, faults := range map[string][]honeyhivetest.Fault{
		"500":             partly(honeyhivetest.Fault{Status: 500}),
		"502":             partly(honeyhivetest.Fault{Status: 502, Body: "<html>bad gateway</html>"}),
		"503":             partly(honeyhivetest.Fault{Status: 503}),
		"504":             partly(honeyhivetest.Fault{Status: 504}),
		"429":             partly(honeyhivetest.Fault{Status: 429}),
		"429 Retry-After": {{Path: otlp, Times: 1, Status: 429, RetryAfter: time.Second}},
		"reset":           partly(honeyhivetest.Fault{Reset: true}),
		"hang":            partly(honeyhivetest.Fault{Hang: true}),
		"slow body":       partly(honeyhivetest.Fault{SlowBody: true}),
		"slow error":      partly(honeyhivetest.Fault{SlowBody: true, Status: 503}),
		"too large":       partly(honeyhivetest.Fault{Status: 413}),
		"all in a row": {
			{Path: otlp, Times: 1, Reset: true}, {Path: otlp, Times: 1, Status: 503},
			{Path: otlp, Times: 1, Hang: true}, {Path: otlp, Times: 1, Status: 500},
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				backend := honeyhivetest.NewBackend(t)
				backend.Inject(faults...)
				// A request that is given up because it takes long may have arrived.
				timeout, once := 30*time.Second, true
				for _, f := range faults {
					if f.Hang || f.SlowBody {
						timeout, once = time.Second, false
					}
				}
				tracer := backend.NewTracer(honeyhive.WithExportTimeout(timeout), honeyhive.WithLogger(discard()))
				begun := time.Now()
				spans(t, tracer, n)
				if err := tracer.ForceFlush(bounded(t, 30*time.Second)); err != nil {
					t.Fatal(err)
				}
				if want := faults[0].RetryAfter; time.Since(begun) < want {
					t.Errorf("sent again after %v, before Retry-After", time.Since(begun))
				}
				wantStats(t, tracer, honeyhive.Stats{Exported: n})
				seen := map[string]int{}
				for _, s := range backend.Spans() {
					seen[s.SpanID]++
				}
				if got := len(backend.Spans()); len(seen) != n || once && got != n {
					t.Errorf("%d spans arrived, %d of them different; want %d", got, len(seen), n)
				}
				t.Logf("lost: 0 of %d", n)
			})
		})
	}
}

// What the backend refuses for good is counted, and so is what it refuses
// partly.
func TestRefusedSpansAreCounted(t *testing.T) {
	partial, err := proto.Marshal(&coltracepb.ExportTraceServiceResponse{
		PartialSuccess: &coltracepb.ExportTracePartialSuccess{RejectedSpans: 3, ErrorMessage: "too old"},
	})
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		fault    honeyhivetest.Fault
		want     honeyhive.Stats
		requests int
	}{
		"400":        {honeyhivetest.Fault{Status: 400, Body: "malformed"}, honeyhive.Stats{Failed: 10}, 1},
		"401":        {honeyhivetest.Fault{Status: 401}, honeyhive.Stats{Failed: 10}, 1},
		"redirect":   {honeyhivetest.Fault{Status: 307, Header: http.Header{"Location": {"http://elsewhere.test/"}}}, honeyhive.Stats{Failed: 10}, 1},
		"always 500": {honeyhivetest.Fault{Status: 500}, honeyhive.Stats{Failed: 10}, 5},
		"partly": {honeyhivetest.Fault{Status: 200, Body: string(partial), Header: http.Header{"Content-Type": {"application/x-protobuf"}}},
			honeyhive.Stats{Exported: 7, Failed: 3}, 1},
		"partly, in JSON": {honeyhivetest.Fault{Status: 200, Body: `{"partialSuccess":{"rejectedSpans":"3"}}`, Header: http.Header{"Content-Type": {"application/json; charset=utf-8"}}},
			honeyhive.Stats{Exported: 7, Failed: 3}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				backend := honeyhivetest.NewBackend(t)
				tt.fault.Path = otlp
				backend.Inject(tt.fault)
				var log lockedBuffer
				tracer := backend.NewTracer(honeyhive.WithLogger(slog.New(slog.NewTextHandler(&log, nil))))
				spans(t, tracer, 10)
				if err := tracer.ForceFlush(bounded(t, 30*time.Second)); err == nil {
					t.Error("ForceFlush: no error")
				}
				requests := 0
				for _, r := range backend.Requests() {
					if strings.HasPrefix(r.Path, otlp) {
						requests++
					}
				}
				if requests != tt.requests {
					t.Errorf("%d requests, want %d", requests, tt.requests)
				}
				wantStats(t, tracer, tt.want)
				if err := tracer.Shutdown(bounded(t, time.Second)); err != nil {
					t.Errorf("Shutdown: %v", err)
				}
				if n := strings.Count(log.String(), "spans were lost"); n != 1 || !strings.Contains(log.String(), fmt.Sprint("failed=", tt.want.Failed)) {
					t.Errorf("log:\n%s", log.String())
				}
			})
		})
	}
}

// What the backend says besides accepting spans does not make them lost.
func TestAcceptedSpansAreCounted(t *testing.T) {
	warning, err := proto.Marshal(&coltracepb.ExportTraceServiceResponse{
		PartialSuccess: &coltracepb.ExportTracePartialSuccess{ErrorMessage: "use a newer version"},
	})
	if err != nil {
		t.Fatal(err)
	}
	for name, fault := range map[string]honeyhivetest.Fault{
		"a warning":        {Status: 200, Body: string(warning), Header: http.Header{"Content-Type": {"application/x-protobuf"}}},
		"no protobuf":      {Status: 200, Body: "<html>", Header: http.Header{"Content-Type": {"application/x-protobuf"}}},
		"no JSON":          {Status: 200, Body: "<html>", Header: http.Header{"Content-Type": {"application/json"}}},
		"some other thing": {Status: 202, Body: "thank you"},
	} {
		t.Run(name, func(t *testing.T) {
			backend := honeyhivetest.NewBackend(t)
			fault.Path = otlp
			backend.Inject(fault)
			tracer := backend.NewTracer(honeyhive.WithLogger(discard()))
			spans(t, tracer, 10)
			if err := tracer.ForceFlush(bounded(t, 10*time.Second)); err != nil {
				t.Error(err)
			}
			wantStats(t, tracer, honeyhive.Stats{Exported: 10})
		})
	}
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// While the backend is away the queue fills, and what has no room in it is
// dropped: nothing else is lost, nobody waits, and memory does not grow.
func TestLongOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const queue, batch, n = 100, 10, 5000
		backend := honeyhivetest.NewBackend(t)
		backend.Inject(honeyhivetest.Fault{Path: otlp, Hang: true})
		tracer := backend.NewTracer(honeyhive.WithQueueSize(queue), honeyhive.WithBatchSize(batch), honeyhive.WithLogger(discard()))
		begun := time.Now()
		spans(t, tracer, n)
		if d := time.Since(begun); d > 0 {
			t.Errorf("%d spans took %v: the application waited", n, d)
		}
		s := tracer.Stats()
		// One batch may be on its way.
		if s.Exported != 0 || s.Failed != 0 || s.Queued < queue || s.Queued > queue+batch || s.Queued+s.Dropped != n {
			t.Errorf("stats = %+v", s)
		}
		backend.Heal()
		if err := tracer.ForceFlush(bounded(t, 30*time.Second)); err != nil {
			t.Fatal(err)
		}
		after := tracer.Stats()
		if want := (honeyhive.Stats{Exported: s.Queued, Dropped: s.Dropped}); after != want {
			t.Errorf("stats = %+v, want %+v", after, want)
		}
		if got := len(backend.Spans()); got != int(s.Queued) {
			t.Errorf("%d spans arrived, want %d", got, s.Queued)
		}
		t.Logf("lost: %d of %d, which found the queue of %d full", after.Dropped, n, queue)
	})
}

// A batch that cannot be sent makes way when the queue behind it is full.
func TestABatchCannotBlockTheQueueForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		backend := honeyhivetest.NewBackend(t)
		backend.Inject(honeyhivetest.Fault{Path: otlp, Status: 503, Times: 4})
		tracer := backend.NewTracer(honeyhive.WithQueueSize(10), honeyhive.WithBatchSize(10), honeyhive.WithLogger(discard()))
		deadline := time.Now().Add(20 * time.Second)
		n := uint64(0)
		for tracer.Stats().Failed == 0 && time.Now().Before(deadline) {
			_, span := tracer.Start(t.Context(), "span")
			span.End()
			n++
			time.Sleep(100 * time.Microsecond)
		}
		if err := tracer.ForceFlush(bounded(t, 20*time.Second)); err != nil {
			t.Log(err)
		}
		s := tracer.Stats()
		if s.Failed == 0 || s.Exported == 0 || s.Exported+s.Failed+s.Dropped != n {
			t.Errorf("stats = %+v of %d", s, n)
		}
	})
}

// ForceFlush ends with its context, and what it could not send stays queued.
func TestForceFlushHonoursItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		backend := honeyhivetest.NewBackend(t)
		backend.Inject(honeyhivetest.Fault{Path: otlp, Hang: true})
		tracer := backend.NewTracer(honeyhive.WithLogger(discard()))
		spans(t, tracer, 10)
		begun := time.Now()
		err := tracer.ForceFlush(bounded(t, 50*time.Millisecond))
		if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "10 spans still queued") {
			t.Errorf("ForceFlush: %v", err)
		}
		if d := time.Since(begun); d != 50*time.Millisecond {
			t.Errorf("took %v", d)
		}
		backend.Heal()
		if got := len(backend.Spans()); got != 10 {
			t.Errorf("%d spans arrived", got)
		}
		cancelled, cancel := context.WithCancel(t.Context())
		cancel()
		if err := tracer.ForceFlush(cancelled); err != nil {
			t.Errorf("with nothing to do: %v", err)
		}
	})
}

// Shutdown ends with its context too, says what was lost, and leaves no
// goroutine (see TestMain).
func TestShutdownHonoursItsContext(t *testing.T) {
	for name, fault := range map[string]honeyhivetest.Fault{
		"hang":        {Hang: true},
		"unavailable": {Status: 503},
		"throttled":   {Status: 429, RetryAfter: time.Hour},
		"slow body":   {Status: 503, SlowBody: true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				backend := honeyhivetest.NewBackend(t)
				fault.Path = otlp
				backend.Inject(fault)
				tracer := backend.NewTracer(honeyhive.WithLogger(discard()), honeyhive.WithBatchSize(2))
				spans(t, tracer, 10)
				ctx := bounded(t, 100*time.Millisecond)
				begun := time.Now()
				errs := make(chan error, 8)
				for range cap(errs) {
					go func() { errs <- tracer.Shutdown(ctx) }()
				}
				lost := 0
				for range cap(errs) {
					if err := <-errs; err != nil && strings.Contains(err.Error(), "10 spans could not be exported") {
						lost++
					}
				}
				if lost != 1 {
					t.Errorf("%d calls report the loss", lost)
				}
				if d := time.Since(begun); d != 100*time.Millisecond {
					t.Errorf("took %v", d)
				}
				wantStats(t, tracer, honeyhive.Stats{Failed: 10})
				if err := tracer.Shutdown(context.Background()); err != nil {
					t.Errorf("again: %v", err)
				}
			})
		})
	}
}

func TestShutdownExportsWhatIsQueued(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		backend := honeyhivetest.NewBackend(t)
		backend.Inject(honeyhivetest.Fault{Path: otlp, Status: 503, Times: 2})
		tracer := backend.NewTracer(honeyhive.WithLogger(discard()), honeyhive.WithBatchSize(100))
		spans(t, tracer, 1000)
		_, late := tracer.Start(t.Context(), "late")
		if err := tracer.Shutdown(t.Context()); err != nil {
			t.Fatal(err)
		}
		late.End()
		wantStats(t, tracer, honeyhive.Stats{Exported: 1000, Dropped: 1})
		// A tracer made afterwards is as good as the first.
		again := backend.NewTracer()
		spans(t, again, 1)
		if err := again.Shutdown(t.Context()); err != nil {
			t.Fatal(err)
		}
		wantStats(t, again, honeyhive.Stats{Exported: 1})
	})
}

type exporterFunc func(context.Context, []sdktrace.ReadOnlySpan) error

func (f exporterFunc) ExportSpans(ctx context.Context, s []sdktrace.ReadOnlySpan) error {
	return f(ctx, s)
}
func (exporterFunc) Shutdown(context.Context) error { return nil }

// doorless is an exporter that cannot be closed.
type doorless struct{ exporterFunc }

func (doorless) Shutdown(context.Context) error { return errors.New("no") }

type panickingHandler struct{ slog.Handler }

func (panickingHandler) Enabled(context.Context, slog.Level) bool { return true }
func (panickingHandler) Handle(context.Context, slog.Record) error {
	panic("logger")
}

// What the application plugs in cannot end it.
func TestPanicsOfTheApplicationsParts(t *testing.T) {
	calls := 0
	tracer, err := honeyhive.New(t.Context(),
		honeyhive.WithLogger(slog.New(panickingHandler{})),
		honeyhive.WithRedactor(func(key string, v any) any { panic("redactor") }),
		honeyhive.WithSpanExporter(exporterFunc(func(_ context.Context, spans []sdktrace.ReadOnlySpan) error {
			if calls++; calls == 1 {
				panic("exporter")
			}
			for _, kv := range spans[0].Attributes() {
				if kv.Value.String() == "secret" {
					t.Error("a value passed a redactor that panicked")
				}
			}
			return nil
		})))
	if err != nil {
		t.Fatal(err)
	}
	ctx, span := tracer.Start(t.Context(), "span")
	tracer.EnrichSpan(ctx, honeyhive.Metadata{"k": "secret"})
	span.End()
	if err := tracer.ForceFlush(t.Context()); err == nil {
		t.Error("no error")
	}
	_, span = tracer.Start(t.Context(), "span", trace.WithAttributes(attribute.String("k", "secret")))
	span.End()
	if err := tracer.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
	wantStats(t, tracer, honeyhive.Stats{Exported: 1, Failed: 1})
}

// A logger that panics costs nothing but its words, wherever it is asked.
func TestPanickingLogger(t *testing.T) {
	t.Setenv("HH_BATCH_SIZE", "malformed")
	logger := honeyhive.WithLogger(slog.New(panickingHandler{}))
	backend := honeyhivetest.NewBackend(t)
	backend.Inject(honeyhivetest.Fault{Status: 400})
	tracer := backend.NewTracer(logger)
	ctx, err := tracer.StartSession(t.Context())
	if err != nil {
		t.Error(err)
	}
	if tracer.EnrichSpan(ctx, honeyhive.EventID("e"), honeyhive.Metadata{"k": "v"}) {
		t.Error("the update was refused")
	}
	for name, opts := range map[string][]honeyhive.Option{
		"no key":           nil,
		"cannot be closed": {honeyhive.WithSpanExporter(doorless{func(context.Context, []sdktrace.ReadOnlySpan) error { return nil }})},
	} {
		tracer, err := honeyhive.New(t.Context(), append(opts, logger)...)
		if err != nil {
			t.Fatal(err)
		}
		spans(t, tracer, 1)
		if err := tracer.Shutdown(t.Context()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

type panickingTransport struct{}

func (panickingTransport) RoundTrip(*http.Request) (*http.Response, error) { panic("transport") }

// Neither does its HTTP client, which Evaluate uses in the background.
func TestHTTPClientThatPanics(t *testing.T) {
	tracer, err := honeyhive.New(t.Context(), honeyhive.WithAPIKey("key"), honeyhive.WithLogger(discard()),
		honeyhive.WithHTTPClient(&http.Client{Transport: panickingTransport{}}))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tracer.StartSession(t.Context()); err != nil {
		t.Error(err)
	}
	_, err = honeyhive.Evaluate(t.Context(), tracer, experiment{
		Dataset: honeyhive.DatasetOf(point{}), Drain: time.Millisecond,
		Task: func(context.Context, point) (string, error) { return "", nil },
	})
	if err == nil || !strings.Contains(err.Error(), "HTTP client panicked: transport") {
		t.Errorf("Evaluate: %v", err)
	}
	_ = tracer.Shutdown(bounded(t, 10*time.Millisecond)) // a span is lost
}

// A nil of an error's type is an error to Go, and to whoever asks it a trap.
func TestExporterThatReturnsATypedNil(t *testing.T) {
	tracer, err := honeyhive.New(t.Context(), honeyhive.WithLogger(discard()),
		honeyhive.WithSpanExporter(exporterFunc(func(context.Context, []sdktrace.ReadOnlySpan) error {
			return (*os.PathError)(nil)
		})))
	if err != nil {
		t.Fatal(err)
	}
	spans(t, tracer, 1)
	if err := tracer.Shutdown(t.Context()); err == nil || !strings.Contains(err.Error(), "*fs.PathError that is nil") {
		t.Errorf("Shutdown: %v", err)
	}
}

// The methods of the error that an exporter returns may panic.
func TestExporterWhoseErrorPanics(t *testing.T) {
	tracer, err := honeyhive.New(t.Context(), honeyhive.WithLogger(discard()),
		honeyhive.WithSpanExporter(exporterFunc(func(context.Context, []sdktrace.ReadOnlySpan) error { return hollow{} })))
	if err != nil {
		t.Fatal(err)
	}
	spans(t, tracer, 1)
	if err := tracer.Shutdown(t.Context()); err == nil || !strings.Contains(err.Error(), "1 span could not be exported") {
		t.Errorf("Shutdown: %v", err)
	}
}

// An exporter that ends its goroutine, as a test's does that calls Fatal,
// costs the spans that it was given, and says so.
func TestExporterThatEndsItsGoroutine(t *testing.T) {
	calls := 0
	tracer, err := honeyhive.New(t.Context(), honeyhive.WithLogger(discard()),
		honeyhive.WithSpanExporter(exporterFunc(func(context.Context, []sdktrace.ReadOnlySpan) error {
			if calls++; calls == 1 {
				runtime.Goexit()
			}
			return nil
		})))
	if err != nil {
		t.Fatal(err)
	}
	spans(t, tracer, 2)
	if err := tracer.ForceFlush(bounded(t, 10*time.Second)); err == nil || !strings.Contains(err.Error(), "2 spans could not be exported") {
		t.Errorf("ForceFlush: %v", err)
	}
	spans(t, tracer, 2)
	if err := tracer.Shutdown(bounded(t, 10*time.Second)); err != nil {
		t.Errorf("Shutdown: %v", err)
	}
	wantStats(t, tracer, honeyhive.Stats{Exported: 2, Failed: 2})
}

// An exporter that ignores its context costs Shutdown a second, not for ever.
func TestShutdownDoesNotWaitForADeafExporter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		ended := make(chan struct{})
		tracer, err := honeyhive.New(t.Context(), honeyhive.WithLogger(discard()),
			honeyhive.WithSpanExporter(exporterFunc(func(context.Context, []sdktrace.ReadOnlySpan) error {
				<-release
				close(ended)
				return nil
			})))
		if err != nil {
			t.Fatal(err)
		}
		spans(t, tracer, 1)
		begun := time.Now()
		err = tracer.Shutdown(bounded(t, 50*time.Millisecond))
		if err == nil || !strings.Contains(err.Error(), "ignores its context") {
			t.Errorf("Shutdown: %v", err)
		}
		if d := time.Since(begun); d != 50*time.Millisecond+time.Second {
			t.Errorf("took %v", d)
		}
		close(release)
		<-ended
	})
}

// One string that is not UTF-8 would cost a whole batch when it is encoded.
func TestInvalidUTF8DoesNotCostTheBatch(t *testing.T) {
	const bad = "a\xffb"
	backend := honeyhivetest.NewBackend(t)
	tracer := backend.NewTracer(honeyhive.WithResource(resource.NewWithAttributes(bad, attribute.String(bad, bad))))
	_, span := tracer.TracerProvider().Tracer(bad, trace.WithInstrumentationVersion(bad), trace.WithSchemaURL(bad),
		trace.WithInstrumentationAttributes(attribute.String(bad, bad)), nil).Start(t.Context(), "library")
	span.End()
	ctx, span := tracer.Start(t.Context(), bad, trace.WithAttributes(
		attribute.String(bad, bad), attribute.StringSlice("list", []string{bad})))
	span.AddEvent(bad, trace.WithAttributes(attribute.String(bad, bad)))
	span.AddLink(trace.Link{Attributes: []attribute.KeyValue{attribute.String(bad, bad)}})
	span.SetStatus(2, bad)
	span.RecordError(errors.New(bad))
	tracer.EnrichSpan(ctx, honeyhive.Metadata{bad: bad}, honeyhive.Error(errors.New(bad)))
	span.End()
	spans(t, tracer, 9)
	if got := len(backend.Spans()); got != 11 {
		t.Fatalf("%d spans arrived", got)
	}
	const good = "a�b"
	if s := backend.RequireSpan("library"); s.Scope != good || s.Resource[good] != good {
		t.Errorf("%+v", s)
	}
	s := backend.RequireSpan(good)
	if s.Name != good || s.Attributes[good] != good || s.Attributes["honeyhive_metadata."+good] != good {
		t.Errorf("%+v", s)
	}
	if _, err := tracer.StartSession(t.Context(), honeyhive.WithSessionName(bad), honeyhive.Metadata{bad: bad}); err != nil {
		t.Error(err)
	}
}

// More than a request may hold goes out in several, and nothing is lost.
func TestLargeBatchesAreSplit(t *testing.T) {
	backend := honeyhivetest.NewBackend(t)
	tracer := backend.NewTracer()
	const n = 100
	for i := range n {
		ctx, span := tracer.Start(t.Context(), fmt.Sprint("span ", i))
		tracer.EnrichSpan(ctx, honeyhive.Outputs{"text": strings.Repeat("x", 200<<10)})
		span.End()
	}
	if got := len(backend.Spans()); got != n {
		t.Errorf("%d spans arrived, want %d", got, n)
	}
	for _, r := range backend.Requests() {
		if len(r.Body) > 5_000_000 {
			t.Errorf("a request of %d bytes", len(r.Body))
		}
	}
	wantStats(t, tracer, honeyhive.Stats{Exported: n})
}

// Identity is no attribute that others could crowd out.
func TestIdentitySurvivesSpanLimits(t *testing.T) {
	eachOrder(t, func(t *testing.T, w two) {
		ctx, span := w.a.Start(t.Context(), "full")
		m := honeyhive.Metadata{}
		for i := range 3000 {
			m[fmt.Sprint("k", i)] = i
		}
		w.a.EnrichSpan(ctx, m)
		more := make([]attribute.KeyValue, 3000)
		for i := range more {
			more[i] = attribute.Int(fmt.Sprint("x", i), i)
		}
		span.SetAttributes(more...)
		span.End()
		w.wantIdentity(t, "full", ofA)
		if n := len(w.RequireSpan("full").Attributes); n < 1000 || n > 1040 {
			t.Errorf("%d attributes", n)
		}
	})
}

// A real connection: the key goes to the configured server only.
func TestOverHTTP(t *testing.T) {
	backend := honeyhivetest.NewBackend(t)
	server := httptest.NewServer(backend)
	defer server.Close()
	elsewhere := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		t.Errorf("a redirect was followed, with Authorization %q", r.Header.Get("Authorization"))
	}))
	defer elsewhere.Close()
	for name, opts := range map[string][]honeyhive.Option{
		"protobuf": nil, "json": {honeyhive.WithJSON()},
		"own client": {honeyhive.WithHTTPClient(&http.Client{Timeout: 10 * time.Second})},
	} {
		t.Run(name, func(t *testing.T) {
			backend.Reset()
			tracer, err := honeyhive.New(t.Context(), append(opts, honeyhive.WithServerURL(server.URL+"/"), honeyhive.WithAPIKey("key"), honeyhive.WithSource("src"), honeyhive.WithLogger(discard()))...)
			if err != nil {
				t.Fatal(err)
			}
			defer http.DefaultTransport.(*http.Transport).CloseIdleConnections()
			ctx, err := tracer.StartSession(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			ctx, span := tracer.Start(ctx, "span")
			tracer.EnrichSpan(ctx, honeyhive.Metrics{"m": 1.5, "n": 1 << 60})
			span.End()
			if err := tracer.ForceFlush(bounded(t, 10*time.Second)); err != nil {
				t.Fatal(err)
			}
			s := backend.RequireSpan("span")
			if s.Attributes["honeyhive_metrics.m"] != 1.5 || s.Attributes["honeyhive_metrics.n"] != int64(1<<60) || s.SessionID() != tracer.SessionID(ctx) {
				t.Errorf("%+v", s)
			}
			for _, r := range backend.Requests() {
				if r.Header.Get("Authorization") != "Bearer key" || r.Header.Get("hh-client-language") != "go" ||
					r.Header.Get("hh-client-version") == "" || r.Header.Get("hh-client-package") == "" {
					t.Errorf("%s %s: %v", r.Method, r.Path, r.Header)
				}
				if isOTLP := strings.HasPrefix(r.Path, otlp); isOTLP != (r.Header.Get("X-Source") == "src") {
					t.Errorf("%s: X-Source %q", r.Path, r.Header.Get("X-Source"))
				}
			}
			backend.Inject(honeyhivetest.Fault{Status: 307, Header: http.Header{"Location": {elsewhere.URL}}})
			if err := tracer.EnrichSession(ctx, honeyhive.Metadata{"k": "v"}); err == nil {
				t.Error("a redirect is no error")
			}
			spans(t, tracer, 1)
			if err := tracer.Shutdown(bounded(t, 10*time.Second)); err == nil {
				t.Error("a redirect is no error")
			}
		})
	}
}

// OpenTelemetry's variables are about another exporter.
func TestOtherExportersVariables(t *testing.T) {
	for name, value := range map[string]string{
		"OTEL_EXPORTER_OTLP_ENDPOINT": "http://vendor.invalid", "OTEL_EXPORTER_OTLP_HEADERS": "x-vendor-key=secret",
		"OTEL_EXPORTER_OTLP_COMPRESSION": "gzip", "OTEL_EXPORTER_OTLP_PROTOCOL": "http/json",
		"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://vendor.invalid/x", "OTEL_EXPORTER_OTLP_TRACES_HEADERS": "x-vendor-key=secret",
		"OTEL_EXPORTER_OTLP_TIMEOUT": "1",
	} {
		t.Setenv(name, value)
	}
	backend := honeyhivetest.NewBackend(t)
	spans(t, backend.NewTracer(), 1)
	for _, r := range backend.Requests() {
		if r.Header.Get("x-vendor-key") != "" || r.Header.Get("Content-Encoding") != "" || r.Header.Get("Content-Type") != "application/x-protobuf" {
			t.Errorf("%s: %v", r.Path, r.Header)
		}
	}
	if got := len(backend.Spans()); got != 1 {
		t.Errorf("%d spans", got)
	}
}

// Nothing is printed where the application did not ask for it.
func TestNoAPIKeySaysSoOnce(t *testing.T) {
	var log lockedBuffer
	tracer, err := honeyhive.New(t.Context(), honeyhive.WithLogger(slog.New(slog.NewTextHandler(&log, nil))))
	if err != nil {
		t.Fatal(err)
	}
	ctx, err := tracer.StartSession(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ctx, span := tracer.Start(ctx, "span")
	if !tracer.EnrichSpan(ctx, honeyhive.Metadata{"k": "v"}) || !span.IsRecording() {
		t.Error("the tracer does not work")
	}
	span.End()
	if err := tracer.EnrichSession(ctx, honeyhive.Metadata{"k": "v"}); err != nil {
		t.Error(err)
	}
	if err := tracer.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
	if n := strings.Count(log.String(), "nothing leaves the process"); n != 1 || strings.Count(log.String(), "\n") != 1 {
		t.Errorf("log:\n%s", log.String())
	}
}

var _ io.Writer = (*lockedBuffer)(nil)
