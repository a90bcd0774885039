package h1

import (
	"io"
	"net/http"
	"sync"
	"time"
)

// body is that of a request. It does what net/http's does; a handler may read it in goroutines of its own.
type body struct {
	conn *conn
	life *lifetime

	mu     sync.Mutex
	left   int // bytes
	ended  bool
	closed bool
}

// Read implements io.Reader.
func (b *body) Read(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return 0, http.ErrBodyReadAfterClose
	}
	return b.read(p)
}

func (b *body) read(p []byte) (int, error) {
	switch {
	case b.ended:
		return 0, io.EOF
	case len(p) == 0:
		return 0, nil
	}
	n, err := b.conn.readBody(p[:min(len(p), b.left)])
	b.left -= n
	switch {
	case err != nil:
		b.life.leave()
		if err == io.EOF { //nolint:errorlint // a connection's is never wrapped
			b.ended = true
			err = io.ErrUnexpectedEOF
		}
	case b.left == 0:
		b.ended = true
		err = io.EOF
		if !b.conn.came {
			b.conn.of.watch.begin(b.conn, time.Now(), b.life)
		}
	}
	return n, err
}

// Close implements io.Closer. It reads the rest, so that another request can follow.
func (b *body) Close() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.close()
}

func (b *body) close() error {
	if b.closed {
		return nil
	}
	b.closed = true
	return b.drain()
}

// drain reads the rest and throws it away.
func (b *body) drain() error {
	if b.ended {
		return nil
	}
	waste := make([]byte, 2<<10)
	for {
		if _, err := b.read(waste); err == io.EOF { //nolint:errorlint // it is made above
			return nil
		} else if err != nil {
			return err
		}
	}
}

// finish reads the rest before an answer is written: some clients read nothing before they have sent everything. It reports
// false if that fails, and then the next request cannot be found.
func (b *body) finish() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return b.ended
	}
	return b.close() == nil
}

// readBody reads what belongs to a body; p is no longer than what is left of it.
func (c *conn) readBody(p []byte) (int, error) {
	if len(c.unread) == 0 {
		if len(p) >= headRoom {
			return c.Read(p)
		}
		if err := c.fill(); err != nil {
			return 0, err
		}
	}
	n := copy(p, c.unread)
	c.unread = c.unread[n:]
	return n, nil
}
