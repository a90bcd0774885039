package client

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"time"
)

// handOver bounds how long a call waits for the connection of another one, in case
// the count of connections is wrong.
const handOver = time.Second

// grace is how long a call waits for a connection in use to come free before it
// dials: calls end and begin together, and an answer may be on its way already.
const grace = 3 * time.Millisecond

// maxIdle bounds nothing: there are never more connections than calls in flight.
const maxIdle = 1 << 16

// Transport carries the calls of Clients over HTTP/1.1. It keeps connections and
// reuses them: to a host there are never more than calls were in flight at once.
//
// net/http alone opens more. It dials for each call that finds no idle connection;
// if another call ends first, the waiting one goes by that call's connection, and
// the dialed one has no use. So a dial waits here while there are connections enough
// for the calls in flight: one is about to come free.
//
// HTTP/2 is off: a GET that net/http cannot repeat would carry an empty DATA frame,
// which some gateways take for a body.
type Transport struct {
	*http.Transport
	open func(ctx context.Context, network, addr string) (net.Conn, error)

	mu    sync.Mutex
	hosts map[string]*host // by address, such as api.zoom.us:443
}

// host counts calls and connections of one address.
type host struct {
	calls   int // in flight
	conns   int // open, or being dialed
	waiting []chan struct{}
}

// NewTransport makes the transport that a Client has where Config.Transport is nil,
// for those who share one among Clients or put something around it. It takes 64 KiB
// of header and follows no redirects. Idle connections are closed after 90 seconds.
func NewTransport() *Transport {
	return newTransport((&net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}).DialContext)
}

func newTransport(open func(ctx context.Context, network, addr string) (net.Conn, error)) *Transport {
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	t := &Transport{open: open, hosts: map[string]*host{}}
	t.Transport = &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		DialContext:            t.dial,
		Protocols:              protocols,
		MaxIdleConnsPerHost:    maxIdle,
		IdleConnTimeout:        90 * time.Second,
		TLSHandshakeTimeout:    10 * time.Second,
		ResponseHeaderTimeout:  time.Minute,
		MaxResponseHeaderBytes: maxHeader,
	}
	return t
}

// RoundTrip sends a request. It is in flight until the answer's body is closed.
func (t *Transport) RoundTrip(r *http.Request) (*http.Response, error) {
	addr := addressOf(r.URL)
	t.begin(addr)
	answer, err := t.Transport.RoundTrip(r)
	if err != nil {
		t.end(addr)
		return nil, err
	}
	answer.Body = &tracked{ReadCloser: answer.Body, transport: t, addr: addr}
	return answer, nil
}

// tracked is the body of an answer.
type tracked struct {
	io.ReadCloser
	transport *Transport
	addr      string
	closed    atomic.Bool
}

// Close ends the call.
func (b *tracked) Close() error {
	err := b.ReadCloser.Close()
	if !b.closed.Swap(true) {
		b.transport.end(b.addr)
	}
	return err
}

// addressOf returns the address that net/http dials for a URL without a proxy.
func addressOf(u *url.URL) string {
	port := u.Port()
	switch {
	case port != "":
	case u.Scheme == "https":
		port = "443"
	default:
		port = "80"
	}
	return net.JoinHostPort(u.Hostname(), port)
}

func (t *Transport) begin(addr string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	h := t.hosts[addr]
	if h == nil {
		h = &host{}
		t.hosts[addr] = h
	}
	h.calls++
	h.wake() // there may be a dial that waits for this
}

func (t *Transport) end(addr string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	h := t.hosts[addr]
	h.calls--
	t.sweep(addr, h)
}

// sweep forgets an address that nothing is left of.
func (t *Transport) sweep(addr string, h *host) {
	if h.calls == 0 && h.conns == 0 && len(h.waiting) == 0 {
		delete(t.hosts, addr)
	}
}

// wake lets dials that wait look again.
func (h *host) wake() {
	for _, w := range h.waiting {
		close(w)
	}
	h.waiting = nil
}

// errServed tells net/http that a connection is not needed any more. Nobody sees it.
var errServed = errors.New("client: the call went by another connection")

// dial opens a connection as soon as there are more calls in flight than
// connections, unless the call is served by another one first.
func (t *Transport) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	if err := t.await(ctx, addr); err != nil {
		return nil, err
	}
	conn, err := t.open(ctx, network, addr)
	if err != nil {
		t.drop(addr)
		return nil, err
	}
	return &counted{Conn: conn, transport: t, addr: addr}, nil
}

func (t *Transport) await(ctx context.Context, addr string) error {
	call := linkOf(ctx)
	if call != nil && t.inUse(addr) && call.servedWithin(grace) {
		return errServed
	}
	timer := time.NewTimer(handOver)
	defer timer.Stop()
	for late := false; ; {
		changed := t.reserve(addr, late || call == nil)
		if changed == nil {
			return nil
		}
		select {
		case <-call.whenServed():
			return errServed
		case <-changed:
		case <-timer.C:
			late = true
		}
	}
}

// inUse tells whether there are connections to an address that calls are known to
// lead to.
func (t *Transport) inUse(addr string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	h := t.hosts[addr]
	return h != nil && h.conns > 0 && h.calls > 0
}

// reserve counts a new connection, if one is needed or force says so. Otherwise it
// returns a channel that is closed when one may be needed. An address without calls
// is a proxy: it is not counted where its connections lead.
func (t *Transport) reserve(addr string, force bool) (changed <-chan struct{}) {
	t.mu.Lock()
	defer t.mu.Unlock()
	h := t.hosts[addr]
	switch {
	case h == nil:
		h = &host{}
		t.hosts[addr] = h
	case !force && h.calls > 0 && h.conns >= h.calls:
		w := make(chan struct{})
		h.waiting = append(h.waiting, w)
		return w
	}
	h.conns++
	return nil
}

// drop takes back a connection that is closed, or never was.
func (t *Transport) drop(addr string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	h := t.hosts[addr]
	h.conns--
	h.wake()
	t.sweep(addr, h)
}

// counted is a connection that is counted.
type counted struct {
	net.Conn
	transport *Transport
	addr      string
	closed    atomic.Bool
}

// Close closes the connection.
func (c *counted) Close() error {
	if !c.closed.Swap(true) {
		c.transport.drop(c.addr)
	}
	return c.Conn.Close()
}
