package globalbaggage_test

import (
	"testing"
	"time"

	"golang.org/x/tools/go/analysis"

	"github.com/honeyhiveai/hhvet/passes/globalbaggage"
)

// BenchmarkFacts compares loading and analysing a service's packages with
// and without facts about what they import. The ratio is of the whole, as a
// user waits for it.
func BenchmarkFacts(b *testing.B) {
	for range b.N {
		start := time.Now()
		pkgs := load(b, nil, "./globalbaggage/...")
		loading := time.Since(start)

		measure := func(a *analysis.Analyzer) time.Duration {
			start := time.Now()
			diagnose(b, a, pkgs)
			return time.Since(start)
		}
		without := measure(globalbaggage.NewWithoutFacts())
		with := measure(globalbaggage.New(globalbaggage.Options{}))
		b.ReportMetric(float64((loading+with))/float64(loading+without), "with/without")
		b.ReportMetric(with.Seconds()*1000, "ms-with")
		b.ReportMetric(without.Seconds()*1000, "ms-without")
		b.ReportMetric(loading.Seconds()*1000, "ms-loading")
	}
}

// BenchmarkNothing analyses packages that have nothing to do with baggage.
func BenchmarkNothing(b *testing.B) {
	pkgs := load(b, nil, "go/types", "net/http", "encoding/json")
	b.ResetTimer()
	for range b.N {
		diagnose(b, globalbaggage.New(globalbaggage.Options{}), pkgs)
	}
}
