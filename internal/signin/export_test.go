package signin

import "time"

// WithError is withError, for the fuzz target.
var WithError = withError //nolint:gochecknoglobals // for a test

// SetClock gives a folder a clock that tests move.
func (f *Folder) SetClock(now func() time.Time) { f.now = now }
