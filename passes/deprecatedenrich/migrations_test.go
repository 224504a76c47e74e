package deprecatedenrich

import (
	"os"
	"regexp"
	"slices"
	"testing"

	"golang.org/x/tools/go/analysis/analysistest"

	"github.com/honeyhiveai/hhvet/internal/corpus"
)

// One entry of the table is all that a new pair of function and method takes.
func TestNewPair(t *testing.T) {
	old := migrations
	defer func() { migrations = old }()
	migrations = append(slices.Clip(migrations), migration{
		function: "Rate",
		method:   "EnrichSpan",
		between:  []argument{{field: "Feedback", none: "nil"}},
	})
	analysistest.RunWithSuggestedFixes(t, analysistest.TestData(), New(DefaultOptions()), "newpair")
}

// A package is not even looked at unless a token occurs in its source.
func TestTokens(t *testing.T) {
	for _, m := range migrations {
		if !slices.Contains(Tokens, m.function) {
			t.Errorf("Tokens lacks %s", m.function)
		}
	}
}

// The SDK declares what the table names, and nothing else is deprecated there.
func TestMigrationsCoverSDK(t *testing.T) {
	legacy, err := os.ReadFile(corpus.Root() + "/honeyhive/legacy.go")
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, match := range regexp.MustCompile(`(?m)^// Deprecated:(?:.*\n)+?func (\w+)\(`).FindAllSubmatch(legacy, -1) {
		want = append(want, string(match[1]))
	}
	for _, name := range want {
		known := name == "WithTracer" || slices.ContainsFunc(migrations, func(m migration) bool { return m.function == name })
		if !known {
			t.Errorf("the SDK deprecates %s, which no migration covers", name)
		}
	}
	if len(want) < 3 {
		t.Errorf("found only %v in the SDK's legacy.go", want)
	}
}
