package backend

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)
	for value, want := range map[string]time.Duration{
		"":                              0,
		"0":                             0,
		"7":                             7 * time.Second,
		" 7 ":                           7 * time.Second,
		"-7":                            0,
		"7.5":                           0,
		"soon":                          0,
		"4294967295":                    maxRetryAfter,
		"99999999999":                   maxRetryAfter,
		"99999999999999999999":          maxRetryAfter,
		"Sun, 22 Nov 2026 08:00:30 GMT": 30 * time.Second,
		"Sun, 22 Nov 2026 07:00:00 GMT": 0,
		"Sun, 22 Nov 2099 07:00:00 GMT": maxRetryAfter,
	} {
		if got := retryAfter(http.Header{"Retry-After": {value}}, now); got != want {
			t.Errorf("Retry-After: %q: %v, want %v", value, got, want)
		}
	}
}

func TestKeyIsNotPrinted(t *testing.T) {
	const secret = "hh-secret"
	key := NewKey(secret)
	holder := struct{ key Key }{key}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
		for _, v := range []any{key, &key, holder, &holder, []Key{key}} {
			if got := fmt.Sprintf(verb, v); strings.Contains(got, secret) {
				t.Errorf("%s of %T: %s", verb, v, got)
			}
		}
	}
}

func TestStatusErrors(t *testing.T) {
	for code, temporary := range map[int]bool{
		400: false, 401: false, 403: false, 404: false, 408: true, 409: false, 413: false, 429: true,
		500: true, 501: false, 502: true, 503: true, 504: true, 599: true, 307: false,
	} {
		c, err := New(Config{ServerURL: "http://h", Key: NewKey("hh-secret"), HTTP: &http.Client{Transport: status(code)}, Timeout: time.Second})
		if err != nil {
			t.Fatal(err)
		}
		req, err := http.NewRequest(http.MethodPost, "http://h/x", nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := c.transport.RoundTrip(req)
		if err == nil {
			resp.Body.Close()
			t.Fatalf("%d: no error", code)
		}
		var temp *TemporaryError
		var status *StatusError
		if errors.As(err, &temp) != temporary || !errors.As(err, &status) || status.Code != code {
			t.Errorf("%d: %#v", code, err)
		}
		if strings.Contains(err.Error(), "hh-secret") {
			t.Errorf("%d: %v tells the key", code, err)
		}
	}
}

// status answers with a status and repeats the key.
type status int

func (s status) RoundTrip(req *http.Request) (*http.Response, error) {
	text := req.Header.Get("Authorization")
	return &http.Response{StatusCode: int(s), Header: http.Header{}, Body: readCloser{strings.NewReader(text)}, Request: req}, nil
}

type readCloser struct{ *strings.Reader }

func (readCloser) Close() error { return nil }

// The key goes to its server and no other.
func TestOnlyTheConfiguredServer(t *testing.T) {
	c, err := New(Config{ServerURL: "https://h", Key: NewKey("k"), HTTP: &http.Client{Transport: status(200)}})
	if err != nil {
		t.Fatal(err)
	}
	for _, url := range []string{"https://elsewhere/x", "http://h/x", "https://h:8443/x"} {
		req, err := http.NewRequest(http.MethodGet, url, nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := c.transport.RoundTrip(req)
		if err == nil {
			resp.Body.Close()
			t.Errorf("%s was sent", url)
		}
	}
}

// However much a server repeats of what it was sent, no part of the key is
// left of it.
func TestErrorTextsDoNotTellTheKey(t *testing.T) {
	const key = "hh-0123456789-secret"
	for before := range 2 * maxErrorText {
		got := NewKey(key).excerpt(strings.Repeat("x", before) + key + key)
		if strings.Contains(got, "hh-") || len(got) > maxErrorText {
			t.Fatalf("after %d bytes: %s", before, got[before:])
		}
	}
}

// page answers every search with the same page, as a server does that has
// another way to count them.
type page struct{}

func (page) RoundTrip(req *http.Request) (*http.Response, error) {
	events := strings.Repeat(`{"session_id":"s"},`, searchPage)
	body := `{"events":[` + strings.TrimSuffix(events, ",") + `]}`
	return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader(body)), Request: req}, nil
}

func TestSearchEnds(t *testing.T) {
	c, err := New(Config{ServerURL: "http://h", Key: NewKey("k"), HTTP: &http.Client{Transport: page{}}, Timeout: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	err = c.Sessions(t.Context(), "run_id", "r", func(SessionEvent) {
		if n++; n > 10*searchPage {
			t.Fatal("it does not end")
		}
	})
	if err == nil || n != searchPage {
		t.Errorf("%d sessions, error %v", n, err)
	}
}
