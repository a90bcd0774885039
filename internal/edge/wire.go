package edge

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"sync/atomic"

	"github.com/coder/websocket"
)

// This file bounds what a stranger sends over a socket, whatever it is: empty frames and pings cost time, though no memory.

// maxStrangerBytes are the bytes of connection_init, its frames and some pings.
const maxStrangerBytes = 2 * maxFirstMessage

// errTooMuch is what is read behind the bytes that a stranger may send.
var errTooMuch = errors.New("too much was sent before connection_ack")

// wire is the connection below a socket.
type wire struct {
	known atomic.Bool // then there is no bound
	left  int64       // bytes until then; the reader's

	mu    sync.Mutex
	conn  net.Conn // nil before the upgrade
	ended bool
}

// upgrading is the answer to a request to become a socket.
type upgrading struct {
	http.ResponseWriter
	wire *wire
}

// Hijack implements http.Hijacker.
func (u upgrading) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, both, err := http.NewResponseController(u.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, err
	}
	w := u.wire
	w.left -= int64(both.Reader.Buffered()) // what came with the request
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.conn = conn; w.ended {
		_ = conn.Close()
	}
	return &wired{conn, w}, both, nil
}

// end closes the connection at once, whatever is read or written.
func (w *wire) end() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ended = true
	if w.conn != nil {
		_ = w.conn.Close()
	}
}

// fault is an error of reading, as a closing where it is one.
func (w *wire) fault(err error) error {
	if errors.Is(err, errTooMuch) {
		return closing{websocket.StatusPolicyViolation, fmt.Sprintf("before connection_ack a socket sends %d bytes at most", maxStrangerBytes)}
	}
	return err
}

// wired is the connection as the library sees it.
type wired struct {
	net.Conn
	wire *wire
}

// Read implements net.Conn.
func (c *wired) Read(p []byte) (int, error) {
	w := c.wire
	if w.known.Load() {
		return c.Conn.Read(p)
	}
	if w.left <= 0 {
		return 0, errTooMuch
	}
	n, err := c.Conn.Read(p[:min(int64(len(p)), w.left)])
	w.left -= int64(n)
	return n, err
}
