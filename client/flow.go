package client

import (
	"math"
	"slices"
	"time"
)

// This file keeps what became of a label's calls in the last seconds. Two things
// follow from it: how many calls may be under way when it is not known whether
// Zoom takes that many, and what Zoom's limit is when it refuses one.

const (
	window    = 1030 * time.Millisecond // Zoom's second, and what calls may bunch on their way
	flowTime  = 4 * time.Second         // for which calls are remembered
	peakLife  = time.Minute             // after which half of a peak is forgotten
	carefully = 4                       // calls that start together where nothing is known
	careMost  = 8                       // calls that are tried beyond what went well, at most
	careLeast = 2                       // and at least
	carePart  = 8                       // and in between, this part of a second's calls
	growsTo   = 1.5                     // times what went well in a second, that may be under way
)

// flow is the recent past of one label's calls. Its zero value knows nothing.
type flow struct {
	open   []time.Time // turns within the window whose calls have not ended, in order
	good   []time.Time // when calls that Zoom took were sent, in order
	bin    bin         // the second that is running
	past   bin         // the one before
	peak   float64     // most calls of a second that Zoom took, fading
	peakAt time.Time
	cut    time.Time // when the last 429 that counted was read
	from   time.Time // the second that it ended began
	to     time.Time // and when it ended: the call was sent
	waited time.Time // when calls last waited for turns
}

// bin counts the calls sent in a second that Zoom took.
type bin struct {
	since time.Time
	good  float64
}

// begin notes a turn that was taken.
func (f *flow) begin(now time.Time) {
	f.roll(now)
	f.open = append(f.open, now)
}

// undo takes back the last turn, which no call was made for.
func (f *flow) undo() {
	if n := len(f.open); n > 0 {
		f.open = f.open[:n-1]
	}
}

// end notes what became of the call that was sent at that time: good if Zoom took
// it. It tells whether this is a call that was under way at the last 429 and
// belongs to the same second.
func (f *flow) end(sent, now time.Time, good bool) (late bool) {
	f.roll(now)
	if i := after(f.open, sent); i > 0 && now.Sub(sent) < window {
		f.open = slices.Delete(f.open, i-1, i)
	}
	if !good {
		return false
	}
	f.good = slices.Insert(f.good, after(f.good, sent), sent)
	switch {
	case !sent.Before(f.bin.since):
		f.bin.good++
	case !sent.Before(f.past.since):
		f.past.good++
		f.climb(f.past.good, now)
	}
	return sent.After(f.from) && !sent.After(f.to)
}

// roll forgets what is too long ago, and begins another second after the last one.
func (f *flow) roll(now time.Time) {
	f.open = f.open[after(f.open, now.Add(-window)):]
	f.good = f.good[after(f.good, now.Add(-flowTime)):]
	if now.Sub(f.bin.since) >= time.Second {
		f.past, f.bin = f.bin, bin{since: now}
		f.climb(f.past.good, now)
	}
}

// climb raises the peak to what a whole second has brought.
func (f *flow) climb(good float64, now time.Time) {
	f.peak, f.peakAt = max(good, f.fading(now)), now
}

// fading is what is left of the peak.
func (f *flow) fading(now time.Time) float64 {
	return f.peak * math.Exp2(-now.Sub(f.peakAt).Seconds()/peakLife.Seconds())
}

// room is how many calls may be sent now, beside those that were sent within the
// last second and have not ended. A limit that is lower than the configured rate
// is so passed by a few calls only. Processes that share the rate share the care.
func (f *flow) room(now time.Time, perSecond float64, processes int) int {
	care := min(max(careLeast, min(careMost, perSecond/carePart)), carefully+float64(len(f.good)))
	most := max(1, care/float64(processes)) + growsTo*f.fading(now)
	return int(min(most, math.MaxInt32)) - len(f.open)
}

// full tells until when no call may be sent, as the last second holds as many as
// a limit allows; zero if it does not.
func (f *flow) full(now time.Time, limit float64) time.Time {
	since := now.Add(-window)
	good := f.good[after(f.good, since):]
	if len(good)+len(f.open) < int(max(1, math.Ceil(limit-0.01))) {
		return time.Time{}
	}
	return earliest(f.open, good).Add(window)
}

// next is when the oldest call that was sent within the last second is older.
func (f *flow) next() time.Time { return earliest(f.open, nil).Add(window) }

// refused takes in a 429 of a call that was sent at that time. It returns how many
// calls a second Zoom took until then, and when the oldest of the last second is
// older than that.
func (f *flow) refused(sent, now time.Time) (perSecond float64, open time.Time) {
	f.cut, f.from, f.to = now, sent.Add(-time.Second), sent
	until := after(f.good, sent)
	first := after(f.good[:until], f.from)
	perSecond = max(float64(until-first), float64(until)/flowTime.Seconds())
	if first < until {
		open = f.good[first].Add(window)
	}
	return perSecond, open
}

// after is how many of these times, which are in order, are not after t.
func after(times []time.Time, t time.Time) int {
	n, _ := slices.BinarySearchFunc(times, t, func(a, b time.Time) int {
		if a.After(b) {
			return 1
		}
		return -1
	})
	return n
}

func earliest(a, b []time.Time) time.Time {
	switch {
	case len(a) == 0 && len(b) == 0:
		return time.Time{}
	case len(a) == 0, len(b) > 0 && b[0].Before(a[0]):
		return b[0]
	}
	return a[0]
}
