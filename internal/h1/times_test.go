package h1

import (
	"bufio"
	"context"
	"io"
	"log"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// This file is about time: when connections end, and when the contexts of requests do. Time is made up, so the tests take
// none, and the same is asked of net/http.

// pipes is a listener of connections within the process, of which time can be made up.
type pipes struct {
	in     chan net.Conn
	closed chan struct{}
}

func (p pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.in:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p pipes) Close() error {
	select {
	case <-p.closed:
	default:
		close(p.closed)
	}
	return nil
}

func (pipes) Addr() net.Addr { return &net.TCPAddr{} }

// within serves h to one connection, which do gets, in made up time. Then the server stops.
func within(t *testing.T, ours bool, h http.HandlerFunc, do func(conn net.Conn, shutdown func(context.Context) error)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		l := pipes{make(chan net.Conn), make(chan struct{})}
		std := new(observed).server(h)
		std.Handler, std.ConnState, std.ErrorLog = h, nil, log.New(io.Discard, "", 0)
		serve, shutdown := std.Serve, std.Shutdown
		if ours {
			s := New(std)
			serve, shutdown = s.Serve, s.Shutdown
		}
		done := make(chan error, 1)
		go func() { done <- serve(l) }()
		client, server := net.Pipe()
		l.in <- server
		do(client, shutdown)
		_ = client.Close()
		if err := shutdown(context.Background()); err != nil {
			t.Error(err)
		}
		if err := <-done; err != http.ErrServerClosed { //nolint:errorlint // that very one
			t.Error(err)
		}
	})
}

// step is what a client sends, after a pause.
type step struct {
	pause time.Duration
	text  string
}

// TestTimes: connections end when net/http ends them. One that is idle may stay by a sixtieth longer.
func TestTimes(t *testing.T) {
	t.Parallel()
	trickle := func(text string) (steps []step) {
		for _, c := range text {
			steps = append(steps, step{1100 * time.Millisecond, string(c)})
		}
		return steps
	}
	head := "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 50\r\n\r\n"
	for name, steps := range map[string][]step{
		"silence":                    nil,
		"a head that does not end":   {{0, head[:20]}},
		"the same, later":            {{3 * time.Second, head[:20]}},
		"a head byte by byte":        trickle(head),
		"a body that does not come":  {{4 * time.Second, head}},
		"a body byte by byte":        append([]step{{4 * time.Second, head}}, trickle(head)...),
		"an idle connection":         {{4 * time.Second, get()}},
		"an idle connection, later":  {{0, get()}, {50 * time.Second, get()}},
		"idle behind a body":         {{0, head}, {time.Second, strings.Repeat("x", 50)}},
		"idle behind a deadline":     {{0, ask("/", "a")}, {time.Second, ask("/patient", "a")}},
		"a second head":              {{0, get()}, {50 * time.Second, get()[:10]}, {4 * time.Second, get()[10:12]}},
		"a second head byte by byte": append([]step{{0, get()}}, trickle(get())...),
		"a second body":              {{0, get()}, {50 * time.Second, head}},
		"a second body, in pieces":   append([]step{{0, get()}, {50 * time.Second, head}}, trickle(head)...),
		"three bytes":                {{0, get()}, {time.Second, "GET"}},
		"ends of lines":              {{0, ask("/", "a")}, {time.Second, "\r\n"}},
		"an odd head":                {{4 * time.Second, "GET / HTTP/1.1\r\nExpect: "}},
		"a long head":                {{time.Second, get("A: " + strings.Repeat("a", 5000))[:5000]}},
		"an odd body":                {{0, get()}, {time.Second, "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ended := map[bool]time.Duration{}
			answers := map[bool]string{}
			for _, ours := range []bool{false, true} {
				within(t, ours, echo, func(conn net.Conn, _ func(context.Context) error) {
					start := time.Now()
					var sending sync.WaitGroup
					defer sending.Wait()
					sending.Go(func() {
						for _, s := range steps {
							time.Sleep(s.pause)
							if _, err := io.WriteString(conn, s.text); err != nil {
								return
							}
						}
					})
					text, _ := io.ReadAll(conn)
					ended[ours] = time.Since(start)
					_ = conn.Close()
					answers[ours] = date.ReplaceAllString(string(text), "")
				})
			}
			if late := ended[true] - ended[false]; late < 0 || late > time.Second {
				t.Errorf("it ends after %v, and with net/http after %v", ended[true], ended[false])
			}
			if answers[true] != answers[false] {
				t.Errorf("the answers are %q, and with net/http %q", answers[true], answers[false])
			}
		})
	}
}

// TestLeaving: the context of a request ends when its client leaves, at once or a moment later, wherever the request came
// from, and not when the client sends more, which is the next request.
func TestLeaving(t *testing.T) {
	t.Parallel()
	body := strings.Repeat("x", 10000)
	for name, text := range map[string]string{
		"no body": get(), "a body": ask("/", "abc"), "a long body": ask("/", body), "behind another": get() + ask("/", "abc"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := func(_ http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/x" && name == "behind another" {
					return
				}
				_, _ = io.ReadAll(r.Body)
				select {
				case <-r.Context().Done():
				case <-time.After(time.Minute):
					t.Error("nobody noticed")
				}
			}
			within(t, true, h, func(conn net.Conn, _ func(context.Context) error) {
				go func() { _, _ = io.Copy(io.Discard, conn) }()
				_, _ = io.WriteString(conn, text)
				time.Sleep(5 * time.Second)
			})
			within(t, true, h, func(conn net.Conn, _ func(context.Context) error) {
				go func() { _, _ = io.Copy(io.Discard, conn) }()
				_, _ = io.WriteString(conn, text)
			})
		})
	}
}

// TestSendingOn: what comes while a request runs is the next one, also its first byte alone.
func TestSendingOn(t *testing.T) {
	t.Parallel()
	h := func(_ http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet {
			t.Errorf("method %s", r.Method)
		}
		time.Sleep(time.Second)
		if r.Context().Err() != nil {
			t.Error("the context has ended")
		}
	}
	for _, at := range []int{1, 2, 10, len(get())} {
		within(t, true, h, func(conn net.Conn, _ func(context.Context) error) {
			go func() {
				for range 3 {
					time.Sleep(200 * time.Millisecond)
					_, _ = io.WriteString(conn, get()[:at])
					time.Sleep(200 * time.Millisecond)
					_, _ = io.WriteString(conn, get()[at:])
				}
			}()
			buf := make([]byte, 3*len("HTTP/1.1 200 OK\r\nDate: Sat, 01 Jan 2000 00:00:01 GMT\r\nContent-Length: 0\r\n\r\n"))
			if _, err := io.ReadFull(conn, buf); err != nil || strings.Count(string(buf), "200 OK") != 3 {
				t.Errorf("%q %v", buf, err)
			}
		})
	}
}

// TestSlowReaders: an answer has a minute, and what its handler says otherwise. Of the next request nothing of that is left.
func TestSlowReaders(t *testing.T) {
	t.Parallel()
	for _, ours := range []bool{false, true} {
		var took []time.Duration
		var ended chan struct{}
		h := func(w http.ResponseWriter, r *http.Request) {
			start := time.Now()
			switch r.URL.Path {
			case "/longer":
				_ = http.NewResponseController(w).SetWriteDeadline(start.Add(2 * time.Minute))
				time.Sleep(90 * time.Second)
			case "/end":
				defer close(ended)
				for err := error(nil); err == nil; {
					_, err = w.Write(make([]byte, 5000))
				}
				if r.Context().Err() == nil {
					t.Error("the context has not ended")
				}
			}
			took = append(took, time.Since(start))
		}
		within(t, ours, h, func(conn net.Conn, _ func(context.Context) error) {
			ended = make(chan struct{}) // of made-up time
			for _, path := range []string{"/longer", "/"} {
				_, _ = io.WriteString(conn, ask(path, "a"))
				if _, err := http.ReadResponse(bufio.NewReader(conn), nil); err != nil { //nolint:bodyclose // it is empty
					t.Errorf("%s: %v", path, err)
				}
				time.Sleep(50 * time.Second)
			}
			_, _ = io.WriteString(conn, ask("/end", "a"))
			<-ended
		})
		if want := []time.Duration{90 * time.Second, 0, time.Minute}; !slices.Equal(took, want) {
			t.Errorf("ours %t: the answers took %v, not %v", ours, took, want)
		}
	}
}

// TestWriteWithin: a deadline that need not be exact comes by a sixtieth too soon at most, and never late, whatever deadline
// an answer before has left, and however long ago that was.
func TestWriteWithin(t *testing.T) {
	t.Parallel()
	const timeout = time.Minute
	for name, before := range map[string]func(w http.ResponseWriter){
		"nothing":             func(http.ResponseWriter) {},
		"the same":            func(w http.ResponseWriter) { w.(interface{ WriteWithin(d time.Duration) }).WriteWithin(timeout) },
		"a longer one":        func(w http.ResponseWriter) { _ = setWrite(w, time.Now().Add(time.Hour)) },
		"a shorter one":       func(w http.ResponseWriter) { _ = setWrite(w, time.Now().Add(timeout/2)) },
		"one a little longer": func(w http.ResponseWriter) { _ = setWrite(w, time.Now().Add(timeout+timeout/90)) },
		"one a little sooner": func(w http.ResponseWriter) { _ = setWrite(w, time.Now().Add(timeout-timeout/90)) },
		"none":                func(w http.ResponseWriter) { _ = setWrite(w, time.Time{}) },
	} {
		for _, pause := range []time.Duration{0, time.Second / 2, 30 * time.Second} {
			var took time.Duration
			var ended chan struct{}
			h := func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/before" {
					before(w)
					return
				}
				defer close(ended)
				w.(interface{ WriteWithin(d time.Duration) }).WriteWithin(timeout)
				start := time.Now()
				for err := error(nil); err == nil; {
					_, err = w.Write(make([]byte, 5000))
				}
				took = time.Since(start)
			}
			within(t, true, h, func(conn net.Conn, _ func(context.Context) error) {
				ended = make(chan struct{}) // of made-up time
				_, _ = io.WriteString(conn, ask("/before", "a"))
				if _, err := http.ReadResponse(bufio.NewReader(conn), nil); err != nil { //nolint:bodyclose // it is empty
					t.Error(err)
				}
				time.Sleep(pause)
				_, _ = io.WriteString(conn, ask("/end", "a"))
				<-ended
			})
			if took < timeout-timeout/60 || took > timeout {
				t.Errorf("%s before, and a pause of %v: an answer had %v", name, pause, took)
			}
		}
	}
}

func setWrite(w http.ResponseWriter, at time.Time) error {
	return http.NewResponseController(w).SetWriteDeadline(at)
}

// TestContextEnds: with its answer, at the latest.
func TestContextEnds(t *testing.T) {
	t.Parallel()
	var ctx context.Context
	within(t, true, func(_ http.ResponseWriter, r *http.Request) { ctx = r.Context() }, func(conn net.Conn, _ func(context.Context) error) {
		_, _ = io.WriteString(conn, get())
		_, _ = conn.Read(make([]byte, 1000))
		synctest.Wait()
		if ctx.Err() == nil {
			t.Error("the context has not ended")
		}
	})
}

// TestShutdown stops the server while a connection is in one of its states.
func TestShutdown(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		text  string
		after time.Duration // the stop comes
		most  time.Duration // it takes
		want  string        // of the last answer
	}{
		"new":      {"", 0, 5500 * time.Millisecond, ""},
		"idle":     {get(), 2 * time.Second, 0, "200 OK"},
		"running":  {get(), 500 * time.Millisecond, 500 * time.Millisecond, "Connection: close\r\n"},
		"odd":      {get("Pragma: x"), 500 * time.Millisecond, time.Second, "Connection: close\r\n"},
		"partial":  {get()[:10], 500 * time.Millisecond, 6 * time.Second, ""},
		"sends on": {get() + get(), 500 * time.Millisecond, 500 * time.Millisecond, "Connection: close\r\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			within(t, true, func(http.ResponseWriter, *http.Request) { time.Sleep(time.Second) }, func(conn net.Conn, shutdown func(context.Context) error) {
				got := make(chan string, 1)
				go func() {
					text, _ := io.ReadAll(conn)
					got <- string(text)
				}()
				go func() { _, _ = io.WriteString(conn, tt.text) }()
				time.Sleep(tt.after)
				start := time.Now()
				if err := shutdown(context.Background()); err != nil {
					t.Error(err)
				}
				if took := time.Since(start); took > tt.most {
					t.Errorf("it took %v", took)
				}
				if text := <-got; !strings.Contains(text, tt.want) || strings.Count(text, "200 OK") > 1 {
					t.Errorf("the answer was %q", text)
				}
			})
		})
	}
}

// TestClose ends what runs.
func TestClose(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		left := make(chan struct{})
		s := New(&http.Server{Handler: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			<-r.Context().Done()
			close(left)
		})})
		l := pipes{make(chan net.Conn), make(chan struct{})}
		done := make(chan error, 1)
		go func() { done <- s.Serve(l) }()
		client, server := net.Pipe()
		l.in <- server
		_, _ = io.WriteString(client, get())
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := s.Shutdown(ctx); err != context.DeadlineExceeded { //nolint:errorlint // that very one
			t.Error(err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		<-left
		if err := <-done; err != http.ErrServerClosed { //nolint:errorlint // that very one
			t.Error(err)
		}
	})
}
