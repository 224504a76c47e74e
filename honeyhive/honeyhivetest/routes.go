package honeyhivetest

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"

	"github.com/google/uuid"
)

// routes are HoneyHive's paths, the older ones included.
func (b *Backend) routes() {
	for pattern, handle := range map[string]http.HandlerFunc{
		"POST /opentelemetry/v1/traces": b.receiveSpans,

		"POST /v1/sessions":   b.withBody(b.startSession),
		"POST /session/start": b.withBody(b.startSession),

		"POST /v1/events":     b.withBody(b.createEvent),
		"POST /events":        b.withBody(b.createEvent),
		"PUT /v1/events/{id}": b.withBody(b.updateEvent),
		"PUT /events":         b.withBody(b.updateEvent),

		"POST /v1/events/search": b.withBody(b.searchEvents),
		"POST /v1/events/export": b.withBody(b.searchEvents),

		"POST /v1/runs":             b.withBody(b.createRun),
		"GET /v1/runs/{id}":         b.getRun,
		"PUT /v1/runs/{id}":         b.withBody(b.updateRun),
		"DELETE /v1/runs/{id}":      b.deleteRun,
		"GET /v1/runs/{id}/summary": b.summarizeRun,
		"GET /v1/runs/{id}/result":  b.summarizeRun,
		"GET /v1/datasets":          b.getDatasets,
		"GET /v1/datapoints/{id}":   b.getDatapoint,
	} {
		b.mux.HandleFunc(pattern, b.authorized(handle))
	}
}

func (b *Backend) authorized(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if keyOf(r) == "" {
			refuse(w, http.StatusUnauthorized, "no API key")
			return
		}
		next(w, r)
	}
}

type bodyHandler func(w http.ResponseWriter, r *http.Request, body map[string]any)

// withBody decodes a JSON object, unwrapped where the older paths wrap it.
// It holds the backend's lock while next runs.
func (b *Backend) withBody(next bodyHandler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var body map[string]any
		if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
			refuse(w, http.StatusBadRequest, "not a JSON object: %v", err)
			return
		}
		for _, wrapper := range []string{"session", "event"} {
			if inner, ok := body[wrapper].(map[string]any); ok && len(body) == 1 {
				body = inner
			}
		}
		b.mu.Lock()
		defer b.mu.Unlock()
		next(w, r, body)
	}
}

func text(body map[string]any, key string) string {
	s, _ := body[key].(string)
	return s
}

func object(body map[string]any, key string) map[string]any {
	m, _ := body[key].(map[string]any)
	return m
}

func (b *Backend) startSession(w http.ResponseWriter, r *http.Request, body map[string]any) {
	id := text(body, "session_id")
	if uuid.Validate(id) != nil {
		id = uuid.NewString()
	}
	s := b.session(id)
	if s == nil {
		s = &Session{ID: id, APIKey: keyOf(r)}
		b.sessions = append(b.sessions, s)
	}
	s.AutoCreated = false
	for _, f := range []struct {
		to  *string
		key string
	}{{&s.Name, "event_name"}, {&s.Name, "session_name"}, {&s.Source, "source"}, {&s.Project, "project"}} {
		if v := text(body, f.key); v != "" {
			*f.to = v
		}
	}
	s.merge(body)
	merge(&s.Inputs, object(body, "inputs"))
	reply(w, http.StatusOK, map[string]any{
		"event_id": id, "session_id": id, "org_id": "org", "workspace_id": "workspace", "project_id": "project",
	})
}

// merge adds what an update may change.
func (s *Session) merge(body map[string]any) {
	for key, to := range map[string]*map[string]any{
		"outputs": &s.Outputs, "config": &s.Config, "metadata": &s.Metadata, "metrics": &s.Metrics,
		"feedback": &s.Feedback, "user_properties": &s.UserProperties,
	} {
		merge(to, object(body, key))
	}
}

func merge(to *map[string]any, from map[string]any) {
	if len(from) == 0 {
		return
	}
	merged := maps.Clone(*to)
	if merged == nil {
		merged = make(map[string]any)
	}
	maps.Copy(merged, from)
	*to = merged
}

func (b *Backend) createEvent(w http.ResponseWriter, r *http.Request, body map[string]any) {
	id := text(body, "event_id")
	if id == "" {
		id = uuid.NewString()
	}
	b.event(id, keyOf(r)).Created = body
	reply(w, http.StatusOK, map[string]any{"event_id": id, "success": true})
}

func (b *Backend) updateEvent(w http.ResponseWriter, r *http.Request, body map[string]any) {
	id := r.PathValue("id")
	if id == "" {
		id = text(body, "event_id")
	}
	if id == "" {
		refuse(w, http.StatusBadRequest, "event_id is missing")
		return
	}
	if s := b.session(id); s != nil {
		s.merge(body)
	} else {
		e := b.event(id, keyOf(r))
		e.Updates = append(e.Updates, body)
	}
	reply(w, http.StatusOK, map[string]any{"success": true})
}

func (b *Backend) run(id string) *Run {
	for _, r := range b.runs {
		if r.ID == id {
			return r
		}
	}
	return nil
}

func (r *Run) set(fields map[string]any) {
	merge(&r.Fields, fields)
	r.Name, r.Status = text(r.Fields, "name"), text(r.Fields, "status")
}

func (r *Run) reply(w http.ResponseWriter) {
	evaluation := maps.Clone(r.Fields)
	evaluation["id"], evaluation["run_id"] = r.ID, r.ID
	reply(w, http.StatusOK, map[string]any{"evaluation": evaluation, "run_id": r.ID})
}

func (b *Backend) createRun(w http.ResponseWriter, _ *http.Request, body map[string]any) {
	id := text(body, "run_id")
	if id == "" {
		id = uuid.NewString()
	}
	run := b.run(id)
	if run == nil {
		run = &Run{ID: id}
		b.runs = append(b.runs, run)
	}
	run.set(body)
	run.reply(w)
}

func (b *Backend) updateRun(w http.ResponseWriter, r *http.Request, body map[string]any) {
	if run := b.run(r.PathValue("id")); run != nil {
		run.set(body)
		run.reply(w)
		return
	}
	refuse(w, http.StatusNotFound, "no run %s", r.PathValue("id"))
}

func (b *Backend) getRun(w http.ResponseWriter, r *http.Request) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if run := b.run(r.PathValue("id")); run != nil {
		run.reply(w)
		return
	}
	refuse(w, http.StatusNotFound, "no run %s", r.PathValue("id"))
}

func (b *Backend) deleteRun(w http.ResponseWriter, r *http.Request) {
	b.mu.Lock()
	defer b.mu.Unlock()
	id := r.PathValue("id")
	b.runs = slices.DeleteFunc(b.runs, func(run *Run) bool { return run.ID == id })
	reply(w, http.StatusOK, map[string]any{"id": id, "deleted": true})
}

// summarizeRun reports the run's state. Aggregates are HoneyHive's to compute.
func (b *Backend) summarizeRun(w http.ResponseWriter, r *http.Request) {
	b.mu.Lock()
	defer b.mu.Unlock()
	run := b.run(r.PathValue("id"))
	if run == nil {
		refuse(w, http.StatusNotFound, "no run %s", r.PathValue("id"))
		return
	}
	reply(w, http.StatusOK, map[string]any{
		"run_id": run.ID, "status": run.Status, "success": run.Status == "completed",
		"passed": []string{}, "failed": []string{}, "datapoints": []any{},
		"metrics": map[string]any{"aggregation_function": r.URL.Query().Get("aggregate_function"), "details": []any{}},
	})
}

func (b *Backend) getDatasets(w http.ResponseWriter, r *http.Request) {
	b.mu.Lock()
	defer b.mu.Unlock()
	id := r.URL.Query().Get("dataset_id")
	found := []map[string]any{}
	for _, d := range b.datasets {
		if id != "" && d.ID != id {
			continue
		}
		ids := make([]string, len(d.Datapoints))
		for i, p := range d.Datapoints {
			ids[i] = p.ID
		}
		found = append(found, map[string]any{"id": d.ID, "name": d.Name, "datapoints": ids})
	}
	reply(w, http.StatusOK, map[string]any{"datasets": found})
}

func (b *Backend) getDatapoint(w http.ResponseWriter, r *http.Request) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, d := range b.datasets {
		for _, p := range d.Datapoints {
			if p.ID == r.PathValue("id") {
				reply(w, http.StatusOK, map[string]any{"datapoint": []any{
					map[string]any{"id": p.ID, "inputs": p.Inputs, "ground_truth": p.GroundTruth},
				}})
				return
			}
		}
	}
	refuse(w, http.StatusNotFound, "no datapoint %s", r.PathValue("id"))
}
