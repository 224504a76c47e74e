package honeyhive

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// tableCases is how many cases WriteTable shows.
const tableCases = 10

// WriteTable writes the run as a text for a terminal: its metrics, and the
// worst cases. The error is w's.
func (r *Report) WriteTable(w io.Writer) error {
	var b strings.Builder
	passed, notPassed, failed := r.count()
	fmt.Fprintf(&b, "%s: %s", oneLine(r.Name, 80), plural(len(r.Cases), "case"))
	for _, part := range []struct {
		n    int
		text string
	}{{passed, "passed"}, {notPassed, "did not pass"}, {failed, "failed"}, {r.Unfinished, "not finished"}} {
		if part.n > 0 {
			fmt.Fprintf(&b, ", %d %s", part.n, part.text)
		}
	}
	fmt.Fprintf(&b, " (%v)\n", rounded(r.Duration))
	if len(r.Metrics) > 0 {
		b.WriteByte('\n')
		r.metricTable().write(&b)
	}
	for _, o := range r.Overall {
		if o.Error != "" {
			fmt.Fprintf(&b, "%s: %s\n", oneLine(o.Name, 40), oneLine(o.Error, 100))
			continue
		}
		fmt.Fprintf(&b, "%s over all cases: %s  %s\n", oneLine(o.Name, 40), scoreText(o), oneLine(o.Explanation, 80))
	}
	bad := slices.DeleteFunc(r.worst(), (*ReportCase).passed)
	if len(bad) > 0 {
		b.WriteString("\nWorst cases\n")
		t := textTable{{"#", "INPUT", "OUTPUT", "WANTED", "WHY"}}
		for _, c := range bad[:min(len(bad), tableCases)] {
			t = append(t, []string{
				strconv.Itoa(c.Index + 1), oneLine(c.Input, 40), oneLine(c.Output, 24), oneLine(c.GroundTruth, 24), oneLine(c.why(), 60),
			})
		}
		t.write(&b)
		if more := len(bad) - tableCases; more > 0 {
			fmt.Fprintf(&b, "and %d more\n", more)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func (r *Report) metricTable() textTable {
	head := []string{"METRIC"}
	for _, m := range r.Metrics {
		for _, a := range m.Aggregates {
			if name := strings.ToUpper(oneLine(a.Name, 24)); !slices.Contains(head, name) {
				head = append(head, name)
			}
		}
	}
	aggregates := head[1:]
	t := textTable{append(head[:len(head):len(head)], "PASSED", "ERRORS", "DISTRIBUTION")}
	for _, m := range r.Metrics {
		row := []string{oneLine(m.Name, 40)}
		for _, name := range aggregates {
			text := "-"
			for _, a := range m.Aggregates {
				if strings.ToUpper(oneLine(a.Name, 24)) == name {
					text = number(a.Value)
				}
			}
			row = append(row, text)
		}
		verdicts := "-"
		if m.Passed+m.Failed > 0 {
			verdicts = fmt.Sprintf("%d/%d", m.Passed, m.Passed+m.Failed)
		}
		t = append(t, append(row, verdicts, strconv.Itoa(m.Errors), sparkline(bins(r.values(m.Name), 10))))
	}
	return t
}

// why says in a few words what is wrong with a case.
func (c *ReportCase) why() string {
	if c.Error != "" {
		return c.Error
	}
	var parts []string
	for _, s := range c.Scores {
		switch {
		case s.Error != "":
			parts = append(parts, s.Name+": "+s.Error)
		case s.Verdict == Failed && s.Explanation != "":
			parts = append(parts, s.Name+": "+s.Explanation)
		case s.Verdict == Failed:
			parts = append(parts, s.Name+" "+scoreText(s))
		}
	}
	return strings.Join(parts, "; ")
}

func scoreText(s ReportScore) string {
	if s.Binary {
		return string(s.Verdict)
	}
	return number(s.Value)
}

// textTable is rows of cells, the first of them the head.
type textTable [][]string

// write aligns the columns. Numbers stand at the right.
func (t textTable) write(b *strings.Builder) {
	widths := make([]int, len(t[0]))
	numeric := make([]bool, len(t[0]))
	for col := range t[0] {
		numeric[col] = len(t) > 1
		for i, row := range t {
			widths[col] = max(widths[col], displayWidth(row[col]))
			if i > 0 && strings.Trim(row[col], "+-−.,/0123456789e") != "" {
				numeric[col] = false
			}
		}
	}
	for _, row := range t {
		var line strings.Builder
		for col, cell := range row {
			pad := strings.Repeat(" ", widths[col]-displayWidth(cell))
			if numeric[col] {
				line.WriteString(pad + cell)
			} else {
				line.WriteString(cell + pad)
			}
			line.WriteString("  ")
		}
		b.WriteString(strings.TrimRight(line.String(), " "))
		b.WriteByte('\n')
	}
}

// displayWidth is about how many columns s takes on a terminal.
func displayWidth(s string) int {
	n := 0
	for _, r := range s {
		switch {
		case unicode.Is(unicode.Mn, r):
		case r >= 0x1100 && (r <= 0x115f || r >= 0x2e80 && r <= 0xa4cf || r >= 0xac00 && r <= 0xd7a3 ||
			r >= 0xf900 && r <= 0xfaff || r >= 0xfe30 && r <= 0xfe6f || r >= 0xff00 && r <= 0xff60 ||
			r >= 0x1f300 && r <= 0x1faff || r >= 0x20000 && r <= 0x3fffd):
			n += 2
		default:
			n++
		}
	}
	return n
}

// oneLine is s without line breaks and control characters, which would leave
// its cell or command the terminal, cut to n runes.
func oneLine(s string, n int) string {
	if len(s) > 8*n {
		s = s[:8*n]
	}
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == utf8.RuneError:
			return -1
		}
		return r
	}, s)
	s = strings.Join(strings.Fields(s), " ")
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	runes := []rune(s)
	return strings.TrimSpace(string(runes[:n-1])) + "…"
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.Itoa(n) + " " + noun + "s"
}

// number writes x with three significant decimals at most.
func number(x float64) string {
	if x == math.Trunc(x) && math.Abs(x) < 1e9 {
		return strconv.FormatFloat(x, 'f', -1, 64)
	}
	if abs := math.Abs(x); abs < 0.001 || abs >= 1e9 {
		return strconv.FormatFloat(x, 'g', 3, 64)
	}
	s := strconv.FormatFloat(x, 'f', 3, 64)
	return strings.TrimRight(strings.TrimRight(s, "0"), ".")
}

func signed(x float64) string {
	if math.Abs(x) < sameScore {
		return "0"
	}
	if x > 0 {
		return "+" + number(x)
	}
	return number(x)
}

// A histogram counts values in bins of equal width, or with log of equal
// ratio.
type histogram struct {
	low, high float64
	log       bool
	counts    []int
}

// edge returns where the i-th bin begins.
func (h histogram) edge(i int) float64 {
	at := float64(i) / float64(len(h.counts))
	if h.log {
		return h.low * math.Pow(h.high/h.low, at)
	}
	// Not by the width of the range, which may not fit a float64.
	return h.low*(1-at) + h.high*at
}

// bins sorts ascending values into at most n bins. Scores between 0 and 1
// share the scale from 0 to 1.
func bins(values []float64, n int) histogram {
	if len(values) == 0 {
		return histogram{}
	}
	h := histogram{low: values[0], high: values[len(values)-1]}
	if h.low >= 0 && h.high <= 1 {
		h.low, h.high = 0, 1
	}
	if h.low == h.high {
		h.counts = []int{len(values)}
		return h
	}
	h.counts = make([]int, n)
	for _, v := range values {
		// Halves first: the whole range may not fit a float64.
		at := (v/2 - h.low/2) / (h.high/2 - h.low/2)
		h.counts[min(int(at*float64(n)), n-1)]++
	}
	return h
}

// ratioBins is bins for values that span orders of magnitude, such as
// durations: one that is much longer than the others would leave them all in
// the first bin.
func ratioBins(values []float64, n int) histogram {
	h := histogram{low: values[0], high: values[len(values)-1], log: true}
	if h.low <= 0 || h.high/h.low < 20 {
		return bins(values, n)
	}
	h.counts = make([]int, n)
	for _, v := range values {
		h.counts[min(int(math.Log(v/h.low)/math.Log(h.high/h.low)*float64(n)), n-1)]++
	}
	return h
}

func sparkline(h histogram) string {
	if len(h.counts) == 0 {
		return "-"
	}
	levels := []rune(" ▁▂▃▄▅▆▇█")
	top := slices.Max(h.counts)
	var b strings.Builder
	for _, n := range h.counts {
		level := 0
		if n > 0 {
			level = 1 + (len(levels)-2)*n/top
		}
		b.WriteRune(levels[min(level, len(levels)-1)])
	}
	return fmt.Sprintf("%s │%s│ %s", number(h.low), b.String(), number(h.high))
}
