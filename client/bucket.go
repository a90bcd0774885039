package client

import (
	"math"
	"time"
)

// The numbers of a bucket that has met a 429. doc.go states them for users.
const (
	keep       = 0.95 // of the estimate, at which calls go on after a 429
	keepAtMost = 0.9  // of the rate before it
	easeTo     = 0.5  // of the rate, after a 429 when nobody waited
	blindTo    = 0.25 // of the rate, after a 429 when no call went well
	nearLimit  = 1.05 // times the estimate: up to there the rate grows slowly
	slowGrowth = 0.01 // of the rate, a second, near the estimate
	fastGrowth = 0.07 // of the rate, a second, beyond
	surely     = 4.0  // calls a second; below, growth is slower in proportion
	leastRate  = 0.5  // calls a second, that are left whatever Zoom refuses

	almost    = 1e-9               // tokens that rounding may lose
	longestOf = 366 * 24 * 60 * 60 // seconds a wait is told to last at most
)

// bucket is the arithmetic of one label: tokens, one a call, that come in at a
// rate. After a 429 the rate follows an estimate of Zoom's limit: it starts below
// the estimate, grows slowly near it, and fast once it has passed it without
// another 429, up to the ceiling. A bucket has no clock and no lock of its own.
type bucket struct {
	configured float64   // calls a second; 0: not paced
	size       float64   // tokens when full, at the configured rate
	ceiling    float64   // calls a second that rate grows to
	rate       float64   // calls a second in force at the time at
	estimate   float64   // of Zoom's limit, calls a second, at the last 429; 0: it told nothing of it
	level      float64   // tokens at the time at
	at         time.Time // of the last refill
	lent       float64   // tokens of calls that are held up; they still take up room
}

func newBucket(rate, burst float64, now time.Time) bucket {
	b := bucket{configured: rate, size: burst, ceiling: rate, rate: rate, at: now}
	b.level = b.full()
	return b
}

func (b *bucket) paced() bool { return b.configured > 0 }

// lowered tells whether the rate is below its ceiling, because of a 429.
func (b *bucket) lowered() bool { return b.rate < b.ceiling }

// believed returns the estimate of Zoom's limit, in calls a second.
func (b *bucket) believed() float64 { return min(b.ceiling, b.rate/keep) }

// full is how many tokens the bucket holds: its size, less where Zoom's limit is
// lower than the configured one.
func (b *bucket) full() float64 {
	if !b.paced() {
		return 0
	}
	return max(1, b.size*b.believed()/b.configured)
}

func (b *bucket) refill(now time.Time) {
	seconds := now.Sub(b.at).Seconds()
	if seconds <= 0 || !b.paced() {
		return
	}
	var gained float64
	gained, b.rate = b.gain(seconds)
	b.add(gained)
	b.at = now
}

// add puts in as many tokens as there is room for.
func (b *bucket) add(tokens float64) {
	b.level = min(b.full()-b.lent, b.level+tokens)
}

// phase is a stretch of the rate's growth: up to a rate, by a part of the rate a
// second.
type phase struct{ to, growth float64 }

// phases are the stretches ahead. Those that the rate has passed are among them.
func (b *bucket) phases() [2]phase {
	pace := 1.0
	if b.estimate > 0 {
		pace = min(1, b.estimate/surely)
	}
	return [2]phase{{min(b.ceiling, nearLimit*b.estimate), slowGrowth * pace}, {b.ceiling, fastGrowth * pace}}
}

// gain is how many tokens come in within that time, and the rate at its end.
func (b *bucket) gain(seconds float64) (tokens, rate float64) {
	rate = b.rate
	for _, p := range b.phases() {
		if rate >= p.to {
			continue
		}
		lasts := math.Log(p.to/rate) / p.growth
		if seconds < lasts {
			more := rate * math.Expm1(p.growth*seconds)
			return tokens + more/p.growth, rate + more
		}
		tokens += (p.to - rate) / p.growth
		rate, seconds = p.to, seconds-lasts
	}
	return tokens + rate*seconds, rate
}

// has tells whether there is a token to take.
func (b *bucket) has() bool { return b.level >= 1-almost }

// wait is how long after the last refill n tokens are there or were taken as they
// came.
func (b *bucket) wait(n float64) time.Duration {
	missing := n - b.level
	if missing <= almost {
		return 0
	}
	seconds, rate := 0.0, b.rate
	for _, p := range b.phases() {
		if rate >= p.to {
			continue
		}
		if gain := (p.to - rate) / p.growth; missing > gain {
			seconds += math.Log(p.to/rate) / p.growth
			missing, rate = missing-gain, p.to
			continue
		}
		seconds += math.Log1p(p.growth*missing/rate) / p.growth
		missing = 0
		break
	}
	seconds += missing / rate
	return time.Duration(math.Ceil(min(seconds, longestOf) * 1e9))
}

// heed takes over the limit that Zoom told, as far as it is ours.
func (b *bucket) heed(limit float64) {
	b.ceiling = min(b.configured, limit)
	b.rate = min(b.rate, b.ceiling)
	b.level = min(b.level, b.full())
}

// cut answers a 429: Zoom takes no more calls a second than the estimate.
func (b *bucket) cut(estimate float64) {
	b.estimate = max(estimate, b.least())
	b.rate = max(min(keep*b.estimate, keepAtMost*b.rate), b.least())
	b.level = 0
}

// ease answers a 429 that tells nothing of the limit: so much of the rate is left.
func (b *bucket) ease(part float64) {
	b.estimate, b.level = 0, 0
	b.rate = max(part*b.rate, b.least())
}

// least is the rate that is left whatever Zoom refuses.
func (b *bucket) least() float64 { return min(leastRate, b.configured/4) }

// raise corrects the estimate: Zoom took more calls than were known at the 429.
func (b *bucket) raise(by float64) {
	if b.lowered() {
		b.estimate += by
		b.rate = min(b.ceiling, max(b.rate, keep*b.estimate))
	}
}

// scale makes it a bucket for that part of the configured rate and burst.
func (b *bucket) scale(part float64) {
	b.configured *= part
	b.size *= part
	b.ceiling *= part
	b.rate *= part
	b.estimate *= part
	b.level *= part
}

// meet takes over what else is known of a bucket that has the same configuration,
// at the same time. Where this one knows of a later 429, its rate counts.
func (b *bucket) meet(other bucket, later bool) {
	b.ceiling = other.ceiling
	if !later {
		b.rate, b.estimate = other.rate, other.estimate
	}
	b.rate = min(b.rate, b.ceiling)
	b.level = min(b.level, other.level, b.full())
}
