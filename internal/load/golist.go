package load

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"go/build"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// fields are those of go list's output that Package needs: each further one
// may cost the go command time.
const fields = "ImportPath,Name,Dir,Export,GoFiles,CgoFiles,CFiles,CXXFiles,MFiles,HFiles,FFiles,SFiles,SwigFiles,SwigCXXFiles,SysoFiles," +
	"IgnoredGoFiles,IgnoredOtherFiles,Imports,ImportMap,ForTest,DepOnly,Standard,Module,Error"

type listed struct {
	ImportPath, Name, Dir, Export            string
	GoFiles, CgoFiles, CompiledGoFiles       []string
	CFiles, CXXFiles, MFiles, HFiles, FFiles []string
	SFiles, SwigFiles, SwigCXXFiles          []string
	SysoFiles                                []string
	IgnoredGoFiles, IgnoredOtherFiles        []string
	Imports                                  []string
	ImportMap                                map[string]string
	ForTest                                  string
	DepOnly, Standard                        bool
	Module                                   *struct {
		Path, Version, GoVersion string
		Main                     bool
	}
	Error *struct {
		Pos, Err    string
		ImportStack []string
	}
}

// goList has the patterns and all that they depend on listed, and decodes the
// output while the go command runs.
func goList(ctx context.Context, config Config, patterns []string, flags ...string) (units []*listed, warnings []string, err error) {
	// Nothing is linked: git need not be asked, and no profile applied.
	args := slices.Concat([]string{"list", "-e", "-deps", "-export", "-buildvcs=false", "-pgo=off"}, flags, config.BuildFlags)
	if config.Tests {
		args = append(args, "-test")
	}
	cmd := goCommand(ctx, config, append(append(args, "--"), patterns...)...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, nil, err
	}
	if err := cmd.Start(); err != nil {
		if errors.Is(err, exec.ErrNotFound) {
			return nil, nil, fmt.Errorf("the go command is not on the PATH; hhvet needs it to list packages: %w", err)
		}
		return nil, nil, fmt.Errorf("start the go command: %w", err)
	}
	decoder := json.NewDecoder(stdout)
	var decodeErr error
	for {
		u := new(listed)
		if decodeErr = decoder.Decode(u); decodeErr != nil {
			break
		}
		units = append(units, u)
	}
	_, _ = io.Copy(io.Discard, stdout)
	waitErr := cmd.Wait()
	switch {
	case ctx.Err() != nil:
		return nil, nil, context.Cause(ctx)
	case waitErr != nil:
		if text := strings.TrimSpace(stderr.String()); text != "" {
			return nil, nil, errors.New(text)
		}
		return nil, nil, fmt.Errorf("go list: %w", waitErr)
	case decodeErr != io.EOF:
		return nil, nil, fmt.Errorf("read the output of go list: %w", decodeErr)
	case len(units) == 0:
		if text := strings.TrimSpace(stderr.String()); text != "" {
			return nil, nil, fmt.Errorf("%w: %s", ErrNoPackages, text)
		}
		return nil, nil, ErrNoPackages
	}
	for line := range strings.Lines(stderr.String()) {
		if warning, ok := strings.CutPrefix(strings.TrimSpace(line), "go: warning: "); ok {
			warnings = append(warnings, warning)
		}
	}
	return units, warnings, nil
}

// settings are variables that the go command may have from its configuration
// file.
type settings struct{ GOARCH, GOFLAGS string }

// goEnv asks the go command for them. Errors are not worth a word here:
// listing fails for the same reason.
func goEnv(ctx context.Context, config Config) settings {
	s := settings{GOARCH: build.Default.GOARCH}
	if out, err := goOutput(ctx, config, "env", "-json", "GOARCH", "GOFLAGS"); err == nil {
		_ = json.Unmarshal(out, &s)
	}
	return s
}

// goOutput returns what a go command prints. An error says what it complains
// about.
func goOutput(ctx context.Context, config Config, args ...string) ([]byte, error) {
	out, err := goCommand(ctx, config, args...).Output()
	var exit *exec.ExitError
	if errors.As(err, &exit) && len(exit.Stderr) > 0 {
		err = errors.New(strings.TrimSpace(string(exit.Stderr)))
	}
	return out, err
}

func goCommand(ctx context.Context, config Config, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = config.Dir
	if config.Dir != "" {
		// The go command believes PWD where it names the same directory,
		// and so reports files by the path that the user sees.
		if abs, err := filepath.Abs(config.Dir); err == nil {
			cmd.Env = append(os.Environ(), "PWD="+abs)
		}
	}
	return cmd
}
