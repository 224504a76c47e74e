package driver

import (
	"bytes"
	"errors"
	"fmt"
	"go/token"
	"go/types"
	"io"
	"os"

	"golang.org/x/tools/go/gcexportdata"
)

// importer reads packages from export data into one set of types, which may
// serve any number of packages as long as they agree on what a path means.
// It is not safe for concurrent use, and neither are the types while it reads:
// reading one package may fill in another that was only mentioned so far.
type importer struct {
	fset *token.FileSet
	seen map[string]*types.Package
}

func newImporter() *importer {
	return &importer{fset: token.NewFileSet(), seen: make(map[string]*types.Package)}
}

// read returns the package of that path from the export data that open gives.
func (im *importer) read(path string, open func() (io.ReadCloser, error)) (*types.Package, error) {
	if path == "unsafe" {
		return types.Unsafe, nil
	}
	if pkg := im.seen[path]; pkg != nil && pkg.Complete() {
		return pkg, nil
	}
	file, err := open()
	if err != nil {
		return nil, err
	}
	defer file.Close()
	//lint:ignore SA1019 the go command's export data is an archive up to Go 1.27.
	r, err := gcexportdata.NewReader(file) //nolint:staticcheck // as above
	if err != nil {
		return nil, fmt.Errorf("export data of %s: %w", path, err)
	}
	return gcexportdata.Read(r, im.fset, im.seen, path)
}

func openFile(name string) func() (io.ReadCloser, error) {
	return func() (io.ReadCloser, error) {
		if name == "" {
			return nil, errors.New("it does not compile")
		}
		return os.Open(name)
	}
}

func openBytes(data []byte) func() (io.ReadCloser, error) {
	return func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil }
}
