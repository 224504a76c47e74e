// Command distributed is two processes that serve the same two tenants: a
// gateway, which calls a worker over HTTP. Every request's spans join its
// tenant's trace and session in both processes, and nobody else's.
//
// The processes share a trace file, which the gateway reads at the end.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"

	"go.opentelemetry.io/otel/propagation"

	"github.com/honeyhiveai/hhvet/honeyhive"
)

var tenants = []string{"acme", "globex"}

func main() {
	ctx := context.Background()
	var err error
	if len(os.Args) == 3 && os.Args[1] == "worker" {
		err = work(ctx, os.Args[2])
	} else {
		err = gateway(ctx, os.Stdout)
	}
	if err != nil {
		log.Fatal(err)
	}
}

// open makes a tracer for each tenant. All of them write to file.
func open(ctx context.Context, service, file string) (map[string]*honeyhive.Tracer, error) {
	tracers := make(map[string]*honeyhive.Tracer)
	for _, tenant := range tenants {
		tracer, err := honeyhive.New(ctx,
			honeyhive.WithProject(tenant),
			honeyhive.WithSource(service),
			honeyhive.WithFile(file),
			honeyhive.WithOffline(),
			honeyhive.WithLogger(slog.New(slog.DiscardHandler)))
		if err != nil {
			return nil, fmt.Errorf("tracer of %s: %w", tenant, err)
		}
		tracers[tenant] = tracer
	}
	return tracers, nil
}

func shutdown(ctx context.Context, tracers map[string]*honeyhive.Tracer) error {
	var errs []error
	for _, tracer := range tracers {
		errs = append(errs, tracer.Shutdown(ctx))
	}
	return errors.Join(errs...)
}

// work serves until standard input ends, and prints its address.
func work(ctx context.Context, file string) error {
	tracers, err := open(ctx, "worker", file)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println(listener.Addr())
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		tenant := r.Header.Get("X-Tenant")
		tracer := tracers[tenant]
		ctx := tracer.Extract(r.Context(), propagation.HeaderCarrier(r.Header))
		ctx, span := tracer.Start(ctx, tenant+": complete")
		defer span.End()
		tracer.EnrichSpan(ctx, honeyhive.Config{"model": "parrot-1"})
		fmt.Fprintln(w, "It depends.")
	})}
	served := make(chan error)
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		served <- server.Shutdown(ctx)
	}()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	// Serve returns at once, and requests in flight still have spans to end.
	return errors.Join(<-served, shutdown(ctx, tracers))
}

// gateway starts a worker, makes a request of it for each tenant within the
// first tenant's, and shows what was recorded.
func gateway(ctx context.Context, w io.Writer) error {
	dir, err := os.MkdirTemp("", "distributed")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "spans.jsonl")

	worker := exec.CommandContext(ctx, os.Args[0], "worker", file)
	worker.Stderr = os.Stderr
	stdin, err := worker.StdinPipe()
	if err != nil {
		return err
	}
	stdout, err := worker.StdoutPipe()
	if err != nil {
		return err
	}
	if err := worker.Start(); err != nil {
		return err
	}
	address, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		return fmt.Errorf("the worker did not start: %w", err)
	}

	tracers, err := open(ctx, "gateway", file)
	if err != nil {
		return err
	}
	acme, globex := tracers["acme"], tracers["globex"]
	ctx, err = acme.StartSession(ctx, honeyhive.WithSessionID("ticket A-7"))
	if err != nil {
		return err
	}
	ctx, outer := acme.Start(ctx, "acme: answer")
	if err := call(ctx, acme, "acme", strings.TrimSpace(address)); err != nil {
		return err
	}
	// Work for globex in the same context: it has a session of its own.
	theirs, err := globex.StartSession(ctx, honeyhive.WithSessionID("ticket G-1"))
	if err != nil {
		return err
	}
	theirs, inner := globex.Start(theirs, "globex: answer")
	if err := call(theirs, globex, "globex", strings.TrimSpace(address)); err != nil {
		return err
	}
	inner.End()
	outer.End()

	if err := errors.Join(shutdown(ctx, tracers), stdin.Close(), worker.Wait()); err != nil {
		return err
	}
	return report(w, file)
}

// call asks the worker on behalf of a tenant.
func call(ctx context.Context, tracer *honeyhive.Tracer, tenant, address string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+address, nil)
	if err != nil {
		return err
	}
	req.Header.Set("X-Tenant", tenant)
	tracer.Inject(ctx, propagation.HeaderCarrier(req.Header))
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, resp.Body)
	return errors.Join(err, resp.Body.Close())
}

// span is what report reads of a span in OTLP's JSON.
type span struct {
	Name, TraceID, SpanID, ParentSpanID string
	StartTimeUnixNano                   string
	Attributes                          []struct {
		Key   string
		Value struct{ StringValue string }
	}
}

func (s span) attribute(key string) string {
	for _, a := range s.Attributes {
		if a.Key == key {
			return a.Value.StringValue
		}
	}
	return ""
}

// report prints the spans of a trace file with ids shortened to letters.
func report(w io.Writer, file string) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	var spans []span
	for dec := json.NewDecoder(f); dec.More(); {
		var line struct {
			ResourceSpans []struct{ ScopeSpans []struct{ Spans []span } }
		}
		if err := dec.Decode(&line); err != nil {
			return fmt.Errorf("read %s: %w", file, err)
		}
		for _, r := range line.ResourceSpans {
			for _, s := range r.ScopeSpans {
				spans = append(spans, s.Spans...)
			}
		}
	}
	slices.SortFunc(spans, func(a, b span) int { return strings.Compare(a.StartTimeUnixNano, b.StartTimeUnixNano) })

	names := map[string]string{"": "none"}
	for _, s := range spans {
		names[s.SpanID] = s.Name + " (" + s.attribute("honeyhive.source") + ")"
	}
	sessions := make(map[string]string)
	tw := tabwriter.NewWriter(w, 0, 0, 3, ' ', 0)
	fmt.Fprintln(tw, "SPAN\tPROJECT\tSESSION\tPARENT")
	for _, s := range spans {
		id := s.attribute("honeyhive.session_id")
		if sessions[id] == "" {
			sessions[id] = string(rune('A' + len(sessions)))
		}
		fmt.Fprintf(tw, "%s\t%s\t%s\t%s\n", names[s.SpanID], s.attribute("honeyhive.project"), sessions[id], names[s.ParentSpanID])
	}
	return tw.Flush()
}
