package honeyhive

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"
)

// progress writes one line again and again while a run lasts.
type progress struct {
	w     io.Writer
	name  string
	total int // or -1
	begun time.Time

	mu           sync.Mutex
	done, failed int
	spent        time.Duration
	drawn        time.Time
	width        int // of the line on the screen
}

const progressEvery = 100 * time.Millisecond

// newProgress returns nil where w is not a terminal.
func newProgress(w io.Writer, name string, total int) *progress {
	if !isTerminal(w) {
		return nil
	}
	return &progress{w: w, name: name, total: total, begun: time.Now()}
}

// isTerminal reports whether lines written to w can be overwritten. A writer
// may say so itself.
func isTerminal(w io.Writer) bool {
	switch w := w.(type) {
	case interface{ IsTerminal() bool }:
		return w.IsTerminal()
	case *os.File:
		if w == nil {
			return false
		}
		info, err := w.Stat()
		return err == nil && info.Mode()&os.ModeCharDevice != 0 && os.Getenv("TERM") != "dumb"
	}
	return false
}

// add counts a case that took that long.
func (p *progress) add(took time.Duration, passed bool) {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done++
	p.spent += took
	if !passed {
		p.failed++
	}
	if time.Since(p.drawn) >= progressEvery || p.done == p.total {
		p.draw()
	}
}

func (p *progress) draw() {
	p.drawn = time.Now()
	var line strings.Builder
	line.WriteString(oneLine(p.name, 60))
	if p.total > 0 {
		const cells = 20
		full := min(cells*p.done/p.total, cells)
		fmt.Fprintf(&line, "  %s%s %d/%d", strings.Repeat("█", full), strings.Repeat("░", cells-full), p.done, p.total)
	} else {
		fmt.Fprintf(&line, "  %d cases", p.done)
	}
	if p.failed > 0 {
		fmt.Fprintf(&line, ", %d not passed", p.failed)
	}
	elapsed := time.Since(p.begun)
	if p.total > p.done && p.done > 0 {
		left := time.Duration(float64(elapsed) / float64(p.done) * float64(p.total-p.done))
		fmt.Fprintf(&line, ", %s left", rounded(left))
	} else {
		fmt.Fprintf(&line, ", %s", rounded(elapsed))
	}
	text := line.String()
	width := displayWidth(text)
	pad := strings.Repeat(" ", max(p.width-width, 0))
	p.width = width
	// An error of the terminal's is nothing to stop for.
	_, _ = io.WriteString(p.w, "\r"+text+pad)
}

// finish clears the line.
func (p *progress) finish() {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.width > 0 {
		_, _ = io.WriteString(p.w, "\r"+strings.Repeat(" ", p.width)+"\r")
	}
	p.width = 0
}

// rounded shortens a duration to what a reader wants of it: three digits, or
// whole seconds.
func rounded(d time.Duration) time.Duration {
	if d >= 10*time.Second {
		return d.Round(time.Second)
	}
	step := time.Duration(1)
	for d/step >= 1000 {
		step *= 10
	}
	return d.Round(step)
}
