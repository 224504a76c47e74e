package interop

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"slices"
	"testing"

	"github.com/honeyhiveai/hhvet/honeyhive/honeyhivetest"
)

// teeClient sends what it is given to a backend in the process and to a real
// server, whose answer counts.
func teeClient(backend *honeyhivetest.Backend) *http.Client {
	return &http.Client{Transport: tee{backend, &http.Transport{DisableKeepAlives: true}}}
}

type tee struct {
	backend *honeyhivetest.Backend
	server  http.RoundTripper
}

func (t tee) RoundTrip(req *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, err
	}
	copied := req.Clone(req.Context())
	copied.Body = io.NopCloser(bytes.NewReader(body))
	resp, err := t.backend.RoundTrip(copied)
	if err != nil {
		return nil, err
	}
	resp.Body.Close()
	req = req.Clone(req.Context())
	req.Body = io.NopCloser(bytes.NewReader(body))
	return t.server.RoundTrip(req)
}

// jsonKeys returns the paths of all keys in a file of JSON lines.
func jsonKeys(t *testing.T, path string) []string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	var walk func(prefix string, v any)
	walk = func(prefix string, v any) {
		switch v := v.(type) {
		case map[string]any:
			for key, value := range v {
				seen[prefix+"."+key] = true
				walk(prefix+"."+key, value)
			}
		case []any:
			for _, e := range v {
				walk(prefix, e)
			}
		}
	}
	for line := range bytes.Lines(content) {
		var v any
		if err := json.Unmarshal(line, &v); err != nil {
			t.Fatal(err)
		}
		walk("", v)
	}
	var keys []string
	for key := range seen {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}
