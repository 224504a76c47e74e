package honeyhive_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/honeyhiveai/hhvet/honeyhive"
	"github.com/honeyhiveai/hhvet/honeyhive/honeyhivetest"
)

// Spans go to any exporter of OpenTelemetry's: here to one that keeps them.
func ExampleWithSpanExporter() {
	ctx := context.Background()
	exporter := tracetest.NewInMemoryExporter()
	tracer, err := honeyhive.New(ctx, honeyhive.WithProject("checkout"), honeyhive.WithSpanExporter(exporter))
	if err != nil {
		log.Fatal(err)
	}
	defer tracer.Shutdown(ctx)

	_, span := tracer.Start(ctx, "answer")
	span.End()
	if err := tracer.ForceFlush(ctx); err != nil {
		log.Fatal(err)
	}
	for _, span := range exporter.GetSpans() {
		fmt.Println(span.Name)
	}
	// Output:
	// answer
}

// Without an account spans are kept in a file, and read from there.
func ExampleWithFile() {
	dir, err := os.MkdirTemp("", "traces")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "traces.jsonl")

	ctx := context.Background()
	tracer, err := honeyhive.New(ctx, honeyhive.WithProject("checkout"), honeyhive.WithFile(file))
	if err != nil {
		log.Fatal(err)
	}
	_, span := tracer.Start(ctx, "answer")
	span.End()
	if err := tracer.Shutdown(ctx); err != nil {
		log.Fatal(err)
	}

	content, err := os.ReadFile(file)
	if err != nil {
		log.Fatal(err)
	}
	spans, err := honeyhivetest.ReadFile(content)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(spans[0].Name, spans[0].Project())
	// Output:
	// answer checkout
}

// A developer's API key does not make a dry run send anything.
func ExampleWithOffline() {
	ctx := context.Background()
	exporter := tracetest.NewInMemoryExporter()
	tracer, err := honeyhive.New(ctx,
		honeyhive.WithAPIKey("hh_1f0c3b"),
		honeyhive.WithOffline(),
		honeyhive.WithSpanExporter(exporter))
	if err != nil {
		log.Fatal(err)
	}
	defer tracer.Shutdown(ctx)

	ctx, err = tracer.StartSession(ctx, honeyhive.WithSessionName("chat"))
	fmt.Println(err) // no call was made
	_, span := tracer.Start(ctx, "answer")
	span.End()
	_ = tracer.ForceFlush(ctx)
	fmt.Println(len(exporter.GetSpans()), "span for the exporter")
	// Output:
	// <nil>
	// 1 span for the exporter
}

// A redactor masks what must not leave the process, or drops it.
func ExampleWithRedactor() {
	email := regexp.MustCompile(`[\w.]+@[\w.]+`)
	redact := func(key string, value any) any {
		if key == "honeyhive_inputs.card" {
			return nil
		}
		if text, ok := value.(string); ok {
			return email.ReplaceAllString(text, "[email]")
		}
		return value
	}

	ctx := context.Background()
	exporter := tracetest.NewInMemoryExporter()
	tracer, err := honeyhive.New(ctx, honeyhive.WithRedactor(redact), honeyhive.WithSpanExporter(exporter))
	if err != nil {
		log.Fatal(err)
	}
	defer tracer.Shutdown(ctx)

	ctx, span := tracer.Start(ctx, "answer")
	tracer.EnrichSpan(ctx, honeyhive.Inputs{"question": "Write to ada@example.com", "card": "4111 1111 1111 1111"})
	span.End()
	_ = tracer.ForceFlush(ctx)

	attributes := attribute.NewSet(exporter.GetSpans()[0].Attributes...)
	question, _ := attributes.Value("honeyhive_inputs.question")
	fmt.Println(question)
	fmt.Println("card:", attributes.HasValue("honeyhive_inputs.card"))
	// Output:
	// Write to [email]
	// card: false
}

// without is a sampler that leaves out the spans of that name.
type without string

func (name without) ShouldSample(p sdktrace.SamplingParameters) sdktrace.SamplingResult {
	if p.Name == string(name) {
		return sdktrace.NeverSample().ShouldSample(p)
	}
	return sdktrace.AlwaysSample().ShouldSample(p)
}

func (name without) Description() string { return "without " + string(name) }

// ParentBased leaves out what happens within such a span, too.
func ExampleWithSampler() {
	ctx := context.Background()
	exporter := tracetest.NewInMemoryExporter()
	tracer, err := honeyhive.New(ctx,
		honeyhive.WithSampler(sdktrace.ParentBased(without("health check"))),
		honeyhive.WithSpanExporter(exporter))
	if err != nil {
		log.Fatal(err)
	}
	defer tracer.Shutdown(ctx)

	for _, name := range []string{"health check", "answer"} {
		ctx, outer := tracer.Start(ctx, name)
		_, inner := tracer.Start(ctx, "query in "+name)
		inner.End()
		outer.End()
	}
	_ = tracer.ForceFlush(ctx)
	for _, span := range exporter.GetSpans() {
		fmt.Println(span.Name)
	}
	// Output:
	// query in answer
	// answer
}

// A resource says which process the spans come from.
func ExampleWithResource() {
	ctx := context.Background()
	exporter := tracetest.NewInMemoryExporter()
	tracer, err := honeyhive.New(ctx,
		honeyhive.WithResource(resource.NewSchemaless(
			attribute.String("service.name", "checkout"),
			attribute.String("service.version", "1.4.2"))),
		honeyhive.WithSpanExporter(exporter))
	if err != nil {
		log.Fatal(err)
	}
	defer tracer.Shutdown(ctx)

	_, span := tracer.Start(ctx, "answer")
	span.End()
	_ = tracer.ForceFlush(ctx)
	fmt.Println(exporter.GetSpans()[0].Resource)
	// Output:
	// service.name=checkout,service.version=1.4.2
}

// A client with a certificate authority of one's own, for a HoneyHive of
// one's own.
func ExampleWithHTTPClient() {
	server := httptest.NewTLSServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		fmt.Println(r.Method, r.URL.Path, r.Header.Get("Authorization"))
	}))
	defer server.Close()
	authorities := x509.NewCertPool()
	authorities.AddCert(server.Certificate())

	ctx := context.Background()
	tracer, err := honeyhive.New(ctx,
		honeyhive.WithServerURL(server.URL),
		honeyhive.WithAPIKey("hh_1f0c3b"),
		honeyhive.WithHTTPClient(&http.Client{
			Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: authorities}},
		}))
	if err != nil {
		log.Fatal(err)
	}
	_, span := tracer.Start(ctx, "answer")
	span.End()
	fmt.Println(tracer.Shutdown(ctx))
	// Output:
	// POST /opentelemetry/v1/traces Bearer hh_1f0c3b
	// <nil>
}

// For proxies that want to read what passes.
func ExampleWithJSON() {
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		fmt.Println(r.Header.Get("Content-Type"))
	}))
	defer server.Close()

	ctx := context.Background()
	tracer, err := honeyhive.New(ctx,
		honeyhive.WithServerURL(server.URL), honeyhive.WithAPIKey("hh_1f0c3b"), honeyhive.WithJSON())
	if err != nil {
		log.Fatal(err)
	}
	_, span := tracer.Start(ctx, "answer")
	span.End()
	_ = tracer.Shutdown(ctx)
	// Output:
	// application/json
}

// The tracer never prints: what it has to say goes to a logger.
func ExampleWithLogger() {
	withoutTime := func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey {
			return slog.Attr{}
		}
		return a
	}
	logger := slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{ReplaceAttr: withoutTime}))

	ctx := context.Background()
	tracer, err := honeyhive.New(ctx, honeyhive.WithLogger(logger))
	if err != nil {
		log.Fatal(err)
	}
	defer tracer.Shutdown(ctx)
	// Output:
	// level=WARN msg="no HoneyHive API key: spans are recorded but nothing leaves the process" hint="set WithAPIKey or HH_API_KEY, or WithFile or HH_TRACE_FILE to keep spans in a file, or WithOffline"
}

// failing is an exporter that cannot write.
type failing struct{}

func (failing) ExportSpans(context.Context, []sdktrace.ReadOnlySpan) error {
	return errors.New("no space left on device")
}

func (failing) Shutdown(context.Context) error { return nil }

// What was lost is counted, and never the application's problem.
func ExampleTracer_Stats() {
	ctx := context.Background()
	tracer, err := honeyhive.New(ctx,
		honeyhive.WithSpanExporter(failing{}), honeyhive.WithLogger(slog.New(slog.DiscardHandler)))
	if err != nil {
		log.Fatal(err)
	}
	_, first := tracer.Start(ctx, "first")
	_, second := tracer.Start(ctx, "second")
	first.End()
	fmt.Println(tracer.ForceFlush(ctx))
	_ = tracer.Shutdown(ctx)
	second.End() // too late

	s := tracer.Stats()
	fmt.Println(s.Exported, "exported,", s.Dropped, "dropped,", s.Failed, "failed")
	// Output:
	// honeyhive: 1 span could not be exported: no space left on device
	// 0 exported, 1 dropped, 1 failed
}

// hanging is an exporter of which nothing is heard until its context ends.
type hanging struct{}

func (hanging) ExportSpans(ctx context.Context, _ []sdktrace.ReadOnlySpan) error {
	<-ctx.Done()
	return ctx.Err()
}

func (hanging) Shutdown(context.Context) error { return nil }

// Shutdown waits as long as its context allows, and says what was lost.
func ExampleTracer_Shutdown() {
	ctx := context.Background()
	tracer, err := honeyhive.New(ctx,
		honeyhive.WithSpanExporter(hanging{}), honeyhive.WithLogger(slog.New(slog.DiscardHandler)))
	if err != nil {
		log.Fatal(err)
	}
	_, span := tracer.Start(ctx, "answer")
	span.End()

	ctx, cancel := context.WithTimeout(ctx, time.Millisecond)
	defer cancel()
	err = tracer.Shutdown(ctx)
	fmt.Println(errors.Is(err, context.DeadlineExceeded))
	fmt.Println(tracer.Stats().Failed, "span lost")
	// Output:
	// true
	// 1 span lost
}

// A function that is frozen between its calls exports at the end of each.
func ExampleTracer_ForceFlush() {
	ctx := context.Background()
	exporter := tracetest.NewInMemoryExporter()
	tracer, err := honeyhive.New(ctx, honeyhive.WithSpanExporter(exporter))
	if err != nil {
		log.Fatal(err)
	}
	defer tracer.Shutdown(ctx)

	handle := func(ctx context.Context, event string) error {
		_, span := tracer.Start(ctx, event)
		span.End()
		return tracer.ForceFlush(ctx)
	}
	for _, event := range []string{"upload", "delete"} {
		if err := handle(ctx, event); err != nil {
			log.Fatal(err)
		}
		fmt.Println(len(exporter.GetSpans()))
	}
	// Output:
	// 1
	// 2
}

// announcing is an exporter that says what it got.
type announcing chan string

func (a announcing) ExportSpans(_ context.Context, spans []sdktrace.ReadOnlySpan) error {
	a <- fmt.Sprintf("%d of %s", len(spans), spans[0].Name())
	return nil
}

func (announcing) Shutdown(context.Context) error { return nil }

// A busy service waits longer for a batch to fill, holds more spans while
// HoneyHive is away, and waits less for its answers.
func ExampleWithBatchSize() {
	ctx := context.Background()
	exported := make(announcing, 1)
	tracer, err := honeyhive.New(ctx,
		honeyhive.WithBatchSize(1000),
		honeyhive.WithFlushInterval(time.Minute),
		honeyhive.WithQueueSize(10_000),
		honeyhive.WithExportTimeout(10*time.Second),
		honeyhive.WithAPITimeout(2*time.Second),
		honeyhive.WithSpanExporter(exported))
	if err != nil {
		log.Fatal(err)
	}
	for range 800 {
		_, span := tracer.Start(ctx, "answer")
		span.End()
	}
	_ = tracer.Shutdown(ctx)
	fmt.Println(<-exported)
	// Output:
	// 800 of answer
}

// While debugging, a span is exported as soon as it ends.
func ExampleWithImmediateExport() {
	ctx := context.Background()
	exported := make(announcing)
	tracer, err := honeyhive.New(ctx, honeyhive.WithImmediateExport(), honeyhive.WithSpanExporter(exported))
	if err != nil {
		log.Fatal(err)
	}
	defer tracer.Shutdown(ctx)

	_, span := tracer.Start(ctx, "answer")
	span.End()
	fmt.Println(<-exported) // comes without a flush
	// Output:
	// 1 of answer
}

// Long texts are cut. Whom a span belongs to is added all the same.
func ExampleWithSpanLimits() {
	limits := sdktrace.NewSpanLimits()
	limits.AttributeValueLengthLimit = 10

	ctx := context.Background()
	exporter := tracetest.NewInMemoryExporter()
	tracer, err := honeyhive.New(ctx,
		honeyhive.WithProject("customer support"), honeyhive.WithSpanLimits(limits), honeyhive.WithSpanExporter(exporter))
	if err != nil {
		log.Fatal(err)
	}
	defer tracer.Shutdown(ctx)

	ctx, span := tracer.Start(ctx, "answer")
	tracer.EnrichSpan(ctx, honeyhive.Inputs{"question": "Where is my parcel?"})
	span.End()
	_ = tracer.ForceFlush(ctx)

	attributes := attribute.NewSet(exporter.GetSpans()[0].Attributes...)
	question, _ := attributes.Value("honeyhive_inputs.question")
	project, _ := attributes.Value("honeyhive.project")
	fmt.Printf("%v\n%v\n", question, project)
	// Output:
	// Where is m
	// customer support
}

// A process that runs one case of an experiment, started by somebody else, is
// told which.
func ExampleWithExperiment() {
	ctx := context.Background()
	exporter := tracetest.NewInMemoryExporter()
	tracer, err := honeyhive.New(ctx,
		honeyhive.WithExperiment("7d3c6f0a-52c4-4bd1-9d0e-0a6f7a1c0f55", "EXT-capitals", "EXT-france"),
		honeyhive.WithSpanExporter(exporter))
	if err != nil {
		log.Fatal(err)
	}
	defer tracer.Shutdown(ctx)

	_, span := tracer.Start(ctx, "answer")
	span.End()
	_ = tracer.ForceFlush(ctx)

	attributes := attribute.NewSet(exporter.GetSpans()[0].Attributes...)
	datapoint, _ := attributes.Value("honeyhive_metadata.datapoint_id")
	fmt.Println(datapoint)
	// Output:
	// EXT-france
}
