package edge

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"zoomgraph/internal/shares"
)

// This file is about places in flight, which package shares deals out, as far as HTTP is concerned: how a request is
// broken off whose place somebody else gets. What it takes depends on how far it is. A body that is being read is not
// read on; an operation ends with its context; an answer on its way is cut off. Only in the first two cases the client
// is told.

// admission gives each request a place in flight, or asks its caller to come again.
type admission struct {
	of *endpoint
	in *shares.Places
	// holder tells whose a request is.
	holder func(context.Context, *http.Request) shares.Holder
}

// respond answers a request in its place.
func (a *admission) respond(x *exchange) {
	h := a.holder(x.ctx, x.r)
	h.Sheddable = true // until it turns out to write
	x.admitted = admitted{ResponseWriter: x.server, limit: &x.limit}
	if err := a.in.Take(&x.place, h, &x.admitted); err != nil {
		x.w.Header().Set("Retry-After", "1")
		a.of.refuse(x.ctx, x.w, applicationJSON, notAdmitted(err))
		return
	}
	x.placed, x.w = true, &x.admitted
	defer x.place.Leave()
	defer x.over()
	a.of.respond(x)
}

// notAdmitted is the refusal of an operation for which there is no place in flight.
func notAdmitted(err error) error {
	message := "this service is answering as many requests as it can; come again in a second"
	if r, ok := err.(*shares.Refused); ok { //nolint:errorlint // it is never wrapped
		message = fmt.Sprintf("this service answers %d requests at a time, and all places are taken: %d by this account, %d of these by this caller, which is its share now; come again in a second", r.Places, r.Account, r.Caller)
	}
	return refusal{why: busy, code: rateLimited, message: message}
}

// brokenOff is the refusal of an operation whose place was given to somebody else.
func brokenOff() error {
	return refusal{why: busy, code: rateLimited, message: "this request was broken off because it is another caller's turn: all places are taken, and this caller had more than its share of them; come again in a second"}
}

// admitted is what a request is about its place in flight, and the writer of its answer. Without a place it is never broken
// off.
type admitted struct {
	http.ResponseWriter
	placed bool // otherwise it has no place
	place  shares.Place
	limit  *deadline // the context of the request

	mu    sync.Mutex
	phase phase
	cut   bool // the answer was cut off
}

// phase is how far a request is.
type phase int

const (
	beingRead phase = iota
	running
	replying
	over
)

// Unwrap lets http.ResponseController find what the writer can do beside.
func (a *admitted) Unwrap() http.ResponseWriter { return a.ResponseWriter }

// SetWriteDeadline implements what http.ResponseController calls. An answer that is cut off gets no more time.
func (a *admitted) SetWriteDeadline(at time.Time) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.cut {
		at = longAgo()
	}
	return http.NewResponseController(a.ResponseWriter).SetWriteDeadline(at)
}

// WriteWithin is SetWriteDeadline for an answer that is small.
func (a *admitted) WriteWithin(timeout time.Duration) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.cut {
		writeWithin(a.ResponseWriter, timeout)
	}
}

// longAgo is a deadline that ends what waits for the connection.
func longAgo() time.Time { return time.Unix(1, 0) }

// LosePlace implements shares.Loser, beside what the request does.
func (a *admitted) LosePlace() {
	a.limit.cancel()
	a.mu.Lock()
	defer a.mu.Unlock()
	conn := http.NewResponseController(a.ResponseWriter)
	switch a.phase {
	case beingRead:
		_ = conn.SetReadDeadline(longAgo()) // what has no deadline is no connection
	case replying:
		a.cut = true
		_ = conn.SetWriteDeadline(longAgo())
	case running, over: // the context says it
	}
}

// over says that the request has ended. From then on nothing is done to the connection, which may have the next request already.
func (a *admitted) over() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.phase = over
	if a.cut {
		panic(http.ErrAbortHandler)
	}
}

// read says that the request has been read. It reports false if the place is lost.
func (a *admitted) read() bool {
	if !a.placed {
		return true
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.place.Lost() {
		a.Header().Set("Connection", "close") // a part of the body may be on its way
		return false
	}
	a.phase = running
	return true
}

// keep says that a mutation begins, which nobody breaks off. It reports false if the place is lost.
func (a *admitted) keep() bool { return !a.placed || a.place.Keep() }

// reply says that the answer is about to be sent. It reports false if the place is lost.
func (a *admitted) reply() bool {
	if !a.placed {
		return true
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.place.Reply() {
		return false
	}
	a.phase = replying
	return true
}

// giveWay answers a request whose place was given to somebody else.
func (e *endpoint) giveWay(ctx context.Context, w http.ResponseWriter, media mediaType) {
	w.Header().Set("Retry-After", "1")
	e.send(ctx, w, media, busy, &graphql.Response{Errors: gqlerror.List{e.present(ctx, asError(brokenOff()))}})
}

// asError is a refusal as an answer has it.
func asError(err error) *gqlerror.Error {
	r, _ := err.(refusal) //nolint:errorlint // it is made here
	return &gqlerror.Error{Message: r.message, Extensions: map[string]any{"code": r.code}}
}
