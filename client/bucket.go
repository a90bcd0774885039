package client

import (
	"math"
	"time"
)

const (
	recovery  = 0.05 // of the configured rate, which a lowered one regains a second
	cutTo     = 0.75 // of the rate, after a 429
	cutPause  = time.Second
	almost    = 1e-9               // tokens that rounding may lose
	longestOf = 366 * 24 * 60 * 60 // seconds a wait is told to last at most
)

// bucket is the arithmetic of one label: tokens, one a call, that come in at a
// rate. The rate follows what Zoom tells, below the configured one. It has no
// clock and no lock of its own.
type bucket struct {
	configured float64   // calls a second; 0: not paced
	size       float64   // tokens when full, at the configured rate
	ceiling    float64   // what rate recovers to
	rate       float64   // calls a second in force at the time at
	level      float64   // tokens at the time at
	at         time.Time // of the last refill; ahead of now while no tokens come in
	cutAt      time.Time // of the last cut
}

func newBucket(rate, burst float64, now time.Time) bucket {
	b := bucket{configured: rate, size: burst, ceiling: rate, rate: rate, at: now}
	b.level = b.full()
	return b
}

func (b *bucket) paced() bool { return b.configured > 0 }

// full is how many tokens the bucket holds: its size, less where Zoom's limit is
// lower than the configured one.
func (b *bucket) full() float64 {
	if !b.paced() {
		return 0
	}
	return max(1, b.size*b.ceiling/b.configured)
}

func (b *bucket) refill(now time.Time) {
	seconds := now.Sub(b.at).Seconds()
	if seconds <= 0 || !b.paced() {
		return
	}
	b.level = min(b.full(), b.level+b.gain(seconds))
	b.rate = min(b.ceiling, b.rate+seconds*b.slope())
	b.at = now
}

// slope is how fast the rate recovers.
func (b *bucket) slope() float64 { return recovery * b.configured }

// gain is how many tokens come in: the rate climbs to its ceiling and stays there.
func (b *bucket) gain(seconds float64) float64 {
	climb := min(seconds, (b.ceiling-b.rate)/b.slope())
	return b.rate*climb + b.slope()*climb*climb/2 + b.ceiling*(seconds-climb)
}

// has tells whether there is a token to take.
func (b *bucket) has() bool { return b.level >= 1-almost }

// wait is how long after now, the time of the last refill, n tokens are there or
// were taken as they came.
func (b *bucket) wait(n float64, now time.Time) time.Duration {
	missing := n - b.level
	if missing <= almost {
		return 0
	}
	climb := (b.ceiling - b.rate) / b.slope()
	// The solution of gain(seconds) = missing within the climb, in the form that
	// loses no digits.
	seconds := 2 * missing / (b.rate + math.Sqrt(b.rate*b.rate+2*b.slope()*missing))
	if seconds > climb {
		seconds = climb + (missing-b.gain(climb))/b.ceiling
	}
	return max(0, b.at.Sub(now)) + time.Duration(math.Ceil(min(seconds, longestOf)*1e9))
}

// heed takes over the limit that Zoom told, as far as it is ours.
func (b *bucket) heed(limit float64) {
	b.ceiling = min(b.configured, limit)
	b.rate = min(b.rate, b.ceiling)
	b.level = min(b.level, b.full())
}

// cut answers a 429, of which there are many at a time: the first one in a
// second counts. No token comes in before until, which may be past. It tells
// whether anything changed.
func (b *bucket) cut(now, until time.Time) bool {
	pause := until.Sub(b.at)
	if pause > 0 {
		b.level, b.at = min(b.level, 0), b.at.Add(pause)
	}
	if now.Sub(b.cutAt) < cutPause {
		return pause > 0
	}
	b.level, b.rate, b.cutAt = min(b.level, 0), b.rate*cutTo, now
	return true
}

// settle brings a bucket that takes no tokens for a while to the time now: it owes
// at least as many instead as come in until then.
func (b *bucket) settle(now time.Time) {
	if pause := b.at.Sub(now); pause > 0 {
		b.level, b.at = min(b.level, -b.gain(pause.Seconds())), now
	}
}

// meet takes over what else is known of a bucket that has the same configuration:
// each of the two may have heard of cuts and of taken tokens that the other has
// not. Both stand at the same time.
func (b *bucket) meet(other bucket) {
	b.ceiling = other.ceiling
	b.rate = min(b.rate, other.rate, b.ceiling)
	b.level = min(b.level, other.level, b.full())
}

// scale makes it a bucket for that part of the configured rate and burst.
func (b *bucket) scale(part float64) {
	b.configured *= part
	b.size *= part
	b.ceiling *= part
	b.rate *= part
	b.level *= part
}
