package shares

// This file says who gives way to whom. Start reading at room.

// room says whether a caller may have one more place, and which place somebody else loses for that, if any. The lock is
// held.
func (p *Places) room(c *callerShare) (victim *Place, _ *Refused) {
	if p.held < p.most {
		return nil, nil
	}
	reason := Full
	if c.of.held < p.most/p.rivals(c.of) {
		reason = Settled
		victim = p.ofAccounts(c.of)
	}
	if all := c.of.held; victim == nil && c.held < all/c.of.rivals(c) {
		reason = Settled
		victim = c.of.most(all/c.of.rivals(c), c)
	}
	if victim != nil && p.unwinding >= max(1, p.most/overrunPart) {
		victim, reason = nil, Overrun
	}
	if victim == nil {
		return nil, &Refused{Reason: reason, Places: p.most, Account: c.of.held, Caller: c.held}
	}
	return victim, nil
}

// rivals is how many accounts share the places: those that hold some, and a.
func (p *Places) rivals(a *accountShare) int {
	n := 0
	for _, other := range p.accounts {
		if other.held > 0 || other == a {
			n++
		}
	}
	return n
}

// rivals is how many callers share the account's places: those that hold some, and c.
func (a *accountShare) rivals(c *callerShare) int {
	n := 0
	for _, other := range a.callers {
		if other.held > 0 || other == c {
			n++
		}
	}
	return n
}

// ofAccounts is the place to be lost by the account that holds most, of those that hold more than their share; nil: none
// can be broken off.
func (p *Places) ofAccounts(newcomer *accountShare) (victim *Place) {
	share, most := p.most/p.rivals(newcomer), 0
	for _, a := range p.accounts {
		if a == newcomer || a.held <= share || a.held <= most {
			continue
		}
		if place := a.most(0, nil); place != nil {
			victim, most = place, a.held
		}
	}
	return victim
}

// most is the place to be lost by the caller who holds most, of those that hold more than share, but not by newcomer;
// nil: none can be broken off.
func (a *accountShare) most(share int, newcomer *callerShare) (victim *Place) {
	most := share
	for _, c := range a.callers {
		if c == newcomer || c.held <= most {
			continue
		}
		if place := c.youngest(); place != nil {
			victim, most = place, c.held
		}
	}
	return victim
}

// youngest is the place that the caller loses first; nil: none can be broken off.
func (c *callerShare) youngest() *Place {
	if place := c.young.First(); place != nil {
		return place
	}
	return c.replying.First()
}
