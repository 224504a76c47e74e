package main_test

import (
	"context"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sourcegraph/jsonrpc2"

	"github.com/honeyhiveai/hhvet/internal/exectest"
)

// An editor that is set up as docs/golangci-lint.md says shows the findings of
// a file that it opens.
func TestLanguageServer(t *testing.T) {
	bin := t.TempDir()
	if err := os.Symlink(executable(t), filepath.Join(bin, "custom-gcl")); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", bin+string(os.PathListSeparator)+os.Getenv("PATH"))
	t.Setenv("GOLANGCI_LINT_CACHE", t.TempDir())
	server := exectest.Build(t, ".", "github.com/nametake/golangci-lint-langserver")

	dir := t.TempDir()
	write(t, dir, "go.mod", "module example.com/m\n\ngo 1.26\n")
	write(t, dir, ".golangci.yml", blocks(t, "golangci-lint.md", "yaml")[1])
	const file = `// Package m forwards baggage by hand.
package m

import "net/http"

// Forward sends the project to every service.
func Forward(h http.Header, project string) {
	h.Set("baggage", "project="+project)
}
`
	write(t, dir, "m.go", file)
	root := "file://" + filepath.ToSlash(dir)
	options := json.RawMessage(blocks(t, "golangci-lint.md", "json")[0])

	ctx := exectest.Context(t)
	published := make(chan string, 1)
	conn := connect(ctx, t, server, func(method string, params json.RawMessage) {
		if method == "textDocument/publishDiagnostics" {
			published <- string(params)
		}
	})
	if err := conn.Call(ctx, "initialize", map[string]any{"rootUri": root, "initializationOptions": options}, nil); err != nil {
		t.Fatal(err)
	}
	opened := map[string]any{"textDocument": map[string]any{"uri": root + "/m.go", "languageId": "go", "version": 1, "text": file}}
	if err := conn.Notify(ctx, "textDocument/didOpen", opened); err != nil {
		t.Fatal(err)
	}
	select {
	case got := <-published:
		if !strings.Contains(got, `"source":"hhvet"`) || !strings.Contains(got, `per-tracer key \"project\"`) || !strings.Contains(got, `"start":{"line":7,`) {
			t.Errorf("the editor gets %s", got)
		}
	case <-ctx.Done():
		t.Fatal("the editor gets no diagnostics")
	}
}

// connect starts a language server, whose notifications are handed to notify.
func connect(ctx context.Context, t *testing.T, server string, notify func(method string, params json.RawMessage)) *jsonrpc2.Conn {
	t.Helper()
	cmd := exec.CommandContext(ctx, server)
	stdin, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	handler := jsonrpc2.HandlerWithError(func(_ context.Context, _ *jsonrpc2.Conn, req *jsonrpc2.Request) (any, error) {
		notify(req.Method, *req.Params)
		return nil, nil
	})
	pipes := struct {
		io.Reader
		io.WriteCloser
	}{stdout, stdin}
	conn := jsonrpc2.NewConn(ctx, jsonrpc2.NewBufferedStream(pipes, jsonrpc2.VSCodeObjectCodec{}), handler)
	t.Cleanup(func() {
		conn.Close()
		cmd.Process.Kill()
		cmd.Wait()
	})
	return conn
}
