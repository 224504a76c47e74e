package analyzer_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/honeyhiveai/hhvet/analyzer"
	"github.com/honeyhiveai/hhvet/internal/corpus"
	"github.com/honeyhiveai/hhvet/internal/exectest"
	"github.com/honeyhiveai/hhvet/internal/markdown"
)

const rulesGo = "github.com/bazelbuild/rules_go@v0.65.0"

// nogoSources are the files of rules_go's target //go/tools/builders:nogo_srcs.
var nogoSources = []string{
	"constants.go", "env.go", "flags.go", "nogo_fix.go", "nogo_goversions_go118.go", "nogo_goversions_go121.go",
	"nogo_goversions_go122.go", "nogo_main.go", "nogo_version.go", "nolint.go",
}

// Bazel's nogo, made as docs/bazel.md says, finds a leak through a wrapper in
// another package: analyzers fit its driver, their flags can be set from its
// JSON, and their facts survive its encoding.
func TestNogo(t *testing.T) {
	if testing.Short() {
		t.Skip("builds nogo")
	}
	page, err := os.ReadFile(filepath.Join(corpus.Root(), "docs", "bazel.md"))
	if err != nil {
		t.Fatal(err)
	}
	var rule, config string
	blocks, _ := markdown.Parse(string(page))
	for _, b := range blocks {
		switch b.Lang {
		case "starlark":
			rule = b.Text
		case "json":
			config = b.Text
		}
	}
	nogo := buildNogo(t, rule, config)

	dir := t.TempDir()
	module(t, dir, map[string]string{
		"go.mod": "module example.com/m\n\ngo 1.26.0\n\nrequire go.opentelemetry.io/otel v1.47.0\n",
		"wrap/wrap.go": `package wrap

import (
	"context"

	"go.opentelemetry.io/otel/baggage"
)

func Put(ctx context.Context, key, value string) context.Context {
	m, _ := baggage.NewMemberRaw(key, value)
	b, _ := baggage.FromContext(ctx).SetMember(m)
	return baggage.ContextWithBaggage(ctx, b)
}
`,
		"use/use.go": `package use

import (
	"context"

	"example.com/m/wrap"
)

func Use(ctx context.Context) context.Context {
	ctx = wrap.Put(ctx, "tenant_id", "t")
	ctx = wrap.Put(ctx, "user", "u")
	return wrap.Put(ctx, "project", "p")
}
`,
	})

	// The builder gives nogo an import configuration of compiled packages.
	var packages strings.Builder
	for line := range strings.Lines(exectest.Run(t, dir, 0, "go", "list", "-export", "-deps", "-f", "{{if .Export}}packagefile {{.ImportPath}}={{.Export}}{{end}}", "./...").Stdout) {
		packages.WriteString(line)
	}
	importcfg := filepath.Join(dir, "importcfg")
	if err := os.WriteFile(importcfg, []byte(packages.String()), 0o666); err != nil {
		t.Fatal(err)
	}
	analyze := func(file string, exit int, args ...string) string {
		pkg := strings.TrimSuffix(filepath.Base(file), ".go")
		args = append([]string{"-p", "example.com/m/" + pkg, "-importcfg", importcfg, "-go_version", "1.26.0"}, args...)
		return exectest.Run(t, dir, exit, nogo, append(args, filepath.FromSlash(file))...).Stderr
	}

	facts := filepath.Join(dir, "wrap.facts")
	analyze("wrap/wrap.go", 0, "-x", facts)
	withFacts := []string{"-fact", "example.com/m/wrap=" + facts}
	found := analyze("use/use.go", 3, withFacts...)
	for _, want := range []string{"use.go:10:", `"tenant_id"`, "use.go:12:", `"project"`} {
		if !strings.Contains(found, want) {
			t.Errorf("nogo does not say %q:\n%s", want, found)
		}
	}
	if n := strings.Count(found, "(globalbaggage)"); n != 2 {
		t.Errorf("%d findings, want 2:\n%s", n, found)
	}
	// Without the facts of wrap nothing is known of it.
	analyze("use/use.go", 0)
	// The same file where the configuration leaves it out.
	copyFile(t, filepath.Join(dir, "use", "use.go"), filepath.Join(dir, "external", "use.go"))
	analyze("external/use.go", 0, withFacts...)
}

// buildNogo builds nogo as rules_go does for a rule, with a configuration.
func buildNogo(t *testing.T, rule, config string) string {
	t.Helper()
	type downloaded struct{ Dir string }
	fetch := func(module string) string {
		var d downloaded
		if err := json.Unmarshal([]byte(exectest.Run(t, t.TempDir(), 0, "go", "mod", "download", "-json", module).Stdout), &d); err != nil {
			t.Fatal(err)
		}
		return d.Dir
	}
	rules := fetch(rulesGo)
	builders := filepath.Join(rules, "go", "tools", "builders")
	generate := []string{"run", ".", "-output", "analyzers.go", "-config", "config.json"}
	for _, path := range checkRule(t, rules, rule) {
		generate = append(generate, "-analyzer_importpath", path)
	}
	tools := strings.TrimSpace(exectest.Run(t, corpus.Root(), 0, "go", "list", "-m", "-f", "{{.Dir}}", "golang.org/x/tools").Stdout)

	dir := t.TempDir()
	// nogo uses an internal package of x/tools, which Bazel allows it to. Here
	// it has to become a part of x/tools.
	patched := filepath.Join(dir, "tools")
	if err := os.CopyFS(patched, os.DirFS(tools)); err != nil {
		t.Fatal(err)
	}
	main := filepath.Join(patched, "nogo")
	for _, name := range nogoSources {
		copyFile(t, filepath.Join(builders, name), filepath.Join(main, name))
	}

	generator := filepath.Join(dir, "generator")
	module(t, generator, map[string]string{
		"go.mod":      "module generator\n\ngo 1.26.0\n",
		"main.go":     "package main\n\nimport \"os\"\n\nfunc main() {\n\tif err := genNogoMain(os.Args[1:]); err != nil {\n\t\tpanic(err)\n\t}\n}\n",
		"config.json": config,
	})
	copyFile(t, filepath.Join(builders, "generate_nogo_main.go"), filepath.Join(generator, "generate.go"))
	copyFile(t, filepath.Join(builders, "flags.go"), filepath.Join(generator, "flags.go"))
	copyFile(t, filepath.Join(builders, "env.go"), filepath.Join(generator, "env.go"))
	copyFile(t, filepath.Join(builders, "constants.go"), filepath.Join(generator, "constants.go"))
	exectest.Run(t, generator, 0, "go", generate...)
	copyFile(t, filepath.Join(generator, "analyzers.go"), filepath.Join(main, "analyzers.go"))

	build := filepath.Join(dir, "build")
	module(t, build, map[string]string{"go.mod": fmt.Sprintf(`module build

go 1.26.0

require (
	github.com/aymanbagabas/go-udiff v0.4.1
	github.com/honeyhiveai/hhvet v0.0.0
	golang.org/x/tools v0.52.0
)

replace (
	github.com/honeyhiveai/hhvet => %s
	golang.org/x/tools => %s
)
`, corpus.Root(), patched)})
	exe := filepath.Join(dir, "nogo.exe")
	exectest.Run(t, build, 0, "go", "build", "-mod=mod", "-o", exe, "golang.org/x/tools/nogo")
	return exe
}

// checkRule reports to t what rules_go does not know in a nogo rule, and
// returns the import paths of the analyzers that the rule depends on.
func checkRule(t *testing.T, rulesGo, rule string) (analyzers []string) {
	t.Helper()
	read := func(path ...string) string {
		data, err := os.ReadFile(filepath.Join(append([]string{rulesGo}, path...)...))
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	if def := read("go", "def.bzl"); !strings.Contains(rule, `load("@rules_go//go:def.bzl", "nogo")`) || !strings.Contains(def, "\nnogo = ") {
		t.Error("rules_go has no nogo to load")
	}
	declared := read("go", "private", "rules", "nogo.bzl")
	for _, m := range regexp.MustCompile(`(?m)^    (\w+) = `).FindAllStringSubmatch(rule, -1) {
		if name := m[1]; name != "name" && name != "visibility" && !strings.Contains(declared, `"`+name+`": attr.`) {
			t.Errorf("nogo has no attribute %s", name)
		}
	}
	// gazelle derives a repository's name from the module's path.
	const prefix = `"@com_github_honeyhiveai_hhvet//`
	for line := range strings.Lines(rule) {
		if pkg, ok := strings.CutPrefix(strings.TrimSpace(line), prefix); ok {
			analyzers = append(analyzers, "github.com/honeyhiveai/hhvet/"+strings.TrimSuffix(pkg, `",`))
		}
	}
	var want []string
	for _, a := range analyzer.Suite() {
		want = append(want, "github.com/honeyhiveai/hhvet/passes/"+a.Name)
	}
	if diff := cmp.Diff(want, analyzers); diff != "" {
		t.Errorf("analyzers (-suite +rule):\n%s", diff)
	}
	return analyzers
}

// module writes the files of a module to dir.
func module(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, content := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if strings.Contains(files["go.mod"], "otel") {
		exectest.Run(t, dir, 0, "go", "mod", "tidy")
	}
}

func copyFile(t *testing.T, src, dst string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(dst), 0o777); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(src)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(dst, data, 0o666); err != nil {
		t.Fatal(err)
	}
}
