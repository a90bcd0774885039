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
	trialTime = 1250 * time.Millisecond // after which calls that went well together allow for more
	longWait  = 50 * time.Millisecond   // longer than a Pool's answer takes
	tryFrom   = 20                      // calls a second, from which a second is long enough to try whether Zoom counts by it
	tryWith   = 2                       // tokens at least, before one call tries: Zoom may have fewer
	countsFor = time.Minute             // for which Zoom is taken to count by the second once it did
	peakLife  = time.Minute             // after which half of a peak is forgotten
	carefully = 3                       // calls that start together where nothing is known
	careMost  = 8                       // calls that are tried beyond what went well, at most
	careLeast = 2                       // and at least
	carePart  = 8                       // and in between, this part of a second's calls
	growsTo   = 2                       // times what went well together, that may be under way
	backPart  = 20                      // this part of a second's calls is kept back to ask how many Zoom takes
	mostBack  = 2                       // of these, at most
)

// flow is the recent past of one label's calls. Its zero value knows nothing.
type flow struct {
	open   []underway // calls that have not ended, by when they had their turns
	good   instants   // when calls that Zoom took were sent
	trial  trial      // the one that is running
	peak   float64    // most calls under way together that went well, of trials that are over, fading
	peakAt time.Time
	waited time.Time // when calls last waited for turns
	ended  ended
	during int // calls that ended while the one that ended last was under way
	told   told
	stop   stop
}

// told holds what Zoom's headers said of its limit.
type told struct {
	limit float64   // calls a second
	spare float64   // calls that it takes now at least, those under way and sent since then left out
	at    time.Time // of that word
}

// stop is the last 429 that counted.
type stop struct {
	from, to time.Time // the second in which Zoom took as many calls as it takes: until the refused one was sent
	at       time.Time // when the 429 was read
	until    time.Time // Zoom's second is over then: no call is sent before, but for one that tries
	tried    bool      // that one was sent, or none shall be
	smooth   bool      // it went well: Zoom does not count by the second
	blind    bool      // no call of that second is known to have gone well
	counted  time.Time // when such a call was last refused: Zoom does
}

// ended counts calls that have ended.
type ended struct {
	all     int
	at      time.Time // when the last one ended
	earlier int       // those that ended before that moment
}

// note counts a call that ends now.
func (e *ended) note(now time.Time) {
	if !now.Equal(e.at) {
		e.at, e.earlier = now, e.all
	}
	e.all++
}

// surely is how many calls had ended before whatever else happens now. What a clock
// gives the same time may have happened in any order.
func (e *ended) surely(now time.Time) int {
	if now.Equal(e.at) {
		return e.earlier
	}
	return e.all
}

// underway is a call that has not ended.
type underway struct {
	at       time.Time
	together int // calls under way then, itself among them
	ended    int // calls that had surely ended then
}

// trial is a time in which as many calls may be under way as is known to go well.
type trial struct {
	since time.Time
	most  int // most calls under way together when a call went well
}

// begin notes a turn that was taken.
func (f *flow) begin(now time.Time) {
	f.open = append(f.open, underway{now, f.young(now) + 1, f.ended.surely(now)})
	f.told.spare--
}

// undo takes back a turn of that time, which no call was made for.
func (f *flow) undo(turn time.Time) {
	if i := f.before(turn); i > 0 {
		f.open = slices.Delete(f.open, i-1, i)
		f.told.spare++
	}
}

// end notes what became of the call that was sent at that time and ends now: good if
// Zoom took it. It tells whether this is a call that was under way at the last 429 and
// belongs to the same second.
func (f *flow) end(sent, now time.Time, good bool) (late bool) {
	if i := f.before(sent); i > 0 {
		if good {
			f.trial.most = max(f.trial.most, f.open[i-1].together)
		}
		f.during = f.ended.all - f.open[i-1].ended
		f.open = slices.Delete(f.open, i-1, i)
	}
	f.ended.note(now)
	if !good {
		return false
	}
	f.good.note(sent)
	return sent.After(f.stop.from) && !sent.After(f.stop.to)
}

// roll forgets what is too long ago, and begins another trial after the last one.
func (f *flow) roll(now time.Time) {
	f.good.forget(now.Add(-flowTime))
	if now.Sub(f.trial.since) >= trialTime {
		f.peak, f.peakAt = max(float64(f.trial.most), f.fading(now)), now
		f.trial = trial{since: now}
	}
}

// expect takes in how many calls of its limit Zoom said to take behind the one that
// has just ended. It may not have counted those that are under way, nor those that
// ended while this one was.
func (f *flow) expect(limit, left float64, now time.Time) {
	f.peak, f.peakAt = max(min(left, limit)/growsTo, f.fading(now)), now
	f.told.limit = limit
	if spare := left - float64(f.during+len(f.open)); left == 0 || spare > f.spare(now) {
		f.told.spare, f.told.at = spare, now
	}
}

// spare is how many calls Zoom takes at least, by its word of the last second.
func (f *flow) spare(now time.Time) float64 {
	if now.Sub(f.told.at) > window {
		return 0
	}
	return f.told.spare
}

// fading returns the peak, halved for each minute since it was seen.
func (f *flow) fading(now time.Time) float64 {
	return f.peak * math.Exp2(-now.Sub(f.peakAt).Seconds()/peakLife.Seconds())
}

// before is how many calls under way had their turns until then.
func (f *flow) before(t time.Time) int {
	if len(f.open) == 0 || f.open[0].at.After(t) { // most often
		return 0
	}
	n, _ := slices.BinarySearchFunc(f.open, t, func(c underway, t time.Time) int {
		return afterwards(c.at, t)
	})
	return n
}

// young is how many calls are under way that were sent within the last second:
// older ones count towards another second of Zoom's.
func (f *flow) young(now time.Time) int { return len(f.open) - f.before(now.Add(-window)) }

// room is how many calls may be sent now, beside the young ones. A limit that is
// lower than the configured rate is so passed by a few calls only. Processes that
// share the rate share the care.
func (f *flow) room(now time.Time, perSecond float64, processes int) int {
	care := min(max(careLeast, min(careMost, perSecond/carePart)), carefully+float64(f.good.length())/2)
	most := max(1, care/float64(processes)) + growsTo*f.fading(now)
	return int(min(most, math.MaxInt32)) - f.young(now)
}

// next is when there is room for one more, if no call ends until then.
func (f *flow) next(now time.Time) time.Time {
	next := f.trial.since.Add(trialTime)
	if i := f.before(now.Add(-window)); i < len(f.open) {
		next = earlier(next, f.open[i].at.Add(window))
	}
	return next
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// full tells until when no call may be sent, as the last second (as long as that is
// taken to be) holds as many as a limit allows; zero if it does not.
func (f *flow) full(now time.Time, limit float64, second time.Duration) time.Time {
	most := int(max(1, math.Ceil(limit-0.01)))
	if f.good.length()+len(f.open) < most {
		return time.Time{}
	}
	since := now.Add(-second)
	old, open := f.good.until(since), f.open[f.before(since):]
	good := f.good.length() - old
	if good+len(open) < most {
		return time.Time{}
	}
	if good == 0 || len(open) > 0 && open[0].at.Before(f.good.at(old)) {
		return open[0].at.Add(second)
	}
	return f.good.at(old).Add(second)
}

// refused takes in a 429 of a call that was sent at that time. It returns how many
// calls a second Zoom took until then. Where few calls come in a second those of
// some seconds tell it better, if they are all: alone is true then.
func (f *flow) refused(sent, now time.Time, alone bool) (perSecond float64) {
	until := f.good.until(sent)
	f.stop = stop{from: sent.Add(-time.Second), to: sent, at: now, blind: until == 0, counted: f.stop.counted}
	f.stop.until, perSecond = f.over(), f.took()
	if alone {
		perSecond = max(perSecond, float64(until)/flowTime.Seconds())
	}
	f.stop.tried = perSecond < tryFrom || now.Sub(f.stop.counted) < countsFor
	return perSecond
}

// join takes in that another process read a 429 at that time. It returns how many
// calls of this one Zoom took in that second.
func (f *flow) join(at, now time.Time) (good float64) {
	f.stop = stop{from: at.Add(-time.Second), to: at, at: now, counted: f.stop.counted, tried: true}
	f.stop.until = f.over()
	return f.took()
}

// over is when the oldest call that went well in the second of the stop is older
// than that.
func (f *flow) over() time.Time {
	if i := f.good.until(f.stop.from); i < f.good.until(f.stop.to) {
		return f.good.at(i).Add(window)
	}
	return f.stop.to.Add(window)
}

// took is how many calls are known to have gone well in the second of the stop.
func (f *flow) took() float64 {
	return float64(f.good.until(f.stop.to) - f.good.until(f.stop.from))
}

// wait lets no call go before then, as Zoom asks.
func (s *stop) wait(until time.Time) {
	if until.After(s.until) {
		s.until, s.tried = until, true
	}
}

// pass takes in that the call that tried went well.
func (s *stop) pass(now time.Time) {
	s.smooth = true
	if now.Before(s.until) {
		s.until = now
	}
}

// tries tells whether a call that was sent then is the one that tries.
func (s *stop) tries(sent time.Time) bool {
	return sent.After(s.at) && sent.Before(s.until)
}

// afterwards compares so that a search ends behind equal times.
func afterwards(a, t time.Time) int {
	if a.After(t) {
		return 1
	}
	return -1
}
