// Command otelhttp serves and calls HTTP with OpenTelemetry's own
// instrumentation, for two tenants in one process. Each tenant's requests are
// instrumented with the tenant's tracer.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"text/tabwriter"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/honeyhiveai/hhvet/honeyhive"
)

func main() {
	if err := run(context.Background(), os.Stdout); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, w io.Writer) error {
	spans := tracetest.NewInMemoryExporter()
	var tracers []*honeyhive.Tracer
	for _, tenant := range []string{"acme", "globex"} {
		tracer, err := honeyhive.New(ctx, honeyhive.WithProject(tenant), honeyhive.WithSpanExporter(spans),
			honeyhive.WithLogger(slog.New(slog.DiscardHandler)))
		if err != nil {
			return err
		}
		defer tracer.Shutdown(ctx)
		tracers = append(tracers, tracer)
		if err := call(ctx, tracer, tenant); err != nil {
			return fmt.Errorf("%s: %w", tenant, err)
		}
	}
	var errs []error
	for _, tracer := range tracers {
		errs = append(errs, tracer.ForceFlush(ctx))
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	return print(w, spans.GetSpans())
}

// call makes a request of a tenant's server.
func call(ctx context.Context, tracer *honeyhive.Tracer, tenant string) error {
	instrumented := []otelhttp.Option{
		otelhttp.WithTracerProvider(tracer.TracerProvider()),
		otelhttp.WithPropagators(tracer.Propagator()),
	}
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		tracer.EnrichSpan(r.Context(), honeyhive.Metadata{"tenant": tenant})
		fmt.Fprintln(w, "hello", tenant)
	})
	server := httptest.NewServer(otelhttp.NewHandler(handler, "serve", instrumented...))
	defer server.Close()
	client := http.Client{Transport: otelhttp.NewTransport(http.DefaultTransport, instrumented...)}

	ctx, span := tracer.Start(ctx, "ask "+tenant)
	defer span.End()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, server.URL, nil)
	if err != nil {
		return err
	}
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, resp.Body)
	return errors.Join(err, resp.Body.Close())
}

// print lists each project's spans as a tree.
func print(w io.Writer, spans tracetest.SpanStubs) error {
	slices.SortFunc(spans, func(a, b tracetest.SpanStub) int { return a.StartTime.Compare(b.StartTime) })
	depth := make(map[string]int)
	tw := tabwriter.NewWriter(w, 0, 0, 3, ' ', 0)
	fmt.Fprintln(tw, "SPAN\tKIND\tPROJECT")
	for _, s := range spans {
		d := 0
		if s.Parent.IsValid() {
			d = depth[s.Parent.SpanID().String()] + 1
		}
		depth[s.SpanContext.SpanID().String()] = d
		project := ""
		for _, a := range s.Attributes {
			if a.Key == "honeyhive.project" {
				project = a.Value.AsString()
			}
		}
		fmt.Fprintf(tw, "%s%s\t%s\t%s\n", strings.Repeat("  ", d), s.Name, s.SpanKind, project)
	}
	return tw.Flush()
}
