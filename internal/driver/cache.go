package driver

import (
	"bytes"
	"crypto/sha256"
	"encoding/gob"
	"encoding/hex"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/honeyhiveai/hhvet/internal/facts"
)

// settled are the dependencies outside of the main modules, which seldom
// change. Their facts are kept together in one file.
type settled struct {
	file  string                // "" where there is nothing to be kept
	ids   map[string]bool       // of the packages
	facts map[string]facts.List // their own facts by ID, nil until known
}

// settle looks up what an earlier run found out about such dependencies. The
// go command names a package's export data by its source to the letter, so
// that the names stand for the packages as long as those of all their imports
// are known too.
func (s *Session) settle() *settled {
	c := &settled{ids: make(map[string]bool)}
	key := sha256.New()
	unsettled := make(map[string]bool)
	for _, p := range s.graph.Packages {
		if p.Standard {
			continue
		}
		if p.Root || p.Export == "" || p.Module == nil || p.Module.Main ||
			slices.ContainsFunc(p.Imports, func(id string) bool { return unsettled[id] }) {
			unsettled[p.ID] = true
			continue
		}
		c.ids[p.ID] = true
		fmt.Fprintf(key, "%s %s\n", p.ID, filepath.Base(p.Export))
	}
	executable, err := ExecutableID()
	if len(c.ids) == 0 || s.config.CacheDir == "" || err != nil {
		return c
	}
	fmt.Fprintf(key, "%s\n%s\n%q\n", executable, s.graph.GOARCH, s.config.Tokens)
	for _, a := range s.config.Analyzers {
		fmt.Fprintf(key, "%s\n", a.Name)
		a.Flags.VisitAll(func(f *flag.Flag) { fmt.Fprintf(key, "%s=%q\n", f.Name, f.Value) })
	}
	c.file = filepath.Join(s.config.CacheDir, hex.EncodeToString(key.Sum(nil))+extension)
	data, err := os.ReadFile(c.file)
	if err != nil {
		return c
	}
	var known map[string]facts.List
	if data, ok := unseal(data); ok && gob.NewDecoder(bytes.NewReader(data)).Decode(&known) == nil && known != nil {
		c.facts = known
		now := time.Now()
		_ = os.Chtimes(c.file, now, now) // still in use
	}
	return c
}

// extension is that of files of facts. No others are removed: the user may
// have named a directory that has more in it.
const extension = ".facts"

func editedSince(t time.Time, files []string) bool {
	return slices.ContainsFunc(files, func(name string) bool {
		info, err := os.Stat(name)
		return err != nil || info.ModTime().After(t)
	})
}

// unused is how long a file of facts is kept without being read.
const unused = 30 * 24 * time.Hour

// seal puts a checksum before data: gob takes much that is damaged for facts.
func seal(data []byte) []byte {
	sum := sha256.Sum256(data)
	return append(sum[:], data...)
}

func unseal(sealed []byte) (data []byte, ok bool) {
	if len(sealed) < sha256.Size {
		return nil, false
	}
	data = sealed[sha256.Size:]
	sum := sha256.Sum256(data)
	return data, bytes.Equal(sum[:], sealed[:sha256.Size])
}

// keep writes the facts of the settled dependencies for later runs. A run
// does as well without, so errors are not worth a word. Where a file has been
// edited since listing began, the facts may be of another source than the one
// that the export data is named after, and are not kept.
func (c *settled) keep(nodes []*node, began time.Time) {
	if c.file == "" || c.facts != nil {
		return
	}
	own := make(map[string]facts.List)
	for _, n := range nodes {
		if !c.ids[n.pkg.ID] {
			continue
		}
		if n.broken || len(n.failures) > 0 || editedSince(began, n.pkg.GoFiles) {
			return
		}
		for _, f := range n.facts {
			if f.PkgPath == n.pkg.PkgPath {
				own[n.pkg.ID] = append(own[n.pkg.ID], f)
			}
		}
	}
	var data bytes.Buffer
	dir := filepath.Dir(c.file)
	if gob.NewEncoder(&data).Encode(own) != nil || os.MkdirAll(dir, 0o777) != nil {
		return
	}
	temp, err := os.CreateTemp(dir, "new-*"+extension)
	if err != nil {
		return
	}
	_, err = temp.Write(seal(data.Bytes()))
	if closeErr := temp.Close(); err != nil || closeErr != nil || os.Rename(temp.Name(), c.file) != nil {
		os.Remove(temp.Name())
	}
	old, _ := os.ReadDir(dir)
	for _, entry := range old {
		if filepath.Ext(entry.Name()) != extension {
			continue
		}
		if info, err := entry.Info(); err == nil && time.Since(info.ModTime()) > unused {
			os.Remove(filepath.Join(dir, entry.Name()))
		}
	}
}
