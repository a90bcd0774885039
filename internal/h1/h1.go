// Package h1 answers ordinary HTTP/1.1 requests for less than net/http's server does, and leaves all others to it:
//
//	s := h1.New(&http.Server{Handler: handler, ReadHeaderTimeout: 5 * time.Second, …})
//	err := s.Serve(listener)
//	…
//	err = s.Shutdown(ctx)
//
// A request is ordinary if it can be read in one way only, and needs nothing but a plain answer; head.go says what that is. A
// connection on which anything else comes is handed to net/http, with the bytes that were read of it, and stays there. So
// there is no second opinion about odd requests, and what is malformed is refused as ever. Of the [http.Server] there hold
// its handler, timeouts, log, ConnState and ConnContext; TLS, BaseContext and SetKeepAlivesEnabled do not.
//
// Handlers get a real *http.Request, and an [http.ResponseWriter] with the same bytes on the wire. It knows deadlines and
// flushing. It knows neither Hijack nor trailers, sets Transfer-Encoding itself, and of Connection takes "close" only; an
// [http.MaxBytesReader] does not make it close the connection, since the rest of an ordinary body is short.
// Start reading at serve in conn.go.
package h1

import (
	"context"
	"log"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// Server answers what is ordinary, and has an http.Server for the rest.
type Server struct {
	std   *http.Server
	state func(net.Conn, http.ConnState) // std's
	base  context.Context                //nolint:containedctx // of all connections
	watch watch
	clock clock

	stopping atomic.Bool
	mu       sync.Mutex
	conns    map[*conn]struct{}
	gone     chan struct{} // closed when it is stopping and has no connection
}

// New makes a server of std, which is not to be used in another way.
func New(std *http.Server) *Server {
	s := &Server{std: std, state: std.ConnState, conns: map[*conn]struct{}{}, gone: make(chan struct{})}
	if s.state == nil {
		s.state = func(net.Conn, http.ConnState) {}
	}
	s.base = context.WithValue(context.Background(), http.ServerContextKey, std)
	std.ConnState = func(c net.Conn, state http.ConnState) {
		if state != http.StateNew { // that is told when it is accepted
			s.state(plain(c), state)
		}
	}
	if given := std.ConnContext; given != nil {
		std.ConnContext = func(ctx context.Context, c net.Conn) context.Context { return given(ctx, plain(c)) }
	}
	return s
}

// Serve answers on l until Shutdown or Close, as [http.Server.Serve] does. It closes l.
func (s *Server) Serve(l net.Listener) error {
	f := &front{Listener: l, out: make(chan accepted), closed: make(chan struct{})}
	go f.accept(s)
	return s.std.Serve(f)
}

// newFor is how long a new connection may still bring its first request while the server stops, as in net/http.
const newFor = 5 * time.Second

// Shutdown is [http.Server.Shutdown].
func (s *Server) Shutdown(ctx context.Context) error {
	s.stop(isIdle)
	if err := s.std.Shutdown(ctx); err != nil {
		return err
	}
	again := time.NewTicker(newFor / 10) // for connections that are new
	defer again.Stop()
	for {
		select {
		case <-s.gone:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		case <-again.C:
			s.stop(isIdle)
		}
	}
}

func isIdle(c *conn) bool {
	switch http.ConnState(c.state.Load()) {
	case http.StateIdle:
		return true
	case http.StateNew:
		return time.Since(c.opened) > newFor
	default:
		return false
	}
}

// Close is [http.Server.Close].
func (s *Server) Close() error {
	s.stop(func(*conn) bool { return true })
	return s.std.Close()
}

// stop lets no more requests begin, and closes some connections.
func (s *Server) stop(which func(*conn) bool) {
	s.mu.Lock()
	first := !s.stopping.Swap(true)
	var closing []net.Conn
	for c := range s.conns {
		if which(c) {
			closing = append(closing, c.Conn)
		}
	}
	if first && len(s.conns) == 0 {
		close(s.gone)
	}
	s.mu.Unlock()
	for _, c := range closing {
		_ = c.Close()
	}
}

// enter counts a connection. It reports false if the server is stopping.
func (s *Server) enter(c *conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopping.Load() {
		return false
	}
	s.conns[c] = struct{}{}
	return true
}

func (s *Server) leave(c *conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.conns, c)
	if len(s.conns) == 0 && s.stopping.Load() {
		close(s.gone)
	}
}

func (s *Server) logf(format string, args ...any) {
	if s.std.ErrorLog != nil {
		s.std.ErrorLog.Printf(format, args...)
		return
	}
	log.Printf(format, args...)
}

// idleTimeout and headerTimeout are what net/http takes them for.
func (s *Server) idleTimeout() time.Duration { return or(s.std.IdleTimeout, s.std.ReadTimeout) }

func (s *Server) headerTimeout() time.Duration { return or(s.std.ReadHeaderTimeout, s.std.ReadTimeout) }

func or(timeout, otherwise time.Duration) time.Duration {
	if timeout != 0 {
		return timeout
	}
	return otherwise
}

// front is the listener of net/http's server: connections come out of it that are handed over, and errors of accepting,
// which that server tells the log and outlives.
type front struct {
	net.Listener
	out    chan accepted
	once   sync.Once
	closed chan struct{}
}

type accepted struct {
	conn net.Conn
	err  error
}

// accept serves all connections that come, until the listener is closed.
func (f *front) accept(s *Server) {
	for {
		c, err := f.Listener.Accept()
		if err == nil {
			s.open(c, f)
		} else if !f.give(accepted{err: err}) {
			return
		}
	}
}

// give reports false if the listener is closed.
func (f *front) give(a accepted) bool {
	select {
	case f.out <- a:
		return true
	case <-f.closed:
		return false
	}
}

// Accept implements net.Listener.
func (f *front) Accept() (net.Conn, error) {
	select {
	case a := <-f.out:
		return a.conn, a.err
	case <-f.closed:
		return nil, net.ErrClosed
	}
}

// Close implements net.Listener.
func (f *front) Close() error {
	f.once.Do(func() { close(f.closed) })
	return f.Listener.Close()
}
