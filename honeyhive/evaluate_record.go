package honeyhive

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"runtime/debug"
	"sync"
	"time"

	"github.com/honeyhiveai/hhvet/honeyhive/internal/backend"
	"github.com/honeyhiveai/hhvet/internal/tracekey"
)

// recordKey is where a session's metadata hold its case's record.
const recordKey = "evaluation"

// resume finds out which cases the run has already.
func (r *runner[In, Out]) resume(ctx context.Context) error {
	if r.RunID == "" {
		return nil
	}
	r.done, r.remote = make(map[string]*caseRecord), make(map[string]bool)
	keep := func(rec *caseRecord) {
		if r.usable(rec) {
			r.done[rec.DatapointID] = rec
		} else {
			// A later record replaces an earlier one, whatever it says.
			delete(r.done, rec.DatapointID)
		}
	}
	if b := r.tracer.backend; b != nil {
		other := "" // the dataset of another shard
		err := b.Sessions(ctx, tracekey.RunID, r.id, func(s backend.SessionEvent) {
			var dataset string
			if json.Unmarshal(s.Metadata[tracekey.DatasetID], &dataset) == nil && dataset != r.experiment.datasetID {
				other = dataset
			}
			if rec := fromSession(s); rec != nil {
				keep(rec)
				r.remote[rec.DatapointID] = true
			}
		})
		if err != nil {
			return fmt.Errorf("find out what run %s has already: %w", r.id, err)
		}
		if other != "" && !r.Shard.whole() {
			return fmt.Errorf("run %s has cases of dataset %s, and this shard's is %s: give all shards the same dataset", r.id, other, r.experiment.datasetID)
		}
	}
	if r.journal != nil {
		err := r.journal.read(func(rec *caseRecord) {
			if rec.RunID == r.id {
				keep(rec)
			}
		})
		if err != nil {
			return fmt.Errorf("journal: %w", err)
		}
	}
	return nil
}

// fromSession returns the record of a session's case, or nil where the case
// has not been finished.
func fromSession(s backend.SessionEvent) *caseRecord {
	var rec caseRecord
	if json.Unmarshal(s.Metadata[recordKey], &rec) != nil || json.Unmarshal(s.Metadata[tracekey.DatapointID], &rec.DatapointID) != nil {
		return nil
	}
	if rec.OutputJSON != "" {
		rec.Output, rec.OutputJSON = json.RawMessage(rec.OutputJSON), ""
		return &rec
	}
	// Of a run that another SDK recorded.
	rec.Output = s.Outputs["result"]
	if rec.Output == nil && rec.Error == "" {
		rec.Output = json.RawMessage("null")
	}
	return &rec
}

// record begins to tell HoneyHive about the run, in the background. What
// HoneyHive refuses for good ends the run.
func (r *runner[In, Out]) record(ctx context.Context, refuse context.CancelCauseFunc) {
	b := r.tracer.backend
	if b == nil {
		return
	}
	r.recorder = newRecorder(context.WithoutCancel(ctx), recorderConfig{
		timeout: b.Timeout(),
		open: func(ctx context.Context) error {
			err := b.CreateRun(ctx, r.runBody("running"))
			if err != nil && !backend.IsTemporary(err) {
				refuse(fmt.Errorf("create run %s: %w", r.id, err))
			}
			return err
		},
		start:  r.sendSession,
		finish: r.sendResult,
	})
}

// sendSession creates a case's session.
func (r *runner[In, Out]) sendSession(ctx context.Context, seq int) error {
	r.mu.Lock()
	c := r.cases[seq]
	r.mu.Unlock()
	fields := []Field{Inputs(inputsObject(c.Datapoint.Input))}
	if len(c.Datapoint.Metadata) > 0 {
		fields = append(fields, c.Datapoint.Metadata)
	}
	body := r.tracer.sessionBody(context.Background(), &session{id: c.SessionID, name: r.name}, fields)
	body.Metadata = experiment{r.id, r.experiment.datasetID, c.ID}.into(body.Metadata)
	_, err := r.tracer.backend.StartSession(ctx, body)
	return err
}

// sendResult adds what came out for a case to its session. The record among
// it says that the case is done.
func (r *runner[In, Out]) sendResult(ctx context.Context, seq int) error {
	r.mu.Lock()
	c := r.cases[seq]
	r.mu.Unlock()
	fields := []Field{
		Metadata{recordKey: r.summary(&c)},
		Metadata(experiment{r.id, r.experiment.datasetID, c.ID}.into(nil)),
	}
	if c.Err == nil {
		fields = append(fields, Outputs{"result": c.Output})
	}
	if c.Datapoint.GroundTruth != nil {
		fields = append(fields, Feedback{"ground_truth": c.Datapoint.GroundTruth})
	}
	metrics := make(Metrics)
	for _, j := range c.Scores {
		if j.Err != nil {
			continue
		}
		metrics[j.Name] = j.Value
		if j.Binary {
			metrics[j.Name] = j.Verdict == Passed
		} else if j.Verdict != "" {
			metrics[r.suffixed(j.Name, "_passed")] = j.Verdict == Passed
		}
		if j.Explanation != "" {
			metrics[r.suffixed(j.Name, "_explanation")] = j.Explanation
		}
	}
	if len(metrics) > 0 {
		fields = append(fields, metrics)
	}
	update := r.tracer.eventBody(fields).update()
	record, _ := update.Metadata[recordKey].(map[string]any)
	r.sentOutput(record, &c)
	return r.tracer.backend.UpdateEvent(ctx, c.SessionID, update)
}

func (r *runner[In, Out]) runBody(status string) backend.Run {
	evaluators := make([]string, 0, len(r.Evaluators)+len(r.Overall))
	for _, ev := range r.Evaluators {
		evaluators = append(evaluators, ev.Name)
	}
	for _, o := range r.Overall {
		evaluators = append(evaluators, o.Name)
	}
	body := backend.Run{
		RunID:    r.id,
		Name:     r.tracer.redact.text(string(sessionKey), valid(r.name)),
		Status:   status,
		EventIDs: []string{},
		Metadata: map[string]any{},
		Configuration: map[string]any{
			"function":    r.task,
			"evaluators":  evaluators,
			"max_workers": r.Concurrency,
		},
		DatapointIDs: []string{},
	}
	if r.Dataset.remote {
		body.DatasetID = r.experiment.datasetID
	} else {
		body.Metadata["offline_dataset_id"] = r.experiment.datasetID
	}
	if git := gitContext(); git != nil {
		body.Metadata["git"] = git
	}
	return body
}

// gitContext is the commit that the program was built from, if it is known.
func gitContext() map[string]any {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return nil
	}
	var git map[string]any
	for _, s := range info.Settings {
		name, value := "", any(s.Value)
		switch s.Key {
		case "vcs.revision":
			name = "commit_hash"
		case "vcs.time":
			name = "commit_time"
		case "vcs.modified":
			name, value = "is_dirty", s.Value == "true"
		default:
			continue
		}
		if git == nil {
			git = make(map[string]any)
		}
		git[name] = value
	}
	return git
}

// conclude waits until HoneyHive has what it shall have, and tells it how the
// run ended.
func (r *runner[In, Out]) conclude(ctx context.Context, run *Run[In, Out], status string) error {
	t := r.tracer
	run.origin = origin{project: t.project, source: cmp.Or(t.source, defaultSource), sessionURL: t.sessionURL()}
	// Who ends the run does not want to wait, but the last cases may just
	// have ended.
	cancel := context.CancelFunc(func() {})
	if ctx.Err() != nil {
		ctx, cancel = context.WithTimeout(context.WithoutCancel(ctx), min(r.Drain, cancelGrace))
	}
	defer cancel()
	flushed := make(chan error, 1)
	go func() {
		ctx, cancel := context.WithTimeout(ctx, r.Drain)
		defer cancel()
		flushed <- t.eachPipeline(ctx, (*pipeline).flush)
	}()
	err := r.concludeRun(ctx, run, status)
	return errors.Join(err, <-flushed)
}

func (r *runner[In, Out]) concludeRun(ctx context.Context, run *Run[In, Out], status string) error {
	if r.recorder == nil {
		return nil
	}
	if err := r.recorder.drain(ctx, r.Drain); err != nil {
		return err
	}
	ended := status == "completed"
	if ended && !r.allDone(ctx, run) {
		// Another shard may complete the run meanwhile, which must stand.
		status = ""
	}
	body := r.runBody(status)
	if r.Shard.whole() && len(run.Overall) > 0 {
		overall := make(map[string]any)
		for _, j := range run.Overall {
			if j.Err == nil {
				overall[j.Name] = j.Score
			}
		}
		body.Metadata["overall"] = r.tracer.tree(metadataPrefix+".overall", overall)
	}
	if ended {
		// Every shard knows all cases, and says the same of them.
		body.EventIDs, body.DatapointIDs = r.all, r.allIDs
	} else {
		for i := range run.Cases {
			body.EventIDs = append(body.EventIDs, run.Cases[i].SessionID)
			body.DatapointIDs = append(body.DatapointIDs, run.Cases[i].ID)
		}
	}
	if err := r.tracer.backend.UpdateRun(ctx, body); err != nil {
		return fmt.Errorf("update run %s: %w", r.id, err)
	}
	return nil
}

// sessionURL is where HoneyHive shows a session of t, or "" where that is not
// known: a deployment of one's own may be anywhere.
func (t *Tracer) sessionURL() string {
	if t.backend == nil || t.project == "" || !t.backend.Hosted() {
		return ""
	}
	return "https://app.honeyhive.ai/projects/" + url.PathEscape(t.project) + "/sessions/{session}"
}

// allDone reports whether every case of the run is recorded, those of other
// shards too.
func (r *runner[In, Out]) allDone(ctx context.Context, run *Run[In, Out]) bool {
	if r.Shard.whole() {
		return true
	}
	done := make(map[string]bool)
	for i := range run.Cases {
		done[run.Cases[i].ID] = true
	}
	err := r.tracer.backend.Sessions(ctx, tracekey.RunID, r.id, func(s backend.SessionEvent) {
		if rec := fromSession(s); rec != nil {
			done[rec.DatapointID] = true
		}
	})
	if err != nil {
		return false
	}
	for _, id := range r.allIDs {
		if !done[id] {
			return false
		}
	}
	return true
}

// room keeps a fast experiment from overflowing the tracer's queues, which
// drop what they cannot hold: a trace file shall have every case. It waits for
// a destination that catches up within a moment, and not for a slow one.
type room struct {
	mu    sync.Mutex
	until time.Time // no waiting before
}

const (
	roomPatience = time.Second
	roomPause    = 30 * time.Second
)

func (r *room) make(ctx context.Context, t *Tracer) {
	for _, p := range t.pipelines {
		if p.stats().Queued <= uint64(p.queueSize)/2 {
			continue
		}
		r.mu.Lock()
		if time.Now().After(r.until) {
			patient, cancel := context.WithTimeout(ctx, roomPatience)
			if p.flush(patient) != nil {
				r.until = time.Now().Add(roomPause)
			}
			cancel()
		}
		r.mu.Unlock()
	}
}
