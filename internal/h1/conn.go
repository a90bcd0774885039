package h1

import (
	"context"
	"net"
	"net/http"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
)

// This file is the life of a connection: wait for a request, answer it, wait again, until it is closed or handed over.
// Start reading at serve.

// headRoom is how many bytes a head may have to be ordinary.
const headRoom = 4 << 10

// conn is a connection that has had ordinary requests only. Its goroutine has it, except for what others are said to have.
type conn struct {
	net.Conn
	of     *Server
	front  *front
	ctx    context.Context //nolint:containedctx // its requests have it, and end with it
	remote string
	opened time.Time
	state  atomic.Int32 // an http.ConnState
	watched

	head   lastHead
	room   []byte
	unread []byte    // what has come and belongs to nobody yet; in room
	began  time.Time // when the request did that is read or answered
	limit  time.Time // of reading, as it is set; zero: it has to be set anew
	posted bool      // the request before was a POST
	came   bool      // the body did, with the head
	handed bool      // to net/http

	writing    sync.Mutex
	writeLimit time.Time // as it is set; zero: it has to be set anew
}

// open serves a new connection.
func (s *Server) open(accepted net.Conn, f *front) {
	c := &conn{Conn: accepted, of: s, front: f, ctx: s.base, opened: time.Now()}
	if given := s.std.ConnContext; given != nil {
		c.ctx = given(c.ctx, accepted)
	}
	c.ctx = context.WithValue(c.ctx, http.LocalAddrContextKey, accepted.LocalAddr())
	c.remote = accepted.RemoteAddr().String()
	entered := s.enter(c)
	c.tell(http.StateNew)
	if !entered {
		c.close()
		return
	}
	go c.serve()
}

// tell tells the state of the connection.
func (c *conn) tell(state http.ConnState) {
	c.state.Store(int32(state))
	c.of.state(c.Conn, state)
}

func (c *conn) close() {
	_ = c.Close()
	c.tell(http.StateClosed)
}

// serve answers requests until the connection ends, or one of them is not ordinary.
func (c *conn) serve() {
	defer c.of.leave(c)
	defer func() {
		if !c.handed {
			c.close()
		}
	}()
	c.room = make([]byte, headRoom)
	c.began = c.opened
	c.readUntil(c.began, c.of.headerTimeout())
	timed := true // the head has a deadline
	for begun := c.await(1); begun; begun = c.await(peeked) {
		r, w := c.request(timed)
		if r == nil {
			c.handOver()
			return
		}
		if !c.answer(r, w) {
			return
		}
		c.tell(http.StateIdle)
		if c.of.stopping.Load() {
			return
		}
		c.waitFrom(time.Now())
		timed = false
	}
}

// peeked is how many bytes net/http waits for before another request counts as begun.
const peeked = 4

// await waits until a request begins, by at least n bytes. It reports false if none does.
func (c *conn) await(n int) bool {
	for len(c.unread) < n {
		if c.fill() != nil {
			return false
		}
	}
	return true
}

// skipBlanks passes over ends of lines that some clients send behind a body, as net/http does.
func (c *conn) skipBlanks() {
	for range peeked {
		if len(c.unread) > 0 && (c.unread[0] == '\r' || c.unread[0] == '\n') {
			c.unread = c.unread[1:]
		}
	}
}

// request reads a head whose first bytes have come. It returns nil if the head is not ordinary, or does not come to its end:
// net/http then has the answer. Timed says that the head has its deadline already.
func (c *conn) request(timed bool) (*http.Request, *response) {
	if !timed {
		c.began = time.Now()
	}
	if c.posted {
		c.skipBlanks()
	}
	for {
		switch c.scan() {
		case odd:
			return nil, nil
		case ordinary:
			w := c.response()
			r := c.head.request(w)
			r.RemoteAddr = c.remote
			c.posted = r.Method == http.MethodPost
			c.unread = c.unread[len(c.head.text):]
			return r, w
		case partial:
			if !timed {
				timed = true
				c.readUntil(c.began, c.of.headerTimeout())
			}
			if len(c.unread) == headRoom || c.fill() != nil {
				return nil, nil
			}
		}
	}
}

// scan looks at the head that what is unread begins with. One that is ordinary is in c.head then.
func (c *conn) scan() verdict {
	if c.head.begins(c.unread) {
		return ordinary
	}
	var h head
	v := h.scan(c.unread)
	if v == ordinary && !c.head.take(&h, c.unread) {
		return odd
	}
	return v
}

// fill reads more behind what is unread, for which there must be room.
func (c *conn) fill() error {
	n := copy(c.room, c.unread)
	if early, ok := c.takeEarly(); ok {
		c.room[n] = early
		c.unread = c.room[:n+1]
		return nil
	}
	more, err := c.Read(c.room[n:])
	c.unread = c.room[:n+more]
	if more > 0 {
		return nil
	}
	return err
}

// readUntil sets how long may be read.
func (c *conn) readUntil(from time.Time, timeout time.Duration) {
	c.limit = due(from, timeout)
	_ = c.SetReadDeadline(c.limit)
}

// waitFrom sets how long the next request may take to come. A deadline costs more than a look at the clock, so one that is
// right to a sixtieth stays.
func (c *conn) waitFrom(now time.Time) {
	timeout := c.of.idleTimeout()
	if left := c.limit.Sub(now); c.limit.IsZero() || left < timeout || left > timeout+timeout/60 {
		c.readUntil(now, timeout+timeout/60)
	}
}

func (c *conn) setWriteDeadline(t time.Time) error {
	c.writing.Lock()
	defer c.writing.Unlock()
	c.writeLimit = t
	return c.SetWriteDeadline(t)
}

// writeWithin sets how long may be written: at most a sixtieth less. It is for writing what waitFrom is for reading.
func (c *conn) writeWithin(now time.Time, timeout time.Duration) {
	c.writing.Lock()
	defer c.writing.Unlock()
	if left := c.writeLimit.Sub(now); left < timeout-timeout/60 || left > timeout {
		c.writeLimit = now.Add(timeout)
		_ = c.SetWriteDeadline(c.writeLimit)
	}
}

// due is the end of a time; zero if there is none.
func due(from time.Time, timeout time.Duration) time.Time {
	if timeout <= 0 {
		return time.Time{}
	}
	return from.Add(timeout)
}

// handOver gives the connection to net/http, with what was read of it.
func (c *conn) handOver() {
	ahead := c.unread
	if early, ok := c.takeEarly(); ok {
		ahead = append(ahead, early)
	}
	to := &handed{Conn: c.Conn, ahead: ahead, due: due(c.began, c.of.headerTimeout())}
	c.handed = c.front.give(accepted{conn: to})
}

// answer lets the handler answer a request. It reports false if another one may not follow.
func (c *conn) answer(r *http.Request, w *response) (again bool) {
	c.tell(http.StateActive)
	if c.of.stopping.Load() {
		return false
	}
	w.begin(r)
	defer w.end()
	defer func() {
		if p := recover(); p != nil && p != http.ErrAbortHandler { //nolint:errorlint // a panic's value, compared as net/http does
			stack := make([]byte, 64<<10)
			c.of.logf("http: panic serving %v: %v\n%s", c.remote, p, stack[:runtime.Stack(stack, false)])
		}
	}()
	c.of.std.Handler.ServeHTTP(w, r)
	w.life.leave()
	return w.finish()
}
