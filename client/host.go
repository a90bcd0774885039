package client

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"golang.org/x/net/http/httpguts"
)

// This file keeps the connections to a host. Start reading at take.
//
// A call goes by an idle connection. Where there is none it waits for the first one
// to come free, and another one is dialed, unless as many as there are calls in
// flight are there or on their way. So a host has never more connections than calls
// were in flight at once, and a call never waits for a dial longer than for another
// call's connection.

// grace is how long a call waits for a connection in use to come free before one is
// dialed: calls end and begin together, and an answer may be on its way already.
const grace = 3 * time.Millisecond

// host is one that calls lead to. All of it is under the lock of its Transport.
type host struct {
	transport *Transport
	at        address
	dialed    string // host and port
	named     bool   // at.host can stand in a request as it is

	calls   int         // in flight
	conns   int         // open, or being dialed
	idle    []*conn     // the one used last stands last
	waiting []chan seat // of calls without a connection, in their order
	timer   *time.Timer // set to when the first idle one has been idle for too long; nil until there was one
}

// seat ends the wait of a call: it has a connection, or the reason why there is none.
type seat struct {
	conn *conn
	err  error
}

func newHost(t *Transport, at address) *host {
	u := url.URL{Host: at.host}
	port := u.Port()
	switch {
	case port != "":
	case at.scheme == "https":
		port = "443"
	default:
		port = "80"
	}
	named := httpguts.ValidHostHeader(at.host) && !strings.Contains(at.host, "%") // a zone is of this machine only
	return &host{transport: t, at: at, named: named, dialed: net.JoinHostPort(u.Hostname(), port)}
}

// carry sends a request and reads the head of its answer. A connection that had ended
// before the call, or ends before anything was sent, is replaced.
func (h *host) carry(r *http.Request, way *trip) (*http.Response, error) {
	for {
		c, err := h.take(way)
		if err != nil {
			closeBody(r)
			return nil, err
		}
		answer, err := c.carry(r, way)
		if err == nil {
			return answer, nil
		}
		_ = c.Close()
		if way.why(nil) == nil && (c.gone || c.kept && c.unsent && rewind(&r)) {
			h.replace()
			continue
		}
		h.lose()
		if c.kept {
			err = &reusedError{err}
		}
		return nil, err
	}
}

// take finds a connection for a call that was counted. If there is none the call is
// not in flight any more.
func (h *host) take(way *trip) (*conn, error) {
	h.transport.mu.Lock()
	n := len(h.idle)
	if n == 0 {
		return h.wait(way)
	}
	c := h.idle[n-1]
	h.idle[n-1] = nil
	h.idle = h.idle[:n-1]
	h.transport.mu.Unlock()
	return c, nil
}

// wait does so for a connection, and unlocks the Transport.
func (h *host) wait(way *trip) (*conn, error) {
	t := h.transport
	ready := make(chan seat, 1)
	h.waiting = append(h.waiting, ready)
	if h.conns < h.calls {
		h.conns++
		if h.calls > len(h.waiting) {
			time.AfterFunc(grace, h.dial)
		} else {
			go h.dial()
		}
	}
	t.mu.Unlock()
	select {
	case s := <-ready:
		return s.conn, s.err
	case <-way.ended():
	}
	t.mu.Lock()
	i := slices.Index(h.waiting, ready)
	if i >= 0 {
		h.waiting = slices.Delete(h.waiting, i, i+1)
		h.calls--
		h.sweep()
	}
	t.mu.Unlock()
	if i < 0 {
		if s := <-ready; s.conn != nil {
			h.put(s.conn)
		}
	}
	return nil, way.why(nil)
}

// put takes back a connection: the call that went by it is not in flight any more.
func (h *host) put(c *conn) {
	h.transport.mu.Lock()
	defer h.transport.mu.Unlock()
	h.calls--
	h.settle(c)
}

// settle gives a connection to the call that waits longest, or keeps it.
func (h *host) settle(c *conn) {
	if len(h.waiting) > 0 {
		h.next() <- seat{conn: c}
		return
	}
	life := h.transport.IdleConnTimeout
	c.kept, c.idleAt = true, time.Now()
	h.idle = append(h.idle, c)
	switch {
	case len(h.idle) > 1 || life <= 0:
	case h.timer == nil:
		h.timer = time.AfterFunc(life, h.retire)
	}
}

// next is the call that waits longest.
func (h *host) next() chan<- seat {
	ready := h.waiting[0]
	h.waiting = slices.Delete(h.waiting, 0, 1)
	return ready
}

// lose notes that a connection is closed, and the call that went by it over.
func (h *host) lose() {
	h.transport.mu.Lock()
	defer h.transport.mu.Unlock()
	h.calls--
	h.conns--
	h.sweep()
}

// replace notes that a connection is closed whose call needs another one.
func (h *host) replace() {
	h.transport.mu.Lock()
	defer h.transport.mu.Unlock()
	h.conns--
}

// sweep forgets a host that nothing is left of.
func (h *host) sweep() {
	if h.calls > 0 || h.conns > 0 {
		return
	}
	if h.timer != nil {
		h.timer.Stop()
	}
	if h.transport.hosts[h.at] == h {
		delete(h.transport.hosts, h.at)
	}
}

// retire closes the connections that have been idle for too long.
func (h *host) retire() {
	h.transport.mu.Lock()
	defer h.transport.mu.Unlock()
	now, life, n := time.Now(), h.transport.IdleConnTimeout, 0
	for n < len(h.idle) && now.Sub(h.idle[n].idleAt) >= life {
		n++
	}
	h.closeIdle(n)
	if len(h.idle) > 0 {
		h.timer.Reset(h.idle[0].idleAt.Add(life).Sub(now))
	} else {
		h.timer = nil
	}
}

// closeIdle closes the idle connections that were used longest ago.
func (h *host) closeIdle(n int) {
	for _, c := range h.idle[:n] {
		_ = c.Close()
	}
	h.idle = slices.Delete(h.idle, 0, n)
	h.conns -= n
	h.sweep()
}

// dial opens a connection that was counted, unless it is not needed any more, and
// gives it to whoever waits. If that fails one call does with it, and the others wait
// for as many dials as they are.
func (h *host) dial() {
	t := h.transport
	t.mu.Lock()
	if h.opening() > len(h.waiting) {
		h.conns--
		h.sweep()
		t.mu.Unlock()
		return
	}
	t.mu.Unlock()
	c, err := h.open()
	t.mu.Lock()
	defer t.mu.Unlock()
	if err == nil {
		h.settle(c)
		return
	}
	h.conns--
	if h.opening() < len(h.waiting) {
		h.calls--
		h.next() <- seat{err: err}
	}
	h.sweep()
}

// opening is how many connections are being dialed.
func (h *host) opening() int {
	inUse := h.calls - len(h.waiting)
	return h.conns - len(h.idle) - inUse
}

func (h *host) open() (*conn, error) {
	ctx := context.Background()
	raw, err := h.transport.DialContext(ctx, "tcp", h.dialed)
	if err != nil {
		return nil, err
	}
	c := newConn(h, raw)
	if h.at.scheme == "http" {
		return c, nil
	}
	c.secured = &glance{Conn: raw, system: c.system}
	if c.Conn, err = h.shake(ctx, c.secured); err != nil {
		_ = raw.Close()
		return nil, err
	}
	return c, nil
}

// shake makes a connection one of TLS.
func (h *host) shake(ctx context.Context, raw net.Conn) (net.Conn, error) {
	cfg := h.transport.TLSClientConfig.Clone()
	if cfg == nil {
		cfg = new(tls.Config)
	}
	if cfg.ServerName == "" {
		u := url.URL{Host: h.at.host}
		cfg.ServerName = u.Hostname()
	}
	cfg.NextProtos = []string{"http/1.1"}
	limited, cancel := context.WithTimeoutCause(ctx, h.transport.TLSHandshakeTimeout, errHandshake)
	defer cancel()
	secured := tls.Client(raw, cfg)
	if err := secured.HandshakeContext(limited); err != nil {
		if limited.Err() != nil {
			err = context.Cause(limited)
		}
		return nil, err
	}
	return secured, nil
}
