package answer_test

import (
	"errors"
	"net/http"
	"testing"

	"github.com/honeyhiveai/hhvet/honeyhive"
	"github.com/honeyhiveai/hhvet/honeyhive/honeyhivetest"

	answer "example.com/testing"
)

func TestAnswer(t *testing.T) {
	backend := honeyhivetest.NewBackend(t)
	tracer := backend.NewTracer(honeyhive.WithProject("support"))

	if _, err := answer.Answer(t.Context(), tracer, "Does it work?"); err != nil {
		t.Fatal(err)
	}
	span := backend.RequireSpan("answer")
	if span.Project() != "support" {
		t.Errorf("project = %q, want support", span.Project())
	}
	for key, want := range map[string]any{
		"honeyhive_inputs.question": "Does it work?",
		"honeyhive_metrics.words":   int64(3),
	} {
		if got := span.Attributes[key]; got != want {
			t.Errorf("%s = %v, want %v", key, got, want)
		}
	}
}

func TestAnswerRecordsErrors(t *testing.T) {
	backend := honeyhivetest.NewBackend(t)

	_, err := answer.Answer(t.Context(), backend.NewTracer(), "No.")
	if !errors.Is(err, answer.ErrNoQuestion) {
		t.Errorf("error %v, want %v", err, answer.ErrNoQuestion)
	}
	if span := backend.RequireSpan("answer"); !span.Error {
		t.Error("the span does not say that it failed")
	}
}

// An outage of HoneyHive is no outage of the application's, and nothing is
// lost in a short one.
func TestAnswerDuringAnOutage(t *testing.T) {
	backend := honeyhivetest.NewBackend(t)
	backend.Inject(honeyhivetest.Fault{Path: "/opentelemetry", Status: http.StatusServiceUnavailable, Times: 1})

	if _, err := answer.Answer(t.Context(), backend.NewTracer(), "Is anybody there?"); err != nil {
		t.Fatal(err)
	}
	backend.RequireSpan("answer")
}
