// Package published is the test support for what users install: the working
// tree as a release, to be had from a module proxy of files.
package published

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/mod/module"
	"golang.org/x/mod/zip"

	"github.com/honeyhiveai/hhvet/internal/corpus"
	"github.com/honeyhiveai/hhvet/internal/exectest"
)

const (
	Path    = "github.com/honeyhiveai/hhvet"
	Version = "v0.0.1" // the only one, and so the latest
)

// Machine is one on which nothing of the module has been installed yet.
type Machine struct {
	Env []string // of its commands
}

// New publishes the working tree for as long as the test runs.
func New(t *testing.T) *Machine {
	t.Helper()
	if testing.Short() {
		t.Skip("installs from a module proxy")
	}
	proxy := t.TempDir()
	dir := filepath.Join(proxy, filepath.FromSlash(Path), "@v")
	if err := os.MkdirAll(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	write := func(name string, data []byte) {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	mod, err := os.ReadFile(filepath.Join(corpus.Root(), "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	info, err := json.Marshal(map[string]string{"Version": Version})
	if err != nil {
		t.Fatal(err)
	}
	write("list", []byte(Version+"\n"))
	write(Version+".mod", mod)
	write(Version+".info", info)
	f, err := os.Create(filepath.Join(dir, Version+".zip"))
	if err != nil {
		t.Fatal(err)
	}
	if err := zip.CreateFromDir(f, module.Version{Path: Path, Version: Version}, corpus.Root()); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}

	goEnv := func(name string) string {
		out, err := exec.Command("go", "env", name).Output()
		if err != nil {
			t.Fatal(err)
		}
		return strings.TrimSpace(string(out))
	}
	home := t.TempDir()
	// What this machine has downloaded serves as the proxy of everything else.
	downloaded := filepath.Join(goEnv("GOMODCACHE"), "cache", "download")
	// Git is as it comes, whatever the user has configured and if a hook runs the test.
	env := slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "GIT_") })
	return &Machine{Env: append(env,
		"GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_NOSYSTEM=1",
		"GOPROXY=file://"+filepath.ToSlash(proxy)+",file://"+filepath.ToSlash(downloaded)+","+goEnv("GOPROXY"),
		"GONOSUMDB="+Path,
		"GOMODCACHE="+filepath.Join(home, "mod"),
		"GOBIN="+filepath.Join(home, "bin"),
		// What an earlier run compiled, in another directory, need not be compiled again.
		"GOFLAGS=-modcacherw -trimpath",
		"PATH="+filepath.Join(home, "bin")+string(os.PathListSeparator)+os.Getenv("PATH"),
	)}
}

// Run executes a command line in dir, and fails the test on another exit code.
func (m *Machine) Run(t *testing.T, dir string, exit int, line string) string {
	t.Helper()
	out := exectest.RunEnv(t, m.Env, dir, exit, "sh", "-c", line)
	return out.Stdout + out.Stderr
}
