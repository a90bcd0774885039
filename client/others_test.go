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

// The account's limit is lower than the declared one, as others use it: nothing is
// lost, it takes little longer than that limit asks for, and Zoom refuses little.
func TestOthersUseTheAccount(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		declared, real float64
		calls          int
	}{
		{60, 10, 100},
		{16, 5, 18},
		{2000, 40, 60},
		{60, 10, 250},
		{60, 2, 30},
		{60, 1, 25},
		{4, 1, 20},
		{10, 2, 20},
		{80, 79, 300},
		{60, 60, 500},
		{2000, 40, 600},
		{2000, 500, 3000},
		{20, 19, 100},
	} {
		for kind, limit := range map[string]func(float64) limiter{"bucket": newBucketLimit, "sliding": newSlidingLimit, "fixed": newFixedLimit} {
			for _, latency := range []time.Duration{5 * time.Millisecond, 50 * time.Millisecond, 300 * time.Millisecond, time.Second} {
				t.Run(fmt.Sprintf("%v as %v %s, %v", tc.declared, tc.real, kind, latency), func(t *testing.T) {
					t.Parallel()
					synctest.Test(t, func(t *testing.T) {
						z := &othersUse{limiter: limit(tc.real), start: time.Now(), latency: latency}
						b, err := NewBudget(map[Label]Limit{Medium: {PerSecond: tc.declared, Burst: 0.95 * tc.declared}}, 1, nil)
						if err != nil {
							t.Fatal(err)
						}
						c, err := New(Config{Tokens: &tokens{}, Transport: z, Budget: b, MaxInFlight: 1000})
						if err != nil {
							t.Fatal(err)
						}
						ctx, cancel := context.WithTimeout(t.Context(), 120*time.Second)
						defer cancel()
						var wg sync.WaitGroup
						lost := 0
						for i := range tc.calls {
							wg.Go(func() {
								if _, err := c.Do(ctx, byCaller(fmt.Sprint("reader ", i))); err != nil {
									z.mu.Lock()
									lost++
									z.mu.Unlock()
								}
							})
						}
						wg.Wait()
						took := time.Since(z.start)
						ideal := (float64(tc.calls)-tc.real)/tc.real + latency.Seconds()
						fmt.Printf("RES %6v/%4v %-8s %6v %4d calls: lost %d, %.2f s of %.2f = %.2f, refused %d = %.1f %%\n", tc.declared, tc.real, kind, latency, tc.calls,
							lost, took.Seconds(), ideal, took.Seconds()/ideal, z.refused, 100*float64(z.refused)/float64(z.sent))
					})
				})
			}
		}
	}
}
