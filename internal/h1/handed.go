package h1

import (
	"io"
	"net"
	"time"
)

// handed is a connection that net/http serves from now on.
type handed struct {
	net.Conn
	ahead []byte    // what was read of it already
	due   time.Time // when the head of the request has to be there; zero: it does not matter any more
}

// plain is the connection as it was accepted.
func plain(c net.Conn) net.Conn {
	if h, ok := c.(*handed); ok {
		return h.Conn
	}
	return c
}

// Read implements net.Conn.
func (h *handed) Read(p []byte) (int, error) {
	if len(h.ahead) == 0 {
		return h.Conn.Read(p)
	}
	n := copy(p, h.ahead)
	if h.ahead = h.ahead[n:]; len(h.ahead) == 0 {
		h.ahead = nil // the buffer has served
	}
	return n, nil
}

// SetReadDeadline implements net.Conn. The first one that net/http sets is for the head. That has begun here, so it gets no
// more time than it had.
func (h *handed) SetReadDeadline(t time.Time) error {
	if !h.due.IsZero() && t.After(h.due) {
		t = h.due
	}
	h.due = time.Time{}
	return h.Conn.SetReadDeadline(t)
}

// ReadFrom implements io.ReaderFrom, so that files are still sent by the system.
func (h *handed) ReadFrom(r io.Reader) (int64, error) { return io.Copy(h.Conn, r) }

// CloseWrite is what net/http calls before it waits for a client to read a refusal.
func (h *handed) CloseWrite() error {
	if c, ok := h.Conn.(interface{ CloseWrite() error }); ok {
		return c.CloseWrite()
	}
	return nil
}
