package wrapper

import (
	"context"

	"example.com/corpus/globalbaggage/wrapper/telemetry"
)

// Silent: shared keys.
func sharedKeys(ctx context.Context, run string) context.Context {
	return telemetry.Pairs(telemetry.Set(ctx, "run_id", run), "dataset_id", run, "region", "eu")
}

// Silent: per-tracer keys as values.
func asValue(ctx context.Context) context.Context {
	return telemetry.Pairs(telemetry.Set(ctx, "kind", "project"), "scope", "session_id")
}

// Silent: a wrapper that refuses the key.
func refused(ctx context.Context, p string) context.Context {
	return telemetry.SetOther(ctx, "project", p)
}

// Silent: a wrapper that only takes shared keys.
func notAdmitted(ctx context.Context, p string) context.Context {
	return telemetry.SetShared(ctx, "project", p)
}

// Silent: a parameter that is reassigned to what cannot be known.
func reassigned(ctx context.Context, p string) context.Context {
	return telemetry.Rename(ctx, "project", p)
}

// Silent: a parameter that is only reassigned where it is such a key.
func renamed(ctx context.Context, p string) context.Context {
	ctx = telemetry.SetHarmless(ctx, "project", p)
	ctx = telemetry.SetHarmless(ctx, "span_id", p)
	return telemetry.SetHarmless(ctx, "session_id", p)
}

// Silent: a parameter whose address is taken.
func addressTaken(ctx context.Context, p string) context.Context {
	return telemetry.Indirect(ctx, "project", p)
}

// Silent: a key that only the caller's caller knows.
func forwarded(ctx context.Context, key, p string) context.Context {
	return telemetry.Set(ctx, key, p)
}

// Silent: the wrapper itself, called with a key from a request.
func fromRequest(ctx context.Context, header func(string) string) context.Context {
	return telemetry.Set(ctx, header("x-key"), header("x-value"))
}

// Silent: a field that is not the key.
func otherField() telemetry.Config {
	return telemetry.Config{Header: "project", Keys: []string{"run_id"}}
}

type sink interface {
	write(ctx context.Context, key, value string) context.Context
}

type bagSink struct{}

func (bagSink) write(ctx context.Context, key, value string) context.Context {
	return telemetry.Set(ctx, key, value)
}

type logSink struct{ log func(...string) }

func (s logSink) write(ctx context.Context, key, value string) context.Context {
	s.log(key, value)
	return ctx
}

// Silent: an interface that also has an implementation with another use for the key.
func mixedInterface(ctx context.Context, s sink, p string) context.Context {
	return s.write(ctx, "project", p)
}

// Silent: the implementation that does something else.
func otherImplementation(ctx context.Context, p string) context.Context {
	return logSink{}.write(ctx, "project", p)
}

// Silent: a callback of a loop over other keys.
func otherCallback(ctx context.Context, log func(string)) {
	each([]string{"project", "session_id"}, log)
}

type pair struct{ key, value string }

func logPairs(log func(string), ps []pair) {
	for _, p := range ps {
		log(p.key)
	}
}

func putPairs(ctx context.Context, ps []pair) context.Context {
	for _, p := range ps {
		ctx = set(ctx, p.key, p.value)
	}
	return ctx
}

// Silent: a struct of the same type, used for something else.
func sameStruct(ctx context.Context, log func(string), p string) context.Context {
	logPairs(log, []pair{{"project", p}})
	return putPairs(ctx, []pair{{"run_id", p}})
}

type entry struct{ key, value string }

func describe(e *entry) string { return e.key + "=" + e.value }

// Silent: a struct of the same type, printed, next to one that is also put.
func printedStruct(ctx context.Context, log func(string), p string) context.Context {
	log(describe(&entry{"project", p}))
	e := &entry{"run_id", p}
	log(describe(e))
	return set(ctx, e.key, e.value)
}
