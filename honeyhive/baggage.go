package honeyhive

import (
	"context"
	"fmt"

	"go.opentelemetry.io/otel/baggage"

	"github.com/honeyhiveai/hhvet/internal/tracekey"
)

// SafePropagationKeys returns the keys that may travel in baggage: those that
// all tracers share, and the one that discovery uses.
func SafePropagationKeys() []string { return tracekey.Safe() }

// ContextWithBaggage returns ctx with items added to its baggage. It refuses
// every key that is not in [SafePropagationKeys]: baggage is shared by all
// tracers on the context and leaves the process with every request, so what
// belongs to one tracer must not enter it. On an error ctx is returned as it
// was. Empty values are left out.
func ContextWithBaggage(ctx context.Context, items map[string]string) (context.Context, error) {
	if ctx == nil {
		ctx = context.Background()
	}
	members := make([]baggage.Member, 0, len(items))
	for key, value := range items {
		if !tracekey.IsSafe(key) {
			return ctx, refusal(key)
		}
		if value == "" {
			continue
		}
		m, err := baggage.NewMemberRaw(key, value)
		if err != nil {
			return ctx, fmt.Errorf("honeyhive: baggage value of %s: %w", key, err)
		}
		members = append(members, m)
	}
	if len(members) == 0 {
		return ctx, nil
	}
	bag := baggage.FromContext(ctx)
	if bag.Len() == 0 {
		var err error
		if bag, err = baggage.New(members...); err != nil {
			return ctx, fmt.Errorf("honeyhive: %w", err)
		}
		return baggage.ContextWithBaggage(ctx, bag), nil
	}
	for _, m := range members {
		var err error
		if bag, err = bag.SetMember(m); err != nil {
			return ctx, fmt.Errorf("honeyhive: %w", err)
		}
	}
	return baggage.ContextWithBaggage(ctx, bag), nil
}

func refusal(key string) error {
	canonical, kind := tracekey.Classify(key)
	switch {
	case kind == tracekey.PerTracer:
		return fmt.Errorf("honeyhive: baggage key %q: %s belongs to one tracer and must not be shared: give it to New or StartSession", key, canonical)
	case kind != tracekey.Unknown:
		return fmt.Errorf("honeyhive: baggage key %q: spell it %q", key, canonical)
	default:
		return fmt.Errorf("honeyhive: baggage key %q is not one of %q: use OpenTelemetry's baggage package for the application's own keys", key, tracekey.Safe())
	}
}

// experiment ties a span to a case of an experiment.
type experiment struct {
	runID, datasetID, datapointID string
}
