//go:build unix

package signin_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"zoomgraph/internal/signin"
)

// TestGuardedFolder: a folder in which others may write is refused, in words that say what to do. Nobody is locked out by it.
func TestGuardedFolder(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		path  string                 // that is opened
		modes map[string]fs.FileMode // of what is there; a name with a point is a file's
		links map[string]string
		want  []string // in the error; nil: it is taken
	}{
		{name: "a new one", path: "state"},
		{name: "a new one, deep", path: "a/b/state"},
		{name: "its own", path: "state", modes: map[string]fs.FileMode{"state": 0o700, "state/a.session": 0o600}},
		{name: "that others may read", path: "state", modes: map[string]fs.FileMode{"state": 0o755, "state/a.session": 0o644}},
		{name: "that nobody may write yet", path: "state", modes: map[string]fs.FileMode{"state": 0o700, "state/a.session": 0o400}},
		{name: "that the group may write", path: "state", modes: map[string]fs.FileMode{"state": 0o770}, want: []string{"/state may be changed by other users", "drwxrwx---", "wanted is drwxr-x---", "chmod go-w "}},
		{name: "that the group may only write", path: "state", modes: map[string]fs.FileMode{"state": 0o720}, want: []string{"drwx-w----", "chmod go-w "}},
		{name: "of a shared group", path: "state", modes: map[string]fs.FileMode{"state": 0o770 | fs.ModeSetgid}, want: []string{"chmod go-w "}},
		{name: "that all may write", path: "state", modes: map[string]fs.FileMode{"state": 0o707}, want: []string{"drwx---rwx", "chmod go-w "}},
		{name: "that all may write, sticky", path: "state", modes: map[string]fs.FileMode{"state": 0o777 | fs.ModeSticky}, want: []string{"chmod go-w "}},
		{name: "with a session that all may write", path: "state", modes: map[string]fs.FileMode{"state": 0o700, "state/a.session": 0o666}, want: []string{"/state/a.session may be changed", "-rw-rw-rw-", "chmod go-w "}},
		{name: "with a lock that the group may write", path: "state", modes: map[string]fs.FileMode{"state": 0o700, "state/lock.": 0o660}, want: []string{"/state/lock. may be changed", "chmod go-w "}},
		{name: "below one that all may write", path: "a/state", modes: map[string]fs.FileMode{"a": 0o777, "a/state": 0o700}, want: []string{"/a/state lies in ", "/a,", "drwxrwxrwx", "chmod o-w "}},
		{name: "far below one that all may write", path: "a/b/state", modes: map[string]fs.FileMode{"a": 0o707, "a/b": 0o700, "a/b/state": 0o700}, want: []string{"/a/b/state lies in ", "chmod o-w "}},
		{name: "a new one below one that all may write", path: "a/state", modes: map[string]fs.FileMode{"a": 0o777}, want: []string{"chmod o-w "}},
		{name: "below one like /tmp", path: "a/state", modes: map[string]fs.FileMode{"a": 0o777 | fs.ModeSticky, "a/state": 0o700}},
		{name: "below one of a group", path: "a/state", modes: map[string]fs.FileMode{"a": 0o775, "a/state": 0o700}},
		{name: "by a link", path: "link", modes: map[string]fs.FileMode{"state": 0o700}, links: map[string]string{"link": "state"}},
		{name: "by a link to what all may write", path: "link", modes: map[string]fs.FileMode{"state": 0o777}, links: map[string]string{"link": "state"}, want: []string{"chmod go-w "}},
		{name: "by a link into what all may write", path: "link", modes: map[string]fs.FileMode{"a": 0o777, "a/state": 0o700}, links: map[string]string{"link": "a/state"}, want: []string{"chmod o-w "}},
		{name: "by a link that all may exchange", path: "a/link", modes: map[string]fs.FileMode{"a": 0o777, "state": 0o700}, links: map[string]string{"a/link": "../state"}, want: []string{"chmod o-w "}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			root := t.TempDir()
			for _, dir := range []bool{true, false} {
				for name := range tt.modes {
					if isDir := !strings.Contains(name, "."); isDir != dir {
						continue
					} else if err := makeOne(filepath.Join(root, name), isDir); err != nil {
						t.Fatal(err)
					}
				}
			}
			for name, mode := range tt.modes {
				if err := os.Chmod(filepath.Join(root, name), mode); err != nil {
					t.Fatal(err)
				}
			}
			for name, to := range tt.links {
				if err := os.Symlink(to, filepath.Join(root, name)); err != nil {
					t.Fatal(err)
				}
			}
			f, err := signin.OpenFolder(filepath.Join(root, tt.path))
			if err == nil {
				defer f.Close()
			}
			if (err == nil) != (tt.want == nil) {
				t.Fatalf("opened with %v, want %q", err, tt.want)
			}
			for _, want := range tt.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("refused by %v, want %q", err, want)
				}
			}
			if tt.want != nil { // and it can be had once it is mended
				for name, mode := range tt.modes {
					if err := os.Chmod(filepath.Join(root, name), mode&^0o022); err != nil {
						t.Fatal(err)
					}
				}
				folder(t, filepath.Join(root, tt.path))
			}
		})
	}
}

func makeOne(path string, dir bool) error {
	if dir {
		return os.MkdirAll(path, 0o700)
	}
	return os.WriteFile(path, []byte("x"), 0o600)
}

// TestForeignFolder: a folder of another user's is refused.
func TestForeignFolder(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "state")
	if err := os.Mkdir(path, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Chown(path, 12345, -1); err != nil {
		t.Skip("only root can make a folder of another user's")
	}
	if _, err := signin.OpenFolder(path); err == nil || !strings.Contains(err.Error(), "belongs to user 12345") {
		t.Errorf("opened with %v", err)
	}
}
