package client

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"sync"
)

// writes keeps writes on one resource from overlapping, since Zoom refuses
// concurrent ones: each waits for those before it that concern the same. Who
// came first goes first. The zero value is ready.
type writes struct {
	mu     sync.Mutex
	queues map[string][]*turn // by the path's first segment: under way and waiting, in their order; none is empty
}

// turn is one write's place in its queue.
type turn struct {
	segment string // "users" of /users/{userId}/settings
	value   string // of the first path parameter; empty for a path without one, which concerns the whole segment
	ahead   int    // how many turns before this one concern the same
	ready   chan struct{}
}

// concerns tells whether two turns of one segment must not overlap.
func (t *turn) concerns(other *turn) bool {
	return t.value == "" || other.value == "" || t.value == other.value
}

func newTurn(req Request) *turn {
	segment, _, _ := strings.Cut(strings.TrimPrefix(req.Op.Path, "/"), "/")
	t := &turn{segment: segment, ready: make(chan struct{})}
	if len(req.Path) > 0 {
		t.value = req.Path[0]
	}
	return t
}

// enter puts t at the end of its queue; its turn has come once t.ready is
// closed. It must leave, also if it does not wait for that.
func (w *writes) enter(t *turn) {
	w.mu.Lock()
	defer w.mu.Unlock()
	queue := w.queues[t.segment]
	for _, other := range queue {
		if t.concerns(other) {
			t.ahead++
		}
	}
	if t.ahead == 0 {
		close(t.ready)
	}
	if w.queues == nil {
		w.queues = map[string][]*turn{}
	}
	w.queues[t.segment] = append(queue, t)
}

// leave takes t out of its queue and lets those go that waited for it alone.
func (w *writes) leave(t *turn) {
	w.mu.Lock()
	defer w.mu.Unlock()
	queue := w.queues[t.segment]
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
		delete(w.queues, t.segment)
		return
	}
	w.queues[t.segment] = slices.Delete(queue, i, i+1)
}

// await waits until a write may be sent, and writes down in res how long that
// took; the caller must call done once it was. A read never waits.
func (c *Client) await(ctx context.Context, req Request, res *Response) (done func(), fail *Error) {
	if req.Op.Method == http.MethodGet {
		return func() {}, nil
	}
	t := newTurn(req)
	c.writes.enter(t)
	select {
	case <-t.ready:
		return func() { c.writes.leave(t) }, nil
	default:
	}
	start := c.now()
	defer func() { res.Waited += c.now().Sub(start) }()
	select {
	case <-t.ready:
		return func() { c.writes.leave(t) }, nil
	case <-ctx.Done():
		c.writes.leave(t)
		return nil, interrupted(ctx, req.Op, ctx.Err())
	}
}
