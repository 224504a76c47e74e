package hhdirective_test

import (
	"testing"

	"golang.org/x/tools/go/analysis/analysistest"

	"github.com/honeyhiveai/hhvet/internal/corpus"
	"github.com/honeyhiveai/hhvet/passes/hhdirective"
)

func Test(t *testing.T) {
	analysistest.Run(t, corpus.Dir(t), hhdirective.Analyzer, "./hhdirective")
}
