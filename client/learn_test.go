package client

import (
	"context"
	"errors"
	"io"
	"math"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

var opReport = &Op{ID: "report", Method: "GET", Path: "/report", Label: Heavy}

// aMedium is a call of the label Medium.
var aMedium = &Request{Op: opSettings, Path: []string{"u"}}

// respond makes an answer with a header.
func respond(status int, body string, header ...string) *http.Response {
	res := reply(status, body)
	for i := 0; i < len(header); i += 2 {
		res.Header.Set(header[i], header[i+1])
	}
	return res
}

func crowded(header ...string) *http.Response {
	return respond(429, `{"code":429,"message":"m"}`, header...)
}

func mediumLimit(b *Budget) float64 { return b.State()[0].Limit }

func TestToldLimit(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		kind, limit, category string
		want                  float64
	}{
		{"QPS", "30", "Medium", 30},
		{"Per-second-limit", "20", "", 20},
		{"QPS", "60", "Medium", 60},
		{"QPS", "600", "Medium", 60},
		{"QPS", "30", "Light", 60},
		{"Daily-limit", "30", "Medium", 60},
		{"", "30", "Medium", 60},
		{"QPS", "0", "Medium", 60},
		{"QPS", "-1", "Medium", 60},
		{"QPS", "many", "Medium", 60},
	} {
		synctest.Test(t, func(t *testing.T) {
			z := &zoomLog{respond: func(int, *http.Request) *http.Response {
				return respond(200, `{}`, "X-RateLimit-Type", tc.kind, "X-RateLimit-Limit", tc.limit, "X-RateLimit-Category", tc.category)
			}}
			c, b := paced(t, z, map[Label]Limit{Medium: {PerSecond: 60}})
			if _, err := c.Do(t.Context(), settingsOf("u")); err != nil || mediumLimit(b) != tc.want {
				t.Errorf("%+v: %v, %v", tc, mediumLimit(b), err)
			}
			time.Sleep(time.Hour)
			if s := b.State()[0]; s.Limit != tc.want || s.Remaining != int(tc.want) {
				t.Errorf("%+v: later %+v", tc, s)
			}
		})
	}
}

// A told limit counts for the share; a higher one told later is regained slowly.
func TestToldLimitOfAShare(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b, err := NewBudget(map[Label]Limit{Medium: {PerSecond: 80}}, 0.5, nil)
		if err != nil {
			t.Fatal(err)
		}
		told := func(limit string) {
			b.learn(aMedium, time.Now(), http.Header{"X-Ratelimit-Type": {"QPS"}, "X-Ratelimit-Limit": {limit}}, nil)
		}
		told("20")
		if s := b.State()[0]; s.Limit != 10 || s.Remaining != 10 {
			t.Errorf("%+v", s)
		}
		told("200")
		for range 5 {
			time.Sleep(time.Second)
		}
		if got := mediumLimit(b); math.Abs(got-10*math.Exp(5*fastGrowth)) > 1e-6 {
			t.Errorf("after 5 s: %v", got)
		}
		time.Sleep(time.Minute)
		if got := mediumLimit(b); got != 40 {
			t.Errorf("in the end: %v", got)
		}
	})
}

// A 429 of the second holds all turns until that second is over, and halves the
// rate where nobody waits; the call is sent again, a write too.
func TestCrowdedOut(t *testing.T) {
	t.Parallel()
	for name, req := range map[string]Request{
		"read":  settingsOf("u"),
		"write": {Op: opUpdate, Path: []string{"u"}, Body: 1},
		"file":  {Op: opUpdate, Path: []string{"u"}, Body: &File{Field: "f", Name: "n", Content: strings.NewReader("canary"), Size: 6}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var bodies []string
				z := &zoomLog{respond: func(n int, r *http.Request) *http.Response {
					body, _ := io.ReadAll(r.Body)
					bodies = append(bodies, string(body))
					if n < 2 {
						return crowded()
					}
					return reply(200, `{}`)
				}}
				c, b := paced(t, z, map[Label]Limit{Medium: {PerSecond: 20}})
				res, err := c.Do(t.Context(), req)
				if err != nil || res.Attempts != 3 || res.Status != 200 || res.Waited != z.times[2] {
					t.Fatalf("%+v, %v", res, err)
				}
				if !near(z.times[1], window) || !near(z.times[2], 2*window) {
					t.Errorf("attempts at %v", z.times)
				}
				if got := mediumLimit(b); got < 5 || got > 6 {
					t.Errorf("limit %v", got)
				}
				if bodies[0] != bodies[2] || (bodies[0] == "") != (name == "read") {
					t.Errorf("bodies %q", bodies)
				}
				time.Sleep(20 * time.Second)
				if got := mediumLimit(b); got != 20 {
					t.Errorf("after 20 s: %v", got)
				}
			})
		})
	}
}

// A call that Zoom refuses for as long as there is time is refused in the end, and
// took nothing of the day.
func TestCrowdedOutAllTheTime(t *testing.T) {
	t.Parallel()
	for name, deadline := range map[string]time.Duration{"deadline": 10 * time.Second, "none": 0} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				z := &zoomLog{respond: func(int, *http.Request) *http.Response { return crowded("X-RateLimit-Type", "QPS") }}
				c, b := paced(t, z, map[Label]Limit{Medium: {PerSecond: 20, PerDay: 10}})
				ctx := t.Context()
				if deadline > 0 {
					var cancel func()
					ctx, cancel = context.WithTimeout(ctx, deadline)
					defer cancel()
				}
				res, err := c.Do(ctx, settingsOf("u"))
				e, took := asError(t, err), time.Since(z.start)
				if e.Code != CodeRateLimited || e.Daily || res.Attempts != len(z.times) || len(z.times) < 4 || !e.RetryAfter.After(time.Now()) {
					t.Errorf("%+v, %+v", res, e)
				}
				if s := b.State()[0]; s.DailyRemaining != 10 || s.Limit > 5 || s.Refused != len(z.times) {
					t.Errorf("%+v", s)
				}
				if most := max(deadline, longestDelay+10*time.Second); took > most || took < deadline-5*time.Second {
					t.Errorf("it took %v", took)
				}
			})
		})
	}
}

// 429s of calls that were under way together are one sign; refused calls come
// before those of their caller that never went.
func TestManyCrowdedOut(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		z := &zoomLog{latency: 10 * time.Millisecond, respond: func(n int, _ *http.Request) *http.Response {
			if n < 2 {
				return crowded()
			}
			return reply(200, `{}`)
		}}
		c, b := paced(t, z, map[Label]Limit{Medium: {PerSecond: 20}})
		var wg sync.WaitGroup
		crowd(t, &wg, c, 2, settingsOf("first"))
		crowd(t, &wg, c, 10, settingsOf("later"))
		time.Sleep(z.latency)
		synctest.Wait()
		if s := b.State()[0]; s.Limit != 20*blindTo || s.Remaining != 0 || s.Waiting != 12 || s.Refused != 2 {
			t.Errorf("%+v", s)
		}
		wg.Wait()
		if len(z.times) != 14 {
			t.Fatalf("%d calls", len(z.times))
		}
		for i, path := range z.paths[2:] {
			if want := map[bool]string{true: "/v2/users/first/settings", false: "/v2/users/later/settings"}[i < 2]; path != want || z.times[2+i] < window {
				t.Errorf("turn %d at %v: %s", i, z.times[2+i], path)
			}
		}
	})
}

func TestCrowdedOutUntil(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		z := &zoomLog{respond: func(n int, _ *http.Request) *http.Response {
			if n == 0 {
				return crowded("Retry-After", "3")
			}
			return reply(200, `{}`)
		}}
		c, _ := paced(t, z, map[Label]Limit{Medium: {PerSecond: 20}})
		if _, err := c.Do(t.Context(), settingsOf("u")); err != nil || z.times[1] != 3*time.Second {
			t.Errorf("%v, %v", z.times, err)
		}
	})
}

// A repetition keeps to the deadline, and to the two attempts of other failures.
func TestRepetitionsHaveTheirLimits(t *testing.T) {
	t.Parallel()
	always := func(int, *http.Request) *http.Response { return crowded("Retry-After", "30") }
	for name, tc := range map[string]struct {
		limits   map[Label]Limit
		respond  func(int, *http.Request) *http.Response
		attempts int
		want     error
	}{
		"deadline":  {map[Label]Limit{Medium: {PerSecond: 1}}, always, 1, ErrRateLimited},
		"not paced": {map[Label]Limit{Light: {PerSecond: 1}}, always, 1, ErrRateLimited},
		"token refused": {map[Label]Limit{Medium: {PerSecond: 100}}, func(n int, _ *http.Request) *http.Response {
			return []*http.Response{crowded(), reply(401, `{"code":124,"message":"m"}`), crowded(), reply(200, `{}`)}[n]
		}, 4, nil},
		"token refused twice": {map[Label]Limit{Medium: {PerSecond: 100}}, func(n int, _ *http.Request) *http.Response {
			return []*http.Response{crowded(), reply(401, `{"code":124,"message":"m"}`), reply(401, `{"code":124,"message":"m"}`)}[n]
		}, 3, ErrUpstreamAuthFailed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c, _ := paced(t, &zoomLog{respond: tc.respond}, tc.limits)
				ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
				defer cancel()
				start := time.Now()
				res, err := c.Do(ctx, settingsOf("u"))
				if !errors.Is(err, tc.want) || res == nil || res.Attempts != tc.attempts || time.Since(start) > 3*time.Second {
					t.Errorf("%+v, %v", res, err)
				}
			})
		})
	}
}

// Zoom's 429 of the day refuses that call, those that wait and those to come,
// also of the label that shares the day.
func TestZoomsDayIsOver(t *testing.T) {
	t.Parallel()
	for name, header := range map[string][]string{
		"type": {"X-RateLimit-Type", "Daily-limit", "X-RateLimit-Category", "Heavy"},
		"time": {"X-RateLimit-Type", "Daily-limit", "X-RateLimit-Category", "Resource-intensive", "Retry-After", "2000-01-02T00:00:00Z"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { // from midnight UTC, 2000-01-01
				over := true
				z := &zoomLog{latency: 10 * time.Millisecond, respond: func(int, *http.Request) *http.Response {
					if over {
						return crowded(header...)
					}
					return reply(200, `{}`)
				}}
				c, b := paced(t, z, map[Label]Limit{Heavy: {PerSecond: 1}, Medium: {PerSecond: 1}})
				refused := func(op *Op) {
					_, err := c.Do(t.Context(), Request{Op: op})
					if e := asError(t, err); e.Code != CodeRateLimited || !e.Daily || e.RetryAfter.Sub(z.start.Add(24*time.Hour)).Abs() > z.latency {
						t.Errorf("%+v", e)
					}
				}
				var wg sync.WaitGroup
				for range 5 {
					wg.Go(func() { refused(opReport) })
				}
				wg.Wait()
				refused(&Op{Method: "GET", Path: "/metrics/meetings", Label: ResourceIntensive})
				if s := b.State()[1]; len(z.times) != 1 || time.Since(z.start) != z.latency || s.Waiting != 0 || s.DailyRemaining != 0 {
					t.Errorf("%d calls, %v, %+v", len(z.times), time.Since(z.start), s)
				}
				over = false
				if _, err := c.Do(t.Context(), Request{Op: opUsers}); err != nil {
					t.Errorf("of another label: %v", err)
				}
				time.Sleep(24 * time.Hour)
				if _, err := c.Do(t.Context(), Request{Op: opReport}); err != nil {
					t.Errorf("the next day: %v", err)
				}
			})
		})
	}
}

// Our own count of the day includes those that wait, and is one of both labels.
func TestOurDayIsOver(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		z := &zoomLog{}
		c, b := paced(t, z, map[Label]Limit{Heavy: {PerSecond: 1, PerDay: 3}, ResourceIntensive: {PerDay: 4}})
		metrics := &Op{Method: "GET", Path: "/metrics/meetings", Label: ResourceIntensive}
		refused := func(op *Op) {
			_, err := c.Do(t.Context(), Request{Op: op})
			if e := asError(t, err); e.Code != CodeRateLimited || !e.Daily || !e.RetryAfter.Equal(z.start.Add(24*time.Hour)) {
				t.Errorf("%+v", e)
			}
		}
		var wg sync.WaitGroup
		crowd(t, &wg, c, 3, Request{Op: opReport})
		refused(opReport)
		crowd(t, &wg, c, 1, Request{Op: metrics})
		refused(metrics)
		if time.Since(z.start) != 0 {
			t.Errorf("it took %v", time.Since(z.start))
		}
		wg.Wait()
		if s := b.State(); len(z.times) != 4 || s[0].DailyRemaining != 0 || s[1].DailyLimit != 4 || s[1].DailyRemaining != 0 {
			t.Errorf("%d calls, %+v", len(z.times), s)
		}
		time.Sleep(time.Until(z.start.Add(24 * time.Hour)))
		if s := b.State(); s[0].DailyRemaining != 3 {
			t.Errorf("%+v", s)
		}
		crowd(t, &wg, c, 1, Request{Op: opReport})
	})
}
