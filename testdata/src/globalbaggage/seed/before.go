// Package seed is the bug that hhvet was made for, before and after its fix.
package seed

import (
	"context"

	"go.opentelemetry.io/otel/baggage"
)

// Reported: the list that a context's items are filtered by has two keys of a single tracer.
var safePropagationKeys = map[string]bool{
	"run_id":              true,
	"dataset_id":          true,
	"datapoint_id":        true,
	"honeyhive_tracer_id": true,
	"project":             true, // want `per-tracer key "project" is let into baggage by this list, so every tracer and service on this context sees it. Give each tracer its project with honeyhive.WithProject`
	"source":              true, // want `per-tracer key "source" is let into baggage by this list`
}

// applyBaggageContext puts the items of an evaluation on the context.
func applyBaggageContext(ctx context.Context, items map[string]string) (context.Context, error) {
	bag := baggage.FromContext(ctx)
	for key, value := range items {
		if !safePropagationKeys[key] {
			continue
		}
		member, err := baggage.NewMemberRaw(key, value)
		if err != nil {
			return ctx, err
		}
		if bag, err = bag.SetMember(member); err != nil {
			return ctx, err
		}
	}
	return baggage.ContextWithBaggage(ctx, bag), nil
}
