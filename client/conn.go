package client

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"math"
	"net"
	"net/http"
	"os"
	"strings"
	"syscall"
	"time"
)

// This file carries a call over a connection: what is written, and what is read. Start
// reading at carry. The standard library writes all requests that are no plain GET, and
// reads all answers that are not ordinary (head.go).

var past = time.Unix(1, 0)

// lateAnswer is how long an answer may take that comes though the request's body could
// not be sent to its end.
const lateAnswer = 50 * time.Millisecond

// conn is a connection. One call at a time goes by it.
type conn struct {
	net.Conn // with TLS, where the host wants it
	host     *host
	system   syscall.RawConn // the socket; nil: there is none that can be looked at
	looking  func(uintptr) bool
	asking   func(uintptr) bool
	secured  *glance // below TLS; nil: there is none

	in     *bufio.Reader
	out    *bufio.Writer
	kept   bool      // it has carried a call, or waited for one: it may have ended meanwhile
	idleAt time.Time // since when it waits for a call
	ends   time.Time // when reading ends; zero: never

	left   int64 // bytes that may be read, while that is the head of an answer
	sent   int   // bytes of the call
	fault  error // of the connection, while the call was written
	unsent bool  // for that no byte of it was sent
	gone   bool  // it had ended before the call came

	unasked bool   // what is written is sent by the first read, which reads
	into    []byte // into this
	got     int    // so much
	err     error
	peeked  [1]byte
}

var errGone = errors.New("the connection has ended")

func newConn(h *host, raw net.Conn) *conn {
	c := &conn{Conn: raw, host: h}
	c.in, c.out = bufio.NewReader(c), bufio.NewWriter(c)
	if socket, ok := raw.(syscall.Conn); ok && looks {
		c.system, _ = socket.SyscallConn()
		c.looking, c.asking = c.look, c.ask
	}
	return c
}

// Read implements io.Reader, within the limit of a head.
func (c *conn) Read(p []byte) (int, error) {
	if c.left <= 0 {
		return 0, errLongHead
	}
	p = p[:min(int64(len(p)), c.left)]
	n, err := 0, error(nil)
	if c.unasked {
		c.into, c.got, c.err = p, 0, nil
		err = c.system.Read(c.asking)
		n, err, c.into = c.got, cmp.Or(c.err, err), nil
	} else {
		n, err = c.Conn.Read(p)
	}
	c.left -= int64(n)
	return n, err
}

// Write implements io.Writer.
func (c *conn) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	c.sent += n
	if err != nil {
		c.fault = err
	}
	return n, err
}

// interrupt wakes up whoever waits for the connection.
func (c *conn) interrupt() { _ = c.SetDeadline(past) }

// await makes reading end after that time; 0: never. Calls that follow each other
// closely have one time together.
func (c *conn) await(patience time.Duration) {
	if patience <= 0 {
		if !c.ends.IsZero() {
			c.ends = time.Time{}
			_ = c.SetReadDeadline(c.ends)
		}
		return
	}
	now := time.Now()
	if left := c.ends.Sub(now); left <= patience-time.Second || left > patience {
		c.ends = now.Add(patience)
		_ = c.SetReadDeadline(c.ends)
	}
}

// alive tells whether a connection that was kept is still there, and has said nothing
// meanwhile. What TLS has to say for itself, as its tickets, it takes in.
func (c *conn) alive() bool {
	switch {
	case !c.kept || c.system == nil:
	case c.secured != nil:
		c.secured.only = true
		_, err := c.in.Peek(1)
		c.secured.only = false
		c.gone = !errors.Is(err, os.ErrDeadlineExceeded)
	case c.system.Read(c.looking) != nil:
		c.gone = true
	}
	return !c.gone
}

// spent tells whether nothing more is there than the answer that was read. Where the
// connection is looked at before it carries the next call, that finds the rest.
func (c *conn) spent() bool {
	if c.in.Buffered() > 0 {
		return false
	}
	if c.secured == nil || c.system != nil {
		return true
	}
	c.ends = time.Time{}
	if c.SetReadDeadline(past) != nil { // TLS may have read ahead
		return false
	}
	_, err := c.in.Peek(1)
	return errors.Is(err, os.ErrDeadlineExceeded) && c.SetReadDeadline(c.ends) == nil
}

// carry sends a request, and reads the head of the answer.
func (c *conn) carry(r *http.Request, way *trip) (*http.Response, error) {
	patience := c.host.transport.ResponseHeaderTimeout
	if !isBodyless(r) {
		patience = 0 // it begins when the body is sent
	}
	c.left, c.sent, c.fault, c.unsent, c.unasked = c.host.transport.MaxResponseHeaderBytes, 0, nil, false, false
	if err := way.board(c, patience); err != nil {
		closeBody(r)
		return nil, err
	}
	answer, err := c.exchange(r, way)
	if err != nil {
		way.leave()
		return nil, way.why(err)
	}
	return answer, nil
}

func (c *conn) exchange(r *http.Request, way *trip) (*http.Response, error) {
	zip := wantsZip(r)
	b := &received{conn: c, way: way}
	var err error
	switch {
	case c.prepare(r, way.lines, zip):
	case !c.alive():
		return nil, errGone
	case !isBodyless(r):
		b.body = c.stream(r, zip, way)
	default:
		err = c.write(r, way.lines, zip)
	}
	if err == nil {
		err = c.head(r, b)
	}
	switch {
	case err == nil:
		return c.receive(b, r, zip), nil
	case b.body == nil:
		c.unsent = c.fault != nil && c.sent == 0
	}
	return nil, b.body.instead(c, err)
}

// receive makes the body of an answer the caller's to read.
func (c *conn) receive(b *received, r *http.Request, zip bool) *http.Response {
	c.left = math.MaxInt64
	answer := &b.answer
	b.keep = !answer.Close && !r.Close && answer.StatusCode >= http.StatusOK
	if r.Method == http.MethodHead || answer.ContentLength == 0 {
		answer.Body = http.NoBody
		b.end(b.keep)
		return answer
	}
	if answer.ContentLength < 0 || answer.ContentLength > int64(c.in.Buffered()) {
		b.way.await(0)
	}
	answer.Body = b
	if zip && strings.EqualFold(answer.Header.Get("Content-Encoding"), "gzip") {
		answer.Body = &unzipped{from: answer.Body}
		answer.Header.Del("Content-Encoding")
		answer.Header.Del("Content-Length")
		answer.ContentLength, answer.Uncompressed = -1, true
	}
	return answer
}

// head reads the head of the answer, past those that only say that it is going to come.
func (c *conn) head(r *http.Request, b *received) error {
	for {
		err := c.nextHead(r, b)
		switch {
		case err != nil && c.left <= 0:
			return errLongHead
		case errors.Is(err, os.ErrDeadlineExceeded):
			return errNoHead
		case err != nil && c.left < c.host.transport.MaxResponseHeaderBytes:
			return fmt.Errorf("the answer broke off, or is none: %w", err)
		case err != nil:
			return err
		}
		if status := b.answer.StatusCode; status/100 != 1 || status == http.StatusSwitchingProtocols {
			return nil
		}
	}
}

// nextHead reads one head. Where none of it comes, the error is the connection's.
func (c *conn) nextHead(r *http.Request, b *received) error {
	if _, err := c.in.Peek(1); err != nil {
		return err
	}
	if r.Method != http.MethodHead {
		if f, ok := readOrdinary(c.in, &b.answer); ok {
			b.ordinary(f, r)
			return nil
		}
	}
	answer, err := http.ReadResponse(c.in, r) //nolint:bodyclose // received closes it
	if err != nil {
		return err
	}
	b.answer, b.from = *answer, answer.Body
	return nil
}

// release lets go of the connection: others have it where that can be.
func (c *conn) release(way *trip, keep bool) {
	way.arrive()
	if way.leave() && keep && c.spent() {
		c.kept = true
		c.host.put(c)
		return
	}
	_ = c.Close()
	c.host.lose()
}

// sending is a request with a body on its way, beside which the answer is read: it may
// come before the body is sent.
type sending struct{ done chan error }

func (c *conn) stream(r *http.Request, zip bool, way *trip) *sending {
	s := &sending{make(chan error, 1)}
	go func() {
		err := c.write(r, "", zip)
		switch {
		case err == nil:
			way.await(c.host.transport.ResponseHeaderTimeout)
		case c.fault != nil:
			way.await(lateAnswer)
		default:
			way.interrupt()
		}
		s.done <- err
	}()
	return s
}

// sent tells whether the request was sent to its end.
func (s *sending) sent() bool {
	if s == nil {
		return true
	}
	select {
	case err := <-s.done:
		return err == nil
	default:
	}
	timer := time.NewTimer(lateAnswer) // the other side may be faster than our goroutine
	defer timer.Stop()
	select {
	case err := <-s.done:
		return err == nil
	case <-timer.C:
		return false
	}
}

// instead is the error of a call that got no answer: why it was not sent, if that is
// so, and else err.
func (s *sending) instead(c *conn, err error) error {
	if s == nil {
		return err
	}
	select {
	case fault := <-s.done:
		if fault != nil {
			c.unsent = c.fault != nil && c.sent == 0
			return fault
		}
	default:
	}
	return err
}

// slowError is the error of what took too long, as the net package has them.
type slowError string

// Error implements error.
func (e slowError) Error() string { return string(e) }

// Timeout implements net.Error.
func (slowError) Timeout() bool { return true }

// Temporary implements net.Error.
func (slowError) Temporary() bool { return true }

const (
	errNoHead    slowError = "the answer's header did not come in time"
	errHandshake slowError = "the TLS handshake did not end in time"
)

var errLongHead = fmt.Errorf("the answer's header is longer than %d bytes", maxHeader)
