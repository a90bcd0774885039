package store

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// jointContext is the context of a call: it ends when nobody waits any more, and its deadline is the last one of those who
// wait. It has the values of the one who waited first. A call has one, so it is part of the call's memory, as is the room
// for the one thing that mostly is to be done at its end.
type jointContext struct {
	values   context.Context //nolint:containedctx // it is one
	first    time.Time
	deadline atomic.Pointer[time.Time] // nil: none

	mu    sync.Mutex
	ended bool
	done  chan struct{} // closed at the end; nil: nobody has asked for it
	then  []func()      // what is done then; nil: that is not wanted any more
	room  [1]func()
}

// begin makes the context of somebody the first one. Its end, and the cause of that, are not values.
func (c *jointContext) begin(ctx context.Context) {
	c.values = context.WithoutCancel(ctx)
	if at, bounded := ctx.Deadline(); bounded {
		c.first = at
		c.deadline.Store(&c.first)
	}
}

// extend takes somebody's deadline into account.
func (c *jointContext) extend(ctx context.Context) {
	at, bounded := ctx.Deadline()
	last := c.deadline.Load()
	switch {
	case !bounded:
		c.deadline.Store(nil)
	case last != nil && at.After(*last):
		c.deadline.Store(&at)
	}
}

// end ends the context, if it has not ended.
func (c *jointContext) end() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ended {
		return
	}
	c.ended = true
	if c.done != nil {
		close(c.done)
	}
	for _, f := range c.then {
		if f != nil {
			go f()
		}
	}
	c.then = nil
}

// AfterFunc is what package context asks for, and whoever wants to know of the end for less memory. f is called in a
// goroutine of its own; stop tells whether it will not be.
func (c *jointContext) AfterFunc(f func()) (stop func() bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ended {
		go f()
		return func() bool { return false }
	}
	if c.then == nil {
		c.then = c.room[:0]
	}
	at := len(c.then)
	c.then = append(c.then, f)
	return func() bool {
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.ended || c.then[at] == nil {
			return false
		}
		c.then[at] = nil
		return true
	}
}

// Deadline implements context.Context.
func (c *jointContext) Deadline() (time.Time, bool) {
	at := c.deadline.Load()
	if at == nil {
		return time.Time{}, false
	}
	return *at, true
}

// Done implements context.Context.
func (c *jointContext) Done() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.done == nil {
		c.done = make(chan struct{})
		if c.ended {
			close(c.done)
		}
	}
	return c.done
}

// Err implements context.Context.
func (c *jointContext) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ended {
		return context.Canceled
	}
	return nil
}

// Value implements context.Context.
func (c *jointContext) Value(key any) any { return c.values.Value(key) }
