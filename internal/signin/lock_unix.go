//go:build unix

package signin

import (
	"os"
	"syscall"
)

// lockAlone takes a file for this process, until it is closed or the process ends.
func lockAlone(f *os.File) error {
	return syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) //nolint:gosec // a descriptor is an int
}
