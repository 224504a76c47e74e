package main_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/honeyhiveai/hhvet/internal/corpus"
	"github.com/honeyhiveai/hhvet/internal/markdown"
	"github.com/honeyhiveai/hhvet/internal/published"
)

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
func consumer(t *testing.T, m *published.Machine) string {
	t.Helper()
	dir := t.TempDir()
	writeLegacy(t, dir)
	m.Run(t, dir, 0, "go mod init example.com/consumer")
	m.Run(t, dir, 0, "go get "+published.Path+"/honeyhive@latest")
	m.Run(t, dir, 0, "go mod tidy")
	return dir
}

func writeLegacy(t *testing.T, dir string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, "main.go"), []byte(legacy), 0o666); err != nil {
		t.Fatal(err)
	}
}

// document returns the blocks and statements of a document of the repository.
func document(t *testing.T, name ...string) ([]markdown.Block, []markdown.Paragraph) {
	t.Helper()
	page, err := os.ReadFile(filepath.Join(append([]string{corpus.Root()}, name...)...))
	if err != nil {
		t.Fatal(err)
	}
	return markdown.Parse(string(page))
}

// The ways to install and run hhvet that the README lists work from a module
// proxy, as does the one command of the migration guide.
func TestInstall(t *testing.T) {
	m := published.New(t)
	dir := consumer(t, m)

	// What a command does in a module with one legacy call.
	type outcome struct {
		exit  int
		fixes bool
	}
	outcomes := map[string]outcome{
		"hhvet ./...":                               {exit: 3},
		"hhvet -fix ./...":                          {fixes: true},
		"hhvet -diff ./...":                         {exit: 1},
		"go tool hhvet ./...":                       {exit: 3},
		"go vet -vettool=$(which hhvet) ./...":      {exit: 1},
		"go vet -vettool=$(go tool -n hhvet) ./...": {exit: 1},
		"go fix -fixtool=$(which hhvet) ./...":      {fixes: true},
	}
	try := func(t *testing.T, line string) {
		t.Helper()
		want, ok := outcomes[line]
		if !ok {
			t.Errorf("what does %q do?", line)
			return
		}
		delete(outcomes, line)
		writeLegacy(t, dir)
		out := m.Run(t, dir, want.exit, line)
		if !want.fixes && !strings.Contains(out, "tracer.EnrichSpan") {
			t.Errorf("%s does not find the legacy call:\n%s", line, out)
		}
		main, err := os.ReadFile(filepath.Join(dir, "main.go"))
		if err != nil {
			t.Fatal(err)
		}
		if fixed := strings.Contains(string(main), "\ttracer.EnrichSpan("); fixed != want.fixes {
			t.Errorf("%s fixes the call: %t, want %t", line, fixed, want.fixes)
		}
	}

	code := regexp.MustCompile("`([^`]+)`")
	_, statements := document(t, "README.md")
	for _, row := range statements {
		cells := strings.Split(row.Text, " | ")
		// golangci-lint has a test of its own, beside the plugin.
		if len(cells) != 3 || strings.Contains(cells[0], "golangci-lint") {
			continue
		}
		t.Run(cells[0], func(t *testing.T) {
			if install := code.FindStringSubmatch(cells[1]); install != nil && !strings.Contains(cells[1], "as above") {
				line := install[1]
				if strings.HasPrefix(line, "go get") {
					line += "@latest" // which is the default
				}
				m.Run(t, dir, 0, line)
			}
			for _, run := range code.FindAllStringSubmatch(cells[2], -1) {
				try(t, run[1])
			}
		})
	}
	for line := range outcomes {
		t.Errorf("the README does not have %s", line)
	}
	if out := m.Run(t, dir, 0, "hhvet -version"); !strings.Contains(out, published.Version) {
		t.Errorf("hhvet -version prints %q, want %s in it", out, published.Version)
	}

	t.Run("migration guide", func(t *testing.T) {
		writeLegacy(t, dir)
		blocks, _ := document(t, "docs", "migrating-to-v1.0.md")
		m.Run(t, dir, 0, strings.TrimSpace(block(t, blocks, "The one command", "sh").Text))
		m.Run(t, dir, 0, "hhvet ./... && go vet ./...")
	})

	// A consumer of the SDK links nothing of the analyzers.
	t.Run("SDK alone", func(t *testing.T) {
		dir := consumer(t, m)
		for dep := range strings.Lines(m.Run(t, dir, 0, "go list -deps .")) {
			if strings.HasPrefix(dep, "golang.org/x/tools") || strings.HasPrefix(dep, published.Path+"/passes") {
				t.Errorf("a program with the SDK links %s", dep)
			}
		}
		modules := strings.Count(m.Run(t, dir, 0, "go list -m all"), "\n")
		linked := m.Run(t, dir, 0, "go build -trimpath -o main . && go version -m main | grep -c '\tdep\t'")
		size, err := os.Stat(filepath.Join(dir, "main"))
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("a consumer of the SDK: %d modules in go list -m all, %s linked, %.1f MB", modules, strings.TrimSpace(linked), float64(size.Size())/1e6)
	})
}

// block returns the first block of a language below a heading.
func block(t *testing.T, blocks []markdown.Block, section, lang string) markdown.Block {
	t.Helper()
	for _, b := range blocks {
		if b.Section == section && b.Lang == lang {
			return b
		}
	}
	t.Fatalf("no %s block below %q", lang, section)
	return markdown.Block{}
}
