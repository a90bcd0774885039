package client

import (
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// pipes is a network in memory: an address that listens, and what dials it.
type pipes struct {
	accepted chan net.Conn
	closed   chan struct{}
	slow     func(n int) // before the n-th connection is there, from 1

	mu     sync.Mutex
	opened int
}

func newPipes() *pipes {
	return &pipes{accepted: make(chan net.Conn), closed: make(chan struct{}), slow: func(int) {}}
}

func (p *pipes) dial(context.Context, string, string) (net.Conn, error) {
	p.mu.Lock()
	p.opened++
	n := p.opened
	p.mu.Unlock()
	p.slow(n)
	ours, theirs := net.Pipe()
	select {
	case p.accepted <- theirs:
		return ours, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case conn := <-p.accepted:
		return conn, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	close(p.closed)
	return nil
}

func (p *pipes) Addr() net.Addr { return &net.UnixAddr{Name: "pipes"} }

func (p *pipes) count() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.opened
}

// over starts a server behind pipes, and a Client that calls it.
func over(t *testing.T, p *pipes, h http.HandlerFunc) (c *Client, stop func()) {
	t.Helper()
	srv := &http.Server{Handler: h, ReadHeaderTimeout: time.Hour, ErrorLog: log.New(io.Discard, "", 0)}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = srv.Serve(p)
	}()
	transport := newTransport(p.dial)
	c, err := New(Config{APIURL: "http://zoom.test/v2", Tokens: &tokens{}, Transport: transport})
	if err != nil {
		t.Fatal(err)
	}
	return c, func() {
		transport.CloseIdleConnections()
		_ = srv.Close()
		<-done
		synctest.Wait()
		if len(transport.hosts) > 0 {
			t.Errorf("%d addresses are still counted", len(transport.hosts))
		}
	}
}

// Waves of calls reuse the connections of the first one: no more are opened than
// calls were in flight at once, at Zoom's side as well.
func TestConnectionsAreReused(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		busy, most := 0, 0
		p := newPipes()
		c, stop := over(t, p, func(w http.ResponseWriter, _ *http.Request) {
			mu.Lock()
			busy++
			most = max(most, busy)
			mu.Unlock()
			time.Sleep(50 * time.Millisecond)
			mu.Lock()
			busy--
			mu.Unlock()
			_, _ = io.WriteString(w, `{}`)
		})
		defer stop()
		for wave := range 20 {
			var wg sync.WaitGroup
			for range 5 + 13*(wave%4) {
				wg.Go(func() {
					if _, err := c.Do(t.Context(), settingsOf("u")); err != nil {
						t.Error(err)
					}
				})
			}
			wg.Wait()
		}
		if p.count() != most || most == 0 {
			t.Errorf("%d connections opened for %d calls in flight at once", p.count(), most)
		}
	})
}

// A call that got another's connection leaves the one that was dialed for it to the
// next call, which does not dial once more.
func TestASpareConnectionIsWaitedFor(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		dialing, answer := make(chan struct{}), make(chan struct{}, 3)
		p := newPipes()
		p.slow = func(n int) {
			if n == 2 {
				<-dialing
			}
		}
		c, stop := over(t, p, func(w http.ResponseWriter, _ *http.Request) {
			<-answer
			_, _ = io.WriteString(w, `{}`)
		})
		defer stop()
		var wg sync.WaitGroup
		call := func() {
			wg.Go(func() {
				if _, err := c.Do(t.Context(), settingsOf("u")); err != nil {
					t.Error(err)
				}
			})
			time.Sleep(2 * grace)
			synctest.Wait()
		}
		call()               // by connection 1
		call()               // dials connection 2
		answer <- struct{}{} // connection 1 goes to the second call
		synctest.Wait()
		call() // waits for connection 2
		if p.count() != 2 {
			t.Errorf("%d connections were dialed, want 2", p.count())
		}
		close(dialing)
		synctest.Wait()
		answer <- struct{}{}
		answer <- struct{}{}
		wg.Wait()
		call() // by one of the two
		answer <- struct{}{}
		wg.Wait()
		if p.count() != 2 {
			t.Errorf("%d connections were dialed, want 2", p.count())
		}
	})
}

// A dial that fails is the error of one call. One that nobody needs any more is left
// to the next call.
func TestDialsThatFail(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		refused := errors.New("refused")
		var dials atomic.Int32
		tr := newTransport(func(context.Context, string, string) (net.Conn, error) {
			dials.Add(1)
			time.Sleep(time.Second)
			return nil, refused
		})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second/2)
		defer cancel()
		start := time.Now()
		if _, err := tr.RoundTrip(get(ctx, t)); !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != time.Second/2 { //nolint:bodyclose // there is none
			t.Errorf("%v after %v", err, time.Since(start))
		}
		var wg sync.WaitGroup
		for range 3 { // the first of them goes by the dial under way
			wg.Go(func() {
				if _, err := tr.RoundTrip(get(t.Context(), t)); !errors.Is(err, refused) { //nolint:bodyclose // there is none
					t.Error(err)
				}
			})
		}
		wg.Wait()
		synctest.Wait()
		if took := time.Since(start); dials.Load() != 3 || took != 3*time.Second/2 || len(tr.hosts) > 0 {
			t.Errorf("%d dials in %v, %d hosts are left", dials.Load(), took, len(tr.hosts))
		}
	})
}

// get is a GET of a host that there is not.
func get(ctx context.Context, t *testing.T) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://zoom.test/v2/users", nil)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// Idle connections are closed after 90 seconds, and not before.
func TestIdleConnectionsAreClosed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPipes()
		c, stop := over(t, p, answer(200, `{}`))
		defer stop()
		for i, pause := range []time.Duration{0, 89 * time.Second, 89 * time.Second, 91 * time.Second} {
			time.Sleep(pause)
			if _, err := c.Do(t.Context(), settingsOf("u")); err != nil {
				t.Fatal(err)
			}
			if want := 1 + i/3; p.count() != want {
				t.Errorf("call %d: %d connections, want %d", i, p.count(), want)
			}
		}
	})
}

// Calls that begin as others end go by their connections.
func TestAnswersOnTheirWayAreWaitedFor(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPipes()
		c, stop := over(t, p, func(w http.ResponseWriter, _ *http.Request) {
			time.Sleep(time.Second)
			_, _ = io.WriteString(w, `{}`)
		})
		defer stop()
		var wg sync.WaitGroup
		for i := range 10 { // five at a time, and the next five begin just before those end
			wg.Go(func() {
				time.Sleep(time.Duration(i/5) * (time.Second + 2*grace/3))
				if _, err := c.Do(t.Context(), settingsOf("u")); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if p.count() != 5 {
			t.Errorf("%d connections were dialed, want 5", p.count())
		}
	})
}

// A connection that breaks is replaced, without a wait.
func TestABrokenConnectionIsReplaced(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPipes()
		c, stop := over(t, p, func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Query().Has("break") {
				panic(http.ErrAbortHandler)
			}
			_, _ = io.WriteString(w, `{}`)
		})
		defer stop()
		start := time.Now()
		for range 5 {
			if _, err := c.Do(t.Context(), settingsOf("u")); err != nil {
				t.Fatal(err)
			}
			broken := settingsOf("u")
			broken.Op = &Op{Method: "PUT", Path: broken.Op.Path, Label: Medium}
			broken.Query = map[string][]string{"break": {"1"}}
			if _, err := c.Do(t.Context(), broken); err == nil {
				t.Fatal("no error")
			}
		}
		if p.count() != 5 || time.Since(start) > 0 {
			t.Errorf("%d connections in %v, want 5 at once", p.count(), time.Since(start))
		}
	})
}
