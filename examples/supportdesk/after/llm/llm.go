// Package llm calls the model.
package llm

import (
	"context"
	"strings"

	"github.com/honeyhiveai/hhvet/honeyhive"
)

// A Model completes prompts.
type Model struct {
	Name string
}

// Complete returns the model's answer to prompt.
func (m Model) Complete(ctx context.Context, tracer *honeyhive.Tracer, tenant, prompt string) (string, error) {
	ctx, span := tracer.Start(ctx, tenant+" completes")
	defer span.End()
	defer tracer.EnrichSpan(ctx, honeyhive.Config{"model": m.Name})

	tracer.EnrichSpan(ctx, honeyhive.Metadata{"tenant": tenant})
	answer := m.infer(ctx, prompt)
	return answer, nil
}

// infer repeats the last line, as a parrot would.
func (m Model) infer(ctx context.Context, prompt string) string {
	lines := strings.Split(prompt, "\n")
	honeyhive.TracerFromContext(ctx).EnrichSpan(ctx, honeyhive.Metrics{"prompt_lines": len(lines)})
	return lines[len(lines)-1]
}
