// Package telemetry holds the tenants' tracers.
package telemetry

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/honeyhiveai/hhvet/honeyhive"
)

// Tenants has one tracer for each tenant.
type Tenants struct {
	names   []string
	tracers map[string]*honeyhive.Tracer
}

// Open makes a tracer for each of the named tenants, which is also the name
// of the tenant's project. All of them export to exporter.
func Open(ctx context.Context, exporter sdktrace.SpanExporter, names ...string) (*Tenants, error) {
	t := &Tenants{names: names, tracers: make(map[string]*honeyhive.Tracer, len(names))}
	for _, name := range names {
		tracer, err := honeyhive.New(ctx,
			honeyhive.WithProject(name),
			honeyhive.WithSource("supportdesk"),
			honeyhive.WithSpanExporter(exporter),
			honeyhive.WithLogger(slog.New(slog.DiscardHandler)),
		)
		if err != nil {
			return nil, fmt.Errorf("tracer of %s: %w", name, err)
		}
		t.tracers[name] = tracer
	}
	return t, nil
}

// Flush exports what the tracers still hold.
func (t *Tenants) Flush(ctx context.Context) error {
	var errs []error
	for _, name := range t.names {
		if err := t.tracers[name].ForceFlush(ctx); err != nil {
			errs = append(errs, fmt.Errorf("flush %s: %w", name, err))
		}
	}
	return errors.Join(errs...)
}
