package client

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

var opMeeting = &Op{ID: "meetingCreate", Method: "POST", Path: "/users/{userId}/meetings", Label: Light}

func meetingOf(user string) Request { return Request{Op: opMeeting, Path: []string{user}, Body: 1} }

// refusing is a Zoom that refuses calls whose path begins so.
type refusing struct {
	zoomLog
	prefix string
	header []string
}

func newRefusing(prefix string, header ...string) *refusing {
	z := &refusing{prefix: prefix, header: header}
	z.latency = 10 * time.Millisecond
	z.respond = func(_ int, r *http.Request) *http.Response {
		if z.prefix != "" && strings.HasPrefix(r.URL.Path, "/v2"+z.prefix) {
			return crowded(z.header...)
		}
		return reply(200, `{}`)
	}
	return z
}

// sentTo counts the calls whose path begins so.
func (z *refusing) sentTo(prefix string) (n int) {
	z.mu.Lock()
	defer z.mu.Unlock()
	for _, path := range z.paths {
		if strings.HasPrefix(path, "/v2"+prefix) {
			n++
		}
	}
	return n
}

func (z *refusing) let() {
	z.mu.Lock()
	defer z.mu.Unlock()
	z.prefix = ""
}

// Only headers that name the account's daily limit close a label; others that are
// not for the second close the operation for its target.
func TestWhatA429Closes(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		header []string
		closes string
		until  time.Duration // from midnight
	}{
		"the label by name":         {[]string{"X-RateLimit-Type", "Daily-limit", "X-RateLimit-Category", "Light"}, "label", 24 * time.Hour},
		"by name, until":            {[]string{"X-RateLimit-Type", "Daily-limit", "X-RateLimit-Category", "light", "Retry-After", "3600"}, "label", time.Hour + 10*time.Millisecond},
		"until much later":          {[]string{"X-RateLimit-Type", "Daily-limit", "X-RateLimit-Category", "Light", "Retry-After", "300000"}, "label", 24*time.Hour + 10*time.Millisecond},
		"the label by its number":   {[]string{"X-RateLimit-Type", "Daily-limit", "X-RateLimit-Limit", "6000"}, "label", 24 * time.Hour},
		"another number":            {[]string{"X-RateLimit-Type", "Daily-limit", "X-RateLimit-Limit", "100"}, "target", 24 * time.Hour},
		"another label":             {[]string{"X-RateLimit-Type", "Daily-limit", "X-RateLimit-Category", "Heavy", "X-RateLimit-Limit", "6000"}, "target", 24 * time.Hour},
		"daily, and no more":        {[]string{"X-RateLimit-Type", "Daily-limit"}, "target", 24 * time.Hour},
		"a time far away":           {[]string{"Retry-After", "2000-01-01T05:00:00Z"}, "target", 5 * time.Hour},
		"of the second, far away":   {[]string{"X-RateLimit-Type", "QPS", "X-RateLimit-Category", "Light", "Retry-After", "7200"}, "target", 2*time.Hour + 10*time.Millisecond},
		"a daily time that is past": {[]string{"X-RateLimit-Type", "Daily-limit", "X-RateLimit-Category", "Light", "Retry-After", "1999-12-31T00:00:00Z"}, "", 0},
		"a daily time that is now":  {[]string{"X-RateLimit-Type", "Daily-limit", "X-RateLimit-Category", "Light", "Retry-After", "0"}, "", 0},
		"a second":                  {[]string{"Retry-After", "1"}, "", 0},
		"nothing":                   {nil, "", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { // from midnight UTC, 2000-01-01
				z := newRefusing("/users/ann", tc.header...)
				c, b := paced(t, &z.zoomLog, map[Label]Limit{Light: {PerSecond: 10, PerDay: 6000}, Heavy: {PerSecond: 1}})
				ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
				defer cancel()
				_, err := c.Do(ctx, meetingOf("ann"))
				e, s := asError(t, err), b.State()[0]
				if e.Code != CodeRateLimited || e.Daily != (tc.closes != "") || (tc.closes == "") != (z.sentTo("/") > 1) {
					t.Errorf("%+v after %d calls", e, z.sentTo("/"))
				}
				if (s.Closed != nil) != (tc.closes == "label") || (s.ClosedTargets == 1) != (tc.closes == "target") {
					t.Errorf("%+v, want it to close the %s", s, tc.closes)
				}
				if tc.closes != "" && !e.RetryAfter.Equal(z.start.Add(tc.until)) {
					t.Errorf("until %v", e.RetryAfter.Sub(z.start))
				}
				for _, other := range []Request{meetingOf("bob"), {Op: &Op{Method: "PATCH", Path: "/users/{userId}", Label: Light}, Path: []string{"bob"}, Body: 1}} {
					if _, err := c.Do(t.Context(), other); (err != nil) != (tc.closes == "label") {
						t.Errorf("%s: %v", other.Op, err)
					}
				}
			})
		})
	}
}

// What is closed is tried by one call a minute, and opens when that one goes well.
func TestOneCallAMinute(t *testing.T) {
	t.Parallel()
	for name, header := range map[string][]string{
		"label":  {"X-RateLimit-Type", "Daily-limit", "X-RateLimit-Category", "Light"},
		"target": {"X-RateLimit-Type", "Daily-limit"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				z := newRefusing("/users/ann", header...)
				c, b := paced(t, &z.zoomLog, map[Label]Limit{Light: {PerSecond: 10}})
				try := func() (failed int) {
					for range 20 {
						_, err := c.Do(t.Context(), meetingOf("ann"))
						if err != nil {
							failed++
							if e := asError(t, err); !e.Daily || e.Hint == "" || !e.RetryAfter.Equal(z.start.Add(24*time.Hour)) {
								t.Errorf("%+v", e)
							}
						}
					}
					return failed
				}
				for minute := range 5 {
					if failed := try(); failed != 20 || z.sentTo("/users/ann") != minute+1 {
						t.Errorf("minute %d: %d failed, %d sent", minute, failed, z.sentTo("/users/ann"))
					}
					time.Sleep(tryAgain)
				}
				s := b.State()[0]
				got, by := s.Closed, "429, X-RateLimit-Type: Daily-limit, X-RateLimit-Category: Light"
				if name == "target" {
					got, by = &s.Targets[0], "429, X-RateLimit-Type: Daily-limit"
				}
				if got == nil || !near(got.Since.Sub(z.start), z.latency) || got.By != by {
					t.Errorf("%+v", got)
				}
				z.let()
				if failed := try(); failed != 0 {
					t.Errorf("%d failed although Zoom takes them again", failed)
				}
				if s := b.State()[0]; s.Closed != nil || s.ClosedTargets != 0 {
					t.Errorf("%+v", s)
				}
			})
		})
	}
}

// A 429 without a header that meets one target only is the target's: its call ends,
// and others, which go well, are not slowed down by it for long.
func TestATargetWithoutHeaders(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		z := newRefusing("/users/ann")
		c, b := paced(t, &z.zoomLog, map[Label]Limit{Light: {PerSecond: 40}})
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		var wg sync.WaitGroup
		for _, user := range []string{"ann", "anna"} {
			wg.Go(func() {
				_, err := c.Do(ctx, meetingOf(user))
				if e := asError(t, err); e.Code != CodeRateLimited || !e.Daily || e.Message != targetMessage || time.Since(z.start) > 20*time.Second {
					t.Errorf("%+v after %v", e, time.Since(z.start))
				}
			})
		}
		for i := range 200 {
			wg.Go(func() {
				time.Sleep(time.Duration(i) * 100 * time.Millisecond)
				if _, err := c.Do(ctx, meetingOf(fmt.Sprint("bob", i))); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if s := b.State()[0]; s.ClosedTargets != 2 || s.Closed != nil || s.Limit != 40 {
			t.Errorf("%+v", s)
		}
		if n := z.sentTo("/users/ann"); n > 15 {
			t.Errorf("%d calls of the targets", n)
		}
	})
}

// A 429 of the day that crosses midnight was of the day before.
func TestA429AcrossMidnight(t *testing.T) {
	t.Parallel()
	for name, header := range map[string][]string{
		"until midnight": {"Retry-After", "2000-01-02T00:00:00Z"},
		"without a time": nil,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { // from midnight UTC, 2000-01-01
				z := newRefusing("/users/ann", append(header, "X-RateLimit-Type", "Daily-limit", "X-RateLimit-Category", "Light")...)
				z.latency = 90 * time.Millisecond
				c, b := paced(t, &z.zoomLog, map[Label]Limit{Light: {PerSecond: 10, PerDay: 100}})
				time.Sleep(24*time.Hour - 30*time.Millisecond)
				var wg sync.WaitGroup
				wg.Go(func() {
					if _, err := c.Do(t.Context(), meetingOf("ann")); err != nil {
						t.Error(err)
					}
				})
				time.Sleep(100 * time.Millisecond)
				z.let()
				wg.Wait()
				if s := b.State()[0]; s.Closed != nil || s.ClosedTargets != 0 || s.DailyRemaining != 99 {
					t.Errorf("%+v", s)
				}
			})
		})
	}
}

// However many targets are closed, some are remembered.
func TestClosedTargetsAreBounded(t *testing.T) {
	t.Parallel()
	c, now := closures{}, noon
	for i := range 3 * mostClosed {
		req := meetingOf(fmt.Sprint("user-", i))
		now = now.Add(time.Second)
		c.close(&req, noon.Add(24*time.Hour), now, "429")
	}
	last := meetingOf(fmt.Sprint("user-", 3*mostClosed-1))
	if len(c) != mostClosed || c.find(&last, now) == nil || len(c.of(Light, now)) != mostClosed || len(c.of(Medium, now)) != 0 {
		t.Errorf("%d are remembered", len(c))
	}
	if c.find(&last, noon.Add(25*time.Hour)) != nil || len(c) != mostClosed-1 {
		t.Errorf("%d are remembered of yesterday", len(c))
	}
}

// Of the processes of a pool one sends a call a minute, and all are open when it
// goes well.
func TestPoolFindsOut(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		z, l := newRefusing("/users", "X-RateLimit-Type", "Daily-limit", "X-RateLimit-Category", "Light"), &ledger{}
		clients, budgets := pooled(t, l, &z.zoomLog, 3, map[Label]Limit{Light: {PerSecond: 10}})
		try := func() (failed int) {
			for range 10 {
				for _, c := range clients {
					if _, err := c.Do(t.Context(), meetingOf("ann")); err != nil {
						failed++
					}
					time.Sleep(5 * time.Millisecond)
				}
				time.Sleep(askAgain + time.Millisecond)
			}
			return failed
		}
		for minute := range 5 {
			if failed := try(); failed != 30 || z.sentTo("/users") != minute+1 {
				t.Errorf("minute %d: %d failed, %d sent", minute, failed, z.sentTo("/users"))
			}
			time.Sleep(tryAgain)
		}
		z.let()
		if failed := try(); failed > 3 {
			t.Errorf("%d failed although Zoom takes them again", failed)
		}
		for _, b := range budgets {
			if s := b.State()[0]; s.Closed != nil {
				t.Errorf("%+v", s.Closed)
			}
		}
	})
}

// A day that is used up is over at midnight, also where the pool's clock is behind.
func TestPoolWhoseMidnightIsLater(t *testing.T) {
	t.Parallel()
	for _, behind := range []time.Duration{0, 30 * time.Millisecond, -30 * time.Millisecond, 3 * time.Second} {
		synctest.Test(t, func(t *testing.T) { // from midnight UTC, 2000-01-01
			z, l := &zoomLog{}, &ledger{behind: behind}
			clients, budgets := pooled(t, l, z, 1, map[Label]Limit{Heavy: {PerSecond: 100, PerDay: 20}})
			report := Request{Op: opReport}
			time.Sleep(12 * time.Hour)
			var wg sync.WaitGroup
			crowd(t, &wg, clients[0], 20, report)
			wg.Wait()
			_, err := clients[0].Do(t.Context(), report)
			e := asError(t, err)
			if !e.Daily || !e.RetryAfter.Equal(z.start.Add(24*time.Hour)) {
				t.Errorf("%+v", e)
			}
			time.Sleep(time.Until(e.RetryAfter))
			crowd(t, &wg, clients[0], 10, report)
			wg.Wait()
			if s := budgets[0].State()[0]; s.DailyRemaining != 10 {
				t.Errorf("%v behind: %+v", behind, s)
			}
		})
	}
}
