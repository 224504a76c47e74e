// Package keys says which keys propagate.
package keys

// Propagated is copied into baggage by others.
var Propagated = []string{"run_id", "project"}

// Safe is a set.
var Safe = map[string]bool{
	"run_id":     true,
	"session_id": true,
	"source":     false,
}

// IsSafe decides.
func IsSafe(key string) bool {
	return key == "dataset_id" || key == "source"
}

// List returns the keys.
func List() []string { return []string{"run_id", "session_name"} }
