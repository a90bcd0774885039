package client

import (
	"context"
	"errors"
	"slices"
	"time"
)

const (
	farAway    = time.Minute    // a Retry-After beyond it is not for the second
	longestDay = 24 * time.Hour // believed of a Retry-After
)

// pacer is what a Client asks before and after each attempt.
type pacer interface {
	// take waits for a turn, and writes down in res how long that took. A call that was
	// sent before comes first among its caller's.
	take(ctx context.Context, req *Request, res *Response) (grant, *Error)
	// hold keeps a turn for a call that waits for something else than that.
	hold(label Label, t *grant)
	// renew moves a turn to now, if it can be had now, too. If not, it is given back.
	renew(label Label, t *grant) bool
	// giveBack returns a turn that was not used.
	giveBack(label Label, t grant)
	// learn hears what became of a call that was sent at that time: header is nil
	// where no answer came. It completes fail where that is a 429.
	learn(req *Request, sent time.Time, header Header, fail *Error)
}

// grant is a turn that came. It is good for a call that leaves soon.
type grant struct {
	at   time.Time // when it came; zero: none is needed
	held bool      // its call waits for something else
}

// unpaced is the pacer of a Client without a Budget. A call that Zoom refused for
// the second comes again when Zoom says, or else after a pause by chance.
type unpaced struct{}

func (unpaced) take(context.Context, *Request, *Response) (grant, *Error) { return grant{}, nil }
func (unpaced) hold(Label, *grant)                                        {}
func (unpaced) renew(Label, *grant) bool                                  { return true }
func (unpaced) giveBack(Label, grant)                                     {}

func (unpaced) learn(_ *Request, sent time.Time, _ Header, fail *Error) {
	if fail == nil || fail.Code != CodeRateLimited {
		return
	}
	if !fail.RetryAfter.IsZero() && !fail.RetryAfter.After(sent) {
		fail.Daily = false // that day is over
	}
	fail.crowded, fail.unpaced = !fail.Daily, true
}

// take refuses at once what cannot have its turn in time, or today.
func (b *Budget) take(ctx context.Context, req *Request, res *Response) (grant, *Error) {
	if ctx.Err() != nil {
		return grant{}, interrupted(ctx, req.Op, ctx.Err())
	}
	a := b.allowances[req.Op.Label]
	w, at, findsOut, fail := b.begin(ctx, a, req, res.Attempts > 0)
	if w == nil {
		return grant{at: at}, fail
	}
	start := w.since
	defer func() { res.Waited += b.now().Sub(start) }()
	select {
	case <-w.ready:
		if !w.closedUntil.IsZero() {
			return grant{}, usedUp(req.Op, w.closedUntil)
		}
		if findsOut {
			return grant{at: w.turn}, nil
		}
		if fail = b.admitWaited(req); fail != nil {
			b.giveBack(req.Op.Label, grant{at: w.turn})
		}
		return grant{at: w.turn}, fail
	case <-ctx.Done():
		return grant{}, b.leave(ctx, a, w, req.Op)
	}
}

// begin lets a call go now, or come before its turn; a is nil for a label without one.
func (b *Budget) begin(ctx context.Context, a *allowance, req *Request, repeated bool) (w *waiter, now time.Time, findsOut bool, fail *Error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now = b.now()
	if findsOut, fail = b.admit(req, false, now); fail != nil || a == nil {
		return nil, time.Time{}, findsOut, fail
	}
	w, fail = b.enter(ctx, a, req, repeated, now)
	return w, now, findsOut, fail
}

func (b *Budget) admitWaited(req *Request) *Error {
	b.mu.Lock()
	defer b.mu.Unlock()
	_, fail := b.admit(req, true, b.now())
	return fail
}

// admit refuses a call whose target is closed, but for one a minute that finds out
// whether it still is. A call that has waited is too late to be that one.
func (b *Budget) admit(req *Request, waited bool, now time.Time) (findsOut bool, fail *Error) {
	switch found := b.targets.find(req, now); {
	case found == nil:
		return false, nil
	case !waited && found.lets(now):
		return true, nil
	default:
		return false, targetUsedUp(req.Op, found.Until)
	}
}

// enter takes a token if one is free, or else queues the call.
func (b *Budget) enter(ctx context.Context, a *allowance, req *Request, repeated bool, now time.Time) (*waiter, *Error) {
	if until := a.day.until(a.limit, now); !until.IsZero() && !a.retries(now) {
		return nil, usedUp(req.Op, until)
	}
	if !a.paced() && !a.drawing() {
		a.day.used += a.weight()
		return nil, nil
	}
	a.dispatch(now)
	if a.drawing() {
		a.arrive(now)
	}
	if a.ready(now) {
		a.spend(now)
		return nil, nil
	}
	// A call that is refused again and again must not keep others from going.
	suspected := a.suspected(req)
	repeated = repeated && !suspected
	first := repeated || req.First && !suspected
	w := &waiter{caller: req.Caller, session: req.Session, lane: laneOf(req), since: now, again: repeated}
	turn := now.Add(a.wait(a.ahead(w, first)+1, now))
	if deadline, ok := ctx.Deadline(); ok && !turn.Before(deadline) && !a.hopes(a.ahead(w, first)+1, now, deadline) {
		return nil, tooLate(req.Op, turn)
	}
	w.ready = make(chan struct{})
	a.push(w, first)
	a.day.waiting++
	a.crowd(now, repeated)
	if a.drawing() {
		a.draw(now)
	}
	a.arm(now)
	return w, nil
}

// retries tells whether a call of a day that is over goes on, to find out whether
// Zoom takes calls again. With a Pool it is asked, and lets one process find out.
func (a *allowance) retries(now time.Time) bool {
	if !a.drawing() {
		return a.day.closed.closed(now) && a.day.closed.lets(now)
	}
	if now.Sub(a.day.asked) < askAgain {
		return false
	}
	a.day.asked = now
	return true
}

// hopes tells whether the n-th turn may come before a deadline though the rate says
// that it will not: right after a 429 the rate is a first guess, and low.
func (a *allowance) hopes(n int, now, deadline time.Time) bool {
	if now.Sub(a.flow.stop.at) >= window {
		return false
	}
	best := max(a.flow.stop.until.Sub(now), time.Duration((float64(n)-a.level)/a.ceiling*1e9))
	return now.Add(best).Before(deadline)
}

// leave takes out who does not wait any longer; a turn that came at this moment
// goes to the next one.
func (b *Budget) leave(ctx context.Context, a *allowance, w *waiter, op *Op) *Error {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.now()
	a.advance(now)
	if a.remove(w) {
		a.day.waiting--
		a.arm(now)
	} else if w.closedUntil.IsZero() {
		a.restore(grant{at: w.turn}, now)
	}
	if !errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return interrupted(ctx, op, ctx.Err())
	}
	fail := tooLate(op, now.Add(a.wait(a.ahead(w, true)+1, now)))
	fail.Err = ctx.Err()
	return fail
}

func (b *Budget) giveBack(label Label, t grant) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if a := b.allowances[label]; a != nil {
		a.restore(t, b.now())
	}
}

func (b *Budget) hold(label Label, t *grant) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if a := b.allowances[label]; a != nil && !t.held {
		t.held = true
		a.lent++
	}
}

func (b *Budget) renew(label Label, t *grant) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	a := b.allowances[label]
	if a == nil {
		return true
	}
	now := b.now()
	a.unspend(*t, now)
	*t = grant{at: now}
	if !a.ready(now) {
		a.dispatch(now)
		return false
	}
	a.spend(now)
	return true
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
	a.advance(now)
	for a.waiting() > 0 && a.ready(now) {
		w := a.pop()
		if !w.again && now.Sub(w.since) > longWait {
			a.flow.waited = now
		}
		a.spend(now)
		w.turn = now
		a.day.waiting--
		close(w.ready)
	}
	a.crowd(now, true)
	if a.drawing() {
		a.draw(now)
	}
	a.arm(now)
}

// crowd notes that calls wait, other than one alone that Zoom refused, or that a
// Pool is asked for.
func (a *allowance) crowd(now time.Time, repeated bool) {
	n := a.waiting()
	if a.drawing() {
		n -= sliceLeast
	}
	if n > 1 || n > 0 && !repeated {
		a.flow.waited = now
	}
}

// advance brings what is known to the time now.
func (a *allowance) advance(now time.Time) {
	a.refill(now)
	a.flow.roll(now)
	a.day.turnOver(now)
	if a.draws != nil {
		a.draws.turnOver(a.day.midnight)
		a.follow()
		a.draws.discard(now)
	}
}

// ready tells whether there is a turn to take.
func (a *allowance) ready(now time.Time) bool {
	if !a.held(now).IsZero() {
		return false
	}
	if a.drawing() {
		return a.due(now) > 0
	}
	return !a.paced() || a.has()
}

// held tells until when no turn is given, however many tokens there are; zero if
// they are given. A call that ends may end that sooner.
func (a *allowance) held(now time.Time) time.Time {
	stop := &a.flow.stop
	stopped := now.Before(stop.until)
	switch {
	case !a.paced():
		return time.Time{}
	case stopped && (stop.tried || a.drawing()):
		return stop.until
	case stopped && a.level < tryWith:
		return earlier(stop.until, now.Add(a.bucket.wait(tryWith)))
	case a.room(now) <= 0:
		return a.flow.next(now)
	case !stopped && a.counts():
		return a.heldBySecond(now)
	}
	return time.Time{}
}

// heldBySecond tells until when the last second holds as many calls as the rate
// allows, unless Zoom says that it takes more. The last ones are kept back while
// others are under way: only what is sent behind their answers tells how many
// Zoom takes then.
func (a *allowance) heldBySecond(now time.Time) time.Time {
	spare, back := a.spare(now), 0
	if a.flow.told.limit > 0 && !a.lowered() && a.flow.young(now) > 0 {
		back = min(mostBack, int(a.ceiling/backPart))
	}
	if spare > back {
		return time.Time{}
	}
	second := window
	if !a.lowered() && a.ceiling < tryFrom { // few calls bunch little
		second = time.Second
	}
	return a.flow.full(now, a.believed()-float64(back), second)
}

// counts tells whether Zoom may count the calls of each second. What comes in while
// a burst is under way counts towards the same second as the burst.
func (a *allowance) counts() bool {
	return !a.flow.stop.smooth && (a.lowered() || a.size <= a.configured)
}

// spare is how many calls more Zoom takes now by its own word, others' part left
// out. Whether it counts by the second or not, only calls make that fewer. It is
// known to a process that sends all calls itself.
func (a *allowance) spare(now time.Time) int {
	if a.lowered() || a.drawing() && a.draws.pool.Members() > 1 {
		return 0
	}
	return int(a.flow.spare(now) - max(0, a.flow.told.limit-a.ceiling))
}

// room is how many calls more may be under way.
func (a *allowance) room(now time.Time) int {
	processes := 1
	if a.drawing() {
		processes = a.draws.pool.Members()
	}
	return a.flow.room(now, a.configured, processes)
}

// spend takes a turn that is there.
func (a *allowance) spend(now time.Time) {
	if a.paced() {
		a.flow.begin(now)
		a.flow.stop.tried = a.flow.stop.tried || now.Before(a.flow.stop.until)
	}
	if a.draws == nil {
		a.day.used++
		a.level--
		return
	}
	a.day.used += a.weight()
	switch {
	case a.drawing():
		a.draws.stock = slices.Delete(a.draws.stock, 0, 1)
	case a.paced():
		a.level--
	}
}

// wait is how long after now, the time of the last refill, the n-th turn from now
// comes.
func (a *allowance) wait(n int, now time.Time) time.Duration {
	return max(a.supply(n, now), a.flow.stop.until.Sub(now))
}

// supply is the same for what a turn is made of.
func (a *allowance) supply(n int, now time.Time) time.Duration {
	if a.drawing() {
		return a.estimate(n, now)
	}
	return a.bucket.wait(float64(n))
}

// arm sets the timer to the next turn, if somebody waits for it. A turn that has
// yet to be drawn needs none.
func (a *allowance) arm(now time.Time) {
	if a.waiting() == 0 || a.drawing() && len(a.draws.stock) == 0 {
		if a.armed {
			a.timer.Stop()
			a.armed = false
		}
		return
	}
	next := max(a.supply(1, now), a.held(now).Sub(now))
	a.armed = true
	if a.timer == nil {
		a.timer = time.AfterFunc(next, a.wake)
		return
	}
	a.timer.Reset(next)
}

// restore takes back a turn that was given out.
func (a *allowance) restore(t grant, now time.Time) {
	a.unspend(t, now)
	if a.paced() || a.drawing() {
		a.dispatch(now)
	}
}

// unspend takes back a turn.
func (a *allowance) unspend(t grant, now time.Time) {
	a.day.used = max(0, a.day.used-a.weight())
	a.flow.undo(t.at)
	a.advance(now)
	if t.held {
		a.lent--
	}
	switch {
	case a.drawing() && now.Sub(t.at) > stockLife:
		a.draws.unused++
	case a.drawing():
		a.putBack(now)
	case a.paced():
		a.add(1)
	}
}

func tooLate(op *Op, turn time.Time) *Error {
	return &Error{
		Code: CodeRateLimited, Op: op, RetryAfter: turn,
		Message: "the account's rate allows this call only after its deadline",
		Hint:    "ask again then, ask for less, or allow more time",
	}
}
