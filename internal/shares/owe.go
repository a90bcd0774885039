package shares

// This file bounds the bytes of answers to events that wait for slow clients. Who owes much gets no place for the next
// answer until some of it was taken; where all together owe too much, whoever owes most loses the oldest.

const (
	// OwedPerCaller is how many bytes may wait for the clients of one caller when the next event is answered.
	OwedPerCaller = 4 << 20
	// OwedByAll is how many bytes may wait for all clients.
	OwedByAll = 48 << 20
)

// Debt is an answer that its clients have not taken yet.
type Debt struct {
	of      *Places
	holder  Holder
	caller  *callerShare
	bytes   int64
	drop    func()
	dropped bool
	paid    bool
}

// Owe notes an answer to an event that clients of the holder are to take; Paid says that they have, or never will. If all
// owe more than OwedByAll, drop is called for answers of whoever owes most, the oldest first: those who wait for them are
// too slow.
func (p *Places) Owe(h Holder, bytes int, drop func()) *Debt {
	p.mu.Lock()
	c := p.callerOf(h)
	d := &Debt{of: p, holder: h, caller: c, bytes: int64(bytes), drop: drop}
	c.debts = append(c.debts, d)
	c.owed += d.bytes
	p.owed += d.bytes
	var dropped []*Debt
	for left := p.owed - OwedByAll; left > 0; {
		oldest := p.oldestDebt(d)
		if oldest == nil {
			break
		}
		oldest.dropped = true
		left -= oldest.bytes
		dropped = append(dropped, oldest)
		p.counts[TooSlow]++
	}
	p.mu.Unlock()
	for _, d := range dropped {
		d.drop()
	}
	return d
}

// oldestDebt is the oldest of whoever owes most, but not the one that came last; nil: there is none. The lock is held.
func (p *Places) oldestDebt(last *Debt) (oldest *Debt) {
	var most int64
	for _, a := range p.accounts {
		for _, c := range a.callers {
			if c.owed <= most {
				continue
			}
			for _, d := range c.debts {
				if !d.dropped && d != last {
					oldest, most = d, c.owed
					break
				}
			}
		}
	}
	return oldest
}

// Paid says that nobody waits for the answer any more. A second time it does nothing.
func (d *Debt) Paid() {
	p := d.of
	p.mu.Lock()
	defer p.mu.Unlock()
	if d.paid {
		return
	}
	d.paid = true
	p.owed -= d.bytes
	d.caller.owed -= d.bytes
	for i, other := range d.caller.debts {
		if other == d {
			d.caller.debts = append(d.caller.debts[:i], d.caller.debts[i+1:]...)
			break
		}
	}
	p.forget(d.holder, d.caller)
	p.admit()
}
