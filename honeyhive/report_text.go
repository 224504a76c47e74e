package honeyhive

import "unicode/utf8"

// displayWidth is about how many columns s takes on a terminal.
func displayWidth(s string) int { return utf8.RuneCountInString(s) }
