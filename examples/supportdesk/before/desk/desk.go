// Package desk answers a tenant's support tickets.
package desk

import (
	"context"
	"fmt"

	"github.com/honeyhiveai/hhvet/honeyhive"

	"example.com/supportdesk/llm"
	"example.com/supportdesk/retrieval"
	"example.com/supportdesk/telemetry"
)

// A Ticket is a customer's question.
type Ticket struct {
	ID       string
	Topic    string
	Question string
}

// A Desk answers the tickets of one tenant.
type Desk struct {
	tenants  *telemetry.Tenants
	tenant   string
	model    llm.Model
	docs     retrieval.Index
	partners map[string]*Desk // by topic
}

// New returns the tenant's desk. Tickets about a partner's topic are handed
// over to the partner.
func New(tenants *telemetry.Tenants, tenant string, model llm.Model, docs retrieval.Index, partners map[string]*Desk) *Desk {
	return &Desk{tenants, tenant, model, docs, partners}
}

// Answer returns the text to send to the customer.
func (d *Desk) Answer(ctx context.Context, ticket Ticket) (string, error) {
	ctx, err := telemetry.Attach(ctx, map[string]string{
		"project": d.tenant,
		"source":  "supportdesk",
		"run_id":  ticket.ID,
	})
	if err != nil {
		return "", err
	}
	tracer := d.tenants.Current(ctx, d.tenant)
	ctx, span := tracer.Start(ctx, d.tenant+" answers "+ticket.ID)
	defer span.End()
	honeyhive.EnrichSpan(ctx,
		honeyhive.WithTracer(tracer), // the tenant's
		honeyhive.Inputs{"question": ticket.Question},
		honeyhive.Metadata{"tenant": d.tenant, "topic": ticket.Topic},
	)

	if partner := d.partners[ticket.Topic]; partner != nil {
		return partner.Answer(ctx, ticket)
	}
	found := d.docs.Search(ctx, tracer, d.tenant, ticket.Topic)
	answer, err := d.model.Complete(ctx, tracer, d.tenant, ticket.Question+"\n"+found)
	if err != nil {
		honeyhive.EnrichSpan(ctx, honeyhive.Error(err))
		return "", fmt.Errorf("complete: %w", err)
	}
	honeyhive.EnrichSpan(ctx, honeyhive.Outputs{"answer": answer})
	return answer, nil
}
