// Package exectest runs commands for tests.
package exectest

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Build builds a package of the module in dir, and returns the executable. It
// differs from those of other packages' tests, which may run at the same time:
// the go command shares what a vet tool finds by the bytes of the tool, and
// passes over findings that another go vet is about to write to the cache (Go
// 1.26 and 1.27).
func Build(t testing.TB, dir, pkg string) string {
	t.Helper()
	Watch(dir)
	exe := filepath.Join(t.TempDir(), path.Base(pkg))
	// Whoever the clone belongs to, and whatever git says of it.
	id := filepath.Base(os.Args[0])
	Run(t, dir, 0, "go", "build", "-buildvcs=false", "-ldflags=-buildid="+id, "-o", exe, pkg)
	return exe
}

// Watch makes cached results of the test out of date when a file below dir
// changes: the go command knows what a test reads, but not what it builds.
func Watch(dir string) {
	_ = filepath.WalkDir(dir, func(_ string, entry fs.DirEntry, err error) error {
		if err == nil && entry.Name() == ".git" {
			return fs.SkipDir
		}
		return nil
	})
}

// Context returns a context that ends before the test is stopped for taking too
// long, so that it can still say what it was waiting for.
func Context(t testing.TB) context.Context {
	limited, ok := t.(interface{ Deadline() (time.Time, bool) })
	if !ok {
		return t.Context()
	}
	deadline, ok := limited.Deadline()
	if !ok {
		return t.Context()
	}
	grace := min(time.Minute, time.Until(deadline)/10)
	ctx, cancel := context.WithDeadline(t.Context(), deadline.Add(-grace))
	t.Cleanup(cancel)
	return ctx
}

// Output is what a command has printed.
type Output struct{ Stdout, Stderr string }

// AnyExit stands for any exit code.
const AnyExit = -1

// Run runs a command in dir, and fails the test on another exit code than exit.
func Run(t testing.TB, dir string, exit int, name string, args ...string) Output {
	t.Helper()
	return RunEnv(t, os.Environ(), dir, exit, name, args...)
}

// RunEnv is Run in another environment.
func RunEnv(t testing.TB, env []string, dir string, exit int, name string, args ...string) Output {
	t.Helper()
	ctx := Context(t)
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir, cmd.Env = dir, env
	cmd.WaitDelay = 100 * time.Millisecond // for what it has started
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	if ctx.Err() != nil {
		t.Fatalf("%s %s: it takes too long\n%s%s", name, strings.Join(args, " "), &stdout, &stderr)
	}
	if err != nil && !errors.As(err, new(*exec.ExitError)) {
		t.Fatal(err)
	}
	if got := cmd.ProcessState.ExitCode(); got != exit && exit != AnyExit {
		t.Fatalf("%s %s: exit code %d, want %d\n%s%s", name, strings.Join(args, " "), got, exit, &stdout, &stderr)
	}
	return Output{stdout.String(), stderr.String()}
}
