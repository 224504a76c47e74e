// Package wrapper has a case for each kind of function that puts what it is
// given into baggage.
package wrapper

import (
	"context"

	"go.opentelemetry.io/otel/baggage"

	"example.com/corpus/globalbaggage/wrapper/telemetry"
	"example.com/corpus/globalbaggage/wrapper/tenant"
)

func set(ctx context.Context, key, value string) context.Context {
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

// Reported: a function of the package.
func samePackage(ctx context.Context, p string) context.Context {
	return set(ctx, "project", p) // want `per-tracer key "project" enters baggage through set, so every tracer`
}

func setTwice(ctx context.Context, key, value string) context.Context {
	return set(set(ctx, "run_id", value), key, value)
}

// Reported: a function that calls another that does.
func twoLevels(ctx context.Context, p string) context.Context {
	return setTwice(ctx, "session_id", p) // want `per-tracer key "session_id" enters baggage through setTwice`
}

func recursive(ctx context.Context, key, value string, n int) context.Context {
	if n == 0 {
		return set(ctx, key, value)
	}
	return recursive(ctx, key, value, n-1)
}

// Reported: a function that calls itself.
func recursion(ctx context.Context, p string) context.Context {
	return recursive(ctx, "project", p, 3) // want `per-tracer key "project" enters baggage through recursive`
}

func ping(ctx context.Context, key string, n int) context.Context {
	if n == 0 {
		return set(ctx, key, "1")
	}
	return pong(ctx, n, key)
}

func pong(ctx context.Context, n int, key string) context.Context { return ping(ctx, key, n-1) }

// Reported: functions that call each other.
func mutualRecursion(ctx context.Context) context.Context {
	return pong(ctx, 2, "source") // want `per-tracer key "source" enters baggage through pong`
}

// Reported: a function of another package.
func otherPackage(ctx context.Context, p string) context.Context {
	return telemetry.Set(ctx, "project", p) // want `per-tracer key "project" enters baggage through Set`
}

// Reported: a function that adds a namespace.
func namespaced(ctx context.Context, p string) context.Context {
	return telemetry.SetApp(ctx, "SessionId", p) // want `per-tracer key "app.SessionId" enters baggage through SetApp`
}

// Reported: a function two packages away from the API.
func twoPackages(ctx context.Context, p string) context.Context {
	return tenant.Tag(ctx, p, "project") // want `per-tracer key "app.project" enters baggage through Tag`
}

// Reported: pairs of keys and values.
func pairs(ctx context.Context, p, run string) context.Context {
	return telemetry.Pairs(ctx, "run_id", run, "project", p) // want `per-tracer key "project" enters baggage through Pairs`
}

// Reported: pairs in a slice.
func pairsInSlice(ctx context.Context, p, run string) context.Context {
	kv := []string{"run_id", run, "session_id", p} // want `per-tracer key "session_id" enters baggage through Pairs`
	return telemetry.Pairs(ctx, kv...)
}

// Reported: a map.
func mapOfItems(ctx context.Context, p string) context.Context {
	return telemetry.SetMap(ctx, map[string]any{
		"attempt": 1,
		"project": p, // want `per-tracer key "project" enters baggage through SetMap`
	})
}

// Reported: a struct's field.
func structField(ctx context.Context, p string) context.Context {
	return telemetry.SetItem(ctx, telemetry.Item{Key: "project", Value: p}) // want `per-tracer key "project" enters baggage through SetItem`
}

// Reported: a field of variadic structs.
func variadicStructs(ctx context.Context, p, run string) context.Context {
	return telemetry.SetItems(ctx,
		telemetry.Item{Key: "run_id", Value: run},
		telemetry.Item{Key: "session_id", Value: p}, // want `per-tracer key "session_id" enters baggage through SetItems`
	)
}

// Reported: a function that returns a member.
func memberMaker(ctx context.Context, p string) (context.Context, error) {
	b, err := baggage.New(telemetry.Member("project", p)) // want `per-tracer key "project" enters baggage through Member`
	return baggage.ContextWithBaggage(ctx, b), err
}

// Reported: the field of a receiver, where its constructor gets it.
func receiverField(ctx context.Context, p string) context.Context {
	return telemetry.NewSetter("project").Set(ctx, p) // want `per-tracer key "project" enters baggage through NewSetter`
}

type localSetter struct {
	name string
}

func (s localSetter) set(ctx context.Context, v string) context.Context { return set(ctx, s.name, v) }

// Reported: the field of a receiver, in a literal.
func receiverLiteral(ctx context.Context, p string) context.Context {
	s := localSetter{name: "session_id"} // want `per-tracer key "session_id" enters baggage through set`
	return s.set(ctx, p)
}

type keyName string

func (k keyName) put(ctx context.Context, v string) context.Context { return set(ctx, string(k), v) }

// Reported: the receiver itself.
func receiverItself(ctx context.Context, p string) context.Context {
	return keyName("project").put(ctx, p) // want `per-tracer key "project" enters baggage through keyName.put`
}

// Reported: a list in a configuration.
func configuration() func(context.Context, func(string) string) context.Context {
	return telemetry.Middleware(telemetry.Config{
		Keys: []string{"run_id", "project"}, // want `per-tracer key "project" enters baggage through Middleware`
	})
}

// Reported: a functional option.
func functionalOption(ctx context.Context, p string) context.Context {
	return telemetry.Put(ctx, telemetry.WithKey("project"), telemetry.WithValue(p)) // want `per-tracer key "project" enters baggage through WithKey`
}

func curried(key string) func(context.Context, string) context.Context {
	return func(ctx context.Context, v string) context.Context { return set(ctx, key, v) }
}

// Reported: a function that returns a closure over its parameter.
func closure(ctx context.Context, p string) context.Context {
	return curried("session_id")(ctx, p) // want `per-tracer key "session_id" enters baggage through curried`
}

// Reported: a function literal in a variable.
func functionLiteral(ctx context.Context, p string) context.Context {
	add := func(k, v string) {
		ctx = set(ctx, k, v)
	}
	add("run_id", p)
	add("project", p) // want `per-tracer key "project" enters baggage through add`
	return ctx
}

// Reported: a function in a variable.
func functionValue(ctx context.Context, p string) context.Context {
	f := set
	return f(ctx, "project", p) // want `per-tracer key "project" enters baggage through set`
}

// Reported: a method in a variable.
func methodValue(ctx context.Context, p string) context.Context {
	carry := telemetry.Baggage{}.Carry
	_ = carry
	b := bagger{}
	f := b.carry
	return f(ctx, "project", p) // want `per-tracer key "project" enters baggage through bagger.carry`
}

type bagger struct{}

func (bagger) carry(ctx context.Context, k, v string) context.Context { return set(ctx, k, v) }

type hooks struct {
	add func(ctx context.Context, k, v string) context.Context
}

// Reported: a function in a struct's field.
func functionField(ctx context.Context, p string) context.Context {
	h := hooks{add: set}
	return h.add(ctx, "source", p) // want `per-tracer key "source" enters baggage through set`
}

// Reported: another package's function variable.
func functionVariable(ctx context.Context, p string) context.Context {
	return telemetry.Add(ctx, "project", p) // want `per-tracer key "project" enters baggage through Add`
}

func each(keys []string, f func(string)) {
	for _, k := range keys {
		f(k)
	}
}

// Reported: a function literal that a loop calls.
func callback(ctx context.Context, vs map[string]string) context.Context {
	each([]string{"run_id", "project"}, func(k string) { // want `per-tracer key "project" enters baggage`
		ctx = set(ctx, k, vs[k])
	})
	return ctx
}

// Reported: another package's interface.
func interfaceMethod(ctx context.Context, c telemetry.Carrier, p string) context.Context {
	return c.Carry(ctx, "project", p) // want `per-tracer key "project" enters baggage through Baggage.Carry`
}

type store interface {
	put(ctx context.Context, key, value string) context.Context
}

type bagStore struct{ prefix string }

func (s bagStore) put(ctx context.Context, key, value string) context.Context {
	return set(ctx, s.prefix+key, value)
}

type noStore struct{}

func (noStore) put(ctx context.Context, _, _ string) context.Context { return ctx }

type plainStore struct{}

func (plainStore) put(ctx context.Context, key, value string) context.Context {
	return set(ctx, key, value)
}

// Reported: an interface of the package, whose implementations all do or do nothing.
func ownInterface(ctx context.Context, s store, p string) context.Context {
	return s.put(ctx, "project", p) // want `per-tracer key "project" enters baggage through plainStore.put`
}

// Reported: a builder.
func builder(ctx context.Context, p, run string) context.Context {
	return telemetry.Build(ctx).
		With("run_id", run).
		With("project", p). // want `per-tracer key "project" enters baggage through Builder.With`
		Context()
}

type typedKey string

const typedProject typedKey = "project"

// Reported: a generic function.
func generic(ctx context.Context, p string) context.Context {
	return telemetry.SetTyped(ctx, typedProject, p) // want `per-tracer key "project" enters baggage through SetTyped`
}

// Reported: the text of a header.
func headerText(ctx context.Context, p string) context.Context {
	return telemetry.FromHeader(ctx, "run_id=1,project="+p) // want `per-tracer key "project" enters baggage through FromHeader`
}

// Reported: a deny-list in the wrapper that misses a key.
func missedByDenyList(ctx context.Context, p string) context.Context {
	return telemetry.SetOther(ctx, "source", p) // want `per-tracer key "source" enters baggage through SetOther`
}

// Reported: a method expression.
func methodExpression(ctx context.Context, p string) context.Context {
	return (*telemetry.Builder).With(telemetry.Build(ctx), "project", p).Context() // want `per-tracer key "project" enters baggage through Builder.With`
}

// Reported: a deferred call and one in a goroutine.
func deferred(ctx context.Context, p string) {
	defer set(ctx, "project", p) // want `per-tracer key "project" enters baggage through set`
	go set(ctx, "source", p)     // want `per-tracer key "source" enters baggage through set`
}

// Reported: pairs whose odd end is cut off first.
func evenPairs(ctx context.Context, p, run string) context.Context {
	return telemetry.EvenPairs(ctx, "run_id", run, "project", p) // want `per-tracer key "project" enters baggage through EvenPairs`
}

// Reported: a parameter that is only respelt.
func respelt(ctx context.Context, p string) context.Context {
	return telemetry.SetLower(ctx, "Project", p) // want `per-tracer key "Project" enters baggage through SetLower`
}

// Reported: an exported field of another package's type.
func exportedField(ctx context.Context, p string) context.Context {
	return telemetry.Tagger{Key: "project"}.Tag(ctx, p) // want `per-tracer key "project" enters baggage`
}

// Reported: another package's struct, of which it uses the field and the
// whole, where its literal gives it the key, and only there.
func structAndField(ctx context.Context, p string) context.Context {
	ctx = telemetry.TagTwice(ctx, telemetry.Tagger{Key: "project"}, p) // want `per-tracer key "project" enters baggage`
	tagger := &telemetry.Tagger{Key: "session_id"}                     // want `per-tracer key "session_id" enters baggage`
	return telemetry.TagTwice(ctx, *tagger, p)
}

// Reported: a struct's field in a literal that is given to a function, at the
// field.
func fieldOfLiteral(ctx context.Context, p string) context.Context {
	return telemetry.SetItem(ctx, telemetry.Item{
		Key:   "project", // want `per-tracer key "project" enters baggage through SetItem`
		Value: p,
	})
}

// Reported: a function with a default for the key.
func defaulted(ctx context.Context, p string) context.Context {
	return telemetry.SetOr(ctx, "project", p) // want `per-tracer key "project" enters baggage through SetOr`
}

// Reported: a method that puts a namespace of its receiver in front.
func namespaces(ctx context.Context, ns, p string) context.Context {
	return telemetry.In(ns).Set(ctx, "project", p) // want `per-tracer key "\*.project" or "project" enters baggage through Namespace.Set`
}

// Reported: a method expression in a variable.
func methodExpressionValue(ctx context.Context, p string) context.Context {
	carry := telemetry.Baggage.Carry
	ctx = carry(telemetry.Baggage{}, ctx, "run_id", "project")
	ctx = carry(telemetry.Baggage{}, ctx, "source", p) // want `per-tracer key "source" enters baggage through Baggage.Carry`
	swapped := putter.swapped
	ctx = swapped(putter{}, ctx, "session_id", "run_id")
	return swapped(putter{}, ctx, p, "project") // want `per-tracer key "project" enters baggage through putter.swapped`
}

type putter struct{}

func (putter) swapped(ctx context.Context, value, key string) context.Context {
	return set(ctx, key, value)
}

// Reported: pairs of any type.
func pairsOfAny(ctx context.Context, p string) context.Context {
	return telemetry.Fields(ctx, "attempt", 1, "session_id", p) // want `per-tracer key "session_id" enters baggage through Fields`
}

// Reported: a predicate in another package's configuration.
func filterField(ctx context.Context, items map[string]string) context.Context {
	return telemetry.Apply(ctx, telemetry.Filter{Keep: func(k string) bool {
		return k == "run_id" || k == "project" // want `per-tracer key "project" is let into baggage`
	}}, items)
}

type carrying interface {
	Carry(ctx context.Context, key, value string) context.Context
}

// Reported: an interface of the package that another package's type satisfies.
func importedImplementation(ctx context.Context, p string) context.Context {
	var c carrying = telemetry.Baggage{}
	return c.Carry(ctx, "project", p) // want `per-tracer key "project" enters baggage through Baggage.Carry`
}

type bag map[string]string

func (b bag) with(k, v string) bag {
	b[k] = v
	return b
}

// Reported: a map with a method that fills it.
func mapWithMethod(ctx context.Context, p, run string) context.Context {
	b := bag{}
	b.with("run_id", run)
	b.with("project", p)
	for k, v := range b {
		ctx = set(ctx, k, v) // want `per-tracer key "project" enters baggage through set`
	}
	return ctx
}

func fill(items map[string]any, key string, v any) { items[key] = v }

// Reported: a map that a function fills.
func mapFilledElsewhere(ctx context.Context, p string) context.Context {
	items := map[string]any{}
	fill(items, "session_id", p)
	return telemetry.SetMap(ctx, items) // want `per-tracer key "session_id" enters baggage through SetMap`
}

type itemList struct {
	items map[string]string
}

func (l *itemList) add(k, v string) *itemList {
	l.items[k] = v
	return l
}

func (l *itemList) apply(ctx context.Context) context.Context {
	for k, v := range l.items {
		ctx = set(ctx, k, v)
	}
	return ctx
}

// Reported: a builder that collects a map.
func collectingBuilder(ctx context.Context, p, run string) context.Context {
	l := &itemList{items: map[string]string{}}
	return l.add("run_id", run).add("project", p).apply(ctx) // want `per-tracer key "project" enters baggage through itemList.add`
}

type setting interface{ apply(*settings) }

type settings struct{ key, value string }

type settingFunc func(*settings)

func (f settingFunc) apply(s *settings) { f(s) }

func withKey(key string) setting { return settingFunc(func(s *settings) { s.key = key }) }

func putSettings(ctx context.Context, all ...setting) context.Context {
	s := settings{key: "run_id"}
	for _, each := range all {
		each.apply(&s)
	}
	return set(ctx, s.key, s.value)
}

// Reported: a functional option behind an interface.
func optionInterface(ctx context.Context) context.Context {
	return putSettings(ctx, withKey("session_id")) // want `per-tracer key "session_id" enters baggage through withKey`
}

type named struct{ key, value string }

func (n *named) rename(key string) { n.key = key }

// Reported: a method that sets the field of a local variable.
func settingMethod(ctx context.Context) context.Context {
	var n named
	n.rename("project")
	return set(ctx, n.key, n.value) // want `per-tracer key "project" enters baggage through set`
}
