//go:build unix

package signin

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

const (
	othersWrite = 0o002
	foreignMay  = 0o022 // the group, or others
)

// guard refuses a folder in which another user of this machine may change what is kept, or which one may exchange for
// another folder. A symlink may lead to it.
func (f *Folder) guard(path string) error {
	info, err := f.root.Stat(".")
	if err != nil {
		return err
	}
	if owner, ok := foreignOwner(info); ok {
		return fmt.Errorf("%s belongs to user %d, who can change what is kept in it; wanted is a folder of the user of this service, %d", path, owner, os.Geteuid())
	}
	if info.Mode().Perm()&foreignMay != 0 {
		return writable(path, info)
	}
	entries, err := fs.ReadDir(f.root.FS(), ".")
	if err != nil {
		return err
	}
	for _, e := range entries {
		info, err := e.Info()
		if err == nil && info.Mode().IsRegular() && info.Mode().Perm()&foreignMay != 0 {
			return writable(filepath.Join(path, e.Name()), info)
		}
	}
	return guardAbove(path)
}

// guardAbove refuses a folder above which everybody may rename something: above the path as it is given, and above where
// its symlinks lead.
func guardAbove(path string) error {
	given, err := filepath.Abs(path)
	if err != nil {
		return err
	}
	led, err := filepath.EvalSymlinks(given)
	if err != nil {
		return err
	}
	for _, at := range []string{given, led} {
		for at != filepath.Dir(at) {
			at = filepath.Dir(at)
			info, err := os.Stat(at)
			if err != nil {
				return err
			}
			if info.Mode().Perm()&othersWrite != 0 && info.Mode()&fs.ModeSticky == 0 {
				return fmt.Errorf("%s lies in %s, where every user may exchange it: its mode is %v, and wanted is %v; run chmod o-w %s", path, at, info.Mode(), info.Mode()&^othersWrite, at)
			}
		}
	}
	return nil
}

func writable(path string, info fs.FileInfo) error {
	return fmt.Errorf("%s may be changed by other users: its mode is %v, and wanted is %v; run chmod go-w %s", path, info.Mode(), info.Mode()&^foreignMay, path)
}

// foreignOwner tells whose something is, where it is neither this process's user's nor root's.
func foreignOwner(info fs.FileInfo) (user uint32, foreign bool) {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok || stat.Uid == 0 || int64(stat.Uid) == int64(os.Geteuid()) {
		return 0, false
	}
	return stat.Uid, true
}
