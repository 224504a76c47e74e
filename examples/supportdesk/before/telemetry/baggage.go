package telemetry

import (
	"context"
	"fmt"

	"go.opentelemetry.io/otel/baggage"

	"github.com/honeyhiveai/hhvet/honeyhive"
)

// propagated are the request's values that travel with its context.
var propagated = map[string]bool{
	"run_id":              true,
	"dataset_id":          true,
	"datapoint_id":        true,
	"honeyhive_tracer_id": true,
	"project":             true,
	"source":              true,
}

// Attach puts the propagated ones of values into ctx's baggage. What an
// outer call has attached stays.
func Attach(ctx context.Context, values map[string]string) (context.Context, error) {
	bag := baggage.FromContext(ctx)
	for key, value := range values {
		if !propagated[key] || bag.Member(key).Key() != "" {
			continue
		}
		member, err := baggage.NewMemberRaw(key, value)
		if err != nil {
			return ctx, fmt.Errorf("baggage member %s: %w", key, err)
		}
		if bag, err = bag.SetMember(member); err != nil {
			return ctx, fmt.Errorf("baggage member %s: %w", key, err)
		}
	}
	return baggage.ContextWithBaggage(ctx, bag), nil
}

// Current returns the tracer of the project that ctx works for: tenant's,
// unless an outer call has attached another.
func (t *Tenants) Current(ctx context.Context, tenant string) *honeyhive.Tracer {
	if project := baggage.FromContext(ctx).Member("project").Value(); project != "" {
		return t.tracers[project]
	}
	return t.tracers[tenant]
}
