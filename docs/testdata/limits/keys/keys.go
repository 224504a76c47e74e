// Package keys has keys and does not say what for.
package keys

import "net/http"

// Constant is a key that importers see.
const Constant = "project"

// Team is a key, and Shared are keys, that others are to see.
var (
	Team   = "project"
	Shared = []string{"run_id", "project"}
)

// Key returns a key.
func Key() string { return "project" }

// SetHeader sets any header.
func SetHeader(h http.Header, name, value string) { h.Set(name, value) }
