package client

import (
	"context"
	"errors"
	"net/http"
	"time"
)

const (
	farAway    = time.Minute    // a Retry-After beyond it means the day
	longestDay = 24 * time.Hour // believed of such a Retry-After
)

// pacer is what a Client asks before and after each attempt.
type pacer interface {
	// take waits for a turn, and writes down in res how long that took. A call
	// that was sent before comes first among its caller's.
	take(ctx context.Context, req *Request, res *Response) *Error
	// giveBack returns a turn that was not used.
	giveBack(label Label)
	// learn reads an answer, and completes fail where it is a 429.
	learn(label Label, header http.Header, fail *Error)
}

// unpaced is the pacer of a Client without a Budget.
type unpaced struct{}

func (unpaced) take(context.Context, *Request, *Response) *Error { return nil }
func (unpaced) giveBack(Label)                                   {}
func (unpaced) learn(Label, http.Header, *Error)                 {}

// take refuses at once what cannot have its turn in time, or today.
func (b *Budget) take(ctx context.Context, req *Request, res *Response) *Error {
	a := b.allowances[req.Op.Label]
	if a == nil {
		return nil
	}
	if ctx.Err() != nil {
		return interrupted(ctx, req.Op, ctx.Err())
	}
	w, fail := b.enter(ctx, a, req, res.Attempts > 0)
	if w == nil {
		return fail
	}
	start := b.now()
	defer func() { res.Waited += b.now().Sub(start) }()
	select {
	case <-w.ready:
		if !w.closedUntil.IsZero() {
			return usedUp(req.Op, w.closedUntil)
		}
		return nil
	case <-ctx.Done():
		return b.leave(ctx, a, w, req.Op)
	}
}

// enter takes a token if one is free, or else queues the call.
func (b *Budget) enter(ctx context.Context, a *allowance, req *Request, repeated bool) (*waiter, *Error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.now()
	if until := a.day.until(a.limit, now); !until.IsZero() {
		return nil, usedUp(req.Op, until)
	}
	if !a.paced() {
		a.day.used++
		return nil, nil
	}
	a.dispatch(now)
	if a.has() {
		a.level--
		a.day.used++
		return nil, nil
	}
	w := &waiter{caller: req.Caller, lane: laneOf(req)}
	turn := now.Add(a.wait(float64(a.ahead(w, repeated)+1), now))
	if deadline, ok := ctx.Deadline(); ok && !turn.Before(deadline) {
		return nil, tooLate(req.Op, turn)
	}
	w.ready = make(chan struct{})
	a.push(w, repeated)
	a.day.waiting++
	a.arm(now)
	return w, nil
}

// leave takes out who does not wait any longer; a turn that came at this moment
// goes to the next one.
func (b *Budget) leave(ctx context.Context, a *allowance, w *waiter, op *Op) *Error {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.now()
	a.refill(now)
	if a.remove(w) {
		a.day.waiting--
		a.arm(now)
	} else if w.closedUntil.IsZero() {
		a.restore(now)
	}
	if !errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return interrupted(ctx, op, ctx.Err())
	}
	fail := tooLate(op, now.Add(a.wait(float64(a.ahead(w, true)+1), now)))
	fail.Err = ctx.Err()
	return fail
}

func (b *Budget) giveBack(label Label) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if a := b.allowances[label]; a != nil {
		a.restore(b.now())
	}
}

// learn lowers the rate to what an answer tells. A 429 of the day closes the
// label; one of the second slows it down, and lets its call wait for another turn.
func (b *Budget) learn(label Label, header http.Header, fail *Error) {
	limit := toldLimit(label, header)
	limited := fail != nil && fail.Code == CodeRateLimited
	a := b.allowances[label]
	if a == nil || limit == 0 && !limited {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.now()
	a.refill(now)
	if limit > 0 && a.paced() {
		a.heed(limit * b.share)
	}
	switch {
	case limited && (fail.Daily || fail.RetryAfter.Sub(now) > farAway):
		if !fail.RetryAfter.After(now) {
			fail.RetryAfter = nextMidnight(now)
		}
		fail.Daily = true
		b.shut(a.day, now.Add(min(fail.RetryAfter.Sub(now), longestDay)))
	case limited && a.paced():
		a.cut(now, fail.RetryAfter)
		fail.RetryAfter, fail.crowded = now.Add(a.wait(1, now)), true
	}
	a.dispatch(now)
}

// shut refuses all who wait for a call of that day.
func (b *Budget) shut(d *day, until time.Time) {
	if until.After(d.closed) {
		d.closed = until
	}
	for _, a := range b.allowances {
		if a.day != d {
			continue
		}
		for w := a.pop(); w != nil; w = a.pop() {
			w.closedUntil = d.closed
			d.waiting--
			close(w.ready)
		}
	}
}

// wake is what a's timer does.
func (b *Budget) wake(a *allowance) {
	b.mu.Lock()
	defer b.mu.Unlock()
	a.dispatch(b.now())
}

// dispatch gives the tokens there are to those who wait, and sees to it that the
// next one is given in its time.
func (a *allowance) dispatch(now time.Time) {
	a.refill(now)
	a.day.turnOver(now)
	for a.has() {
		w := a.pop()
		if w == nil {
			break
		}
		a.level--
		a.day.waiting--
		a.day.used++
		close(w.ready)
	}
	a.arm(now)
}

// arm sets the timer to the next turn, if somebody waits for it.
func (a *allowance) arm(now time.Time) {
	switch waits := a.waiting() > 0; {
	case !waits && a.timer != nil:
		a.timer.Stop()
	case waits && a.timer == nil:
		a.timer = time.AfterFunc(a.wait(1, now), a.wake)
	case waits:
		a.timer.Reset(a.wait(1, now))
	}
}

// restore takes back a token that was given out.
func (a *allowance) restore(now time.Time) {
	a.day.used = max(0, a.day.used-1)
	if !a.paced() {
		return
	}
	a.refill(now)
	a.level = min(a.full(), a.level+1)
	a.dispatch(now)
}

func tooLate(op *Op, turn time.Time) *Error {
	return &Error{
		Code: CodeRateLimited, Op: op, RetryAfter: turn,
		Message: "the account's rate allows this call only after its deadline",
		Hint:    "ask again then, ask for less, or allow more time",
	}
}

func usedUp(op *Op, until time.Time) *Error {
	return &Error{
		Code: CodeRateLimited, Op: op, RetryAfter: until, Daily: true,
		Message: "the account's calls of the day are used up",
	}
}
