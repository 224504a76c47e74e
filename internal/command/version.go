package command

import (
	"crypto/sha256"
	"fmt"
	"os"
	"runtime/debug"
	"strings"

	"github.com/honeyhiveai/hhvet/internal/driver"
)

// version is that of the module which the binary was built from.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" {
		return "(unknown)"
	}
	return info.Main.Version
}

// describe answers -V=full. The go command keeps results for as long as the
// line stays the same, so it follows the bytes of the executable. With
// -trimpath the go command also takes results, whose names of files are
// absolute, from another copy of a package: it would fix the files of that copy.
func (c *command) describe() int {
	id, err := driver.ExecutableID()
	if err != nil {
		return c.fail(err)
	}
	if strings.Contains(os.Getenv("GOFLAGS"), "-trimpath") {
		dir, err := os.Getwd()
		if err != nil {
			return c.fail(err)
		}
		id += dir
	}
	fmt.Fprintf(c.stdout, "hhvet version devel %s buildID=%x\n", version(), sha256.Sum256([]byte(id)))
	return exitClean
}
