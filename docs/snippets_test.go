package docs_test

import (
	"context"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/honeyhiveai/hhvet/honeyhive"
	"github.com/honeyhiveai/hhvet/honeyhive/honeyhivetest"
	"github.com/honeyhiveai/hhvet/internal/corpus"
	"github.com/honeyhiveai/hhvet/internal/markdown"
)

// The functions below have the code that the documents show.

func answer(ctx context.Context, id string) error {
	tracer, err := honeyhive.New(ctx, honeyhive.WithProject("acme")) // HH_API_KEY
	if err != nil {
		return err
	}
	defer tracer.Shutdown(ctx)

	ctx, span := tracer.Start(ctx, "answer")
	defer span.End()
	tracer.EnrichSpan(ctx, honeyhive.Metadata{"user": id}, honeyhive.Metrics{"score": 0.95})
	return nil
}

type asker interface {
	Ask(ctx context.Context, question string) (string, error)
}

type judge func(context.Context, string, honeyhive.Datapoint[string]) (honeyhive.Score, error)

func capitals(ctx context.Context, tracer *honeyhive.Tracer, model asker, exact judge, points ...honeyhive.Datapoint[string]) error {
	run, err := honeyhive.Evaluate(ctx, tracer, honeyhive.Experiment[string, string]{
		Name:    "capitals",
		Dataset: honeyhive.DatasetOf(points...),
		Task: func(ctx context.Context, dp honeyhive.Datapoint[string]) (string, error) {
			return model.Ask(ctx, dp.Input)
		},
		Evaluators: []honeyhive.Evaluator[string, string]{{Name: "exact", Func: exact}},
		Progress:   os.Stderr,
	})
	if err != nil {
		return err
	}
	return run.Report().WriteTable(os.Stdout)
}

func resumable(e honeyhive.Experiment[string, string]) honeyhive.Experiment[string, string] {
	return honeyhive.Experiment[string, string]{
		RunID:   "build 7", // any text
		Journal: "run.journal",

		Dataset: e.Dataset, Task: e.Task,
	}
}

func indexed(e honeyhive.Experiment[string, string]) (honeyhive.Experiment[string, string], error) {
	index, err := strconv.Atoi(os.Getenv("JOB_COMPLETION_INDEX"))
	if err != nil {
		return e, err
	}
	return honeyhive.Experiment[string, string]{
		RunID: os.Getenv("RUN_ID"), // the same for all pods
		Shard: honeyhive.Shard{Index: index, Count: 8},

		Dataset: e.Dataset, Task: e.Task, Journal: e.Journal,
	}, nil
}

func matrix(e honeyhive.Experiment[string, string], shardFlag *string) (honeyhive.Experiment[string, string], error) {
	shard, err := honeyhive.ParseShard(*shardFlag)
	if err != nil {
		return e, err
	}
	return honeyhive.Experiment[string, string]{
		RunID: os.Getenv("CI_PIPELINE_ID"), // any text: it is mapped to a UUID
		Shard: shard,

		Dataset: e.Dataset, Task: e.Task, Journal: e.Journal,
	}, nil
}

func compare(run *honeyhive.Run[string, string], earlier *honeyhive.Report, file *os.File) error {
	report := run.Report()
	if err := report.WriteHTML(file, earlier); err != nil { // a page that loads nothing from anywhere
		return err
	}
	return report.Compare(earlier).WriteTable(os.Stdout)
}

// What the documents show of the SDK is the code above, which the tests below
// run; and of a silenced finding a line of the corpus.
func TestShownCode(t *testing.T) {
	code := read(t, "snippets_test.go") +
		read(t, corpus.Root(), "testdata", "src", "globalbaggage", "silent", "ignored", "ignored.go")
	for _, document := range []string{"README.md", "docs/experiments.md"} {
		blocks, _ := markdown.Parse(read(t, corpus.Root(), document))
		for _, b := range blocks {
			if b.Lang != "go" {
				continue
			}
			// A comment of an ellipsis stands for code that is not shown.
			for part := range strings.SplitSeq(b.Text, "// ...\n") {
				if !hasLines(code, part) {
					t.Errorf("%s, below %q: this is not the code that is tested:\n%s", document, b.Section, part)
				}
			}
		}
	}
}

// hasLines reports whether code has the lines of part one after the other,
// whatever they are indented by.
func hasLines(code, part string) bool {
	trim := func(text string) string {
		var lines []string
		for line := range strings.Lines(text) {
			lines = append(lines, strings.TrimSpace(line))
		}
		return strings.Join(lines, "\n") + "\n"
	}
	return strings.Contains(trim(code), "\n"+trim(strings.TrimSpace(part)))
}

func TestSDKSnippet(t *testing.T) {
	backend := honeyhivetest.NewBackend(t)
	server := httptest.NewServer(backend)
	t.Cleanup(server.Close)
	t.Setenv("HH_API_URL", server.URL)
	t.Setenv("HH_API_KEY", "key")
	if err := answer(t.Context(), "u-1"); err != nil {
		t.Fatal(err)
	}
	span := backend.RequireSpan("answer")
	if span.APIKey != "key" || span.Project() != "acme" || span.Attributes["honeyhive_metadata.user"] != "u-1" || span.Attributes["honeyhive_metrics.score"] != 0.95 {
		t.Errorf("span = %+v", span)
	}
}

type atlas map[string]string

func (a atlas) Ask(_ context.Context, question string) (string, error) { return a[question], nil }

func exact(_ context.Context, output string, dp honeyhive.Datapoint[string]) (honeyhive.Score, error) {
	want, err := honeyhive.GroundTruthAs[string](dp)
	return honeyhive.PassFail(output == want, ""), err
}

func TestExperimentSnippets(t *testing.T) {
	backend := honeyhivetest.NewBackend(t)
	model := atlas{"France": "Paris", "Japan": "Kyoto"}
	points := []honeyhive.Datapoint[string]{{Input: "France", GroundTruth: "Paris"}, {Input: "Japan", GroundTruth: "Tokyo"}}
	if err := capitals(t.Context(), backend.NewTracer(), model, exact, points...); err != nil {
		t.Fatal(err)
	}
	if runs := backend.Runs(); len(runs) != 1 || runs[0].Name != "capitals" || runs[0].Status != "completed" {
		t.Errorf("runs = %+v", runs)
	}

	// What is recorded is not done again.
	t.Chdir(t.TempDir())
	for started, want := range []int{len(points), 0} {
		calls := 0
		e := resumable(honeyhive.Experiment[string, string]{
			Dataset: honeyhive.DatasetOf(points[0], points[1]),
			Task:    func(context.Context, honeyhive.Datapoint[string]) (string, error) { calls++; return "", nil },
		})
		e.Concurrency = 1
		if _, err := honeyhive.Evaluate(t.Context(), nil, e); err != nil || calls != want {
			t.Errorf("start %d: %d cases are run, want %d: %v", started+1, calls, want, err)
		}
	}

	// Shards that are told who they are as the page says do all cases, once.
	for name, shards := range map[string]func(i int, e honeyhive.Experiment[string, string]) (honeyhive.Experiment[string, string], error){
		"JOB_COMPLETION_INDEX": func(i int, e honeyhive.Experiment[string, string]) (honeyhive.Experiment[string, string], error) {
			t.Setenv("JOB_COMPLETION_INDEX", strconv.Itoa(i))
			t.Setenv("RUN_ID", "the run")
			return indexed(e)
		},
		"-shard": func(i int, e honeyhive.Experiment[string, string]) (honeyhive.Experiment[string, string], error) {
			flag := strconv.Itoa(i+1) + "/8"
			t.Setenv("CI_PIPELINE_ID", "pipeline 4711")
			return matrix(e, &flag)
		},
	} {
		seen := make(map[string]int)
		var last *honeyhive.Run[string, string]
		many := make([]honeyhive.Datapoint[string], 20)
		for i := range many {
			many[i].Input = strconv.Itoa(i)
		}
		e := honeyhive.Experiment[string, string]{
			Dataset: honeyhive.DatasetOf(many...), Journal: filepath.Join(t.TempDir(), "journal"),
			Task: func(_ context.Context, dp honeyhive.Datapoint[string]) (string, error) { return dp.Input, nil },
		}
		for i := range 8 {
			e, err := shards(i, e)
			if err != nil {
				t.Fatal(err)
			}
			if last, err = honeyhive.Evaluate(t.Context(), nil, e); err != nil {
				t.Fatal(err)
			}
			for _, c := range last.Cases {
				seen[c.Output]++
			}
		}
		for i := range many {
			if n := seen[strconv.Itoa(i)]; n != 1 {
				t.Errorf("%s: case %d was run %d times", name, i, n)
			}
		}

		file, err := os.Create(filepath.Join(t.TempDir(), "report.html"))
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		if err := compare(last, last.Report(), file); err != nil {
			t.Error(err)
		}
		if info, err := file.Stat(); err != nil || info.Size() == 0 {
			t.Errorf("the report is empty: %v", err)
		}
	}
}
