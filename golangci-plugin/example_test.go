package golangciplugin_test

import (
	"fmt"
	"log"

	golangciplugin "github.com/honeyhiveai/hhvet/golangci-plugin"
)

// What golangci-lint does with the settings of .golangci.yml.
func ExampleNew() {
	plugin, err := golangciplugin.New(map[string]any{
		"globalbaggage":    map[string]any{"keys": []string{"tenant_id"}},
		"deprecatedenrich": map[string]any{"assume": true},
	})
	if err != nil {
		log.Fatal(err)
	}
	analyzers, err := plugin.BuildAnalyzers()
	if err != nil {
		log.Fatal(err)
	}
	for _, a := range analyzers {
		fmt.Println(a.Name)
	}

	_, err = golangciplugin.New(map[string]any{"globalbaggage": map[string]any{"key": "tenant_id"}})
	fmt.Println(err)
	// Output:
	// deprecatedenrich
	// globalbaggage
	// hhdirective
	// hhvet: decoding settings: json: unknown field "key"
}
