package backend

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"sync"
)

// Run is the body of an experiment run's creation and update.
type Run struct {
	RunID         string         `json:"run_id,omitempty"`
	Name          string         `json:"name,omitempty"`
	Status        string         `json:"status,omitempty"` // pending, running, completed, failed or cancelled
	DatasetID     string         `json:"dataset_id,omitempty"`
	Metadata      map[string]any `json:"metadata,omitempty"`
	Configuration map[string]any `json:"configuration,omitempty"`
	EventIDs      []string       `json:"event_ids"` // the sessions of its cases
	DatapointIDs  []string       `json:"datapoint_ids"`
}

// CreateRun creates r unless there is a run of that id already.
func (c *Client) CreateRun(ctx context.Context, r Run) error {
	ctx, cancel := context.WithTimeout(ctx, c.cfg.Timeout)
	defer cancel()
	path := "/v1/runs/" + url.PathEscape(r.RunID)
	if err := c.call(ctx, http.MethodGet, path, nil, nil); err == nil || !isNotFound(err) {
		return err
	}
	err := c.call(ctx, http.MethodPost, "/v1/runs", r, nil)
	if err != nil && c.call(ctx, http.MethodGet, path, nil, nil) == nil {
		return nil // somebody else was faster
	}
	return err
}

// maxDatapointIDs keeps the update of a very large run below the 5 MB that
// HoneyHive takes.
const maxDatapointIDs = 50_000

// UpdateRun replaces what r has of its run. An empty status stays what it is.
func (c *Client) UpdateRun(ctx context.Context, r Run) error {
	ctx, cancel := context.WithTimeout(ctx, c.cfg.Timeout)
	defer cancel()
	id := r.RunID
	r.RunID = ""
	body := map[string]any{"name": r.Name}
	if r.Status != "" {
		body["status"] = r.Status
	}
	if len(r.Metadata) > 0 {
		body["metadata"] = r.Metadata
	}
	if len(r.EventIDs) > 0 {
		body["event_ids"] = r.EventIDs
		// Sessions say which datapoint they are of.
		if len(r.DatapointIDs) <= maxDatapointIDs {
			body["datapoint_ids"] = r.DatapointIDs
		}
	}
	return c.call(ctx, http.MethodPut, "/v1/runs/"+url.PathEscape(id), body, nil)
}

// SessionEvent is a session as a search finds it.
type SessionEvent struct {
	SessionID string                     `json:"session_id"`
	Metadata  map[string]json.RawMessage `json:"metadata"`
	Outputs   map[string]json.RawMessage `json:"outputs"`
}

// searchPage is how many sessions are read at once.
const searchPage = 500

// Sessions calls f for every session that has value as that entry of its
// metadata.
func (c *Client) Sessions(ctx context.Context, key, value string, f func(SessionEvent)) error {
	first := "" // of the page before
	for page := 1; ; page++ {
		body := map[string]any{
			"filters": []map[string]string{
				{"field": "metadata." + key, "operator": "is", "value": value, "type": "string"},
				{"field": "event_type", "operator": "is", "value": "session", "type": "string"},
			},
			"limit": searchPage,
			"page":  page,
		}
		var answer struct {
			Events []SessionEvent `json:"events"`
		}
		err := c.fetch(ctx, http.MethodPost, "/v1/events/search", body, &answer)
		if isNotFound(err) {
			err = c.fetch(ctx, http.MethodPost, "/v1/events/export", body, &answer)
		}
		if err != nil {
			return err
		}
		if len(answer.Events) > 0 {
			if answer.Events[0].SessionID == first && page > 1 {
				return fmt.Errorf("search for sessions: page %d is page %d again", page, page-1)
			}
			first = answer.Events[0].SessionID
		}
		for _, e := range answer.Events {
			f(e)
		}
		if len(answer.Events) < searchPage {
			return nil
		}
	}
}

// Datapoint is a case of a dataset.
type Datapoint struct {
	ID          string          `json:"id"`
	Inputs      json.RawMessage `json:"inputs"`
	GroundTruth json.RawMessage `json:"ground_truth"`
}

// datasetReaders is how many datapoints are read at once.
const datasetReaders = 8

// Dataset returns the cases of a dataset in its order.
func (c *Client) Dataset(ctx context.Context, id string) ([]Datapoint, error) {
	var answer struct {
		Datasets []struct {
			Datapoints []string `json:"datapoints"`
		} `json:"datasets"`
	}
	if err := c.fetch(ctx, http.MethodGet, "/v1/datasets?dataset_id="+url.QueryEscape(id), nil, &answer); err != nil {
		return nil, err
	}
	if len(answer.Datasets) == 0 {
		return nil, errors.New("there is no such dataset in the API key's project")
	}
	ids := answer.Datasets[0].Datapoints
	if len(ids) == 0 {
		return nil, errors.New("the dataset is empty")
	}
	points := make([]Datapoint, len(ids))
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	next := make(chan int)
	var readers sync.WaitGroup
	for range min(datasetReaders, len(ids)) {
		readers.Go(func() {
			for i := range next {
				p, err := c.datapoint(ctx, ids[i])
				if err != nil {
					cancel(fmt.Errorf("datapoint %s: %w", ids[i], err))
				}
				points[i] = p
			}
		})
	}
	for i := range ids {
		select {
		case next <- i:
			continue
		case <-ctx.Done():
		}
		break
	}
	close(next)
	readers.Wait()
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	return points, nil
}

func (c *Client) datapoint(ctx context.Context, id string) (Datapoint, error) {
	var answer struct {
		Datapoint []Datapoint `json:"datapoint"`
	}
	if err := c.fetch(ctx, http.MethodGet, "/v1/datapoints/"+url.PathEscape(id), nil, &answer); err != nil {
		return Datapoint{}, err
	}
	if len(answer.Datapoint) == 0 {
		return Datapoint{}, errors.New("it does not exist")
	}
	p := answer.Datapoint[0]
	p.ID = id
	return p, nil
}

// fetch is a call whose answer matters: one that cannot be read is an error.
func (c *Client) fetch(ctx context.Context, method, path string, body, answer any) error {
	ctx, cancel := context.WithTimeout(ctx, c.cfg.Timeout)
	defer cancel()
	var text json.RawMessage
	if err := c.call(ctx, method, path, body, &text); err != nil {
		return err
	}
	if err := json.Unmarshal(text, answer); err != nil {
		return fmt.Errorf("%s %s: the answer is not what HoneyHive sends: %w", method, path, err)
	}
	return nil
}
