package store

import (
	"context"
	"errors"

	"zoomgraph/client"
	"zoomgraph/internal/ending"
)

// This file is one read from its begin to its answer. Start reading at Begin.

// Reading is one read: it is begun once, and then waited for once, or left. It is used by way of its pointer.
type Reading struct {
	read
	principal *Principal
	try       int
	tells     [usualResources]string // room for what the answer tells of
	flight    *flight                // that brings the answer; nil: there is none
	own       bool                   // flight was begun for it
	room      flight                 // of that
	woken     chan struct{}          // tells who waits that flight has landed, or that the wait has ended

	// Without a flight:
	answer Answer
	err    error
	asking chan struct{} // closed when these are there; nil: they are
	stop   context.CancelFunc
}

// tries bounds how often a read starts over because a write came in between. The last one shares nothing, and what its
// own call brings was read after it began.
const tries = 3

// Read answers from what is known, or by a call. The error of an Answer from the source Cached was known too: it is
// remembered for a moment that there is no such user.
func (p *Principal) Read(ctx context.Context, ask Ask) (Answer, error) {
	return p.startOver(ctx, ask, 1)
}

// Begin begins a read, and waits for nothing: the answer is known, or a call of another read brings it, or a new one does.
// ctx is that of who will wait, and tells until when.
func (r *Reading) Begin(ctx context.Context, p *Principal, ask Ask) {
	r.Ask, r.principal, r.try = ask, p, 1
	if p.far == nil {
		p.begin(p.guards.Known, &r.read, r.tells[:0])
		r.start(ctx, p.guards.Known)
		return
	}
	sure := true
	stamp := func(resources ...string) (string, bool) {
		stamp, ok := p.guards.Known(resources...)
		sure = sure && ok
		return stamp, ok
	}
	p.begin(stamp, &r.read, r.tells[:0])
	e := p.known(stamp, &r.read)
	switch {
	case !sure:
		r.ask(ctx, ask)
	case e != nil:
		r.knows(e)
	default:
		r.board(ctx)
	}
}

// ask begins a read for which others must be asked: somebody else waits for them.
func (r *Reading) ask(ctx context.Context, ask Ask) {
	r.asking = make(chan struct{})
	ctx, r.stop = context.WithCancel(ctx)
	ask.Operation.Expect(1)
	ask.Boarded = func() {
		r.boarded()
		ask.Operation.Expect(-1)
	}
	go func() {
		defer close(r.asking)
		r.answer, r.err = r.principal.Read(ctx, ask)
	}()
}

// startOver is one try of a read that waits for all that it needs, and those after it.
func (p *Principal) startOver(ctx context.Context, ask Ask, try int) (Answer, error) {
	r := &Reading{read: read{Ask: ask}, principal: p, try: try}
	stamp := p.asking(ctx)
	early := p.prepare(ctx, ask)
	p.begin(stamp, &r.read, r.tells[:0])
	if early.at == r.at {
		r.theirs = early.theirs
	}
	r.start(ctx, stamp)
	return r.Wait(ctx)
}

// start answers from what is known, or finds a call.
func (r *Reading) start(ctx context.Context, stamp stamper) {
	if e := r.principal.known(stamp, &r.read); e != nil {
		r.knows(e)
		return
	}
	r.board(ctx)
}

// knows answers from what is known.
func (r *Reading) knows(e *entry) {
	r.boarded()
	r.principal.store.counts.near.Add(1)
	r.answer, r.err = e.answer(Cached)
}

// Source is where the answer comes from, by what is known of that before it is there; false: nothing is.
func (r *Reading) Source() (from Source, ok bool) {
	switch {
	case r.asking != nil:
		return 0, false
	case r.flight == nil:
		return r.answer.Source, true
	case r.own:
		return Called, true
	}
	return Joined, true
}

// Wait returns the answer when it is there. Who leaves before takes nothing from others that wait for the same call, and
// with the last one the call ends.
func (r *Reading) Wait(ctx context.Context) (Answer, error) {
	p, f := r.principal, r.flight
	switch {
	case r.asking != nil:
		defer r.stop()
		select {
		case <-r.asking:
			return r.answer, r.err
		case <-ctx.Done():
			return Answer{}, client.Interrupted(ctx, r.Key.Op)
		}
	case f == nil:
		return r.answer, r.err
	}
	if !f.landed.Load() { // otherwise it has come in time, also where ctx has ended since
		following := ending.Follow(ctx, r)
		<-r.woken
		following.Stop()
	}
	if !f.landed.Load() {
		p.leave(f)
		return Answer{}, client.Interrupted(ctx, r.Key.Op)
	}
	switch {
	case errors.Is(f.err, client.ErrUnauthenticated) && !r.own && r.try == 1:
		// The session that began the call has ended. This read belongs to another session of the same person: try
		// again.
	case f.err != nil:
		return p.failed(&r.read, f)
	case f.answers(&r.read), r.try == tries && f.alone == nil:
		return f.answer(p.source(f, r.own))
	case r.try == tries:
		return f.alone.answer(p.source(f, r.own))
	}
	return p.startOver(ctx, r.Ask, r.try+1)
}

// Follow implements ending.Follower, with the end of who waits. One channel for both costs half of two.
func (r *Reading) Follow(error) { r.wake() }

func (r *Reading) wake() {
	select {
	case r.woken <- struct{}{}:
	default: // it is said already
	}
}

// Leave is said by who will not wait after all.
func (r *Reading) Leave() {
	switch {
	case r.asking != nil:
		r.stop()
	case r.flight != nil:
		r.principal.leave(r.flight)
	}
}

// stamper is a method of Guards.
type stamper func(resources ...string) (string, bool)

// asking returns a stamper that may ask Redis.
func (p *Principal) asking(ctx context.Context) stamper {
	return func(resources ...string) (string, bool) { return p.guards.Stamp(ctx, resources...) }
}

// boarded tells that once.
func (a *Ask) boarded() {
	if a.Boarded != nil {
		a.Boarded()
		a.Boarded = nil
	}
}

// source counts where an answer came from.
func (p *Principal) source(f *flight, own bool) Source {
	c := &p.store.counts
	switch {
	case f.known:
		c.far.Add(1)
		return Cached
	case own:
		c.called.Add(1)
		return Called
	}
	c.joined.Add(1)
	return Joined
}

// answers tells whether a call that has landed brought what a read needs.
func (f *flight) answers(r *read) bool {
	switch {
	case f.entry != nil:
		return f.entry.gone != nil || f.entry.covers(r.Names, r.since)
	case f.sealedAt < r.since:
		return false
	case f.asked == nil:
		return true
	}
	return len(r.Names) > 0 && holds(f.asked, r.Names)
}

func (f *flight) answer(from Source) (Answer, error) {
	if f.entry == nil {
		return Answer{Body: f.body, Source: from}, nil
	}
	return f.entry.answer(from)
}

func (e *entry) answer(from Source) (Answer, error) {
	if e.gone != nil {
		return Answer{Source: from}, e.gone
	}
	return Answer{Body: e.body, Source: from}, nil
}

// failed answers with an older value where the account's limits allow no call, or with the error.
func (p *Principal) failed(r *read, f *flight) (Answer, error) {
	oldest := r.now.add(-p.store.opts.ServeStale)
	if errors.Is(f.err, client.ErrRateLimited) && f.stands && f.entry.covers(r.Names, oldest) {
		p.store.counts.stale.Add(1)
		return Answer{Body: f.entry.body, Source: Cached, Stale: p.store.clock.time(f.entry.asOf(r.Names))}, nil
	}
	p.store.counts.called.Add(1)
	return Answer{}, f.err
}

// holds tells whether names are among all; both are sorted.
func holds(all, names []string) bool {
	if len(all) == len(names) && &all[0] == &names[0] {
		return true
	}
	for _, name := range names {
		for len(all) > 0 && all[0] < name {
			all = all[1:]
		}
		if len(all) == 0 || all[0] != name {
			return false
		}
	}
	return true
}
