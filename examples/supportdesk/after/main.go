// Command supportdesk answers support tickets for two customers of an LLM
// platform. Each customer has a HoneyHive project and a tracer of its own.
//
// It needs no account: spans are kept in memory, and at the end the program
// prints in whose project each one was recorded.
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"os"
	"text/tabwriter"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"example.com/supportdesk/desk"
	"example.com/supportdesk/llm"
	"example.com/supportdesk/retrieval"
	"example.com/supportdesk/telemetry"
)

func main() {
	if err := run(context.Background(), os.Stdout); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, w io.Writer) error {
	spans := tracetest.NewInMemoryExporter()
	tenants, err := telemetry.Open(ctx, spans, "acme", "globex")
	if err != nil {
		return err
	}
	model := llm.Model{Name: "parrot-1"}
	docs := retrieval.Index{
		"invoice": "Invoices are sent on the first of the month.",
		"webhook": "Webhooks are retried for three days.",
	}
	globex := desk.New(tenants, "globex", model, docs, nil)
	// Acme resells Globex's webhooks and hands such tickets over.
	acme := desk.New(tenants, "acme", model, docs, map[string]*desk.Desk{"webhook": globex})

	for _, ticket := range []desk.Ticket{
		{ID: "A-1", Topic: "invoice", Question: "When do I get my invoice?"},
		{ID: "A-2", Topic: "webhook", Question: "Why was my webhook called twice?"},
	} {
		if _, err := acme.Answer(ctx, ticket); err != nil {
			return fmt.Errorf("answer %s: %w", ticket.ID, err)
		}
	}
	if err := tenants.Flush(ctx); err != nil {
		return err
	}
	return report(w, spans.GetSpans().Snapshots())
}

// report prints where each span belongs and where it was recorded.
func report(w io.Writer, spans []sdktrace.ReadOnlySpan) error {
	tw := tabwriter.NewWriter(w, 0, 0, 3, ' ', 0)
	fmt.Fprintln(tw, "SPAN\tBELONGS TO\tRECORDED IN\t")
	leaks := 0
	for _, s := range spans {
		var owner, project string
		for _, a := range s.Attributes() {
			switch a.Key {
			case "honeyhive_metadata.tenant":
				owner = a.Value.AsString()
			case "honeyhive.project":
				project = a.Value.AsString()
			}
		}
		note := ""
		if owner != project {
			note = "<- leak"
			leaks++
		}
		fmt.Fprintf(tw, "%s\t%s\t%s\t%s\n", s.Name(), owner, project, note)
	}
	fmt.Fprintf(tw, "\n%d of %d spans in another customer's project\n", leaks, len(spans))
	return tw.Flush()
}
