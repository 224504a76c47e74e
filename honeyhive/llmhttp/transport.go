package llmhttp

import (
	"context"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"go.opentelemetry.io/otel/trace"

	"github.com/honeyhiveai/hhvet/honeyhive"
)

// MaxRecorded bounds, in bytes, what is read for the record of a request, of an
// answer, and of one event of a stream.
const MaxRecorded = 1 << 20

// contentVariable is the OpenTelemetry variable that turns content off.
const contentVariable = "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT"

// An Option configures a transport.
type Option interface{ apply(*transport) }

type optionFunc func(*transport)

func (f optionFunc) apply(t *transport) { f(t) }

// WithTracer makes t trace all calls. The default is the tracer that
// [honeyhive.TracerFromContext] finds in the context of each request.
func WithTracer(t *honeyhive.Tracer) Option {
	return optionFunc(func(tr *transport) { tr.tracer = t })
}

// WithoutContent leaves out what was said: messages, arguments of tools, inputs
// of embeddings, settings that are texts of the caller, and a provider's words
// about a failure, which may quote them. Roles, names of tools, tokens and times stay. The environment
// variable OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT does the same where
// it is false or NO_CONTENT.
func WithoutContent() Option {
	return optionFunc(func(tr *transport) { tr.content = false })
}

// NewTransport returns a transport that sends requests through base, or through
// [http.DefaultTransport] where that is nil, and traces calls of models. It may
// be used concurrently, like base.
func NewTransport(base http.RoundTripper, opts ...Option) http.RoundTripper {
	if base == nil {
		base = http.DefaultTransport
	}
	t := &transport{base: base, content: contentWanted(os.Getenv(contentVariable))}
	for _, o := range opts {
		if o != nil {
			o.apply(t)
		}
	}
	return t
}

func contentWanted(setting string) bool {
	switch strings.ToLower(strings.TrimSpace(setting)) {
	case "false", "0", "no", "off", "no_content", "event_only":
		return false
	}
	return true
}

type transport struct {
	base     http.RoundTripper
	tracer   *honeyhive.Tracer // or nil: the context's
	content  bool
	attempts attempts
}

// CloseIdleConnections does what it does to base, for http.Client.
func (t *transport) CloseIdleConnections() {
	if base, ok := t.base.(interface{ CloseIdleConnections() }); ok {
		base.CloseIdleConnections()
	}
}

func (t *transport) RoundTrip(req *http.Request) (*http.Response, error) {
	api := apiOf(req)
	if api == nil {
		return t.base.RoundTrip(req)
	}
	tracer := t.tracer
	if tracer == nil {
		tracer = honeyhive.TracerFromContext(req.Context())
	}
	if tracer.ID() == "" {
		return t.base.RoundTrip(req)
	}
	c := &call{transport: t, tracer: tracer, api: api, ctx: req.Context(), started: time.Now()}
	if req.GetBody == nil {
		return c.sendWatched(req)
	}
	sent, err := peek(req)
	if err != nil || !c.readRequest(req, sent) {
		return t.base.RoundTrip(req)
	}
	// What base traces, such as otelhttp, becomes a child.
	c.start()
	res, err := t.base.RoundTrip(req.WithContext(c.ctx))
	return c.answered(res, err)
}

// peek reads a copy of the body, up to one byte more than is recorded.
func peek(req *http.Request) ([]byte, error) {
	body, err := req.GetBody()
	if err != nil {
		return nil, err
	}
	defer body.Close()
	return io.ReadAll(io.LimitReader(body, MaxRecorded+1))
}

// sendWatched sends a request whose body can be read once only. What kind of
// call it is shows when the body has gone out, so the span is made afterwards,
// with the time at which the call began.
func (c *call) sendWatched(req *http.Request) (*http.Response, error) {
	if req.Body == nil || req.Body == http.NoBody {
		return c.transport.base.RoundTrip(req)
	}
	watched := &watchedBody{ReadCloser: req.Body}
	sending := req.WithContext(req.Context()) // a transport must not change req
	sending.Body = watched
	res, err := c.transport.base.RoundTrip(sending)
	if !c.readRequest(req, watched.bytes()) && (err == nil || !c.unread(req)) {
		return res, err
	}
	c.start()
	return c.answered(res, err)
}

// unread describes a request that failed before its body was read, and reports
// whether its path alone says that it was a call of a model.
func (c *call) unread(req *http.Request) bool {
	c.request = request{path: req.URL.Path, host: req.URL.Hostname(), port: req.URL.Port(), truncated: true}
	switch c.api.(type) {
	case openAIChat:
		c.request.operation, c.request.protocol = operationChat, "openai"
	case google:
		c.api.request(&c.request, nil)
	default:
		return false
	}
	c.recognized(req, nil)
	return true
}

// call is one request and its answer.
type call struct {
	transport *transport
	tracer    *honeyhive.Tracer
	api       api
	ctx       context.Context // of the span, once there is one
	span      trace.Span
	started   time.Time
	request   request
	attempt   int
	key       attemptKey
	secrets   secrets
}

// readRequest reports whether the request is a call of the model API.
func (c *call) readRequest(req *http.Request, sent []byte) bool {
	truncated := len(sent) > MaxRecorded
	body, ok := fieldsOf(decoded(req.Header.Get("Content-Encoding"), sent[:min(len(sent), MaxRecorded)]))
	if !ok && !truncated {
		return false
	}
	c.request = request{path: req.URL.Path, host: req.URL.Hostname(), port: req.URL.Port(), truncated: truncated}
	if !c.api.request(&c.request, body) {
		return false
	}
	c.recognized(req, sent)
	return true
}

// recognized notes what else of the request the span needs.
func (c *call) recognized(req *http.Request, sent []byte) {
	c.attempt, c.key = c.transport.attempts.begin(c.ctx, req, sent)
	c.secrets = secretsOf(req)
}
