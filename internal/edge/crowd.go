package edge

import (
	"container/list"
	"context"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"zoomgraph/internal/chain"
)

// This file bounds the connections of a listener, which each take a descriptor. At the bound a new connection is let in for
// another that is closed: the longest idle, or else one whose request is already refused, or else one that has sent nothing
// yet, or else one that has not sent a whole header, or else one of somebody unknown. Connections of known callers with a
// request, and sockets, are never closed for others; where there are only those, the new one is closed. A connection that
// brought a request of a known caller counts as theirs when it brings the next one.
//
// A header takes more memory than a connection that is silent, so fewer may send one at a time. The others wait, and the
// newest and the oldest go on by turns: nobody has to wait for the end of a flood that came before, nor of one that lasts.
// Start reading at enter and begun.

// rank is what a connection is to the crowd: the lowest gives way first.
type rank int

const (
	idle     rank = iota // between two requests
	leaving              // its client is only waited for to read the answer
	silent               // it has sent nothing that was read
	arriving             // it has sent a part of a header
	unknown              // it has a request, and nobody has said that the caller is known
	numSheddable
	needed = numSheddable // it has the request of a known caller, or is a socket
)

// String is the rank in the metrics.
func (r rank) String() string {
	return [...]string{"idle", "leaving", "silent", "arriving", "unknown", "new"}[r]
}

// maxHasty is how many connections may send a header, or have a request of somebody unknown, at a time: each may hold a few
// hundred KiB.
const maxHasty = 400

// defaultGrace is how long a connection has to say what it is: it gives way to no other before. Until then the others wait,
// so that a flood of connections pushes nobody out whose request only waits to be read.
const defaultGrace = 200 * time.Millisecond

// turnedAwayPause is the least time between two lines of the log about connections that were closed at once.
const turnedAwayPause = 10 * time.Second

// sheddable are the ranks of what gives way, in that order.
var sheddable = []rank{idle, leaving, silent, arriving, unknown}

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
// idle, leaving, silent, arriving and unknown; new is one that was closed itself, because there was none to close for it.
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
	grace  time.Duration

	freed chan struct{} // says to enter that there may be room

	mu      sync.Mutex
	count   int
	ranks   [numSheddable]chain.List[lingeringConn, *lingeringConn] // in the order in which they came to the rank
	waiting list.List                                               // of *lingeringConn, which may not go on with their header yet
	newest  bool                                                    // who went on last was the newest of them, not the oldest
	ripe    *time.Timer                                             // until one of the others may give way to them; nil: none waits
	away    int                                                     // closed at once since the log was told
	toldAt  time.Time
}

func newCrowd(b Bound, log *slog.Logger) *crowd {
	c := &crowd{most: b.Connections, judged: b.Judged, counts: b.Counts, log: log, grace: defaultGrace, freed: make(chan struct{}, 1)}
	if c.most == 0 {
		c.most, _ = MaxConnections(0, 0)
	}
	if c.counts == nil {
		c.counts = new(Accepted)
	}
	return c
}

// enter counts a new connection, and reports false if it has to be closed: there is no room. It waits a moment where there
// soon is some.
func (c *crowd) enter(conn *lingeringConn) bool {
	for {
		victim, wait, ok := c.tryToEnter(conn)
		if victim != nil {
			_ = victim.TCPConn.Close() // it waits until the descriptor is free
		}
		if wait == 0 {
			return ok
		}
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-c.freed:
			timer.Stop()
		}
	}
}

func (c *crowd) tryToEnter(conn *lingeringConn) (victim *lingeringConn, wait time.Duration, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.count >= c.most {
		switch victim, wait = c.shed(sheddable...); {
		case wait > 0:
			return nil, wait, false
		case victim == nil:
			c.turnAway()
			return nil, 0, false
		}
	}
	c.count++
	c.counts.open.Store(int64(c.count))
	conn.rank, conn.since = silent, time.Now()
	c.ranks[silent].PushBack(conn)
	return victim, 0, true
}

// makeRoom closes a connection because the process has no descriptor left.
func (c *crowd) makeRoom() {
	c.mu.Lock()
	victim, _ := c.shed(sheddable...)
	c.mu.Unlock()
	if victim != nil {
		_ = victim.TCPConn.Close()
	}
}

// hasty is how many connections hold a header or more, and nobody has vouched for them.
func (c *crowd) hasty() int {
	return c.ranks[leaving].Len() + c.ranks[arriving].Len() + c.ranks[unknown].Len()
}

// shed takes out the first connection of these ranks that may give way, which is to be closed. Where there is none yet, it
// says when there is; zero: never.
func (c *crowd) shed(of ...rank) (victim *lingeringConn, wait time.Duration) {
	for _, r := range of {
		conn := c.ranks[r].First()
		if conn == nil {
			continue
		}
		if left := c.grace - time.Since(conn.since); r >= silent && left > 0 {
			if wait == 0 || left < wait {
				wait = left
			}
			continue
		}
		c.counts.closed[r].Add(1)
		c.remove(conn)
		return conn, 0
	}
	return nil, wait
}

// free tells those who wait that there may be room.
func (c *crowd) free() {
	select {
	case c.freed <- struct{}{}:
	default:
	}
	c.letIn()
}

// turnAway counts a connection that is closed at once, and tells the log now and then.
func (c *crowd) turnAway() {
	c.counts.closed[needed].Add(1)
	c.away++
	if now := time.Now(); now.Sub(c.toldAt) >= turnedAwayPause {
		c.log.Warn("new connections are closed at once: all others have requests of known callers, or are sockets", "connections", c.count, "limit", c.most, "closed", c.away)
		c.away, c.toldAt = 0, now
	}
}

// move gives a connection another rank. It is a no-op for one that has left.
func (c *crowd) move(conn *lingeringConn, to rank) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.moveTo(conn, to)
}

func (c *crowd) moveTo(conn *lingeringConn, to rank) {
	if !conn.gone && conn.rank != to {
		c.rerank(conn, to)
		c.free()
	}
}

func (c *crowd) rerank(conn *lingeringConn, to rank) {
	c.unrank(conn)
	conn.rank, conn.since = to, time.Now()
	if to < numSheddable {
		c.ranks[to].PushBack(conn)
	}
}

// unrank takes a connection out from among those of its rank.
func (c *crowd) unrank(conn *lingeringConn) {
	if conn.rank < numSheddable {
		c.ranks[conn.rank].Remove(conn)
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
	c.stopWaiting(conn)
	c.unrank(conn)
	c.count--
	c.counts.open.Store(int64(c.count))
	c.free()
}

// begun is told that a connection that was silent or idle sends something. It returns when it may go on: at once if its last
// request was a known caller's, and otherwise when there are few enough.
func (c *crowd) begun(conn *lingeringConn) {
	victim, goOn := c.goOn(conn)
	if victim != nil {
		_ = victim.TCPConn.Close() // the server closes the rest
	}
	if goOn != nil {
		<-goOn
	}
}

// goOn returns nil if a connection goes on at once, or else what is closed when it does.
func (c *crowd) goOn(conn *lingeringConn) (victim *lingeringConn, later <-chan struct{}) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case conn.gone:
		return nil, nil
	case conn.vouched:
		c.moveTo(conn, needed)
		return nil, nil
	case c.hasty() < maxHasty:
		c.moveTo(conn, arriving)
		return nil, nil
	}
	c.rerank(conn, silent)
	conn.goOn = make(chan struct{})
	later, conn.waits = conn.goOn, c.waiting.PushBack(conn)
	victim, wait := c.shed(leaving, arriving, unknown) // in whose place it goes on
	if victim == nil {
		c.shedIn(wait)
	}
	return victim, later
}

// letIn lets those go on that wait, as far as there is room: the newest and the oldest by turns.
func (c *crowd) letIn() {
	for c.hasty() < maxHasty && c.waiting.Len() > 0 {
		next := c.waiting.Front()
		if c.newest = !c.newest; c.newest {
			next = c.waiting.Back()
		}
		conn := next.Value.(*lingeringConn) //nolint:forcetypeassert // nothing else is in it
		c.rerank(conn, arriving)
		c.stopWaiting(conn)
	}
}

func (c *crowd) stopWaiting(conn *lingeringConn) {
	if conn.waits != nil {
		c.waiting.Remove(conn.waits)
		conn.waits = nil
		close(conn.goOn)
	}
}

// shedIn makes room for those that wait, as soon as others may give way, unless that is to happen already.
func (c *crowd) shedIn(wait time.Duration) {
	if c.ripe != nil {
		return
	}
	c.ripe = time.AfterFunc(wait, func() {
		for _, victim := range c.shedForWaiting() {
			_ = victim.TCPConn.Close()
		}
	})
}

func (c *crowd) shedForWaiting() (victims []*lingeringConn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ripe = nil
	for c.waiting.Len() > 0 {
		victim, wait := c.shed(leaving, arriving, unknown)
		if victim == nil {
			c.shedIn(wait)
			break
		}
		victims = append(victims, victim)
	}
	return victims
}

// state follows the server's ConnState.
func (c *crowd) state(conn *lingeringConn, s http.ConnState) {
	switch s {
	case http.StateActive:
		c.arrived(conn)
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
		conn.of.crowd.vouch(conn)
	}
}

func (c *crowd) vouch(conn *lingeringConn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	conn.vouched = true
	c.moveTo(conn, needed)
}

// arrived is told that a connection has a request.
func (c *crowd) arrived(conn *lingeringConn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.judged && !conn.vouched {
		c.moveTo(conn, unknown)
	} else {
		c.moveTo(conn, needed)
	}
}
