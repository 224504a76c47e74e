package tracekey_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/honeyhiveai/hhvet/internal/tracekey"
)

func TestClassify(t *testing.T) {
	tests := []struct {
		want  string
		kind  tracekey.Kind
		spelt []string
	}{
		{"run_id", tracekey.Shared, []string{"run_id", "runId", "RUN-ID"}},
		{"dataset_id", tracekey.Shared, []string{"dataset_id", "honeyhive.dataset_id"}},
		{"datapoint_id", tracekey.Shared, []string{"datapoint_id", "datapointid"}},
		{"honeyhive_tracer_id", tracekey.Discovery, []string{"honeyhive_tracer_id", "honeyhive.tracer.id", "HoneyHive_Tracer_ID", "honeyHiveTracerId"}},
		{"session_id", tracekey.PerTracer, []string{
			"session_id", "session-id", "session.id", "sessionId", "sessionID", "SessionID", "sessionid", "SESSIONID",
			"HH_SESSION_ID", "honeyhive.session_id", "langfuse.session.id", "hhSessionId", "honeyhive_sessionid",
		}},
		{"session_name", tracekey.PerTracer, []string{"session_name", "session.name", "sessionName"}},
		{"project", tracekey.PerTracer, []string{
			"project", "Project", "PROJECT", "project.id", "project_name", "gram.project.slug", "projectKey",
			"checkout.project", "HH_PROJECT", "projectid", "_ml_obs.experiment_project_id", "honeyhive.project",
		}},
		{"source", tracekey.PerTracer, []string{"source", "Source", "honeyhive.source", "HH_SOURCE", "hhSource", "HoneyHiveSource", "HoneyHive.source"}},
		{"parent_id", tracekey.PerTracer, []string{"parent_id", "parentId", "honeyhive.parent_id"}},
		{"span_id", tracekey.PerTracer, []string{"span_id", "spanID"}},
		{"api_key", tracekey.PerTracer, []string{"api_key", "apikey", "apiKey", "APIKey", "HH_API_KEY", "x-api-key"}},
		{"", tracekey.Unknown, []string{
			"", ".", "user", "tenant_id", "projects", "project_count", "subproject", "projection", "session",
			"http.source", "traffic_source", "sources", "source.host", "runner_id", "prerun_id", "sentry-trace_id",
			"obsessionid", "id", "braintrust.parent",
		}},
	}
	for _, tt := range tests {
		for _, key := range tt.spelt {
			got, kind := tracekey.Classify(key)
			if got != tt.want || kind != tt.kind {
				t.Errorf("Classify(%q) = %q, %v; want %q, %v", key, got, kind, tt.want, tt.kind)
			}
		}
	}
}

func TestSafe(t *testing.T) {
	want := []string{"run_id", "dataset_id", "datapoint_id", "honeyhive_tracer_id"}
	if diff := cmp.Diff(want, tracekey.Safe()); diff != "" {
		t.Errorf("Safe() (-want +got):\n%s", diff)
	}
	for _, key := range tracekey.Safe() {
		if !tracekey.IsSafe(key) {
			t.Errorf("IsSafe(%q) = false", key)
		}
	}
	// Another spelling of a safe key would be another baggage member.
	for _, key := range []string{"project", "source", "session_id", "Run_ID", "runId", "tenant", ""} {
		if tracekey.IsSafe(key) {
			t.Errorf("IsSafe(%q) = true", key)
		}
	}
}

func TestWords(t *testing.T) {
	tests := []struct {
		key  string
		want []string
	}{
		{"HH_SessionID", []string{"hh", "session", "id"}},
		{"HoneyHiveSessionID", []string{"honeyhive", "session", "id"}},
		{"HTTPServer", []string{"http", "server"}},
		{"a..b--c", []string{"a", "b", "c"}},
		{"größeÄnderung", []string{"größe", "änderung"}},
		{"", nil},
	}
	for _, tt := range tests {
		if diff := cmp.Diff(tt.want, tracekey.Words(tt.key)); diff != "" {
			t.Errorf("Words(%q) (-want +got):\n%s", tt.key, diff)
		}
	}
}

func FuzzClassify(f *testing.F) {
	f.Add("HH_SESSION_ID")
	f.Add("\xff.project")
	f.Fuzz(func(t *testing.T, key string) {
		canonical, kind := tracekey.Classify(key)
		if (canonical == "") != (kind == tracekey.Unknown) {
			t.Errorf("Classify(%q) = %q, %v", key, canonical, kind)
		}
		if tracekey.IsSafe(key) && kind == tracekey.PerTracer {
			t.Errorf("%q is both safe and per-tracer", key)
		}
	})
}

func TestIsSecret(t *testing.T) {
	for key, want := range map[string]bool{
		"api_key":            true,
		"HH_API_KEY":         true,
		"x-api-key":          true,
		"apiKey":             true,
		"Authorization":      true,
		"openai.accessToken": true,
		"client_secret":      true,
		"token":              true,
		"hh_token":           true,
		"db.password":        true,
		"page_token":         false,
		"max_tokens":         false,
		"project":            false,
		"key":                false,
		"":                   false,
	} {
		if got := tracekey.IsSecret(key); got != want {
			t.Errorf("IsSecret(%q) = %v, want %v", key, got, want)
		}
	}
}

func TestHasKey(t *testing.T) {
	for _, tt := range []struct {
		key, want string
		has       bool
	}{
		{"tenant_id", "tenant_id", true},
		{"app.tenantId", "tenant_id", true},
		{"TENANT-ID", "tenant.id", true},
		{"tenantid", "tenant_id", true},
		{"tenant", "tenant_id", false},
		{"tenant_id_hash", "tenant_id", false},
		{"", "tenant_id", false},
		{"tenant_id", "", false},
	} {
		if got := tracekey.HasKey(tt.key, tt.want); got != tt.has {
			t.Errorf("HasKey(%q, %q) = %v, want %v", tt.key, tt.want, got, tt.has)
		}
	}
}
