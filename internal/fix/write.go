package fix

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Write replaces the files of one package, all of them or none. Each is
// either old or new at any moment. Files that are not what they were when
// they were analysed are not touched, and neither are the others then.
func Write(files []File) error {
	var staged []*staging
	defer func() {
		for _, s := range staged {
			s.discard()
		}
	}()
	for _, f := range files {
		s, err := stage(f)
		if err != nil {
			return &FileError{f.Name, reason(err)}
		}
		staged = append(staged, s)
	}
	for i, s := range staged {
		if err := s.commit(); err != nil {
			return &FileError{files[i].Name, errors.Join(err, restore(files[:i]))}
		}
	}
	return nil
}

// reason leaves the name of a file out of err: it is often that of a temporary
// file.
func reason(err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err
	}
	return err
}

// restore puts back what was written before a later file failed.
func restore(files []File) error {
	for i, f := range files {
		files[i].Old, files[i].New = f.New, f.Old
	}
	if len(files) == 0 {
		return nil
	}
	return Write(files)
}

// FileError says why a file was not written.
type FileError struct {
	File string
	Err  error
}

func (e *FileError) Error() string { return e.File + ": " + e.Err.Error() }
func (e *FileError) Unwrap() error { return e.Err }

// ErrChanged says that a file is no longer what was analysed.
var ErrChanged = errors.New("changed since it was analysed; it is left alone")

// ErrReadOnly says that a file must not be written.
var ErrReadOnly = errors.New("read-only; it is left alone")

// staging is a new file next to the one that it will replace.
type staging struct {
	target string // with symbolic links resolved
	temp   string
	old    []byte
}

func stage(f File) (_ *staging, err error) {
	target, err := filepath.EvalSymlinks(f.Name)
	if err != nil {
		return nil, err
	}
	info, err := os.Stat(target)
	if err != nil {
		return nil, err
	}
	// The superuser may write to such files, but nobody meant it to.
	if info.Mode().Perm()&0o222 == 0 {
		return nil, ErrReadOnly
	}
	if w, err := os.OpenFile(target, os.O_WRONLY, 0); err != nil {
		if errors.Is(err, fs.ErrPermission) {
			return nil, ErrReadOnly
		}
		return nil, err
	} else {
		w.Close()
	}
	s := &staging{target: target, old: f.Old}
	if err := s.unchanged(); err != nil {
		return nil, err
	}
	// The go command ignores names that start with a dot.
	temp, err := os.CreateTemp(filepath.Dir(target), ".hhvet-*")
	if err != nil {
		return nil, fmt.Errorf("make a temporary file beside it: %w", reason(err))
	}
	s.temp = temp.Name()
	defer func() {
		if err != nil {
			s.discard()
		}
	}()
	_, err = temp.Write(f.New)
	if err == nil {
		err = temp.Chmod(info.Mode().Perm())
	}
	if err == nil {
		copyOwner(temp, info)
		err = temp.Sync()
	}
	if closeErr := temp.Close(); err == nil {
		err = closeErr
	}
	return s, err
}

func (s *staging) unchanged() error {
	now, err := os.ReadFile(s.target)
	if err != nil {
		return err
	}
	if !bytes.Equal(now, s.old) {
		return ErrChanged
	}
	return nil
}

func (s *staging) commit() error {
	if err := s.unchanged(); err != nil {
		return err
	}
	if err := os.Rename(s.temp, s.target); err != nil {
		return err
	}
	s.temp = ""
	syncDir(filepath.Dir(s.target))
	return nil
}

// discard removes the temporary file unless it has become the target.
func (s *staging) discard() {
	if s.temp != "" {
		os.Remove(s.temp)
		s.temp = ""
	}
}

// syncDir makes a rename durable. Not every file system can; the rename
// itself has happened either way.
func syncDir(dir string) {
	if d, err := os.Open(dir); err == nil {
		_ = d.Sync()
		_ = d.Close()
	}
}
