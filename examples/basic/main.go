// Command basic traces one question on its way to an answer.
//
// Without HH_API_KEY nothing leaves the machine: spans go to the file that
// HH_TRACE_FILE names, one OTLP trace in JSON on each line.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"strings"

	"github.com/honeyhiveai/hhvet/honeyhive"
)

func main() {
	if err := run(context.Background()); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context) (err error) {
	tracer, err := honeyhive.New(ctx, honeyhive.WithProject("basic"), honeyhive.WithSource("example"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, tracer.Shutdown(ctx)) }()

	// A session holds what belongs together: a conversation, a request.
	ctx, err = tracer.StartSession(ctx, honeyhive.WithSessionName("a visitor"), honeyhive.UserProperties{"plan": "free"})
	if err != nil {
		return err
	}

	question := "How long are webhooks retried?"
	answer, err := honeyhive.Trace(ctx, tracer, "answer", func(ctx context.Context) (string, error) {
		doc := retrieve(ctx, tracer, question)
		return complete(ctx, tracer, doc)
	}, honeyhive.Inputs{"question": question}, honeyhive.RecordOutput())
	if err != nil {
		return err
	}
	fmt.Println(answer)
	return tracer.EnrichSession(ctx, honeyhive.Feedback{"helpful": true})
}

// retrieve shows a span made by hand.
func retrieve(ctx context.Context, tracer *honeyhive.Tracer, question string) string {
	ctx, span := tracer.Start(ctx, "retrieve")
	defer span.End()
	doc := "Webhooks are retried for three days."
	tracer.EnrichSpan(ctx, honeyhive.Inputs{"query": question}, honeyhive.Metrics{"documents": 1})
	return doc
}

// complete stands in for a model that repeats what it is told.
func complete(ctx context.Context, tracer *honeyhive.Tracer, prompt string) (string, error) {
	return honeyhive.Trace(ctx, tracer, "complete", func(ctx context.Context) (string, error) {
		tracer.EnrichSpan(ctx,
			honeyhive.Config{"model": "parrot-1", "temperature": 0},
			honeyhive.Metadata{"prompt_tokens": len(strings.Fields(prompt))})
		return prompt, nil
	}, honeyhive.EventTypeModel)
}
