package store

import (
	"context"
	"sync/atomic"
	"time"

	"zoomgraph/internal/ending"
)

// jointContext is the context of a call: it ends when nobody waits any more, and its deadline is the last one of those who
// wait. It has the values of the one who waited first. A call has one, so it is part of the call's memory.
type jointContext struct {
	ending.Ending
	values   context.Context //nolint:containedctx // it is one
	first    time.Time
	deadline atomic.Pointer[time.Time] // nil: none
}

// begin makes the context of somebody the first one. Its end, and the cause of that, are not values.
func (c *jointContext) begin(ctx context.Context) {
	c.values = ctx
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
func (c *jointContext) end() { c.End(context.Canceled) }

// Deadline implements context.Context.
func (c *jointContext) Deadline() (time.Time, bool) {
	at := c.deadline.Load()
	if at == nil {
		return time.Time{}, false
	}
	return *at, true
}

// Value implements context.Context.
func (c *jointContext) Value(key any) any {
	if ending.Asks(key) {
		return &c.Ending
	}
	return c.values.Value(key)
}
