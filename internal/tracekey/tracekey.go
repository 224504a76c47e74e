// Package tracekey is the table of HoneyHive's context keys: which of them
// every tracer on a context shares, which one only finds a tracer, and which
// belong to a single tracer and must never enter baggage.
//
// The SDK and the analyzers both read this table and nothing else, so that
// what the SDK refuses at run time and what hhvet reports are the same keys.
// The package has no dependencies beyond the standard library.
package tracekey

import (
	"slices"
	"strings"
	"unicode"
)

// Canonical spellings. The SDK writes these and no others.
const (
	RunID       = "run_id"
	DatasetID   = "dataset_id"
	DatapointID = "datapoint_id"

	TracerID = "honeyhive_tracer_id"

	Project     = "project"
	Source      = "source"
	SessionID   = "session_id"
	SessionName = "session_name"
	ParentID    = "parent_id"
	SpanID      = "span_id"
	APIKey      = "api_key"
)

// Kind says who a key's value belongs to.
type Kind int

const (
	// Unknown keys are not HoneyHive's; the application decides about them.
	Unknown Kind = iota
	// Shared keys tie the spans of all tracers in an experiment together.
	Shared
	// Discovery keys look a tracer up and never attribute a span.
	Discovery
	// PerTracer keys belong to one tracer and never travel in baggage.
	PerTracer
)

func (k Kind) String() string {
	switch k {
	case Shared:
		return "shared"
	case Discovery:
		return "discovery"
	case PerTracer:
		return "per-tracer"
	default:
		return "unknown"
	}
}

// entry is one row of the table.
type entry struct {
	key  string
	kind Kind
	// qualifiers may follow the key's last word: project.id, projectKey.
	qualifiers []string
	// prefixes, where set, are the only namespaces in which the key counts.
	prefixes []string
}

var table = []entry{
	{key: RunID, kind: Shared},
	{key: DatasetID, kind: Shared},
	{key: DatapointID, kind: Shared},
	{key: TracerID, kind: Discovery},
	{key: Project, kind: PerTracer, qualifiers: []string{"id", "name", "slug", "key"}},
	// Elsewhere "source" mostly means a host or a channel.
	{key: Source, kind: PerTracer, prefixes: []string{"honeyhive", "hh"}},
	{key: SessionID, kind: PerTracer},
	{key: SessionName, kind: PerTracer},
	{key: ParentID, kind: PerTracer},
	{key: SpanID, kind: PerTracer},
	{key: APIKey, kind: PerTracer},
}

// Safe returns the keys that may travel in baggage, in table order.
func Safe() []string {
	var out []string
	for _, e := range table {
		if e.kind != PerTracer {
			out = append(out, e.key)
		}
	}
	return out
}

// IsSafe reports whether key, spelled exactly so, may travel in baggage.
func IsSafe(key string) bool {
	return slices.ContainsFunc(table, func(e entry) bool { return e.key == key && e.kind != PerTracer })
}

// Classify returns the canonical key that key is a spelling of and its kind,
// or "" and [Unknown]. Letter case, the separators ".", "_", "-" and
// camelCase do not matter, nor does a namespace in front:
// "langfuse.session.id", "HH_SESSION_ID", "sessionId" and "sessionid" all
// are session_id.
func Classify(key string) (canonical string, kind Kind) {
	words := Words(key)
	if len(words) == 0 {
		return "", Unknown
	}
	for _, e := range table {
		if e.matches(words) {
			return e.key, e.kind
		}
	}
	return "", Unknown
}

func (e entry) matches(words []string) bool {
	namespace, ok := cutKey(words, strings.Split(e.key, "_"))
	if !ok {
		for _, q := range e.qualifiers {
			if namespace, ok = cutKey(words, []string{e.key, q}); ok {
				break
			}
		}
	}
	if !ok {
		return false
	}
	return e.prefixes == nil || len(namespace) == 0 || len(namespace) == 1 && slices.Contains(e.prefixes, namespace[0])
}

// HasKey reports whether key is a spelling of want, bare or behind a
// namespace, in the sense of [Classify].
func HasKey(key, want string) bool {
	words, wanted := Words(key), Words(want)
	if len(words) == 0 || len(wanted) == 0 {
		return false
	}
	_, ok := cutKey(words, wanted)
	return ok
}

// secrets are keys whose values give access to something.
var secrets = []string{
	APIKey, "access_key", "secret_key", "private_key", "signing_key",
	"authorization", "auth_token", "access_token", "refresh_token", "id_token", "bearer_token", "session_token", "api_token",
	"secret", "password", "passwd", "credential", "credentials", "bearer", "jwt", "cookie",
}

// IsSecret reports whether a key names a secret, in any spelling and behind
// any namespace. A bare "token" counts too; "page_token" does not.
func IsSecret(key string) bool {
	if slices.ContainsFunc(secrets, func(s string) bool { return HasKey(key, s) }) {
		return true
	}
	words := Words(key)
	return len(words) == 1 && words[0] == "token" ||
		len(words) == 2 && words[1] == "token" && (words[0] == "honeyhive" || words[0] == "hh")
}

// cutKey removes want from the end of words, where it stands either word by
// word or run together as one, and returns the words in front.
func cutKey(words, want []string) (namespace []string, ok bool) {
	if n := len(words) - len(want); n >= 0 && strings.Join(words[n:], " ") == strings.Join(want, " ") {
		return words[:n], true
	}
	if n := len(words) - 1; words[n] == strings.Join(want, "") {
		return words[:n], true
	}
	return nil, false
}

// Words splits a key at separators and camelCase humps and lower-cases the
// parts: "HH_SessionID" is hh, session, id. HoneyHive is one word.
func Words(key string) []string {
	var (
		words []string
		word  []rune
	)
	flush := func() {
		if len(word) == 0 {
			return
		}
		w := strings.ToLower(string(word))
		word = word[:0]
		if n := len(words); w == "hive" && n > 0 && words[n-1] == "honey" {
			words[n-1] = "honeyhive"
			return
		}
		words = append(words, w)
	}
	runes := []rune(key)
	for i, r := range runes {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			flush()
			continue
		}
		if i > 0 && unicode.IsUpper(r) {
			afterLower := !unicode.IsUpper(runes[i-1])
			// The last capital of a run begins the next word: HTTPServer.
			beforeLower := i+1 < len(runes) && unicode.IsLower(runes[i+1])
			if afterLower || beforeLower {
				flush()
			}
		}
		word = append(word, r)
	}
	flush()
	return words
}
