package edge

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"zoomgraph/internal/peer"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"zoomgraph/internal/reqid"
	"zoomgraph/internal/shares"
)

// liveLimits bound connections that stay open.
type liveLimits struct {
	connections        int   // of the service, whose callers are known
	perCaller          int   // of one caller
	strangers          int   // sockets whose callers are not known yet
	strangersOfAddress int   // of one client's address
	operations         int   // at a time on one socket
	message            int64 // bytes of a socket's message
	firstMessage       int64 // bytes of one before the caller is known

	init      time.Duration // until connection_init must have come
	arrival   time.Duration // until a message must be there whose beginning is
	ping      time.Duration // between pings of a socket, and until one must be answered
	keepAlive time.Duration // between comments of an event stream
	write     time.Duration // until a client must have taken a message
	farewell  time.Duration // until a client must have answered the end of its socket
	shedding  time.Duration // the same, of a socket that gives way to another one
}

// maxFirstMessage is enough for connection_init: a credential has 8 KiB at most, and its escapes and the other headers of
// this service fit beside it.
const maxFirstMessage = 16 << 10

func defaultLiveLimits() liveLimits {
	return liveLimits{
		connections: 1000, perCaller: 20, strangers: 100, strangersOfAddress: 20,
		operations: 100, message: maxBody, firstMessage: maxFirstMessage,
		init: 5 * time.Second, arrival: 10 * time.Second, ping: 15 * time.Second, keepAlive: 12 * time.Second,
		write: 10 * time.Second, farewell: 3 * time.Second, shedding: 100 * time.Millisecond,
	}
}

// within has no more connections than a half of all that the service accepts, so that there is room for others.
func (l liveLimits) within(accepted int) liveLimits {
	if accepted > 0 {
		l.connections = min(l.connections, max(accepted/2, 1))
		l.strangers = min(l.strangers, max(accepted/8, 1))
		l.strangersOfAddress = min(l.strangersOfAddress, max(l.strangers/2, 1))
	}
	return l
}

// live are the connections that stay open: sockets (graphql-transport-ws) and event streams (graphql-sse). Their
// operations run as those of other requests do, by the same endpoint.
type live struct {
	*endpoint
	limits   liveLimits
	identify Identify
	origins  origins
	holder   func(context.Context, *http.Request) shares.Holder
	incoming *incoming
	proxies  peer.Proxies
	counts   *Connections

	inFlight      *shares.Places // a place for each request that is being answered, whatever the transport
	subscriptions *subscriptions

	mu        sync.Mutex
	seats     map[*seat]bool // of all that are open
	strangers []*seat        // those whose callers are not known yet, the oldest first
	settled   int            // those whose callers are known
	callers   map[string]int // connections of each caller
	draining  bool
	allClosed chan struct{} // closed when draining and none is open
}

// newLive makes them with the places that requests have together. A subscription takes none: it mostly waits.
func newLive(e *endpoint, o Options, trusted origins, limits liveLimits) *live {
	l := &live{
		endpoint: e, limits: limits, identify: o.Identify, origins: trusted, holder: o.Holder, counts: o.Connections,
		inFlight: o.Places, incoming: newIncoming(o.RequestsBudget), proxies: o.Proxies,
		callers: map[string]int{}, seats: map[*seat]bool{}, allClosed: make(chan struct{}),
	}
	if l.identify == nil {
		l.identify = anybody
	}
	if l.counts == nil {
		l.counts = new(Connections)
	}
	l.subscriptions = newSubscriptions(e, o, l.counts)
	return l
}

// service is the handler of all paths, with the connections that stay open.
type service struct {
	http.Handler
	live  *live
	ready func(context.Context) error // says why nobody can be served
}

// Drain ends the connections that stay open, and waits for that until ctx ends. New ones are turned away.
func (s *service) Drain(ctx context.Context) { s.live.drain(ctx) }

// stopping tells whether Drain was called.
func (l *live) stopping() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.draining
}

// responder answers requests, each once.
type responder interface{ respond(x *exchange) }

// over answers sockets and event streams itself, and leaves the rest to next.
func (l *live) over(next responder) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		socket := r.Header.Get("Upgrade") != ""
		stays := socket || wantsEvents(r.Header["Accept"])
		switch {
		case stays && heavy(r.Header):
			l.refuse(r.Context(), w, applicationJSON, tooLarge("the header of a request for a socket or an event stream", maxLiveHeader))
		case socket:
			l.serveSocket(w, r)
		case stays:
			l.serveEvents(w, r)
		default:
			x := l.exchange(w, r)
			defer x.end()
			x.live = l
			l.incoming.count(x.ctx, &x.body, w, r, x)
			next.respond(x)
		}
	})
}

// busyWith refuses a connection for which there is no seat.
func (l *live) busyWith(w http.ResponseWriter, r *http.Request, err error) {
	l.refuseSeat(err)
	w.Header().Set("Retry-After", "5")
	l.refuse(r.Context(), w, applicationJSON, refusal{why: busy, code: "RATE_LIMITED", message: err.Error()})
}

// refuseSeat counts a connection that finds no seat.
func (l *live) refuseSeat(err error) {
	if none := (*noSeat)(nil); errors.As(err, &none) && none.notLetIn != shed { // that was counted when it gave way
		l.counts.refuse(none.notLetIn)
	}
}

// maxLiveHeader bounds the header of a request that stays: a field counts with what it takes in memory.
const (
	maxLiveHeader = 16 << 10
	fieldBytes    = 64
)

// heavy tells whether a header is too large to be kept for as long as a connection stays.
func heavy(h http.Header) bool {
	size := 0
	for name, values := range h {
		for _, value := range values {
			size += len(name) + len(value) + fieldBytes
		}
	}
	return size > maxLiveHeader
}

// prepare makes an operation of a request. The errors, for the client, are why there is none.
func (l *live) prepare(ctx context.Context, in received) (x *execution, errs gqlerror.List) {
	defer l.rescue(ctx, &errs)
	x = new(execution)
	if err := l.accept(ctx, &in, x); err != nil {
		_, errs = l.explainRefusal(ctx, err)
		return nil, errs
	}
	return x, nil
}

// perform runs an operation and hands on its answers, written out: one, or those of a subscription until it ends, ctx
// does, or send reports false. The errors, for the client, are why it has no answer, or no further one.
func (l *live) perform(ctx context.Context, x *execution, send func([][]byte) bool) (errs gqlerror.List) {
	defer l.rescue(ctx, &errs)
	if x.op.Operation.Operation == ast.Subscription {
		l.counts.subscriptions.Add(1)
		defer l.counts.subscriptions.Add(-1)
		return l.subscriptions.follow(ctx, x, send)
	}
	h := shares.From(ctx)
	h.Sheddable = x.op.Operation.Operation == ast.Query
	ctx, place, err := l.inFlight.Enter(ctx, h)
	if err != nil {
		_, errs = l.explainRefusal(ctx, notAdmitted(err))
		return errs
	}
	defer place.Leave()
	next, stop := l.start(ctx, x)
	defer stop()
	resp := next()
	switch {
	case !place.Reply():
		return gqlerror.List{l.present(ctx, asError(brokenOff()))}
	case resp == nil:
		_, errs = l.explainRefusal(ctx, refusal{why: timedOut, code: "UPSTREAM_TIMEOUT", message: fmt.Sprintf("the request did not finish within %v", l.timeout)})
		return errs
	case len(resp.Data) == 0:
		return resp.Errors
	}
	text, err := l.written(ctx, resp)
	if err != nil {
		return gqlerror.List{l.present(ctx, err)}
	}
	defer context.AfterFunc(ctx, func() {
		if place.Lost() {
			partyOf(ctx).cut() // an answer that is on its way cannot be taken back
		}
	})()
	send(text)
	return nil
}

// written is an answer as it is sent: in one line, since in an event stream a line's end would end the event. Zoom's JSON
// may have them between values.
func (e *endpoint) written(ctx context.Context, resp *graphql.Response) ([][]byte, error) {
	head, tail, err := envelope(resp)
	if err != nil {
		e.log.ErrorContext(ctx, "answer cannot be written", "requestId", reqid.From(ctx), "error", err)
		return nil, internalError(ctx)
	}
	answer := [][]byte{head, resp.Data, tail}
	for _, part := range answer {
		for i, c := range part {
			if c == '\n' || c == '\r' {
				part[i] = ' '
			}
		}
	}
	return answer, nil
}

// rescue turns a panic into an error: beside the request's own goroutine it would end the process.
func (e *endpoint) rescue(ctx context.Context, errs *gqlerror.List) {
	if p := recover(); p != nil {
		*errs = gqlerror.List{e.present(ctx, e.recovered(ctx, p))}
	}
}
