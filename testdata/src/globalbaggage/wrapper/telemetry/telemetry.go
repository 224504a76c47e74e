// Package telemetry is one of the helper packages that every larger service
// has. None of its functions is a finding by itself.
package telemetry

import (
	"context"
	"fmt"
	"strings"

	"go.opentelemetry.io/otel/baggage"
)

// Set adds a member to the context's baggage.
func Set(ctx context.Context, key, value string) context.Context {
	m, err := baggage.NewMember(key, value)
	if err != nil {
		return ctx
	}
	b, err := baggage.FromContext(ctx).SetMember(m)
	if err != nil {
		return ctx
	}
	return baggage.ContextWithBaggage(ctx, b)
}

// SetApp is Set with the service's namespace.
func SetApp(ctx context.Context, key, value string) context.Context {
	return Set(ctx, "app."+strings.ToLower(key), value)
}

// Pairs adds key, value, key, value …
func Pairs(ctx context.Context, kv ...string) context.Context {
	for i := 0; i+1 < len(kv); i += 2 {
		ctx = Set(ctx, kv[i], kv[i+1])
	}
	return ctx
}

// SetMap adds all of a map.
func SetMap(ctx context.Context, items map[string]any) context.Context {
	for k, v := range items {
		ctx = Set(ctx, k, fmt.Sprint(v))
	}
	return ctx
}

// Item is one member.
type Item struct {
	Key   string
	Value string
}

// SetItem adds an item.
func SetItem(ctx context.Context, item Item) context.Context {
	return Set(ctx, item.Key, item.Value)
}

// SetItems adds items.
func SetItems(ctx context.Context, items ...Item) context.Context {
	for _, item := range items {
		ctx = SetItem(ctx, item)
	}
	return ctx
}

// Member makes a member.
func Member(key, value string) baggage.Member {
	m, _ := baggage.NewMember(key, value)
	return m
}

// Setter sets one key.
type Setter struct {
	key string
}

// NewSetter returns the setter of a key.
func NewSetter(key string) *Setter { return &Setter{key: key} }

// Set adds the setter's key.
func (s *Setter) Set(ctx context.Context, value string) context.Context {
	return Set(ctx, s.key, value)
}

// Config says what Middleware takes from a request.
type Config struct {
	Keys   []string
	Header string
}

// Middleware copies headers into baggage.
func Middleware(cfg Config) func(ctx context.Context, header func(string) string) context.Context {
	return func(ctx context.Context, header func(string) string) context.Context {
		for _, k := range cfg.Keys {
			ctx = Set(ctx, k, header(k))
		}
		return ctx
	}
}

type options struct {
	key, value string
}

// Option configures Put.
type Option func(*options)

// WithKey is the key that Put adds.
func WithKey(key string) Option {
	return func(o *options) { o.key = key }
}

// WithValue is its value.
func WithValue(value string) Option {
	return func(o *options) { o.value = value }
}

// Put adds what its options say.
func Put(ctx context.Context, opts ...Option) context.Context {
	var o options
	for _, opt := range opts {
		opt(&o)
	}
	return Set(ctx, o.key, o.value)
}

// Carrier puts items where a trace takes them along.
type Carrier interface {
	Carry(ctx context.Context, key, value string) context.Context
}

// Baggage is the Carrier that uses baggage.
type Baggage struct{}

// Carry adds to baggage.
func (Baggage) Carry(ctx context.Context, key, value string) context.Context {
	return Set(ctx, key, value)
}

// Discard is the Carrier that does nothing.
type Discard struct{}

// Carry returns ctx.
func (Discard) Carry(ctx context.Context, _, _ string) context.Context { return ctx }

// Builder collects members.
type Builder struct {
	ctx context.Context
}

// Build starts a builder.
func Build(ctx context.Context) *Builder { return &Builder{ctx: ctx} }

// With adds a member.
func (b *Builder) With(key, value string) *Builder {
	b.ctx = Set(b.ctx, key, value)
	return b
}

// Context returns the context with all that was added.
func (b *Builder) Context() context.Context { return b.ctx }

// SetTyped is Set for keys of any string type.
func SetTyped[K ~string](ctx context.Context, key K, value string) context.Context {
	return Set(ctx, string(key), value)
}

// Add is Set as a variable, for tests to replace.
var Add = func(ctx context.Context, key, value string) context.Context {
	return Set(ctx, key, value)
}

// FromHeader adds what the text of a baggage header has.
func FromHeader(ctx context.Context, header string) context.Context {
	b, err := baggage.Parse(header)
	if err != nil {
		return ctx
	}
	return baggage.ContextWithBaggage(ctx, b)
}

// SetOther refuses the keys that belong to a tracer.
func SetOther(ctx context.Context, key, value string) context.Context {
	if key == "project" || key == "session_id" {
		return ctx
	}
	return Set(ctx, key, value)
}

// SetShared only takes the keys that are shared.
func SetShared(ctx context.Context, key, value string) context.Context {
	switch key {
	case "run_id", "dataset_id":
		return Set(ctx, key, value)
	}
	return ctx
}

// SetOr adds a key, or a default where there is none.
func SetOr(ctx context.Context, key, value string) context.Context {
	if key == "" {
		key = "run_id"
	}
	return Set(ctx, key, value)
}

// A Namespace is put in front of keys.
type Namespace struct{ name string }

// In returns a namespace.
func In(name string) *Namespace { return &Namespace{name} }

// Set adds a key.
func (n *Namespace) Set(ctx context.Context, key, value string) context.Context {
	if n.name != "" {
		key = n.name + "." + key
	}
	return Set(ctx, key, value)
}

// SetHarmless gives keys that belong to one tracer another name.
func SetHarmless(ctx context.Context, key, value string) context.Context {
	if key == "project" || key == "source" {
		key = "app_team"
	} else if key == "span_id" {
		key = "step"
	}
	switch key {
	case "session_id", "session_name":
		key = "visit"
	}
	return Set(ctx, key, value)
}

// Rename puts a key under another name that it makes up.
func Rename(ctx context.Context, key, value string) context.Context {
	key = hash(key)
	return Set(ctx, key, value)
}

func hash(s string) string { return fmt.Sprintf("%x", s) }

// Indirect gives the address of its key to others.
func Indirect(ctx context.Context, key, value string) context.Context {
	rewrite(&key)
	return Set(ctx, key, value)
}

func rewrite(s *string) { *s = hash(*s) }

// EvenPairs is Pairs, and drops a last key without a value.
func EvenPairs(ctx context.Context, kv ...string) context.Context {
	kv = kv[:len(kv)-len(kv)%2]
	for i := 0; i < len(kv); i = i + 2 {
		k, v := kv[i], kv[i+1]
		ctx = Set(ctx, k, v)
	}
	return ctx
}

// SetLower spells its key as it should be.
func SetLower(ctx context.Context, key, value string) context.Context {
	key = strings.ToLower(strings.TrimSpace(key))
	return Set(ctx, key, value)
}

// Tagger tags what comes along with one key.
type Tagger struct {
	Key string
}

// Tag adds the key.
func (t Tagger) Tag(ctx context.Context, value string) context.Context {
	return Set(ctx, t.Key, value)
}

// TagTwice adds the key by itself and leaves it to the tagger.
func TagTwice(ctx context.Context, t Tagger, value string) context.Context {
	return t.Tag(Set(ctx, t.Key, value), value)
}

// Fields adds key, value, key, value … of any type.
func Fields(ctx context.Context, kv ...any) context.Context {
	for i := 0; i < len(kv); i += 2 {
		k, ok := kv[i].(string)
		if !ok {
			continue
		}
		ctx = Set(ctx, k, fmt.Sprint(kv[i+1]))
	}
	return ctx
}

// Filter lets through what Keep says.
type Filter struct {
	Keep func(key string) bool
}

// Apply adds the items that the filter keeps.
func Apply(ctx context.Context, f Filter, items map[string]string) context.Context {
	for k, v := range items {
		if f.Keep(k) {
			ctx = Set(ctx, k, v)
		}
	}
	return ctx
}
