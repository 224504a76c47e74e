// Package load lists the packages that a pattern names and all they depend on,
// without parsing or type-checking any of them. The go command is asked once.
package load

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"go/build"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Config says where and how to list.
type Config struct {
	Dir        string   // directory in which patterns are meant, "" for the current one
	Env        []string // environment of the go command, nil for this process's
	BuildFlags []string // such as -tags=integration
	Tests      bool     // whether test files are part of their packages
}

// Package is one compilation unit: a package, the package together with its
// tests, or an external test package.
type Package struct {
	ID        string // import path, with " [p.test]" behind it where built for p's tests
	PkgPath   string // import path
	Name      string
	Dir       string
	Export    string            // file with its export data, "" where it does not compile
	GoFiles   []string          // absolute names; cgo's input rather than its output
	Cgo       bool              // GoFiles need [Graph.CompileCgo] to type-check
	NonGo     []string          // absolute names of its assembly, C and other files
	Ignored   []string          // absolute names of files that the build constraints exclude
	Imports   []string          // IDs
	ImportMap map[string]string // import path in the source to ID, where they differ
	Module    *Module
	Standard  bool
	Root      bool    // a pattern names it, and findings in it are reported
	Errors    []Error // why it cannot be built; errors of its imports are theirs
	GoVersion string  // language version for the type checker, such as "go1.26.0"
}

// Module is what the go command says of a package's module.
type Module struct {
	Path      string
	Version   string
	Main      bool
	Dir       string
	GoVersion string
}

// Error is one complaint of the go command or the compiler.
type Error struct {
	File      string // as the go command prints it, "" where there is no position
	Line, Col int
	Message   string
}

func (e Error) Error() string {
	if e.File == "" {
		return e.Message
	}
	s := e.File + ":"
	if e.Line > 0 {
		s += strconv.Itoa(e.Line) + ":"
	}
	if e.Col > 0 {
		s += strconv.Itoa(e.Col) + ":"
	}
	return s + " " + e.Message
}

// Graph is the closure of the named packages under import.
type Graph struct {
	Packages []*Package // dependencies before their importers
	ByID     map[string]*Package
	Began    time.Time // when the go command had not read a file yet
	GOARCH   string    // what the packages are built for
	Warnings []string  // of the go command, such as of patterns that match nothing

	config   Config
	patterns []string
}

// ErrNoPackages says that the patterns name nothing.
var ErrNoPackages = errors.New("no packages match")

// fields are those of go list's output that Package needs: each further one
// may cost the go command time.
const fields = "ImportPath,Name,Dir,Export,GoFiles,CgoFiles,CFiles,CXXFiles,MFiles,HFiles,FFiles,SFiles,SwigFiles,SwigCXXFiles,SysoFiles," +
	"IgnoredGoFiles,IgnoredOtherFiles,Imports,ImportMap,ForTest,DepOnly,Standard,Module,Error"

type listed struct {
	ImportPath, Name, Dir, Export            string
	GoFiles, CgoFiles, CompiledGoFiles       []string
	CFiles, CXXFiles, MFiles, HFiles, FFiles []string
	SFiles, SwigFiles, SwigCXXFiles          []string
	SysoFiles                                []string
	IgnoredGoFiles, IgnoredOtherFiles        []string
	Imports                                  []string
	ImportMap                                map[string]string
	ForTest                                  string
	DepOnly, Standard                        bool
	Module                                   *struct {
		Path, Version, Dir, GoVersion string
		Main                          bool
	}
	Error *struct {
		Pos, Err    string
		ImportStack []string
	}
}

// List asks the go command for the packages that patterns name. Of a package
// with tests it takes the same units as go vet does: the one that includes
// the test files, and the external tests, so that no file is seen twice.
//
// Packages that do not compile are in the graph, with their errors. An error
// means that nothing could be listed at all.
func List(ctx context.Context, config Config, patterns []string) (*Graph, error) {
	args := append([]string{"list", "-e", "-deps", "-export", "-json=" + fields}, config.BuildFlags...)
	if config.Tests {
		args = append(args, "-test")
	}
	args = append(append(args, "--"), patterns...)
	began := time.Now()
	environment := make(chan settings, 1)
	go func() { environment <- goEnv(ctx, config) }()
	units, warnings, err := goList(ctx, config, args)
	if err != nil {
		return nil, err
	}

	env := <-environment
	if strings.Contains(env.GOFLAGS, "-overlay=") {
		warnings = append(warnings, "GOFLAGS has an -overlay, and files are analysed as they are without it; go vet -vettool knows it")
	}
	g := &Graph{Began: began, GOARCH: env.GOARCH, Warnings: warnings, ByID: make(map[string]*Package, len(units)), config: config, patterns: patterns}
	withTests := make(map[string]bool) // import paths of packages that also exist with their tests
	for _, u := range units {
		if path, _, _ := strings.Cut(u.ImportPath, " "); u.ForTest != "" && u.ForTest == path {
			withTests[path] = true
		}
	}
	for _, u := range units {
		if u.Name == "main" && strings.HasSuffix(u.ImportPath, ".test") && len(u.GoFiles) == 1 && filepath.IsAbs(u.GoFiles[0]) {
			continue // the generated main package of a test
		}
		p := newPackage(u)
		// Further variants are dependencies of some test, rebuilt for it.
		ownTest := u.ForTest == "" || u.ForTest == p.PkgPath || p.PkgPath == u.ForTest+"_test"
		p.Root = !u.DepOnly && ownTest && !(u.ForTest == "" && withTests[p.PkgPath])
		if u.Error != nil {
			p.Errors = g.parseErrors(u.Error.Pos, u.Error.Err+cycle(u.Error.Err, u.Error.ImportStack))
		}
		g.ByID[p.ID] = p
		g.Packages = append(g.Packages, p)
	}
	g.sort()
	return g, nil
}

// goList runs the go command and decodes its output while it runs.
func goList(ctx context.Context, config Config, args []string) (units []*listed, warnings []string, err error) {
	cmd := goCommand(ctx, config, args)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, nil, err
	}
	if err := cmd.Start(); err != nil {
		if errors.Is(err, exec.ErrNotFound) {
			return nil, nil, fmt.Errorf("the go command is not on the PATH; hhvet needs it to list packages: %w", err)
		}
		return nil, nil, fmt.Errorf("start the go command: %w", err)
	}
	decoder := json.NewDecoder(stdout)
	var decodeErr error
	for {
		u := new(listed)
		if decodeErr = decoder.Decode(u); decodeErr != nil {
			break
		}
		units = append(units, u)
	}
	_, _ = io.Copy(io.Discard, stdout)
	waitErr := cmd.Wait()
	switch {
	case ctx.Err() != nil:
		return nil, nil, context.Cause(ctx)
	case waitErr != nil:
		if text := strings.TrimSpace(stderr.String()); text != "" {
			return nil, nil, errors.New(text)
		}
		return nil, nil, fmt.Errorf("go list: %w", waitErr)
	case decodeErr != io.EOF:
		return nil, nil, fmt.Errorf("read the output of go list: %w", decodeErr)
	case len(units) == 0:
		if text := strings.TrimSpace(stderr.String()); text != "" {
			return nil, nil, fmt.Errorf("%w: %s", ErrNoPackages, text)
		}
		return nil, nil, ErrNoPackages
	}
	for line := range strings.Lines(stderr.String()) {
		if warning, ok := strings.CutPrefix(strings.TrimSpace(line), "go: warning: "); ok {
			warnings = append(warnings, warning)
		}
	}
	return units, warnings, nil
}

// settings are variables that the go command may have from its configuration
// file.
type settings struct{ GOARCH, GOFLAGS string }

// goEnv asks the go command for them. Errors are not worth a word here:
// listing fails for the same reason.
func goEnv(ctx context.Context, config Config) settings {
	s := settings{GOARCH: build.Default.GOARCH}
	if out, err := goCommand(ctx, config, []string{"env", "-json", "GOARCH", "GOFLAGS"}).Output(); err == nil {
		_ = json.Unmarshal(out, &s)
	}
	return s
}

func goCommand(ctx context.Context, config Config, args []string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = config.Dir
	cmd.Env = config.Env
	if cmd.Env == nil {
		cmd.Env = os.Environ()
	}
	if config.Dir != "" {
		// The go command believes PWD where it names the same directory,
		// and so reports files by the path that the user sees.
		if abs, err := filepath.Abs(config.Dir); err == nil {
			cmd.Env = append(cmd.Env[:len(cmd.Env):len(cmd.Env)], "PWD="+abs)
		}
	}
	return cmd
}

func newPackage(u *listed) *Package {
	path, _, _ := strings.Cut(u.ImportPath, " ")
	p := &Package{
		ID:        u.ImportPath,
		PkgPath:   path,
		Name:      u.Name,
		Dir:       u.Dir,
		Export:    u.Export,
		GoFiles:   absolute(u.Dir, u.GoFiles, u.CgoFiles),
		Cgo:       len(u.CgoFiles)+len(u.SwigFiles)+len(u.SwigCXXFiles) > 0,
		NonGo:     absolute(u.Dir, u.CFiles, u.CXXFiles, u.MFiles, u.HFiles, u.FFiles, u.SFiles, u.SwigFiles, u.SwigCXXFiles, u.SysoFiles),
		Ignored:   absolute(u.Dir, u.IgnoredGoFiles, u.IgnoredOtherFiles),
		Imports:   u.Imports,
		ImportMap: u.ImportMap,
		Standard:  u.Standard,
	}
	if m := u.Module; m != nil {
		p.Module = &Module{Path: m.Path, Version: m.Version, Main: m.Main, Dir: m.Dir, GoVersion: m.GoVersion}
		// The language version that a go.mod without a go line means.
		p.GoVersion = "go1.16"
		if m.GoVersion != "" {
			p.GoVersion = "go" + m.GoVersion
		}
	}
	return p
}

func absolute(dir string, lists ...[]string) []string {
	var out []string
	for _, list := range lists {
		for _, name := range list {
			if !filepath.IsAbs(name) {
				name = filepath.Join(dir, name)
			}
			out = append(out, name)
		}
	}
	return out
}

var position = regexp.MustCompile(`^(.+?\.[A-Za-z]+):(\d+)(?::(\d+))?: (.*)$`)

// parseErrors splits what the go command says into messages with positions.
// The output of the compiler starts with a line "# package" and names files
// relative to the directory that the command ran in.
func (g *Graph) parseErrors(pos, text string) []Error {
	text = strings.TrimSpace(text)
	if pos != "" {
		e := Error{Message: text}
		e.File, e.Line, e.Col = splitPosition(pos)
		e.File = g.abs(e.File)
		return []Error{e}
	}
	var out []Error
	for line := range strings.SplitSeq(text, "\n") {
		if strings.HasPrefix(line, "# ") || strings.TrimSpace(line) == "" {
			continue
		}
		if m := position.FindStringSubmatch(line); m != nil {
			e := Error{File: g.abs(m[1]), Message: m[4]}
			e.Line, _ = strconv.Atoi(m[2])
			e.Col, _ = strconv.Atoi(m[3])
			out = append(out, e)
		} else if len(out) > 0 && strings.HasPrefix(line, "\t") {
			out[len(out)-1].Message += "\n" + line
		} else {
			out = append(out, Error{Message: line})
		}
	}
	if out == nil {
		out = []Error{{Message: text}}
	}
	return out
}

// cycle describes the import cycle that an error is about, "" if it is about
// something else. The stack ends with the package that closes the cycle.
func cycle(text string, stack []string) string {
	if !strings.HasPrefix(text, "import cycle") || len(stack) == 0 {
		return ""
	}
	first := slices.Index(stack, stack[len(stack)-1])
	return ": " + strings.Join(stack[first:], " imports ")
}

func (g *Graph) abs(file string) string {
	if filepath.IsAbs(file) {
		return file
	}
	if abs, err := filepath.Abs(filepath.Join(g.config.Dir, file)); err == nil {
		return abs
	}
	return file
}

func splitPosition(s string) (file string, line, col int) {
	file = s
	var numbers []int
	for range 2 {
		i := strings.LastIndexByte(file, ':')
		if i < 0 {
			break
		}
		n, err := strconv.Atoi(file[i+1:])
		if err != nil {
			break
		}
		file, numbers = file[:i], append(numbers, n)
	}
	switch len(numbers) {
	case 1:
		line = numbers[0]
	case 2:
		line, col = numbers[1], numbers[0]
	}
	return file, line, col
}

// sort puts dependencies first. go list already does so, except for the units
// that are built for a test.
func (g *Graph) sort() {
	sorted := make([]*Package, 0, len(g.Packages))
	visited := make(map[*Package]bool, len(g.Packages))
	var visit func(p *Package)
	visit = func(p *Package) {
		if visited[p] {
			return
		}
		visited[p] = true
		for _, id := range p.Imports {
			if dep := g.ByID[id]; dep != nil {
				visit(dep)
			}
		}
		sorted = append(sorted, p)
	}
	for _, p := range g.Packages {
		visit(p)
	}
	g.Packages = sorted
}

// Import returns the package that p means by an import path, or nil.
func (g *Graph) Import(p *Package, path string) *Package {
	if id, ok := p.ImportMap[path]; ok {
		path = id
	}
	return g.ByID[path]
}

// Locate returns the name on disk of a file that export data may name as
// -trimpath has it: below its module's path and version.
func (g *Graph) Locate(name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	dir, base := path.Split(name)
	for _, p := range g.Packages {
		trimmed := p.PkgPath
		if m := p.Module; m != nil && m.Version != "" {
			trimmed = m.Path + "@" + m.Version + strings.TrimPrefix(p.PkgPath, m.Path)
		}
		if trimmed+"/" == dir {
			return filepath.Join(p.Dir, base)
		}
	}
	return name
}

// namedFiles is the path of a package that was named by its files.
const namedFiles = "command-line-arguments"

// CompileCgo replaces the GoFiles of the cgo packages among ps by what cgo
// makes of them, which can be type-checked. It asks the go command once for
// all of them, so few runs need it at all.
func (g *Graph) CompileCgo(ctx context.Context, ps []*Package) error {
	var patterns []string
	want := make(map[string]*Package)
	for _, p := range ps {
		if p.Cgo {
			path := p.PkgPath
			if _, forTest, ok := strings.Cut(p.ID, " ["); ok {
				path = strings.TrimSuffix(strings.TrimSuffix(forTest, "]"), ".test")
			}
			patterns = append(patterns, path)
			want[p.ID] = p
		}
	}
	if len(want) == 0 {
		return nil
	}
	if slices.Contains(patterns, namedFiles) {
		patterns = g.patterns // which cannot be combined with others
	}
	args := append([]string{"list", "-e", "-export", "-compiled", "-deps", "-json=ImportPath,Dir,CompiledGoFiles"}, g.config.BuildFlags...)
	if g.config.Tests {
		args = append(args, "-test")
	}
	units, _, err := goList(ctx, g.config, append(append(args, "--"), patterns...))
	if err != nil {
		return err
	}
	for _, u := range units {
		if p := want[u.ImportPath]; p != nil && len(u.CompiledGoFiles) > 0 {
			p.GoFiles = absolute(u.Dir, u.CompiledGoFiles)
			p.Cgo = false
		}
	}
	return nil
}

// MainModules lists all packages of the main module, or of all modules of the
// workspace, with their tests, as the graph was listed otherwise.
func (g *Graph) MainModules(ctx context.Context) (*Graph, error) {
	cmd := goCommand(ctx, g.config, []string{"list", "-m", "-f", "{{if .Main}}{{.Path}}/...{{end}}"})
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go list -m: %w", err)
	}
	config := g.config
	config.Tests = true
	return List(ctx, config, strings.Fields(string(out)))
}
