package honeyhive_test

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/honeyhiveai/hhvet/honeyhive"
)

// browser is a headless Chromium, spoken to through a pipe in the DevTools
// protocol (https://chromedevtools.github.io/devtools-protocol).
type browser struct {
	t       *testing.T
	to      io.Writer
	replies chan reply
	events  []reply
	last    int
	session string
}

type reply struct {
	ID     int
	Method string
	Params json.RawMessage
	Result json.RawMessage
	Error  *struct{ Message string }
}

// findBrowser returns a program that will do, the environment's first.
func findBrowser(t *testing.T) string {
	t.Helper()
	names := []string{os.Getenv("HHVET_BROWSER"), "chromium", "chromium-browser", "google-chrome", "chrome", "chromium-headless-shell"}
	for _, name := range names {
		if path, err := exec.LookPath(name); name != "" && err == nil {
			return path
		}
	}
	t.Skip("no browser: install chromium, or name one in HHVET_BROWSER")
	return ""
}

func openBrowser(t *testing.T) *browser {
	t.Helper()
	if testing.Short() {
		t.Skip("a browser takes seconds to start")
	}
	path := findBrowser(t)
	commandsOut, commandsIn, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	repliesOut, repliesIn, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), path, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
		"--no-first-run", "--remote-debugging-pipe", "--user-data-dir="+t.TempDir(), "about:blank")
	cmd.ExtraFiles = []*os.File{commandsOut, repliesIn} // its descriptors 3 and 4
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	commandsOut.Close()
	repliesIn.Close()
	b := &browser{t: t, to: commandsIn, replies: make(chan reply, 1000)}
	go func() {
		defer close(b.replies)
		in := bufio.NewReader(repliesOut)
		for {
			text, err := in.ReadBytes(0)
			if err != nil {
				return
			}
			var r reply
			if json.Unmarshal(bytes.TrimSuffix(text, []byte{0}), &r) == nil {
				b.replies <- r
			}
		}
	}()
	t.Cleanup(func() {
		commandsIn.Close()
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		repliesOut.Close()
		for range b.replies {
		}
		if t.Failed() {
			t.Logf("the browser said:\n%s", stderr.String())
		}
	})
	var target struct{ TargetID string }
	b.call("Target.createTarget", object{"url": "about:blank"}, &target)
	var attached struct{ SessionID string }
	b.call("Target.attachToTarget", object{"targetId": target.TargetID, "flatten": true}, &attached)
	b.session = attached.SessionID
	for _, domain := range []string{"Page", "Runtime", "Network", "Log"} {
		b.call(domain+".enable", object{}, nil)
	}
	b.call("Page.setLifecycleEventsEnabled", object{"enabled": true}, nil)
	return b
}

func (b *browser) call(method string, params object, result any) {
	b.t.Helper()
	b.last++
	request := object{"id": b.last, "method": method, "params": params}
	if b.session != "" {
		request["sessionId"] = b.session
	}
	text, err := json.Marshal(request)
	if err != nil {
		b.t.Fatal(err)
	}
	if _, err := b.to.Write(append(text, 0)); err != nil {
		b.t.Fatal(err)
	}
	id := b.last
	r, err := b.next(func(r reply) bool { return r.ID == id })
	if err != nil {
		b.t.Fatalf("%s: %v", method, err)
	}
	if r.Error != nil {
		b.t.Fatalf("%s: %s", method, r.Error.Message)
	}
	if result != nil {
		if err := json.Unmarshal(r.Result, result); err != nil {
			b.t.Fatal(err)
		}
	}
}

// next returns the next message that is wanted, and keeps the events on the
// way.
func (b *browser) next(want func(reply) bool) (reply, error) {
	timeout := time.After(time.Minute)
	for {
		select {
		case r, ok := <-b.replies:
			if !ok {
				return reply{}, errors.New("the browser has gone")
			}
			if r.Method != "" {
				b.events = append(b.events, r)
			}
			if want(r) {
				return r, nil
			}
		case <-timeout:
			return reply{}, errors.New("the browser does not answer")
		}
	}
}

func (b *browser) open(url string) {
	b.t.Helper()
	var navigation struct{ LoaderID string }
	b.call("Page.navigate", object{"url": url}, &navigation)
	// Of this page: the blank one before it may have loaded just now.
	loaded := func(r reply) bool {
		var p struct{ LoaderID, Name string }
		return r.Method == "Page.lifecycleEvent" && json.Unmarshal(r.Params, &p) == nil && p.LoaderID == navigation.LoaderID && p.Name == "load"
	}
	if slices.ContainsFunc(b.events, loaded) {
		return
	}
	if _, err := b.next(loaded); err != nil {
		b.t.Fatal(err)
	}
}

// eval returns what a JavaScript expression evaluates to, or its promise.
func eval[T any](b *browser, expression string) (value T) {
	b.t.Helper()
	var r struct {
		Result           struct{ Value json.RawMessage }
		ExceptionDetails *struct {
			Text      string
			Exception struct{ Description string }
		}
	}
	b.call("Runtime.evaluate", object{"expression": expression, "returnByValue": true, "awaitPromise": true}, &r)
	if e := r.ExceptionDetails; e != nil {
		b.t.Fatalf("%s: %s %s", expression, e.Text, e.Exception.Description)
	}
	if err := json.Unmarshal(r.Result.Value, &value); err != nil {
		b.t.Fatalf("%s: %v", expression, err)
	}
	return value
}

func (b *browser) size(width, height int) {
	b.call("Emulation.setDeviceMetricsOverride", object{"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false}, nil)
}

// screenshot keeps a picture for a person, where HHVET_SCREENSHOTS names a
// folder.
func (b *browser) screenshot(name string) {
	dir := os.Getenv("HHVET_SCREENSHOTS")
	if dir == "" {
		return
	}
	var shot struct{ Data string }
	b.call("Page.captureScreenshot", object{"captureBeyondViewport": true}, &shot)
	data, err := base64.StdEncoding.DecodeString(shot.Data)
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, name+".png"), data, 0o600)
	}
	if err != nil {
		b.t.Error(err)
	}
}

// troubles are what a page must not do: fail, ask for anything but itself,
// or open a dialogue.
func (b *browser) troubles(page string) (troubles []string) {
	for _, e := range b.events {
		switch e.Method {
		case "Runtime.exceptionThrown", "Page.javascriptDialogOpening":
			troubles = append(troubles, e.Method+" "+string(e.Params))
		case "Log.entryAdded":
			troubles = append(troubles, string(e.Params))
		case "Network.requestWillBeSent":
			var p struct{ Request struct{ URL string } }
			if json.Unmarshal(e.Params, &p) == nil && p.Request.URL != page {
				troubles = append(troubles, "request for "+p.Request.URL)
			}
		}
	}
	return troubles
}

// evil is text that would run if it were not escaped.
const evil = `<script>alert(1)</script><img src=x onerror="alert(2)">" onmouseover="alert(3)" '--></style></title>`

// browserReports are a run, and an earlier one of the same dataset.
func browserReports(t *testing.T) (now, before *honeyhive.Report) {
	t.Helper()
	run := func(name string, shift int) *honeyhive.Report {
		points := make([]honeyhive.Datapoint[int], 40)
		for i := range points {
			points[i].Input = i
		}
		r, err := honeyhive.Evaluate(t.Context(), nil, honeyhive.Experiment[int, string]{
			Name: name, Dataset: honeyhive.DatasetOf(points...),
			Task: taskOf(shift),
			Evaluators: []honeyhive.Evaluator[int, string]{
				{Name: "right", Func: rightOf(shift)},
				{Name: evil, Func: evilScore(shift)},
				{Name: "cost", LowerIsBetter: true, Func: costOf(shift)},
			},
			Aggregates: []honeyhive.Aggregate{honeyhive.Mean(), honeyhive.Percentile(95)},
		})
		if err != nil {
			t.Fatal(err)
		}
		return r.Report()
	}
	return run("prompt 2 "+evil, 1), run("prompt 1", 0)
}

func TestReportInBrowser(t *testing.T) {
	b := openBrowser(t)
	now, before := browserReports(t)
	now.SessionURL = "https://app.example.com/sessions/{session}"
	for i := range now.Cases {
		now.Cases[i].SessionID = fmt.Sprintf("session-%d", now.Cases[i].Index)
	}
	path := filepath.Join(t.TempDir(), "report.html")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(now.WriteHTML(file, before), file.Close()); err != nil {
		t.Fatal(err)
	}
	page := "file://" + path
	b.size(1280, 900)
	b.open(page)
	b.screenshot("report")

	t.Run("what it says", func(t *testing.T) {
		if got := eval[string](b, `document.title`); got != now.Name {
			t.Errorf("title = %q", got)
		}
		tiles := eval[[]string](b, `[...document.querySelectorAll('.tile')].map(t => t.innerText.replace(/\s+/g, ' '))`)
		if diff := cmp.Diff([]string{"40 cases", "72.5% passed (29)", "8 did not pass", "3 failed with an error"}, tiles[:4]); diff != "" {
			t.Errorf("tiles (-want +got):\n%s", diff)
		}
		if got := eval[int](b, `document.querySelectorAll('.case').length`); got != 40 {
			t.Errorf("%d cases", got)
		}
	})
	t.Run("charts", func(t *testing.T) {
		type chart struct {
			Metric string
			Counts int
			Bars   int
			Height float64
		}
		charts := eval[[]chart](b, `[...document.querySelectorAll('[data-metric]')].map(c => {
			const bars = [...c.querySelectorAll('rect:not(.hit)')].filter(r => r.getBoundingClientRect().height > 1 && r.getBoundingClientRect().width > 1);
			return {Metric: c.dataset.metric, Bars: bars.length,
				Counts: [...c.querySelectorAll('svg text.n')].reduce((n, e) => n + Number(e.textContent), 0),
				Height: Math.max(...bars.map(r => r.getBoundingClientRect().height))};
		})`)
		want := map[string]int{"right": 37, evil: 38, "cost": 38, "duration": 40}
		for _, c := range charts {
			if c.Metric == "right" {
				c.Counts-- // its error has a bar of its own
			}
			if c.Counts != want[c.Metric] || c.Bars < 2 || c.Height < 10 {
				t.Errorf("chart = %+v, want bars for %d scores", c, want[c.Metric])
			}
			delete(want, c.Metric)
		}
		if len(want) > 0 {
			t.Errorf("no charts of %v", want)
		}
	})
	t.Run("worst first", func(t *testing.T) {
		classes := eval[[]string](b, `[...document.querySelectorAll('.case')].map(c => c.classList[1])`)
		if got := strings.Join(classes, " "); !strings.HasPrefix(got, "error error error fail fail fail fail fail fail fail fail pass") || strings.Count(got, "pass") != 29 {
			t.Errorf("order = %s", got)
		}
	})
	t.Run("search, filter and sort", func(t *testing.T) {
		shown := `[...document.querySelectorAll('.case')].filter(c => c.offsetParent !== null).length`
		set := func(id, value, event string) {
			eval[bool](b, fmt.Sprintf(`{const e = document.getElementById(%q); e.value = %q; e.dispatchEvent(new Event(%q)); true}`, id, value, event))
		}
		set("search", "ANSWER session-17", "input")
		if n := eval[int](b, shown); n != 1 {
			t.Errorf("the search shows %d cases", n)
		}
		if got := eval[string](b, `document.getElementById('shown').innerText`); got != "1 of 40 shown" {
			t.Errorf("it says %q", got)
		}
		set("search", "", "input")
		set("show", "bad", "change")
		if n := eval[int](b, shown); n != 11 {
			t.Errorf("%d cases did not pass", n)
		}
		set("show", "all", "change")
		first := `document.querySelector('.case .no').innerText`
		set("sort", "index 1", "change")
		if got := eval[string](b, first); got != "1" {
			t.Errorf("in the dataset's order case %s is first", got)
		}
		set("sort", "m2 -1", "change")
		if got := eval[string](b, `document.querySelector('.case').dataset.m2`); got != "12" {
			t.Errorf("the highest cost is %s", got)
		}
		set("sort", "rank 1", "change")
		if got := eval[string](b, `document.querySelector('.case').dataset.rank`); got != "0" {
			t.Errorf("the worst case has the rank %s", got)
		}
	})
	t.Run("details and links", func(t *testing.T) {
		if got := eval[int](b, `document.querySelectorAll('.case[open]').length`); got != 0 {
			t.Errorf("%d cases are open", got)
		}
		eval[bool](b, `document.querySelector('.case summary').click(), true`)
		if got := eval[string](b, `document.querySelector('.case[open] .body').innerText`); !strings.Contains(got, "no answer") {
			t.Errorf("the worst case shows %q", got)
		}
		b.screenshot("report-open")
		link := eval[string](b, `document.querySelector('.case[open] a.session').href`)
		if !strings.HasPrefix(link, "https://app.example.com/sessions/session-") {
			t.Errorf("the session's link is %q", link)
		}
		// A case that got worse is one click away.
		got := eval[bool](b, `new Promise(done => {
			const a = document.querySelector('#comparison + .card li a'), c = document.querySelector(a.hash);
			c.open = false;
			addEventListener('hashchange', () => done(c.open)); // after the report's own
			a.click();
		})`)
		if !got {
			t.Error("the comparison's link opens no case")
		}
	})
	t.Run("any width", func(t *testing.T) {
		for _, width := range []int{1280, 800, 390} {
			b.size(width, 900)
			if over := eval[float64](b, `document.documentElement.scrollWidth - innerWidth`); over > 0 {
				t.Errorf("at %d pixels the page is %v too wide", width, over)
			}
			b.screenshot(fmt.Sprint("report-", width))
		}
	})
	t.Run("dark", func(t *testing.T) {
		b.size(1280, 900)
		b.call("Emulation.setEmulatedMedia", object{"features": []object{{"name": "prefers-color-scheme", "value": "dark"}}}, nil)
		if got := eval[string](b, `getComputedStyle(document.body).backgroundColor`); got != "rgb(23, 21, 18)" {
			t.Errorf("background = %s", got)
		}
		b.screenshot("report-dark")
	})
	t.Run("harmless", func(t *testing.T) {
		if got := eval[int](b, `document.querySelectorAll('script, img, [onerror], [onmouseover], iframe, link').length`); got != 1 {
			t.Errorf("%d elements that could do something, want the report's script alone", got)
		}
		if troubles := b.troubles(page); len(troubles) > 0 {
			t.Errorf("the page %q", troubles)
		}
	})
}
