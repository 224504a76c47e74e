package backend

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"mime"
	"net/http"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	coltracepb "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
)

// tracesPath is where HoneyHive receives OTLP.
const tracesPath = "/opentelemetry/v1/traces"

// SpanExporter returns OpenTelemetry's exporter, sending to HoneyHive.
func (c *Client) SpanExporter(ctx context.Context, json bool) (sdktrace.SpanExporter, error) {
	e, err := NewSpanExporter(ctx, c.cfg.ServerURL+tracesPath, traces{c.transport, c.cfg.Source}, json)
	if err != nil {
		return nil, err
	}
	return exporter{e}, nil
}

// exporter makes it a temporary error, too, that the time for an attempt ran
// out before the transport was reached.
type exporter struct{ sdktrace.SpanExporter }

func (e exporter) ExportSpans(ctx context.Context, spans []sdktrace.ReadOnlySpan) error {
	// The caller tries halves, as it does when the server says so.
	if len(spans) > 1 && size(spans) > maxRequest {
		return &StatusError{Code: http.StatusRequestEntityTooLarge}
	}
	err := e.SpanExporter.ExportSpans(ctx, spans)
	if _, ok := errors.AsType[*TemporaryError](err); !ok && errors.Is(err, context.DeadlineExceeded) {
		return &TemporaryError{Err: err}
	}
	return err
}

// traces is the transport of OTLP requests, which have a header that HoneyHive
// reads.
type traces struct {
	next   *transport
	source string
}

func (t traces) RoundTrip(req *http.Request) (*http.Response, error) {
	req = req.Clone(req.Context())
	req.Header.Set("X-Source", t.source)
	resp, err := t.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	if rejected, message := partialSuccess(resp); rejected != 0 {
		return nil, &PartialSuccessError{Rejected: rejected, Message: t.next.key.excerpt(message)}
	}
	// OpenTelemetry's exporter takes a warning for a failure, and an answer
	// that it cannot read as well: the spans have been accepted.
	resp.Body, resp.ContentLength = http.NoBody, 0
	return resp, nil
}

// maxRequest is about how many bytes go into one request. HoneyHive takes
// five million.
const maxRequest = 4 << 20

// size is about how many bytes spans take in a request.
func size(spans []sdktrace.ReadOnlySpan) int {
	n := 0
	for _, s := range spans {
		n += 100 + attributesSize(s.Attributes())
		for _, e := range s.Events() {
			n += 20 + attributesSize(e.Attributes)
		}
	}
	return n
}

func attributesSize(attrs []attribute.KeyValue) int {
	n := 0
	for _, kv := range attrs {
		n += len(kv.Key) + 16
		switch kv.Value.Type() {
		case attribute.STRING:
			n += len(kv.Value.AsString())
		case attribute.BOOL, attribute.INT64, attribute.FLOAT64:
		default:
			n += len(kv.Value.String())
		}
	}
	return n
}

// NewSpanExporter returns OpenTelemetry's OTLP exporter over rt. It does not
// retry: rt's errors say what can be retried, and the caller does.
func NewSpanExporter(ctx context.Context, url string, rt http.RoundTripper, json bool) (sdktrace.SpanExporter, error) {
	encoding := otlptracehttp.EncodingProtobuf
	if json {
		encoding = otlptracehttp.EncodingJSON
	}
	// Everything that OTEL_EXPORTER_OTLP_* could set is set here: those
	// variables are about another exporter, and another vendor's key.
	return otlptracehttp.New(ctx,
		otlptracehttp.WithEndpointURL(url),
		otlptracehttp.WithHeaders(map[string]string{}),
		otlptracehttp.WithCompression(otlptracehttp.NoCompression),
		otlptracehttp.WithEncoding(encoding),
		otlptracehttp.WithMaxRequestSize(math.MaxInt32),
		otlptracehttp.WithRetry(otlptracehttp.RetryConfig{Enabled: false}),
		otlptracehttp.WithHTTPClient(&http.Client{
			Transport:     rt,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		}),
	)
}

// PartialSuccessError is an answer that accepts some spans and rejects others.
type PartialSuccessError struct {
	Rejected int64
	Message  string
}

func (e *PartialSuccessError) Error() string {
	return fmt.Sprintf("%d of the spans were rejected: %s", e.Rejected, e.Message)
}

// partialSuccess returns how many spans an answer rejects, and why.
func partialSuccess(resp *http.Response) (rejected int64, message string) {
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0, ""
	}
	var answer coltracepb.ExportTraceServiceResponse
	switch kind, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type")); kind {
	case "application/x-protobuf":
		err = proto.Unmarshal(body, &answer)
	case "application/json":
		err = protojson.UnmarshalOptions{DiscardUnknown: true}.Unmarshal(body, &answer)
	}
	if err != nil {
		return 0, ""
	}
	return answer.GetPartialSuccess().GetRejectedSpans(), answer.GetPartialSuccess().GetErrorMessage()
}
