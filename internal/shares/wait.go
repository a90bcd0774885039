package shares

import (
	"context"
	"errors"
	"slices"
)

// waiter is an answer to an event that waits for its place.
type waiter struct {
	holder Holder
	caller *callerShare
	place  *Place        // set before ready is closed
	ready  chan struct{} // closed once it has its place
}

// Wait takes a place for the answer to an event, and waits for it until ctx ends. A caller has EventsPerCaller of them at
// a time, and none while its clients owe OwedPerCaller; all together have an eighth of the places. These are never given to somebody else. The error is a *Refused, or
// the cause of ctx's end if that is not its deadline.
func (p *Places) Wait(ctx context.Context, h Holder) (*Place, error) {
	h.Sheddable = false
	p.mu.Lock()
	c := p.callerOf(h)
	if place, victim := p.event(c, h); place != nil {
		p.mu.Unlock()
		if victim != nil {
			victim.lose()
		}
		return place, nil
	}
	w := &waiter{holder: h, caller: c, ready: make(chan struct{})}
	c.waiting++
	p.waiting = append(p.waiting, w)
	p.mu.Unlock()
	select {
	case <-w.ready:
		return w.place, nil
	case <-ctx.Done():
		return nil, p.giveUp(ctx, w)
	}
}

// event takes a place for the answer to an event, if there is one now; victim loses theirs for it. The lock is held.
func (p *Places) event(c *callerShare, h Holder) (place, victim *Place) {
	if c.events >= EventsPerCaller || c.owed >= OwedPerCaller || p.events >= max(1, p.most/eventsPart) {
		return nil, nil
	}
	victim, err := p.room(c)
	if err != nil {
		return nil, nil
	}
	if victim != nil {
		p.shed(victim)
	}
	place = &Place{event: true}
	p.give(place, c, h)
	p.events++
	c.events++
	return place, victim
}

// admit lets those in who waited, as far as there are places. The lock is held.
func (p *Places) admit() {
	if len(p.waiting) == 0 {
		return
	}
	still := p.waiting[:0]
	for _, w := range p.waiting {
		if p.held < p.most {
			w.place, _ = p.event(w.caller, w.holder)
		}
		if w.place == nil {
			still = append(still, w)
			continue
		}
		w.caller.waiting--
		close(w.ready)
	}
	clear(p.waiting[len(still):])
	p.waiting = still
}

// giveUp takes out a waiter whose context has ended, or gives the place back that it got at this moment.
func (p *Places) giveUp(ctx context.Context, w *waiter) error {
	p.mu.Lock()
	if w.place != nil {
		p.mu.Unlock()
		w.place.Leave()
		return context.Cause(ctx)
	}
	defer p.mu.Unlock()
	p.waiting = slices.DeleteFunc(p.waiting, func(other *waiter) bool { return other == w })
	w.caller.waiting--
	refused := &Refused{Reason: Waited, Places: p.most, Account: w.caller.of.held, Caller: w.caller.held}
	p.forget(w.holder, w.caller)
	if !errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return context.Cause(ctx)
	}
	p.counts[Waited]++
	return refused
}
