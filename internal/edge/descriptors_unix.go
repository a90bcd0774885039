//go:build unix

package edge

import (
	"math"
	"syscall"
)

// descriptors is how many files and connections the process may have open; 0: as many as it likes.
func descriptors() int {
	var limit syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit) != nil {
		return 0
	}
	return int(min(uint64(limit.Cur), math.MaxInt32)) //nolint:unconvert // signed on some systems
}
