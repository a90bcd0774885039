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
type places struct {
	of *endpoint
	in *shares.Places
	// holder tells whose a request is.
	holder func(context.Context, *http.Request) shares.Holder
}

// ServeHTTP implements http.Handler.
func (p *places) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := p.holder(r.Context(), r)
	h.Sheddable = true // until it turns out to write
	ctx, place, err := p.in.Enter(r.Context(), h)
	if err != nil {
		w.Header().Set("Retry-After", "1")
		p.of.refuse(r.Context(), w, applicationJSON, noTurn(err))
		return
	}
	t := &turn{ResponseWriter: w, place: place}
	place.OnLoss(t.breakOff)
	defer place.Leave()
	defer t.over()
	p.of.ServeHTTP(t, r.WithContext(context.WithValue(ctx, turnKey{}, t)))
}

// noTurn is the refusal of an operation for which there is no place in flight.
func noTurn(err error) error {
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

type turnKey struct{}

// turnOf is the place in flight of a request; nil: it has none.
func turnOf(ctx context.Context) *turn {
	t, _ := ctx.Value(turnKey{}).(*turn)
	return t
}

// turn is a request that has its place in flight, and the writer of its answer.
type turn struct {
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
func (t *turn) Unwrap() http.ResponseWriter { return t.ResponseWriter }

// writer is the server's own writer, which is to know of a body that is too large; w where there is no turn.
func (t *turn) writer(w http.ResponseWriter) http.ResponseWriter {
	if t == nil {
		return w
	}
	return t.ResponseWriter
}

// SetWriteDeadline implements what http.ResponseController calls. An answer that is cut off gets no more time.
func (t *turn) SetWriteDeadline(at time.Time) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.cut {
		at = longAgo()
	}
	return http.NewResponseController(t.ResponseWriter).SetWriteDeadline(at)
}

// longAgo is a deadline that ends what waits for the connection.
func longAgo() time.Time { return time.Unix(1, 0) }

// breakOff is called when the place is somebody else's, beside what the request does.
func (t *turn) breakOff() {
	t.mu.Lock()
	defer t.mu.Unlock()
	conn := http.NewResponseController(t.ResponseWriter)
	switch t.phase {
	case beingRead:
		_ = conn.SetReadDeadline(longAgo()) // what has no deadline is no connection
	case replying:
		t.cut = true
		_ = conn.SetWriteDeadline(longAgo())
	case running, over: // the context says it
	}
}

// over ends the turn. From then on nothing is done to the connection, which may have the next request already.
func (t *turn) over() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.phase = over
	if t.cut {
		panic(http.ErrAbortHandler)
	}
}

// read says that the request has been read. It reports false if the place is lost.
func (t *turn) read() bool {
	if t == nil {
		return true
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.place.Lost() {
		t.Header().Set("Connection", "close") // a part of the body may be on its way
		return false
	}
	t.phase = running
	return true
}

// keep says that a mutation begins, which nobody breaks off. It reports false if the place is lost.
func (t *turn) keep() bool { return t == nil || t.place.Keep() }

// reply says that the answer is about to be sent. It reports false if the place is lost.
func (t *turn) reply() bool {
	if t == nil {
		return true
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.place.Reply() {
		return false
	}
	t.phase = replying
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
