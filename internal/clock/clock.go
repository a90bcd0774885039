// Package clock measures how much time has passed for the world outside of the process:
//
//	passed := clock.Between(earlier, now)
//
// Go's monotonic clock goes on while a process is stopped, and stands still while the machine is suspended. The wall
// clock goes on then, and may be set back. Whichever of the two has gone further is taken, so an error of either
// makes things look older than they are, and never younger.
package clock

import "time"

// Between is how much time has passed between two readings of time.Now, or of a test's own clock.
func Between(earlier, later time.Time) time.Duration {
	return max(later.Sub(earlier), later.Round(0).Sub(earlier.Round(0)))
}
