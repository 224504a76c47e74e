package honeyhive

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/honeyhiveai/hhvet/honeyhive/internal/backend"
)

const (
	defaultServerURL     = "https://api.dp1.us.honeyhive.ai"
	defaultSource        = "dev"
	defaultQueueSize     = 2048
	maxQueueSize         = 1 << 20 // room is made for it at once
	defaultBatchSize     = 512
	defaultFlushInterval = 5 * time.Second
	defaultAPITimeout    = 5 * time.Second
	defaultExportTimeout = 30 * time.Second
	defaultDrainTimeout  = 30 * time.Second
)

// config is what options and environment amount to.
type config struct {
	apiKey       apiKey
	project      string
	source       string
	serverURL    string
	sessionName  string
	sessionID    string
	sessionIDSet bool
	experiment   experiment
	offline      bool

	exporter      sdktrace.SpanExporter
	exporterSet   bool
	file          string
	httpClient    *http.Client
	httpClientSet bool
	json          bool

	logger   *slog.Logger
	redact   Redactor
	sampler  sdktrace.Sampler
	resource *resource.Resource
	limits   sdktrace.SpanLimits

	queueSize     int
	batchSize     int
	batchSizeSet  bool
	flushInterval time.Duration
	immediate     bool
	apiTimeout    time.Duration
	exportTimeout time.Duration

	// warnings are about the environment, which must not keep a program
	// from starting.
	warnings []string
}

// apiKey keeps a key out of whatever prints a config.
type apiKey struct{ key *string }

func (k *apiKey) set(key string) { k.key = &key }

func (k apiKey) get() string {
	if k.key == nil {
		return ""
	}
	return *k.key
}

func newConfig(opts []Option) (*config, error) {
	c := &config{
		project:       os.Getenv("HH_PROJECT"),
		source:        cmp.Or(os.Getenv("HH_SOURCE"), defaultSource),
		serverURL:     cmp.Or(os.Getenv("HH_API_URL"), defaultServerURL),
		sessionName:   os.Getenv("HH_SESSION_NAME"),
		file:          os.Getenv("HH_TRACE_FILE"),
		queueSize:     defaultQueueSize,
		batchSize:     defaultBatchSize,
		flushInterval: defaultFlushInterval,
		apiTimeout:    defaultAPITimeout,
		exportTimeout: defaultExportTimeout,
		limits:        sdktrace.NewSpanLimits(),
	}
	c.apiKey.set(os.Getenv("HH_API_KEY"))
	c.environment()
	for _, opt := range opts {
		if opt == nil {
			return nil, errors.New("nil option")
		}
		opt.apply(c)
	}
	if c.logger == nil {
		c.logger = slog.Default()
	}
	if err := c.validate(); err != nil {
		return nil, err
	}
	return c, nil
}

// environment reads the numbers and switches. A malformed one is worth a
// warning and the default.
func (c *config) environment() {
	// OpenTelemetry's limits apply where its own variables raise them.
	c.limits.AttributeCountLimit = c.envInt("HH_MAX_ATTRIBUTES", 1024)
	c.limits.EventCountLimit = c.envInt("HH_MAX_EVENTS", 1024)
	c.limits.LinkCountLimit = c.envInt("HH_MAX_LINKS", 128)
	c.queueSize = min(c.envInt("HH_MAX_QUEUE_SIZE", c.envInt("OTEL_BSP_MAX_QUEUE_SIZE", c.queueSize)), maxQueueSize)
	c.batchSize = c.envInt("HH_BATCH_SIZE", c.envInt("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", c.batchSize))
	c.flushInterval = c.envDuration("HH_FLUSH_INTERVAL", time.Second,
		c.envDuration("OTEL_BSP_SCHEDULE_DELAY", time.Millisecond, c.flushInterval))
	c.exportTimeout = c.envDuration("HH_EXPORT_TIMEOUT", time.Second,
		c.envDuration("OTEL_BSP_EXPORT_TIMEOUT", time.Millisecond, c.exportTimeout))
	c.apiTimeout = c.envDuration("HH_API_TIMEOUT", time.Second, c.apiTimeout)
	c.immediate = c.envBool("HH_DISABLE_BATCH")
	c.offline = c.envBool("HH_TEST_MODE")
	c.json = os.Getenv("HH_OTLP_PROTOCOL") == "http/json"
}

func (c *config) malformed(name, value, want string) {
	c.warnings = append(c.warnings, fmt.Sprintf("%s=%q is not %s and is ignored", name, value, want))
}

func (c *config) envInt(name string, fallback int) int {
	value := strings.TrimSpace(os.Getenv(name))
	if value == "" {
		return fallback
	}
	n, err := strconv.Atoi(value)
	if err != nil || n <= 0 {
		c.malformed(name, value, "a positive number")
		return fallback
	}
	return n
}

func (c *config) envDuration(name string, unit, fallback time.Duration) time.Duration {
	value := strings.TrimSpace(os.Getenv(name))
	if value == "" {
		return fallback
	}
	n, err := strconv.ParseFloat(value, 64)
	d := time.Duration(n * float64(unit))
	// Written so that NaN is refused.
	if err != nil || !(n > 0 && n < 1e9) || d <= 0 {
		c.malformed(name, value, "a positive number")
		return fallback
	}
	return d
}

func (c *config) envBool(name string) bool {
	value := os.Getenv(name)
	switch strings.ToLower(strings.TrimSpace(value)) {
	case "true", "1", "yes", "on", "enabled":
		return true
	case "false", "0", "no", "off", "disabled", "":
		return false
	}
	c.malformed(name, value, "a switch (true or false)")
	return false
}

func (c *config) warn() {
	for _, w := range c.warnings {
		warn(c.logger, "honeyhive: "+w)
	}
}

func (c *config) validate() error {
	for _, text := range []struct {
		option, variable string
		value            *string
	}{
		{"WithProject", "HH_PROJECT", &c.project},
		{"WithSource", "HH_SOURCE", &c.source},
		{"WithSessionName", "HH_SESSION_NAME", &c.sessionName},
		{"WithAPIKey", "HH_API_KEY", c.apiKey.key},
	} {
		*text.value = strings.TrimSpace(*text.value)
		if !utf8.ValidString(*text.value) || strings.ContainsFunc(*text.value, unicode.IsControl) {
			// The value stays out of the message: it may be the key.
			return fmt.Errorf("%s (%s): not a printable text", text.option, text.variable)
		}
	}
	c.source = cmp.Or(c.source, defaultSource)
	if err := c.checkURL(); err != nil {
		return fmt.Errorf("WithServerURL (HH_API_URL): %w", err)
	}
	if c.sessionIDSet {
		id, ok := parseUUID(c.sessionID)
		if !ok {
			return fmt.Errorf("WithSessionID: %q is not a UUID; StartSession takes other ids", c.sessionID)
		}
		c.sessionID = id
	}
	switch {
	case c.exporterSet && isNil(c.exporter):
		return errors.New("WithSpanExporter: nil exporter; leave the option out to export to HoneyHive")
	case c.exporterSet && c.json && os.Getenv("HH_OTLP_PROTOCOL") == "":
		return errors.New("WithJSON contradicts WithSpanExporter, which replaces the OTLP exporter: leave one out")
	case c.httpClientSet && c.httpClient == nil:
		return errors.New("WithHTTPClient: nil client; leave the option out for the default")
	case c.queueSize <= 0 || c.queueSize > maxQueueSize:
		return fmt.Errorf("WithQueueSize (HH_MAX_QUEUE_SIZE): %d is not 1 to %d", c.queueSize, maxQueueSize)
	case c.batchSize <= 0:
		return fmt.Errorf("WithBatchSize (HH_BATCH_SIZE): %d is not positive", c.batchSize)
	case c.batchSizeSet && c.batchSize > c.queueSize:
		return fmt.Errorf("WithBatchSize (HH_BATCH_SIZE): %d exceeds WithQueueSize (HH_MAX_QUEUE_SIZE), which is %d", c.batchSize, c.queueSize)
	case c.batchSizeSet && c.batchSize > 1 && c.immediate:
		return errors.New("WithBatchSize contradicts WithImmediateExport (HH_DISABLE_BATCH): leave one out")
	case c.flushInterval <= 0:
		return fmt.Errorf("WithFlushInterval (HH_FLUSH_INTERVAL): %v is not positive", c.flushInterval)
	case c.apiTimeout <= 0:
		return fmt.Errorf("WithAPITimeout (HH_API_TIMEOUT): %v is not positive", c.apiTimeout)
	case c.exportTimeout <= 0:
		return fmt.Errorf("WithExportTimeout (HH_EXPORT_TIMEOUT): %v is not positive", c.exportTimeout)
	}
	c.batchSize = min(c.batchSize, c.queueSize)
	if c.immediate {
		c.batchSize = 1
	}
	return nil
}

func (c *config) checkURL() error {
	c.serverURL = strings.TrimRight(strings.TrimSpace(c.serverURL), "/")
	u, err := url.Parse(c.serverURL)
	switch {
	case err != nil:
		// The URL itself may hold a password.
		return errors.New("cannot be parsed; use https://host[:port][/path]")
	case u.Scheme != "http" && u.Scheme != "https" || u.Host == "":
		return fmt.Errorf("%q is not an absolute http or https URL", u.Redacted())
	case u.User != nil:
		return errors.New("must not contain a user name: the API key authenticates")
	case strings.ContainsAny(c.serverURL, "?#"):
		return fmt.Errorf("%q must end with its path", u.Redacted())
	}
	return nil
}

// connect gives t its destinations.
func (c *config) connect(ctx context.Context, t *Tracer) error {
	if key := c.apiKey.get(); key != "" && !c.offline {
		client, err := backend.New(backend.Config{
			ServerURL: c.serverURL,
			Key:       backend.NewKey(key),
			Source:    c.source,
			HTTP:      c.httpClient,
			Timeout:   c.apiTimeout,
		})
		if err != nil {
			return fmt.Errorf("WithServerURL (HH_API_URL): %w", err)
		}
		t.backend = client
	}
	if c.file != "" {
		exporter, err := newFileExporter(ctx, c.file)
		if err != nil {
			return fmt.Errorf("WithFile (HH_TRACE_FILE): %w", err)
		}
		t.pipelines = append(t.pipelines, c.pipeline(t, exporter))
	}
	switch {
	case c.exporterSet:
		t.pipelines = append(t.pipelines, c.pipeline(t, c.exporter))
	case t.backend != nil:
		exporter, err := t.backend.SpanExporter(ctx, c.json)
		if err != nil {
			for _, p := range t.pipelines {
				p.close()
			}
			return err
		}
		t.pipelines = append(t.pipelines, c.pipeline(t, exporter))
	}
	return nil
}

func (c *config) pipeline(t *Tracer, exporter sdktrace.SpanExporter) *pipeline {
	return newPipeline(pipelineConfig{
		exporter:      exporter,
		queueSize:     c.queueSize,
		batchSize:     c.batchSize,
		flushInterval: c.flushInterval,
		exportTimeout: c.exportTimeout,
		logger:        c.logger,
	})
}

func (c *config) providerOptions() []sdktrace.TracerProviderOption {
	opts := []sdktrace.TracerProviderOption{sdktrace.WithRawSpanLimits(c.limits)}
	if c.sampler != nil {
		opts = append(opts, sdktrace.WithSampler(c.sampler))
	}
	r := c.resource
	if r == nil {
		r = resource.Default()
		// The default remembers the environment of its first use.
		if now, err := resource.Merge(r, resource.Environment()); err == nil {
			r = now
		}
	}
	return append(opts, sdktrace.WithResource(cleanResource(r, c.redact)))
}
