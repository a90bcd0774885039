package client

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// This file keeps writes on one thing from overlapping, since Zoom refuses concurrent ones. Each waits for those before
// it that concern the same; who came first goes first. Start reading at Client.await.

// Order is the order of an account's writes, shared by its Clients. It is safe for concurrent use.
type Order struct {
	locks Locks // nil: this process is the only one

	mu     sync.Mutex
	queues map[string][]*turn // by the path's first segment: under way and waiting, in their order; none is empty
}

// NewOrder makes the order of an account. Locks keep it with other processes; nil: this one is the only one.
func NewOrder(locks Locks) *Order { return &Order{locks: locks, queues: map[string][]*turn{}} }

// Locks keep writes of several processes on one account from overlapping.
type Locks interface {
	// Lock makes the lock of one write, which is not held yet. The segment is the first one of the write's path, "users" of
	// /users/{userId}; the thing is the value behind it. Without a thing the write concerns all of the segment.
	Lock(segment, thing string) Lock
}

// Lock is the lock of one write. It is held while the write is sent, and is released by itself if the process ends.
type Lock interface {
	// Hold returns nil when the write may be sent now. It waits where another process holds the lock, or came first; where
	// this one still holds it, Hold asks nobody. The error is that of ctx.
	Hold(ctx context.Context) error
	// Leave says, once, that the write was sent or will not be.
	Leave()
}

// place is what a write is on.
type place struct {
	segment string // "users" of /users/{userId}/settings, behind the sub account if it is in one
	thing   string // the id of what is written; empty for a path without one, which concerns the whole segment
}

func orderOf(req *Request) place {
	segment, _, _ := strings.Cut(strings.TrimPrefix(req.Op.Path, "/"), "/")
	at := place{segment, req.Thing}
	if at.thing == "" && len(req.Path) > 0 {
		at.thing = req.Path[0]
	}
	return at
}

// turn is one write's place in its queue.
type turn struct {
	place

	ahead int // how many turns before this one concern the same
	ready chan struct{}
}

// concerns tells whether two turns of one segment must not overlap.
func (t *turn) concerns(other *turn) bool {
	return t.thing == "" || other.thing == "" || t.thing == other.thing
}

func (t *turn) isReady() bool {
	select {
	case <-t.ready:
		return true
	default:
		return false
	}
}

// enter puts t at the end of its queue; its turn has come once t.ready is closed. It must leave, also if it does not wait
// for that.
func (o *Order) enter(t *turn) {
	o.mu.Lock()
	defer o.mu.Unlock()
	queue := o.queues[t.segment]
	for _, other := range queue {
		if t.concerns(other) {
			t.ahead++
		}
	}
	if t.ahead == 0 {
		close(t.ready)
	}
	o.queues[t.segment] = append(queue, t)
}

// leave takes t out of its queue and lets those go that waited for it alone.
func (o *Order) leave(t *turn) {
	o.mu.Lock()
	defer o.mu.Unlock()
	queue := o.queues[t.segment]
	i := slices.Index(queue, t)
	for _, other := range queue[i+1:] {
		if !t.concerns(other) {
			continue
		}
		if other.ahead--; other.ahead == 0 {
			close(other.ready)
		}
	}
	if len(queue) == 1 {
		delete(o.queues, t.segment)
		return
	}
	o.queues[t.segment] = slices.Delete(queue, i, i+1)
}

// await waits until a write may be sent: first for those of this process, then for those of others. It writes down in res
// how long that took; the caller must call done once the write was sent. A read never waits.
func (c *Client) await(ctx context.Context, out *call, res *Response) (done func(), fail *Error) {
	if out.Op.Method == http.MethodGet {
		return func() {}, nil
	}
	t := &turn{place: out.at, ready: make(chan struct{})}
	c.order.enter(t)
	if !t.isReady() || c.order.locks != nil {
		defer func(start time.Time) { res.Waited += c.now().Sub(start) }(c.now())
	}
	select {
	case <-t.ready:
	case <-ctx.Done():
		c.order.leave(t)
		return nil, interrupted(ctx, out.Op, ctx.Err())
	}
	if c.order.locks == nil {
		return func() { c.order.leave(t) }, nil
	}
	out.lock = c.order.locks.Lock(t.segment, t.thing)
	done = func() {
		out.lock.Leave()
		c.order.leave(t)
	}
	if fail := out.hold(ctx); fail != nil {
		done()
		return nil, fail
	}
	return done, nil
}

// hold waits until no other process writes on the same thing, where that is not so already. A call asks again when it
// leaves: it may have waited long for its turn, or its process was stopped.
func (o *call) hold(ctx context.Context) *Error {
	if o.lock == nil {
		return nil
	}
	if err := o.lock.Hold(ctx); err != nil {
		return interrupted(ctx, o.Op, err)
	}
	return nil
}
