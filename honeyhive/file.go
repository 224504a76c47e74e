package honeyhive

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/honeyhiveai/hhvet/honeyhive/internal/backend"
)

// fileExporter writes what OpenTelemetry's OTLP exporter would send as JSON,
// a request a line.
type fileExporter struct {
	sdktrace.SpanExporter
	file *lineFile
}

func newFileExporter(ctx context.Context, path string) (sdktrace.SpanExporter, error) {
	file, err := openLines(path)
	if err != nil {
		return nil, err
	}
	exporter, err := backend.NewSpanExporter(ctx, "http://file.invalid", lineWriter{file}, true)
	if err != nil {
		_ = file.Close() // nothing was written
		return nil, err
	}
	return fileExporter{exporter, file}, nil
}

func (e fileExporter) ExportSpans(ctx context.Context, spans []sdktrace.ReadOnlySpan) error {
	err := e.SpanExporter.ExportSpans(ctx, withCases(spans))
	if urlErr, ok := errors.AsType[*url.Error](err); ok {
		// The URL is none, and the error names the file.
		return fmt.Errorf("trace file: %w", urlErr.Err)
	}
	return err
}

func (e fileExporter) Shutdown(ctx context.Context) error {
	err := e.SpanExporter.Shutdown(ctx)
	if cerr := e.file.Close(); err == nil {
		err = cerr
	}
	return err
}

// lowerIDs puts ids in small letters, as everybody else writes them, the
// Collector among them: OpenTelemetry's encoder writes capitals.
func lowerIDs(line []byte) {
	for rest := line; ; {
		i := bytes.Index(rest, []byte(`Id":"`))
		if i < 0 {
			return
		}
		name, value := rest[:i], rest[i+len(`Id":"`):]
		end := bytes.IndexByte(value, '"')
		if end < 0 {
			return
		}
		// Inside a string the quote before the name would be escaped.
		if name = name[bytes.LastIndexByte(name, '"')+1:]; idNames[string(name)] {
			copy(value[:end], bytes.ToLower(value[:end]))
		}
		rest = value[end:]
	}
}

var idNames = map[string]bool{"trace": true, "span": true, "parentSpan": true}

// lineWriter is the transport to a file.
type lineWriter struct{ file *lineFile }

func (w lineWriter) RoundTrip(req *http.Request) (*http.Response, error) {
	line, err := backend.ReadBody(req)
	if err != nil {
		return nil, err
	}
	lowerIDs(line)
	if err := w.file.append(line); err != nil {
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
