package command

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/honeyhiveai/hhvet/internal/baseline"
	"github.com/honeyhiveai/hhvet/internal/driver"
	"github.com/honeyhiveai/hhvet/internal/load"
)

// rootFiles returns the files in which findings can be, by the names that they
// have before cgo.
func rootFiles(graph *load.Graph) map[string]bool {
	files := make(map[string]bool)
	for _, p := range graph.Packages {
		if p.Root {
			for _, file := range p.GoFiles {
				files[file] = true
			}
		}
	}
	return files
}

// baselineRun is what this run can know of the findings in files.
func (c *command) baselineRun(files map[string]bool, session *driver.Session) *baseline.Run {
	run := &baseline.Run{Files: files, Analyzers: make(map[string]bool), Source: session.Source}
	for _, a := range c.analyzers {
		run.Analyzers[a.Name] = true
	}
	return run
}

// baseline takes the recorded findings out of the result, or records them all
// (and is then done).
func (c *command) baseline(dir string, run *baseline.Run, result *driver.Result) (done bool, err error) {
	name := c.options.baseline
	if !filepath.IsAbs(name) {
		name = filepath.Join(dir, name)
	}
	name = spelledAs(dir, name)
	if c.options.write {
		if len(result.Failures) > 0 {
			return false, errors.New("nothing is recorded, as not all packages could be analysed")
		}
		if err := baseline.Write(name, result.Findings, run); err != nil {
			return false, err
		}
		fmt.Fprintf(c.stderr, "hhvet: recorded %s in %s\n", plural(len(result.Findings), "finding"), c.options.baseline)
		return true, nil
	}
	recorded, err := baseline.Read(name)
	if err != nil {
		return false, err
	}
	var gone int
	result.Findings, gone = recorded.New(result.Findings, run)
	if gone > 0 && len(result.Failures) == 0 {
		fmt.Fprintf(c.stderr, "hhvet: %s in %s no longer found; run with -write to forget them\n", plural(gone, "finding"), c.options.baseline)
	}
	return false, nil
}

// spelledAs returns another name of the file, relative to which files below dir
// have short names: symbolic links may lead to dir and to the file by different
// paths.
func spelledAs(dir, name string) string {
	parent := filepath.Dir(name)
	realDir, err1 := filepath.EvalSymlinks(dir)
	realParent, err2 := filepath.EvalSymlinks(parent)
	rel, err3 := filepath.Rel(realDir, realParent)
	if err1 != nil || err2 != nil || err3 != nil {
		return name
	}
	same := filepath.Join(dir, rel)
	x, err1 := os.Stat(parent)
	y, err2 := os.Stat(same)
	if err1 != nil || err2 != nil || !os.SameFile(x, y) {
		return name
	}
	return filepath.Join(same, filepath.Base(name))
}
