// Package backend speaks HoneyHive's HTTP API: sessions, events and OTLP.
//
// It is the only place that knows the API key.
package backend

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// Version is the SDK's version, as HoneyHive sees it.
const Version = "0.1.0"

// A Key is an API key that nothing prints: the key is behind a pointer, which
// fmt does not follow even where it may not call methods.
type Key struct{ secret *string }

// NewKey returns key as a Key.
func NewKey(key string) Key { return Key{&key} }

// String returns a text that is not the key.
func (Key) String() string { return "[redacted]" }

// authorize adds the key to a request.
func (k Key) authorize(h http.Header) { h.Set("Authorization", "Bearer "+*k.secret) }

// maxErrorText is how much of what a server says is kept.
const maxErrorText = 500

// excerpt returns the beginning of a text that a server sent, without the key.
func (k Key) excerpt(s string) string {
	// More than is kept, so that no part of a key is left at the end.
	s = strings.ToValidUTF8(strings.TrimSpace(s[:min(len(s), 100*maxErrorText)]), "")
	if k.secret != nil && *k.secret != "" {
		s = strings.ReplaceAll(s, *k.secret, "[redacted]")
	}
	return strings.ToValidUTF8(s[:min(len(s), maxErrorText)], "")
}

// Config is what a Client needs.
type Config struct {
	ServerURL string // absolute, without a slash at the end
	Key       Key
	Source    string
	HTTP      *http.Client  // nil for a client of the package's own
	Timeout   time.Duration // of a call of the API, all attempts together
}

// Client calls HoneyHive. Its methods may be called concurrently.
type Client struct {
	cfg       Config
	transport *transport
	// legacy is set once the server turned out not to have the /v1 paths.
	legacy atomic.Bool
}

// New returns a client. It does not connect.
func New(cfg Config) (*Client, error) {
	u, err := url.Parse(cfg.ServerURL)
	if err != nil {
		return nil, errors.New("cannot be parsed")
	}
	return &Client{cfg: cfg, transport: newTransport(cfg, u)}, nil
}

// Timeout is how long a call takes at most.
func (c *Client) Timeout() time.Duration { return c.cfg.Timeout }

// Hosted reports whether the server is HoneyHive's own.
func (c *Client) Hosted() bool {
	return strings.HasSuffix(c.transport.server.Hostname(), ".honeyhive.ai")
}

// CloseIdleConnections ends the connections that belong to the client alone.
func (c *Client) CloseIdleConnections() { c.transport.close() }

// Session is the body of a session's creation.
type Session struct {
	SessionID      string         `json:"session_id,omitempty"`
	SessionName    string         `json:"session_name,omitempty"`
	EventName      string         `json:"event_name,omitempty"`
	Source         string         `json:"source,omitempty"`
	Project        string         `json:"project,omitempty"`
	Inputs         map[string]any `json:"inputs,omitempty"`
	Outputs        map[string]any `json:"outputs,omitempty"`
	Config         map[string]any `json:"config,omitempty"`
	Metadata       map[string]any `json:"metadata,omitempty"`
	Metrics        map[string]any `json:"metrics,omitempty"`
	Feedback       map[string]any `json:"feedback,omitempty"`
	UserProperties map[string]any `json:"user_properties,omitempty"`
}

// EventUpdate is the body of an update of an event or session. What is left
// out stays as it is.
type EventUpdate struct {
	EventID        string         `json:"event_id,omitempty"`
	Metadata       map[string]any `json:"metadata,omitempty"`
	Feedback       map[string]any `json:"feedback,omitempty"`
	Metrics        map[string]any `json:"metrics,omitempty"`
	Outputs        map[string]any `json:"outputs,omitempty"`
	Config         map[string]any `json:"config,omitempty"`
	UserProperties map[string]any `json:"user_properties,omitempty"`
}

// StartSession creates s and returns the id that the server gave it, or "".
func (c *Client) StartSession(ctx context.Context, s Session) (id string, err error) {
	ctx, cancel := context.WithTimeout(ctx, c.cfg.Timeout)
	defer cancel()
	var answer struct {
		SessionID string `json:"session_id"`
	}
	if !c.legacy.Load() {
		err = c.call(ctx, http.MethodPost, "/v1/sessions", s, &answer)
		if !isNotFound(err) {
			return answer.SessionID, err
		}
	}
	if err = c.call(ctx, http.MethodPost, "/session/start", map[string]any{"session": s}, &answer); err == nil {
		c.legacy.Store(true)
	}
	return answer.SessionID, err
}

// UpdateEvent merges u into the event or session with that id.
func (c *Client) UpdateEvent(ctx context.Context, id string, u EventUpdate) error {
	ctx, cancel := context.WithTimeout(ctx, c.cfg.Timeout)
	defer cancel()
	if !c.legacy.Load() {
		err := c.call(ctx, http.MethodPut, "/v1/events/"+url.PathEscape(id), u, nil)
		if !isNotFound(err) {
			return err
		}
	}
	// Not found may be the path or the event: the older path tells which.
	u.EventID = id
	return c.call(ctx, http.MethodPut, "/events", u, nil)
}

// attempts is how often a call is made at most.
const attempts = 3

// call sends body and decodes the answer, repeating the call while that can
// help and ctx lasts. The calls of this package are idempotent.
func (c *Client) call(ctx context.Context, method, path string, body, answer any) error {
	var payload []byte
	if body != nil {
		var err error
		if payload, err = json.Marshal(body); err != nil {
			return fmt.Errorf("encode request: %w", err)
		}
	}
	for attempt := 0; ; attempt++ {
		err := c.once(ctx, method, path, payload, answer)
		temporary, ok := errors.AsType[*TemporaryError](err)
		if !ok || attempt+1 == attempts {
			return err
		}
		wait := max(100*time.Millisecond<<attempt, temporary.RetryAfter)
		if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) < wait {
			return err
		}
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return err
		}
	}
}

// maxAnswer bounds what is read of an answer.
const maxAnswer = 64 << 20

func (c *Client) once(ctx context.Context, method, path string, payload []byte, answer any) error {
	req, err := http.NewRequestWithContext(ctx, method, c.cfg.ServerURL+path, bytes.NewReader(payload))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/json")
	req.Header.Set("hh-client-timestamp", strconv.FormatInt(time.Now().UnixNano(), 10))
	resp, err := c.transport.RoundTrip(req)
	if err != nil {
		return fmt.Errorf("%s %s: %w", method, path, err)
	}
	defer resp.Body.Close()
	if answer == nil {
		return nil
	}
	text, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return fmt.Errorf("%s %s: read answer: %w", method, path, err)
	}
	// Only the id matters, and the caller has one: whatever else the server
	// says is a success.
	_ = json.Unmarshal(text, answer)
	return nil
}

func isNotFound(err error) bool {
	status, ok := errors.AsType[*StatusError](err)
	return ok && (status.Code == http.StatusNotFound || status.Code == http.StatusMethodNotAllowed)
}

// StatusError is an answer that says no.
type StatusError struct {
	Code int
	Body string // its beginning, without the key
}

func (e *StatusError) Error() string {
	text := strconv.Itoa(e.Code) + " " + cmp.Or(http.StatusText(e.Code), "unknown status")
	if e.Body != "" {
		text += ": " + e.Body
	}
	if e.Code == http.StatusUnauthorized || e.Code == http.StatusForbidden {
		text += " (check WithAPIKey or HH_API_KEY)"
	}
	if e.Code >= 300 && e.Code < 400 {
		text += " (redirects are not followed: check WithServerURL or HH_API_URL)"
	}
	return text
}

// TemporaryError is a failure that the same request may not meet again.
type TemporaryError struct {
	Err        error
	RetryAfter time.Duration // as the server asks, or 0
	// ServerFault says that the request itself may be the reason.
	ServerFault bool
}

func (e *TemporaryError) Error() string { return e.Err.Error() }
func (e *TemporaryError) Unwrap() error { return e.Err }

// IsTemporary reports whether the same call may succeed later.
func IsTemporary(err error) bool {
	_, ok := errors.AsType[*TemporaryError](err)
	return ok || errors.Is(err, context.DeadlineExceeded)
}
