// Fullvet runs hhvet's analyzers under x/tools' own driver for go vet, which
// analyses every package there is: what hhvet's results are compared with.
package main

import (
	"golang.org/x/tools/go/analysis/unitchecker"

	"github.com/honeyhiveai/hhvet/analyzer"
)

func main() { unitchecker.Main(analyzer.Suite()...) }
