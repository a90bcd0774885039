package redistest

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"testing"
	"time"
)

// line is a connection through a proxy.
type line struct {
	t    *testing.T
	conn net.Conn
	read *bufio.Reader
}

func dial(t *testing.T, p *Proxy) *line {
	t.Helper()
	conn, err := (&net.Dialer{Timeout: startTimeout}).DialContext(t.Context(), "unix", strings.TrimPrefix(p.URL(), "unix://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return &line{t, conn, bufio.NewReader(conn)}
}

func (l *line) send(command string) {
	l.t.Helper()
	if _, err := fmt.Fprintf(l.conn, "%s\r\n", command); err != nil {
		l.t.Fatal(err)
	}
}

// wants waits for an answer.
func (l *line) wants(want string) {
	l.t.Helper()
	if got, err := l.next(); err != nil || got != want {
		l.t.Errorf("answered %q, %v; want %q", got, err, want)
	}
}

// lost waits for the end of the connection.
func (l *line) lost() {
	l.t.Helper()
	if got, err := l.next(); err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
		l.t.Errorf("answered %q, %v; want the end", got, err)
	}
}

func (l *line) next() (string, error) {
	l.t.Helper()
	if err := l.conn.SetReadDeadline(time.Now().Add(startTimeout)); err != nil {
		l.t.Fatal(err)
	}
	return read(l.read)
}

// silent tells that there is no answer for a moment.
func (l *line) silent() {
	l.t.Helper()
	if err := l.conn.SetReadDeadline(time.Now().Add(30 * time.Millisecond)); err != nil {
		l.t.Fatal(err)
	}
	if _, err := l.read.Peek(1); err == nil || l.read.Buffered() > 0 {
		l.t.Errorf("%v and %d bytes where there should be nothing", err, l.read.Buffered())
	}
}

func TestProxyDelays(t *testing.T) {
	t.Parallel()
	const delay = 40 * time.Millisecond
	s := Start(t)
	p := s.Proxy(t)
	l := dial(t, p)
	for _, test := range []struct {
		ways []Way
		want time.Duration
	}{{nil, 2 * delay}, {[]Way{Requests}, delay}, {[]Way{Answers}, delay}} {
		p.Delay(delay, test.ways...)
		best := time.Hour // of some, since the machine may be busy
		for try := 0; try < 30 && best >= test.want+delay; try++ {
			start := time.Now()
			l.send("PING")
			l.send("SET a 1") // what is sent at the same time arrives at the same time
			l.wants("PONG")
			l.wants("OK")
			best = min(best, time.Since(start))
		}
		if best < test.want || best >= test.want+delay {
			t.Errorf("%v: a round trip took %v, want %v", test.ways, best, test.want)
		}
		p.Heal()
	}
	p.Delay(time.Hour)
	l.send("PING")
	l.silent()
	p.Heal() // what was on its way arrives at once
	l.wants("PONG")
}

func TestProxyBlackhole(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		ways  []Way
		heard string // by the server, while the answer is lost
	}{{"both ways", nil, ""}, {"requests", []Way{Requests}, ""}, {"answers", []Way{Answers}, "1"}} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := Start(t)
			p := s.Proxy(t)
			l := dial(t, p)
			l.send("PING")
			l.wants("PONG")
			p.Blackhole(test.ways...)
			l.send("SET a 1")
			l.silent()
			later := dial(t, p)
			later.send("PING")
			later.silent()
			if test.heard != "" {
				wait(t, "the server hears", func() bool { return s.Do("GET a") == test.heard })
			} else if got := s.Do("GET a"); got != "" {
				t.Errorf("the server heard %q", got)
			}
			p.Heal()
			l.wants("OK")
			later.wants("PONG")
			if got := s.Do("GET a"); got != "1" {
				t.Errorf("then %q", got)
			}
		})
	}
}

// That a client has closed its end is not heard either while nothing arrives.
func TestProxyHoldsTheEnd(t *testing.T) {
	t.Parallel()
	s := Start(t)
	p := s.Proxy(t)
	clients := func() int { return strings.Count(s.Do("CLIENT LIST"), "name=held") }
	l := dial(t, p)
	l.send("CLIENT SETNAME held")
	l.wants("OK")
	p.Blackhole()
	if err := l.conn.Close(); err != nil {
		t.Fatal(err)
	}
	time.Sleep(30 * time.Millisecond)
	if n := clients(); n != 1 {
		t.Errorf("the server has %d such clients, want 1", n)
	}
	p.Heal()
	wait(t, "the server hears of the end", func() bool { return clients() == 0 })
}

func TestProxyCuts(t *testing.T) {
	t.Parallel()
	s := Start(t)
	p := s.Proxy(t)
	l := dial(t, p)
	l.send("PING")
	l.wants("PONG")
	p.Delay(time.Hour, Requests)
	l.send("SET a 1")
	p.Cut()
	l.lost()
	dial(t, p).lost()
	p.Heal()
	l = dial(t, p)
	l.send("GET a")
	l.wants("") // it was lost, and not late
	s.Stop()
	l.lost()
	dial(t, p).lost()
	s.Start()
	l = dial(t, p)
	l.send("PING")
	l.wants("PONG")
}

func TestProxyLeads(t *testing.T) {
	t.Parallel()
	first, second := Start(t), Start(t)
	p := first.Proxy(t)
	l := dial(t, p)
	l.send("PING")
	l.wants("PONG")
	p.Lead(second)
	l.send("SET a 1")
	l.wants("OK")
	l = dial(t, p)
	l.send("SET a 2")
	l.wants("OK")
	if a, b := first.Do("GET a"), second.Do("GET a"); a != "1" || b != "2" {
		t.Errorf("%q and %q", a, b)
	}
}
