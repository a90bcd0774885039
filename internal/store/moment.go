package store

import "time"

// This file is about time: when a reading began, by this process and by the clock of the store that replicas share.
//
// A replica knows of what another one read only by way of that store. Its clock is the only one they have in common, and
// they read it over a network: what it says was so at some moment between question and answer. So a moment that crossed
// is a span. How old a value may be counts from the begin of the span, and one reading counts as later than another only
// if their spans do not overlap: what a client has seen is never replaced by what may be older.

// moment is a reading of a clock, in nanoseconds. The store's own counts from long before its start and is monotonic
// where the clock of Options is; the far store's counts from 1970. 0 is never.
type moment int64

// ago is how long before its start the clock of a store begins: what was read that long ago is not kept anyway.
const ago = 10 * 365 * 24 * time.Hour

func (m moment) add(d time.Duration) moment { return m + moment(d) }

// clock gives moments of this process.
type clock struct {
	read  func() time.Time
	begin time.Time
}

func newClock(read func() time.Time) clock {
	if read == nil {
		read = time.Now
	}
	return clock{read, read().Add(-ago)}
}

func (c clock) now() moment { return c.of(c.read()) }

// of is when a time was; never for the zero time.
func (c clock) of(t time.Time) moment {
	if t.IsZero() {
		return 0
	}
	return moment(t.Sub(c.begin))
}

// time is what the wall clock would have said, had it always been as right as it is now.
func (c clock) time(m moment) time.Time {
	now := c.read()
	return now.Add(time.Duration(m - c.of(now)))
}

// mark is a moment that no mark was before, so that marks tell the order in which they were made.
func (s *Store) mark() moment {
	for {
		last := s.marked.Load()
		next := max(int64(s.clock.now()), last+1)
		if s.marked.CompareAndSwap(last, next) {
			return moment(next)
		}
	}
}

// span holds a moment of which it is known only that it lies between two, or is one of them.
type span struct{ from, to moment }

// exactly is the span of a moment that is known.
func exactly(m moment) span { return span{m, m} }

func (s span) never() bool { return s == span{} }

// after tells whether one moment is surely after another. Every moment is after never.
func (s span) after(other span) bool { return !s.never() && s.from > other.to }

// vague tells whether it is not known when exactly the moment was.
func (s span) vague() bool { return s.from != s.to }

// meets tells whether it is not sure which moment is the later one.
func (s span) meets(other span) bool {
	return !s.never() && !other.never() && !s.after(other) && !other.after(s)
}

const (
	// grain is the unit of the far store's clock: it may be that much later than it says.
	grain = moment(time.Microsecond)
	// drift bounds how far two clocks run apart: a thousandth of the time that passes.
	drift = 1000
)

// crossing is one look at the far store's clock: that said there at some moment between sent and back here.
type crossing struct{ there, sent, back moment }

// here is when something was by this process' clock that the far store's clock has seen. It was before the look.
func (c crossing) here(s span) span {
	if s.never() {
		return s
	}
	from := s.from - c.there - grain
	to := s.to - c.there
	return span{c.sent + from - apart(from), min(c.back+to+apart(to), c.back)}
}

// far is when something was by the far store's clock that this process has seen.
func (c crossing) far(s span) span {
	if s.never() {
		return s
	}
	from, to := s.from-c.back, s.to-c.sent
	return span{c.there + from - apart(from), c.there + to + apart(to) + grain}
}

// apart is how far clocks may have run apart in a time.
func apart(passed moment) moment { return max(passed, -passed) / drift }
