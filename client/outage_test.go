package client

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"
)

// weather is a Zoom that answers, or not, as it is told, and writes down when it
// was asked.
type weather struct {
	mu    sync.Mutex
	times []time.Time
	turn  step
}

func (w *weather) RoundTrip(r *http.Request) (*http.Response, error) {
	w.mu.Lock()
	n := len(w.times)
	w.times = append(w.times, time.Now())
	turn := w.turn
	w.mu.Unlock()
	return turn(n, r)
}

func (w *weather) change(turn step) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.turn = turn
}

func (w *weather) calls() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.times)
}

// under gives a Client whose Zoom is w.
func under(t *testing.T, w *weather, change ...func(*Config)) *Client {
	t.Helper()
	cfg := Config{Tokens: &tokens{}, Transport: w}
	for _, f := range change {
		f(&cfg)
	}
	c, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// step is what comes of the n-th call.
type step = func(n int, r *http.Request) (*http.Response, error)

func fine(int, *http.Request) (*http.Response, error) { return reply(200, `{}`), nil }

func gone(int, *http.Request) (*http.Response, error) { return nil, io.ErrUnexpectedEOF }

func answered(status int, body string, header ...string) step {
	return func(int, *http.Request) (*http.Response, error) { return respond(status, body, header...), nil }
}

// hangs answers nobody, until the caller leaves.
func hangs(_ int, r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}

// died is a connection of earlier calls that ended.
func died(n int, r *http.Request) (*http.Response, error) {
	httptrace.ContextClientTrace(r.Context()).GotConn(httptrace.GotConnInfo{Reused: true})
	return gone(n, r)
}

// unreachable is what net/http gives where nobody listens.
func unreachable(int, *http.Request) (*http.Response, error) {
	return nil, &net.OpError{Op: "dial", Err: errors.New("connection refused")}
}

// dialedInVain is what it gives where nobody answers.
func dialedInVain(int, *http.Request) (*http.Response, error) {
	return nil, &net.OpError{Op: "dial", Err: slow{}}
}

// late is what net/http gives where no header came in time.
func late(int, *http.Request) (*http.Response, error) { return nil, slow{} }

// cutOff is an answer whose connection ends in the middle of the body.
func cutOff(int, *http.Request) (*http.Response, error) {
	res := reply(200, ``)
	res.Body = io.NopCloser(io.MultiReader(strings.NewReader(`{"a":`), iotest.ErrReader(io.ErrUnexpectedEOF)))
	return res, nil
}

func TestTries(t *testing.T) {
	t.Parallel()
	unavailable := answered(503, ``)
	own := answered(500, `{"code":5010,"message":"m"}`)
	for name, tc := range map[string]struct {
		steps    []step // the last one stays
		req      Request
		deadline time.Duration
		attempts int
		delay    time.Duration // before the second try; 0: by chance
		want     error
	}{
		"once":                       {steps: []step{unavailable, fine}, attempts: 2},
		"twice":                      {steps: []step{unavailable, gone, fine}, attempts: 3},
		"always":                     {steps: []step{unavailable}, attempts: 3, want: ErrUpstreamUnavailable},
		"Zoom's own 500":             {steps: []step{own, fine}, attempts: 2},
		"always its own":             {steps: []step{own}, attempts: 3, want: ErrUpstreamUnavailable},
		"not implemented":            {steps: []step{answered(501, ``)}, attempts: 1, want: ErrUpstreamUnavailable},
		"HTTP version":               {steps: []step{answered(505, ``)}, attempts: 1, want: ErrUpstreamUnavailable},
		"connection lost":            {steps: []step{gone}, attempts: 3, want: io.ErrUnexpectedEOF},
		"no connection":              {steps: []step{unreachable, fine}, attempts: 2},
		"no connection in time":      {steps: []step{dialedInVain}, attempts: 3, want: ErrUpstreamUnavailable},
		"cut off":                    {steps: []step{cutOff, fine}, attempts: 2},
		"always cut off":             {steps: []step{cutOff}, attempts: 3, want: ErrUpstreamInvalidResponse},
		"no header in time":          {steps: []step{late, fine}, attempts: 2},
		"never a header in time":     {steps: []step{late}, attempts: 3, want: ErrUpstreamTimeout},
		"Retry-After":                {steps: []step{answered(503, ``, "Retry-After", "5"), fine}, attempts: 2, delay: 5 * time.Second},
		"Retry-After too soon":       {steps: []step{answered(503, ``, "Retry-After", "0"), fine}, attempts: 2},
		"Retry-After too late":       {steps: []step{answered(503, ``, "Retry-After", "10")}, deadline: 10 * time.Second, attempts: 1, want: ErrUpstreamUnavailable},
		"Retry-After in an hour":     {steps: []step{answered(503, ``, "Retry-After", "3600")}, attempts: 1, want: ErrUpstreamUnavailable},
		"no time for a second":       {steps: []step{unavailable}, deadline: 50 * time.Millisecond, attempts: 1, want: ErrUpstreamUnavailable},
		"in time":                    {steps: []step{unavailable, fine}, deadline: time.Minute, attempts: 2},
		"a mistake":                  {steps: []step{answered(400, `{"code":300,"message":"m"}`)}, attempts: 1, want: ErrBadUserInput},
		"crowded without a budget":   {steps: []step{answered(429, ``), answered(429, ``), fine}, attempts: 3},
		"crowded until":              {steps: []step{answered(429, ``, "Retry-After", "5"), fine}, attempts: 2, delay: 5 * time.Second},
		"crowded for too long":       {steps: []step{answered(429, ``, "Retry-After", "10")}, deadline: 10 * time.Second, attempts: 1, want: ErrRateLimited},
		"crowded for longer":         {steps: []step{answered(429, ``, "Retry-After", "61")}, attempts: 1, want: ErrRateLimited},
		"no JSON":                    {steps: []step{answered(200, `<html>`)}, attempts: 1, want: ErrUpstreamInvalidResponse},
		"write":                      {steps: []step{unavailable}, req: updateOf("u"), attempts: 1, want: ErrUpstreamUnavailable},
		"write cut off":              {steps: []step{cutOff}, req: updateOf("u"), attempts: 1, want: ErrUpstreamInvalidResponse},
		"write that cannot connect":  {steps: []step{unreachable}, req: updateOf("u"), attempts: 1, want: ErrUpstreamUnavailable},
		"then a refused token":       {steps: []step{unavailable, answered(401, `{"code":124,"message":"m"}`), fine}, attempts: 3},
		"after a refused token":      {steps: []step{answered(401, `{"code":124,"message":"m"}`), unavailable, fine}, attempts: 3},
		"with two refused tokens":    {steps: []step{answered(401, `{"code":124,"message":"m"}`), unavailable, answered(401, `{"code":124,"message":"m"}`)}, attempts: 3, want: ErrUpstreamAuthFailed},
		"a token refused at last":    {steps: []step{unavailable, unavailable, answered(401, `{"code":124,"message":"m"}`)}, attempts: 3, want: ErrUpstreamAuthFailed},
		"a token refused, then down": {steps: []step{answered(401, `{"code":124,"message":"m"}`), unavailable}, attempts: 3, want: ErrUpstreamUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := &weather{turn: func(n int, r *http.Request) (*http.Response, error) {
					return tc.steps[min(n, len(tc.steps)-1)](n, r)
				}}
				c := under(t, w)
				ctx := t.Context()
				if tc.deadline != 0 {
					var cancel func()
					ctx, cancel = context.WithTimeout(ctx, tc.deadline)
					defer cancel()
				}
				req := tc.req
				if req.Op == nil {
					req = settingsOf("u")
				}
				start := time.Now()
				res, err := c.Do(ctx, req)
				if !errors.Is(err, tc.want) || res == nil || res.Attempts != tc.attempts || w.calls() != tc.attempts || res.Waited != time.Since(start) {
					t.Fatalf("%+v, %v, %d calls in %v", res, err, w.calls(), time.Since(start))
				}
				if tc.attempts == 1 && time.Since(start) != 0 {
					t.Errorf("it took %v", time.Since(start))
				}
				for i := 1; i < tc.attempts; i++ {
					gap, most := w.times[i].Sub(w.times[i-1]), []time.Duration{firstDelay, maxDelay}[i-1]
					switch {
					case tc.delay != 0 && gap != tc.delay:
						t.Errorf("a delay of %v, want %v", gap, tc.delay)
					case tc.delay == 0 && gap != 0 && (gap < minDelay || gap > most):
						t.Errorf("delay %d is %v", i, gap)
					}
				}
			})
		})
	}
}

// The delays are spread over their ranges, so that calls that failed together are
// not repeated together.
func TestBackoff(t *testing.T) {
	t.Parallel()
	for tries, most := range map[int]time.Duration{1: firstDelay, 2: maxDelay} {
		least, longest := most, time.Duration(0)
		for range 1000 {
			delay := backoff(tries)
			least, longest = min(least, delay), max(longest, delay)
		}
		if part := (most - minDelay) / 10; least < minDelay || least > minDelay+part || longest > most || longest < most-part {
			t.Errorf("after %d tries %v to %v", tries, least, longest)
		}
	}
}

// Who leaves in a delay is gone at once.
func TestLeavingBetweenTries(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := &weather{turn: gone}
		ctx, cancel := context.WithCancel(t.Context())
		start := time.Now()
		time.AfterFunc(minDelay/2, cancel)
		res, err := under(t, w).Do(ctx, settingsOf("u"))
		if !errors.Is(err, ErrUpstreamTimeout) || !errors.Is(err, context.Canceled) || res.Attempts != 1 || time.Since(start) != minDelay/2 {
			t.Errorf("%+v, %v in %v", res, err, time.Since(start))
		}
	})
}

// A connection of the pool that had died is replaced at once, but not twice in
// one call.
func TestDiedTwice(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := &weather{turn: func(n int, r *http.Request) (*http.Response, error) {
			return []step{died, died, fine}[n](n, r)
		}}
		res, err := under(t, w).Do(t.Context(), settingsOf("u"))
		if err != nil || res.Attempts != 3 || w.times[1] != w.times[0] || w.times[2].Sub(w.times[1]) < minDelay {
			t.Errorf("%+v, %v at %v", res, err, w.times)
		}
	})
}

// Each try takes a turn and a token of its own. Where there is no turn before the
// deadline, what the last try brought is told.
func TestTriesTakeTurns(t *testing.T) {
	t.Parallel()
	unavailable := answered(503, ``)
	for name, tc := range map[string]struct {
		steps    []step
		deadline time.Duration
		calls    int
		used     int // of the day
		want     error
	}{
		"in time":             {[]step{unavailable, fine}, time.Minute, 2, 2, nil},
		"too far":             {[]step{unavailable}, 9 * time.Second, 1, 1, ErrUpstreamUnavailable},
		"a connection died":   {[]step{died, fine}, time.Minute, 2, 2, nil},
		"too far for another": {[]step{died}, 9 * time.Second, 1, 1, ErrUpstreamUnavailable},
		"crowded in the end":  {[]step{unavailable, answered(429, ``)}, 15 * time.Second, 2, 1, ErrRateLimited},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b, err := NewBudget(map[Label]Limit{Medium: {PerSecond: 0.1, PerDay: 10}}, 1, nil)
				if err != nil {
					t.Fatal(err)
				}
				w, source, start := &weather{}, &countedTokens{}, time.Now()
				w.turn = func(n int, r *http.Request) (*http.Response, error) { return tc.steps[n](n, r) }
				c := under(t, w, func(cfg *Config) { cfg.Budget, cfg.Tokens = b, source })
				ctx, cancel := context.WithTimeout(t.Context(), tc.deadline)
				defer cancel()
				res, err := c.Do(ctx, settingsOf("u"))
				if !errors.Is(err, tc.want) || res.Attempts != tc.calls || w.calls() != tc.calls || b.State()[0].DailyRemaining != 10-tc.used {
					t.Fatalf("%+v, %v, %v, %+v", res, err, w.times, b.State())
				}
				if tc.calls == 2 && (!near(w.times[1].Sub(start), 10*time.Second) || res.Waited != w.times[1].Sub(start)) {
					t.Errorf("the second at %v, waited %v", w.times[1].Sub(start), res.Waited)
				}
				if got := int(source.asked.Load()); name == "in time" && got != 2 {
					t.Errorf("asked for %d tokens", got)
				}
			})
		})
	}
}

// An outage costs a request two calls at most, and a Zoom that fails in its own
// words, so that no breaker opens, a fifth more than one.
func TestWhatAnOutageCosts(t *testing.T) {
	t.Parallel()
	const requests = 100
	own := answered(500, `{"code":5010,"message":"m"}`)
	for name, tc := range map[string]struct {
		turn step
		good int // calls that went well before
		most int
	}{
		"a dead network":           {gone, 0, firstWindow + inHand + fuse},
		"after good times":         {gone, 1000, firstWindow + saveable + fuse},
		"a gateway alone":          {answered(503, ``), 0, firstWindow + inHand + fuse},
		"its own words":            {own, 0, requests*6/5 + inHand},
		"its own after good times": {own, 1000, requests*6/5 + saveable},
	} {
		for _, together := range []bool{true, false} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					w := &weather{turn: fine}
					c := under(t, w)
					for range tc.good {
						if _, err := c.Do(t.Context(), settingsOf("u")); err != nil {
							t.Fatal(err)
						}
					}
					w.change(tc.turn)
					attempts := 0
					var mu sync.Mutex
					var wg sync.WaitGroup
					for range requests {
						wg.Go(func() {
							res, err := c.Do(t.Context(), settingsOf("u"))
							if !errors.Is(err, ErrUpstreamUnavailable) {
								t.Error(err)
							}
							mu.Lock()
							defer mu.Unlock()
							if res != nil {
								attempts += res.Attempts
							}
						})
						if !together {
							wg.Wait()
						}
					}
					wg.Wait()
					if n := w.calls() - tc.good; n > tc.most || n != attempts || tc.most > 2*requests {
						t.Errorf("%d calls, %d told, want at most %d", n, attempts, tc.most)
					}
				})
			})
		}
	}
}

// Of one request after another to a dead Zoom, the first is tried in full and
// the next ones less.
func TestALoneRequest(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := under(t, &weather{turn: unreachable})
		var tries []int
		for range 6 {
			res, err := c.Do(t.Context(), settingsOf("u"))
			if res == nil {
				t.Fatal(err)
			}
			tries = append(tries, res.Attempts)
		}
		if want := []int{3, 2, 1, 1, 2, 1}; !slices.Equal(tries, want) {
			t.Errorf("tries %v, want %v", tries, want)
		}
		if res, err := c.Do(t.Context(), settingsOf("u")); res != nil || !errors.Is(err, ErrUpstreamUnavailable) {
			t.Errorf("%+v, %v, want it held back", res, err)
		}
	})
}

// A call between its tries gets its own error when the breaker opens meanwhile.
func TestHeldBackBetweenTries(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := &weather{turn: answered(503, ``, "Retry-After", "1")}
		c := under(t, w)
		var wg sync.WaitGroup
		wg.Go(func() {
			res, err := c.Do(t.Context(), settingsOf("u"))
			if e := asError(t, err); e.Status != 503 || res.Attempts != 1 || res.Waited != time.Second {
				t.Errorf("%+v, %v", res, err)
			}
		})
		synctest.Wait()
		time.Sleep(time.Second / 2)
		breakFuse(t, c, w)
		wg.Wait()
		if n := w.calls(); n != fuse {
			t.Errorf("%d calls", n)
		}
	})
}

// breakFuse opens the breaker of MEDIUM by writes that fail.
func breakFuse(t *testing.T, c *Client, w *weather) {
	t.Helper()
	for c.circuits[Medium].breaker.blocked(time.Now()).IsZero() {
		if _, err := c.Do(t.Context(), updateOf("u")); !errors.Is(err, ErrUpstreamUnavailable) {
			t.Fatalf("%v after %d calls", err, w.calls())
		}
	}
}
