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
	ctx      *patience
	cancel   context.CancelFunc
	listed   string // the stamp of lists, where the answer tells the names of users
	waiting  int
	told     []func() // what is called before it lands; nil: nothing
	names    []string // that are needed, sorted; none: see whole
	whole    bool     // all is needed
	sealedAt time.Time
	asked    []string // of names, once it is sealed

	done   chan struct{}
	entry  *entry // beside an error: what is known all the same, maybe nothing
	known  bool   // there was no call
	stands bool   // no write came in between
	err    error
}

// patience is the context of a call: it ends when nobody waits any more, and its deadline is the last one of those who
// wait.
type patience struct {
	context.Context
	deadline atomic.Pointer[time.Time] // nil: none
}

// Deadline implements context.Context.
func (p *patience) Deadline() (time.Time, bool) {
	at := p.deadline.Load()
	if at == nil {
		return time.Time{}, false
	}
	return *at, true
}

// extend takes somebody's deadline into account.
func (p *patience) extend(ctx context.Context) {
	at, bounded := ctx.Deadline()
	last := p.deadline.Load()
	switch {
	case !bounded:
		p.deadline.Store(nil)
	case last != nil && at.After(*last):
		p.deadline.Store(&at)
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
	f.ctx, f.cancel = &patience{Context: under}, cancel
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
	case f.sealedAt.IsZero():
		if f.Lane > r.Lane {
			return false
		}
		f.add(r)
		return true
	case f.sealedAt.Before(r.since):
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
	if r.since.After(f.since) {
		f.since = r.since
	}
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
		f.listed, _ = p.guards.Stamp(f.ctx, everything, lists)
	}
	p.gather(f)
	fetched, err := f.fetch(func() ([]string, bool) {
		if p.far != nil && time.Since(f.now) > longWait {
			if base = p.base(f); p.suffices(f, base) {
				f.known = true
				return nil, false
			}
		}
		return p.seal(f, base), true
	})
	p.land(f, base, fetched, err)
	p.share(f)
}

// base is the entry known before the call, from this process or from the replicas.
func (p *Principal) base(f *flight) *entry {
	if !f.kept {
		return nil
	}
	base := p.entry(f.at, f.stamp)
	if p.far == nil || p.suffices(f, base) {
		return base
	}
	far := decode(p.far.Get(f.ctx, f.at.String()), f.stamp)
	if far == nil || !p.suffices(f, far) && base != nil {
		return base
	}
	return far
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

// seal closes the list of the names to ask for: those that are needed and not known.
func (p *Principal) seal(f *flight, base *entry) []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	f.sealedAt = time.Now()
	if !f.whole {
		f.asked = base.missing(f.names, f.since)
	}
	return f.asked
}

// land keeps what the call brought, and lets go who waits for it. Where a write came in between, it is for those only.
func (p *Principal) land(f *flight, base *entry, fetched Fetched, err error) {
	now, ok := p.guards.Stamp(f.ctx, f.at.resources()...)
	f.stands = f.kept && ok && now == f.stamp
	if f.stands && err == nil && !f.known {
		p.learn(f, fetched.Body) // before anybody has the answer, and asks on by another name in it
	}

	p.mu.Lock()
	defer p.mu.Unlock()
	defer close(f.done)
	defer f.tell()
	p.remove(f)
	if latest := p.entry(f.at, f.stamp); latest != nil && !f.known {
		base = latest // another call came in meanwhile
	}
	asked := f.asked
	if fetched.Whole {
		asked = nil
	}
	switch gone := unknownUser(f.Key.Op, err); {
	case f.known:
		f.entry = base
	case gone != nil:
		f.entry = &entry{stamp: f.stamp, whole: f.sealedAt, gone: gone}
	case err != nil:
		f.entry, f.err = base, err
		return
	default:
		f.entry = base.with(asked, fetched.Body, f.sealedAt, f.stamp)
	}
	if f.stands {
		p.store.near.Set(f.at, f.entry)
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

// share tells the replicas what was read.
func (p *Principal) share(f *flight) {
	if p.far != nil && f.stands && !f.known && f.err == nil && f.entry.gone == nil {
		p.far.Put(context.WithoutCancel(f.ctx), f.at.String(), f.entry.encode(), p.store.life())
	}
}
