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

// places gives each request a place in flight, or asks its caller to come again.
type admission struct {
	of *endpoint
	in *shares.Places
	// holder tells whose a request is.
	holder func(context.Context, *http.Request) shares.Holder
}

// ServeHTTP implements http.Handler.
func (a *admission) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := a.holder(r.Context(), r)
	h.Sheddable = true // until it turns out to write
	ctx, place, err := a.in.Enter(r.Context(), h)
	if err != nil {
		w.Header().Set("Retry-After", "1")
		a.of.refuse(r.Context(), w, applicationJSON, notAdmitted(err))
		return
	}
	let := &admitted{ResponseWriter: w, place: place}
	place.OnLoss(let.breakOff)
	defer place.Leave()
	defer let.over()
	a.of.ServeHTTP(let, r.WithContext(context.WithValue(ctx, admittedKey{}, let)))
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

type admittedKey struct{}

// admittedOf is a request with its place in flight; nil: it has none.
func admittedOf(ctx context.Context) *admitted {
	a, _ := ctx.Value(admittedKey{}).(*admitted)
	return a
}

// admitted is a request that has its place in flight, and the writer of its answer.
type admitted struct {
	http.ResponseWriter
	place *shares.Place

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

// writer is the server's own writer, which is to know of a body that is too large; w where the request was not admitted.
func (a *admitted) writer(w http.ResponseWriter) http.ResponseWriter {
	if a == nil {
		return w
	}
	return a.ResponseWriter
}

// SetWriteDeadline implements what http.ResponseController calls. An answer that is cut off gets no more time.
func (a *admitted) SetWriteDeadline(at time.Time) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.cut {
		at = longAgo()
	}
	return http.NewResponseController(a.ResponseWriter).SetWriteDeadline(at)
}

// longAgo is a deadline that ends what waits for the connection.
func longAgo() time.Time { return time.Unix(1, 0) }

// breakOff is called when the place is somebody else's, beside what the request does.
func (a *admitted) breakOff() {
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
	if a == nil {
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
func (a *admitted) keep() bool { return a == nil || a.place.Keep() }

// reply says that the answer is about to be sent. It reports false if the place is lost.
func (a *admitted) reply() bool {
	if a == nil {
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
