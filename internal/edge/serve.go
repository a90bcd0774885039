package edge

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"zoomgraph/internal/h1"
)

// drainTimeout is how long requests in flight may take to finish once the
// service is told to stop.
const drainTimeout = 10 * time.Second

// Server returns an http.Server for handler that gives up on clients which are
// slow to send (headers within 5 seconds, the whole request within 10) or to
// take what they asked for (within a minute, unless the handler says otherwise,
// as the answers to GraphQL do). What it has to complain about goes to log.
func Server(handler http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		WriteTimeout:      time.Minute,
		IdleTimeout:       60 * time.Second,
		MaxHeaderBytes:    32 << 10,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
}

// Serve is ServeWithin with as many connections as [MaxConnections] allows.
func Serve(ctx context.Context, l net.Listener, handler http.Handler, log *slog.Logger) error {
	return ServeWithin(ctx, l, handler, log, Bound{})
}

// ServeWithin answers on l until ctx ends, then takes no new requests and gives
// those in flight 10 seconds to finish. It closes l. It returns nil if all
// finished. A client whose request is refused before its body was read gets the
// answer. A handler with a method ConnState follows the connections by it. There
// are never more connections than the bound allows: those that nobody needs give
// way to new ones. Package h1 answers what is ordinary, and net/http the rest.
func ServeWithin(ctx context.Context, l net.Listener, handler http.Handler, log *slog.Logger, bound Bound) error {
	return serve(ctx, l, Server(handler, log), newCrowd(bound, log))
}

func serve(ctx context.Context, l net.Listener, srv *http.Server, crowd *crowd) error {
	handler := srv.Handler
	lingerer := &lingerer{Listener: l, bounds: defaultLingering(), crowd: crowd}
	srv.ConnState, srv.ConnContext = lingerer.state, lingerer.context
	if h, ok := handler.(interface {
		ConnState(conn net.Conn, state http.ConnState)
	}); ok {
		srv.ConnState = func(conn net.Conn, state http.ConnState) {
			lingerer.state(conn, state)
			h.ConnState(conn, state)
		}
	}
	server := h1.New(srv)
	served := make(chan error, 1)
	go func() { served <- server.Serve(lingerer) }()
	select {
	case err := <-served:
		return fmt.Errorf("serving on %s: %w", l.Addr(), err)
	case <-ctx.Done():
	}
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTimeout)
	defer cancel()
	drained := make(chan struct{})
	go func() {
		defer close(drained)
		if d, ok := handler.(interface{ Drain(ctx context.Context) }); ok {
			d.Drain(drain) // the server does not know its sockets, and would wait for its event streams
		}
	}()
	err := server.Shutdown(drain)
	<-drained
	if err != nil {
		lingerer.hurry.Store(true)
		return errors.Join(fmt.Errorf("requests were still running %v after the end was asked for: %w", drainTimeout, err), server.Close())
	}
	return nil
}
