package honeyhivetest_test

import (
	"fmt"
	"log"

	coltracepb "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	"google.golang.org/protobuf/encoding/protojson"

	"github.com/honeyhiveai/hhvet/honeyhive/honeyhivetest"
)

// What a Collector of one's own received, as it came over gRPC.
func ExampleDecode() {
	var request coltracepb.ExportTraceServiceRequest
	err := protojson.Unmarshal([]byte(`{"resourceSpans": [{
		"resource": {"attributes": [{"key": "service.name", "value": {"stringValue": "checkout"}}]},
		"scopeSpans": [{"spans": [{
			"name": "answer",
			"kind": "SPAN_KIND_SERVER",
			"attributes": [{"key": "honeyhive.project", "value": {"stringValue": "acme"}}],
			"events": [{"name": "retry"}]
		}]}]
	}]}`), &request)
	if err != nil {
		log.Fatal(err)
	}
	for _, span := range honeyhivetest.Decode(&request) {
		fmt.Println(span.Resource["service.name"], span.Name, span.Kind, span.Project(), span.Events[0].Name)
	}
	// Output:
	// checkout answer server acme retry
}
