// Hhvet reports the ways in which HoneyHive tracing leaks between tracers
// through OpenTelemetry baggage, and the calls that are gone in the SDK's next
// version, and fixes what it can. Run "hhvet help" for more.
package main

import (
	"os"

	"github.com/honeyhiveai/hhvet/analyzer"
	"github.com/honeyhiveai/hhvet/internal/command"
)

func main() {
	suite := command.Suite{Analyzers: analyzer.Suite(), Tokens: analyzer.Tokens}
	os.Exit(command.Main(suite, os.Args[1:], os.Stdout, os.Stderr))
}
