//go:build unix

package fix

import (
	"io/fs"
	"os"
	"syscall"
)

// copyOwner keeps a file its owner's when somebody else, such as the
// superuser, fixes it. Where that is not allowed the file is simply theirs.
func copyOwner(f *os.File, info fs.FileInfo) {
	if stat, ok := info.Sys().(*syscall.Stat_t); ok {
		_ = f.Chown(int(stat.Uid), int(stat.Gid))
	}
}
