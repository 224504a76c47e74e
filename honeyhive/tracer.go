package honeyhive

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/google/uuid"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/honeyhiveai/hhvet/honeyhive/internal/backend"
)

// scopeName is the instrumentation scope of the spans that Start makes.
const scopeName = "github.com/honeyhiveai/hhvet/honeyhive"

// A Tracer makes spans for one HoneyHive project. All its methods may be
// called concurrently, and do nothing on a nil Tracer or after Shutdown.
type Tracer struct {
	id         string
	project    string
	source     string
	session    *session
	experiment experiment
	// realm names the tracer's project to other services.
	realm string

	logger   *slog.Logger
	backend  *backend.Client // nil where nothing goes to HoneyHive
	redact   Redactor
	keys     keyCache
	provider *sdktrace.TracerProvider
	spans    trace.Tracer
	// scopes has the tracers that ContextTracerProvider asked for, by scope.
	scopes sync.Map
	// truncated is Stats.Truncated.
	truncated atomic.Uint64

	open      atomic.Bool
	pipelines []*pipeline
	closed    chan struct{} // closed when Shutdown has ended
}

// New returns a tracer. Options win over their environment variables, and
// those over the defaults. The error is about the configuration and names
// the option and the variable: New does not touch the network, and a tracer
// without an API key works but sends nothing.
//
// Call [Tracer.Shutdown] to export what is queued and to end the tracer's
// goroutines.
func New(ctx context.Context, opts ...Option) (*Tracer, error) {
	if ctx == nil {
		ctx = context.Background()
	}
	// The tracer outlives the call, and configuration does not time out.
	ctx = context.WithoutCancel(ctx)
	cfg, err := newConfig(opts)
	if err != nil {
		return nil, fmt.Errorf("honeyhive: %w", err)
	}
	t := &Tracer{
		id:         uuid.NewString(),
		project:    cfg.project,
		source:     cfg.source,
		session:    &session{id: cfg.sessionID, name: cfg.sessionName, autoCreate: true},
		experiment: cfg.experiment,
		logger:     cfg.logger,
		redact:     cfg.redact,
		realm:      realm(cfg.project, cfg.apiKey.get()),
		closed:     make(chan struct{}),
	}
	if t.session.id == "" {
		t.session.id = uuid.NewString()
	}
	if err := cfg.connect(ctx, t); err != nil {
		return nil, fmt.Errorf("honeyhive: %w", err)
	}
	t.provider = sdktrace.NewTracerProvider(cfg.providerOptions()...)
	t.spans = t.TracerProvider().Tracer(scopeName, trace.WithInstrumentationVersion(backend.Version))
	t.open.Store(true)
	register(t)
	// A tracer that is dropped without Shutdown must not leave its workers
	// behind. They hold the pipelines, never the tracer.
	runtime.AddCleanup(t, func(ps []*pipeline) {
		for _, p := range ps {
			p.close()
		}
	}, t.pipelines)
	cfg.warn()
	if len(t.pipelines) == 0 && !cfg.offline {
		warn(t.logger, "no HoneyHive API key: spans are recorded but nothing leaves the process",
			"hint", "set WithAPIKey or HH_API_KEY, or WithFile or HH_TRACE_FILE to keep spans in a file, or WithOffline")
	}
	return t, nil
}

// enabled reports whether t is a tracer that may do something.
func (t *Tracer) enabled() bool { return t != nil && t.open.Load() }

// ID identifies the tracer in this process: it is the value of
// honeyhive_tracer_id in baggage. It is random and says nothing about the
// project.
func (t *Tracer) ID() string {
	if t == nil {
		return ""
	}
	return t.id
}

// Start begins a span and returns a context that carries it. Its parent is
// this tracer's nearest span in ctx, or a remote parent that is nearer.
// Another tracer's span is never the parent: it becomes a link, and the new
// span stays in its trace.
func (t *Tracer) Start(ctx context.Context, name string, opts ...trace.SpanStartOption) (context.Context, trace.Span) {
	if !t.enabled() {
		return inertStart(ctx)
	}
	return t.spans.Start(ctx, name, opts...)
}

// EnrichSpan adds fields to this tracer's current span in ctx and reports
// whether a recording span took them. That is OpenTelemetry's current span
// where it is this tracer's, however it got there, else the tracer's nearest
// span in ctx. A map is read before EnrichSpan
// returns and may be changed afterwards.
//
// With an [EventID] among the fields it updates that event through the API
// instead, and reports whether HoneyHive accepted the update.
func (t *Tracer) EnrichSpan(ctx context.Context, fields ...Field) bool {
	if other, ok := explicitTracer(fields); ok {
		t = other
	}
	if !t.enabled() || ctx == nil {
		return false
	}
	if id, ok := eventOf(fields); ok {
		return t.enrichEvent(ctx, id, fields)
	}
	sp, ok := t.place(ctx).near.(*span)
	return ok && sp.enrich(fields)
}

// Stats counts what became of a tracer's spans.
type Stats struct {
	Exported uint64 // accepted by an exporter
	Queued   uint64 // ended, and waiting for an exporter
	Dropped  uint64 // lost because the queue was full or the tracer was shut down
	Failed   uint64 // lost because an exporter rejected them or could not be reached
	// Truncated counts the values that were cut or left out because they were
	// too large or too many: see [Field].
	Truncated uint64
}

// Stats returns the counts since New. With both a file and HoneyHive as
// destinations a span counts once for each. Spans that were not sampled do not
// count.
func (t *Tracer) Stats() Stats {
	var s Stats
	if t == nil {
		return s
	}
	for _, p := range t.pipelines {
		s = s.add(p.stats())
	}
	s.Truncated = t.truncated.Load()
	return s
}

func (s Stats) add(o Stats) Stats {
	return Stats{s.Exported + o.Exported, s.Queued + o.Queued, s.Dropped + o.Dropped, s.Failed + o.Failed, s.Truncated + o.Truncated}
}

// ForceFlush exports the spans that have ended so far and waits until that
// is done or ctx is. Spans that could not be exported by then stay queued.
// Where ctx has no deadline ForceFlush waits for 30 seconds at most. The error
// says how many spans are still queued, or were lost meanwhile, and why.
func (t *Tracer) ForceFlush(ctx context.Context) error {
	if !t.enabled() {
		return nil
	}
	if err := t.eachPipeline(ctx, (*pipeline).flush); err != nil {
		return fmt.Errorf("honeyhive: %w", err)
	}
	return nil
}

// Shutdown exports what is queued, ends the tracer's goroutines and takes
// the tracer out of discovery. It gives up when ctx is done (after 30 seconds
// where ctx has no deadline) and then returns an error that says how many
// spans were lost. A context that ends with the program, as one of
// signal.NotifyContext does, leaves no time: give Shutdown
// context.WithoutCancel of it. Every further call waits for the first, or for
// its own context.
func (t *Tracer) Shutdown(ctx context.Context) error {
	if t == nil || t.closed == nil {
		return nil
	}
	if ctx == nil {
		ctx = context.Background()
	}
	if !t.open.Swap(false) {
		select {
		case <-t.closed:
			return nil
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	defer close(t.closed)
	unregister(t)
	err := t.eachPipeline(ctx, (*pipeline).shutdown)
	if t.backend != nil {
		t.backend.CloseIdleConnections()
	}
	// The provider has no processors: this only turns its tracers off.
	if err := errors.Join(err, t.provider.Shutdown(context.WithoutCancel(ctx))); err != nil {
		return fmt.Errorf("honeyhive: %w", err)
	}
	return nil
}

// eachPipeline runs f for all pipelines at once, so that a slow one does not
// use up the others' time.
func (t *Tracer) eachPipeline(ctx context.Context, f func(*pipeline, context.Context) error) error {
	if ctx == nil {
		ctx = context.Background()
	}
	if _, ok := ctx.Deadline(); !ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, defaultDrainTimeout)
		defer cancel()
	}
	errs := make([]error, len(t.pipelines))
	var wg sync.WaitGroup
	for i, p := range t.pipelines {
		wg.Go(func() { errs[i] = f(p, ctx) })
	}
	wg.Wait()
	return errors.Join(errs...)
}
