package honeyhive

import (
	"bufio"
	"cmp"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html"
	"io"
	"math"
	"strconv"
	"strings"
	"time"
)

//go:embed report.css
var reportStyle string

//go:embed report.js
var reportScript string

// htmlCases is how many cases a page shows. More would be slow to open, and
// the worst come first.
const htmlCases = 2000

// WriteHTML writes the run as a page of its own, which loads nothing from
// anywhere: how each metric's scores are distributed, and the cases with the
// worst first. With an earlier report it says what has changed since. The
// error is w's.
func (r *Report) WriteHTML(w io.Writer, earlier ...*Report) error {
	p := &page{Writer: bufio.NewWriter(w), report: r}
	if len(earlier) > 0 && earlier[0] != nil {
		c := r.Compare(earlier[0])
		p.compared = &c
	}
	p.write()
	return p.Flush()
}

// page writes HTML. Whatever comes from a run passes through esc.
type page struct {
	*bufio.Writer
	report   *Report
	compared *Comparison
}

func esc(s string) string { return html.EscapeString(valid(s)) }

// f writes a format whose arguments are numbers or HTML already. An error
// stays with the bufio.Writer until Flush.
func (p *page) f(format string, args ...any) { fmt.Fprintf(p, format, args...) }

func (p *page) write() {
	r := p.report
	script := sha256.Sum256([]byte(reportScript))
	p.f(`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-%s'">
<meta name="referrer" content="no-referrer"><title>%s</title><style>%s</style></head><body>
`, base64.StdEncoding.EncodeToString(script[:]), esc(r.Name), reportStyle)
	p.header()
	p.f("<main>\n")
	p.metrics()
	p.comparison()
	p.cases()
	p.f("</main>\n<footer>Written %s. Scores, inputs and outputs are in this file alone.</footer>\n",
		esc(r.Started.Add(r.Duration).Format("2 January 2006, 15:04 MST")))
	p.f("<script>%s</script></body></html>\n", reportScript)
}

func (p *page) header() {
	r := p.report
	p.f("<header><h1>%s</h1>\n<dl class=\"facts\">", esc(r.Name))
	for _, fact := range [][2]string{
		{"Run", r.RunID}, {"Dataset", r.DatasetID}, {"Project", r.Project}, {"Source", r.Source},
		{"Started", r.Started.Format("2 Jan 2006 15:04:05 MST")}, {"Took", rounded(r.Duration).String()},
	} {
		if fact[1] != "" {
			p.f("<div><dt>%s</dt><dd>%s</dd></div>", fact[0], esc(fact[1]))
		}
	}
	p.f("</dl>\n<div class=\"tiles\">")
	passed, notPassed, failed := r.count()
	p.tile("", strconv.Itoa(len(r.Cases)), "cases")
	rate := "–"
	if len(r.Cases) > 0 {
		rate = percent(passed, len(r.Cases))
	}
	p.tile("pass", rate, fmt.Sprintf("passed (%d)", passed))
	if notPassed > 0 {
		p.tile("fail", strconv.Itoa(notPassed), "did not pass")
	}
	if failed > 0 {
		p.tile("error", strconv.Itoa(failed), "failed with an error")
	}
	if r.Unfinished > 0 {
		p.tile("fail", strconv.Itoa(r.Unfinished), "not finished")
	}
	if d := r.durations(); len(d) > 0 {
		p.tile("", seconds(quantile(d, 0.5)), "median duration")
		p.tile("", seconds(quantile(d, 0.95)), "95th percentile")
	}
	for _, o := range r.Overall {
		if o.Error != "" {
			p.tile("error", "failed", o.Name)
		} else {
			p.tile(string(o.Verdict), scoreText(o), o.Name)
		}
	}
	p.f("</div></header>\n")
}

func (p *page) tile(class, value, label string) {
	p.f(`<div class="tile %s"><b>%s</b><span>%s</span></div>`, esc(class), esc(value), esc(label))
}

// percent rounds towards what is worth noticing: 100% and 0% are exact.
func percent(n, of int) string {
	x := 100 * float64(n) / float64(of)
	switch {
	case n == of:
		return "100%"
	case x > 99.9:
		return "99.9%"
	case n > 0 && x < 0.1:
		return "0.1%"
	}
	return number(math.Round(x*10)/10) + "%"
}

func seconds(s float64) string {
	return rounded(time.Duration(s * float64(time.Second))).String()
}

func (p *page) metrics() {
	r := p.report
	if len(r.Cases) == 0 {
		p.f(`<p class="note">The run has no finished cases.</p>`)
		return
	}
	p.f("<h2>Metrics</h2>\n<div class=\"cards\">")
	for _, m := range r.Metrics {
		p.metric(m)
	}
	d := r.durations()
	p.f(`<article class="card" data-metric="duration"><div class="top"><h3>Duration of the task</h3><span class="big">%s<small>median</small></span></div>`,
		esc(seconds(quantile(d, 0.5))))
	p.histogram("duration", ratioBins(inUnit(d), 12), unitOf(d))
	p.f(`<div class="more"><span>min <b>%s</b></span><span>p95 <b>%s</b></span><span>max <b>%s</b></span></div></article>`,
		esc(seconds(d[0])), esc(seconds(quantile(d, 0.95))), esc(seconds(d[len(d)-1])))
	p.f("</div>\n")
}

// inUnit returns seconds in the unit that suits them.
func inUnit(sorted []float64) []float64 {
	scale := 1.0
	switch unitOf(sorted) {
	case "ms":
		scale = 1e3
	case "µs":
		scale = 1e6
	}
	out := make([]float64, len(sorted))
	for i, v := range sorted {
		out[i] = v * scale
	}
	return out
}

func unitOf(sorted []float64) string {
	switch top := sorted[len(sorted)-1]; {
	case top >= 1:
		return "s"
	case top >= 1e-3:
		return "ms"
	}
	return "µs"
}

func (p *page) metric(m Metric) {
	r := p.report
	values := r.values(m.Name)
	p.f(`<article class="card" data-metric="%s"><div class="top"><h3>%s</h3>`, esc(m.Name), esc(m.Name))
	judged := m.Passed + m.Failed
	binary := r.binary(m.Name)
	switch {
	case binary && judged > 0:
		p.f(`<span class="big">%s<small>passed</small></span>`, esc(percent(m.Passed, judged)))
	case len(m.Aggregates) > 0:
		p.f(`<span class="big">%s<small>%s</small></span>`, esc(number(m.Aggregates[0].Value)), esc(m.Aggregates[0].Name))
	default:
		p.f(`<span class="big">–</span>`)
	}
	p.f("</div>")
	if p.compared != nil {
		if c := p.compared.Metric(m.Name); c.compared() > 0 {
			p.f(`<div class="delta %s">%s</div>`, direction(c), esc(deltaText(c)))
		}
	}
	if total := judged + m.Errors; total > 0 && !binary {
		p.f(`<div class="verdicts" role="img" aria-label="%d passed, %d failed, %d errors">`, m.Passed, m.Failed, m.Errors)
		for _, part := range []struct {
			class string
			n     int
		}{{"p", m.Passed}, {"f", m.Failed}, {"e", m.Errors}} {
			if part.n > 0 {
				p.f(`<i class="%s" style="flex:%d"></i>`, part.class, part.n)
			}
		}
		p.f("</div>")
	}
	switch {
	case binary:
		p.passFail(m)
	case len(values) > 0:
		p.histogram(m.Name, bins(values, 10), "")
	}
	p.f(`<div class="more">`)
	for i, a := range m.Aggregates {
		if i > 0 || binary {
			p.f(`<span>%s <b>%s</b></span>`, esc(a.Name), esc(number(a.Value)))
		}
	}
	if judged > 0 && !binary {
		p.f(`<span>passed <b>%d</b></span><span>failed <b>%d</b></span>`, m.Passed, m.Failed)
	}
	if m.Errors > 0 && !binary {
		p.f(`<span>errors <b>%d</b></span>`, m.Errors)
	}
	if m.LowerIsBetter {
		p.f("<span>lower is better</span>")
	}
	p.f("</div></article>")
}

// binary reports whether a metric is nothing but verdicts.
func (r *Report) binary(metric string) bool {
	found := false
	for i := range r.Cases {
		if s, ok := r.Cases[i].score(metric); ok {
			if !s.Binary {
				return false
			}
			found = true
		}
	}
	return found
}

func direction(c MetricChange) string {
	d := c.New - c.Old
	if c.LowerIsBetter {
		d = -d
	}
	switch {
	case math.Abs(d) < sameScore:
		return "even"
	case d > 0:
		return "up"
	}
	return "down"
}

func deltaText(c MetricChange) string {
	arrow := map[bool]string{true: "▲", false: "▼"}[c.New > c.Old]
	if math.Abs(c.New-c.Old) < sameScore {
		return "no change on average"
	}
	return fmt.Sprintf("%s %s since the earlier run", arrow, signed(c.New-c.Old))
}

// histogram draws bars as SVG. The title of each says what it counts.
func (p *page) histogram(name string, h histogram, unit string) {
	const width, height, base, top = 360.0, 116.0, 96.0, 16.0
	highest := 0
	total := 0
	for _, n := range h.counts {
		highest = max(highest, n)
		total += n
	}
	p.f(`<svg class="hist" viewBox="0 0 %g %g" role="img" aria-label="distribution of %s">`, width, height, esc(name))
	p.f(`<line x1="0" y1="%g" x2="%g" y2="%g"/>`, base, width, base)
	step := width / float64(max(len(h.counts), 1))
	for i, n := range h.counts {
		x := float64(i) * step
		tall := 0.0
		if n > 0 {
			tall = math.Max(2, (base-top)*float64(n)/float64(highest))
		}
		title := fmt.Sprintf("%s %s", number(h.low), unit)
		if h.high > h.low {
			title = fmt.Sprintf("%s to %s %s", number(h.edge(i)), number(h.edge(i+1)), unit)
		}
		p.f(`<g><title>%s: %s (%s)</title><rect class="hit" x="%.1f" y="0" width="%.1f" height="%g"/>`,
			esc(strings.TrimSpace(title)), plural(n, "case"), percent(n, total), x, step, base)
		p.f(`<rect class="bar" x="%.1f" y="%.1f" width="%.1f" height="%.1f" rx="2"/>`, x+1.5, base-tall, step-3, tall)
		if n > 0 {
			p.f(`<text class="n" x="%.1f" y="%.1f" text-anchor="middle">%s</text>`, x+step/2, base-tall-4, esc(short(n)))
		}
		p.f("</g>")
	}
	if h.high > h.low {
		mid := h.edge(len(h.counts) / 2)
		p.f(`<text x="0" y="111">%s</text><text x="%g" y="111" text-anchor="middle">%s</text><text x="%g" y="111" text-anchor="end">%s</text>`,
			esc(strings.TrimSpace(number(h.low)+" "+unit)), width/2, esc(strings.TrimSpace(number(mid)+" "+unit)), width, esc(strings.TrimSpace(number(h.high)+" "+unit)))
	} else {
		p.f(`<text x="%g" y="111" text-anchor="middle">%s</text>`, width/2, esc(strings.TrimSpace(number(h.low)+" "+unit)))
	}
	p.f("</svg>")
}

// passFail draws the verdicts of a metric that is nothing else.
func (p *page) passFail(m Metric) {
	const width, row, label = 360.0, 32.0, 64.0
	parts := []struct {
		class, text string
		n           int
	}{{"pass", "pass", m.Passed}, {"fail", "fail", m.Failed}, {"error", "error", m.Errors}}
	if m.Errors == 0 {
		parts = parts[:2]
	}
	total := m.Passed + m.Failed + m.Errors
	p.f(`<svg class="hist" viewBox="0 0 %g 116" role="img" aria-label="verdicts of %s">`, width, esc(m.Name))
	for i, part := range parts {
		y := 14 + row*float64(i)
		long := (width - label - 56) * float64(part.n) / float64(total)
		if part.n > 0 {
			long = math.Max(long, 2)
		}
		p.f(`<g><title>%s: %s (%s)</title><text x="0" y="%g">%s</text><rect class="%s" x="%g" y="%g" width="%.1f" height="20" rx="3"/><text class="n" x="%.1f" y="%g">%d</text></g>`,
			part.text, plural(part.n, "case"), percent(part.n, total), y+14, part.text, part.class, label, y, long, label+long+6, y+14, part.n)
	}
	p.f("</svg>")
}

// short writes a count in the width of a bar.
func short(n int) string {
	if n >= 10_000 {
		return strconv.Itoa(n/1000) + "k"
	}
	return strconv.Itoa(n)
}

func (p *page) comparison() {
	c := p.compared
	if c == nil {
		return
	}
	p.f(`<h2 id="comparison">Since %s <small>%d cases in both runs`, esc(c.OldRun), c.Common)
	if len(c.OnlyNew) > 0 {
		p.f(", %d new", len(c.OnlyNew))
	}
	if len(c.OnlyOld) > 0 {
		p.f(", %d gone", len(c.OnlyOld))
	}
	p.f(`</small></h2><div class="card scroll"><table><thead><tr><th>Metric</th><th class="num">Before</th><th class="num">Now</th><th class="num">Change</th><th class="num">Improved</th><th class="num">Degraded</th><th class="num">Same</th></tr></thead><tbody>`)
	for _, m := range c.rows() {
		p.f(`<tr><td>%s%s</td><td class="num">%s</td><td class="num">%s</td><td class="num delta %s">%s</td><td class="num">%d</td><td class="num">%d</td><td class="num">%d</td></tr>`,
			esc(m.Name), p.degraded(m), number(m.Old), number(m.New), direction(m), signed(m.New-m.Old),
			len(m.Improved), len(m.Degraded), len(m.Same))
	}
	p.f("</tbody></table></div>\n")
}

// degraded lists the cases that got worse, each with a link to its place.
func (p *page) degraded(m MetricChange) string {
	const most = 5
	if len(m.Degraded) == 0 {
		return ""
	}
	byID := make(map[string]*ReportCase, len(p.report.Cases))
	for i := range p.report.Cases {
		byID[p.report.Cases[i].ID] = &p.report.Cases[i]
	}
	var b strings.Builder
	b.WriteString("<ul>")
	for _, id := range m.Degraded[:min(most, len(m.Degraded))] {
		fmt.Fprintf(&b, `<li><a href="#%s">%s</a></li>`, byID[id].anchor(), esc(cmp.Or(oneLine(byID[id].Input, 80), id)))
	}
	b.WriteString("</ul>")
	if more := len(m.Degraded) - most; more > 0 {
		fmt.Fprintf(&b, `<span class="note">and %d more that got worse</span>`, more)
	}
	return b.String()
}

// anchor is a case's id within the page.
func (c *ReportCase) anchor() string { return "case-" + strconv.Itoa(c.Index+1) }

func (p *page) cases() {
	r := p.report
	if len(r.Cases) == 0 {
		return
	}
	all := r.worst()
	shown := all[:min(len(all), htmlCases)]
	p.f("<h2>Cases <small>worst first</small></h2>\n")
	if len(shown) < len(all) {
		p.f(`<p class="note">The %d worst of %d cases.</p>`, len(shown), len(all))
	}
	p.f(`<div class="tools"><input id="search" type="search" placeholder="Search inputs, outputs, explanations ( / )" aria-label="Search"><select id="show" aria-label="Show"><option value="all">All cases</option><option value="bad">Not passed</option><option value="good">Passed</option></select><select id="sort" aria-label="Sort"><option value="rank 1">Worst first</option><option value="rank -1">Best first</option><option value="index 1">Dataset's order</option><option value="duration -1">Slowest first</option>`)
	for i, m := range r.Metrics {
		p.f(`<option value="m%d 1">%s, ascending</option><option value="m%d -1">%s, descending</option>`, i, esc(m.Name), i, esc(m.Name))
	}
	p.f(`</select><output id="shown"></output></div><div id="cases">`)
	for rank, c := range shown {
		p.oneCase(rank, c)
	}
	p.f("</div>\n")
}

func (c *ReportCase) class() string {
	switch {
	case c.failed():
		return "error"
	case c.passed():
		return "pass"
	}
	return "fail"
}

func (p *page) oneCase(rank int, c *ReportCase) {
	r := p.report
	p.f(`<details class="case %s" id="%s" data-rank="%d" data-index="%d" data-duration="%g"`,
		c.class(), c.anchor(), rank, c.Index, c.Duration.Seconds())
	for i, m := range r.Metrics {
		if s, ok := c.score(m.Name); ok {
			p.f(` data-m%d="%g"`, i, s.Value)
		}
	}
	p.f(`><summary><span class="no">%d</span><span class="clip">%s</span>`, c.Index+1, esc(oneLine(c.Input, 300)))
	if c.Error != "" {
		p.f(`<span class="clip out err">%s</span>`, esc(oneLine(c.Error, 300)))
	} else {
		p.f(`<span class="clip out">%s</span>`, esc(oneLine(c.Output, 300)))
	}
	p.f(`<span class="chips">`)
	if c.Error != "" {
		p.f(`<span class="chip error"><b>error</b></span>`)
	}
	for _, s := range c.Scores {
		p.chip(s)
	}
	p.f(`<span class="chip">%s</span></span></summary><div class="body">`, esc(rounded(c.Duration).String()))
	p.text("Input", c.Input, "")
	if c.GroundTruth != "" {
		p.text("Ground truth", c.GroundTruth, "")
	}
	if c.Error == "" {
		p.text("Output", c.Output, "")
	} else {
		p.text("Error", c.Error, "")
	}
	if c.Stack != "" {
		p.text("Stack", c.Stack, "wide")
	}
	if len(c.Scores) > 0 {
		p.f(`<section class="wide"><h4>Scores</h4><dl>`)
		for _, s := range c.Scores {
			p.f("<dt>%s</dt><dd>%s</dd>", esc(s.Name), esc(scoreLine(s)))
		}
		p.f("</dl></section>")
		for _, s := range c.Scores {
			if s.Stack != "" {
				p.text("Stack of "+s.Name, s.Stack, "wide")
			}
		}
	}
	p.f(`<section class="wide"><dl><dt>Datapoint</dt><dd class="mono">%s</dd>`, esc(c.ID))
	if c.SessionID != "" {
		if link := r.sessionURL(c); link != "" {
			p.f(`<dt>Session</dt><dd><a class="session mono" href="%s" target="_blank" rel="noopener">%s</a></dd>`, esc(link), esc(c.SessionID))
		} else {
			p.f(`<dt>Session</dt><dd class="mono">%s</dd>`, esc(c.SessionID))
		}
	}
	p.f("</dl></section></div></details>\n")
}

func (p *page) chip(s ReportScore) {
	class, text := string(s.Verdict), scoreText(s)
	if s.Error != "" {
		class, text = "error", "error"
	}
	p.f(`<span class="chip %s">%s <b>%s</b></span>`, esc(class), esc(s.Name), esc(text))
}

func scoreLine(s ReportScore) string {
	if s.Error != "" {
		return s.Error
	}
	text := scoreText(s)
	if s.Verdict != "" && !s.Binary {
		text += " (" + string(s.Verdict) + ")"
	}
	if s.Explanation != "" {
		text += ": " + s.Explanation
	}
	return text
}

func (p *page) text(title, text, class string) {
	p.f(`<section class="%s"><h4>%s</h4><pre>%s</pre></section>`, class, esc(title), esc(text))
}
