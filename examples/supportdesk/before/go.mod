module example.com/supportdesk

go 1.26.0

require (
	github.com/honeyhiveai/hhvet v0.0.0
	go.opentelemetry.io/otel v1.47.0
	go.opentelemetry.io/otel/sdk v1.47.0
)

replace github.com/honeyhiveai/hhvet => ../../..
