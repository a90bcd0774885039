package edge

import (
	"context"
	"fmt"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"zoomgraph/internal/peer"

	"github.com/coder/websocket"
)

// proxied is a service behind a proxy on this machine.
func proxied(o *Options) {
	o.Proxies = peer.Proxies{{Prefix: netip.MustParsePrefix("127.0.0.0/8")}}
}

// from opens a socket from another address, the n-th.
func (s *stage) from(n int) *client {
	s.t.Helper()
	return s.dial(fmt.Sprintf("X-Forwarded-For: 192.0.2.%d", n))
}

// Sockets that say nothing keep nobody out, wherever they come from, and take none of the places of those who do.
func TestStrangersGiveWay(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name            string
		silent, address int // sockets, and addresses they come from
		left            int
	}{
		{"of one address", 300, 1, 20},
		{"of four", 300, 4, 80},
		{"of fifty", 300, 50, 100},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := perform(t, func(o *Options, l *liveLimits) {
				proxied(o)
				l.init, l.connections = time.Hour, 14
			}, byName)
			var first *client
			for i := range tt.silent {
				c := s.from(i % tt.address)
				if first == nil {
					first = c
				}
				if i%20 == 0 && i/20 < 14 { // in between, somebody who says who they are, from the same address
					c.send(fmt.Sprintf(`{"type":"connection_init","payload":{"Authorization":"caller %d"}}`, i/20))
					c.want(`{"type":"connection_ack"}`)
				}
			}
			first.send(subscribe("1", "{ hello }"))
			first.want(`{"id":"1","type":"next","payload":{"data":{"hello":"hello"}}}`)
			s.wantOpen(14 + tt.left)
			s.live.mu.Lock()
			defer s.live.mu.Unlock()
			if n := len(s.live.strangers); n != tt.left || s.live.settled != 14 {
				t.Errorf("%d strangers and %d known ones are open, want %d and 14", n, s.live.settled, tt.left)
			}
		})
	}
}

// The stranger that gives way is told why, and that it may come again; of several addresses it is that with the most.
func TestWhoGivesWay(t *testing.T) {
	t.Parallel()
	s := perform(t, func(o *Options, l *liveLimits) {
		proxied(o)
		l.strangers, l.strangersOfAddress = 4, 3
	}, byName)
	a, b := s.from(1), s.from(2)
	second, third := s.from(2), s.from(2)
	s.from(3) // the pool is full, and the second address has most
	if reason := b.wantClosed(websocket.StatusTryAgainLater); reason != gaveWay {
		t.Errorf("the reason is %q", reason)
	}
	s.from(4)
	second.wantClosed(websocket.StatusTryAgainLater)
	s.from(5) // each address has one
	a.wantClosed(websocket.StatusTryAgainLater)
	third.send(`{"type":"connection_init"}`)
	third.want(`{"type":"connection_ack"}`)
	if n := s.live.counts.Refused()["shed"]; n != 3 {
		t.Errorf("%d are counted", n)
	}
}

// A service that accepts few connections lets fewer of them stay.
func TestPlacesWithinConnections(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ accepted, connections, strangers, ofAddress int }{
		{0, 1000, 100, 20}, {5000, 1000, 100, 20}, {2048, 1000, 100, 20}, {150, 75, 18, 9}, {1, 1, 1, 1},
	} {
		l := defaultLiveLimits().within(tt.accepted)
		if l.connections != tt.connections || l.strangers != tt.strangers || l.strangersOfAddress != tt.ofAddress {
			t.Errorf("of %d: %d, %d and %d, want %v", tt.accepted, l.connections, l.strangers, l.strangersOfAddress, tt)
		}
	}
}

// as identifies everybody as one caller.
func as(known Known) Identify {
	return func(ctx context.Context, _ http.Header, _ *http.Request) (context.Context, Known, error) {
		return ctx, known, nil
	}
}

// A socket closes when the time is over until which its caller is known, whatever runs on it.
func TestSocketEndsWithItsCaller(t *testing.T) {
	t.Parallel()
	s := perform(t, nil, as(Known{Caller: "ann", Until: time.Now().Add(soon)}))
	c := s.open()
	c.send(subscribe("1", "subscription { never }"))
	if reason := c.wantClosed(closeForbidden); !strings.Contains(reason, "expired") {
		t.Errorf("the reason is %q", reason)
	}
	s.wantEnded("never")
	if n := s.live.counts.Refused()["expired"]; n != 1 {
		t.Errorf("%d are counted", n)
	}
	late := s.dial() // whoever comes too late is not let in for long
	late.send(`{"type":"connection_init"}`)
	late.wantClosed(closeForbidden)
}

// Each operation, each answer of a subscription, and now and then an idle socket asks whether the caller still is one.
func TestSocketAsksForItsCaller(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, query string
		ping        time.Duration
		then        func(s *stage, c *client)
	}{
		{name: "an operation", then: func(_ *stage, c *client) { c.send(subscribe("2", "mutation { set }")) }},
		{name: "an answer", query: "subscription { ticks }", then: func(s *stage, _ *client) { s.ticks <- 1 }},
		{name: "an idle socket", ping: 20 * time.Millisecond},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			over := &asked{}
			s := perform(t, func(_ *Options, l *liveLimits) {
				if tt.ping > 0 {
					l.ping = tt.ping
				}
			}, as(Known{Caller: "ann", Check: over.check}))
			c := s.open()
			if tt.query != "" {
				c.send(subscribe("1", tt.query))
				s.wantCounts(1, 0, 1)
			}
			over.set(errEnded())
			if tt.then != nil {
				tt.then(s, c)
			}
			for {
				text, err := c.read()
				if strings.Contains(text, `"type":"next"`) {
					t.Fatalf("answered by %s", text)
				}
				if err == nil {
					continue
				}
				if websocket.CloseStatus(err) != closeForbidden || !strings.Contains(err.Error(), "this session has ended") {
					t.Errorf("the end is %v", err)
				}
				break
			}
		})
	}
}

// Where it cannot be told whether a caller still is one, an operation is refused, and the socket stays.
func TestCallerThatCannotBeAskedFor(t *testing.T) {
	t.Parallel()
	over := &asked{}
	s := perform(t, nil, as(Known{Caller: "ann", Check: over.check}))
	c := s.open()
	over.set(errAway())
	c.send(subscribe("1", "{ hello }"))
	if code, text, _ := c.wantError("1"); code != "UPSTREAM_UNAVAILABLE" || text != "come again" {
		t.Errorf("%s %q", code, text)
	}
	over.set(nil)
	c.send(subscribe("1", "{ hello }"))
	c.want(`{"id":"1","type":"next","payload":{"data":{"hello":"hello"}}}`, `{"id":"1","type":"complete"}`)
}
