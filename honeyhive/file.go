package honeyhive

import (
	"bytes"
	"context"
	"net/http"
	"os"
	"regexp"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/honeyhiveai/hhvet/honeyhive/internal/backend"
)

// fileExporter writes what OpenTelemetry's OTLP exporter would send as JSON,
// a request a line.
type fileExporter struct {
	sdktrace.SpanExporter
	file *os.File
}

func newFileExporter(ctx context.Context, path string) (sdktrace.SpanExporter, error) {
	// Prompts are nobody else's to read.
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	exporter, err := backend.NewSpanExporter(ctx, "http://file.invalid", lineWriter{file}, true)
	if err != nil {
		return nil, closing(file, err)
	}
	return fileExporter{exporter, file}, nil
}

func closing(file *os.File, err error) error {
	_ = file.Close() // nothing was written
	return err
}

func (e fileExporter) Shutdown(ctx context.Context) error {
	err := e.SpanExporter.Shutdown(ctx)
	if cerr := e.file.Close(); err == nil {
		err = cerr
	}
	return err
}

// idsInJSON finds what OpenTelemetry's encoder writes in capitals and
// everybody else, the Collector among them, in small letters. Inside a string
// the quotes would be escaped.
var idsInJSON = regexp.MustCompile(`(?:"(?:traceId|spanId|parentSpanId)":")[0-9A-F]+"`)

func lowerID(match []byte) []byte {
	// The name before the value has capitals of its own.
	value := bytes.IndexByte(match, ':') + 1
	return append(bytes.Clone(match[:value]), bytes.ToLower(match[value:])...)
}

// lineWriter is the transport to a file.
type lineWriter struct{ file *os.File }

func (w lineWriter) RoundTrip(req *http.Request) (*http.Response, error) {
	line, err := backend.ReadBody(req)
	if err != nil {
		return nil, err
	}
	line = idsInJSON.ReplaceAllFunc(line, lowerID)
	// One write, so that tracers and processes can append to the same file.
	if _, err := w.file.Write(append(line, '\n')); err != nil {
		return nil, err
	}
	return &http.Response{
		Status:     "200 OK",
		StatusCode: http.StatusOK,
		Header:     make(http.Header),
		Body:       http.NoBody,
		Request:    req,
	}, nil
}
