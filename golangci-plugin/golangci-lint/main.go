// Command golangci-lint is golangci-lint with hhvet built in.
//
//	go build -C golangci-plugin/golangci-lint -o "$PWD/bin/golangci-lint" .
package main

import (
	"fmt"
	"os"

	"github.com/golangci/golangci-lint/v2/pkg/commands"
	"github.com/golangci/golangci-lint/v2/pkg/exitcodes"

	_ "github.com/honeyhiveai/hhvet/golangci-plugin"
)

func main() {
	// With this version golangci-lint salts its cache with a hash of the
	// executable, so that a rebuilt plugin is never given stale results.
	info := commands.BuildInfo{Version: "(devel)"}
	if err := commands.Execute(info); err != nil {
		fmt.Fprintf(os.Stderr, "golangci-lint: %v\n", err)
		os.Exit(exitcodes.Failure)
	}
}
