package edge

import (
	"context"
	"net/http"
	"time"
)

// exchange is one request and its answer, with all that belongs to them, in one piece: a request takes long enough without
// a search for memory at each step. The goroutine of the request has it.
type exchange struct {
	admitted                     // its place in flight
	w        http.ResponseWriter // of the answer: admitted, or the server's own
	server   http.ResponseWriter // which is to know of a body that is too large
	r        *http.Request
	ctx      context.Context //nolint:containedctx // of the request, with its deadline
	limit    deadline        // what ctx is
	start    time.Time

	live  *live // asked whose the body is; nil: it does not count
	body  countedBody
	files spool
	run   execution
}

// exchange begins one; end is to be called.
func (e *endpoint) exchange(w http.ResponseWriter, r *http.Request) *exchange {
	x := &exchange{w: w, server: w, r: r, start: time.Now()}
	x.limit.begin(r.Context(), x.start.Add(e.timeout))
	x.ctx = &x.limit
	x.files = e.spool()
	return x
}

func (x *exchange) end() {
	x.limit.cancel()
	if x.live != nil {
		x.body.release()
	}
}

// whose is the caller of the request, as far as bytes are counted by caller: of who is not known they are not.
func (x *exchange) whose() string {
	_, known, _ := x.live.identify(x.ctx, nil, x.r)
	return known.Caller
}
