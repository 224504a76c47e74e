package honeyhive

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// disk has room for so many bytes.
type disk struct {
	strings.Builder
	room int
}

func (d *disk) Write(p []byte) (int, error) {
	if len(p) <= d.room {
		d.room -= len(p)
		return d.Builder.Write(p)
	}
	n, _ := d.Builder.Write(p[:d.room])
	d.room = 0
	return n, errors.New("no space left on device")
}

func TestLinesOnAFullDisk(t *testing.T) {
	for room, want := range map[int]string{
		0: "third\n", 2: "fi\nthird\n", 5: "first\nthird\n", 6: "first\nthird\n", 8: "first\nse\nthird\n",
	} {
		d := &disk{room: room}
		l := &lineFile{Writer: d}
		first, second := l.append([]byte("first")), l.append([]byte("second"))
		if (first == nil) != (room > 5) || second == nil {
			t.Errorf("room for %d bytes: %v, %v", room, first, second)
		}
		d.room = 100
		if err := l.append([]byte("third")); err != nil || d.String() != want {
			t.Errorf("room for %d bytes: %q, %v; want %q", room, d.String(), err, want)
		}
	}
}

func TestLinesGoOnAfterATornOne(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lines")
	for _, tt := range []struct{ before, after string }{
		{"", "line\n"}, {"whole\n", "whole\nline\n"}, {"tor", "tor\nline\n"},
	} {
		if err := os.WriteFile(path, []byte(tt.before), 0o600); err != nil {
			t.Fatal(err)
		}
		l, err := openLines(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(l.append([]byte("line")), l.Close()); err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(path); err != nil || string(got) != tt.after {
			t.Errorf("%q became %q, %v", tt.before, got, err)
		}
	}
}

// A line that another process is writing when the file is opened is not torn.
func TestLinesGoOnAfterOneInTheMaking(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "lines")
		if err := os.WriteFile(path, []byte("fir"), 0o600); err != nil {
			t.Fatal(err)
		}
		other, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
		if err != nil {
			t.Fatal(err)
		}
		defer other.Close()
		go func() {
			time.Sleep(tornFor / 2)
			if _, err := other.WriteString("st\n"); err != nil {
				t.Error(err)
			}
		}()
		l, err := openLines(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(l.append([]byte("second")), l.Close()); err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(path); err != nil || string(got) != "first\nsecond\n" {
			t.Errorf("%q, %v", got, err)
		}
	})
}
