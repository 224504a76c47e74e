package main_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/honeyhiveai/hhvet/internal/corpus"
	"github.com/honeyhiveai/hhvet/internal/exectest"
)

// hhvet leaves out every package that cannot matter, standalone and as a tool
// of go vet. What it finds must be what a full analysis finds, to the letter:
// messages, positions, related places and fixes.
func TestSameAsFullAnalysis(t *testing.T) {
	root := corpus.Root()
	tools := tools{exectest.Build(t, root, "./cmd/hhvet"), exectest.Build(t, root, "./cmd/hhvet/testdata/fullvet")}
	for _, dir := range []string{"testdata/src", "examples/supportdesk/before", "examples/supportdesk/after", "."} {
		t.Run(dir, func(t *testing.T) { tools.compare(t, filepath.Join(root, dir)) })
	}
	seeds := 4
	if testing.Short() {
		seeds = 1
	}
	for seed := range seeds {
		t.Run(fmt.Sprintf("generated %d", seed), func(t *testing.T) {
			dir := t.TempDir()
			generate(t, dir, uint64(seed))
			n := tools.compare(t, dir)
			if n < 10 {
				t.Errorf("only %d findings; the module tests nothing", n)
			}
			// Plain has no effect; the flag says that it has.
			if flagged := tools.compare(t, dir, "-globalbaggage.wrappers=example.com/gen/p0.Plain:1", "-globalbaggage.keys=user"); flagged <= n {
				t.Errorf("%d findings with more keys and wrappers, %d without", flagged, n)
			}
		})
	}
}

// -trimpath takes the names of directories out of what is compiled, and so out
// of export data. Places in other packages are reported by their names on disk.
func TestTrimpath(t *testing.T) {
	exe := exectest.Build(t, corpus.Root(), "./cmd/hhvet")
	dir := t.TempDir()
	generate(t, dir, 0)
	run := func(env ...string) results {
		cmd := exec.Command(exe, "-json", "./...")
		cmd.Dir = dir
		cmd.Env = append(cmd.Environ(), env...)
		return parse(t, cmd)
	}
	if diff := cmp.Diff(run(), run("GOFLAGS=-trimpath")); diff != "" {
		t.Errorf("-without +with -trimpath:\n%s", diff)
	}
}

// results are a run's findings by package, analyzer and place.
type results map[string]map[string][]string

// tools are executables: hhvet, and one that leaves out no package.
type tools struct{ hhvet, full string }

// compare compares what the two find in dir, and returns how much that is.
func (tools tools) compare(t *testing.T, dir string, flags ...string) int {
	t.Helper()
	full := goVet(t, dir, tools.full, flags)
	if diff := cmp.Diff(full, goVet(t, dir, tools.hhvet, flags)); diff != "" {
		t.Errorf("go vet -vettool=hhvet (-full analysis +hhvet):\n%s", diff)
	}
	cmd := exec.Command(tools.hhvet, slices.Concat([]string{"-json"}, flags, []string{"./..."})...)
	cmd.Dir = dir
	if diff := cmp.Diff(full, parse(t, cmd)); diff != "" {
		t.Errorf("hhvet (-full analysis +hhvet):\n%s", diff)
	}
	n := 0
	for _, analyzers := range full {
		for _, list := range analyzers {
			n += len(list)
		}
	}
	t.Logf("%d findings", n)
	return n
}

func goVet(t *testing.T, dir, tool string, flags []string) results {
	t.Helper()
	cmd := exec.Command("go", slices.Concat([]string{"vet", "-vettool=" + tool, "-json"}, flags, []string{"./..."})...)
	cmd.Dir = dir
	return parse(t, cmd)
}

// parse runs cmd and reads the JSON documents that it prints.
func parse(t *testing.T, cmd *exec.Cmd) results {
	t.Helper()
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	if code := cmd.ProcessState.ExitCode(); err != nil && code != 3 {
		t.Fatalf("%v: %v\n%s", cmd, err, &stderr)
	}
	all := make(results)
	decoder := json.NewDecoder(&stdout)
	for {
		var doc map[string]map[string][]json.RawMessage
		if err := decoder.Decode(&doc); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatalf("%v: %v\n%s", cmd, err, &stderr)
		}
		for pkg, analyzers := range doc {
			for name, list := range analyzers {
				if all[pkg] == nil {
					all[pkg] = make(map[string][]string)
				}
				for _, d := range list {
					var compact bytes.Buffer
					if err := json.Compact(&compact, d); err != nil {
						t.Fatal(err)
					}
					all[pkg][name] = append(all[pkg][name], compact.String())
				}
				slices.Sort(all[pkg][name])
			}
		}
	}
	return all
}

// generate writes a module of random packages in which keys reach baggage
// through wrappers of all kinds, in packages most of which do not mention
// baggage by a single word.
func generate(t *testing.T, dir string, seed uint64) {
	t.Helper()
	write := func(name, content string) {
		name = filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(content), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if err := corpus.WriteMod(dir, "example.com/gen"); err != nil {
		t.Fatal(err)
	}
	g := &generator{rand: rand.New(rand.NewPCG(seed, 1))}
	const n = 60
	for i := range n {
		for name, content := range g.pkg(i) {
			write(name, content)
		}
	}
}

type generator struct {
	rand     *rand.Rand
	wrappers [][]string // by package, functions with the signature of put
	keys     [][]string // by package, constants
}

// put is the signature of everything that may be a wrapper.
const put = "(ctx context.Context, key, value string) context.Context"

func (g *generator) pick(list ...string) string { return list[g.rand.IntN(len(list))] }

func (g *generator) pkg(i int) map[string]string {
	name := fmt.Sprintf("p%d", i)
	var body strings.Builder
	imports := map[string]bool{"context": true}
	body.WriteString("func Plain" + put + " { return ctx }\n")
	mine := []string{"Plain"}
	var keys []string
	callee := func() string {
		if i == 0 || g.rand.IntN(6) == 0 {
			return "Plain"
		}
		j := g.rand.IntN(i)
		imports[fmt.Sprintf("example.com/gen/p%d", j)] = true
		return fmt.Sprintf("p%d.%s", j, g.pick(g.wrappers[j]...))
	}
	key := func() string {
		if j := g.rand.IntN(i + 1); j < i && len(g.keys[j]) > 0 && g.rand.IntN(3) == 0 {
			imports[fmt.Sprintf("example.com/gen/p%d", j)] = true
			return fmt.Sprintf("p%d.%s", j, g.pick(g.keys[j]...))
		}
		return g.pick(fmt.Sprintf(`"tenant_%d"`, g.rand.IntN(i+1)), `"session_id"`, `"project"`, `"session-name"`, `"run_id"`, `"user"`, `"api" + "_key"`, "string(local)")
	}
	body.WriteString("const local = \"session_name\"\n")
	used := make(map[string]bool)
	for k := range 2 + g.rand.IntN(5) {
		fn := g.pick("Put", "Set", "With", "Add", "Store") + g.pick("", "Key", "Value") + fmt.Sprint(k%2)
		if used[fn] {
			fn += fmt.Sprintf("N%d", k)
		}
		used[fn] = true
		switch g.rand.IntN(12) {
		case 0, 9: // straight into baggage
			imports["go.opentelemetry.io/otel/baggage"] = true
			fmt.Fprintf(&body, "func %s%s {\n\tm, _ := baggage.NewMember(key, value)\n\tb, _ := baggage.New(m)\n\treturn baggage.ContextWithBaggage(ctx, b)\n}\n", fn, put)
			mine = append(mine, fn)
		case 1, 2: // forwards its parameter
			fmt.Fprintf(&body, "func %s%s { return %s(ctx, key, value) }\n", fn, put, callee())
			mine = append(mine, fn)
		case 3: // not a wrapper: the parameter changes first
			fmt.Fprintf(&body, "func %s%s {\n\tkey = \"x\" + key\n\treturn %s(ctx, key, value)\n}\n", fn, put, callee())
			mine = append(mine, fn)
		case 4: // a method, and a package-level value to call it on
			fmt.Fprintf(&body, "type T%s struct{}\nfunc (T%s) Put%s { return %s(ctx, key, value) }\nvar V%s T%s\n", fn, fn, put, callee(), fn, fn)
			mine = append(mine, "V"+fn+".Put")
		case 5: // promoted through an embedded field
			fmt.Fprintf(&body, "type b%s struct{}\nfunc (b%s) Deep%s { return %s(ctx, key, value) }\ntype E%s struct{ b%s }\nvar W%s E%s\n", fn, fn, put, callee(), fn, fn, fn, fn)
			mine = append(mine, "W"+fn+".Deep")
		case 6: // a function value
			fmt.Fprintf(&body, "var F%s = %s\n", fn, callee())
			mine = append(mine, "F"+fn)
		case 7: // a call with a key of its own
			fmt.Fprintf(&body, "func use%s%d(ctx context.Context) { %s(ctx, %s, \"v\") }\nvar _ = use%s%d\n", fn, k, callee(), key(), fn, k)
		case 8: // behind an interface
			fmt.Fprintf(&body, "type I%s interface{ Put%s }\ntype i%s struct{}\nfunc (i%s) Put%s { return %s(ctx, key, value) }\nvar J%s I%s = i%s{}\n", fn, put, fn, fn, put, callee(), fn, fn, fn)
			mine = append(mine, "J"+fn+".Put")
		case 10: // generic
			fmt.Fprintf(&body, "func %s[K ~string](ctx context.Context, key K, value string) context.Context { return %s(ctx, string(key), value) }\n", fn, callee())
			mine = append(mine, fn+"[string]")
		case 11: // a key, which may be one that belongs to a tracer
			fmt.Fprintf(&body, "const C%s = \"tenant_%d\"%s\n", fn, i, g.pick("", " //hhvet:pertracer"))
			keys = append(keys, "C"+fn)
		}
	}
	fmt.Fprintf(&body, "func main%d(ctx context.Context) { %s(ctx, %s, \"v\") }\nvar _ = main%d\n", i, callee(), key(), i)
	g.wrappers, g.keys = append(g.wrappers, mine), append(g.keys, keys)

	files := map[string]string{
		filepath.Join(name, name+".go"): source(name, imports, body.String()),
	}
	clear(imports)
	imports["context"], imports["testing"] = true, true
	self := "example.com/gen/" + name
	switch g.rand.IntN(5) {
	case 0:
		test := fmt.Sprintf("func Test(t *testing.T) { %s(context.Background(), %s, \"v\") }\n", g.pick(mine...), key())
		files[filepath.Join(name, name+"_test.go")] = source(name, imports, test)
	case 1:
		imports[self] = true
		test := fmt.Sprintf("const local = \"source\"\nfunc TestX(t *testing.T) { %s.%s(context.Background(), %s, \"v\") }\n", name, g.pick(mine...), key())
		files[filepath.Join(name, "x_test.go")] = source(name+"_test", imports, test)
	case 3: // helper is built a second time, on the package with its tests
		files[filepath.Join(name, "in_test.go")] = source(name, imports,
			fmt.Sprintf("func Test(t *testing.T) { %s(context.Background(), \"project\", \"v\") }\n", g.pick(mine...)))
		files[filepath.Join(name, "helper", "helper.go")] = source("helper", map[string]bool{"context": true, self: true},
			fmt.Sprintf("func Put%s { return %s.%s(ctx, key, value) }\n", put, name, g.pick(mine...)))
		imports[self+"/helper"] = true
		test := fmt.Sprintf("const local = \"source\"\nfunc TestX(t *testing.T) { helper.Put(context.Background(), %s, \"v\") }\n", key())
		files[filepath.Join(name, "x_test.go")] = source(name+"_test", imports, test)
	case 2:
		files[filepath.Join(name, "d.go")] = source(name, nil, "//hhvet:ignore globalbaggage nothing to silence here\nvar D = 1\n")
	}
	return files
}

func source(pkg string, imports map[string]bool, body string) string {
	text := "package " + pkg + "\n\n"
	var paths []string
	for path := range imports {
		paths = append(paths, path)
	}
	slices.Sort(paths)
	for _, path := range paths {
		text += fmt.Sprintf("import %q\n", path)
	}
	return text + "\n" + body
}
