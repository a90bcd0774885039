//go:build unix

package signin

import (
	"os"
	"syscall"
)

// lockAlone takes a file for this process, until it is closed or the process ends.
func lockAlone(f *os.File) error {
	return syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
}

// unlock gives it back. Closing alone would not where a child of this process has the file as well.
func unlock(f *os.File) error {
	return syscall.Flock(int(f.Fd()), syscall.LOCK_UN)
}
