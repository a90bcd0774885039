package store

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"
	"sync/atomic"
	"time"

	"zoomgraph/client"
)

// How long a call waits for others who need the same at the same moment: little beside what Zoom takes, and somewhat
// longer while there are operations that may.
const (
	gathering = time.Millisecond
	longest   = 50 * time.Millisecond

	// longWait is after how long a call that had to wait looks again whether another process knows it by now.
	longWait = 100 * time.Millisecond
)

// flight is one call, and all who wait for it. What is below done may be read once that is closed; the rest belongs to
// the principal's lock.
type flight struct {
	read
	ctx      *jointContext
	cancel   context.CancelFunc
	listed   string // the stamp of lists, where the answer tells the names of users; "": it does not
	waiting  int
	told     []func() // what is called before it lands; nil: nothing
	names    []string // that are needed, sorted; none: see whole
	whole    bool     // all is needed
	sealedAt moment   // 0: it has not left
	asked    []string // of names, once it is sealed

	done   chan struct{}
	entry  *entry // what is known with it; beside an error: what is known all the same, maybe nothing
	before *entry // what was known before the call
	alone  *entry // with what the call brought
	known  bool   // there was no call
	stands bool   // no write came in between
	err    error
}

// jointContext is the context of a call: it ends when nobody waits any more, and its deadline is the last one of those who
// wait.
type jointContext struct {
	context.Context
	deadline atomic.Pointer[time.Time] // nil: none
}

// Deadline implements context.Context.
func (c *jointContext) Deadline() (time.Time, bool) {
	at := c.deadline.Load()
	if at == nil {
		return time.Time{}, false
	}
	return *at, true
}

// extend takes somebody's deadline into account.
func (c *jointContext) extend(ctx context.Context) {
	at, bounded := ctx.Deadline()
	last := c.deadline.Load()
	switch {
	case !bounded:
		c.deadline.Store(nil)
	case last != nil && at.After(*last):
		c.deadline.Store(&at)
	}
}

// board finds a call that brings what a read needs, or begins one. The latter is the read's own.
func (p *Principal) board(ctx context.Context, r read, alone bool) (f *flight, own bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, f := range p.flights[r.at] {
		if !alone && p.takes(f, r) {
			f.waiting++
			f.ctx.extend(ctx)
			f.told = append(f.told, r.Landed)
			return f, false
		}
	}
	f = &flight{read: r, waiting: 1, told: []func(){r.Landed}, names: r.Names, whole: len(r.Names) == 0, done: make(chan struct{})}
	under, cancel := context.WithCancel(context.WithoutCancel(ctx))
	f.ctx, f.cancel = &jointContext{Context: under}, cancel
	if at, bounded := ctx.Deadline(); bounded {
		f.ctx.deadline.Store(&at)
	}
	p.flights[r.at] = append(p.flights[r.at], f)
	go p.fly(f)
	return f, true
}

// takes lets a read join a call: one that has not left yet, with what the read needs, or one that left late enough and
// brings that. No call is shared over a write.
func (p *Principal) takes(f *flight, r read) bool {
	switch {
	case f.stamp != r.stamp:
		return false
	case f.sealedAt == 0:
		if f.Lane > r.Lane {
			return false
		}
		f.add(r)
		return true
	case f.sealedAt < r.since:
		return false
	case f.asked == nil:
		return true
	case len(r.Names) == 0:
		return false
	}
	for _, name := range p.entry(r.at, r.stamp).missing(r.Names, r.since) {
		if !slices.Contains(f.asked, name) {
			return false
		}
	}
	return true
}

// add takes on what another read needs.
func (f *flight) add(r read) {
	if len(r.Names) == 0 {
		f.whole = true
	} else if !f.whole {
		f.names = slices.Concat(f.names, r.Names)
		slices.Sort(f.names)
		f.names = slices.Compact(f.names)
	}
	f.since = max(f.since, r.since)
}

// leave says that one who waited does so no longer. With the last one the call ends.
func (p *Principal) leave(f *flight) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if f.waiting--; f.waiting == 0 {
		p.remove(f)
		f.cancel()
	}
}

func (p *Principal) remove(f *flight) {
	rest := slices.DeleteFunc(p.flights[f.at], func(other *flight) bool { return other == f })
	if len(rest) == 0 {
		delete(p.flights, f.at)
		return
	}
	p.flights[f.at] = rest
}

// fly makes the call, unless what is needed is known by now.
func (p *Principal) fly(f *flight) {
	defer f.cancel()
	base := p.base(f)
	if p.suffices(f, base) {
		f.known = true
		p.land(f, base, Fetched{}, nil)
		return
	}
	if f.kept && ofUsers(f.Key.Op) {
		f.listed, _ = p.guards.Known(p.lists()...)
	}
	p.gather(f)
	fetched, err := f.fetch(func() ([]string, bool) {
		if p.far != nil && p.store.clock.now() > f.now.add(longWait) {
			f.theirs = theirs{}
			if base = p.base(f); p.suffices(f, base) {
				f.known = true
				return nil, false
			}
		}
		base = p.seal(f, base)
		return f.asked, true
	})
	p.land(f, base, fetched, err)
	if p.far != nil && f.stands && !f.known && f.err == nil {
		p.share(f.ctx, f.at, f.entry, f.theirs)
	}
}

// base is the entry known before the call, from this process and from the replicas.
func (p *Principal) base(f *flight) *entry {
	if !f.kept {
		return nil
	}
	base := p.entry(f.at, f.stamp)
	if p.far == nil || p.suffices(f, base) {
		return base
	}
	if !f.theirs.asked() {
		f.theirs = p.ask(f.ctx, f.at)
	}
	f.theirs = f.theirs.under(f.stamp, p.store.life())
	return p.withSeen(f, base.merged(f.theirs.here()))
}

// withSeen puts to what is known before a call what others were answered here though it does not stand.
func (p *Principal) withSeen(f *flight, base *entry) *entry {
	return base.upheld(p.store.seen(f.at)).upheld(p.seenOtherwise(f.at))
}

// suffices tells whether an entry holds all that is needed so far.
func (p *Principal) suffices(f *flight, e *entry) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return e != nil && e.gone == nil && e.covers(f.need(), f.since)
}

// need are the names that are needed; none: the whole.
func (f *flight) need() []string {
	if f.whole {
		return nil
	}
	return f.names
}

// gather lets others join who need the same at the same moment.
func (p *Principal) gather(f *flight) {
	if !f.kept {
		return
	}
	ticker := time.NewTicker(gathering)
	defer ticker.Stop()
	for waited := gathering; ; waited += gathering {
		select {
		case <-ticker.C:
		case <-f.ctx.Done():
			return
		}
		if waited >= longest || f.Operation.others(p) <= 0 {
			return
		}
	}
}

// fetch turns a panic into an error: here it would end the process.
func (f *flight) fetch(seal Seal) (fetched Fetched, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return f.Fetch(f.ctx, seal)
}

// seal closes the list of the names to ask for: those that are needed and not known. It returns what is.
func (p *Principal) seal(f *flight, base *entry) *entry {
	p.mu.Lock()
	defer p.mu.Unlock()
	base = p.withSeen(f, base)
	f.sealedAt = p.store.mark()
	if !f.whole {
		f.asked = base.missing(f.names, f.since)
	}
	return base
}

// land keeps what the call brought, and lets go who waits for it. Where a write came in between, it is for those only.
// Nobody needs to be asked about that, unless a guard was dropped meanwhile.
func (p *Principal) land(f *flight, base *entry, fetched Fetched, err error) {
	stamp := p.guards.Known
	if f.kept {
		stamp = p.asking(f.ctx)
	}
	now, ok := stamp(p.resources(f.at.Key)...)
	f.stands = f.kept && ok && now == f.stamp
	if f.stands && err == nil && !f.known {
		p.learn(f, fetched.Body) // before anybody has the answer, and asks on by another name in it
	}

	p.mu.Lock()
	defer p.mu.Unlock()
	defer close(f.done)
	defer f.tell()
	p.remove(f)
	asked := f.asked
	if fetched.Whole {
		asked = nil
	}
	f.before = base
	switch gone := unknownUser(f.Key.Op, err); {
	case f.known:
		f.alone = base
	case gone != nil:
		f.alone = base.merged(lacking(gone, f.sealedAt, f.stamp))
	case err != nil:
		f.entry, f.err = base.merged(p.entry(f.at, f.stamp)), err
		return
	default:
		f.alone = base.merged(reading(asked, fetched.Body, f.sealedAt, f.stamp))
	}
	p.settle(f, now)
}

// settle puts what a call brought to what is known by now. Whoever waits for it gets nothing that is older than what
// others were answered meanwhile, be it by another name of the user, or under a stamp that no longer stands.
// stamp is the one by now, "" if it is not known.
func (p *Principal) settle(f *flight, stamp string) {
	f.entry = f.alone
	f.entry = f.entry.updated(p.seenOtherwise(f.at)).updated(p.store.seen(f.at))
	switch {
	case f.stands:
		f.entry = p.store.keep(f.at, f.entry, f.before)
	case p.store.ttl(f.Key.Op) > 0:
		p.store.note(f.at, f.entry, stamp)
	}
}

func (f *flight) tell() {
	for _, landed := range f.told {
		if landed != nil {
			landed()
		}
	}
}

// unknownUser is the error that says that there is no such user; nil for all others.
func unknownUser(op *client.Op, err error) *client.Error {
	var fail *client.Error
	if below(op) && errors.As(err, &fail) && fail.Code == client.CodeNotFound && (fail.ZoomCode == 1001 || fail.ZoomCode == 1010) {
		return fail
	}
	return nil
}
