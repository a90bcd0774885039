package edge

import (
	"container/list"
	"context"
	"errors"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"zoomgraph/internal/chain"
)

// This file lets a client read the answer to a request that is refused before its body was read. If a server closes a
// connection on which bytes still arrive, the operating system resets it, and the reset overtakes the answer: a client that
// sends its whole body first sees only the reset. So the server closes in two steps (RFC 9112, 9.6): it closes its own
// direction behind the answer, reads until the client closes too or a bound is reached, and then closes the connection.
// This happens to every connection that is closed during a request. Start reading at Close.

// lingering bounds what is read and thrown away until the client closes.
type lingering struct {
	bytes int           // at most
	total time.Duration // at most
	idle  time.Duration // until the next bytes must come
}

// defaultLingering has room for somewhat more than the largest body that is allowed.
func defaultLingering() lingering {
	return lingering{bytes: 64 << 20, total: 8 * time.Second, idle: 2 * time.Second}
}

// lingerer is a listener whose connections close in two steps, and are not more than its crowd allows.
type lingerer struct {
	net.Listener
	crowd  *crowd
	bounds lingering
	hurry  atomic.Bool // close at once, since the process ends
}

// Accept implements net.Listener.
func (l *lingerer) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		if errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE) {
			l.crowd.makeRoom() // the server tries again in a moment
		}
		tcp, ok := c.(*net.TCPConn)
		if !ok {
			return c, err
		}
		conn := &lingeringConn{TCPConn: tcp, of: l}
		conn.quiet.Store(true)
		if l.crowd.enter(conn) {
			return conn, nil
		}
		_ = tcp.Close()
	}
}

// state is the server's ConnState. It tells connections with a request from idle ones and from sockets, which wait for no
// answer and close at once.
func (l *lingerer) state(c net.Conn, s http.ConnState) {
	if c, ok := c.(*lingeringConn); ok {
		c.inRequest.Store(s == http.StateActive)
		if s != http.StateNew {
			c.quiet.Store(s == http.StateIdle)
		}
		l.crowd.state(c, s)
	}
}

// context is the server's ConnContext.
func (*lingerer) context(ctx context.Context, c net.Conn) context.Context {
	return context.WithValue(ctx, connKey{}, c)
}

type lingeringConn struct {
	*net.TCPConn
	of        *lingerer
	inRequest atomic.Bool
	quiet     atomic.Bool // nothing was read of its first request, or of the next one
	once      sync.Once

	// The mutex of the crowd guards these. The link is among those of its rank, unless it is needed.
	chain.Link[lingeringConn]

	rank    rank
	since   time.Time     // it came to it
	vouched bool          // it has brought a request of a known caller
	waits   *list.Element // among those that may not go on yet; nil: it does not wait
	goOn    chan struct{} // closed when it need not wait any more
	gone    bool
}

// Read implements net.Conn.
func (c *lingeringConn) Read(p []byte) (int, error) {
	n, err := c.TCPConn.Read(p)
	if n > 0 && c.quiet.Swap(false) {
		c.of.crowd.begun(c)
	}
	return n, err
}

// Close implements net.Conn.
func (c *lingeringConn) Close() (err error) {
	err = net.ErrClosed
	c.once.Do(func() {
		if c.inRequest.Load() && !c.of.hurry.Load() && c.CloseWrite() == nil {
			c.of.crowd.move(c, leaving)
			c.linger()
		}
		err = c.TCPConn.Close()
		c.of.crowd.leave(c)
	})
	return err
}

// linger reads until the client closes or a bound is reached.
func (c *lingeringConn) linger() {
	bounds := c.of.bounds
	end := time.Now().Add(bounds.total)
	buffer := make([]byte, 4<<10)
	for left := bounds.bytes; left > 0; {
		due := time.Now().Add(bounds.idle)
		if due.After(end) {
			due = end
		}
		if c.SetReadDeadline(due) != nil {
			return
		}
		n, err := c.TCPConn.Read(buffer)
		if err != nil {
			return
		}
		left -= n
	}
}
