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
	"zoomgraph/internal/rawjson"
)

// How long a call waits for others who need the same at the same moment: little beside what Zoom takes, and somewhat
// longer while there are operations that may.
const (
	gathering = time.Millisecond
	longest   = 50 * time.Millisecond

	// longWait is after how long a call that had to wait looks again whether another process knows it by now.
	longWait = 100 * time.Millisecond
)

// flight is one call, and all who wait for it. It is part of the reading that began it. What is below landed may be read
// once that is true; the rest belongs to the principal's lock.
type flight struct {
	*read     // that began it, of which theirs is the call's own
	principal *Principal
	next      *flight // at the same key
	ctx       jointContext
	listed    string // the stamp of lists, where the answer tells the names of users; "": it does not
	waiting   int
	first     *Reading   // that began it
	joined    []*Reading // the others that boarded, whether they still wait or not
	told      []func()   // what is called before it lands, beside what the read that began it has
	names     []string   // that are needed, sorted; none: see whole
	whole     bool       // all is needed
	newest    moment     // when they may have been read at the earliest, for all who wait
	base      *entry     // what is known before the call
	sealedAt  moment     // 0: it has not left
	asked     []string   // of names, once it is sealed

	landed atomic.Bool
	entry  *entry        // what is known with it; beside an error: what is known all the same, maybe nothing
	alone  *entry        // with what the call brought
	body   rawjson.Value // what it brought, where nothing is kept and entry is nil
	known  bool          // there was no call
	stands bool          // no write came in between
	err    error
}

// board finds a call that brings what a read needs, or begins one. The latter is the read's own. The last try shares none.
func (r *Reading) board(ctx context.Context) {
	r.flight = r.join(ctx)
	if r.own = r.flight == &r.room; r.own {
		r.principal.store.crew.fly(r.flight)
	}
	r.boarded()
}

// join finds a call that brings what a read needs, or makes one that is still to begin.
func (r *Reading) join(ctx context.Context) *flight {
	p := r.principal
	r.woken = make(chan struct{}, 1)
	p.mu.Lock()
	defer p.mu.Unlock()
	last := (*flight)(nil)
	for f := p.flights[r.at.Key]; f != nil; f = f.next {
		if last = f; r.try < tries && p.takes(f, &r.read) {
			f.waiting++
			f.joined = append(f.joined, r)
			f.ctx.extend(ctx)
			if r.Landed != nil {
				f.told = append(f.told, r.Landed)
			}
			return f
		}
	}
	f := &r.room
	f.read, f.first, f.principal, f.waiting = &r.read, r, p, 1
	f.names, f.whole, f.newest = r.Names, len(r.Names) == 0, r.since
	f.ctx.begin(ctx)
	if last == nil {
		p.flights[r.at.Key] = f
	} else {
		last.next = f
	}
	return f
}

// takes lets a read join a call: one that has not left yet, with what the read needs, or one that left late enough and
// brings that. No call is shared over a write.
func (p *Principal) takes(f *flight, r *read) bool {
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
func (f *flight) add(r *read) {
	if len(r.Names) == 0 {
		f.whole = true
	} else if !f.whole && !holds(f.names, r.Names) {
		f.names = slices.Concat(f.names, r.Names)
		slices.Sort(f.names)
		f.names = slices.Compact(f.names)
	}
	f.newest = max(f.newest, r.since)
}

// leave says that one who waited does so no longer. With the last one the call ends.
func (p *Principal) leave(f *flight) {
	p.mu.Lock()
	f.waiting--
	last := f.waiting == 0
	if last {
		p.remove(f)
	}
	p.mu.Unlock()
	if last {
		f.ctx.end()
	}
}

// remove lets nobody join a call any more; the lock is held.
func (p *Principal) remove(f *flight) {
	first := p.flights[f.at.Key]
	switch {
	case first == f && f.next == nil:
		delete(p.flights, f.at.Key)
		return
	case first == f:
		p.flights[f.at.Key] = f.next
		return
	}
	for at := first; at != nil; at = at.next {
		if at.next == f {
			at.next = f.next
			return
		}
	}
}

// fly makes the call, unless what is needed is known by now.
func (p *Principal) fly(f *flight) {
	defer f.ctx.end()
	if f.base = p.baseOf(f); p.suffices(f, f.base) {
		f.known = true
		p.land(f, Fetched{}, nil)
		return
	}
	if f.kept && ofUsers(f.Key.Op) {
		f.listed, _ = p.guards.Known(p.lists()...)
	}
	p.gather(f)
	fetched, err := f.fetch()
	p.land(f, fetched, err)
	if p.far != nil && f.stands && !f.known && f.err == nil {
		p.share(&f.ctx, f.at, f.resources, f.entry, f.theirs)
	}
}

// leaves says what to ask for: the call is about to leave. It is false where another process has brought that meanwhile.
func (f *flight) leaves() ([]string, bool) {
	p := f.principal
	if p.far != nil && p.store.clock.now() > f.now.add(longWait) {
		f.theirs = theirs{}
		if f.base = p.baseOf(f); p.suffices(f, f.base) {
			f.known = true
			return nil, false
		}
	}
	p.seal(f)
	return f.asked, true
}

// baseOf is the entry known before the call, from this process and from the replicas.
func (p *Principal) baseOf(f *flight) *entry {
	if !f.kept {
		return nil
	}
	base := p.entry(f.at, f.stamp)
	if p.far == nil || p.suffices(f, base) {
		return base
	}
	if !f.theirs.asked() {
		f.theirs = p.ask(&f.ctx, f.at)
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
	if e == nil || e.gone != nil {
		return false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return e.covers(f.need(), f.newest)
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
func (f *flight) fetch() (fetched Fetched, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return f.Fetch(&f.ctx, f.leaves)
}

// seal closes the list of the names to ask for: those that are needed and not known.
func (p *Principal) seal(f *flight) {
	p.mu.Lock()
	defer p.mu.Unlock()
	f.base = p.withSeen(f, f.base)
	f.sealedAt = p.store.mark()
	if !f.whole {
		f.asked = f.base.missing(f.names, f.newest)
	}
}

// land keeps what the call brought, and lets go who waits for it. Where a write came in between, it is for those only.
// Nobody needs to be asked about that, unless a guard was dropped meanwhile.
func (p *Principal) land(f *flight, fetched Fetched, err error) {
	if !f.keeps {
		p.pass(f, fetched, err)
		return
	}
	stamp := p.guards.Known
	if f.kept {
		stamp = p.asking(&f.ctx)
	}
	now, ok := stamp(f.resources...)
	f.stands = f.kept && ok && now == f.stamp
	if f.stands && err == nil && !f.known {
		p.learn(f, fetched.Body.Text) // before anybody has the answer, and asks on by another name in it
	}

	p.mu.Lock()
	defer p.mu.Unlock()
	defer f.release()
	defer f.tell()
	p.remove(f)
	asked := f.asked
	if fetched.Whole {
		asked = nil
	}
	switch gone := unknownUser(f.Key.Op, err); {
	case f.known:
		f.alone = f.base
	case gone != nil:
		f.alone = f.base.merged(lacking(gone, f.sealedAt, f.stamp))
	case err != nil:
		f.entry, f.err = f.base.merged(p.entry(f.at, f.stamp)), err
		return
	default:
		f.alone = f.base.merged(brought(asked, fetched.Body, f.sealedAt, f.stamp))
	}
	p.settle(f, now)
}

// pass hands on what a call brought of which nothing is kept.
func (p *Principal) pass(f *flight, fetched Fetched, err error) {
	p.mu.Lock()
	p.remove(f) // nobody joins any more, nor is told anything else
	p.mu.Unlock()
	switch gone := unknownUser(f.Key.Op, err); {
	case gone != nil:
		f.entry = lacking(gone, f.sealedAt, f.stamp)
		f.alone = f.entry
	case err != nil:
		f.err = err
	default:
		f.body = fetched.Body
		if fetched.Whole {
			f.asked = nil
		}
	}
	f.tell()
	f.release()
}

// settle puts what a call brought to what is known by now. Whoever waits for it gets nothing that is older than what
// others were answered meanwhile, be it by another name of the user, or under a stamp that no longer stands.
// stamp is the one by now, "" if it is not known.
func (p *Principal) settle(f *flight, stamp string) {
	f.entry = f.alone
	f.entry = f.entry.updated(p.seenOtherwise(f.at)).updated(p.store.seen(f.at))
	switch {
	case f.stands:
		if e := p.entry(f.at, f.stamp); e != f.base { // of two that may be either way, the one stays that is answered now
			f.entry, f.base = f.entry.merged(e), e
		}
		f.entry = f.entry.merged(p.store.keep(f.at, f.resources, f.entry, f.base))
	default:
		p.store.note(f.at, f.resources, f.entry, stamp)
	}
}

// release lets go who waits. Nobody boards any more.
func (f *flight) release() {
	f.landed.Store(true)
	f.first.wake()
	for _, r := range f.joined {
		r.wake()
	}
}

func (f *flight) tell() {
	if f.Landed != nil {
		f.Landed()
	}
	for _, landed := range f.told {
		landed()
	}
}

// unknownUser is the error that says that there is no such user; nil for all others.
func unknownUser(op *client.Op, err error) *client.Error {
	if err == nil {
		return nil
	}
	var fail *client.Error
	if below(op) && errors.As(err, &fail) && fail.Code == client.CodeNotFound && (fail.ZoomCode == 1001 || fail.ZoomCode == 1010) {
		return fail
	}
	return nil
}
