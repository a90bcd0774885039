package client

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// latencies is a Zoom that takes its time, by operation.
type latencies struct {
	mu    sync.Mutex
	takes map[string]time.Duration // by path; 0 or less: for ever
	calls map[string]int
	now   int
	most  int
}

func newLatencies(takes map[string]time.Duration) *latencies {
	return &latencies{takes: takes, calls: map[string]int{}}
}

func (l *latencies) RoundTrip(r *http.Request) (*http.Response, error) {
	l.mu.Lock()
	l.calls[r.URL.Path]++
	l.now++
	l.most = max(l.most, l.now)
	takes := l.takes[r.URL.Path]
	l.mu.Unlock()
	defer func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.now--
	}()
	var done <-chan time.Time
	if takes > 0 {
		timer := time.NewTimer(takes)
		defer timer.Stop()
		done = timer.C
	}
	select {
	case <-done:
		return reply(200, `{}`), nil
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
}

func (l *latencies) seen() (most int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.most
}

var (
	opGood  = &Op{ID: "good", Method: "GET", Path: "/good", Label: Medium}
	opHangs = &Op{ID: "hangs", Method: "GET", Path: "/hangs", Label: Medium}
	opSaves = &Op{ID: "saves", Method: "PATCH", Path: "/saves/{id}", Label: Medium}
)

const goodPath, hangingPath, savingPath = "/v2/good", "/v2/hangs", "/v2/saves/3"

func slotted(t *testing.T, l *latencies, slots *Slots) *Client {
	t.Helper()
	c, err := New(Config{Tokens: &tokens{}, Transport: l, Slots: slots})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// With a latency of a second, 500 calls at 60 a second need 60 slots; the window
// follows. A cap of the operator's holds all the same.
func TestSlotsFollowLatency(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		rate    float64
		latency time.Duration
		most    int
		longest time.Duration // ideal, and a part more for the window to widen and the budget's careful start
	}{
		{60, time.Second, DefaultInFlight, 3 * (500/60*time.Second + time.Second) / 2},
		{60, 50 * time.Millisecond, DefaultInFlight, 5 * (500 / 60 * time.Second) / 4},
		{60, 3 * time.Second, DefaultInFlight, 2 * (500/60*time.Second + 3*time.Second)},
		{0, time.Second, DefaultInFlight, 5 * time.Second}, // 32, 64, 128, 256: five rounds
		{0, time.Second, 50, 14 * time.Second},             // 38 at once: 12 slots belong to other labels
		{0, time.Second, 1, 500 * time.Second},
	} {
		t.Run(fmt.Sprintf("%v calls a second of %v in %d slots", tc.rate, tc.latency, tc.most), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				l := newLatencies(map[string]time.Duration{goodPath: tc.latency})
				cfg := Config{Tokens: &tokens{}, Transport: l, MaxInFlight: tc.most}
				if tc.rate > 0 {
					b, err := NewBudget(map[Label]Limit{Medium: {PerSecond: tc.rate, Burst: 1}}, 1, nil)
					if err != nil {
						t.Fatal(err)
					}
					cfg.Budget = b
				}
				c, err := New(cfg)
				if err != nil {
					t.Fatal(err)
				}
				start := time.Now()
				var wg sync.WaitGroup
				for range 500 {
					wg.Go(func() {
						if _, err := c.Do(t.Context(), Request{Op: opGood}); err != nil {
							t.Error(err)
						}
					})
				}
				wg.Wait()
				if took := time.Since(start); took > tc.longest {
					t.Errorf("took %v, want %v at most", took, tc.longest)
				}
				if l.seen() > tc.most {
					t.Errorf("%d calls in flight, want %d at most", l.seen(), tc.most)
				}
			})
		})
	}
}

// Answers that get slower as more calls are in flight come from a queue: the window
// does not widen.
func TestSlotsDoNotFeedAQueue(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		inFlight := 0
		c, err := New(Config{Tokens: &tokens{}, Transport: roundTrip(func(*http.Request) (*http.Response, error) {
			mu.Lock()
			inFlight++
			takes := time.Duration(max(1, inFlight/8)) * 20 * time.Millisecond
			mu.Unlock()
			time.Sleep(takes)
			mu.Lock()
			inFlight--
			mu.Unlock()
			return reply(200, `{}`), nil
		})})
		if err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		for range 2000 {
			wg.Go(func() { _, _ = c.Do(t.Context(), Request{Op: opGood}) })
		}
		wg.Wait()
		if s := c.slots.State(); s.Window > 2*firstWindow || s.InFlight != 0 || s.Waiting != 0 {
			t.Errorf("%+v", s)
		}
	})
}

// However many calls hang, a good one is answered as soon as it is clear that they
// do; and what is in flight stays within the maximum.
func TestHangingCallsHoldUpNobody(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		hanging, callers, most int
		longest                time.Duration // that a good call waits for a slot, in all
	}{
		{24, 24, DefaultInFlight, slowUnknown},
		{30, 30, DefaultInFlight, slowUnknown},
		{500, 1, DefaultInFlight, hangsLeast},
		{300, 300, DefaultInFlight, 300 / 24 * slowUnknown},
		{2000, 10, DefaultInFlight, hangsLeast},
		{30, 30, 32, hangsLeast},
		{100, 3, 16, hangsLeast},
		{100, 1, 4, hangsLeast},
		{5, 1, 2, 2 * hangsLeast},
	} {
		t.Run(fmt.Sprintf("%d hang in %d slots", tc.hanging, tc.most), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				l := newLatencies(map[string]time.Duration{goodPath: 10 * time.Millisecond})
				c := slotted(t, l, NewSlots(tc.most, nil))
				ctx, leave := context.WithTimeout(t.Context(), 30*time.Second)
				var wg sync.WaitGroup
				for i := range tc.hanging {
					wg.Go(func() { _, _ = c.Do(ctx, Request{Op: opHangs, Caller: strconv.Itoa(i % tc.callers)}) })
				}
				synctest.Wait()
				var waited time.Duration
				for range 10 {
					res, err := c.Do(ctx, Request{Op: opGood, Caller: "good"})
					if err != nil {
						t.Fatal(err)
					}
					waited = max(waited, res.Waited)
				}
				if waited > tc.longest {
					t.Errorf("waited %v, want %v at most", waited, tc.longest)
				}
				leave()
				wg.Wait()
				if l.seen() > tc.most {
					t.Errorf("%d calls in flight, want %d at most", l.seen(), tc.most)
				}
				if s := c.slots.State(); s.InFlight != 0 || s.Waiting != 0 || s.Hanging != 0 {
					t.Errorf("%+v", s)
				}
			})
		})
	}
}

// A read that gives way is an error of its own, and tried again like other timeouts;
// a write is never ended, since it may have been carried out.
func TestWhatGivesWay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLatencies(map[string]time.Duration{goodPath: time.Millisecond})
		slots := NewSlots(4, nil)
		c := slotted(t, l, slots)
		c.circuits[Medium].repeats.credit = 0 // no second try, so that the error is seen
		var gaveWay, other atomic.Int64
		ctx, leave := context.WithTimeout(t.Context(), time.Minute)
		var wg sync.WaitGroup
		start := func(op *Op, path ...string) {
			wg.Go(func() {
				_, err := c.Do(ctx, Request{Op: op, Path: path})
				if isRead(op) && errors.Is(err, errGaveWay) && errors.Is(err, ErrUpstreamTimeout) {
					gaveWay.Add(1)
				} else {
					other.Add(1)
				}
			})
		}
		start(opSaves, "1")
		start(opSaves, "2")
		synctest.Wait()
		for range 2 {
			start(opHangs)
		}
		synctest.Wait()
		for range 5 {
			if _, err := c.Do(ctx, Request{Op: opGood}); err != nil {
				t.Fatal(err)
			}
		}
		if gaveWay.Load() != 1 || other.Load() != 0 {
			t.Errorf("%d gave way and %d ended otherwise, want 1 and 0", gaveWay.Load(), other.Load())
		}
		leave()
		wg.Wait()
	})
}

// Slots are one bound for all clients that share them, and calls get them in the
// order in which they came.
func TestClientsShareSlots(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLatencies(map[string]time.Duration{goodPath: time.Second})
		slots := NewSlots(3, nil)
		ann, bob := slotted(t, l, slots), slotted(t, l, slots)
		var mu sync.Mutex
		var order []string
		var wg sync.WaitGroup
		for i := range 12 {
			who, c := "ann", ann
			if i%2 == 1 {
				who, c = "bob", bob
			}
			wg.Go(func() {
				if _, err := c.Do(t.Context(), Request{Op: opGood}); err != nil {
					t.Error(err)
				}
				mu.Lock()
				defer mu.Unlock()
				order = append(order, who+strconv.Itoa(i/3))
			})
			synctest.Wait()
		}
		wg.Wait()
		if l.seen() != 3 {
			t.Errorf("%d in flight", l.seen())
		}
		for i, name := range order {
			if want := strconv.Itoa(i / 3); name[3:] != want {
				t.Errorf("%v: call %d is not of round %s", order, i, want)
			}
		}
	})
}

// A label with fewer calls in flight gets the next slot.
func TestLabelsTakeTurnsForSlots(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLatencies(map[string]time.Duration{goodPath: 100 * time.Millisecond})
		c := slotted(t, l, NewSlots(4, nil))
		var wg sync.WaitGroup
		for range 100 {
			wg.Go(func() { _, _ = c.Do(t.Context(), Request{Op: opGood}) })
		}
		synctest.Wait()
		res, err := c.Do(t.Context(), Request{Op: &Op{Method: "GET", Path: "/good", Label: Heavy}})
		if err != nil || res.Waited > 100*time.Millisecond {
			t.Errorf("%+v, %v", res, err)
		}
		wg.Wait()
	})
}

// Slots are neither lost nor counted twice, whatever becomes of calls.
func TestSlotsAreGivenBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLatencies(map[string]time.Duration{goodPath: 50 * time.Millisecond, savingPath: time.Second})
		slots := NewSlots(10, nil)
		c := slotted(t, l, slots)
		var wg sync.WaitGroup
		for i := range 2000 {
			op := []*Op{opGood, opHangs, opSaves, {Method: "GET", Path: "/good", Label: Light}, {Method: "GET", Path: "/good", Label: "PHONE"}}[i%5]
			req := Request{Op: op}
			if op == opSaves {
				req.Path = []string{"3"}
			}
			wg.Go(func() {
				ctx, leave := context.WithTimeout(t.Context(), time.Duration(i%97)*100*time.Millisecond)
				defer leave()
				_, _ = c.Do(ctx, req)
			})
		}
		wg.Wait()
		if s := slots.State(); s.InFlight != 0 || s.Waiting != 0 || s.Hanging != 0 {
			t.Errorf("%+v", s)
		}
		for _, share := range slots.shares {
			if share.inFlight != 0 {
				t.Errorf("%q: %d", share.label.label, share.inFlight)
			}
		}
		if l.seen() > 10 {
			t.Errorf("%d in flight", l.seen())
		}
	})
}

// One account whose calls take long keeps no other one waiting, and alone it has all slots that its label may have.
func TestSlotsAreShared(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		slots := NewSlots(64, nil)
		l := newLatencies(map[string]time.Duration{hangingPath: time.Hour, goodPath: 20 * time.Millisecond})
		client := func(share string) *Client {
			c, err := New(Config{Tokens: &tokens{}, Transport: l, Slots: slots, Share: share})
			if err != nil {
				t.Fatal(err)
			}
			return c
		}
		greedy := client("greedy")
		ctx, leave := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		ask := func(op *Op) {
			for i := range 600 {
				wg.Go(func() { _, _ = greedy.Do(ctx, Request{Op: op, Caller: strconv.Itoa(i)}) })
			}
		}
		ask(opHangs)
		time.Sleep(time.Second)
		if n := slots.State().InFlight; n != 48 { // without a sixteenth for each of four other labels
			t.Errorf("alone it has %d calls in flight, want 48", n)
		}
		others := client("other")
		for _, label := range []Label{Light, Heavy, ResourceIntensive, "PHONE"} {
			ask(&Op{ID: "hangs", Method: "GET", Path: "/hangs", Label: label})
		}
		time.Sleep(time.Second)
		if n := slots.State().InFlight; n != 56 {
			t.Errorf("beside another account it has %d calls in flight, want 56", n)
		}
		for i := range 10 {
			start := time.Now()
			if _, err := others.Do(t.Context(), Request{Op: opGood, Caller: strconv.Itoa(i)}); err != nil || time.Since(start) > 250*time.Millisecond {
				t.Errorf("a call of another account: %v after %v", err, time.Since(start))
			}
		}
		leave()
		wg.Wait()
		if s := slots.State(); s.InFlight != 0 || s.Waiting != 0 {
			t.Errorf("%+v", s)
		}
	})
}
