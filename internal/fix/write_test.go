package fix_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/honeyhiveai/hhvet/internal/fix"
)

func TestWrite(t *testing.T) {
	// Each case prepares a directory with the files a and b, which both say
	// "old", and tries to make them say "new".
	tests := []struct {
		name    string
		prepare func(t *testing.T, dir string)
		err     error
		want    map[string]string
	}{
		{
			name: "both",
			want: map[string]string{"a": "new", "b": "new"},
		},
		{
			name:    "one has changed, so neither",
			prepare: func(t *testing.T, dir string) { write(t, filepath.Join(dir, "b"), "edited") },
			err:     fix.ErrChanged,
			want:    map[string]string{"a": "old", "b": "edited"},
		},
		{
			name: "one is read-only, so neither",
			prepare: func(t *testing.T, dir string) {
				if err := os.Chmod(filepath.Join(dir, "b"), 0o444); err != nil {
					t.Fatal(err)
				}
			},
			err:  fix.ErrReadOnly,
			want: map[string]string{"a": "old", "b": "old"},
		},
		{
			name: "one is gone, so neither",
			prepare: func(t *testing.T, dir string) {
				if err := os.Remove(filepath.Join(dir, "b")); err != nil {
					t.Fatal(err)
				}
			},
			err:  os.ErrNotExist,
			want: map[string]string{"a": "old"},
		},
		{
			name: "a link stays a link",
			prepare: func(t *testing.T, dir string) {
				name := filepath.Join(dir, "b")
				if err := os.Rename(name, filepath.Join(dir, "target")); err != nil {
					t.Fatal(err)
				}
				if err := os.Symlink("target", name); err != nil {
					t.Skip(err)
				}
			},
			want: map[string]string{"a": "new", "b": "-> target", "target": "new"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			var files []fix.File
			for _, name := range []string{"a", "b"} {
				name = filepath.Join(dir, name)
				write(t, name, "old")
				files = append(files, fix.File{Name: name, Old: []byte("old"), New: []byte("new")})
			}
			if err := os.Chmod(filepath.Join(dir, "a"), 0o640); err != nil {
				t.Fatal(err)
			}
			if tt.prepare != nil {
				tt.prepare(t, dir)
			}
			err := fix.Write(files)
			if !errors.Is(err, tt.err) {
				t.Errorf("error %v, want %v", err, tt.err)
			}
			var fileErr *fix.FileError
			if tt.err != nil && (!errors.As(err, &fileErr) || fileErr.File != filepath.Join(dir, "b")) {
				t.Errorf("error %v does not name b", err)
			}
			got := make(map[string]string)
			entries, err := os.ReadDir(dir)
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range entries {
				name := filepath.Join(dir, e.Name())
				if target, err := os.Readlink(name); err == nil {
					got[e.Name()] = "-> " + target
					continue
				}
				data, err := os.ReadFile(name)
				if err != nil {
					t.Fatal(err)
				}
				got[e.Name()] = string(data)
			}
			if len(got) != len(tt.want) {
				t.Errorf("directory holds %v, want %v", got, tt.want)
			}
			for name, content := range tt.want {
				if got[name] != content {
					t.Errorf("%s says %q, want %q", name, got[name], content)
				}
			}
			if info, err := os.Stat(filepath.Join(dir, "a")); err != nil || info.Mode().Perm() != 0o640 {
				t.Errorf("mode of a: %v, %v", info.Mode(), err)
			}
		})
	}
}

func write(t *testing.T, name, content string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(content), 0o666); err != nil {
		t.Fatal(err)
	}
}
