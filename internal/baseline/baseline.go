// Package baseline records the findings of a day, so that later runs report
// new ones only.
package baseline

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/honeyhiveai/hhvet/internal/finding"
	"github.com/honeyhiveai/hhvet/internal/fix"
)

// File is a baseline. File names in it are relative to its own directory.
//
// A finding is known by its file, its rule and the text of its line, and so
// stays known while code around it moves. Of equal ones, no more are known
// than were recorded.
type File struct {
	name    string
	entries []entry
}

type entry struct {
	finding.Mark
	Count   int    `json:"count"`
	Message string `json:"message"` // for people
}

type document struct {
	Version  int     `json:"version"`
	Findings []entry `json:"findings"`
}

const version = 1

// Read reads the baseline in file name.
func Read(name string) (*File, error) {
	data, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("baseline: %w; add -write to record the findings of today", err)
	}
	if err != nil {
		return nil, fmt.Errorf("baseline: %w", err)
	}
	var d document
	if err := json.Unmarshal(data, &d); err != nil {
		return nil, fmt.Errorf("baseline %s: %w; add -write to record it anew", name, err)
	}
	if d.Version != version {
		return nil, fmt.Errorf("baseline %s has version %d, and this hhvet reads version %d; add -write to record it anew", name, d.Version, version)
	}
	return &File{name: name, entries: d.Findings}, nil
}

// Run is what a run of the analyzers can know: a finding elsewhere is neither
// there nor gone.
type Run struct {
	Files     map[string]bool // absolute names
	Analyzers map[string]bool
	Source    func(file string) ([]byte, error)
}

func (r *Run) saw(file, rule string) bool {
	analyzer, _, _ := strings.Cut(rule, "/")
	return r.Files[file] && r.Analyzers[analyzer]
}

// New returns the findings that are not in the baseline, and how many of its
// entries the run should have found and did not.
func (b *File) New(findings []*finding.Finding, run *Run) (fresh []*finding.Finding, gone int) {
	known := make(map[finding.Mark]int)
	for _, e := range b.entries {
		known[e.Mark] += e.Count
	}
	for _, f := range findings {
		m := f.Mark(filepath.Dir(b.name), run.Source)
		if known[m] > 0 {
			known[m]--
			continue
		}
		fresh = append(fresh, f)
	}
	for m, n := range known {
		if run.saw(b.absolute(m.File), m.Rule) {
			gone += n
		}
	}
	return fresh, gone
}

func (b *File) absolute(file string) string {
	return filepath.Join(filepath.Dir(b.name), filepath.FromSlash(file))
}

// Write records findings in file name, in place of those that an earlier
// baseline there has and that the run would have found again, and of those in
// files that are gone.
func Write(name string, findings []*finding.Finding, run *Run) error {
	var entries []entry
	index := make(map[finding.Mark]int)
	for _, f := range findings {
		m := f.Mark(filepath.Dir(name), run.Source)
		if i, ok := index[m]; ok {
			entries[i].Count++
			continue
		}
		index[m] = len(entries)
		entries = append(entries, entry{Mark: m, Count: 1, Message: f.Message})
	}
	if old, err := Read(name); err == nil {
		for _, e := range old.entries {
			file := old.absolute(e.File)
			_, again := index[e.Mark]
			if _, err := os.Stat(file); err == nil && !again && !run.saw(file, e.Rule) {
				entries = append(entries, e)
			}
		}
	}
	slices.SortFunc(entries, func(x, y entry) int {
		return strings.Compare(x.File+"\x00"+x.Rule+"\x00"+x.Text, y.File+"\x00"+y.Rule+"\x00"+y.Text)
	})
	if entries == nil {
		entries = []entry{}
	}
	data, err := json.MarshalIndent(document{Version: version, Findings: entries}, "", "\t")
	if err != nil {
		return fmt.Errorf("baseline: %w", err)
	}
	if err := replace(name, append(data, '\n')); err != nil {
		return fmt.Errorf("baseline: %w", err)
	}
	return nil
}

// replace writes a file as a whole or not at all.
func replace(name string, data []byte) error {
	old, err := os.ReadFile(name)
	if err == nil {
		return fix.Write([]fix.File{{Name: name, Old: old, New: data}})
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.WriteFile(name, data, 0o666); err != nil {
		os.Remove(name)
		return err
	}
	return nil
}
