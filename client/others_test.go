package client

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// limiter is how a Zoom counts the calls of a second.
type limiter interface{ take(at time.Duration) bool }

// tokens a second up to a second's worth
type bucketLimit struct {
	rate, left float64
	at         time.Duration
}

func newBucketLimit(rate float64) limiter {
	return &bucketLimit{rate: rate, left: max(1, rate)}
}

func (l *bucketLimit) take(at time.Duration) bool {
	l.left, l.at = min(max(1, l.rate), l.left+l.rate*(at-l.at).Seconds()), at
	if l.left < 1-1e-9 {
		return false
	}
	l.left--
	return true
}

// so many in any second
type slidingLimit struct {
	rate  int
	taken []time.Duration
}

func newSlidingLimit(rate float64) limiter { return &slidingLimit{rate: int(math.Ceil(rate))} }

func (l *slidingLimit) take(at time.Duration) bool {
	for len(l.taken) > 0 && at-l.taken[0] >= time.Second {
		l.taken = l.taken[1:]
	}
	if len(l.taken) >= l.rate {
		return false
	}
	l.taken = append(l.taken, at)
	return true
}

// so many from one full second to the next
type fixedLimit struct {
	rate, taken int
	second      time.Duration
}

func newFixedLimit(rate float64) limiter { return &fixedLimit{rate: int(math.Ceil(rate))} }

func (l *fixedLimit) take(at time.Duration) bool {
	if second := (at + 300*time.Millisecond).Truncate(time.Second); second != l.second {
		l.second, l.taken = second, 0
	}
	if l.taken >= l.rate {
		return false
	}
	l.taken++
	return true
}

// othersUse is a Zoom whose limit is another one than was declared.
type othersUse struct {
	mu      sync.Mutex
	limiter limiter
	start   time.Time
	latency time.Duration
	sent    int
	refused int
	done    []time.Duration
}

// client gives one whose budget knows of the declared limits only.
func (z *othersUse) client(t *testing.T, declared float64) *Client {
	t.Helper()
	limit := Limit{PerSecond: declared, Burst: 0.95 * declared}
	b, err := NewBudget(map[Label]Limit{Medium: limit, Heavy: limit}, 1, nil)
	if err != nil {
		t.Fatal(err)
	}
	c, err := New(Config{Tokens: &tokens{}, Transport: z, Budget: b, MaxInFlight: 100})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func (z *othersUse) RoundTrip(*http.Request) (*http.Response, error) {
	time.Sleep(z.latency / 2)
	defer time.Sleep(z.latency / 2)
	z.mu.Lock()
	defer z.mu.Unlock()
	z.sent++
	at := time.Since(z.start)
	if !z.limiter.take(at) {
		z.refused++
		return crowded(), nil
	}
	z.done = append(z.done, at)
	return reply(200, `{}`), nil
}

// crush has that many callers ask one thing each, all at once, within two minutes.
// It returns how many were not answered.
func (z *othersUse) crush(t *testing.T, c *Client, calls int) (lost int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	var wg sync.WaitGroup
	for i := range calls {
		wg.Go(func() {
			if _, err := c.Do(ctx, byCaller(fmt.Sprint("reader ", i))); err != nil {
				z.mu.Lock()
				defer z.mu.Unlock()
				lost++
			}
		})
	}
	wg.Wait()
	return lost
}

// The account's limit is lower than the declared one, as others use it: nothing is
// lost, it takes little longer than that limit asks for, and Zoom refuses little.
func TestOthersUseTheAccount(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		declared, real float64
		calls          int
	}{
		{60, 10, 100},
		{60, 10, 400},
		{16, 5, 18},
		{2000, 40, 60},
		{2000, 40, 600},
		{60, 2, 60},
		{60, 1, 40},
		{4, 1, 20},
		{20, 19, 100},
	} {
		for kind, limit := range map[string]func(float64) limiter{"bucket": newBucketLimit, "sliding": newSlidingLimit, "fixed": newFixedLimit} {
			for _, latency := range []time.Duration{5 * time.Millisecond, 50 * time.Millisecond} {
				t.Run(fmt.Sprintf("%d at %v as %v %s, %v", tc.calls, tc.declared, tc.real, kind, latency), func(t *testing.T) {
					t.Parallel()
					synctest.Test(t, func(t *testing.T) {
						z := &othersUse{limiter: limit(tc.real), start: time.Now(), latency: latency}
						lost := z.crush(t, z.client(t, tc.declared), tc.calls)
						took := time.Since(z.start)
						ideal := time.Duration(float64(tc.calls) / tc.real * 1e9)
						if kind == "bucket" && tc.real > 1 { // a second's calls may come at its beginning
							ideal -= time.Second
						}
						if lost > 0 || z.refused*100 > z.sent*15 || took > ideal*13/10+latency {
							t.Errorf("%d lost, %d of %d refused, %v, ideally %v", lost, z.refused, z.sent, took, ideal)
						}
					})
				})
			}
		}
	}
}

// The same for three processes that share a pool. Each sees its part of a second
// only, so where Zoom counts by the second, more is refused.
func TestOthersUseThePool(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		declared, real float64
		calls          int // of each process
	}{{60, 10, 50}, {16, 5, 20}, {60, 10, 200}, {2000, 40, 100}, {60, 60, 200}} {
		for kind, limit := range map[string]func(float64) limiter{"bucket": newBucketLimit, "sliding": newSlidingLimit, "fixed": newFixedLimit} {
			t.Run(fmt.Sprintf("%d at %v as %v %s", tc.calls, tc.declared, tc.real, kind), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					z := &othersUse{limiter: limit(tc.real), start: time.Now(), latency: 50 * time.Millisecond}
					l, lost := &ledger{members: 3}, 0
					var wg sync.WaitGroup
					for range 3 {
						c := z.client(t, tc.declared)
						c.pacer.(*Budget).Join(l)
						wg.Go(func() {
							n := z.crush(t, c, tc.calls)
							z.mu.Lock()
							defer z.mu.Unlock()
							lost += n
						})
					}
					wg.Wait()
					took := time.Since(z.start)
					ideal := time.Duration(float64(3*tc.calls) / tc.real * 1e9)
					most, longest := 15, ideal*13/10+z.latency
					if kind != "bucket" {
						most, longest = 30, 2*ideal
					}
					if lost > 0 || z.refused*100 > z.sent*most || took > longest {
						t.Errorf("%d lost, %d of %d refused, %v, ideally %v", lost, z.refused, z.sent, took, ideal)
					}
				})
			})
		}
	}
}

// The limit changes while calls wait: what is lower is kept to at once, what is
// higher is used soon.
func TestTheLimitChanges(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		z := &othersUse{limiter: newBucketLimit(10), start: time.Now(), latency: 50 * time.Millisecond}
		during := func(from, to time.Duration) (n float64) {
			z.mu.Lock()
			defer z.mu.Unlock()
			for _, at := range z.done {
				if at >= from && at < to {
					n++
				}
			}
			return n / (to - from).Seconds()
		}
		become := func(at time.Duration, rate float64) {
			time.Sleep(at - time.Since(z.start))
			z.mu.Lock()
			defer z.mu.Unlock()
			z.limiter = &bucketLimit{rate: rate, left: min(rate, 1), at: at}
		}
		go func() {
			become(30*time.Second, 40)
			become(80*time.Second, 5)
		}()
		lost := z.crush(t, z.client(t, 60), 3000)
		for _, tc := range []struct {
			from, to      time.Duration
			least, atMost float64
		}{
			{2 * time.Second, 30 * time.Second, 9, 10.5},
			{60 * time.Second, 80 * time.Second, 37, 41},
			{85 * time.Second, 115 * time.Second, 4.5, 5.5},
		} {
			if got := during(tc.from, tc.to); got < tc.least || got > tc.atMost {
				t.Errorf("from %v to %v: %.1f calls a second", tc.from, tc.to, got)
			}
		}
		if z.refused*100 > z.sent*5 {
			t.Errorf("%d of %d refused", z.refused, z.sent)
		}
		if answered := 3000 - lost; answered < 2000 {
			t.Errorf("%d answered in two minutes", answered)
		}
	})
}

// An operation that Zoom refuses slows down its label, and no other.
func TestOthersUseOneLabel(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		z := &othersUse{limiter: newSlidingLimit(5), start: time.Now(), latency: 50 * time.Millisecond}
		c, free := z.client(t, 60), &zoomLog{start: z.start, latency: z.latency}
		c.transport = asCarrier(roundTrip(func(r *http.Request) (*http.Response, error) {
			if r.URL.Path == "/v2/report" {
				return free.RoundTrip(r)
			}
			return z.RoundTrip(r)
		}))
		var wg sync.WaitGroup
		wg.Go(func() {
			if lost := z.crush(t, c, 50); lost > 0 {
				t.Errorf("%d lost", lost)
			}
		})
		time.Sleep(2 * time.Second)
		start := time.Now()
		for range 60 {
			if _, err := c.Do(t.Context(), Request{Op: opReport}); err != nil {
				t.Error(err)
			}
		}
		if took := time.Since(start); took > 61*z.latency {
			t.Errorf("60 calls of another label took %v", took)
		}
		wg.Wait()
	})
}

// A write that Zoom refused was not carried out: each is, once.
func TestOthersUseTheAccountWhileItWrites(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		z := &othersUse{limiter: newFixedLimit(4), start: time.Now(), latency: 50 * time.Millisecond}
		c := z.client(t, 30)
		var wg sync.WaitGroup
		for i := range 40 {
			wg.Go(func() {
				if _, err := c.Do(t.Context(), updateOf(fmt.Sprint("user-", i))); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if len(z.done) != 40 || z.refused == 0 || z.refused*100 > z.sent*15 {
			t.Errorf("%d carried out, %d of %d refused", len(z.done), z.refused, z.sent)
		}
	})
}
