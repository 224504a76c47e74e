package honeyhive

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// maxDatapoint bounds a line of a JSONL dataset, in bytes.
const maxDatapoint = 64 << 20

// DatasetJSONL returns the dataset that r holds, a JSON object a line with the
// fields id, input (or inputs), ground_truth and metadata, of which input is
// required. It is read while the experiment runs, once. Empty lines, a byte
// order mark and any line ends are fine. An error names its line, and ends the
// run.
func DatasetJSONL[In any](r io.Reader) Dataset[In] {
	return DatasetSeq(func(yield func(Datapoint[In], error) bool) {
		lines := newLineReader(r, maxDatapoint)
		for {
			line, err := lines.next()
			if len(line) > 0 {
				dp, err := parseDatapoint[In](line)
				if err != nil {
					yield(dp, fmt.Errorf("line %d: %w", lines.number, err))
					return
				}
				if !yield(dp, nil) {
					return
				}
			}
			switch {
			case errors.Is(err, errLongLine) || err != nil && !errors.Is(err, io.EOF):
				yield(Datapoint[In]{}, fmt.Errorf("line %d: %w", lines.number, err))
				return
			case err != nil:
				return
			}
		}
	})
}

func parseDatapoint[In any](line []byte) (dp Datapoint[In], err error) {
	var fields struct {
		ID          string          `json:"id"`
		Input       json.RawMessage `json:"input"`
		Inputs      json.RawMessage `json:"inputs"`
		GroundTruth any             `json:"ground_truth"`
		Metadata    Metadata        `json:"metadata"`
	}
	if err := json.Unmarshal(line, &fields); err != nil {
		return dp, err
	}
	text := fields.Input
	if text == nil {
		text = fields.Inputs
	}
	if text == nil {
		return dp, errors.New(`the field "input" is missing`)
	}
	dp = Datapoint[In]{ID: fields.ID, GroundTruth: fields.GroundTruth, Metadata: fields.Metadata}
	if dp.Input, err = decodeInputs[In](text); err != nil {
		return dp, fmt.Errorf("input: %w", err)
	}
	return dp, nil
}
