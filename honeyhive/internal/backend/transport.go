package backend

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// transport sends requests to one server. It is the last stop before the
// wire, so that the key is in no value that lives longer than a request, and
// in no request to another server.
//
// An answer that is not a success is an error of this package, so that
// callers learn the status and Retry-After through any HTTP client.
type transport struct {
	next   http.RoundTripper
	server *url.URL
	key    Key
	// owned is set where the connections are nobody else's.
	owned *http.Transport
}

func newTransport(cfg Config, server *url.URL) *transport {
	t := &transport{server: server, key: cfg.Key}
	if cfg.HTTP == nil {
		t.owned = &http.Transport{
			Proxy:                 http.ProxyFromEnvironment,
			DialContext:           (&net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
			ForceAttemptHTTP2:     true,
			MaxIdleConns:          16,
			MaxIdleConnsPerHost:   16,
			IdleConnTimeout:       90 * time.Second,
			TLSHandshakeTimeout:   10 * time.Second,
			ExpectContinueTimeout: time.Second,
		}
		t.next = t.owned
		return t
	}
	client := *cfg.HTTP
	// A redirect could take the key elsewhere, and turns a POST into a GET.
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	t.next = clientTransport{&client}
	return t
}

// clientTransport makes a client of the application's, with its timeout,
// cookies and transport, usable as a transport.
type clientTransport struct{ client *http.Client }

func (t clientTransport) RoundTrip(req *http.Request) (resp *http.Response, err error) {
	// Calls are made in the background, too, where a panic would end the
	// application.
	defer func() {
		if r := recover(); r != nil {
			resp, err = nil, fmt.Errorf("HTTP client panicked: %v", r)
		}
	}()
	return t.client.Do(req)
}

func (t *transport) close() {
	if t.owned != nil {
		t.owned.CloseIdleConnections()
	}
}

// RoundTrip implements [http.RoundTripper]. The body of the response is read
// already.
func (t *transport) RoundTrip(req *http.Request) (*http.Response, error) {
	req = req.Clone(req.Context())
	if req.URL.Scheme != t.server.Scheme || req.URL.Host != t.server.Host {
		return nil, errors.New("not a request to " + t.server.Host)
	}
	t.key.authorize(req.Header)
	req.Header.Set("hh-client-version", Version)
	req.Header.Set("hh-client-language", "go")
	req.Header.Set("hh-client-package", "github.com/honeyhiveai/hhvet/honeyhive")
	resp, err := t.next.RoundTrip(req)
	if err != nil {
		return nil, t.failure(req.Context(), err)
	}
	return t.answer(resp)
}

// failure classifies an error of the network.
func (t *transport) failure(ctx context.Context, err error) error {
	// The client's errors repeat the method and URL, which callers add.
	if urlErr, ok := errors.AsType[*url.Error](err); ok {
		err = urlErr.Err
	}
	if ctx.Err() != nil && !errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return err
	}
	return &TemporaryError{Err: err}
}

func (t *transport) answer(resp *http.Response) (*http.Response, error) {
	defer resp.Body.Close()
	body, readErr := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if resp.StatusCode >= 200 && resp.StatusCode < 300 {
		// The server has accepted the request: to send it again because its
		// answer broke off would only duplicate it.
		resp.Body = io.NopCloser(bytes.NewReader(body))
		resp.ContentLength = int64(len(body))
		return resp, nil
	}
	status := &StatusError{Code: resp.StatusCode}
	if readErr == nil {
		status.Body = t.key.excerpt(string(body))
	}
	switch {
	case resp.StatusCode == http.StatusTooManyRequests,
		resp.StatusCode == http.StatusRequestTimeout,
		resp.StatusCode >= 502 && resp.StatusCode <= 504:
		return nil, &TemporaryError{Err: status, RetryAfter: retryAfter(resp.Header, time.Now())}
	case resp.StatusCode >= 500 && resp.StatusCode != http.StatusNotImplemented:
		return nil, &TemporaryError{Err: status, RetryAfter: retryAfter(resp.Header, time.Now()), ServerFault: true}
	}
	return nil, status
}

// maxRetryAfter bounds how long a server can silence a client.
const maxRetryAfter = 5 * time.Minute

// retryAfter returns the pause that a server asks for, in seconds or as a
// date (RFC 9110, section 10.2.3).
func retryAfter(h http.Header, now time.Time) time.Duration {
	value := strings.TrimSpace(h.Get("Retry-After"))
	if value == "" {
		return 0
	}
	if n, err := strconv.ParseUint(value, 10, 64); err == nil || errors.Is(err, strconv.ErrRange) {
		return time.Duration(min(n, uint64(maxRetryAfter/time.Second))) * time.Second
	}
	if at, err := http.ParseTime(value); err == nil {
		return min(max(at.Sub(now), 0), maxRetryAfter)
	}
	return 0
}

// ReadBody returns a request's body, which it consumes.
func ReadBody(req *http.Request) ([]byte, error) {
	if req.Body == nil {
		return nil, nil
	}
	defer req.Body.Close()
	return io.ReadAll(req.Body)
}
