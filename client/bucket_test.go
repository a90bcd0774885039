package client

import (
	"testing"
	"time"
)

// After the wait for n tokens there are n, and just before there are not: also
// while the rate recovers.
func TestWaitAgreesWithRefill(t *testing.T) {
	t.Parallel()
	for _, configured := range []float64{1.0 / 6, 1, 60, 1e6} {
		for _, cuts := range []int{0, 1, 5} {
			for _, ceiling := range []float64{1, 0.5} {
				b := newBucket(configured, 1e6*configured, noon)
				b.heed(configured * ceiling)
				b.level = 0
				now := noon
				for range cuts {
					now = now.Add(time.Second)
					b.refill(now)
					b.cut(b.rate / 2)
				}
				for _, n := range []float64{1, 2, 40} {
					early, due := b, b
					wait := b.wait(n)
					early.refill(now.Add(wait - max(2, wait/1e6)))
					due.refill(now.Add(wait))
					if due.level < n-almost || early.level >= n {
						t.Errorf("%+v: %v after %v, %v before, want %v", b, due.level, wait, early.level, n)
					}
				}
			}
		}
	}
}
