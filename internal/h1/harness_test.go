package h1

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// record is what a server did with a connection, as far as it can be compared.
type record struct {
	Saw     []string // the requests, as the handler had them
	Answers string   // all bytes that came back, without the time
	States  []string // of the connection
	Log     string   // without stacks and addresses
	ours    int      // requests that this package answered
}

// observed is a server whose handler writes down what it sees.
type observed struct {
	addr string
	std  *http.Server
	stop func(context.Context) error

	mu   sync.Mutex
	log  bytes.Buffer
	seen map[string]*record // by the client's address
}

// Write is the log's.
func (o *observed) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.log.Write(p)
}

// of is the record of a connection. The mutex is held.
func (o *observed) of(client string) *record {
	if o.seen[client] == nil {
		o.seen[client] = new(record)
	}
	return o.seen[client]
}

// observe serves h, by this package or by net/http alone.
func observe(t testing.TB, ours bool, h http.HandlerFunc) *observed {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	o := &observed{addr: l.Addr().String(), seen: map[string]*record{}}
	o.std = o.server(h)
	done := make(chan error, 1)
	if ours {
		s := New(o.std)
		o.stop = s.Shutdown
		go func() { done <- s.Serve(lingering{l}) }()
	} else {
		o.stop = o.std.Shutdown
		go func() { done <- o.std.Serve(lingering{l}) }()
	}
	t.Cleanup(func() {
		if err := o.stop(context.Background()); err != nil {
			t.Error(err)
		}
		if err := <-done; err != http.ErrServerClosed { //nolint:errorlint // that very one
			t.Error(err)
		}
	})
	return o
}

func (o *observed) server(h http.HandlerFunc) *http.Server {
	return &http.Server{
		ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second, WriteTimeout: time.Minute, IdleTimeout: time.Minute,
		MaxHeaderBytes: 32 << 10,
		ErrorLog:       log.New(o, "", 0),
		ConnState: func(c net.Conn, s http.ConnState) {
			o.mu.Lock()
			defer o.mu.Unlock()
			r := o.of(c.RemoteAddr().String())
			r.States = append(r.States, s.String())
		},
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			o.see(w, r)
			h(w, r)
		}),
	}
}

func (o *observed) see(w http.ResponseWriter, r *http.Request) {
	std, _ := r.Context().Value(http.ServerContextKey).(*http.Server)
	local, _ := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	saw := fmt.Sprintf("%s %q %#v %s %d.%d host %q length %d close %t coding %q trailer %v TLS %t server %t local %t\n%q",
		r.Method, r.RequestURI, *r.URL, r.Proto, r.ProtoMajor, r.ProtoMinor, r.Host, r.ContentLength, r.Close, r.TransferEncoding, r.Trailer,
		r.TLS != nil, std == o.std, local != nil && local.String() == o.addr, r.Header)
	_, isOurs := w.(*response)
	o.mu.Lock()
	defer o.mu.Unlock()
	rec := o.of(r.RemoteAddr)
	rec.Saw = append(rec.Saw, saw)
	if isOurs {
		rec.ours++
	}
}

var (
	date   = regexp.MustCompile(`Date: \w{3}, \d{2} \w{3} \d{4} \d{2}:\d{2}:\d{2} GMT\r\n`)
	caller = regexp.MustCompile(`call from .*`)
	stack  = regexp.MustCompile(`(?s)(serving) \S+: ([^\n]*)\ngoroutine.*`)
)

// talk sends pieces, one after the other, closes its own direction, and reads all that comes.
func (o *observed) talk(t testing.TB, pieces ...string) record {
	t.Helper()
	conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", o.addr)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(30 * time.Second))
	go func() {
		for i, piece := range pieces {
			if i > 0 {
				time.Sleep(time.Millisecond) // so that it comes alone, mostly
			}
			if _, err := io.WriteString(conn, piece); err != nil {
				return
			}
		}
		_ = conn.(*net.TCPConn).CloseWrite()
	}()
	answers, err := io.ReadAll(conn)
	if err != nil {
		t.Errorf("%.300q: %v", strings.Join(pieces, "|"), err)
	}
	client := conn.LocalAddr().String()
	o.closed(t, client)
	o.mu.Lock()
	defer o.mu.Unlock()
	r := *o.of(client)
	delete(o.seen, client) // others may come from there
	r.Answers = date.ReplaceAllString(string(answers), "Date: now\r\n")
	// net/http tells of a request that it refuses, and that is not the first, only if it was not read with the one before.
	if n := len(r.States); n > 2 && r.States[n-2] == "active" && r.States[n-3] == "idle" {
		r.States = slices.Delete(slices.Clone(r.States), n-2, n-1)
	}
	r.Log = caller.ReplaceAllString(stack.ReplaceAllString(o.log.String(), "$1 a client: $2"), "call")
	o.log.Reset()
	return r
}

// closed waits until the server has told the end of a connection.
func (o *observed) closed(t testing.TB, client string) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(50 * time.Microsecond) {
		o.mu.Lock()
		over := slices.Contains(o.of(client).States, "closed")
		o.mu.Unlock()
		if over {
			return
		}
	}
	t.Error("the connection is not closed")
}

// lingering lets clients read the last answer: its connections close in two steps.
type lingering struct{ net.Listener }

// Accept implements net.Listener.
func (l lingering) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return lingeringConn{c.(*net.TCPConn)}, nil
}

type lingeringConn struct{ *net.TCPConn }

// Close implements net.Conn.
func (c lingeringConn) Close() error {
	if c.CloseWrite() == nil {
		_ = c.SetReadDeadline(time.Now().Add(time.Second))
		_, _ = io.Copy(io.Discard, c.TCPConn)
	}
	return c.TCPConn.Close()
}

// lines writes a request: each line ends by CR LF.
func lines(of ...string) string { return strings.Join(of, "\r\n") + "\r\n" }
