package globalbaggage_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/honeyhiveai/hhvet/passes/globalbaggage"
)

func TestOptionsValidate(t *testing.T) {
	for _, tt := range []struct {
		name string
		opts globalbaggage.Options
		want string // a part of the error, "" for none
	}{
		{"nothing", globalbaggage.Options{}, ""},
		{"keys", globalbaggage.Options{Keys: []string{"tenant_id", "user.id", "-project", "-*"}}, ""},
		{"empty key", globalbaggage.Options{Keys: []string{"tenant_id", ""}}, `keys: "" is not a key`},
		{"key without a word", globalbaggage.Options{Keys: []string{"--"}}, `keys: "--" is not a key`},
		{"unknown key taken away", globalbaggage.Options{Keys: []string{"-tenant_id"}}, `keys: "tenant_id" is not a built-in per-tracer key`},
		{"shared key taken away", globalbaggage.Options{Keys: []string{"-run_id"}}, `keys: "run_id" is not a built-in per-tracer key`},
		{"wrappers", globalbaggage.Options{Wrappers: []string{"example.com/a.Set:1", "gopkg.in/a.v1.Client.Set:0"}}, ""},
		{"wrapper without parameter", globalbaggage.Options{Wrappers: []string{"example.com/a.Set"}}, `"example.com/a.Set" does not say which parameter`},
		{"wrapper with a word", globalbaggage.Options{Wrappers: []string{"example.com/a.Set:key"}}, `"example.com/a.Set:key" has no parameter number`},
		{"wrapper with a negative number", globalbaggage.Options{Wrappers: []string{"example.com/a.Set:-1"}}, `has no parameter number`},
		{"wrapper without function", globalbaggage.Options{Wrappers: []string{"example.com/a:1"}}, `names no function`},
		{"wrapper with an operator", globalbaggage.Options{Wrappers: []string{"example.com/a.S+t:1"}}, `names no function`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			err := tt.opts.Validate()
			switch {
			case tt.want == "" && err != nil:
				t.Error(err)
			case tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)):
				t.Errorf("got error %v, want %q", err, tt.want)
			}
		})
	}
}

func TestOptions(t *testing.T) {
	const src = `package options

import (
	"context"

	"go.opentelemetry.io/otel/baggage"
)

type Client struct{}

func (*Client) Put(key, value string)  {}
func PutAll(items map[string]string)   {}
func List(prefix string, keys []string) {}

func set(ctx context.Context, key string) context.Context {
	m, _ := baggage.NewMember(key, "v")
	b, _ := baggage.New(m)
	return baggage.ContextWithBaggage(ctx, b)
}

func use(ctx context.Context, c *Client) {
	set(ctx, "project")
	set(ctx, "session_id")
	set(ctx, "app.tenantId")
	set(ctx, "tenant")
	c.Put("project", "session_id")
	PutAll(map[string]string{"source": "v"})
	List("project", []string{"session_name"})
}
`
	const pkg = "example.com/corpus/options."
	pkgs := load(t, map[string]string{"options/options.go": src}, "./options")
	for _, tt := range []struct {
		name  string
		flags map[string]string
		opts  globalbaggage.Options
		want  []string // keys
	}{
		{name: "default", want: []string{"project", "session_id"}},
		{
			name: "a key is added",
			opts: globalbaggage.Options{Keys: []string{"tenant_id"}},
			want: []string{"project", "session_id", "app.tenantId"},
		},
		{
			name: "a key is taken away",
			opts: globalbaggage.Options{Keys: []string{"-project"}},
			want: []string{"session_id"},
		},
		{
			name: "the keys are replaced",
			opts: globalbaggage.Options{Keys: []string{"-*", "tenant"}},
			want: []string{"tenant"},
		},
		{
			name:  "keys from a flag",
			flags: map[string]string{"keys": "-*, tenant,tenant_id"},
			want:  []string{"app.tenantId", "tenant"},
		},
		{
			name: "a method is a wrapper",
			opts: globalbaggage.Options{Wrappers: []string{pkg + "Client.Put:0"}},
			want: []string{"project", "session_id", "project"},
		},
		{
			name:  "functions of maps and slices are wrappers",
			flags: map[string]string{"wrappers": pkg + "PutAll:0," + pkg + "List:1"},
			want:  []string{"project", "session_id", "source", "session_name"},
		},
		{
			name: "a wrapper's parameter that does not exist",
			opts: globalbaggage.Options{Wrappers: []string{pkg + "PutAll:7"}},
			want: []string{"project", "session_id"},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := globalbaggage.New(tt.opts)
			for name, value := range tt.flags {
				if err := a.Flags.Set(name, value); err != nil {
					t.Fatal(err)
				}
			}
			var got []string
			for _, d := range diagnose(t, a, pkgs) {
				got = append(got, strings.Split(d.Message, `"`)[1])
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("reported keys (-want +got):\n%s", diff)
			}
		})
	}
}

// A flag that makes no sense is refused at once; settings that nobody
// validated are an error of the run.
func TestBadSetting(t *testing.T) {
	const bad = "example.com/a.Set"
	flagErr := globalbaggage.New(globalbaggage.Options{}).Flags.Set("wrappers", bad)
	_, runErr := globalbaggage.New(globalbaggage.Options{Wrappers: []string{bad}}).Run(nil)
	for _, err := range []error{flagErr, runErr} {
		if err == nil || !strings.Contains(err.Error(), `"`+bad+`"`) {
			t.Errorf("got error %v, want one that names the value", err)
		}
	}
}
