package client

import (
	"time"
)

// This file takes in what answers tell of the account's limits. Start at learn.

// learn lowers the rate to what an answer tells. A 429 for longer closes the label,
// or only the target; one of the second slows the label down, and lets its call wait
// for another turn.
func (b *Budget) learn(req *Request, sent time.Time, header Header, fail *Error) {
	a := b.allowances[req.Op.Label]
	if a == nil {
		unpaced{}.learn(req, sent, header, fail)
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.now()
	a.advance(now)
	limited := fail != nil && fail.Code == CodeRateLimited
	good := header != nil && !limited && (fail == nil || fail.Status != 0 && !fail.outage)
	if a.paced() {
		a.account(sent, now, good)
	}
	if a.paced() && header != nil {
		b.hear(a, header, now)
	}
	switch {
	case limited:
		a.refused++
		a.refund(sent)
		b.refuse(a, req, sent, now, header, fail)
	case good:
		a.took++
		b.reopen(a, req, sent)
	}
	a.dispatch(now)
}

// hear takes in the limit for the second that an answer tells.
func (b *Budget) hear(a *allowance, header Header, now time.Time) {
	limit, left := toldLimit(a.label, header)
	if limit == 0 {
		return
	}
	a.flow.expect(limit, left, now)
	before := a.ceiling
	a.heed(limit * b.share / float64(a.weight()))
	if a.ceiling != before { // answers tell the same again and again
		a.tell(true)
	}
}

// refuse takes in a 429, and completes its error.
func (b *Budget) refuse(a *allowance, req *Request, sent, now time.Time, header Header, fail *Error) {
	label, target := a.closedUntil(header, fail, sent, now)
	known := b.targets.find(req, now)
	switch {
	case !label.IsZero():
		b.shut(a.day, Closure{Since: now, Until: label, By: answerOf(header)}, now)
		if a.draws != nil {
			a.draws.closed = true
		}
		a.tell(false)
		fail.last(usedUp(req.Op, label))
		return
	case !target.IsZero():
	case known != nil:
		target = known.Until
	case b.crowdedOut(a, req, sent, now, fail):
		return
	default:
		target = nextMidnight(now)
	}
	b.targets.close(req, target, now, answerOf(header))
	fail.last(targetUsedUp(req.Op, target))
}

// crowdedOut takes in a 429 of the second, whose call comes again: with its next
// turn, or after a rest where its target was refused again and again. It is false
// where the target seems to be used up.
func (b *Budget) crowdedOut(a *allowance, req *Request, sent, now time.Time, fail *Error) bool {
	target := targetOf(req)
	s := a.accuse(target, sent, now)
	if len(req.Path) > 0 && s.guilty(a, now) && nextMidnight(sent).After(now) {
		a.acquit(target)
		return false
	}
	if !s.alone(a) && a.paced() {
		a.slow(sent, now, fail.RetryAfter)
	}
	fail.crowded, fail.Daily = true, false
	switch {
	case s.refused > 1:
		fail.unpaced = true
		if rested := now.Add(window); fail.RetryAfter.Before(rested) {
			fail.RetryAfter = rested
		}
	case a.paced():
		fail.RetryAfter = now.Add(a.wait(1, now))
	default:
		fail.unpaced = true
	}
	return true
}

// last makes a 429 one for longer than the second.
func (e *Error) last(of *Error) {
	e.Daily, e.RetryAfter, e.Message, e.Hint = true, of.RetryAfter, of.Message, of.Hint
}

// reopen takes in that Zoom took a call that was sent although its label or its
// target was closed.
func (b *Budget) reopen(a *allowance, req *Request, sent time.Time) {
	if len(a.suspects) > 0 {
		delete(a.suspects, targetOf(req))
	}
	if found := b.targets.find(req, sent); found != nil && sent.After(found.Since) {
		delete(b.targets, targetOf(req))
	}
	if closed := &a.day.closed; closed.closed(sent) && sent.After(closed.Since) {
		*closed = closure{}
		if a.draws != nil {
			a.draws.reopened = true
		}
		a.tell(false)
	}
}

// account notes what became of a call: good if Zoom took it.
func (a *allowance) account(sent, now time.Time, good bool) {
	switch {
	case !a.flow.end(sent, now, good):
	case a.flow.stop.blind && !a.drawing():
		a.flow.stop.blind = false
		a.cut(1)
	default:
		a.raise(1)
		a.draws.more(1)
	}
	if good && a.flow.stop.tries(sent) {
		a.flow.stop.pass(now)
	}
}

// slow answers a 429 of the second. Of the calls that were under way together the
// first one that is refused counts.
func (a *allowance) slow(sent, now, retryAfter time.Time) {
	stop := &a.flow.stop
	switch {
	case !sent.After(stop.at):
	case stop.tries(sent):
		stop.counted = now
		a.level++ // the refused call took none of Zoom's
	default:
		reopened := stop.until
		switch estimate := a.flow.refused(sent, now, !a.drawing()); {
		case now.Sub(a.flow.waited) > time.Second: // more might have gone well
			stop.blind = false
			a.ease(easeTo)
		case !a.drawing() && reopened.After(stop.from): // no call was sent in a part of that second
			stop.blind = false
			a.cut(max(estimate, easeTo*a.believed()))
		case estimate == 0:
			a.ease(blindTo)
		default:
			a.cut(estimate)
		}
		a.cancel()
	}
	stop.wait(retryAfter)
}

// refund takes a call that Zoom refused out of the day's count. One that was sent
// the day before is not in it.
func (a *allowance) refund(sent time.Time) {
	if !nextMidnight(sent).Equal(a.day.midnight) {
		return
	}
	a.day.used = max(0, a.day.used-a.weight())
	if a.draws != nil {
		a.draws.unused++
	}
}

// shut closes a day, and refuses all who wait for a call of it.
func (b *Budget) shut(d *day, c Closure, now time.Time) {
	if d.closed.closed(now) {
		c.Since, c.By = d.closed.Since, d.closed.By
	}
	d.closed.Closure, d.closed.tried = c, now
	for _, a := range b.allowances {
		if a.day != d {
			continue
		}
		a.dismiss(c.Until)
		if a.drawing() {
			a.draws.drop()
		}
	}
}

// dismiss lets nobody wait any more: Zoom takes no such calls until then.
func (a *allowance) dismiss(until time.Time) {
	for w := a.pop(); w != nil; w = a.pop() {
		w.closedUntil = until
		a.day.waiting--
		close(w.ready)
	}
}
