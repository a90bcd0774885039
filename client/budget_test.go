package client

import (
	"context"
	"errors"
	"math"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// zoomLog is a Zoom that writes down who called when.
type zoomLog struct {
	mu      sync.Mutex
	start   time.Time
	times   []time.Duration // since start
	paths   []string
	respond func(n int, r *http.Request) *http.Response // to the n-th call, from 0; nil: {}
	latency time.Duration
}

func (z *zoomLog) RoundTrip(r *http.Request) (*http.Response, error) {
	defer time.Sleep(z.latency)
	z.mu.Lock()
	defer z.mu.Unlock()
	n := len(z.times)
	z.times = append(z.times, time.Since(z.start))
	z.paths = append(z.paths, r.URL.Path)
	if z.respond == nil {
		return reply(200, `{}`), nil
	}
	return z.respond(n, r), nil
}

// paced gives a Client with a Budget of the whole limits before z.
func paced(t *testing.T, z *zoomLog, limits map[Label]Limit) (*Client, *Budget) {
	t.Helper()
	b, err := NewBudget(limits, 1, nil)
	if err != nil {
		t.Fatal(err)
	}
	z.start = time.Now()
	c, err := New(Config{Tokens: &tokens{}, Transport: z, Budget: b})
	if err != nil {
		t.Fatal(err)
	}
	return c, b
}

func byCaller(caller string) Request {
	return Request{Op: opSettings, Path: []string{caller}, Caller: caller}
}

// crowd sends a request n times at once and waits until all sit in the queue.
func crowd(t *testing.T, wg *sync.WaitGroup, c *Client, n int, req Request) {
	t.Helper()
	for range n {
		wg.Go(func() {
			if _, err := c.Do(t.Context(), req); err != nil {
				t.Error(err)
			}
		})
	}
	synctest.Wait()
}

func near(a, b time.Duration) bool { return (a - b).Abs() < time.Microsecond }

func TestPlanLimits(t *testing.T) {
	t.Parallel()
	for _, p := range []Plan{PlanFree, PlanPro, PlanBusiness} {
		limits, err := PlanLimits(p)
		if err != nil || len(limits) != len(Labels()) || limits[Heavy].PerDay == 0 || limits[Light].PerSecond <= limits[Medium].PerSecond {
			t.Errorf("%s: %v, %v", p, limits, err)
		}
		if _, err := NewBudget(limits, 0.5, nil); err != nil {
			t.Error(err)
		}
	}
	if _, err := PlanLimits("gold"); err == nil {
		t.Error("gold is no plan")
	}
}

func TestBudgetsThatAreNone(t *testing.T) {
	t.Parallel()
	for _, share := range []float64{0, -1, 1.01, math.NaN()} {
		if _, err := NewBudget(nil, share, nil); err == nil {
			t.Errorf("share %v", share)
		}
	}
	for name, limits := range map[string]map[Label]Limit{
		"label":    {"": {PerSecond: 1}},
		"rate":     {Light: {PerSecond: -1}},
		"not one":  {Light: {PerSecond: math.NaN()}},
		"infinite": {Light: {PerSecond: math.Inf(1)}},
		"burst":    {Light: {PerSecond: 1, Burst: -1}},
		"day":      {Light: {PerDay: -1}},
	} {
		if _, err := NewBudget(limits, 1, nil); err == nil {
			t.Error(name)
		}
	}
}

func TestShare(t *testing.T) {
	t.Parallel()
	b, err := NewBudget(map[Label]Limit{
		Light: {PerSecond: 80, Burst: 20, PerDay: 1001}, Heavy: {PerSecond: 1, PerDay: 1}, Medium: {}, ResourceIntensive: {PerDay: 10},
	}, 0.25, func() time.Time { return noon })
	if err != nil {
		t.Fatal(err)
	}
	want := []BudgetState{
		{Label: Light, Limit: 20, Remaining: 5, Level: 5, ResetAt: noon, DailyLimit: 250, DailyRemaining: 250},
		{Label: Heavy, Limit: 0.25, Remaining: 1, Level: 1, ResetAt: noon, DailyLimit: 1, DailyRemaining: 1},
		{Label: ResourceIntensive, DailyLimit: 2, DailyRemaining: 2},
	}
	if got := b.State(); !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
}

// Limits of a minute are kept to in each minute, and the calls that it has are spread over it. What has come in of the
// next one is told, since that is seconds.
func TestFewAMinute(t *testing.T) {
	t.Parallel()
	for plan, most := range map[Plan]int{PlanFree: 10, PlanPro: 10, PlanBusiness: 20} {
		t.Run(string(plan), func(t *testing.T) {
			t.Parallel()
			limits, err := PlanLimits(plan)
			if err != nil {
				t.Fatal(err)
			}
			synctest.Test(t, func(t *testing.T) {
				z := &zoomLog{}
				c, b := paced(t, z, limits)
				ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
				defer cancel()
				var wg sync.WaitGroup
				for range 3 * most {
					wg.Go(func() {
						if _, err := c.Do(ctx, Request{Op: &Op{Method: "GET", Path: "/metrics/meetings", Label: ResourceIntensive}}); err != nil {
							t.Error(err)
						}
					})
				}
				wg.Wait()
				for i := most; i < len(z.times); i++ {
					if took := z.times[i] - z.times[i-most]; took < time.Minute-time.Microsecond {
						t.Errorf("%d calls within %v", most+1, took)
					}
				}
				if last := z.times[len(z.times)-1]; !near(last, time.Duration(3*most-1)*time.Minute/time.Duration(most)) {
					t.Errorf("the last of %d calls left after %v", 3*most, last)
				}
				time.Sleep(time.Minute / time.Duration(2*most))
				if state := b.State()[3]; state.Remaining != 0 || math.Abs(state.Level-0.5) > 0.001 {
					t.Errorf("halfway to the next call: %+v", state)
				}
			})
		})
	}
}

// 500 calls at 60 a second: no second holds more than 60.
func TestPace(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		z := &zoomLog{}
		c, b := paced(t, z, map[Label]Limit{Medium: {PerSecond: 60, Burst: 60}})
		var wg sync.WaitGroup
		crowd(t, &wg, c, 500, settingsOf("u"))
		s := b.State()[0]
		if s.Waiting != 440 || s.Remaining != 0 || s.Limit != 60 || !near(s.ResetAt.Sub(z.start), time.Second) {
			t.Errorf("after the burst: %+v", s)
		}
		wg.Wait()
		for i, at := range z.times {
			if due := time.Duration(i/60) * window; !near(at, due) {
				t.Fatalf("call %d at %v, want %v", i, at, due)
			}
		}
		if s := b.State()[0]; s.Waiting != 0 {
			t.Errorf("in the end: %+v", s)
		}
		time.Sleep(time.Hour)
		if s := b.State()[0]; s.Remaining != 60 || !s.ResetAt.Equal(time.Now()) {
			t.Errorf("after a pause: %+v", s)
		}
	})
}

func TestWaitingIsTold(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		z := &zoomLog{}
		c, _ := paced(t, z, map[Label]Limit{Medium: {PerSecond: 2, Burst: 1}})
		for _, want := range []time.Duration{0, time.Second / 2, time.Second / 2} {
			res, err := c.Do(t.Context(), settingsOf("u"))
			if err != nil || !near(res.Waited, want) {
				t.Errorf("%+v, %v, want %v", res, err, want)
			}
		}
	})
}

// Labels have nothing to do with each other, and a slow one holds no places.
func TestLabelsAreIndependent(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		z := &zoomLog{}
		c, b := paced(t, z, map[Label]Limit{Heavy: {PerSecond: 1}, Medium: {PerSecond: 1000}})
		var wg sync.WaitGroup
		crowd(t, &wg, c, 2*firstWindow, Request{Op: &Op{Method: "GET", Path: "/report", Label: Heavy}})
		for _, label := range []Label{Medium, Light, ""} {
			res, err := c.Do(t.Context(), Request{Op: &Op{Method: "GET", Path: "/x", Label: label}})
			if err != nil || res.Waited != 0 {
				t.Errorf("%s: %+v, %v", label, res, err)
			}
		}
		if s := b.State(); len(s) != 2 || s[0].Label != Medium || s[1].Label != Heavy || s[1].Waiting != 2*firstWindow-1 {
			t.Errorf("%+v", s)
		}
		wg.Wait()
	})
}

func TestFairAmongCallers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		z := &zoomLog{}
		c, _ := paced(t, z, map[Label]Limit{Medium: {PerSecond: 10, Burst: 1}})
		var wg sync.WaitGroup
		crowd(t, &wg, c, 501, byCaller("ann")) // one goes at once
		crowd(t, &wg, c, 10, byCaller("bob"))
		wg.Wait()
		turns := z.paths[1:22]
		for i, path := range turns[:20] {
			if want := []string{"/v2/users/ann/settings", "/v2/users/bob/settings"}[i%2]; path != want {
				t.Fatalf("turn %d: %s", i, path)
			}
		}
		if slices.Contains(z.paths[21:], "/v2/users/bob/settings") || len(z.paths) != 511 {
			t.Errorf("%d calls", len(z.paths))
		}
	})
}

func TestLanes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		z := &zoomLog{}
		c, _ := paced(t, z, map[Label]Limit{Medium: {PerSecond: 10, Burst: 1}})
		var wg sync.WaitGroup
		bulk := byCaller("ann")
		bulk.Lane = Bulk
		crowd(t, &wg, c, 5, bulk)
		bulk.Path, bulk.Lane = []string{"later"}, Lane(7)
		crowd(t, &wg, c, 1, bulk)
		crowd(t, &wg, c, 3, byCaller("bob"))
		wg.Wait()
		want := []string{"ann", "bob", "bob", "bob", "ann", "ann", "ann", "ann", "later"}
		for i := range want {
			want[i] = "/v2/users/" + want[i] + "/settings"
		}
		if !slices.Equal(z.paths, want) {
			t.Errorf("%v", z.paths)
		}
	})
}

// What goes first goes before the others of its session, and of nobody else: for a turn, and for a slot.
func TestFirst(t *testing.T) {
	t.Parallel()
	of := func(session, name string, first bool) Request {
		return Request{Op: opSettings, Path: []string{name}, Caller: "ann", Session: session, First: first}
	}
	for name, client := range map[string]func(t *testing.T, z *zoomLog) *Client{
		"turns": func(t *testing.T, z *zoomLog) *Client {
			t.Helper()
			c, _ := paced(t, z, map[Label]Limit{Medium: {PerSecond: 10, Burst: 1}})
			return c
		},
		"slots": func(t *testing.T, z *zoomLog) *Client {
			t.Helper()
			z.latency = time.Second
			c, err := New(Config{Tokens: &tokens{}, Transport: z, Slots: NewSlots(1, nil)})
			if err != nil {
				t.Fatal(err)
			}
			return c
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				z := &zoomLog{start: time.Now()}
				c := client(t, z)
				var wg sync.WaitGroup
				crowd(t, &wg, c, 4, of("a", "a", false)) // one goes at once
				crowd(t, &wg, c, 3, of("b", "b", false))
				crowd(t, &wg, c, 1, of("b", "first", true))
				wg.Wait()
				want := []string{"a", "a", "first", "a", "b", "a", "b", "b"}
				for i := range want {
					want[i] = "/v2/users/" + want[i] + "/settings"
				}
				if !slices.Equal(z.paths, want) {
					t.Errorf("%v", z.paths)
				}
			})
		})
	}
}

// A call whose turn comes too late is refused at once; it is told when its turn
// would have come, by what stood before it.
func TestTooLate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		z := &zoomLog{}
		c, b := paced(t, z, map[Label]Limit{Medium: {PerSecond: 10, Burst: 1}})
		var wg sync.WaitGroup
		crowd(t, &wg, c, 21, byCaller("ann"))
		bulk := byCaller("bob")
		bulk.Lane = Bulk
		for _, tc := range []struct {
			req  Request
			turn time.Duration
		}{
			{byCaller("ann"), 2100 * time.Millisecond},
			{byCaller("bob"), 200 * time.Millisecond},
			{bulk, 2100 * time.Millisecond},
		} {
			ctx, cancel := context.WithDeadline(t.Context(), z.start.Add(tc.turn-time.Millisecond))
			res, err := c.Do(ctx, tc.req)
			e := asError(t, err)
			if !errors.Is(err, ErrRateLimited) || res != nil || e.Daily || e.Op != opSettings || !near(e.RetryAfter.Sub(z.start), tc.turn) {
				t.Errorf("%s: %+v, %+v", tc.req.Caller, res, e)
			}
			cancel()
		}
		if b.State()[0].Waiting != 20 || time.Since(z.start) != 0 {
			t.Errorf("it took %v: %+v", time.Since(z.start), b.State())
		}
		ctx, cancel := context.WithDeadline(t.Context(), z.start.Add(201*time.Millisecond))
		defer cancel()
		if res, err := c.Do(ctx, byCaller("bob")); err != nil || !near(res.Waited, 200*time.Millisecond) {
			t.Errorf("in time: %+v, %v", res, err)
		}
		wg.Wait()
	})
}

// Who comes later may push a call beyond its deadline; it ends with it.
func TestPushedBeyondTheDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		z := &zoomLog{}
		c, _ := paced(t, z, map[Label]Limit{Medium: {PerSecond: 1}})
		var wg sync.WaitGroup
		crowd(t, &wg, c, 1, byCaller("ann"))
		wg.Go(func() {
			ctx, cancel := context.WithTimeout(t.Context(), 1500*time.Millisecond)
			defer cancel()
			bulk := byCaller("bob")
			bulk.Lane = Bulk
			res, err := c.Do(ctx, bulk)
			e := asError(t, err)
			if res != nil || e.Code != CodeRateLimited || !errors.Is(err, context.DeadlineExceeded) || !near(e.RetryAfter.Sub(z.start), 4*time.Second) {
				t.Errorf("%+v, %+v", res, e)
			}
		})
		synctest.Wait()
		crowd(t, &wg, c, 3, byCaller("ann"))
		wg.Wait()
	})
}

func TestALeaversTurnGoesToTheNext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		z := &zoomLog{}
		c, b := paced(t, z, map[Label]Limit{Medium: {PerSecond: 1}})
		var wg sync.WaitGroup
		ctx, cancel := context.WithCancel(t.Context())
		crowd(t, &wg, c, 1, byCaller("ann"))
		for range 3 {
			wg.Go(func() {
				if res, err := c.Do(ctx, byCaller("ann")); res != nil || !errors.Is(err, ErrUpstreamTimeout) || !errors.Is(err, context.Canceled) {
					t.Errorf("%+v, %v", res, err)
				}
			})
		}
		synctest.Wait()
		crowd(t, &wg, c, 1, byCaller("bob"))
		crowd(t, &wg, c, 1, byCaller("ann"))
		cancel()
		synctest.Wait()
		if s := b.State()[0]; s.Waiting != 2 {
			t.Errorf("%+v", s)
		}
		wg.Wait()
		if len(z.times) != 3 || !near(z.times[1], time.Second) || !near(z.times[2], 2*time.Second) {
			t.Errorf("%v %v", z.times, z.paths)
		}
		if res, err := c.Do(ctx, byCaller("ann")); res != nil || !errors.Is(err, context.Canceled) || len(z.times) != 3 {
			t.Errorf("who left before: %+v, %v", res, err)
		}
	})
}

// A turn is given back by who leaves before it is used: between turn and place,
// and without a token.
func TestUnusedTurns(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		hold := make(chan struct{})
		b, err := NewBudget(map[Label]Limit{Medium: {PerSecond: 1, Burst: 3, PerDay: 10}}, 1, nil)
		if err != nil {
			t.Fatal(err)
		}
		cfg := Config{MaxInFlight: 1, Budget: b, Tokens: &tokens{}, Transport: roundTrip(func(*http.Request) (*http.Response, error) {
			<-hold
			return reply(200, `{}`), nil
		})}
		c, err := New(cfg)
		if err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		crowd(t, &wg, c, 1, settingsOf("u"))
		ctx, cancel := context.WithTimeout(t.Context(), time.Microsecond)
		defer cancel()
		if _, err := c.Do(ctx, settingsOf("u")); !errors.Is(err, ErrUpstreamTimeout) {
			t.Error(err)
		}
		cfg.Tokens = StaticToken("")
		broke, err := New(cfg)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := broke.Do(t.Context(), settingsOf("u")); !errors.Is(err, ErrUnauthenticated) {
			t.Error(err)
		}
		if s := b.State()[0]; s.Remaining != 2 || s.DailyRemaining != 9 {
			t.Errorf("%+v", s)
		}
		close(hold)
		wg.Wait()
	})
}

// A turn that comes at the moment its waiter leaves is the next one's.
func TestATurnTooMany(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		z := &zoomLog{}
		c, b := paced(t, z, map[Label]Limit{Medium: {PerSecond: 1, PerDay: 9}})
		var wg sync.WaitGroup
		crowd(t, &wg, c, 1, settingsOf("u"))
		ctx, cancel := context.WithCancel(t.Context())
		req, a := settingsOf("u"), b.allowances[Medium]
		w, _, _, fail := b.begin(ctx, a, &req, false)
		if fail != nil {
			t.Fatal(fail)
		}
		crowd(t, &wg, c, 1, settingsOf("next"))
		<-w.ready
		cancel()
		if fail := b.leave(ctx, a, w, opSettings); !errors.Is(fail, context.Canceled) {
			t.Error(fail)
		}
		wg.Wait()
		if s := b.State()[0]; len(z.times) != 2 || !near(z.times[1], time.Second) || s.DailyRemaining != 7 {
			t.Errorf("%v, %+v", z.times, s)
		}
	})
}

// A call that is not needed any more when its turn comes is not sent, and its turn is the next one's.
func TestNotNeeded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		z := &zoomLog{}
		c, b := paced(t, z, map[Label]Limit{Medium: {PerSecond: 1}})
		req := byCaller("a")
		req.Seal = func() (url.Values, bool) { return nil, false }
		res, err := c.Do(t.Context(), req)
		if !errors.Is(err, ErrNotNeeded) || res != nil || len(z.times) != 0 {
			t.Errorf("%v, %+v after %d calls", err, res, len(z.times))
		}
		if state := b.State(); state[0].Remaining != 1 {
			t.Errorf("the turn is gone: %+v", state)
		}
	})
}

// Zoom Phone has limits of its own, in each plan: its calls take nothing of the other ones, and heavy and resource-intensive
// ones of it have a day together.
func TestPhoneLimits(t *testing.T) {
	t.Parallel()
	for _, plan := range []Plan{PlanFree, PlanPro, PlanBusiness} {
		t.Run(string(plan), func(t *testing.T) {
			t.Parallel()
			limits, err := PlanLimits(plan)
			if err != nil {
				t.Fatal(err)
			}
			synctest.Test(t, func(t *testing.T) {
				z := &zoomLog{}
				c, b := paced(t, z, limits)
				before := map[Label]BudgetState{}
				for _, state := range b.State() {
					before[state.Label] = state
				}
				if len(before) != len(Labels()) {
					t.Fatalf("limits of %d labels, want %d", len(before), len(Labels()))
				}
				for _, label := range []Label{PhoneLight, PhoneMedium, PhoneHeavy, PhoneResourceIntensive} {
					if _, err := c.Do(t.Context(), Request{Op: &Op{Method: "GET", Path: "/phone/x", Label: label}}); err != nil {
						t.Fatal(err)
					}
				}
				for _, state := range b.State() {
					was := before[state.Label]
					isPhone := state.Label != state.Label.printed()
					if taken := state.Level < was.Level; taken != isPhone {
						t.Errorf("%s: %v of %v left", state.Label, state.Level, was.Level)
					}
					if state.Label == PhoneHeavy && was.DailyRemaining-state.DailyRemaining != 2 {
						t.Errorf("%s: a day of %d was %d, want 2 less", state.Label, state.DailyRemaining, was.DailyRemaining)
					}
				}
			})
		})
	}
}
