package client

import (
	"context"
	"math"
	"slices"
	"time"
)

// With a Pool the turns of a Budget come from a place that all processes of an
// account share. They are drawn in slices, so that few calls cost a round trip: a
// slice is a schedule of turns, which a process may use when their times have
// come, and only soon after. The queue, its lanes and its fairness stay here.
//
// What a process knows of the budget goes to the pool with each question, and
// what all know comes back with the answer: fewer tokens and more calls of the day
// are right, and the rate since the latest 429. So nobody has to be told anything
// twice, and a pool that has lost its memory gets it back from those who ask.
//
// A 429 of the second is a stop, and stops are numbered. The process that read it
// tells its estimate of Zoom's limit, which is what it saw itself. Each other one,
// on hearing of the stop, adds the calls that went well for it in that second.

const (
	sliceTime    = 0.3                    // seconds' worth of the account's rate that a slice holds at most
	sliceLeast   = 8                      // turns that it may hold also where more processes share the rate
	sliceLowered = 0.1                    // seconds' worth after a stop, until the rate has recovered: another one has to be heard of soon
	stockLife    = 250 * time.Millisecond // after which a turn that nobody took is lost
	demandWindow = 500 * time.Millisecond // in which calls are counted to foresee the next ones
	dayMost      = 100                    // turns a slice holds where only the day is counted
	skew         = 50 * time.Millisecond  // after which a pool is asked again whose day is another one
	reuse        = 8                      // turns drawn for each call that may be under way
)

// Pool deals out the turns of one account's labels to the processes that share
// it. It helps and is not needed: while it cannot be asked, each process keeps to
// its part of the limits.
type Pool interface {
	// Deal merges what this process knows with what all know, and gives it turns.
	// It is false if the pool could not be asked; it returns soon in any case.
	Deal(ctx context.Context, ask Ask) (Deal, bool)
	// Up tells at once whether Deal is worth a try.
	Up() bool
	// Members tells at once how many processes share the pool, this one among
	// them, as far as is known: at least 1.
	Members() int
}

// Known is what is known of a label's budget at one moment.
type Known struct {
	Level     float64       // turns that are there; owed ones are negative
	Rate      float64       // turns a second in force, on the way up to Ceiling
	Ceiling   float64       // turns a second at most: as configured, or lower as Zoom told
	Estimate  float64       // of Zoom's limit, turns a second, at the latest stop; 0: it told nothing of it
	Stop      int           // number of the latest stop; 0: there was none
	Ago       time.Duration // how long ago that was, where a Pool tells it
	Hold      time.Duration // for how long that stop lets no turn come
	Used      int           // calls of the day that Until ends
	Until     time.Time     // when Used starts over
	ClosedFor time.Duration // how long Zoom takes no more calls of the day
}

// Growth is how the rate grows after a stop, by a part of itself a second.
type Growth struct {
	Keep   float64 // times Zoom's limit, that the rate starts at
	Near   float64 // times the estimate, up to where it grows slowly
	Slow   float64 // a second, up to there
	Fast   float64 // a second, beyond
	Surely float64 // calls a second; for a lower estimate growth is slower in proportion
}

// Ask is what a process tells a Pool and wants of it.
type Ask struct {
	Known
	Label Label
	Day   string // names the day's count, which labels may share

	PerSecond float64 // as configured; 0: only the day is counted
	Burst     float64
	Growth    Growth
	PerDay    int // 0: counted, without an end

	Told    bool    // Ceiling is news from Zoom
	Opened  bool    // Zoom took a call although the day was closed
	Stopped bool    // Rate, Estimate and Hold come from a 429 that is news to the pool
	Good    float64 // calls that Zoom took in the second of Stop, which the pool has not heard of
	Unused  int     // turns dealt for the day that no call was made for
	Want    int     // turns
	Most    int     // turns at most, where they are not there at once
}

// Deal is a Pool's answer.
type Deal struct {
	Known               // of all processes together, after the deal
	Turns int           // no more than wanted
	Free  int           // of these, that may be used at once
	First time.Duration // when the first of the others may be used, from now on
	Each  time.Duration // the time from one of them to the next
}

// Join makes b draw its turns from pool. It is called before b is used.
func (b *Budget) Join(pool Pool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for label, a := range b.allowances {
		if !a.paced() && a.limit == 0 {
			continue
		}
		a.draws = &draws{pool: pool, label: label, rate: a.configured, burst: a.size}
		a.draws.send = func(q question) { go b.exchange(a, q) }
	}
}

// draws is an allowance's side of a Pool.
type draws struct {
	pool        Pool
	label       Label
	rate, burst float64 // as configured, for all processes together
	send        func(question)

	stock    []time.Time // turns that were dealt and are not used, by when they come
	unused   int         // turns of the day that were lost, which the pool has not heard of
	day      time.Time   // when that day ends
	rest     time.Time   // until when nothing is asked
	asking   bool        // an answer is awaited
	news     bool        // there is something to tell at once
	told     bool        // that includes the ceiling
	closed   bool        // and a day that Zoom closed
	reopened bool        // or that is open again
	stopped  bool        // and a stop
	good     float64     // and calls that went well in the second of the latest stop
	stop     int         // number of the latest stop that the pool told
	changes  int         // how often turns were cancelled
	met      bool        // the pool has answered, once at least
	alone    int         // by how many the limits are divided; 0: they are the pool's
	crowd    float64     // how much slower turns come than the rate, because others draw too

	demand   float64 // calls that came when nobody waited, fading
	demandAt time.Time
}

// question is what a pool was asked, and what was so at that time.
type question struct {
	Ask
	at      time.Time
	changes int
}

// drawing tells whether turns come from a pool.
func (a *allowance) drawing() bool { return a.draws != nil && a.draws.alone == 0 }

// weight is for how many calls one counts: alone, this process must take it that
// the others do as it does.
func (a *allowance) weight() int {
	if a.draws == nil {
		return 1
	}
	return max(1, a.draws.alone)
}

// due is how many of the drawn turns have come.
func (a *allowance) due(now time.Time) int {
	if !a.drawing() {
		return 0
	}
	n := 0
	for n < len(a.draws.stock) && !a.draws.stock[n].After(now) {
		n++
	}
	return n
}

// estimate is how long after now the n-th turn from now comes: for turns that
// were drawn, when it does; for others, when it would if the other processes go on
// as they did.
func (a *allowance) estimate(n int, now time.Time) time.Duration {
	switch drawn := len(a.draws.stock); {
	case n <= drawn:
		return max(0, a.draws.stock[n-1].Sub(now))
	case !a.paced():
		return 0
	default:
		return time.Duration(float64(a.bucket.wait(float64(n-drawn))) * max(1, a.draws.crowd))
	}
}

// arrive notices a call that found nobody waiting: where they come one by one,
// the queue does not tell how many turns are going to be needed.
func (a *allowance) arrive(now time.Time) {
	if a.waiting() == 0 {
		a.draws.demand, a.draws.demandAt = a.draws.foreseen(now)+1, now
	}
}

// foreseen is how many such calls are to be expected in the next window.
func (d *draws) foreseen(now time.Time) float64 {
	return d.demand * math.Exp(-now.Sub(d.demandAt).Seconds()/demandWindow.Seconds())
}

// putBack takes back a turn: it may be used at once.
func (a *allowance) putBack(now time.Time) {
	i, _ := slices.BinarySearchFunc(a.draws.stock, now, time.Time.Compare)
	a.draws.stock = slices.Insert(a.draws.stock, i, now)
}

// discard drops the turns that nobody took in their time.
func (d *draws) discard(now time.Time) {
	n := 0
	for n < len(d.stock) && now.Sub(d.stock[n]) > stockLife {
		n++
	}
	d.stock = slices.Delete(d.stock, 0, n)
	d.unused += n
}

// turnOver forgets what was lost of a day that is over.
func (d *draws) turnOver(midnight time.Time) {
	if !d.day.Equal(midnight) {
		d.unused, d.day = 0, midnight
	}
}

// cancel drops the turns that were drawn before Zoom said that it is too much,
// and lets the others know.
func (a *allowance) cancel() {
	d := a.draws
	if d == nil {
		return
	}
	d.drop()
	d.stopped, d.good, d.news = true, 0, true
	d.changes++
}

// drop gives up all turns that were drawn.
func (d *draws) drop() {
	d.unused += len(d.stock)
	d.stock = nil
}

// more lets the others know of a call that went well in the second of the latest
// stop.
func (d *draws) more(good float64) {
	if d != nil && good > 0 && !d.stopped { // a stop that is to be told has it in its estimate
		d.good += good
		d.news = true
	}
}

// tell has the pool hear of a day that is over, or of a new ceiling.
func (a *allowance) tell(ceiling bool) {
	if a.draws != nil {
		a.draws.told, a.draws.news = a.draws.told || ceiling, true
	}
}

// draw asks the pool, if turns are wanted or there is something to tell. Where an
// answer is awaited, its arrival is the next occasion.
func (a *allowance) draw(now time.Time) {
	d := a.draws
	if d.asking || now.Before(d.rest) {
		return
	}
	want := 0
	if len(d.stock) <= 1 {
		want = max(0, a.wants(now)-len(d.stock))
	}
	if want == 0 && !d.news {
		return
	}
	q := a.question(now, want)
	d.asking, d.news, d.told, d.stopped, d.good, d.unused = true, false, false, false, 0, 0
	d.closed, d.reopened = false, false
	d.send(q)
}

// wants is how many turns are wanted: no more than can be used soon, and a few for
// calls that are going to come.
func (a *allowance) wants(now time.Time) int {
	want := a.waiting()
	if want == 0 {
		return 0
	}
	if a.paced() {
		want = min(want, reuse*max(0, a.room(now)))
		if held := a.held(now); held.Sub(now) > stockLife { // what is drawn now is lost until then
			want = min(want, 1)
		}
	}
	return want + int(a.draws.foreseen(now)/2)
}

func (a *allowance) question(now time.Time, want int) question {
	d := a.draws
	closedFor := time.Duration(0)
	if d.closed { // whatever others have found out since then is right
		closedFor = max(0, a.day.closed.Until.Sub(now))
	}
	return question{at: now, changes: d.changes, Ask: Ask{
		Known: Known{
			Level: a.level, Rate: a.rate, Ceiling: a.ceiling,
			Estimate: a.bucket.estimate, Stop: d.stop, Hold: max(0, a.flow.stop.until.Sub(now)),
			Used: a.day.used, Until: a.day.midnight, ClosedFor: closedFor,
		},
		Label: d.label, Day: a.day.name,
		PerSecond: d.rate, Burst: d.burst, PerDay: a.limit,
		Growth: Growth{Keep: keep, Near: nearLimit, Slow: slowGrowth, Fast: fastGrowth, Surely: surely},
		Told:   d.told, Opened: d.reopened, Stopped: d.stopped, Good: d.good,
		Unused: d.unused, Want: want, Most: a.sliceMost(),
	}}
}

// sliceMost is what a slice may hold: less where others want theirs too, but
// enough to be worth the way.
func (a *allowance) sliceMost() int {
	if !a.paced() {
		return dayMost
	}
	if a.lowered() {
		return int(math.Ceil(sliceLowered * a.rate / float64(a.draws.pool.Members())))
	}
	all := math.Ceil(sliceTime * a.rate)
	return int(max(math.Ceil(all/float64(a.draws.pool.Members())), min(sliceLeast, all)))
}

// exchange asks the pool and puts the answer to use.
func (b *Budget) exchange(a *allowance, q question) {
	deal, ok := a.draws.pool.Deal(context.Background(), q.Ask)
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.now()
	a.advance(now)
	d := a.draws
	d.asking = false
	switch {
	case ok && a.drawing():
		a.land(deal, q, now)
		b.mind(a, deal, q, now)
	case ok:
		d.unused += deal.Turns
	default:
		d.unused += q.Unused
		d.told = d.told || q.Told
		d.stopped, d.closed, d.reopened = d.stopped || q.Stopped, d.closed || q.ClosedFor > 0, d.reopened || q.Opened
		d.good += q.Good
		d.news = d.news || q.Told || q.Stopped || q.ClosedFor > 0 || q.Opened
		a.part()
	}
	a.dispatch(now)
}

// land takes over what the pool knows, which was so at the time of the question
// or later, and the turns it gave.
func (a *allowance) land(deal Deal, q question, now time.Time) {
	d := a.draws
	others := bucket{
		configured: a.configured, size: a.size, ceiling: deal.Ceiling,
		rate: deal.Rate, estimate: deal.Estimate, level: deal.Level, at: q.at.Add(deal.Hold),
	}
	others.refill(now)
	if d.told {
		others.ceiling = a.ceiling
	}
	a.meet(others, d.stopped)
	if deal.Stop != d.stop {
		a.heedStop(deal, q, now)
	}
	if deal.Hold > 0 {
		a.flow.stop.until = q.at.Add(deal.Hold)
	}
	d.met = true
	if q.changes != d.changes {
		d.unused += deal.Turns
		return
	}
	for i := range deal.Turns {
		at := now
		if i >= deal.Free {
			at = now.Add(deal.First + time.Duration(i-deal.Free)*deal.Each)
		}
		d.stock = append(d.stock, at)
	}
	slices.SortFunc(d.stock, time.Time.Compare) // one drawn earlier may come later
	if spaced := deal.Turns - deal.Free; spaced > 0 {
		took := d.stock[len(d.stock)-1].Sub(q.at).Seconds()
		d.crowd = min(a.rate*took/float64(spaced), float64(d.pool.Members()))
	}
}

// heedStop takes in that the pool knows of another stop: its own, if it was
// asked about one.
func (a *allowance) heedStop(deal Deal, q question, now time.Time) {
	d := a.draws
	known := d.stop > 0 || d.met
	d.stop = deal.Stop
	if q.Stopped || d.stopped || !known {
		return
	}
	d.drop()
	d.more(a.flow.join(q.at.Add(-deal.Ago), now))
}

// mind takes over what the pool knows of the day.
func (b *Budget) mind(a *allowance, deal Deal, q question, now time.Time) {
	today := deal.Until.Equal(a.day.midnight)
	if today {
		held := 0
		for _, other := range b.allowances {
			if other.day == a.day && other.draws != nil {
				held += len(other.draws.stock) + other.draws.unused
			}
		}
		a.day.used = max(0, deal.Used-held)
	}
	switch {
	case deal.ClosedFor > 0:
		a.dispatch(now) // the turn that finds out
		b.shut(a.day, Closure{Since: now, Until: now.Add(deal.ClosedFor), By: "another process"}, now)
		return
	case !a.draws.closed:
		a.day.closed = closure{}
	}
	if q.Want == 0 || deal.Turns > 0 {
		return
	}
	if today {
		a.dismiss(a.day.midnight)
		return
	}
	// One of the clocks is about to reach midnight.
	a.draws.rest = now.Add(skew)
	time.AfterFunc(skew, a.wake)
}

// follow goes by the pool while it can be asked, and alone while it cannot.
func (a *allowance) follow() {
	if a.draws.pool.Up() {
		a.rejoin()
	} else {
		a.part()
	}
}

// part goes on without the pool, with this process's part of the limits. Of a
// pool that it has drawn from nothing is left to it: what this process saw there
// the others may have drawn meanwhile.
func (a *allowance) part() {
	d := a.draws
	if d.alone > 0 {
		return
	}
	d.alone, d.crowd = max(1, d.pool.Members()), 0
	a.scale(1 / float64(d.alone))
	if d.met {
		a.level = min(a.level, 0)
	}
	d.drop()
}

// rejoin goes back to the pool. What is left of this process's part tells what is
// left of the whole.
func (a *allowance) rejoin() {
	d := a.draws
	if d.alone == 0 {
		return
	}
	a.scale(float64(d.alone))
	a.configured, a.size = d.rate, d.burst
	d.alone = 0
}
