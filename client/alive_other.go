//go:build !unix

package client

import (
	"net"
	"syscall"
)

// look does not know how to look here: a connection that has ended is found out by the
// call that goes by it.
func (c *conn) look(uintptr) bool { return true }

// ask is not needed where there is no look.
func (c *conn) ask(uintptr) bool { return true }

// glance is the connection below TLS.
type glance struct {
	net.Conn
	system syscall.RawConn
	only   bool
}

const looks = false
