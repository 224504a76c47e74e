package globalbaggage

import (
	"flag"
	"fmt"
	"go/token"
	"slices"
	"strconv"
	"strings"

	"github.com/honeyhiveai/hhvet/internal/tracekey"
)

// Options are the analyzer's settings: its flags, and under golangci-lint the
// fields of the same names.
type Options struct {
	// Keys are further keys that belong to one tracer, in any spelling that
	// has the same words at its end: "tenant_id" also covers "app.tenantId".
	// "-project" takes a built-in key away, "-*" all of them.
	Keys []string `json:"keys"`

	// Wrappers are functions that put one of their parameters into baggage,
	// where the analysis cannot see that they do:
	// "import/path.Func:2" or "import/path.Type.Method:0". The number counts
	// the parameters from 0. A string is a key, the keys of a map and the
	// elements of a slice are keys.
	Wrappers []string `json:"wrappers"`
}

// settings are validated options.
type settings struct {
	keys     []string
	without  []string // canonical built-in keys
	noTable  bool
	wrappers map[string][]int // by types.Func.FullName-like name
}

// Validate reports the first value that makes no sense.
func (o *Options) Validate() error {
	_, err := o.parse()
	return err
}

func (o *Options) parse() (*settings, error) {
	s := &settings{wrappers: make(map[string][]int)}
	for _, key := range o.Keys {
		name, minus := strings.CutPrefix(key, "-")
		switch {
		case key == "-*":
			s.noTable = true
		case len(tracekey.Words(name)) == 0:
			return nil, fmt.Errorf("globalbaggage: keys: %q is not a key; write for example tenant_id", key)
		case minus:
			canonical, kind := tracekey.Classify(name)
			if kind != tracekey.PerTracer {
				return nil, fmt.Errorf("globalbaggage: keys: %q is not a built-in per-tracer key, so it cannot be taken away", name)
			}
			s.without = append(s.without, canonical)
		default:
			s.keys = append(s.keys, key)
		}
	}
	for _, w := range o.Wrappers {
		name, index, err := parseWrapper(w)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(s.wrappers[name], index) {
			s.wrappers[name] = append(s.wrappers[name], index)
		}
	}
	return s, nil
}

func parseWrapper(w string) (name string, index int, err error) {
	bad := func(why string) error {
		return fmt.Errorf("globalbaggage: wrappers: %q %s; write import/path.Func:0 or import/path.Type.Method:0", w, why)
	}
	name, number, ok := cutLast(w, ":")
	if !ok {
		return "", 0, bad("does not say which parameter is the key")
	}
	index, convErr := strconv.Atoi(number)
	if convErr != nil || index < 0 {
		return "", 0, bad("has no parameter number after the colon")
	}
	// The last element of an import path may itself contain dots.
	slash := strings.LastIndex(name, "/")
	parts := strings.Split(name[slash+1:], ".")
	if len(parts) < 2 {
		return "", 0, bad("names no function")
	}
	for _, p := range parts[1:] {
		if p == "" {
			return "", 0, bad("names no function")
		}
	}
	if last := parts[len(parts)-1]; !token.IsIdentifier(last) {
		return "", 0, bad("names no function")
	}
	return name, index, nil
}

func cutLast(s, sep string) (before, after string, ok bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return s, "", false
}

func (o *Options) flags() flag.FlagSet {
	var fs flag.FlagSet
	fs.Var(&list{&o.Keys, o.Validate}, "keys", "`list` of further per-tracer keys, comma-separated; -KEY takes a built-in one away, -* all")
	fs.Var(&list{&o.Wrappers, o.Validate}, "wrappers", "`list` of functions whose parameter becomes a baggage key, as import/path.Func:INDEX, comma-separated")
	return fs
}

// list is a flag of comma-separated values. Each use of the flag replaces the
// list, like the standard library's flags do.
type list struct {
	items    *[]string
	validate func() error
}

func (l *list) String() string {
	if l.items == nil { // the flag package asks a zero value
		return ""
	}
	return strings.Join(*l.items, ",")
}

func (l *list) Set(s string) error {
	*l.items = nil
	for item := range strings.SplitSeq(s, ",") {
		if item = strings.TrimSpace(item); item != "" {
			*l.items = append(*l.items, item)
		}
	}
	return l.validate()
}
