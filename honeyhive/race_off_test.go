//go:build !race

package honeyhive

const raceEnabled = false
