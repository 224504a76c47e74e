package main_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/mod/module"
	"golang.org/x/mod/zip"

	"github.com/honeyhiveai/hhvet/internal/corpus"
)

const (
	modulePath    = "github.com/honeyhiveai/hhvet"
	moduleVersion = "v0.0.1"
)

// published is a machine on which the working tree can be had as a release
// from a module proxy.
type published struct {
	env []string
}

func publish(t *testing.T) *published {
	t.Helper()
	if testing.Short() {
		t.Skip("compiles all dependencies anew")
	}
	proxy := t.TempDir()
	dir := filepath.Join(proxy, filepath.FromSlash(modulePath), "@v")
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
	info, err := json.Marshal(map[string]string{"Version": moduleVersion})
	if err != nil {
		t.Fatal(err)
	}
	write("list", []byte(moduleVersion+"\n"))
	write(moduleVersion+".mod", mod)
	write(moduleVersion+".info", info)
	f, err := os.Create(filepath.Join(dir, moduleVersion+".zip"))
	if err != nil {
		t.Fatal(err)
	}
	if err := zip.CreateFromDir(f, module.Version{Path: modulePath, Version: moduleVersion}, corpus.Root()); err != nil {
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
	return &published{env: append(os.Environ(),
		"GOPROXY=file://"+filepath.ToSlash(proxy)+",file://"+filepath.ToSlash(downloaded)+","+goEnv("GOPROXY"),
		"GONOSUMDB="+modulePath,
		"GOMODCACHE="+filepath.Join(home, "mod"),
		"GOBIN="+filepath.Join(home, "bin"),
		"GOFLAGS=-modcacherw",
		"PATH="+filepath.Join(home, "bin")+string(os.PathListSeparator)+os.Getenv("PATH"),
	)}
}

// run executes a command line in dir, and fails the test on another exit code.
func (p *published) run(t *testing.T, dir string, exit int, line string) string {
	t.Helper()
	cmd := exec.Command("sh", "-c", line)
	cmd.Dir, cmd.Env = dir, p.env
	out, err := cmd.CombinedOutput()
	if got := cmd.ProcessState.ExitCode(); got != exit {
		t.Fatalf("%s: exit code %d, want %d: %v\n%s", line, got, exit, err, out)
	}
	return string(out)
}

const legacy = `package main

import (
	"context"

	"github.com/honeyhiveai/hhvet/honeyhive"
)

func main() {
	ctx := context.Background()
	tracer, err := honeyhive.New(ctx)
	if err != nil {
		panic(err)
	}
	defer tracer.Shutdown(ctx)
	ctx, span := tracer.Start(ctx, "main")
	defer span.End()
	honeyhive.EnrichSpan(ctx, honeyhive.Metadata{"a": 1})
}
`

// consumer returns the directory of a module that uses the SDK.
func (p *published) consumer(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "main.go"), []byte(legacy), 0o666); err != nil {
		t.Fatal(err)
	}
	p.run(t, dir, 0, "go mod init example.com/consumer")
	p.run(t, dir, 0, fmt.Sprintf("go get %s/honeyhive@%s", modulePath, moduleVersion))
	p.run(t, dir, 0, "go mod tidy")
	return dir
}

// The ways to install hhvet work from a module proxy, and a consumer of the
// SDK links nothing of the analyzers.
func TestInstall(t *testing.T) {
	p := publish(t)

	t.Run("go install", func(t *testing.T) {
		dir := p.consumer(t)
		p.run(t, dir, 0, fmt.Sprintf("go install %s/cmd/hhvet@%s", modulePath, moduleVersion))
		if out := p.run(t, dir, 0, "hhvet -version"); !strings.Contains(out, moduleVersion) {
			t.Errorf("hhvet -version prints %q, want %s in it", out, moduleVersion)
		}
		for _, line := range []string{"hhvet ./...", "go vet -vettool=$(which hhvet) ./..."} {
			exit := 1
			if strings.HasPrefix(line, "hhvet") {
				exit = 3
			}
			if out := p.run(t, dir, exit, line); !strings.Contains(out, "call tracer.EnrichSpan") {
				t.Errorf("%s does not find the legacy call:\n%s", line, out)
			}
		}
	})

	t.Run("go get -tool", func(t *testing.T) {
		dir := p.consumer(t)
		p.run(t, dir, 0, fmt.Sprintf("go get -tool %s/cmd/hhvet@%s", modulePath, moduleVersion))
		if out := p.run(t, dir, 1, "go vet -vettool=$(go tool -n hhvet) ./..."); !strings.Contains(out, "call tracer.EnrichSpan") {
			t.Errorf("go vet does not find the legacy call:\n%s", out)
		}
		p.run(t, dir, 0, "go tool hhvet -fix ./...")
		p.run(t, dir, 0, "go tool hhvet ./... && go vet ./...")
	})

	t.Run("SDK alone", func(t *testing.T) {
		dir := p.consumer(t)
		for dep := range strings.Lines(p.run(t, dir, 0, "go list -deps .")) {
			if strings.HasPrefix(dep, "golang.org/x/tools") || strings.HasPrefix(dep, modulePath+"/passes") {
				t.Errorf("a program with the SDK links %s", dep)
			}
		}
		modules := strings.Count(p.run(t, dir, 0, "go list -m all"), "\n")
		linked := p.run(t, dir, 0, "go build -trimpath -o main . && go version -m main | grep -c '\tdep\t'")
		size, err := os.Stat(filepath.Join(dir, "main"))
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("a consumer of the SDK: %d modules in go list -m all, %s linked, %.1f MB", modules, strings.TrimSpace(linked), float64(size.Size())/1e6)
	})
}
