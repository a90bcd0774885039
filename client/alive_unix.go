//go:build unix

package client

import (
	"errors"
	"io"
	"net"
	"os"
	"syscall"
)

const looks = true

// look reads what nobody asked for: an idle connection has nothing to say, so a byte
// on it is as bad as its end.
func (c *conn) look(fd uintptr) bool {
	_, err := read(fd, c.peeked[:])
	c.gone = !errors.Is(err, syscall.EAGAIN)
	return true
}

// ask looks, sends what was written, and reads the beginning of the answer into
// c.into. It is called again when there is something to read: to look for it at once,
// as the net package does, costs a system call and is always in vain.
func (c *conn) ask(fd uintptr) bool {
	if c.unasked {
		c.unasked = false
		if c.look(fd); c.gone {
			c.err = errGone
			return true
		}
		c.err = c.out.Flush()
		return c.err != nil
	}
	n, err := read(fd, c.into)
	switch {
	case errors.Is(err, syscall.EAGAIN):
		return false
	case err != nil:
		c.err = &net.OpError{Op: "read", Net: "tcp", Source: c.LocalAddr(), Addr: c.RemoteAddr(), Err: os.NewSyscallError("read", err)}
	case n == 0:
		c.err = io.EOF
	}
	c.got = max(n, 0)
	return true
}

// glance is the connection below TLS. It can be read without waiting.
type glance struct {
	net.Conn
	system syscall.RawConn
	only   bool // reads only what has come
}

// Read implements io.Reader. The error that says that nothing has come is one that TLS
// outlives.
func (g *glance) Read(p []byte) (n int, err error) {
	if !g.only {
		return g.Conn.Read(p)
	}
	fault := g.system.Read(func(fd uintptr) bool {
		n, err = read(fd, p)
		return true
	})
	switch {
	case fault != nil:
		return 0, fault
	case errors.Is(err, syscall.EAGAIN):
		return 0, os.ErrDeadlineExceeded
	case err != nil:
		return 0, err
	case n == 0:
		return 0, io.EOF
	}
	return n, nil
}

func read(fd uintptr, p []byte) (int, error) {
	for {
		n, err := syscall.Read(int(fd), p)
		if !errors.Is(err, syscall.EINTR) {
			return n, err
		}
	}
}
