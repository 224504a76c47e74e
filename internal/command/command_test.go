package command_test

import (
	"encoding/json"
	"fmt"
	"go/build"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"golang.org/x/tools/go/analysis"

	"github.com/honeyhiveai/hhvet/internal/command"
	"github.com/honeyhiveai/hhvet/internal/lexical"
	"github.com/honeyhiveai/hhvet/internal/toy"
)

// The scripts run hhvet with analyzers that do what comments say, as a program
// of its own: standalone, and as the tool of go vet and go fix.
func TestMain(m *testing.M) {
	suite := command.Suite{
		Analyzers: []*analysis.Analyzer{toy.Other, toy.Analyzer},
		Tokens:    func([]*analysis.Analyzer) []lexical.Token { return toy.Tokens },
	}
	testscript.Main(m, map[string]func(){
		"hhvetnext": func() {
			dropExportData(os.Args[len(os.Args)-1])
			var out strings.Builder
			code := command.Main(suite, os.Args[1:], &out, os.Stderr)
			// The go command must not take it for hhvet, with what it has cached.
			fmt.Print(strings.Replace(out.String(), "buildID=", "buildID=next", 1))
			os.Exit(code)
		},
		"hhvet": func() { os.Exit(command.Main(suite, os.Args[1:], os.Stdout, os.Stderr)) },
	})
}

func TestScripts(t *testing.T) {
	out, err := exec.Command("go", "env", "GOCACHE", "GOMODCACHE").Output()
	if err != nil {
		t.Fatal(err)
	}
	env := strings.Fields(string(out))
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata",
		RequireExplicitExec: true,
		Setup: func(e *testscript.Env) error {
			tool, err := exec.LookPath("hhvet")
			if err != nil {
				return err
			}
			e.Setenv("HHVET", tool)
			e.Setenv("HHVET_NEXT", filepath.Join(filepath.Dir(tool), "hhvetnext"))
			e.Setenv("GOCACHE", env[0])
			e.Setenv("GOMODCACHE", env[1])
			e.Setenv("GOPROXY", "off")
			e.Setenv("HOME", filepath.Join(e.WorkDir, "tmp"))
			e.Setenv("HHVET_CACHE", filepath.Join(e.WorkDir, "tmp", "cache"))
			e.Setenv("GOTOOLCHAIN", "local")
			e.Setenv("GOFLAGS", "")
			return os.MkdirAll(filepath.Join(e.WorkDir, "tmp"), 0o777)
		},
		Condition: func(cond string) (bool, error) {
			if cond != "cgo" {
				return false, fmt.Errorf("unknown condition %s", cond)
			}
			_, err := exec.LookPath("cc")
			return build.Default.CgoEnabled && err == nil, nil
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"exits": exits,
		},
	})
}

// exits CODE PROGRAM ARGS... runs a program and requires its exit code; its
// output goes to the files stdout and stderr.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE PROGRAM ARGS...")
	}
	err := ts.Exec(args[1], args[2:]...)
	code := "0"
	if err != nil {
		code = strings.TrimPrefix(err.Error(), "exit status ")
	}
	if code != args[0] {
		ts.Fatalf("%s exits with %s, want %s", args[1], code, args[0])
	}
}

// dropExportData takes the names of export data files out of what go vet says
// of a package, if configFile is that.
func dropExportData(configFile string) {
	if !strings.HasSuffix(configFile, ".cfg") {
		return
	}
	data, err := os.ReadFile(configFile)
	if err != nil {
		panic(err)
	}
	var config map[string]any
	if err := json.Unmarshal(data, &config); err != nil {
		panic(err)
	}
	delete(config, "PackageFile")
	if data, err = json.Marshal(config); err != nil {
		panic(err)
	}
	if err := os.WriteFile(configFile, data, 0o666); err != nil {
		panic(err)
	}
}
