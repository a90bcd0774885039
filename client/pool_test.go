package client

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// ledger is a Pool in memory: one label's bucket and one day, which a question
// takes a millisecond to reach and an answer another one.
type ledger struct {
	mu       sync.Mutex
	members  int
	down     bool
	asks     []Ask
	bucket   *bucket // nil: nothing is known
	stop     int
	since    time.Time // of that stop
	used     int
	closed   time.Time
	tried    time.Time     // when a call was let through all the same
	behind   time.Duration // its clock
	midnight time.Time
}

func (l *ledger) Up() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return !l.down
}

func (l *ledger) Members() int { return l.members }

// last is the last question, and how many there were.
func (l *ledger) last() (Ask, int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.asks) == 0 {
		return Ask{}, 0
	}
	return l.asks[len(l.asks)-1], len(l.asks)
}

func (l *ledger) set(change func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	change()
}

func (l *ledger) Deal(_ context.Context, ask Ask) (Deal, bool) {
	time.Sleep(time.Millisecond)
	defer time.Sleep(time.Millisecond)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.asks = append(l.asks, ask)
	if l.down {
		return Deal{}, false
	}
	now := time.Now()
	mine := bucket{
		configured: ask.PerSecond, size: ask.Burst, ceiling: ask.Ceiling, rate: ask.Rate, estimate: ask.Estimate, level: ask.Level, at: now,
	}
	stop, at := ask.Stop, now.Add(ask.Hold)
	if all := l.bucket; all != nil {
		all.refill(now)
		if !ask.Told {
			mine.ceiling = all.ceiling
		}
		own := at
		if at = now; all.at.After(now) {
			at = all.at
		}
		fresh := ask.Stopped && (ask.Stop == l.stop || now.Sub(l.since) > time.Second)
		switch {
		case fresh:
			stop, l.since, at = l.stop+1, now, own
		case ask.Stop <= l.stop:
			good := ask.Good
			switch {
			case ask.Stopped:
				mine.level, good = 0, ask.Estimate
			case ask.Stop == l.stop:
				mine.level = min(mine.level, all.level)
			default:
				mine.level, good = all.level, 0
			}
			if all.raise(good); good > 0 {
				at = earlier(at, own)
			}
			mine.rate, mine.estimate, stop = all.rate, all.estimate, l.stop
		}
		mine.rate = min(mine.rate, mine.ceiling)
	} else if ask.Stopped {
		stop, l.since = stop+1, now
	}
	mine.at = at
	l.bucket, l.stop = &mine, stop
	hold := at.Sub(now)
	midnight := nextMidnight(now.Add(-l.behind))
	if !midnight.Equal(l.midnight) {
		l.used, l.midnight = 0, midnight
	}
	if ask.Until.Equal(midnight) {
		l.used = max(l.used-ask.Unused, ask.Used)
	}
	if ask.ClosedFor > 0 {
		l.closed, l.tried = now.Add(ask.ClosedFor), now
	}
	if ask.Opened {
		l.closed = time.Time{}
	}
	free := ask.Want
	turns := ask.Want
	if mine.paced() {
		if free = max(0, int(mine.level+almost)); hold > 0 {
			free = 0
		}
		turns = min(ask.Want, max(free, ask.Most))
	}
	if ask.PerDay > 0 {
		turns = min(turns, max(0, ask.PerDay-l.used))
	}
	if now.Before(l.closed) {
		if turns = 0; ask.Want > 0 && now.Sub(l.tried) >= tryAgain {
			turns, l.tried = 1, now
		}
	}
	free = min(free, turns)
	deal := Deal{Turns: turns, Free: free}
	if mine.paced() {
		deal.First = hold + time.Duration((float64(free+1)-mine.level)/mine.rate*1e9)
		deal.Each = time.Duration(1e9 / mine.rate)
		l.bucket.level -= float64(turns)
	}
	l.used += turns
	deal.Known = Known{Level: l.bucket.level, Rate: mine.rate, Ceiling: mine.ceiling, Estimate: mine.estimate, Stop: stop, Ago: now.Sub(l.since), Hold: hold, Used: l.used, Until: midnight, ClosedFor: max(0, l.closed.Sub(now))}
	return deal, true
}

// pooled gives clients whose budgets draw from l, all before z.
func pooled(t *testing.T, l *ledger, z *zoomLog, n int, limits map[Label]Limit) ([]*Client, []*Budget) {
	t.Helper()
	l.members = n
	var clients []*Client
	var budgets []*Budget
	for range n {
		c, b := paced(t, z, limits)
		b.Join(l)
		clients, budgets = append(clients, c), append(budgets, b)
	}
	return clients, budgets
}

func sentBy(z *zoomLog) int {
	z.mu.Lock()
	defer z.mu.Unlock()
	return len(z.times)
}

// fits tells whether calls at these times fit a bucket of that rate and burst.
func fits(times []time.Duration, rate, burst float64) bool {
	level, last := burst, time.Duration(0)
	for _, at := range slices.Sorted(slices.Values(times)) {
		level = min(burst, level+rate*(at-last).Seconds()) - 1
		last = at
		if level < -0.001 {
			return false
		}
	}
	return true
}

func TestPoolPaces(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		z, l := &zoomLog{}, &ledger{}
		clients, budgets := pooled(t, l, z, 3, map[Label]Limit{Medium: {PerSecond: 60, Burst: 60}})
		var wg sync.WaitGroup
		for _, c := range clients {
			crowd(t, &wg, c, 200, settingsOf("u"))
		}
		wg.Wait()
		const ideal = 540 * time.Second / 60
		last := slices.Max(z.times)
		if len(z.times) != 600 || last < ideal || last > ideal+ideal/20 || !fits(z.times, 60, 60) {
			t.Errorf("%d calls in %v, want %v", len(z.times), last, ideal)
		}
		if _, n := l.last(); n > 600/5 {
			t.Errorf("%d questions", n)
		}
		for _, b := range budgets {
			if s := b.State()[0]; s.Waiting != 0 || s.Limit != 60 {
				t.Errorf("%+v", s)
			}
		}
		time.Sleep(time.Minute)
		if s := budgets[0].State()[0]; s.Remaining != 60 {
			t.Errorf("after a pause: %+v", s)
		}
	})
}

// Callers, lanes and leavers have their turns as without a pool.
func TestPoolKeepsTheOrder(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		z, l := &zoomLog{}, &ledger{}
		clients, _ := pooled(t, l, z, 1, map[Label]Limit{Medium: {PerSecond: 10, Burst: 1}})
		c := clients[0]
		var wg sync.WaitGroup
		crowd(t, &wg, c, 1, byCaller("first"))
		time.Sleep(10 * time.Millisecond)
		bulk := byCaller("bulk")
		bulk.Lane = Bulk
		crowd(t, &wg, c, 4, bulk)
		time.Sleep(10 * time.Millisecond) // turns are drawn for these
		crowd(t, &wg, c, 2, byCaller("ann"))
		crowd(t, &wg, c, 2, byCaller("bob"))
		ctx, leave := context.WithCancel(t.Context())
		wg.Go(func() {
			if _, err := c.Do(ctx, byCaller("leaver")); !errors.Is(err, context.Canceled) {
				t.Error(err)
			}
		})
		synctest.Wait()
		leave()
		wg.Wait()
		want := []string{"first", "ann", "bob", "ann", "bob", "bulk", "bulk", "bulk", "bulk"}
		for i, caller := range want {
			want[i] = "/v2/users/" + caller + "/settings"
		}
		if !slices.Equal(z.paths, want) || !fits(z.times, 10, 1) {
			t.Errorf("%v %v", z.paths, z.times)
		}
	})
}

// Zoom tells its limits with every answer. Only another one is news, and alone a
// process goes by its part of it.
func TestPoolHearsOfLimits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		limit := "40"
		z, l := &zoomLog{}, &ledger{}
		z.respond = func(int, *http.Request) *http.Response {
			return respond(200, `{}`, "X-RateLimit-Type", "QPS", "X-RateLimit-Limit", limit)
		}
		clients, budgets := pooled(t, l, z, 2, map[Label]Limit{Medium: {PerSecond: 60}})
		for _, tc := range []struct {
			limit string
			down  bool
			want  float64
		}{{"40", false, 40}, {"50", false, 50}, {"30", true, 15}, {"30", false, 30}, {"100", false, 60}} {
			limit = tc.limit
			l.set(func() { l.down = tc.down })
			var wg sync.WaitGroup
			crowd(t, &wg, clients[0], 30, settingsOf("u"))
			wg.Wait()
			time.Sleep(time.Minute)
			for range 2 { // the second one's turn comes after the first one's news
				crowd(t, &wg, clients[1], 1, settingsOf("u"))
				wg.Wait()
				time.Sleep(time.Minute)
			}
			if one, two := mediumLimit(budgets[0]), mediumLimit(budgets[1]); one != tc.want || two != tc.want {
				t.Errorf("%+v: %v and %v", tc, one, two)
			}
		}
		if _, n := l.last(); n > 40 {
			t.Errorf("%d questions", n)
		}
	})
}

// Calls that come one by one leave no queue, and cost few questions even so.
func TestPoolForesees(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		z, l := &zoomLog{}, &ledger{}
		clients, _ := pooled(t, l, z, 1, map[Label]Limit{Medium: {PerSecond: 60, Burst: 60}})
		for range 300 {
			if _, err := clients[0].Do(t.Context(), settingsOf("u")); err != nil {
				t.Fatal(err)
			}
		}
		if _, n := l.last(); n > 300/5 || !fits(z.times, 60, 60+60*stockLife.Seconds()) {
			t.Errorf("%d questions", n)
		}
	})
}

// A call whose turn comes too late is refused at once, by what is known: exactly
// for turns that were drawn, by the others' demand for those that were not.
func TestPoolRefusesTheLate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		z, l := &zoomLog{}, &ledger{}
		clients, _ := pooled(t, l, z, 2, map[Label]Limit{Medium: {PerSecond: 20, Burst: 1}})
		var wg sync.WaitGroup
		for _, c := range clients {
			crowd(t, &wg, c, 100, settingsOf("u"))
		}
		time.Sleep(2 * time.Second)
		start := time.Now()
		soon, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		_, err := clients[0].Do(soon, settingsOf("late"))
		e := asError(t, err)
		if e.Code != CodeRateLimited || e.Daily || time.Since(start) != 0 {
			t.Errorf("%+v after %v", e, time.Since(start))
		}
		// 80 of each wait: the last turn is 8 s away, not 4 as if the other had none.
		if wait := e.RetryAfter.Sub(start); wait < 6*time.Second || wait > 10*time.Second {
			t.Errorf("to come back in %v", wait)
		}
		later, cancel := context.WithTimeout(t.Context(), 12*time.Second)
		defer cancel()
		if _, err := clients[0].Do(later, settingsOf("in time")); err != nil {
			t.Error(err)
		}
		wg.Wait()
	})
}

// While the pool is down each goes on with its part, and nothing fails; then
// they are one again.
func TestPoolGoesDown(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		z, l := &zoomLog{}, &ledger{}
		clients, budgets := pooled(t, l, z, 3, map[Label]Limit{Medium: {PerSecond: 60, Burst: 30, PerDay: 10000}})
		var wg sync.WaitGroup
		for _, c := range clients {
			crowd(t, &wg, c, 200, settingsOf("u"))
		}
		time.Sleep(time.Second)
		l.set(func() { l.down = true })
		time.Sleep(3 * time.Second)
		sent := sentBy(z)
		for _, b := range budgets {
			if s := b.State()[0]; s.Limit != 20 || s.Waiting == 0 {
				t.Errorf("%+v", s)
			}
		}
		l.set(func() { l.down, l.bucket, l.used = false, nil, 0 }) // it has forgotten all
		time.Sleep(time.Second)
		if n := sentBy(z) - sent; n < 40 || n > 70 {
			t.Errorf("%d calls in the second after", n)
		}
		wg.Wait()
		if len(z.times) != 600 || !fits(z.times, 60, 30) {
			t.Errorf("%d calls, %v", len(z.times), slices.Max(z.times))
		}
		for _, b := range budgets {
			// As each heard last; turns that were drawn and lost count until told.
			if s := b.State()[0]; s.Limit != 60 || s.DailyRemaining > 9500 || s.DailyRemaining < 9300 {
				t.Errorf("%+v", s)
			}
		}
	})
}

// Who did not draw lately knows nothing of what the others drew: it has no burst
// when the pool goes down.
func TestPartsBeginEmpty(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		z, l := &zoomLog{}, &ledger{}
		clients, _ := pooled(t, l, z, 2, map[Label]Limit{Medium: {PerSecond: 60, Burst: 30}})
		var wg sync.WaitGroup
		crowd(t, &wg, clients[1], 1, settingsOf("u"))
		crowd(t, &wg, clients[0], 150, settingsOf("u"))
		time.Sleep(time.Second)
		l.set(func() { l.down = true })
		crowd(t, &wg, clients[1], 50, settingsOf("u"))
		wg.Wait()
		if !fits(z.times, 60, 30) {
			t.Errorf("%v", z.times)
		}
	})
}

// Turns that are on their way when Zoom says that it is too much are not used.
func TestPoolTurnsOfBeforeA429(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		z, l := &zoomLog{}, &ledger{}
		clients, budgets := pooled(t, l, z, 1, map[Label]Limit{Medium: {PerSecond: 10, Burst: 10, PerDay: 100}})
		var wg sync.WaitGroup
		crowd(t, &wg, clients[0], 1, settingsOf("u"))
		time.Sleep(1500 * time.Microsecond) // the turn was dealt, and has not arrived
		budgets[0].learn(aMedium, time.Now(), http.Header{}, &Error{Code: CodeRateLimited})
		wg.Wait()
		// When Zoom's second is over, a turn at 2.5 a second, and the way to and fro.
		if at := z.times[0]; at < window || at > window+410*time.Millisecond {
			t.Errorf("sent after %v", at)
		}
		if last, _ := l.last(); last.Unused != 2 || l.used != 1 { // the turn, and the refused call
			t.Errorf("%+v, %d used", last, l.used)
		}
	})
}

// A 429 is told at once, also where nobody waits, and takes the turns back that
// were drawn in advance.
func TestPoolIsToldOfA429(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		z, l := &zoomLog{}, &ledger{}
		clients, budgets := pooled(t, l, z, 1, map[Label]Limit{Medium: {PerSecond: 10, Burst: 10}})
		b := budgets[0]
		for range 6 {
			if _, err := clients[0].Do(t.Context(), settingsOf("u")); err != nil {
				t.Fatal(err)
			}
		}
		if b.allowances[Medium].due(time.Now()) == 0 {
			t.Fatal("nothing was drawn in advance")
		}
		b.learn(aMedium, time.Now(), http.Header{}, &Error{Code: CodeRateLimited})
		time.Sleep(5 * time.Millisecond)
		if last, _ := l.last(); last.Rate != 10*easeTo || last.Estimate != 0 || !last.Stopped || last.Hold < time.Second || last.Level > 0 || last.Want != 0 {
			t.Errorf("%+v", last)
		}
		res, err := clients[0].Do(t.Context(), settingsOf("u"))
		if err != nil || res.Waited < 100*time.Millisecond {
			t.Errorf("%+v, %v", res, err)
		}
	})
}

// A pool that is never there: a process goes by the whole limits, with the burst.
func TestPoolIsNeverThere(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		z, l := &zoomLog{}, &ledger{down: true}
		clients, _ := pooled(t, l, z, 1, map[Label]Limit{Medium: {PerSecond: 60, Burst: 60}, Light: {PerDay: 5}})
		var wg sync.WaitGroup
		crowd(t, &wg, clients[0], 120, settingsOf("u"))
		crowd(t, &wg, clients[0], 5, Request{Op: &Op{Method: "GET", Path: "/x", Label: Light}})
		wg.Wait()
		_, n := l.last()
		if last := slices.Max(z.times); !near(last, window) || n != 0 {
			t.Errorf("%v, %d questions", last, n)
		}
	})
}

// A 429 at one slows down all, however many of them come; nobody doubles what
// another one has told.
func TestPoolHears429s(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		header []string
		pause  time.Duration
	}{"bare": {nil, window}, "until": {[]string{"Retry-After", "3"}, 3 * time.Second}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				l := &ledger{}
				z := &zoomLog{latency: 5 * time.Millisecond, respond: func(int, *http.Request) *http.Response {
					if time.Now().Nanosecond() < 1e9/2 && time.Now().Second() == 0 {
						return crowded(tc.header...)
					}
					return reply(200, `{}`)
				}}
				clients, budgets := pooled(t, l, z, 2, map[Label]Limit{Medium: {PerSecond: 40, Burst: 20}})
				var wg sync.WaitGroup
				for _, c := range clients {
					crowd(t, &wg, c, 30, settingsOf("u"))
				}
				time.Sleep(50 * time.Millisecond)
				crowd(t, &wg, clients[1], 1, settingsOf("later"))
				time.Sleep(400 * time.Millisecond)
				for i, b := range budgets {
					if got := mediumLimit(b); got < 40*blindTo || got > 42*blindTo {
						t.Errorf("%d goes at %v", i, got)
					}
				}
				wg.Wait()
				rest := slices.DeleteFunc(slices.Sorted(slices.Values(z.times)), func(at time.Duration) bool { return at < time.Second/2 })
				if len(rest) != 61 || rest[0] < tc.pause || rest[20] > tc.pause+2200*time.Millisecond || len(z.times) > 61+61*15/100 {
					t.Errorf("%d of %d well, the 21st at %v", len(rest), len(z.times), rest[20])
				}
			})
		})
	}
}

// A day that is over at one is over at all; so is one whose calls were drawn by
// others.
func TestPoolHearsOfTheDay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		z, l := &zoomLog{}, &ledger{}
		clients, budgets := pooled(t, l, z, 2, map[Label]Limit{Heavy: {PerSecond: 100, PerDay: 30}, ResourceIntensive: {PerDay: 31}})
		report := Request{Op: opReport}
		var wg sync.WaitGroup
		crowd(t, &wg, clients[0], 20, report)
		wg.Wait()
		refused := 0
		var mu sync.Mutex
		for range 20 {
			wg.Go(func() {
				_, err := clients[1].Do(t.Context(), report)
				var e *Error
				if errors.As(err, &e) && e.Daily {
					mu.Lock()
					refused++
					mu.Unlock()
				} else if err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if sent := len(z.times); sent > 30 || sent < 25 || refused != 40-sent {
			t.Errorf("%d sent, %d refused", sent, refused)
		}
		if s := budgets[1].State(); s[0].DailyRemaining > 5 {
			t.Errorf("%+v", s)
		}
		time.Sleep(24 * time.Hour)
		z.respond = func(int, *http.Request) *http.Response {
			return crowded("X-RateLimit-Type", "Daily-limit", "X-RateLimit-Category", "Heavy")
		}
		l.set(func() { l.used = 0 })
		if _, err := clients[0].Do(t.Context(), report); !errors.Is(err, ErrRateLimited) {
			t.Error(err)
		}
		time.Sleep(10 * time.Millisecond)
		n := len(z.times)
		_, err := clients[1].Do(t.Context(), Request{Op: &Op{Method: "GET", Path: "/m", Label: ResourceIntensive}})
		if e := asError(t, err); !e.Daily || len(z.times) != n {
			t.Errorf("%+v", e)
		}
		time.Sleep(10 * time.Millisecond) // the last answer
	})
}

// A turn that is given back is the next one's; one that nobody takes is lost, and
// told to the pool's day.
func TestPoolTurnsUnused(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		z, l := &zoomLog{}, &ledger{}
		_, budgets := pooled(t, l, z, 1, map[Label]Limit{Medium: {PerSecond: 1, Burst: 3, PerDay: 100}})
		b := budgets[0]
		req := settingsOf("u")
		take := func() {
			t.Helper()
			if _, fail := b.take(t.Context(), &req, new(Response)); fail != nil {
				t.Fatal(fail)
			}
		}
		take()
		b.giveBack(Medium, grant{at: time.Now()})
		_, asked := l.last()
		take()
		if _, n := l.last(); n != asked {
			t.Error("a turn given back is used before another one is drawn")
		}
		b.giveBack(Medium, grant{at: time.Now()})
		time.Sleep(10 * time.Second)
		take()
		last, _ := l.last()
		if last.Unused != 1 || l.used != 1 || b.State()[0].DailyRemaining != 99 {
			t.Errorf("%+v, %d used, %+v", last, l.used, b.State()[0])
		}
	})
}
