package edge

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// wantCounts waits until so many are counted.
func (s *stage) wantCounts(sockets, streams, subscriptions int64) {
	s.t.Helper()
	c := s.live.counts
	state := func() string { return fmt.Sprint(c.Sockets(), c.Streams(), c.Subscriptions()) }
	want := fmt.Sprint(sockets, streams, subscriptions)
	ticker := time.NewTicker(time.Millisecond)
	defer ticker.Stop()
	for deadline := time.Now().Add(patience); state() != want; <-ticker.C {
		if time.Now().After(deadline) {
			s.t.Fatalf("sockets, streams and subscriptions are %s, want %s", state(), want)
		}
	}
}

// Connections are counted while they stay, by kind, and subscriptions while they run, whatever ends them.
func TestConnectionsAreCounted(t *testing.T) {
	t.Parallel()
	s := perform(t, nil, nil)
	s.wantCounts(0, 0, 0)
	first, second := s.open(), s.open()
	s.wantCounts(2, 0, 0)
	first.send(subscribe("1", "subscription { never }"), subscribe("2", "subscription { ticks }"), subscribe("3", "{ hello }"))
	s.wantCounts(2, 0, 2)
	ctx, leave := context.WithCancel(t.Context())
	defer leave()
	s.requestWith(ctx, http.MethodPost, "subscription { never }")
	s.wantCounts(2, 1, 3)
	first.send(`{"id":"1","type":"complete"}`)
	s.wantCounts(2, 1, 2)
	if err := second.conn.Close(websocket.StatusNormalClosure, ""); err != nil {
		t.Error(err)
	}
	s.wantCounts(1, 1, 2)
	leave()
	s.wantCounts(1, 0, 1)
	_ = first.conn.CloseNow()
	s.wantCounts(0, 0, 0)
	s.open().send(subscribe("1", "subscription { burst }"))
	s.wantCounts(1, 0, 0) // a panic ends a subscription, too
}

// Each connection that is refused is counted by its reason.
func TestRefusedConnectionsAreCounted(t *testing.T) {
	t.Parallel()
	s := perform(t, func(_ *Options, l *liveLimits) { l.connections, l.perCaller = 2, 1 }, byName)
	want := map[string]int64{}
	for why := range numRefusals {
		want[why.String()] = 0
	}
	check := func(reason string, refuse func()) {
		t.Helper()
		want[reason]++
		refuse()
		s.t.Helper()
		if got := s.live.counts.Refused(); !maps.Equal(got, want) {
			t.Errorf("counted %v, want %v", got, want)
		}
	}
	init := func(name string) string {
		return `{"type":"connection_init","payload":{"Authorization":"` + name + `"}}`
	}
	check("origin", func() { s.tryDial(subprotocol, nil, "Origin: https://evil.example.com") })
	check("forbidden", func() {
		c := s.dial()
		c.send(init("nobody"))
		c.wantClosed(closeForbidden)
	})
	s.wantOpen(0)
	check("forbidden", func() { s.request(http.MethodPost, "{ hello }", "Authorization: nobody") })
	s.wantOpen(0)
	ann := s.dial()
	ann.send(init("ann"))
	ann.want(`{"type":"connection_ack"}`)
	check("caller_full", func() {
		c := s.dial()
		c.send(init("ann"))
		c.wantClosed(websocket.StatusTryAgainLater)
	})
	s.wantOpen(1)
	check("caller_full", func() { s.request(http.MethodPost, "{ hello }", "Authorization: ann") })
	s.wantOpen(1)
	s.open()
	check("full", func() {
		c := s.dial()
		c.send(init(""))
		c.wantClosed(websocket.StatusTryAgainLater)
	})
	check("full", func() { s.request(http.MethodPost, "{ hello }") })
	s.live.drain(t.Context())
	check("stopping", func() { s.tryDial(subprotocol, nil) })
}
