// Package answer answers questions. Its test shows how to test traced code.
package answer

import (
	"context"
	"errors"
	"strings"

	"github.com/honeyhiveai/hhvet/honeyhive"
)

// ErrNoQuestion is returned where there is nothing to answer.
var ErrNoQuestion = errors.New("no question")

// Answer returns the answer to question, and records both.
func Answer(ctx context.Context, tracer *honeyhive.Tracer, question string) (string, error) {
	return honeyhive.Trace(ctx, tracer, "answer", func(ctx context.Context) (string, error) {
		if !strings.HasSuffix(question, "?") {
			return "", ErrNoQuestion
		}
		tracer.EnrichSpan(ctx, honeyhive.Metrics{"words": len(strings.Fields(question))})
		return "It depends.", nil
	}, honeyhive.Inputs{"question": question}, honeyhive.RecordOutput())
}
