// Package globalbaggage defines an analyzer.
//
// # Analyzer globalbaggage
//
// globalbaggage: to be written
package globalbaggage
