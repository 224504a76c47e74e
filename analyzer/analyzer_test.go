package analyzer_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/go/analysis"

	"github.com/honeyhiveai/hhvet/analyzer"
	"github.com/honeyhiveai/hhvet/internal/directive"
)

func TestSuite(t *testing.T) {
	suite := analyzer.Suite()
	if err := analysis.Validate(suite); err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, a := range suite {
		names = append(names, a.Name)
	}
	if diff := cmp.Diff(directive.Names, names); diff != "" {
		t.Errorf("names that //hhvet:ignore accepts differ from the suite's (-directive +suite):\n%s", diff)
	}
}
