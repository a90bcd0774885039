package store

import (
	"slices"
	"sync"
	"time"
)

// This file is about who makes the calls. A call takes more stack than a goroutine begins with, and to let that grow costs
// about as much as all else that the store does for a read. So goroutines that have made one make others.

const (
	// rest is how long one that has nothing to do waits for more, at least.
	rest = 200 * time.Millisecond
	// maxIdle is how many wait at most.
	maxIdle = 128
)

// crew are the goroutines that make calls: as many as there are calls.
type crew struct {
	mu    sync.Mutex
	idle  []*hand // the one that has waited longest comes first
	shift uint    // one is over whenever rest has passed
	timer *time.Timer
	ended bool
}

// hand is one that waits.
type hand struct {
	next  chan *flight // nil: it is not needed any more
	since uint         // the shift in which it began to wait
}

// fly has somebody make a call.
func (c *crew) fly(f *flight) {
	c.mu.Lock()
	last := len(c.idle) - 1
	if last < 0 {
		c.mu.Unlock()
		go c.work(f)
		return
	}
	h := c.idle[last]
	c.idle[last] = nil
	c.idle = c.idle[:last]
	c.mu.Unlock()
	h.next <- f
}

// work makes a call, and others after it.
func (c *crew) work(f *flight) {
	h := &hand{next: make(chan *flight, 1)}
	for f != nil {
		f.principal.fly(f)
		if !c.waits(h) {
			return
		}
		f = <-h.next
	}
}

// waits notes that one has nothing to do. It is false where there are enough of these.
func (c *crew) waits(h *hand) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ended || len(c.idle) == maxIdle {
		return false
	}
	h.since = c.shift
	c.idle = append(c.idle, h)
	if c.timer == nil {
		c.timer = time.AfterFunc(rest, c.relieve)
	}
	return true
}

// relieve ends those who had nothing to do for all of a shift.
func (c *crew) relieve() {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := 0
	for n < len(c.idle) && c.idle[n].since != c.shift {
		n++
	}
	c.dismiss(n)
	c.shift++
	if c.timer = nil; len(c.idle) > 0 {
		c.timer = time.AfterFunc(rest, c.relieve)
	}
}

// end lets nobody wait any more. Calls that are under way go on.
func (c *crew) end() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ended = true
	c.dismiss(len(c.idle))
	if c.timer != nil {
		c.timer.Stop()
	}
}

// dismiss ends the first n of those who wait; the lock is held.
func (c *crew) dismiss(n int) {
	for _, h := range c.idle[:n] {
		h.next <- nil
	}
	c.idle = slices.Delete(c.idle, 0, n)
}
