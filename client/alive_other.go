//go:build !unix

package client

// look does not know how to look here: a connection that has ended is found out by the
// call that goes by it.
func (c *conn) look(uintptr) bool {
	c.quiet = true
	return true
}
