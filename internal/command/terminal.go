package command

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"golang.org/x/term"
)

// isTerminal reports whether a person looks at w.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd())) && os.Getenv("TERM") != "dumb"
}

// colored reports whether to colour what is written to w. See no-color.org.
func colored(w io.Writer) bool {
	return isTerminal(w) && os.Getenv("NO_COLOR") == ""
}

// patience is how long somebody waits without being told what for.
const patience = time.Second

// progress shows text on a terminal once it takes longer than [patience],
// until stop is called.
func (c *command) progress(text string) (stop func()) {
	if !isTerminal(c.stderr) {
		return func() {}
	}
	var mu sync.Mutex
	shown, stopped := false, false
	timer := time.AfterFunc(patience, func() {
		mu.Lock()
		defer mu.Unlock()
		if !stopped {
			fmt.Fprintf(c.stderr, "hhvet: %s…", text)
			shown = true
		}
	})
	return func() {
		timer.Stop()
		mu.Lock()
		defer mu.Unlock()
		stopped = true
		if shown {
			fmt.Fprint(c.stderr, "\r\x1b[K")
			shown = false
		}
	}
}
