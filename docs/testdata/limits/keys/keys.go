// Package keys has a list of keys and does not say what for.
package keys

// Shared are keys that others are to see.
var Shared = []string{"run_id", "project"}
