// Package named has a list of keys whose name says what for.
package named

// PropagatedKeys are keys that others are to see.
var PropagatedKeys = []string{"run_id", "project"}
