package analyzer_test

import (
	"fmt"
	"strings"

	"golang.org/x/tools/go/analysis/passes/printf"

	"github.com/honeyhiveai/hhvet/analyzer"
)

// A command of one's own runs hhvet's analyzers beside others: give them all
// to the Main of package multichecker or unitchecker.
func ExampleSuite() {
	checks := append(analyzer.Suite(), printf.Analyzer)
	for _, check := range checks {
		fmt.Println(check.Name)
	}
	// Output:
	// deprecatedenrich
	// globalbaggage
	// hhdirective
	// printf
}

// The settings of a driver that has no flags.
func ExampleNew() {
	opts := analyzer.DefaultOptions()
	opts.GlobalBaggage.Keys = []string{"tenant_id"}
	opts.DeprecatedEnrich.Assume = false
	opts.Disable = []string{"hhdirective"}

	checks, err := analyzer.New(opts)
	if err != nil {
		fmt.Println(err)
	}
	for _, check := range checks {
		fmt.Println(check.Name)
	}

	opts.Disable = []string{"baggage"}
	_, err = analyzer.New(opts)
	fmt.Println(err)
	// Output:
	// deprecatedenrich
	// globalbaggage
	// disable: there is no analyzer "baggage", or it is named twice; known are deprecatedenrich, globalbaggage, hhdirective
}

// A driver need not parse a package in which none of the words occurs. What
// the facts of its dependencies mention has to be looked for as well.
func ExampleTokens() {
	files := map[string]string{
		"cart.go":  `package cart; func Total(prices []int) (sum int) { return }`,
		"trace.go": `package trace; import "go.opentelemetry.io/otel/baggage"; var m, _ = baggage.NewMember("locale", "en")`,
	}
	matters := func(source string) bool {
		for _, token := range analyzer.Tokens(analyzer.Suite()) {
			if strings.Contains(strings.ToLower(source), strings.ToLower(token.Text)) {
				return true
			}
		}
		return false
	}
	fmt.Println(matters(files["cart.go"]), matters(files["trace.go"]))
	// Output:
	// false true
}
