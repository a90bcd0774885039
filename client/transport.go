package client

import (
	"context"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
	"unicode/utf8"
)

// maxIdle bounds nothing: calls in flight are bounded already.
const maxIdle = 1 << 16

// Transport carries the calls of Clients over HTTP/1.1. It keeps connections and
// reuses them: to a host there are never more than calls were in flight at once.
//
// A call is written and its answer read by the goroutine that makes it (conn.go),
// over a connection that only this call has meanwhile (host.go). net/http's own
// Transport has two goroutines a connection, which costs a call more than all of
// its bytes do, and dials for each call that finds no idle connection, also where
// another call's comes free first.
//
// The embedded Transport says which settings hold, and carries what goes by a proxy.
// HTTP/2 is off there too: a GET that net/http cannot repeat would carry an empty DATA
// frame, which some gateways take for a body.
type Transport struct {
	*http.Transport

	mu    sync.Mutex
	hosts map[address]*host
}

// address is where a connection leads to.
type address struct {
	scheme, host string // as in a URL: the host may have a port
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
	return &Transport{
		hosts: map[address]*host{},
		Transport: &http.Transport{
			Proxy:                  http.ProxyFromEnvironment,
			DialContext:            open,
			Protocols:              protocols,
			MaxIdleConnsPerHost:    maxIdle,
			IdleConnTimeout:        90 * time.Second,
			TLSHandshakeTimeout:    10 * time.Second,
			ResponseHeaderTimeout:  time.Minute,
			MaxResponseHeaderBytes: maxHeader,
		},
	}
}

// RoundTrip sends a request. It is in flight until the answer's body is read to its
// end or closed.
func (t *Transport) RoundTrip(r *http.Request) (*http.Response, error) {
	return t.carry(r, new(trip))
}

// carry implements carrier.
func (t *Transport) carry(r *http.Request, way *trip) (*http.Response, error) {
	if way.lines == "" { // they were looked at
		if err := checkRequest(r); err != nil {
			closeBody(r)
			return nil, err
		}
	}
	h := t.hostOf(r)
	if h == nil {
		return foreign{t.Transport}.carry(r, way)
	}
	way.follow(r.Context())
	answer, err := h.carry(r, way)
	if err != nil {
		way.arrive()
		return nil, err
	}
	return answer, nil
}

// CloseIdleConnections closes the connections that no call goes by.
func (t *Transport) CloseIdleConnections() {
	t.Transport.CloseIdleConnections()
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, h := range t.hosts {
		h.closeIdle(len(h.idle))
	}
}

// hostOf finds where a request goes; nil: net/http is to carry it, by a proxy, or to
// say what is wrong with it.
func (t *Transport) hostOf(r *http.Request) *host {
	if r.URL == nil || r.URL.Host == "" || r.Header == nil || r.URL.Scheme != "http" && r.URL.Scheme != "https" {
		return nil
	}
	at := address{r.URL.Scheme, r.URL.Host}
	t.mu.Lock()
	h := t.hosts[at]
	if h != nil {
		h.calls++
	}
	t.mu.Unlock()
	if h != nil {
		return h
	}
	if strings.ContainsFunc(r.URL.Host, isNoASCII) {
		return nil
	}
	if t.Proxy != nil {
		if proxy, err := t.Proxy(r); proxy != nil || err != nil {
			return nil
		}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if h = t.hosts[at]; h == nil {
		h = newHost(t, at)
		t.hosts[at] = h
	}
	h.calls++
	return h
}

func isNoASCII(r rune) bool { return r >= utf8.RuneSelf }
