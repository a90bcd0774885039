package edge

import (
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// This file lets a client hear why its request is refused before its body was read. If a server answers and closes while
// bytes still come, its system resets the connection, and the reset overtakes the answer: a client that sends everything
// before it reads sees nothing else. So a connection that the server ends in a request is closed in two steps, as RFC
// 9112 (9.6) has it: first the server's own direction, behind the answer; then, once the client has closed its direction or
// a bound is reached, the connection.

// lingering bounds what is read, to nowhere, until the client closes.
type lingering struct {
	bytes int           // at most
	total time.Duration // at most
	idle  time.Duration // until the next bytes must come
}

// defaultLingering has room for somewhat more than the largest body that is allowed.
func defaultLingering() lingering {
	return lingering{bytes: 64 << 20, total: 8 * time.Second, idle: 2 * time.Second}
}

// lingerer is a listener whose connections are closed in two steps.
type lingerer struct {
	net.Listener
	bounds lingering
	hurry  atomic.Bool // everything is to end now
}

// Accept implements net.Listener.
func (l *lingerer) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if tcp, ok := c.(*net.TCPConn); ok {
		return &lingeringConn{TCPConn: tcp, of: l}, err
	}
	return c, err
}

// state is the ConnState of a server: a connection that is closed while it is idle, or that became a socket, is nobody's
// who waits for an answer.
func (*lingerer) state(c net.Conn, s http.ConnState) {
	if c, ok := c.(*lingeringConn); ok {
		c.inRequest.Store(s == http.StateActive)
	}
}

type lingeringConn struct {
	*net.TCPConn
	of        *lingerer
	inRequest atomic.Bool
	once      sync.Once
}

// Close implements net.Conn.
func (c *lingeringConn) Close() (err error) {
	err = net.ErrClosed
	c.once.Do(func() {
		if c.inRequest.Load() && !c.of.hurry.Load() && c.CloseWrite() == nil {
			c.linger()
		}
		err = c.TCPConn.Close()
	})
	return err
}

// linger reads what still comes.
func (c *lingeringConn) linger() {
	bounds := c.of.bounds
	end := time.Now().Add(bounds.total)
	buffer := make([]byte, 32<<10)
	for left := bounds.bytes; left > 0; {
		due := time.Now().Add(bounds.idle)
		if due.After(end) {
			due = end
		}
		if c.SetReadDeadline(due) != nil {
			return
		}
		n, err := c.Read(buffer)
		if err != nil {
			return
		}
		left -= n
	}
}
