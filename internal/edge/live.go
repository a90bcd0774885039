package edge

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// Identify finds the caller of a connection that stays, by the headers in the payload of connection_init (nil for an event
// stream) and the request that opened the connection. All operations of the connection get the context that it returns.
// Connections are counted by caller, except for "". An error refuses the connection; the client sees its text only if the
// error is a Refusal.
type Identify func(ctx context.Context, init http.Header, r *http.Request) (_ context.Context, caller string, _ error)

// Refusal is an error of Identify that says more to the client.
type Refusal interface {
	error
	// Public is its text for the client.
	Public() string
	// Again reports whether the same may be accepted later, so that the client should try again.
	Again() bool
}

// anybody is the Identify of a service without callers.
func anybody(ctx context.Context, _ http.Header, _ *http.Request) (context.Context, string, error) {
	return ctx, "", nil
}

// liveLimits bound connections that stay open.
type liveLimits struct {
	connections int   // of the service
	perCaller   int   // of one caller
	operations  int   // at a time on one socket
	message     int64 // bytes of a socket's message

	init      time.Duration // until connection_init must have come
	ping      time.Duration // between pings of a socket, and until one must be answered
	keepAlive time.Duration // between comments of an event stream
	write     time.Duration // until a client must have taken a message
	farewell  time.Duration // until a client must have answered the end of its socket
}

func defaultLiveLimits() liveLimits {
	return liveLimits{
		connections: 1000, perCaller: 20, operations: 100, message: maxBody,
		init: 5 * time.Second, ping: 15 * time.Second, keepAlive: 12 * time.Second, write: 10 * time.Second, farewell: 3 * time.Second,
	}
}

// live are the connections that stay open: sockets (graphql-transport-ws) and event streams (graphql-sse). Their
// operations run as those of other requests do, by the same endpoint.
type live struct {
	*endpoint
	limits   liveLimits
	identify Identify
	origins  origins
	inFlight chan struct{} // a place for each request that is being answered, whatever the transport
	counts   *Connections

	mu        sync.Mutex
	open      int
	callers   map[string]int // connections of each caller
	endings   map[*place]func()
	draining  bool
	allClosed chan struct{} // closed when draining and none is open
}

// newLive makes them with the places that requests have together. A subscription takes none: it mostly waits.
func newLive(e *endpoint, o Options, trusted origins, inFlight chan struct{}, limits liveLimits) *live {
	l := &live{
		endpoint: e, limits: limits, identify: o.Identify, origins: trusted, inFlight: inFlight, counts: o.Connections,
		callers: map[string]int{}, endings: map[*place]func(){}, allClosed: make(chan struct{}),
	}
	if l.identify == nil {
		l.identify = anybody
	}
	if l.counts == nil {
		l.counts = new(Connections)
	}
	return l
}

// service is the handler of all paths, with the connections that stay open.
type service struct {
	http.Handler
	live *live
}

// Drain ends the connections that stay open, and waits for that until ctx ends. New ones are turned away.
func (s *service) Drain(ctx context.Context) { s.live.drain(ctx) }

// stopping tells whether Drain was called.
func (l *live) stopping() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.draining
}

// over answers sockets and event streams itself, and leaves the rest to next.
func (l *live) over(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Header.Get("Upgrade") != "":
			l.serveSocket(w, r)
		case wantsEvents(r.Header.Values("Accept")):
			l.serveEvents(w, r)
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// What a client is told that finds no place.
const (
	tooMany         = "the service has as many connections as it takes; try again later"
	tooManyOfCaller = "this caller has as many connections as one may have"
)

// place is one slot for a connection that stays open.
type place struct {
	caller string        // whose it is; "" is nobody's in particular
	kind   *atomic.Int64 // counts those of its kind
}

// enter gives a connection its place, which kind counts; nil: there is none. To end it when the service stops, end is
// called, beside all else.
func (l *live) enter(kind *atomic.Int64, end func()) *place {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.draining:
		l.counts.refuse(stopping)
		return nil
	case l.open == l.limits.connections:
		l.counts.refuse(full)
		return nil
	}
	l.open++
	kind.Add(1)
	p := &place{kind: kind}
	l.endings[p] = end
	return p
}

// allot says whose place it is, and reports false if that caller has too many.
func (l *live) allot(p *place, caller string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if caller == "" {
		return true
	}
	if l.callers[caller] == l.limits.perCaller {
		l.counts.refuse(callerFull)
		return false
	}
	p.caller = caller
	l.callers[caller]++
	return true
}

// leave gives the place back.
func (l *live) leave(p *place) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.endings, p)
	p.kind.Add(-1)
	l.open--
	if p.caller != "" {
		if l.callers[p.caller]--; l.callers[p.caller] == 0 {
			delete(l.callers, p.caller)
		}
	}
	if l.draining && l.open == 0 {
		close(l.allClosed)
	}
}

// drain lets no connection in any more, ends those that are open, and waits for that, but not longer than ctx.
func (l *live) drain(ctx context.Context) {
	l.mu.Lock()
	if !l.draining {
		l.draining = true
		for _, end := range l.endings {
			go end() // a socket says goodbye, which takes a while
		}
		if l.open == 0 {
			close(l.allClosed)
		}
	}
	l.mu.Unlock()
	select {
	case <-l.allClosed:
	case <-ctx.Done():
	}
}

// busyWith refuses a connection for which there is no place.
func (l *live) busyWith(w http.ResponseWriter, r *http.Request, message string) {
	w.Header().Set("Retry-After", "5")
	l.refuse(r.Context(), w, applicationJSON, refusal{why: busy, code: "RATE_LIMITED", message: message})
}

// prepare makes an operation of a request. The errors, for the client, are why there is none.
func (l *live) prepare(ctx context.Context, in received) (op *graphql.OperationContext, errs gqlerror.List) {
	defer l.rescue(ctx, &errs)
	op, err := l.accept(ctx, in)
	if err != nil {
		_, errs = l.explainRefusal(ctx, err)
		return nil, errs
	}
	return op, nil
}

// perform runs an operation and hands on its answers: one, or those of a subscription until it ends, ctx does, or send
// reports false. The errors, for the client, are why it has no answer, or no further one.
func (l *live) perform(ctx context.Context, op *graphql.OperationContext, send func(*graphql.Response) bool) (errs gqlerror.List) {
	defer l.rescue(ctx, &errs)
	streams := op.Operation.Operation == ast.Subscription
	if streams {
		l.counts.subscriptions.Add(1)
		defer l.counts.subscriptions.Add(-1)
	} else {
		select {
		case l.inFlight <- struct{}{}:
			defer func() { <-l.inFlight }()
		default:
			_, errs = l.explainRefusal(ctx, refusal{why: busy, code: "RATE_LIMITED", message: "this service is answering as many requests as it can; come again in a second"})
			return errs
		}
	}
	next, stop := l.start(ctx, op)
	defer stop()
	for {
		resp := next()
		switch {
		case resp == nil && streams:
			return nil
		case resp == nil:
			_, errs = l.explainRefusal(ctx, refusal{why: timedOut, code: "UPSTREAM_TIMEOUT", message: fmt.Sprintf("the request did not finish within %v", l.timeout)})
			return errs
		case len(resp.Data) == 0:
			return resp.Errors
		case !send(resp), !streams:
			return nil
		}
	}
}

// rescue turns a panic into an error: beside the request's own goroutine it would end the process.
func (l *live) rescue(ctx context.Context, errs *gqlerror.List) {
	if p := recover(); p != nil {
		*errs = gqlerror.List{l.present(ctx, l.recovered(ctx, p))}
	}
}
