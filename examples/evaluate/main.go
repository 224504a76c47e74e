// Command evaluate compares two ways to find the sentence that answers a
// question, with honeyhive.Evaluate and without an account:
//
//	go run . -open
//
// It prints what it found, and leaves behind a report to open in a browser
// (report.html) and the spans of all cases (traces.jsonl).
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"log/slog"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"

	"github.com/honeyhiveai/hhvet/honeyhive"
)

func main() {
	dir := flag.String("dir", ".", "where to write report.html and traces.jsonl")
	open := flag.Bool("open", false, "open the report in a browser")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	report, err := evaluate(ctx, *dir, os.Stdout)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("\nreport: file://%s\n", filepath.ToSlash(report))
	if *open {
		if err := show(report); err != nil {
			log.Fatal(err)
		}
	}
}

// evaluate runs the experiment for both rankings and returns the path of the
// report.
func evaluate(ctx context.Context, dir string, out io.Writer) (path string, err error) {
	dir, err = filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	tracer, err := honeyhive.New(ctx,
		honeyhive.WithProject("question-answering"),
		honeyhive.WithFile(filepath.Join(dir, "traces.jsonl")),
		honeyhive.WithLogger(slog.New(slog.DiscardHandler)))
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, tracer.Shutdown(context.WithoutCancel(ctx))) }()

	before, err := run(ctx, tracer, "shared words", library{rank: sharedWords})
	if err != nil {
		return "", err
	}
	after, err := run(ctx, tracer, "rare words count more", library{rank: rareWords})
	if err != nil {
		return "", err
	}
	if err := after.WriteTable(out); err != nil {
		return "", err
	}
	fmt.Fprintln(out)
	if err := after.Compare(before).WriteTable(out); err != nil {
		return "", err
	}
	path = filepath.Join(dir, "report.html")
	file, err := os.Create(path)
	if err != nil {
		return "", err
	}
	return path, errors.Join(after.WriteHTML(file, before), file.Close())
}

// run is all that an experiment takes.
func run(ctx context.Context, tracer *honeyhive.Tracer, name string, l library) (*honeyhive.Report, error) {
	run, err := honeyhive.Evaluate(ctx, tracer, honeyhive.Experiment[string, string]{
		Name:    name,
		Dataset: honeyhive.DatasetSeq(questions).WithID("general-knowledge"),
		Task: func(ctx context.Context, dp honeyhive.Datapoint[string]) (string, error) {
			return l.answer(ctx, tracer, dp.Input)
		},
		Evaluators: []honeyhive.Evaluator[string, string]{
			{Name: "correct", Func: correct},
			{Name: "concise", Func: concise},
		},
		Aggregates: []honeyhive.Aggregate{honeyhive.Mean(), honeyhive.Median()},
		Progress:   os.Stderr,
	})
	if err != nil {
		return nil, err
	}
	return run.Report(), nil
}

// show opens a file in the browser.
func show(path string) error {
	switch runtime.GOOS {
	case "darwin":
		return exec.Command("open", path).Start()
	case "windows":
		return exec.Command("rundll32", "url.dll,FileProtocolHandler", path).Start()
	}
	return exec.Command("xdg-open", path).Start()
}
