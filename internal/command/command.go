// Package command is the hhvet command: its flags, what it prints and the
// codes it exits with. The work is done by the packages beside it.
package command

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/debug"
	"strings"
	"syscall"

	"golang.org/x/tools/go/analysis"

	"github.com/honeyhiveai/hhvet/internal/driver"
	"github.com/honeyhiveai/hhvet/internal/lexical"
)

// Exit codes.
const (
	exitClean    = 0
	exitFailure  = 1 // something could not be analysed, listed or written; or a diff is not empty
	exitFindings = 3
)

// Suite is the analyzers of a command, and what is known of them.
type Suite struct {
	Analyzers []*analysis.Analyzer
	// Tokens returns texts that decide, without parsing it, whether a package
	// can matter to analyzers of the suite, as analyzer.Tokens does. It may be
	// nil, and may return nil: every package can matter then.
	Tokens func([]*analysis.Analyzer) []lexical.Token
}

// Main runs the command with the arguments after the program's name, until it
// is done or interrupted, and returns the exit code.
func Main(suite Suite, args []string, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second interrupt ends the process at once
	if os.Getenv("GOGC") == "" {
		// A run is short and its heap small: collecting less often is cheaper.
		debug.SetGCPercent(400)
	}
	c := &command{ctx: ctx, stdout: stdout, stderr: stderr, analyzers: suite.Analyzers, tokens: suite.Tokens}
	return c.main(args)
}

type command struct {
	ctx            context.Context
	stdout, stderr io.Writer
	analyzers      []*analysis.Analyzer // those that are switched on
	tokens         func([]*analysis.Analyzer) []lexical.Token
	options        options
}

func (c *command) main(args []string) int {
	flags, enable := c.newFlagSet()
	if len(args) > 0 && args[0] == "help" {
		return c.help(flags, args[1:])
	}
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return c.help(flags, nil)
		}
		return c.usageError("%v", err)
	}
	o := &c.options
	switch {
	case o.describe == "full":
		return c.describe()
	case o.describe != "":
		return c.usageError("-V=%s means nothing; the go command asks for -V=full, people for -version", o.describe)
	case o.version:
		fmt.Fprintln(c.stdout, "hhvet", version())
		return exitClean
	case o.listFlags:
		return c.printFlags(flags)
	}
	suite := c.analyzers
	c.analyzers = selected(suite, enable)
	if flags.NArg() > 0 && strings.HasSuffix(flags.Arg(0), ".cfg") {
		if flags.NArg() > 1 {
			return c.usageError("a .cfg file, which go vet passes, must be the only argument")
		}
		return c.unit(flags.Arg(0))
	}
	if err := o.validate(); err != nil {
		return c.usageError("%v", err)
	}
	if len(c.analyzers) == 0 {
		return c.usageError("all analyzers are switched off; leave out one of the -NAME=false flags")
	}
	patterns := flags.Args()
	for _, p := range patterns {
		if strings.HasPrefix(p, "-") {
			return c.usageError("flags come before packages, and %s is behind one", p)
		}
	}
	if len(patterns) == 0 {
		patterns = []string{"."}
	}
	return c.standalone(patterns)
}

// config is what the drivers need to know.
func (c *command) config() driver.Config {
	config := driver.Config{Analyzers: c.analyzers, CacheDir: os.Getenv("HHVET_CACHE")}
	if config.CacheDir == "off" {
		config.CacheDir = ""
	} else if dir, err := os.UserCacheDir(); config.CacheDir == "" && err == nil {
		config.CacheDir = filepath.Join(dir, "hhvet")
	}
	if c.tokens != nil {
		config.Tokens = c.tokens(c.analyzers)
	}
	return config
}

// usageError says what is wrong with the command line and where to read on.
func (c *command) usageError(format string, args ...any) int {
	fmt.Fprintf(c.stderr, "hhvet: "+format+"\n", args...)
	fmt.Fprintln(c.stderr, "usage: hhvet [flags] [packages], for example: hhvet ./...")
	fmt.Fprintln(c.stderr, `Run "hhvet help" for the flags.`)
	return exitFailure
}

// fail reports why the command gives up.
func (c *command) fail(err error) int {
	if errors.Is(err, context.Canceled) {
		fmt.Fprintln(c.stderr, "hhvet: interrupted")
	} else {
		fmt.Fprintf(c.stderr, "hhvet: %v\n", err)
	}
	return exitFailure
}
