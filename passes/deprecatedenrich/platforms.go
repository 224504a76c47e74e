package deprecatedenrich

// platforms are the words that, after an underscore in a file's name, restrict
// it to an operating system or an architecture. Source: go/build's lists as
// of Go 1.26.
var platforms = func() map[string]bool {
	words := make(map[string]bool)
	for _, w := range []string{
		"aix", "android", "darwin", "dragonfly", "freebsd", "hurd", "illumos", "ios", "js", "linux", "nacl",
		"netbsd", "openbsd", "plan9", "solaris", "wasip1", "windows", "zos",
		"386", "amd64", "amd64p32", "arm", "armbe", "arm64", "arm64be", "loong64", "mips", "mipsle", "mips64",
		"mips64le", "mips64p32", "mips64p32le", "ppc", "ppc64", "ppc64le", "riscv", "riscv64", "s390",
		"s390x", "sparc", "sparc64", "wasm",
	} {
		words[w] = true
	}
	return words
}()
