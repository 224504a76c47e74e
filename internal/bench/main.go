//go:build unix

// Bench measures hhvet beside other tools on generated modules, one after the
// other on the same files, and prints a table for docs/performance.md:
//
//	go run ./internal/bench -sizes 40,400
//
// Each tool runs with the go command's cache as stated. With a warm one the
// tools take turns, and the best of several runs of each counts. CPU time and
// memory are those of the process and all that it started and waited for.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/honeyhiveai/hhvet/internal/corpus"
)

func main() {
	sizes := flag.String("sizes", "40,400", "comma-separated numbers of packages")
	lines := flag.Int("lines", 700, "lines of each package")
	touching := flag.Float64("touching", 0.05, "share of the packages that use baggage or the SDK")
	runs := flag.Int("runs", 3, "runs of each tool with a warm cache")
	work := flag.String("work", "", "directory for modules, binaries and caches, kept; a temporary one without it")
	only := flag.String("only", "", "comma-separated names of the measurements to make, all without it")
	flag.Parse()
	if err := run(*sizes, *work, *only, *runs, module{Lines: *lines, Touching: *touching, OTel: 0.25}); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(sizes, work, only string, runs int, m module) error {
	var err error
	if work == "" {
		if work, err = os.MkdirTemp("", "hhvet-bench"); err != nil {
			return err
		}
		defer os.RemoveAll(work)
	}
	tools, err := build(work)
	if err != nil {
		return err
	}
	for size := range strings.SplitSeq(sizes, ",") {
		if m.Packages, err = strconv.Atoi(size); err != nil {
			return err
		}
		dir := filepath.Join(work, "module"+size)
		if err := m.write(dir); err != nil {
			return err
		}
		if err := measure(dir, work, only, runs, m, tools); err != nil {
			return err
		}
	}
	return nil
}

// tools are binaries by name.
type tools map[string]string

func build(work string) (tools, error) {
	t := make(tools)
	for name, pkg := range map[string]string{
		"hhvet":       "./cmd/hhvet",
		"multi":       "./internal/bench/multi",
		"staticcheck": "honnef.co/go/tools/cmd/staticcheck@v0.8.2",
	} {
		bin := filepath.Join(work, name)
		cmd := exec.Command("go", "build", "-trimpath", "-o", bin, pkg)
		if strings.Contains(pkg, "@") {
			cmd = exec.Command("go", "install", pkg)
			cmd.Env = append(os.Environ(), "GOBIN="+work)
		}
		cmd.Dir = corpus.Root()
		if msg, err := cmd.CombinedOutput(); err != nil {
			return nil, fmt.Errorf("build %s: %w\n%s", pkg, err, msg)
		}
		t[name] = bin
	}
	// golangci-lint with the plugin takes minutes to build; it is measured
	// where a binary is given.
	if bin := os.Getenv("HHVET_GOLANGCI_LINT"); bin != "" {
		t["golangci-lint"] = bin
		config := "version: \"2\"\nlinters:\n  default: none\n  enable: [hhvet]\n  settings:\n    custom:\n      hhvet:\n        type: module\n"
		if err := os.WriteFile(filepath.Join(work, "golangci.yml"), []byte(config), 0o666); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// cache says what the go command has kept from before.
type cache int

const (
	warm     cache = iota // everything, this tool's own results included
	unvetted              // compiled packages, but no results of any tool
	empty                 // nothing
)

type measurement struct {
	name  string
	what  string
	cache cache
	args  []string
}

func measure(dir, work, only string, runs int, m module, t tools) error {
	all := []measurement{
		{"floor", "`go list -deps -test -export`", warm, []string{"go", "list", "-deps", "-test", "-export", "./..."}},
		{"hhvet", "hhvet", warm, []string{t["hhvet"], "./..."}},
		{"multi", "the same analyzers under multichecker", warm, []string{t["multi"], "./..."}},
		{"staticcheck", "staticcheck, SA1019 alone", warm, []string{t["staticcheck"], "-checks", "SA1019", "./..."}},
		{"vet", "`go vet`", warm, []string{"go", "vet", "./..."}},
		{"vettool", "`go vet -vettool=hhvet`", warm, []string{"go", "vet", "-vettool=" + t["hhvet"], "./..."}},
		{"vet-unvetted", "`go vet`, packages compiled", unvetted, []string{"go", "vet", "./..."}},
		{"vettool-unvetted", "`go vet -vettool=hhvet`, packages compiled", unvetted, []string{"go", "vet", "-vettool=" + t["hhvet"], "./..."}},
		{"vet-empty", "`go vet`, empty cache", empty, []string{"go", "vet", "./..."}},
		{"vettool-empty", "`go vet -vettool=hhvet`, empty cache", empty, []string{"go", "vet", "-vettool=" + t["hhvet"], "./..."}},
	}
	if bin := t["golangci-lint"]; bin != "" {
		args := []string{bin, "run", "--config", filepath.Join(work, "golangci.yml"), "--max-same-issues", "0", "--max-issues-per-linter", "0", "./..."}
		all = append(all,
			measurement{"golangci", "golangci-lint with the plugin", warm, args},
			measurement{"golangci-empty", "golangci-lint with the plugin, its cache empty", unvetted, args})
	}
	compiled := filepath.Join(work, "compiled"+strconv.Itoa(m.Packages))
	if err := warmUp(dir, compiled); err != nil {
		return err
	}
	fmt.Printf("\n### %d packages of %d lines, %.0f %% of them with baggage or the SDK\n\n", m.Packages, m.Lines, 100*m.Touching)
	fmt.Println("| what | wall | CPU | memory | exit |\n| --- | --- | --- | --- | --- |")
	var chosen []measurement
	for _, one := range all {
		if only == "" || strings.Contains(","+only+",", ","+one.name+",") {
			chosen = append(chosen, one)
		}
	}
	best, err := warmRuns(chosen, dir, work, compiled, runs)
	if err != nil {
		return err
	}
	for _, one := range chosen {
		u, ok := best[one.name]
		if !ok {
			if u, err = one.first(dir, work, compiled); err != nil {
				return err
			}
		}
		fmt.Printf("| %s | %.2f s | %.2f s | %d MB | %d |\n", one.what, u.wall.Seconds(), u.cpu.Seconds(), u.memory>>20, u.exit)
	}
	return nil
}

// warmUp compiles everything into the cache that others start from.
func warmUp(dir, cacheDir string) error {
	cmd := exec.Command("go", "list", "-deps", "-test", "-export", "./...")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOCACHE="+cacheDir, "GOWORK=off", "GOFLAGS=-mod=mod")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("compile the module: %w\n%s", err, &stderr)
	}
	return nil
}

type usage struct {
	wall, cpu time.Duration
	memory    int64
	exit      int
}

// warmRuns returns the best of several runs of each tool that is to be measured
// with a warm cache, by name. They take turns: what else the machine does, it
// does to all.
func warmRuns(all []measurement, dir, work, compiled string, runs int) (map[string]usage, error) {
	all = slices.DeleteFunc(slices.Clone(all), func(m measurement) bool { return m.cache != warm })
	if len(all) == 0 {
		return nil, nil
	}
	cacheDir, remove, err := cacheFrom(work, compiled)
	if err != nil {
		return nil, err
	}
	defer remove()
	best := make(map[string]usage)
	for i := range runs + 1 {
		for _, m := range all {
			u, err := m.run(dir, cacheDir)
			if err != nil {
				return nil, err
			}
			if old, ok := best[m.name]; i > 0 && (!ok || u.wall < old.wall) { // the first fills the cache
				best[m.name] = u
			}
		}
	}
	return best, nil
}

// first measures a tool's first run.
func (m measurement) first(dir, work, compiled string) (usage, error) {
	if m.cache == empty {
		compiled = ""
	}
	cacheDir, remove, err := cacheFrom(work, compiled)
	if err != nil {
		return usage{}, err
	}
	defer remove()
	return m.run(dir, cacheDir)
}

// cacheFrom makes a cache with what is in the directory compiled, if any.
func cacheFrom(work, compiled string) (cacheDir string, remove func(), err error) {
	cacheDir = filepath.Join(work, "cache")
	remove = func() {
		for _, suffix := range []string{"", "-staticcheck", "-golangci-lint"} {
			os.RemoveAll(cacheDir + suffix)
		}
	}
	if compiled != "" {
		if msg, err := exec.Command("cp", "-a", compiled, cacheDir).CombinedOutput(); err != nil {
			remove()
			return "", nil, fmt.Errorf("copy the cache: %w\n%s", err, msg)
		}
	}
	return cacheDir, remove, nil
}

func (m measurement) run(dir, cacheDir string) (usage, error) {
	cmd := exec.Command(m.args[0], m.args[1:]...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOCACHE="+cacheDir, "GOWORK=off",
		"STATICCHECK_CACHE="+cacheDir+"-staticcheck", "GOLANGCI_LINT_CACHE="+cacheDir+"-golangci-lint")
	start := time.Now()
	err := cmd.Run()
	u := usage{wall: time.Since(start)}
	if cmd.ProcessState == nil {
		return u, err
	}
	u.exit = cmd.ProcessState.ExitCode()
	if u.exit < 0 {
		return u, fmt.Errorf("%s: %w", m.name, err)
	}
	u.cpu = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	if ru, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		u.memory = ru.Maxrss << 10 // Linux counts in kilobytes
	}
	return u, nil
}
