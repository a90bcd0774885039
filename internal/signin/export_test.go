package signin

import "time"

// WithError is withError, for the fuzz target.
var WithError = withError //nolint:gochecknoglobals // for a test

// SetClock gives a folder a clock that tests move.
func (f *Folder) SetClock(now func() time.Time) { f.now = now }

// SetRefusedRest says for how long a wrong code keeps its place.
func (s *Service) SetRefusedRest(d time.Duration) { s.refusedRest = d }

// NewMemory is the keeper of a process that forgets.
func NewMemory() Keeper { return newMemory(time.Now) }
