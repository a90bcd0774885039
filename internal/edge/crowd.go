package edge

import (
	"container/list"
	"context"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// This file bounds the connections of a listener, which each take a descriptor. At the bound a new connection is let in for
// another that is closed: the longest idle, or else one whose request is already refused, or else one that has sent no
// request yet, or else one of somebody unknown. Connections of known callers with a request, and sockets, are never closed
// for others; where there are only those, the new one is closed. Start reading at enter.

// rank is what a connection is to the crowd: the lowest gives way first.
type rank int

const (
	idle     rank = iota // between two requests
	leaving              // its client is only waited for to read the answer
	arriving             // it has not sent the header of a request yet
	unknown              // it has a request, and nobody has said that the caller is known
	numSheddable
	needed = numSheddable // it has the request of a known caller, or is a socket
)

// String is the rank in the metrics.
func (r rank) String() string {
	return [...]string{"idle", "leaving", "arriving", "unknown", "new"}[r]
}

// maxHasty is how many connections may send a header, or have a request of somebody unknown, at a time: each may hold a few
// hundred KiB.
const maxHasty = 256

// turnedAwayPause is the least time between two lines of the log about connections that were closed at once.
const turnedAwayPause = 10 * time.Second

// Bound is how many connections a listener has.
type Bound struct {
	// Connections is how many it has at most. Zero: as many as [MaxConnections] says.
	Connections int
	// Judged says that the handler is one of [New], which tells whose request is a known caller's: the others give way. If it
	// is not, no connection with a request does.
	Judged bool
	// Counts, if set, counts them.
	Counts *Accepted
}

// Accepted counts the connections of a listener. The zero value is ready; anybody may read it at any time.
type Accepted struct {
	open   atomic.Int64
	closed [numSheddable + 1]atomic.Int64
}

// Open is how many connections there are.
func (a *Accepted) Open() int64 { return a.open.Load() }

// Closed is how many connections were closed for others since the start, by what they were. All are there, of a closed set:
// idle, leaving, arriving and unknown; new is one that was closed itself, because there was none to close for it.
func (a *Accepted) Closed() map[string]int64 {
	all := make(map[string]int64, len(a.closed))
	for r := range a.closed {
		all[rank(r).String()] = a.closed[r].Load()
	}
	return all
}

// crowd are the connections of a listener.
type crowd struct {
	most   int
	judged bool
	counts *Accepted
	log    *slog.Logger

	mu     sync.Mutex
	count  int
	ranks  [numSheddable]list.List // of *lingeringConn, in the order in which they came to the rank
	away   int                     // closed at once since the log was told
	toldAt time.Time
}

func newCrowd(b Bound, log *slog.Logger) *crowd {
	c := &crowd{most: b.Connections, judged: b.Judged, counts: b.Counts, log: log}
	if c.most == 0 {
		c.most, _ = MaxConnections(0, 0)
	}
	if c.counts == nil {
		c.counts = new(Accepted)
	}
	return c
}

// enter counts a new connection, and reports false if it has to be closed: there is no room.
func (c *crowd) enter(conn *lingeringConn) bool {
	c.mu.Lock()
	victim := (*lingeringConn)(nil)
	switch {
	case c.hasty() >= maxHasty:
		victim = c.shed(leaving)
	case c.count >= c.most:
		if victim = c.shed(idle); victim == nil {
			c.turnAway()
			c.mu.Unlock()
			return false
		}
	}
	c.count++
	c.counts.open.Store(int64(c.count))
	conn.rank, conn.at = arriving, c.ranks[arriving].PushBack(conn)
	c.mu.Unlock()
	if victim != nil {
		_ = victim.TCPConn.Close() // it waits until the descriptor is free
	}
	return true
}

// makeRoom closes a connection because the process has no descriptor left.
func (c *crowd) makeRoom() {
	c.mu.Lock()
	victim := c.shed(idle)
	c.mu.Unlock()
	if victim != nil {
		_ = victim.TCPConn.Close()
	}
}

// hasty is how many connections nobody has vouched for and are not idle.
func (c *crowd) hasty() (n int) {
	for r := leaving; r < numSheddable; r++ {
		n += c.ranks[r].Len()
	}
	return n
}

// shed takes out the connection that gives way, of the given rank or a higher one, which is to be closed; nil: there is none.
func (c *crowd) shed(lowest rank) *lingeringConn {
	for r := lowest; r < numSheddable; r++ {
		if first := c.ranks[r].Front(); first != nil {
			conn := first.Value.(*lingeringConn) //nolint:forcetypeassert // nothing else is in it
			c.counts.closed[r].Add(1)
			c.remove(conn)
			return conn
		}
	}
	return nil
}

// turnAway counts a connection that is closed at once, and tells the log now and then.
func (c *crowd) turnAway() {
	c.counts.closed[needed].Add(1)
	c.away++
	if now := time.Now(); now.Sub(c.toldAt) >= turnedAwayPause {
		c.log.Warn("new connections are closed at once: all others have requests of known callers, or are sockets", "connections", c.count, "limit", c.most, "closed", c.away) //nolint:noctx // of no request
		c.away, c.toldAt = 0, now
	}
}

// move gives a connection another rank. It is a no-op for one that has left.
func (c *crowd) move(conn *lingeringConn, to rank) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if conn.gone || conn.rank == to {
		return
	}
	if conn.at != nil {
		c.ranks[conn.rank].Remove(conn.at)
		conn.at = nil
	}
	conn.rank = to
	if to < numSheddable {
		conn.at = c.ranks[to].PushBack(conn)
	}
}

// leave takes out a connection that is closed.
func (c *crowd) leave(conn *lingeringConn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.remove(conn)
}

func (c *crowd) remove(conn *lingeringConn) {
	if conn.gone {
		return
	}
	conn.gone = true
	if conn.at != nil {
		c.ranks[conn.rank].Remove(conn.at)
		conn.at = nil
	}
	c.count--
	c.counts.open.Store(int64(c.count))
}

// begun is told that an idle connection sends something. The header may be large, so it gives way as a new one does, and for
// it another one.
func (c *crowd) begun(conn *lingeringConn) {
	c.move(conn, arriving)
	c.mu.Lock()
	victim := (*lingeringConn)(nil)
	if c.hasty() > maxHasty {
		victim = c.shed(leaving)
	}
	c.mu.Unlock()
	if victim != nil {
		_ = victim.TCPConn.Close()
	}
}

// state follows the server's ConnState.
func (c *crowd) state(conn *lingeringConn, s http.ConnState) {
	switch s {
	case http.StateActive:
		if c.judged {
			c.move(conn, unknown)
		} else {
			c.move(conn, needed)
		}
	case http.StateIdle:
		c.move(conn, idle)
	case http.StateHijacked:
		c.move(conn, needed)
	case http.StateNew, http.StateClosed: // told by Accept and Close
	}
}

type connKey struct{}

// vouch says that the request of ctx is a known caller's, so that its connection does not give way to others.
func vouch(ctx context.Context) {
	if conn, ok := ctx.Value(connKey{}).(*lingeringConn); ok {
		conn.of.crowd.move(conn, needed)
	}
}
