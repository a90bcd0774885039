package edge

import (
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"time"
)

// This file spares connections most of their deadlines. The server and the handlers set about seven of them for each
// request, nearly all later than the one before and none of which is reached. So a deadline is told to the connection only if
// it is earlier than the one that the connection has; when that one passes, it is looked whether the time is really over.
// Start reading at set.

// deadline is that of one direction of a connection.
type deadline struct {
	mu           sync.Mutex
	wanted, told time.Time // zero: none
}

// set asks for a deadline. What already waits for the connection ends by it as well.
func (d *deadline) set(at time.Time, tell func(time.Time) error) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.wanted = at
	if at.IsZero() || !d.told.IsZero() && !at.Before(d.told) {
		return nil
	}
	d.told = at
	return tell(at)
}

// over is asked after an error. It reports false if that was a deadline which is not wanted any more; the connection then
// has the one that is.
func (d *deadline) over(err error, tell func(time.Time) error) bool {
	if !errors.Is(err, os.ErrDeadlineExceeded) {
		return true
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.wanted.IsZero() && !d.wanted.After(time.Now()) {
		return true
	}
	d.told = d.wanted
	return tell(d.wanted) != nil
}

// patientConn is a connection with such deadlines.
type patientConn struct {
	*net.TCPConn
	reading, writing deadline
}

// Read implements net.Conn.
func (c *patientConn) Read(p []byte) (int, error) {
	for {
		n, err := c.TCPConn.Read(p)
		if err == nil || n > 0 || c.reading.over(err, c.TCPConn.SetReadDeadline) {
			return n, err
		}
	}
}

// Write implements net.Conn.
func (c *patientConn) Write(p []byte) (int, error) {
	for written := 0; ; {
		n, err := c.TCPConn.Write(p[written:])
		if written += n; err == nil || c.writing.over(err, c.TCPConn.SetWriteDeadline) {
			return written, err
		}
	}
}

// ReadFrom implements io.ReaderFrom, by Write.
func (c *patientConn) ReadFrom(r io.Reader) (int64, error) {
	return io.Copy(struct{ io.Writer }{c}, r)
}

// WriteTo implements io.WriterTo, by Read.
func (c *patientConn) WriteTo(w io.Writer) (int64, error) {
	return io.Copy(w, struct{ io.Reader }{c})
}

// SetReadDeadline implements net.Conn.
func (c *patientConn) SetReadDeadline(at time.Time) error {
	return c.reading.set(at, c.TCPConn.SetReadDeadline)
}

// SetWriteDeadline implements net.Conn.
func (c *patientConn) SetWriteDeadline(at time.Time) error {
	return c.writing.set(at, c.TCPConn.SetWriteDeadline)
}

// SetDeadline implements net.Conn.
func (c *patientConn) SetDeadline(at time.Time) error {
	return errors.Join(c.SetReadDeadline(at), c.SetWriteDeadline(at))
}
