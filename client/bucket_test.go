package client

import (
	"testing"
	"time"
)

// After the wait for n tokens there are n, and just before there are not: also
// while the rate recovers, and where no tokens come in for a while.
func TestWaitAgreesWithRefill(t *testing.T) {
	t.Parallel()
	for _, configured := range []float64{1.0 / 6, 1, 60, 1e6} {
		for _, cuts := range []int{0, 1, 5} {
			for _, ceiling := range []float64{1, 0.5} {
				for _, pause := range []time.Duration{0, 3 * time.Second} {
					b := newBucket(configured, 100, noon)
					b.heed(configured * ceiling)
					b.level = 0
					now := noon
					for range cuts {
						now = now.Add(cutPause)
						b.refill(now)
						b.cut(now, now.Add(pause))
					}
					for _, n := range []float64{1, 2, 40} {
						early, due := b, b
						wait := b.wait(n, now)
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
}

// However often Zoom says 429, some of the rate is left.
func TestCutsEnd(t *testing.T) {
	t.Parallel()
	b := newBucket(60, 60, noon)
	for now := noon; now.Before(noon.Add(time.Hour)); now = now.Add(100 * time.Millisecond) {
		b.refill(now)
		b.cut(now, time.Time{})
	}
	if b.rate < 60*0.14 || b.rate > 60*0.21 {
		t.Errorf("%v calls a second are left", b.rate)
	}
}
