//go:build unix

package client

import "syscall"

// look reads what nobody asked for: an idle connection has nothing to say, so a byte
// on it is as bad as its end.
func (c *conn) look(fd uintptr) bool {
	_, err := syscall.Read(int(fd), c.peeked[:])
	c.quiet = err == syscall.EAGAIN || err == syscall.EINTR
	return true
}
