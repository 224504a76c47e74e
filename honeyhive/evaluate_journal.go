package honeyhive

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"sync"
	"time"
)

// caseRecord is a finished case as it is kept for whoever resumes or reads
// the run: a line of a journal, or part of a session's metadata.
type caseRecord struct {
	RunID       string          `json:"run_id,omitempty"`
	DatapointID string          `json:"datapoint_id,omitempty"`
	Index       int             `json:"index"`
	SessionID   string          `json:"session_id,omitempty"`
	Output      json.RawMessage `json:"output,omitempty"`
	OutputGob   []byte          `json:"output_gob,omitempty"` // what has no JSON
	// OutputJSON is Output in a session's metadata: a text stays as it is.
	OutputJSON    string `json:"output_json,omitempty"`
	OutputOmitted bool   `json:"output_omitted,omitempty"`
	// Never omitted: in a session that is updated when a failed case is
	// repeated they must replace what is there.
	Error      string        `json:"error"`
	Stack      string        `json:"stack"`
	Scores     []scoreRecord `json:"scores,omitempty"`
	DurationMS float64       `json:"duration_ms"`
}

type scoreRecord struct {
	Name string `json:"name"`
	Score
	Error string `json:"error,omitempty"`
	Stack string `json:"stack,omitempty"`
}

func (r *runner[In, Out]) toRecord(c *Case[In, Out]) *caseRecord {
	if r.journal == nil {
		return nil
	}
	rec := r.summary(c)
	rec.RunID, rec.DatapointID, rec.SessionID = r.id, c.ID, c.SessionID
	if c.Err == nil {
		if err := setOutput(rec, c.Output); err != nil {
			r.journal.fail(fmt.Errorf("output of datapoint %d: %w", c.Index, err))
			return nil
		}
	}
	return rec
}

// summary is the record of a case without what else identifies it.
func (r *runner[In, Out]) summary(c *Case[In, Out]) *caseRecord {
	rec := &caseRecord{Index: c.Index, DurationMS: float64(c.Duration) / float64(time.Millisecond)}
	if c.Err != nil {
		rec.Error, rec.Stack = errorText(c.Err), stackOf(c.Err)
	}
	for _, j := range c.Scores {
		s := scoreRecord{Name: j.Name, Score: j.Score}
		if j.Err != nil {
			s.Error, s.Stack = errorText(j.Err), stackOf(j.Err)
		}
		rec.Scores = append(rec.Scores, s)
	}
	return rec
}

// restore makes c what rec says. It is false where something is missing: the
// output, or the score of an evaluator that the run did not have or that
// failed.
func (r *runner[In, Out]) restore(c *Case[In, Out], rec *caseRecord) (complete bool) {
	c.Duration = time.Duration(math.Round(rec.DurationMS * float64(time.Millisecond)))
	c.Resumed = true
	if c.Err = recorded(rec.Error, rec.Stack); c.Err != nil {
		return true
	}
	// Decoded already, by usable.
	c.Output, _ = output[Out](rec)
	complete = true
	for _, ev := range r.Evaluators {
		found := false
		for _, s := range rec.Scores {
			if s.Name == ev.Name {
				c.Scores = append(c.Scores, Judgement{Name: s.Name, Score: s.Score, Err: recorded(s.Error, s.Stack)})
				found = true
				break
			}
		}
		complete = complete && found
	}
	return complete
}

// usable reports whether a case need not be run again.
func (r *runner[In, Out]) usable(rec *caseRecord) bool {
	if rec.Error != "" {
		return !r.RetryFailed
	}
	if r.RetryFailed {
		for _, s := range rec.Scores {
			if s.Error != "" {
				return false
			}
		}
	}
	_, err := output[Out](rec)
	return err == nil
}

// journal is a file of case records, a JSON object a line. Several processes
// may append to it.
type journal struct {
	path string
	file *lineFile
	mu   sync.Mutex
	err  error // the first failure
}

func openJournal(path string) (*journal, error) {
	// It is read, too: a device may have no end.
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return nil, fmt.Errorf("open %s: not a regular file", path)
	}
	file, err := openLines(path)
	if err != nil {
		return nil, err
	}
	return &journal{path: path, file: file}, nil
}

// maxRecord bounds a line of a journal.
const maxRecord = 64 << 20

// read calls f for every record. A line that is no record is the work of a
// process that was killed while it wrote.
func (j *journal) read(f func(*caseRecord)) error {
	file, err := os.Open(j.path)
	if err != nil {
		return err
	}
	defer file.Close()
	in := newLineReader(file, maxRecord)
	for {
		line, err := in.next()
		if len(line) > 0 {
			var rec caseRecord
			if json.Unmarshal(line, &rec) == nil && rec.DatapointID != "" {
				f(&rec)
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		// What is too long was not written by append.
		if err != nil && !errors.Is(err, errLongLine) {
			return err
		}
	}
}

// append writes a record.
func (j *journal) append(rec *caseRecord) {
	if j == nil || rec == nil {
		return
	}
	line, err := json.Marshal(rec)
	if err == nil && len(line) >= maxRecord {
		err = fmt.Errorf("datapoint %d: its record of %d bytes is larger than the %d that a journal can hold", rec.Index, len(line), maxRecord)
	}
	if err == nil {
		err = j.file.append(line)
	}
	if err != nil {
		j.fail(err)
	}
}

func (j *journal) fail(err error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.err == nil {
		j.err = err
	}
}

// close returns what went wrong since openJournal.
func (j *journal) close() error {
	if j == nil {
		return nil
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	err := errors.Join(j.err, j.file.Close())
	if err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	return nil
}
