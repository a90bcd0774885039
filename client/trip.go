package client

import (
	"context"
	"errors"
	"net/url"
	"sync"
	"time"

	"zoomgraph/internal/ending"
)

// trip is the way of one attempt, which can be ended at any moment: by the context
// of who asked, and by the Slots where it hangs. It costs no goroutine: what waits
// for the network wakes up since the connection's deadline is over.
type trip struct {
	url    url.URL // that it leads to
	lines  string  // of the request's head, behind the first, where those of many are made at once; "": of this one alone
	flying flying  // the slot that it has

	ctx       context.Context //nolint:containedctx // that it follows
	following ending.Following

	mu     sync.Mutex
	conn   *conn                   // that it goes by now; nil: none
	cancel context.CancelCauseFunc // of a request that goes by no conn; nil: it does
	cause  error                   // why it was ended; nil: it was not
	told   chan struct{}           // closed then; nil while nobody waits for that
}

// end ends what is left of the attempt. The first cause counts.
func (t *trip) end(cause error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.cause != nil {
		return
	}
	t.cause = cause
	if t.cancel != nil {
		t.cancel(cause)
	}
	if t.told != nil {
		close(t.told)
	}
	if t.conn != nil {
		t.conn.interrupt()
	}
}

// follow makes ctx end the trip until it arrives.
func (t *trip) follow(ctx context.Context) {
	t.ctx = ctx
	t.following = ending.Follow(ctx, t)
}

// Follow implements ending.Follower.
func (t *trip) Follow(error) { t.end(context.Cause(t.ctx)) }

// arrive lets go of the context.
func (t *trip) arrive() { t.following.Stop() }

// gaveWay tells whether the Slots ended it.
func (t *trip) gaveWay() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return errors.Is(t.cause, errGaveWay)
}

// ended is closed when the trip is ended.
func (t *trip) ended() <-chan struct{} {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.told == nil {
		t.told = make(chan struct{})
		if t.cause != nil {
			close(t.told)
		}
	}
	return t.told
}

// why is the cause of the end, where it was ended, and else err.
func (t *trip) why(err error) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.cause != nil {
		return t.cause
	}
	return err
}

// board goes by c from now on, which waits no longer than that for the beginning of
// an answer; 0: as long as the trip takes. The error is why the trip has ended.
func (t *trip) board(c *conn, patience time.Duration) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.cause != nil {
		return t.cause
	}
	t.conn = c
	c.await(patience)
	return nil
}

// await changes how long the connection waits.
func (t *trip) await(patience time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.cause == nil && t.conn != nil {
		t.conn.await(patience)
	}
}

// interrupt wakes up whoever waits for the connection, which the attempt needs no more.
func (t *trip) interrupt() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.conn != nil {
		t.conn.interrupt()
	}
}

// cancelBy makes an end of the trip cancel the request's context.
func (t *trip) cancelBy(cancel context.CancelCauseFunc) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.cancel = cancel; t.cause != nil {
		cancel(t.cause)
	}
}

// leave lets go of the connection, and tells whether it is of use to others: an
// ended trip has interrupted it.
func (t *trip) leave() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.conn = nil
	return t.cause == nil
}
