package honeyhive

import (
	"log/slog"
	"net/http"
	"time"

	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

// An Option configures New.
type Option interface{ apply(*config) }

// A SessionTracerOption is for New, where it describes the tracer's own
// session, and for StartSession.
type SessionTracerOption interface {
	Option
	SessionOption
}

type optionFunc func(*config)

func (f optionFunc) apply(c *config) { f(c) }

// WithAPIKey sets the key that authenticates to HoneyHive and decides which
// project receives the spans. Variable: HH_API_KEY.
func WithAPIKey(key string) Option {
	return optionFunc(func(c *config) { c.apiKey.set(key) })
}

// WithProject sets honeyhive.project on the tracer's spans. Variable:
// HH_PROJECT.
func WithProject(project string) Option {
	return optionFunc(func(c *config) { c.project = project })
}

// WithSource sets honeyhive.source on the tracer's spans: the environment or
// program that they come from. Variable: HH_SOURCE. The default is "dev".
func WithSource(source string) Option {
	return optionFunc(func(c *config) { c.source = source })
}

// WithServerURL sets the address of a HoneyHive deployment. Variable:
// HH_API_URL. The default is HoneyHive's own, https://api.dp1.us.honeyhive.ai.
func WithServerURL(url string) Option {
	return optionFunc(func(c *config) { c.serverURL = url })
}

type sessionNameOption string

func (o sessionNameOption) apply(c *config)               { c.sessionName = string(o) }
func (o sessionNameOption) applySession(c *sessionConfig) { c.name = string(o) }

// WithSessionName names a session. Given to New it names the session of the
// spans that no StartSession covers. Variable: HH_SESSION_NAME.
func WithSessionName(name string) SessionTracerOption { return sessionNameOption(name) }

type sessionIDOption string

func (o sessionIDOption) apply(c *config) {
	c.sessionID = string(o)
	c.sessionIDSet = true
}
func (o sessionIDOption) applySession(c *sessionConfig) { c.id = string(o) }

// WithSessionID sets a session's id. New takes a UUID only. StartSession
// takes any correlation id: one that is not a UUID is mapped to its UUIDv5 in
// the URL namespace, so that services which are given the same id agree on
// the session.
func WithSessionID(id string) SessionTracerOption { return sessionIDOption(id) }

// WithSpanExporter sends spans to exporter instead of HoneyHive. Sessions and
// updates of events still go to HoneyHive where there is an API key; see
// [WithOffline]. The tracer shuts the exporter down.
func WithSpanExporter(exporter sdktrace.SpanExporter) Option {
	return optionFunc(func(c *config) {
		c.exporter = exporter
		c.exporterSet = true
	})
}

// WithFile appends spans to a file, as well as sending them where they go
// otherwise. Every line is an OTLP trace in JSON, as the OpenTelemetry
// Collector's file exporter writes it and its otlpjsonfile receiver reads it.
// Tracers and processes may share a file, which is made for its owner alone to
// read. Variable: HH_TRACE_FILE.
func WithFile(path string) Option {
	return optionFunc(func(c *config) { c.file = path })
}

// WithHTTPClient sets the client for spans and API calls, for proxies and
// private certificates. The tracer copies it, adds the API key to requests
// for the server of WithServerURL only, and does not follow redirects. The
// default goes by HTTPS_PROXY and its like.
func WithHTTPClient(client *http.Client) Option {
	return optionFunc(func(c *config) {
		c.httpClient = client
		c.httpClientSet = true
	})
}

// WithLogger sets where the tracer reports what it had to drop and what it
// could not do. The default is slog.Default.
func WithLogger(logger *slog.Logger) Option {
	return optionFunc(func(c *config) { c.logger = logger })
}

// WithRedactor sets a hook that sees every value before it leaves the process.
func WithRedactor(redact Redactor) Option {
	return optionFunc(func(c *config) { c.redact = redact })
}

// WithExperiment ties the tracer's spans to a case of an experiment, where
// baggage does not say otherwise. Ids may be empty.
func WithExperiment(runID, datasetID, datapointID string) Option {
	return optionFunc(func(c *config) { c.experiment = experiment{runID, datasetID, datapointID} })
}

// WithOffline keeps the tracer from sending anything to HoneyHive, even with
// an API key. Files and exporters still receive spans. Variable:
// HH_TEST_MODE.
func WithOffline() Option {
	return optionFunc(func(c *config) { c.offline = true })
}

// WithSampler sets which spans are recorded. Variables: OpenTelemetry's
// OTEL_TRACES_SAMPLER and OTEL_TRACES_SAMPLER_ARG. The default records all
// whose remote parent, if they have one, was sampled.
func WithSampler(sampler sdktrace.Sampler) Option {
	return optionFunc(func(c *config) { c.sampler = sampler })
}

// WithResource describes the process to HoneyHive, instead of
// OpenTelemetry's default resource.
func WithResource(r *resource.Resource) Option {
	return optionFunc(func(c *config) { c.resource = r })
}

// WithQueueSize bounds how many ended spans wait for export; when that many
// wait, further ones are dropped and counted. Variable: HH_MAX_QUEUE_SIZE.
// The default is 2048, and the most 1,048,576.
func WithQueueSize(n int) Option {
	return optionFunc(func(c *config) { c.queueSize = n })
}

// WithBatchSize sets how many spans are exported at once. Variable:
// HH_BATCH_SIZE. The default is 512, or the queue's size where that is less.
func WithBatchSize(n int) Option {
	return optionFunc(func(c *config) { c.batchSize, c.batchSizeSet = n, true })
}

// WithFlushInterval sets how long an ended span waits at most for others to
// be exported with. Variable: HH_FLUSH_INTERVAL, in seconds. The default is 5
// seconds.
func WithFlushInterval(d time.Duration) Option {
	return optionFunc(func(c *config) { c.flushInterval = d })
}

// WithImmediateExport exports every span as it ends, in the background.
// Variable: HH_DISABLE_BATCH.
func WithImmediateExport() Option {
	return optionFunc(func(c *config) { c.immediate = true })
}

// WithAPITimeout bounds every call of HoneyHive's API. Variable:
// HH_API_TIMEOUT, in seconds. The default is 5 seconds.
func WithAPITimeout(d time.Duration) Option {
	return optionFunc(func(c *config) { c.apiTimeout = d })
}

// WithExportTimeout bounds every attempt to export a batch. Variable:
// HH_EXPORT_TIMEOUT, in seconds. The default is 30 seconds.
func WithExportTimeout(d time.Duration) Option {
	return optionFunc(func(c *config) { c.exportTimeout = d })
}

// WithSpanLimits bounds a span's attributes, events and links. Identity does
// not count. Variables: HH_MAX_ATTRIBUTES, HH_MAX_EVENTS, HH_MAX_LINKS; the
// defaults are 1024, 1024 and 128. OpenTelemetry's OTEL_SPAN_* variables set
// the other limits.
func WithSpanLimits(limits sdktrace.SpanLimits) Option {
	return optionFunc(func(c *config) { c.limits = limits })
}

// WithJSON sends spans as OTLP in JSON instead of protobuf. Variable:
// HH_OTLP_PROTOCOL=http/json.
func WithJSON() Option {
	return optionFunc(func(c *config) { c.json = true })
}
