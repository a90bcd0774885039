package signin

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"sync"
	"time"
)

const (
	sessionFile = ".session" // how the names of files end that hold one
	draftFile   = ".draft"   // and of those that are being written
	lockFile    = "lock"
)

// Folder is a Keeper of one process, in files that outlive it: one a session, whose time of change is when it expires.
type Folder struct {
	root *os.Root
	lock *os.File
	now  func() time.Time
	mu   sync.Mutex // held while files change
}

// OpenFolder takes a folder for this process alone, and makes it where there is none. One in which other users may write
// is refused. The error says why it cannot.
func OpenFolder(path string) (_ *Folder, err error) {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return nil, err
	}
	f := &Folder{now: time.Now}
	if f.root, err = os.OpenRoot(path); err != nil {
		return nil, err
	}
	if err := f.guard(path); err != nil {
		return nil, errors.Join(err, f.root.Close())
	}
	if f.lock, err = f.root.OpenFile(lockFile, os.O_CREATE|os.O_RDWR, 0o600); err != nil {
		return nil, errors.Join(err, f.root.Close())
	}
	if err := lockAlone(f.lock); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: another process keeps its sessions here: %w", path, err), f.lock.Close(), f.root.Close())
	}
	if err := f.sweep(); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// Close lets another process have the folder.
func (f *Folder) Close() error { return errors.Join(unlock(f.lock), f.lock.Close(), f.root.Close()) }

// sweep removes what has expired, and what a process left half written.
func (f *Folder) sweep() error {
	entries, err := fs.ReadDir(f.root.FS(), ".")
	if err != nil {
		return err
	}
	for _, e := range entries {
		info, err := e.Info()
		if err != nil {
			continue // it is gone already
		}
		expired := strings.HasSuffix(e.Name(), sessionFile) && !f.now().Before(info.ModTime())
		if expired || strings.HasSuffix(e.Name(), draftFile) {
			if err := f.root.Remove(e.Name()); err != nil {
				return err
			}
		}
	}
	return nil
}

// Add writes a file.
func (f *Folder) Add(_ context.Context, key string, value []byte, life time.Duration) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.sweep(); err != nil { // somebody signs in: rare enough for a look at all files
		return err
	}
	return f.write(key, value, life)
}

// write puts a file in its place when it is whole and on the disk.
func (f *Folder) write(key string, value []byte, life time.Duration) error {
	name := key + draftFile
	draft, err := f.root.OpenFile(name, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = draft.Write(value)
	err = errors.Join(err, draft.Sync(), draft.Close())
	if err == nil {
		err = f.until(name, life)
	}
	if err == nil {
		err = f.root.Rename(name, key+sessionFile)
	}
	if err != nil {
		return errors.Join(err, f.root.Remove(name))
	}
	folder, err := f.root.Open(".") // so that the name stays as well
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}

func (f *Folder) until(name string, life time.Duration) error {
	return f.root.Chtimes(name, time.Time{}, f.now().Add(life))
}

// Get reads a file.
func (f *Folder) Get(_ context.Context, key string) ([]byte, error) {
	info, err := f.root.Stat(key + sessionFile)
	if err == nil && !f.now().Before(info.ModTime()) {
		return nil, fs.ErrNotExist
	}
	var value []byte
	if err == nil {
		value, err = f.root.ReadFile(key + sessionFile)
	}
	return value, err
}

// Swap replaces a file whose content is the old value.
func (f *Folder) Swap(ctx context.Context, key string, old, value []byte, life time.Duration) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	found, err := f.Get(ctx, key)
	switch {
	case err != nil:
		return err
	case !bytes.Equal(found, old) && !bytes.Equal(found, value): // the latter was written before an error
		return fs.ErrNotExist
	}
	return f.write(key, value, life)
}

// Touch lets a file expire later.
func (f *Folder) Touch(_ context.Context, key string, life time.Duration) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	err := f.until(key+sessionFile, life)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// Remove removes a file.
func (f *Folder) Remove(_ context.Context, key string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	err := f.root.Remove(key + sessionFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// Claim is granted at once: the folder is this process's alone.
func (f *Folder) Claim(context.Context, string) (func(), error) { return func() {}, nil }
