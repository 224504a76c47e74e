// Multi runs hhvet's analyzers under x/tools' multichecker, the usual driver
// of analyzers on their own.
package main

import (
	"golang.org/x/tools/go/analysis/multichecker"

	"github.com/honeyhiveai/hhvet/analyzer"
)

func main() { multichecker.Main(analyzer.Suite()...) }
