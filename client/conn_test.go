package client

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"zoomgraph/internal/ending"
)

// A connection that the other side has closed while it was idle carries no call: a
// write could not be sent again.
func TestClosedConnectionsCarryNoWrite(t *testing.T) {
	t.Parallel()
	closed := make(chan struct{})
	l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // a test's
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			_, _ = http.ReadRequest(bufio.NewReader(c))
			_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
			_ = c.Close()
			closed <- struct{}{}
		}
	}()
	c, err := New(Config{APIURL: "http://" + l.Addr().String(), Tokens: &tokens{}})
	if err != nil {
		t.Fatal(err)
	}
	for range 20 {
		if res, err := c.Do(t.Context(), updateOf("u")); err != nil || res.Attempts != 1 {
			t.Fatalf("%+v, %v", res, err)
		}
		<-closed
	}
}

// A connection that was dialed and not needed waits for a call. The other side may close
// it meanwhile, and then it carries none: a write could not be sent again. One that is
// still there is used, though TLS has said something on it, which is its tickets.
func TestSpareConnections(t *testing.T) {
	t.Parallel()
	for _, scheme := range []string{"http", "https"} {
		for name, of := range map[string]func(user string) Request{"read": settingsOf, "write": updateOf} {
			for _, closed := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s, %s, closed: %v", scheme, name, closed), func(t *testing.T) {
					t.Parallel()
					s := newSparing(t, scheme)
					first := s.call(t, of("a"))
					<-s.asked
					second := s.call(t, of("b"))
					<-s.dialing      // for the second call,
					s.answer <- "{}" // which takes the connection of the first
					used := <-s.asked
					s.answer <- "{}"
					<-first
					<-second
					s.dial <- struct{}{}
					spare := <-s.came
					for s.idle() < 2 {
						runtime.Gosched()
					}
					want := spare
					if closed {
						_ = spare.Close()
						want = used
					}
					third := s.call(t, of("c"))
					select {
					case got := <-s.asked:
						if got != want {
							t.Error("the third call went by another connection")
						}
						s.answer <- "{}"
						<-third
					case <-third: // it failed
					}
				})
			}
		}
	}
}

// sparing is a server, and a client that calls it, whose second connection comes late.
type sparing struct {
	client        *Client
	transport     *Transport
	asked, came   chan net.Conn // what a call came by; connections after the first
	dialing, dial chan struct{}
	answer        chan string
}

func newSparing(t *testing.T, scheme string) *sparing {
	t.Helper()
	s := &sparing{
		asked: make(chan net.Conn), came: make(chan net.Conn, 1),
		dialing: make(chan struct{}), dial: make(chan struct{}), answer: make(chan string),
	}
	l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // a test's
	if err != nil {
		t.Fatal(err)
	}
	dials := atomic.Int32{}
	s.transport = newTransport(func(ctx context.Context, network, addr string) (net.Conn, error) {
		if dials.Add(1) == 2 {
			close(s.dialing)
			<-s.dial
		}
		return new(net.Dialer).DialContext(ctx, network, addr)
	})
	if scheme == "https" {
		srv := httptest.NewTLSServer(nil)
		t.Cleanup(srv.Close)
		l = tls.NewListener(l, srv.TLS)
		s.transport.TLSClientConfig = srv.Client().Transport.(*http.Transport).TLSClientConfig.Clone()
	}
	t.Cleanup(func() { _ = l.Close() })
	t.Cleanup(s.transport.CloseIdleConnections)
	go func() {
		for n := 0; ; n++ {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go s.serve(c, n > 0)
		}
	}()
	if s.client, err = New(Config{APIURL: scheme + "://" + l.Addr().String(), Tokens: &tokens{}, Transport: s.transport}); err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *sparing) serve(c net.Conn, spare bool) {
	defer func() { _ = c.Close() }()
	if secured, ok := c.(*tls.Conn); ok && secured.HandshakeContext(context.Background()) != nil { // which sends tickets
		return
	}
	if spare {
		s.came <- c
	}
	for in := bufio.NewReader(c); ; {
		if _, err := http.ReadRequest(in); err != nil {
			return
		}
		s.asked <- c
		_, _ = fmt.Fprintf(c, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n%s", <-s.answer)
	}
}

// call makes a call that succeeds at the first attempt. The channel is closed then.
func (s *sparing) call(t *testing.T, req Request) <-chan struct{} {
	t.Helper()
	done := make(chan struct{})
	go func() {
		defer close(done)
		if res, err := s.client.Do(t.Context(), req); err != nil || res.Attempts != 1 {
			t.Errorf("%d attempts, %v", res.Attempts, err)
		}
	}()
	return done
}

func (s *sparing) idle() int {
	s.transport.mu.Lock()
	defer s.transport.mu.Unlock()
	for _, h := range s.transport.hosts {
		return len(h.idle)
	}
	return 0
}

// What TLS has read ahead, behind an answer, is no answer either.
func TestLeftoversOfTLS(t *testing.T) {
	t.Parallel()
	srv := httptest.NewTLSServer(nil)
	t.Cleanup(srv.Close)
	const head = "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n"
	first := fmt.Sprintf(head, 4000)
	first = fmt.Sprintf(head, 4096-len(first)) // as much as is read at once
	first += `{"a":"` + strings.Repeat("x", 4096-len(first)-8) + `"}`
	raw := first + fmt.Sprintf(head, 2) + "{}"
	l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: srv.TLS.Certificates})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go serveRaw(c, raw, false)
		}
	}()
	ours := NewTransport()
	ours.TLSClientConfig = srv.Client().Transport.(*http.Transport).TLSClientConfig.Clone()
	t.Cleanup(ours.CloseIdleConnections)
	want := accountOf(ours, "GET", "https://"+l.Addr().String())
	for range 3 {
		if got := accountOf(ours, "GET", "https://"+l.Addr().String()); got != want || !strings.Contains(got, "xxx") {
			t.Errorf("%.100s, then %.100s", want, got)
		}
	}
}

// An answer whose header does not come within a minute is not waited for, also by a
// connection that was used before. That of a body may take longer.
func TestSlowAnswers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPipes()
		c, stop := over(t, p, func(w http.ResponseWriter, r *http.Request) {
			time.Sleep(time.Duration(len(r.URL.Query().Get("head"))) * time.Second)
			w.WriteHeader(http.StatusOK)
			_ = http.NewResponseController(w).Flush()
			time.Sleep(time.Duration(len(r.URL.Query().Get("body"))) * time.Second)
			_, _ = io.WriteString(w, `{}`)
		})
		defer stop()
		for _, tt := range []struct {
			head, body int
			want       error
			took       time.Duration
		}{
			{0, 0, nil, 0},
			{58, 0, nil, 58 * time.Second},
			{0, 300, nil, 300 * time.Second},
			{58, 300, nil, 358 * time.Second},
			{90, 0, ErrUpstreamTimeout, time.Minute},
		} {
			req := updateOf("u")
			req.Query = url.Values{"head": {strings.Repeat("x", tt.head)}, "body": {strings.Repeat("x", tt.body)}}
			start := time.Now()
			if _, err := c.Do(t.Context(), req); !errors.Is(err, tt.want) || time.Since(start) != tt.took {
				t.Errorf("%+v: %v after %v", tt, err, time.Since(start))
			}
		}
		time.Sleep(time.Minute) // the last handler
	})
}

// A handshake takes ten seconds at most.
func TestSlowHandshakes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		tr := newTransport(func(context.Context, string, string) (net.Conn, error) {
			ours, theirs := net.Pipe()
			go func() { _, _ = io.Copy(io.Discard, theirs) }()
			return ours, nil
		})
		start := time.Now()
		r := get(t.Context(), t)
		r.URL.Scheme = "https"
		_, err := tr.RoundTrip(r) //nolint:bodyclose // there is none
		var network net.Error
		if !errors.As(err, &network) || !network.Timeout() || time.Since(start) != 10*time.Second {
			t.Errorf("%v after %v", err, time.Since(start))
		}
	})
}

// telling is a context that tells of its end itself, as that of the store's calls does.
type telling struct {
	ending.Ending
	values context.Context
}

func (c *telling) Deadline() (time.Time, bool) { return time.Time{}, false }

func (c *telling) Value(key any) any {
	if ending.Asks(key) {
		return &c.Ending
	}
	return c.values.Value(key)
}

// Whoever leaves is not kept by the network, wherever the call is, and the connection
// is not used again.
func TestLeavingAtAnyMoment(t *testing.T) {
	t.Parallel()
	for _, where := range []string{"dial", "head", "body", "dial, telling", "head, telling", "body, telling"} {
		t.Run(where, func(t *testing.T) {
			t.Parallel()
			at, _, tells := strings.Cut(where, ", ")
			synctest.Test(t, func(t *testing.T) {
				p := newPipes()
				hold := make(chan struct{})
				if at == "dial" {
					p.slow = func(int) { <-hold }
				}
				c, stop := over(t, p, func(w http.ResponseWriter, r *http.Request) {
					if r.URL.Query().Has("hold") && at == "body" {
						_, _ = io.WriteString(w, `{`)
						_ = http.NewResponseController(w).Flush()
					}
					if r.URL.Query().Has("hold") {
						<-hold
					}
					_, _ = io.WriteString(w, `{}`)
				})
				defer stop()
				ctx, cancel := context.WithCancel(t.Context())
				leave := cancel
				if tells {
					own := &telling{values: ctx}
					ctx, leave = own, func() { own.End(context.Canceled) }
					defer cancel()
				}
				var wg sync.WaitGroup
				wg.Go(func() {
					req := settingsOf("u")
					req.Query = url.Values{"hold": {"1"}}
					if _, err := c.Do(ctx, req); !errors.Is(err, context.Canceled) || !errors.Is(err, ErrUpstreamTimeout) {
						t.Error(err)
					}
				})
				synctest.Wait()
				leave()
				wg.Wait()
				close(hold)
				synctest.Wait()
				if _, err := c.Do(t.Context(), settingsOf("u")); err != nil {
					t.Error(err)
				}
				want := 2
				if at == "dial" {
					want = 1 // who leaves leaves the connection to the next one
				}
				if p.count() != want {
					t.Errorf("%d connections, want %d", p.count(), want)
				}
			})
		})
	}
}

// A body that is closed before its end costs the connection, and nothing else.
func TestBodiesClosedEarly(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := newPipes()
		c, stop := over(t, p, answer(200, strings.Repeat("x", 1<<20)))
		defer stop()
		for n := range 3 {
			r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://zoom.test/", nil)
			if err != nil {
				t.Fatal(err)
			}
			res, err := c.transport.RoundTrip(r)
			if err != nil {
				t.Fatal(err)
			}
			_, _ = res.Body.Read(make([]byte, 10))
			_ = res.Body.Close()
			_ = res.Body.Close()
			if got, err := res.Body.Read(make([]byte, 10)); got != 0 || err == nil {
				t.Errorf("%d bytes after the end, %v", got, err)
			}
			if p.count() != n+1 {
				t.Errorf("%d connections after %d bodies", p.count(), n+1)
			}
		}
	})
}

// A request that would not arrive as it is meant is not sent.
func TestRequestsThatCannotBeSent(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(*http.Request){
		"method":       func(r *http.Request) { r.Method = "G T" },
		"name":         func(r *http.Request) { r.Header["A b"] = []string{"c"} },
		"value":        func(r *http.Request) { r.Header["A"] = []string{"b\r\nC: d"} },
		"query":        func(r *http.Request) { r.URL.RawQuery = "a b\r\nC: d" },
		"no URL":       func(r *http.Request) { r.URL = nil },
		"no host":      func(r *http.Request) { r.URL.Host = "" },
		"no header":    func(r *http.Request) { r.Header = nil },
		"other scheme": func(r *http.Request) { r.URL.Scheme = "ftp" },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("it was sent") }))
			t.Cleanup(srv.Close)
			r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, srv.URL, nil)
			if err != nil {
				t.Fatal(err)
			}
			spoil(r)
			ours := NewTransport()
			if _, err := ours.RoundTrip(r); err == nil { //nolint:bodyclose // there is none
				t.Error("no error")
			}
			if len(ours.hosts) > 0 {
				t.Error("a host is left")
			}
		})
	}
}

// A plain GET is the same as that of net/http, byte by byte.
func TestRequestsAreThoseOfNetHTTP(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*http.Request){
		"plain":      func(*http.Request) {},
		"query":      func(r *http.Request) { r.URL.RawQuery = "a=b,c&d=%20" },
		"no path":    func(r *http.Request) { r.URL.Path, r.URL.RawPath = "", "" },
		"escaped":    func(r *http.Request) { r.URL.Path, r.URL.RawPath = "/a/b c/ü", "/a%2Fb%20c/%C3%BC" },
		"mark":       func(r *http.Request) { r.URL.ForceQuery = true },
		"headers":    func(r *http.Request) { r.Header = http.Header{"B": {"2", "3"}, "A": {"1"}, "User-Agent": {"me"}} },
		"no agent":   func(r *http.Request) { r.Header["User-Agent"] = []string{""} },
		"two agents": func(r *http.Request) { r.Header["User-Agent"] = []string{"a", "b"} },
		"range":      func(r *http.Request) { r.Header["Range"] = []string{"bytes=0-1"} },
		"coding":     func(r *http.Request) { r.Header["Accept-Encoding"] = []string{"identity"} },
		"closing":    func(r *http.Request) { r.Close = true },
		"named":      func(r *http.Request) { r.Host = "other.test" },
		"put":        func(r *http.Request) { r.Method = http.MethodPut },
		"head":       func(r *http.Request) { r.Method = http.MethodHead },
		"once":       func(r *http.Request) { r.Body, r.TransferEncoding = once{}, noCoding },
		"body": func(r *http.Request) {
			r.Method, r.ContentLength, r.Body = http.MethodPost, 3, io.NopCloser(strings.NewReader("abc"))
		},
		"chunks": func(r *http.Request) {
			r.Method, r.ContentLength, r.Body = http.MethodPost, -1, io.NopCloser(strings.NewReader("abc"))
		},
		"space in a value": func(r *http.Request) { r.Header["A"] = []string{" b ", "c\td"} },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var sent [2]string
			for i, tr := range []http.RoundTripper{NewTransport(), &http.Transport{}} {
				addr, heard := listening(t)
				r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+addr+"/v2/users", nil)
				if err != nil {
					t.Fatal(err)
				}
				change(r)
				res, err := tr.RoundTrip(r)
				if err != nil {
					t.Fatal(err)
				}
				_ = res.Body.Close()
				sent[i] = strings.ReplaceAll(<-heard, addr, "host")
			}
			if sent[0] != sent[1] {
				t.Errorf("%q\nnet/http: %q", sent[0], sent[1])
			}
		})
	}
}

// listening takes one request and tells its bytes.
func listening(t *testing.T) (addr string, heard <-chan string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // a test's
	if err != nil {
		t.Fatal(err)
	}
	told := make(chan string, 1)
	go func() {
		defer func() { _ = l.Close() }()
		c, err := l.Accept()
		if err != nil {
			return
		}
		var all strings.Builder
		r, err := http.ReadRequest(bufio.NewReader(io.TeeReader(c, &all)))
		if err == nil {
			_, _ = io.Copy(io.Discard, r.Body)
		}
		_, _ = io.WriteString(c, "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")
		_ = c.Close()
		told <- all.String()
	}()
	return l.Addr().String(), told
}

// What goes by a proxy arrives there, and one attempt is one request.
func TestProxies(t *testing.T) {
	t.Parallel()
	server := new(flaky)
	server.deaths.Store(100)
	var asked sync.Map
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Store(r.RequestURI, true)
		server.ServeHTTP(w, r)
	}))
	t.Cleanup(proxy.Close)
	at, err := url.Parse(proxy.URL)
	if err != nil {
		t.Fatal(err)
	}
	transport := NewTransport()
	transport.Proxy = http.ProxyURL(at)
	c, err := New(Config{APIURL: "http://zoom.test/v2", Tokens: &tokens{}, Transport: transport})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.freshConnections)
	server.fill(t, c, 4)
	if _, ok := asked.Load("http://zoom.test/v2/users/u/settings"); !ok {
		t.Error("the proxy was not asked")
	}
	server.killing.Store(true)
	if res, err := c.Do(t.Context(), settingsOf("u")); !errors.Is(err, ErrUpstreamUnavailable) || server.reached.Load() != 3 || res.Attempts != 3 {
		t.Errorf("%+v, %v, %d reached the server", res, err, server.reached.Load())
	}
}
