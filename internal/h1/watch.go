package h1

import (
	"errors"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"zoomgraph/internal/chain"
)

// This file notices that a client leaves while its request is answered, which ends the context of the request. Only a read
// tells. net/http starts one for each request, in a goroutine, and breaks it off when the answer is there. Most answers are
// there sooner than anybody leaves, so here only requests are read behind that have run for a while. One timer serves all:
// they wait in a list, the oldest first. Start reading at begin.

// watchAfter is how long a request runs unwatched.
const watchAfter = 20 * time.Millisecond

// watch are the requests that are not watched yet.
type watch struct {
	mu    sync.Mutex
	list  chain.List[conn, *conn] // the oldest first
	timer *time.Timer
	set   bool // the timer is
}

// watched is what a connection is to the watch, whose mutex guards it as far as nothing else is said.
type watched struct {
	chain.Link[conn]

	listed  bool
	since   time.Time
	life    *lifetime
	looking chan struct{} // closed when the read that watches has returned; nil: there was none

	over  atomic.Bool // the request is answered, and the read is broken off
	early [1]byte     // what the read got, which belongs to the next request
	found bool        // it got something
}

// begin watches a request of c, all of which has come, in a while.
func (w *watch) begin(c *conn, now time.Time, life *lifetime) {
	w.mu.Lock()
	defer w.mu.Unlock()
	c.listed, c.since, c.life = true, now, life
	w.list.PushBack(c)
	if !w.set {
		w.set = true
		w.wake(watchAfter)
	}
}

func (w *watch) wake(in time.Duration) {
	if w.timer == nil {
		w.timer = time.AfterFunc(in, w.look)
		return
	}
	w.timer.Reset(in)
}

func (w *watch) remove(c *conn) {
	w.list.Remove(c)
	c.listed = false
}

// end watches the request of c no more, and returns when nothing reads.
func (w *watch) end(c *conn) {
	w.mu.Lock()
	if c.listed {
		w.remove(c)
	}
	looking := c.looking
	c.looking = nil
	w.mu.Unlock()
	if looking == nil {
		return
	}
	c.over.Store(true)
	_ = c.SetReadDeadline(time.Unix(1, 0))
	<-looking
	c.over.Store(false)
	c.limit = time.Time{}
}

// look starts to watch all requests that have run for long enough.
func (w *watch) look() {
	w.mu.Lock()
	defer w.mu.Unlock()
	now := time.Now()
	for c := w.list.First(); c != nil; c = w.list.First() {
		if left := watchAfter - now.Sub(c.since); left > 0 {
			w.wake(left)
			return
		}
		w.remove(c)
		if c.found {
			continue // the client is there, and has sent more
		}
		_ = c.SetReadDeadline(time.Time{}) // before end can set another
		c.looking = make(chan struct{})
		go c.look(c.looking, c.life)
	}
	w.set = false
}

// look ends a request if the client leaves.
func (c *conn) look(returned chan<- struct{}, life *lifetime) {
	defer close(returned)
	n, err := c.Read(c.early[:])
	c.found = n > 0
	if err != nil && (!c.over.Load() || !errors.Is(err, os.ErrDeadlineExceeded)) {
		life.leave()
	}
}

// takeEarly is what came while the request before was watched.
func (c *conn) takeEarly() (byte, bool) {
	found := c.found
	c.found = false
	return c.early[0], found
}
