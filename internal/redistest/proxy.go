package redistest

import (
	"context"
	"fmt"
	"net"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// Way is a direction through a proxy.
type Way int

// The ways. Where a method of [Proxy] takes ways, none stands for both.
const (
	Requests Way = iota // to the server
	Answers             // from the server, and what it sends unasked
)

// pieces is how many pieces of a connection a proxy holds in one direction before it stops reading.
const pieces = 1 << 12

// Proxy is a way to a server that the test can make long, break and block, at any time and for the connections that
// stand as well:
//
//	p := srv.Proxy(t)
//	f, err := fleet.Open(fleet.Options{URL: p.URL()})
//	p.Delay(100 * time.Millisecond) // a round trip takes 200 ms longer
//	p.Blackhole(redistest.Answers)  // the server hears everything and nobody hears it
//	p.Heal()
//
// It is safe for concurrent use.
type Proxy struct {
	listener net.Listener
	running  sync.WaitGroup

	mu      sync.Mutex
	target  *Server
	delay   [2]time.Duration // by Way
	blocked [2]bool
	cut     bool
	changed chan struct{} // closed and replaced with each change of the above
	open    map[net.Conn]struct{}
}

// proxies numbers the sockets.
var proxies atomic.Int64

// Proxy makes a way to the server that ends with the test.
func (s *Server) Proxy(t testing.TB) *Proxy {
	t.Helper()
	path := filepath.Join(s.dir, fmt.Sprint("p", proxies.Add(1)))
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "unix", path)
	if err != nil {
		t.Fatal(err)
	}
	p := &Proxy{listener: listener, target: s, changed: make(chan struct{}), open: map[net.Conn]struct{}{}}
	p.running.Go(p.accept)
	t.Cleanup(func() {
		_ = listener.Close()
		p.Cut()
		p.running.Wait()
	})
	return p
}

// URL is where the proxy is.
func (p *Proxy) URL() string { return "unix://" + p.listener.Addr().String() }

// Delay lets each byte arrive so much later than it was sent.
func (p *Proxy) Delay(d time.Duration, ways ...Way) {
	p.change(func() {
		for _, way := range orBoth(ways) {
			p.delay[way] = d
		}
	})
}

// Blackhole lets nothing arrive until Heal: connections stand, and what was sent, also that one side has closed its end,
// comes late. A new connection is accepted and finds the same.
func (p *Proxy) Blackhole(ways ...Way) {
	p.change(func() {
		for _, way := range orBoth(ways) {
			p.blocked[way] = true
		}
	})
}

// Cut breaks all connections, with everything that is on its way, and each new one, until Heal.
func (p *Proxy) Cut() {
	p.change(func() {
		p.cut = true
		for conn := range p.open {
			_ = conn.Close()
		}
	})
}

// Heal makes the way short and free again.
func (p *Proxy) Heal() {
	p.change(func() { p.delay, p.blocked, p.cut = [2]time.Duration{}, [2]bool{}, false })
}

// Lead leads each new connection to another server, as an address does after a fail-over.
func (p *Proxy) Lead(to *Server) { p.change(func() { p.target = to }) }

func orBoth(ways []Way) []Way {
	if len(ways) == 0 {
		return []Way{Requests, Answers}
	}
	return ways
}

func (p *Proxy) change(what func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	what()
	close(p.changed)
	p.changed = make(chan struct{})
}

func (p *Proxy) accept() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return // the test has ended
		}
		p.running.Go(func() { p.serve(client) })
	}
}

// serve passes on what one connection says in both directions, until it is over in either.
func (p *Proxy) serve(client net.Conn) {
	defer client.Close()
	p.mu.Lock()
	target := p.target
	p.mu.Unlock()
	server, err := (&net.Dialer{Timeout: startTimeout}).DialContext(context.Background(), "unix", target.socket())
	if err != nil {
		return
	}
	defer server.Close()
	if !p.register(client, server) {
		return
	}
	defer p.forget(client, server)
	over := make(chan struct{}, 2)
	for way, ends := range [2][2]net.Conn{Requests: {client, server}, Answers: {server, client}} {
		p.running.Go(func() {
			p.pass(Way(way), ends[0], ends[1])
			over <- struct{}{}
		})
	}
	<-over
}

// register is false while connections are cut.
func (p *Proxy) register(conns ...net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, conn := range conns {
		p.open[conn] = struct{}{}
	}
	return !p.cut
}

func (p *Proxy) forget(conns ...net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, conn := range conns {
		delete(p.open, conn)
	}
}

// piece is what one read brought; nil bytes: the end.
type piece struct {
	bytes []byte
	at    time.Time
}

// pass passes on what one side says, until it ends or the other one is gone.
func (p *Proxy) pass(way Way, from, to net.Conn) {
	queue, gone := make(chan piece, pieces), make(chan struct{})
	defer close(gone)
	p.running.Go(func() {
		for err := error(nil); err == nil; {
			room, n := make([]byte, 1<<14), 0
			n, err = from.Read(room)
			next := []piece{{room[:n], time.Now()}}
			if err != nil {
				next = append(next, piece{nil, time.Now()})
			}
			for _, one := range next {
				select {
				case queue <- one:
				case <-gone:
					return
				}
			}
		}
	})
	for next := range queue {
		if !p.arrives(way, next.at) || next.bytes == nil {
			return
		}
		if _, err := to.Write(next.bytes); err != nil {
			return
		}
	}
}

// arrives waits until what was sent at a time arrives; it is false if it is lost.
func (p *Proxy) arrives(way Way, sent time.Time) bool {
	for {
		p.mu.Lock()
		left, changed, blocked, cut := time.Until(sent.Add(p.delay[way])), p.changed, p.blocked[way], p.cut
		p.mu.Unlock()
		switch {
		case cut:
			return false
		case blocked:
			<-changed
		case left <= 0:
			return true
		default:
			due := time.NewTimer(left)
			select {
			case <-due.C:
			case <-changed:
			}
			due.Stop()
		}
	}
}
